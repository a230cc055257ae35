# Generated from novita_sdk/_async/handshake.py by tools/unasync.py; edit the source.
"""What is watched while a connection is made and an answer begins: no step takes more than its share of the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Handshake:
    """Closes the connection of a TLS handshake that was interrupted; the library forgets it.

    Args:
        shorten: Called before each phase and each piece of an answer; returns the seconds it may take. None leaves
            the limits as they are.
    """

    def __init__(self, shorten: Callable[[], float | None] | None = None) -> None:
        self._unfinished: Any = None
        self._shorten = shorten

    def __call__(self, event: str, info: dict[str, Any]) -> None:
        """Listen to what the library tells of its connections."""
        if self._shorten is not None and event.endswith(".started"):
            left = self._shorten()
            if left is not None and "timeout" in info:
                # the step's own limit, read before they were shortened
                info["timeout"] = left if info["timeout"] is None else min(info["timeout"], left)
        if event.endswith(".connect_tcp.complete"):
            self._unfinished = info["return_value"]
        elif event.endswith(".start_tls.complete"):
            self._unfinished = None
        if self._shorten is not None and event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            _bound(info["return_value"], self._shorten)

    def end(self) -> None:
        """Close what was left half done."""
        if self._unfinished is not None:
            self._unfinished.close()


def _bound(stream: Any, shorten: Callable[[], float | None]) -> None:
    """Give each piece of an answer only the time that is left; else a head that drips in would never end."""
    read = stream.read

    def read_in_time(size: int, timeout: float | None = None) -> bytes:
        left = shorten()
        limits = [limit for limit in (timeout, left) if limit is not None]
        piece: bytes = read(size, min(limits, default=None))
        return piece

    stream.read = read_in_time
