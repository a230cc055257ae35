# Generated from novita_sdk/_async/layers/deadline.py by tools/unasync.py; edit the source.
"""Layer 4: a call with no time left sends nothing."""

from __future__ import annotations

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.http import Request, Response
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import DeadlineExceededError


class DeadlineLayer:
    """Refuses calls whose time is up before they begin.

    Args:
        clock: Where the time comes from.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        """Pass `request` on unless its time is up."""
        if request.context.deadline.expired(self._clock.monotonic()):
            raise DeadlineExceededError(
                "no time was left before anything was sent", phase="connect", reached_server=False
            )
        return call_next(request)

    def __str__(self) -> str:
        return "no request without time left"
