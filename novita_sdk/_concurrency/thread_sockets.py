"""Names and plain TCP connections for threads, with limits in real seconds: a virtual clock sees the thread work."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Generator

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.name_lookup import NameLookup

_NO_TIME = 1e-6
"""Seconds that stand for none: a socket takes 0 for "do not wait", which is another kind of failure."""


class Connection:
    """A TCP connection that is only listened to."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def read(self, limit: int, timeout: float) -> bytes:
        """Return what arrives next, at most `limit` bytes; nothing once the other side has ended.

        Raises:
            TimeoutError: Nothing arrived for `timeout` seconds.
            ConnectionResetError: The connection broke.
        """
        self._socket.settimeout(max(_NO_TIME, timeout))
        return self._socket.recv(limit)

    def close(self) -> None:
        """Close it at once."""
        self._socket.close()


def connect(_clock: Clock, address: str, port: int, timeout: float) -> Connection:
    """Connect to an address.

    Args:
        _clock: The client's clock.
        address: An IP address.
        port: The port.
        timeout: Seconds until it gives up.

    Raises:
        TimeoutError: Nobody answered within `timeout`.
        OSError: There is no connection; the class says why, such as `ConnectionRefusedError`.
    """
    return Connection(socket.create_connection((address, port), max(_NO_TIME, timeout)))


def resolve(_clock: Clock, host: str, port: int, timeout: float) -> tuple[str, ...]:
    """Look up the addresses of a host.

    The look-up runs in a daemon thread, which is left alone when the time is up.

    Args:
        _clock: The client's clock.
        host: A name or an IP address.
        port: The port that is meant.
        timeout: Seconds until it gives up.

    Returns:
        IP addresses, each once, in the system's order of preference.

    Raises:
        TimeoutError: There was no answer within `timeout`.
        socket.gaierror: The name has no address.
    """
    ended = threading.Event()
    lookup = NameLookup(host, port, ended.set)
    if not ended.wait(max(0.0, timeout)):
        raise TimeoutError(f"the name {host} was not looked up within {timeout:g} s")
    return lookup.addresses()


@contextlib.contextmanager
def at_work(_clock: Clock) -> Generator[None]:
    """Mark a wait for the real network: a virtual clock stands still as long as a thread does not sleep on it."""
    yield
