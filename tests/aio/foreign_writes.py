"""What somebody else does to an endpoint right after an update of it."""

from __future__ import annotations

from collections.abc import Callable

from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._core.http import Request, Response


class After:
    """A layer that does something right after the first `times` answers to an update."""

    def __init__(self, act: Callable[[], object], times: int = 1) -> None:
        self._act = act
        self._left = times

    async def __call__(self, request: Request, call_next: AsyncCallNext) -> Response:
        response = await call_next(request)
        if request.operation == "update_endpoint" and self._left:
            self._left -= 1
            self._act()
        return response
