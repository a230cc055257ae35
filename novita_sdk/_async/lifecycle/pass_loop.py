"""The frame of every helper: one pass at a time, again and again until told to stop."""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar, cast

from novita_sdk._async.lifecycle.held_lease import AsyncHeldLease
from novita_sdk._concurrency.aio import Event, Lock
from novita_sdk._concurrency.clock import AsyncClock, Waitable
from novita_sdk._core.durations import Seconds, required_seconds
from novita_sdk._core.lifecycle.loop_health import LoopHealth, LoopRecord, LoopStats, next_start
from novita_sdk._core.log_records import log
from novita_sdk._core.observer import Observer
from novita_sdk._core.wire import problem
from novita_sdk.errors import AuthenticationError, PermissionDeniedError, ValidationError

R = TypeVar("R")

_LOGGER = logging.getLogger("novita_sdk.lifecycle")

_SLICE = 0.05  # seconds between two looks at a stop event that knows no listeners
_REFUSED = (AuthenticationError, PermissionDeniedError)
_REFUSED_EVERY = 3600.0  # seconds between two records about a refused key
_SWING = 0.1


class StopEvent(Protocol):
    """What ends a loop: an event of threading, asyncio, anyio or trio."""

    def is_set(self) -> bool:
        """Tell whether the loop shall end."""
        ...


class _Pass(Generic[R]):
    """A pass under way, and those who wait for its result."""

    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at
        self.over = Event()
        self.result: R | None = None
        self.error: Exception | None = None
        self.ended = False  # False also for one that was cancelled: it has no outcome to share


