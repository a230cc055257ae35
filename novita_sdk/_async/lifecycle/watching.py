"""Watching something: the subscription that a watcher iterates over, or has a callable told from."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from types import TracebackType
from typing import Final, Generic, Protocol, Self, TypeVar, cast

from novita_sdk._concurrency.aio import Event, Lock, completed
from novita_sdk._concurrency.clock import AsyncClock, Waitable
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError

E = TypeVar("E")

BUFFER: Final = 1000
"""Events that are kept for a watcher who is slow to take them."""

_SLICE: Final = 0.05  # seconds between two looks at a stop event that knows no listeners


class StopEvent(Protocol):
    """What ends a loop: an event of threading, asyncio, anyio or trio."""

    def is_set(self) -> bool:
        """Tell whether the loop shall end."""
        ...


class AsyncSubscription(Generic[E]):
    """The events that one watcher gets: an iterator, and a context manager that ends it.

    Nothing runs in the background: `more` is called when the watcher waits for an event and none is kept. It
    returns once it has put some, or `ended` is set; it pauses by `pause()`, which ends early then.

    Args:
        clock: What it sleeps on.
        more: Sees to it that there are events, by `put`.
        leave: Called once at the end.
        fold: Makes events fewer once more than 1000 are kept; without it all are kept.
    """

    def __init__(
        self,
        clock: AsyncClock,
        more: Callable[[AsyncSubscription[E]], Awaitable[None]],
        *,
        leave: Callable[[], None] | None = None,
        fold: Callable[[Sequence[E]], Iterable[E]] | None = None,
    ) -> None:
        self.ended = Event()
        self._clock = clock
        self._more = more
        self._leave = leave
        self._fold = fold
        self._kept: deque[E] = deque()
        self._lock = Lock()  # who reads a list for several watchers puts events for all of them
        self._stop: StopEvent | None = None

    @property
    def over(self) -> bool:
        """Whether the watcher has left, or wants to stop."""
        return self.ended.is_set() or (self._stop is not None and self._stop.is_set())

    def put(self, events: Iterable[E]) -> None:
        """Keep events for the watcher."""
        with self._lock:
            self._kept.extend(events)
            if self._fold is not None and len(self._kept) > BUFFER:
                self._kept = deque(self._fold(tuple(self._kept)))

    async def pause(self, seconds: float | None, wake: Waitable | None = None) -> None:
        """Wait until `seconds` are over (None: without end), `wake` happens, or the watch is over."""
        until = None if seconds is None else self._clock.monotonic() + seconds
        woken = Event()
        for event in (self.ended, wake, self._stop):
            if event is not None and hasattr(event, "add_listener"):
                cast("Waitable", event).add_listener(woken.set)
        listens = self._stop is None or hasattr(self._stop, "add_listener")
        try:
            while not self.over and not woken.is_set():
                left = None if until is None else until - self._clock.monotonic()
                if left is not None and left <= 0:
                    return
                step = left if listens else min(_SLICE, _SLICE if left is None else left)
                await self._clock.wait_async(woken, step)
        finally:
            for event in (self.ended, wake, self._stop):
                if event is not None and hasattr(event, "remove_listener"):
                    cast("Waitable", event).remove_listener(woken.set)

    async def tell(self, on_event: Callable[[E], object], stop: StopEvent | None) -> int:
        """Hand every event to a callable until `stop` is set; what the callable raises ends it.

        Args:
            on_event: Called with each event.
            stop: Ends the loop; None for never.

        Returns:
            How many events were handed on.
        """
        self._stop, told = stop, 0
        async with self:
            async for event in self:
                told += 1
                await completed(on_event(event))
        return told

    def __aiter__(self) -> AsyncIterator[E]:
        return self

    async def __anext__(self) -> E:
        """Return the next event, waiting for one."""
        while not self.over:
            with self._lock:
                if self._kept:
                    return self._kept.popleft()
            try:
                await self._more(self)
            except Exception:
                self._end()
                raise
        self._end()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End the watch; whoever waits for an event gets no further one."""
        self._end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        if not self.ended.is_set():
            self.ended.set()
            self._kept.clear()
            if self._leave is not None:
                self._leave()


def check_watch(on_event: object, stop: object) -> None:
    """Check the arguments of a watch that make it a loop.

    Raises:
        ValidationError: They are of no use.
    """
    if on_event is not None and not callable(on_event):
        raise ValidationError(problems=(problem("on_event", on_event, "must be callable with an event"),))
    if stop is not None and not callable(getattr(stop, "is_set", None)):
        message = "must be an event, with is_set(), such as threading.Event() or anyio.Event()"
        raise ValidationError(problems=(problem("stop", stop, message),))
    if stop is not None and on_event is None:
        raise ValidationError(problems=(problem("stop", stop, "goes with on_event only: close the watch"),))
