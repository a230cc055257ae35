"""What a transport is: the only thing that touches the network."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from novita_sdk._core.http import Request, Response


@runtime_checkable
class AsyncTransport(Protocol):
    """The only thing that touches the network. Give your own as `AsyncNovita(transport=...)`."""

    async def send(self, request: Request) -> Response:
        """Send `request` once and return the answer, whatever its status.

        Raises:
            APIConnectionError: No whole answer arrived; `reached_server` says False if nothing was sent.
            APITimeoutError: One of `request.timeouts` ran out.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection. Called once, by the client that owns the transport."""
        ...


@runtime_checkable
class AsyncConnectingTransport(AsyncTransport, Protocol):
    """A transport that also makes plain TCP connections, for the probes that need no HTTP.

    A transport without `connect` leaves them to the SDK, which then opens a socket of its own.
    """

    async def connect(self, host: str, port: int, *, read: int, timeout: float) -> bytes:  # noqa: ASYNC109
        """Connect, listen, and hang up; send nothing.

        Args:
            host: A name or an IP address.
            port: The port.
            read: How many bytes to read at most; 0 = do not wait for any.
            timeout: Seconds for all of it.

        Returns:
            What the other side said. It may be less than `read` once there is a line that begins with `SSH-`, or
            once the other side has hung up.

        Raises:
            APIConnectionError: There is no connection, or it broke.
            APITimeoutError: The time was over.
        """
        ...