class AsyncPassLoop(Generic[R]):
    """Runs passes: never two at a time in one object, and never silent about one that failed.

    Args:
        name: The helper's name, for logs.
        one_pass: Makes one pass. It asks `must_end()` between its actions.
        interval: Seconds from the beginning of one pass to that of the next, swinging by 10 %.
        pass_timeout: Seconds after which a pass begins no further action.
        clock: Where the time comes from.
        rng: Where the swing comes from.
        lease: The lease that the passes hold; only for the report on health.
        observer: Told of failures, for the user's hooks.
        failure_of: Tells why a pass failed that returned a result nevertheless; None if it did not.
    """

    def __init__(
        self,
        name: str,
        one_pass: Callable[[], Awaitable[R]],
        *,
        interval: Seconds,
        pass_timeout: Seconds = 240.0,
        clock: AsyncClock,
        rng: random.Random,
        lease: AsyncHeldLease | None = None,
        observer: Observer | None = None,
        failure_of: Callable[[R], Exception | None] | None = None,
    ) -> None:
        self._name = name
        self._one_pass = one_pass
        self._interval = required_seconds("interval", interval)
        self._pass_timeout = required_seconds("pass_timeout", pass_timeout)
        self._clock = clock
        self._rng = rng
        self._lease = lease
        self._observer = observer
        self._failure_of = failure_of
        self._lock = Lock()
        self._record = LoopRecord()
        self._under_way: _Pass[R] | None = None
        self._running = False
        self._stop: StopEvent | None = None
        self._refused_at: float | None = None

    @property
    def interval(self) -> float:
        """Seconds between the beginnings of two passes."""
        return self._interval

    @property
    def running(self) -> bool:
        """Whether `run()` is under way."""
        return self._running

    def must_end(self) -> bool:
        """Tell a pass to begin no further action: its time is over, or the loop was told to stop."""
        stop, under_way = self._stop, self._under_way
        late = under_way is not None and self._clock.monotonic() >= under_way.ends_at
        return late or (stop is not None and stop.is_set())

    async def check(self) -> R:
        """Make a pass; join the one under way if there is one.

        Returns:
            What the pass returned.

        Raises:
            Exception: What the pass raised, to everybody who waits for it.
        """
        while True:
            fresh = _Pass[R](self._clock.monotonic() + self._pass_timeout)
            with self._lock:
                under_way = self._under_way = self._under_way or fresh
            if under_way is fresh:
                return await self._make(fresh)
            await self._clock.wait_async(under_way.over, None)
            if under_way.error is not None:
                raise under_way.error
            if under_way.ended:
                return cast("R", under_way.result)

    async def run(
        self, stop: StopEvent, interval: Seconds | None = None, *, immediate: bool = False
    ) -> LoopStats:
        """Make passes until `stop` is set.

        Args:
            stop: Ends the loop: within 0.1 s while it sleeps, between two actions while a pass is under way.
            interval: Seconds between the beginnings of two passes, instead of the usual ones.
            immediate: Whether the first pass is made at once and not after one interval.

        Returns:
            The counts, over the whole life of the loop.

        Raises:
            RuntimeError: The loop is running already.
        """
        pause = self._interval if interval is None else required_seconds("interval", interval)
        if not callable(getattr(stop, "is_set", None)):
            message = "must be an event, with is_set(), such as threading.Event() or anyio.Event()"
            raise ValidationError(problems=(problem("stop", stop, message),))
        with self._lock:
            if self._running:
                raise RuntimeError(f"this {self._name} is running already: make another for another loop")
            self._running, self._stop, self._interval = True, stop, pause
        try:
            await self._rounds(stop, pause, immediate=immediate)
        finally:
            with self._lock:
                self._running, self._stop = False, None
                self._record.next_wall = None
        return self.stats()

    def stats(self) -> LoopStats:
        """Return the counts. No I/O."""
        with self._lock:
            return self._record.stats()

    def health(self) -> LoopHealth:
        """Judge the loop by its last passes. No I/O."""
        held = None if self._lease is None else self._lease.granted
        with self._lock:
            return self._record.health(
                interval=self._interval,
                monotonic=self._clock.monotonic(),
                running=self._running,
                lease_holder=held,
            )

    async def _rounds(self, stop: StopEvent, interval: float, *, immediate: bool) -> None:
        started = self._clock.monotonic()
        self._record.alive_at = started
        due = started if immediate else next_start(started, self._swung(interval), started)
        while not await self._asleep_until(due, stop):
            started = self._clock.monotonic()
            with contextlib.suppress(
                Exception
            ):  # counted and logged where it was raised; the next pass happens
                await self.check()
            due = next_start(started, self._swung(interval), self._clock.monotonic())

    async def _make(self, mine: _Pass[R]) -> R:
        try:
            result = await self._one_pass()
            mine.result, mine.ended = result, True
            self._note(None if self._failure_of is None else self._failure_of(result))
        except Exception as error:
            mine.error = error
            self._note(error)
            raise
        else:
            return result
        finally:
            with self._lock:
                self._under_way = None
            mine.over.set()

    def _note(self, error: Exception | None) -> None:
        now = self._clock.monotonic()
        told = None if error is None else f"{type(error).__name__}: {error}"
        with self._lock:
            self._record.ended(told, monotonic=now, wall=self._clock.time())
            failures = self._record.consecutive_failures
            is_known = isinstance(error, _REFUSED) and not self._may_tell_refusal(now)
        if error is None:
            return
        if self._observer is not None:
            self._observer.pass_failed(self._name, error, failures=failures)
        if not is_known:
            log(
                _LOGGER,
                logging.WARNING,
                "a pass of %(helper)s failed, %(failures)d in a row: %(error)s",
                helper=self._name,
                failures=failures,
                error=told,
            )

    def _may_tell_refusal(self, now: float) -> bool:
        if self._refused_at is not None and now - self._refused_at < _REFUSED_EVERY:
            return False
        self._refused_at = now
        return True

    async def _asleep_until(self, due: float, stop: StopEvent) -> bool:
        """Sleep until a pass is due; return whether the loop was told to stop."""
        left = due - self._clock.monotonic()
        with self._lock:
            self._record.next_wall = self._clock.time() + max(0.0, left)
        if hasattr(stop, "add_listener"):
            return await self._clock.wait_async(cast("Waitable", stop), left)
        while not stop.is_set() and left > 0:
            await self._clock.sleep_async(min(left, _SLICE))
            left = due - self._clock.monotonic()
        return stop.is_set()

    def _swung(self, interval: float) -> float:
        return interval * self._rng.uniform(1 - _SWING, 1 + _SWING)
