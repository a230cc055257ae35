# Generated from novita_sdk/_async/transport_protocol.py by tools/unasync.py; edit the source.
"""What a transport is: the only thing that touches the network."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from novita_sdk._core.http import Request, Response


@runtime_checkable
class Transport(Protocol):
    """The only thing that touches the network. Give your own as `Novita(transport=...)`."""

    def send(self, request: Request) -> Response:
        """Send `request` once and return the answer, whatever its status.

        Raises:
            APIConnectionError: No whole answer arrived; `reached_server` says False if nothing was sent.
            APITimeoutError: One of `request.timeouts` ran out.
        """
        ...

    def close(self) -> None:
        """Close every connection. Called once, by the client that owns the transport."""
        ...
