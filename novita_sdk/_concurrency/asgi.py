"""How an asynchronous web server calls an application: ASGI, spoken by hand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from novita_sdk._core.webhooks.headers import ReceivedHeaders
from novita_sdk._core.webhooks.receiving import ClientGoneError, ReceiverResponse

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class ServerInterface(ABC):
    """Makes an application of what can handle a request."""

    _largest_body: int

    @abstractmethod
    async def handle(
        self, method: str, path: str, headers: ReceivedHeaders, chunks: AsyncIterable[bytes]
    ) -> ReceiverResponse:
        """Serve one request."""
        ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        kind = scope["type"]
        if kind == "lifespan":
            await _live(receive, send)
        elif kind == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})
        elif kind == "http":
            response = await self.handle(scope["method"], _path(scope), scope["headers"], _Body(receive))
            headers = [(name.encode(), value.encode()) for name, value in response.headers]
            await send({"type": "http.response.start", "status": response.status, "headers": headers})
            await send({"type": "http.response.body", "body": response.body})
        else:
            raise ValueError(f"no such ASGI scope is known here: {kind!r}")


class _Body:
    """The body of a request, piece by piece; nothing is asked for before it is needed."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._more:
            raise StopAsyncIteration
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        self._more = message.get("more_body", False)
        body: bytes = message.get("body", b"")
        return body


def _path(scope: Scope) -> str:
    """Give the path below the mount point; whether a server's path begins with that differs."""
    path: str = scope["path"]
    mount: str = scope.get("root_path", "").rstrip("/")
    return path.removeprefix(mount) if mount and path.startswith(f"{mount}/") else path


async def _live(receive: Receive, send: Send) -> None:
    """Have nothing to prepare and nothing to clean up."""
    while True:
        step = (await receive())["type"]
        await send({"type": f"{step}.complete"})
        if step == "lifespan.shutdown":
            return
