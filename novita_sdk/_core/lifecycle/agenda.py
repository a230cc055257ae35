"""What a background worker has to do, and in which order."""

from __future__ import annotations

import heapq
from typing import Generic, TypeVar

import attrs

W = TypeVar("W")


@attrs.define(eq=False)
class Job(Generic[W]):
    """Something to be done at a time, perhaps again and again.

    Attributes:
        work: What is done.
        rental: Whether a rental depends on it; such a job goes before others that are due as well.
        cancelled: Whether it is not to be done any more.
    """

    work: W = attrs.field(repr=False)
    rental: bool = False
    cancelled: bool = False


class Agenda(Generic[W]):
    """Jobs by the time at which they are due. It does no locking of its own and reads no clock."""

    def __init__(self) -> None:
        self._rentals: list[tuple[float, int, Job[W]]] = []
        self._others: list[tuple[float, int, Job[W]]] = []
        self._order = 0

    def put(self, job: Job[W], at: float) -> None:
        """Add a job, or add it again.

        Args:
            job: The job.
            at: When it is due, in monotonic seconds.
        """
        self._order += 1
        heapq.heappush(self._rentals if job.rental else self._others, (at, self._order, job))

    def take(self, now: float) -> Job[W] | None:
        """Remove and return the job to be done at `now`; None if none is due."""
        for waiting in (self._rentals, self._others):
            _tidy(waiting)
            if waiting and waiting[0][0] <= now:
                return heapq.heappop(waiting)[2]
        return None

    def next_at(self) -> float | None:
        """Tell when the next job is due; None if there is none."""
        for waiting in (self._rentals, self._others):
            _tidy(waiting)
        return min((waiting[0][0] for waiting in (self._rentals, self._others) if waiting), default=None)

    @property
    def has_others(self) -> bool:
        """Whether there are jobs that no rental depends on."""
        _tidy(self._others)
        return bool(self._others)


def _tidy(waiting: list[tuple[float, int, Job[W]]]) -> None:
    while waiting and waiting[0][2].cancelled:
        heapq.heappop(waiting)
