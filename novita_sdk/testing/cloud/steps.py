"""A level that changes at known instants: rates of money and GPUs in use, exact and cheap to ask."""

from __future__ import annotations

import heapq


class StepFunction:
    """A whole number that steps up and down over time, with its exact integral.

    Changes may lie in the future, so a resource tells its whole plan at once and nobody has to tick. A change
    is taken back by the opposite change at the same instant. Readings must not go back in time.
    """

    __slots__ = ("_level", "_moment", "_pending")

    def __init__(self) -> None:
        self._pending: list[tuple[int, int]] = []
        self._level = 0
        self._moment = 0  # sum of change x instant: the integral is level x now - moment

    def schedule(self, at: int, change: int) -> None:
        """Let the level change by `change` at the instant `at`."""
        if change:
            heapq.heappush(self._pending, (at, change))

    def level(self, now: int) -> int:
        """Return the level at `now`."""
        self._settle(now)
        return self._level

    def integral(self, now: int) -> int:
        """Return the sum of level x time up to `now`."""
        self._settle(now)
        return self._level * now - self._moment

    def _settle(self, now: int) -> None:
        while self._pending and self._pending[0][0] <= now:
            at, change = heapq.heappop(self._pending)
            self._level += change
            self._moment += change * at
