# Generated from tests/aio/foreign_writes.py by tools/unasync.py; edit the source.
"""What somebody else does to an endpoint right after an update of it."""

from __future__ import annotations

from collections.abc import Callable

from novita_sdk._core.http import Request, Response
from novita_sdk._sync.middleware import CallNext


class After:
    """A layer that does something right after the first `times` answers to an update."""

    def __init__(self, act: Callable[[], object], times: int = 1) -> None:
        self._act = act
        self._left = times

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        response = call_next(request)
        if request.operation == "update_endpoint" and self._left:
            self._left -= 1
            self._act()
        return response
