"""What a middleware is, and how layers become one callable."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Protocol

from novita_sdk._core.http import Request, Response


class AsyncCallNext(Protocol):
    """The rest of the pipeline, as a middleware sees it."""

    def __call__(self, request: Request, /) -> Awaitable[Response]:
        """Pass `request` on; statuses of 400 and more come back as values."""
        ...


class AsyncMiddleware(Protocol):
    """Anything callable with a request and the rest of the pipeline.

    It may pass a changed request on (`request.evolve(...)`), answer by itself, or call the rest again, which is
    then a full second pass. What it raises reaches the caller unchanged.

    Example:
        ```python
        async def tag(request: Request, call_next: AsyncCallNext) -> Response:
            return await call_next(request.evolve(headers={**request.headers, "X-Team": "vision"}))
        ```
    """

    def __call__(self, request: Request, call_next: AsyncCallNext, /) -> Awaitable[Response]:
        """Handle `request`."""
        ...


def compose(layers: Sequence[AsyncMiddleware], innermost: AsyncCallNext) -> AsyncCallNext:
    """Return one callable that runs `layers`, the first outermost, around `innermost`."""
    rest = innermost
    for layer in reversed(layers):
        rest = _joined(layer, rest)
    return rest


def _joined(layer: AsyncMiddleware, call_next: AsyncCallNext) -> AsyncCallNext:
    def joined(request: Request, /) -> Awaitable[Response]:
        return layer(request, call_next)

    return joined
