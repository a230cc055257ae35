"""A clock that jumps: time for tests, for threads, asyncio and trio alike."""

from __future__ import annotations

import heapq
import math
import threading
from collections.abc import Callable

import anyio
import anyio.lowlevel

from novita_sdk._concurrency.clock import Waitable

_YIELDS = 20  # turns given to other tasks before asking the event loop whether all of them stand still

_TIDY_EVERY = 4096  # timers made between two sweeps of those that an event woke early


class _Timer:
    """One sleeper: when it is due, and how to wake it."""

    __slots__ = ("at", "fired", "order", "wake")

    def __init__(self, at: float, order: int, wake: Callable[[], None]) -> None:
        self.at = at
        self.order = order
        self.wake = wake
        self.fired = False

    def __lt__(self, other: _Timer) -> bool:
        return (self.at, self.order) < (other.at, other.order)


class _Never:
    """An event that does not happen, for plain sleeps."""

    def is_set(self) -> bool:
        return False

    def add_listener(self, listener: Callable[[], None]) -> None:
        pass

    def remove_listener(self, listener: Callable[[], None]) -> None:
        pass


_NEVER = _Never()


class VirtualClock:
    """Virtual time for a client and its simulator.

    Nothing ever really sleeps: when everybody waits, time jumps to the earliest moment somebody waits for. The
    same object serves `Novita` and `AsyncNovita`. Threads count as known when the library started them; a thread
    of your own that sleeps on this clock must be the only one running, or be announced by `crew(+1)`.

    Args:
        start: First reading of `monotonic()`, in seconds.
        wall: First reading of `time()`, in seconds since 1970-01-01 UTC.

    Example:
        >>> clock = VirtualClock()
        >>> before = clock.monotonic()
        >>> clock.sleep(1500)
        >>> clock.monotonic() - before
        1500.0
    """

    def __init__(self, start: float = 1000.0, wall: float = 1_790_000_000.0) -> None:
        self._now = start
        self._wall_offset = wall - start
        self._lock = threading.RLock()
        self._timers: list[_Timer] = []
        self._order = 0
        self._running = 1  # threads that may be at work; the one that made the clock is the first
        self._blocked = 0  # of these, how many wait here
        self._driving = False  # whether one task already moves the time for all tasks

    def __repr__(self) -> str:
        return f"<VirtualClock at {self._now:.3f} s, {len(self._timers)} waiting>"

    def monotonic(self) -> float:
        """Return virtual seconds that never go backwards."""
        return self._now

    def time(self) -> float:
        """Return the virtual wall time in seconds since 1970-01-01 UTC."""
        return self._now + self._wall_offset

    def jump_wall(self, seconds: float) -> None:
        """Move the wall clock alone, as a time server or a user may; `monotonic()` does not notice."""
        self._wall_offset += seconds

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass while nobody waits; for programs that wait, waiting is enough.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            msg = f"seconds={seconds!r}: time only goes forward, give 0 or more"
            raise ValueError(msg)
        with self._lock:
            target = self._now + seconds
            while self._timers and self._timers[0].at <= target:
                self._fire_earliest()
            self._now = target

    def crew(self, change: int) -> None:
        """Tell the clock that `change` more (or fewer) threads are at work."""
        with self._lock:
            self._running += change
            self._jump_if_all_wait()

    # -------------------------------------------------------------------------------- threads

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for `seconds` of virtual time."""
        if seconds > 0:
            self.wait(_NEVER, seconds)

    def wait(self, event: Waitable, timeout: float | None) -> bool:
        """Block until `event` happens or `timeout` virtual seconds passed; return whether it happened."""
        if event.is_set() or (timeout is not None and timeout <= 0):
            return event.is_set()
        woken = threading.Event()

        def wake() -> None:
            self._blocked -= 1
            woken.set()

        with self._lock:
            timer = self._add(timeout, wake)
            self._blocked += 1

        def listener() -> None:
            self._fire(timer)

        event.add_listener(listener)
        try:
            with self._lock:
                self._jump_if_all_wait()
            woken.wait()
        finally:
            event.remove_listener(listener)
            self._fire(timer)
        return event.is_set()

    def _jump_if_all_wait(self) -> None:
        while self._blocked and self._blocked >= self._running and self._due():
            self._fire_earliest()

    # ---------------------------------------------------------------------------------- tasks

    async def sleep_async(self, seconds: float) -> None:
        """Suspend the calling task for `seconds` of virtual time."""
        if seconds > 0:
            await self.wait_async(_NEVER, seconds)
        else:
            await anyio.lowlevel.checkpoint()

    async def wait_async(self, event: Waitable, timeout: float | None) -> bool:  # noqa: ASYNC109
        """Suspend until `event` happens or `timeout` virtual seconds passed; return whether it happened."""
        await anyio.lowlevel.checkpoint()
        if event.is_set() or (timeout is not None and timeout <= 0):
            return event.is_set()
        sleeper = _Sleeper()
        timer = self._add(timeout, sleeper.wake)

        def listener() -> None:
            self._fire(timer)

        event.add_listener(listener)
        try:
            while not timer.fired:
                if self._driving or not self._due():
                    await sleeper.turn()
                else:
                    await self._drive(timer)
        finally:
            event.remove_listener(listener)
            self._fire(timer)
            self._let_another_drive()
        return event.is_set()

    async def _drive(self, timer: _Timer) -> None:
        """Move the time for everybody until `timer` is due or nobody waits for an instant."""
        self._driving = True
        try:
            while not timer.fired and self._due():
                for _ in range(_YIELDS):
                    await anyio.lowlevel.checkpoint()
                await anyio.wait_all_tasks_blocked()
                if self._running > 1:
                    continue  # a thread still works for one of the tasks: time stands still for it
                if not timer.fired and self._due():
                    self._fire_earliest()
        finally:
            self._driving = False

    def _let_another_drive(self) -> None:
        if not self._driving and self._due():
            self._timers[0].wake()  # it sees that it is not due yet, and drives

    # --------------------------------------------------------------------------------- timers

    def _add(self, timeout: float | None, wake: Callable[[], None]) -> _Timer:
        self._order += 1
        timer = _Timer(math.inf if timeout is None else self._now + timeout, self._order, wake)
        if self._order % _TIDY_EVERY == 0:
            self._timers = [waiting for waiting in self._timers if not waiting.fired]
            heapq.heapify(self._timers)
        heapq.heappush(self._timers, timer)
        return timer

    def _due(self) -> bool:
        while self._timers and self._timers[0].fired:
            heapq.heappop(self._timers)
        return bool(self._timers) and self._timers[0].at < math.inf

    def _fire(self, timer: _Timer) -> None:
        with self._lock:
            if not timer.fired:
                timer.fired = True
                timer.wake()

    def _fire_earliest(self) -> None:
        timer = heapq.heappop(self._timers)
        if not timer.fired:
            self._now = max(self._now, timer.at)
            self._fire(timer)


class _Sleeper:
    """A waiting task: woken because its time has come, or to take over the driving."""

    def __init__(self) -> None:
        self._signal = anyio.Event()

    def wake(self) -> None:
        self._signal.set()

    async def turn(self) -> None:
        await self._signal.wait()
        self._signal = anyio.Event()
