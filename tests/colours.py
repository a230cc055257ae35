"""Middleware of either colour, for tests that hand a client the wrong one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def plain_layer(request: Any, call_next: Callable[[Any], Any]) -> Any:
    """A synchronous middleware."""
    return call_next(request)


async def async_layer(request: Any, call_next: Callable[[Any], Any]) -> Any:
    """An asynchronous middleware."""
    return await call_next(request)


class PlainLayer:
    """A synchronous middleware with a state of its own."""

    def __call__(self, request: Any, call_next: Callable[[Any], Any]) -> Any:
        return call_next(request)

    def send(self, request: Any) -> Any:
        """Be a transport too."""

    def sleep(self, seconds: float) -> None:
        """Be a clock too."""


class AsyncLayer:
    """An asynchronous middleware with a state of its own."""

    async def __call__(self, request: Any, call_next: Callable[[Any], Any]) -> Any:
        return await call_next(request)

    async def send(self, request: Any) -> Any:
        """Be a transport too."""

    async def sleep_async(self, seconds: float) -> None:
        """Be a clock too."""


def layers_of(colour: str) -> list[Any]:
    """One middleware of each make: a function, a partial, an object."""
    if colour == "async":
        return [async_layer, functools.partial(async_layer), AsyncLayer()]
    return [plain_layer, functools.partial(plain_layer), PlainLayer()]


OTHER = {"async": "sync", "sync": "async"}
