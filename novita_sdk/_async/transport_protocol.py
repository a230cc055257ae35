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
