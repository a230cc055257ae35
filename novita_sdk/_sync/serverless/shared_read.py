# Generated from novita_sdk/_async/serverless/shared_read.py by tools/unasync.py; edit the source.
"""One reading for all who ask at the same time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Event, Lock

T = TypeVar("T")


class _Reading(Generic[T]):
    """A reading under way, and what came of it."""

    def __init__(self) -> None:
        self.done = Event()
        self.value: T | None = None
        self.failure: Exception | None = None
        self.abandoned = True


class SharedRead(Generic[T]):
    """Reads once for everybody who asks while it reads. Who reads is one of them; no task or thread is made.

    Args:
        read: Reads.
        clock: What the others wait on.
    """

    def __init__(self, read: Callable[[], T], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._lock = Lock()
        self._under_way: _Reading[T] | None = None

    def get(self) -> T:
        """Return what a reading brings that began now or is under way.

        Raises:
            Exception: Whatever the reading raised, to everybody who waited for it.
        """
        while True:
            with self._lock:
                reading = self._under_way
                mine = reading is None
                if reading is None:
                    reading = self._under_way = _Reading()
            if mine:
                self._lead(reading)
            else:
                self._clock.wait(reading.done, None)
            if reading.abandoned:
                continue  # whoever read was cancelled: somebody else does it
            if reading.failure is not None:
                raise reading.failure
            return reading.value  # type: ignore[return-value]  # it did not fail

    def _lead(self, reading: _Reading[T]) -> None:
        try:
            reading.value = self._read()
            reading.abandoned = False
        except Exception as error:  # noqa: BLE001 - everybody who waits gets it
            reading.failure, reading.abandoned = error, False
        finally:
            with self._lock:
                self._under_way = None
            reading.done.set()
