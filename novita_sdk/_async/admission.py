"""First come, first served in front of the connection pool, whose own queue collapses under load."""

from __future__ import annotations

import math
from collections import deque

from novita_sdk._concurrency.aio import Event, Lock
from novita_sdk._concurrency.clock import AsyncClock


class AsyncAdmission:
    """Lets at most `limit` requests onto the wire at once, in order of arrival.

    Args:
        limit: Requests at once.
        clock: The clock that waiting is measured on.
    """

    def __init__(self, limit: int, clock: AsyncClock) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = Lock()
        self._inside = 0
        self._queue: deque[Event] = deque()

    @property
    def is_empty(self) -> bool:
        """Whether nobody is on the wire."""
        return self._inside == 0

    async def enter(self, patience: float) -> bool:
        """Take a place, waiting up to `patience` seconds; return whether there was one in time."""
        with self._lock:
            if self._inside < self._limit:
                self._inside += 1
                return True
            place = Event()
            self._queue.append(place)
        try:
            await self._clock.wait_async(place, None if patience == math.inf else patience)
        except BaseException:
            if not self._withdraw(place):
                self.leave()  # the place came at the very moment of the interruption
            raise
        return not self._withdraw(place)

    def leave(self) -> None:
        """Give the place back, to the one who has waited longest."""
        with self._lock:
            successor = self._queue.popleft() if self._queue else None
            if successor is None:
                self._inside -= 1
        if successor is not None:
            successor.set()

    def open(self) -> None:
        """Let in everybody who waits, to be told that the transport is closed."""
        with self._lock:
            waiting, self._queue = self._queue, deque()
            self._inside += len(waiting)
        for place in waiting:
            place.set()

    def _withdraw(self, place: Event) -> bool:
        """Leave the queue; False if the place had been given already."""
        with self._lock:
            if place.is_set() or place not in self._queue:
                return False
            self._queue.remove(place)
            return True
