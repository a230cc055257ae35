"""Tasks: locks, events, clock, gathering and shields for the asynchronous colour, over anyio."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from types import TracebackType
from typing import TypeVar, cast

import anyio
import anyio.lowlevel
import anyio.to_thread
from anyio.abc import TaskGroup

from novita_sdk._concurrency.clock import AsyncClock, Waitable
from novita_sdk._concurrency.patience import patient_for

T = TypeVar("T")


class Lock:
    """A plain `with` lock. One event loop runs one task at a time, so there is nothing to lock."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None


class Event:
    """A flag that can be waited for, on the real or on a virtual clock."""

    def __init__(self) -> None:
        self._happened = False
        self._listeners: list[Callable[[], None]] = []

    def is_set(self) -> bool:
        """Tell whether the event has happened."""
        return self._happened

    def set(self) -> None:
        """Let the event happen; waking is the business of the clocks."""
        self._happened = True
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener()

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call `listener` once when the event happens, at once if it already has."""
        if self._happened:
            listener()
        else:
            self._listeners.append(listener)

    def remove_listener(self, listener: Callable[[], None]) -> None:
        """Forget `listener`; harmless if it is unknown."""
        with contextlib.suppress(ValueError):
            self._listeners.remove(listener)


class SystemClock:
    """The machine's own clocks."""

    monotonic = staticmethod(time.monotonic)
    time = staticmethod(time.time)

    async def sleep_async(self, seconds: float) -> None:
        """Suspend the calling task for `seconds`."""
        await anyio.sleep(max(0.0, seconds))

    async def wait_async(self, event: Waitable, timeout: float | None) -> bool:  # noqa: ASYNC109
        """Suspend until `event` happens or `timeout` seconds passed; return whether it happened."""
        if event.is_set() or (timeout is not None and timeout <= 0):
            return event.is_set()
        woken = anyio.Event()
        event.add_listener(woken.set)
        try:
            with anyio.move_on_after(timeout):
                await woken.wait()
        finally:
            event.remove_listener(woken.set)
        return event.is_set()


async def gather(_clock: AsyncClock, calls: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """Run `calls` side by side, each in a task, and return their results in order.

    All tasks have ended before this returns; the first exception, in order of the calls, is raised then.

    Args:
        _clock: The clock the calls sleep on; a virtual clock sees tasks by itself.
        calls: What to run.
    """
    results: list[T | None] = [None] * len(calls)
    failures: list[Exception | None] = [None] * len(calls)

    async def run(index: int) -> None:
        try:
            results[index] = await calls[index]()
        except Exception as error:  # noqa: BLE001 - handed to the caller below
            failures[index] = error

    async with anyio.create_task_group() as group:
        for index in range(len(calls)):
            group.start_soon(run, index)
    for failure in failures:
        if failure is not None:
            raise failure
    return results  # type: ignore[return-value]  # every slot was filled, or its failure was raised


async def run_in_thread(clock: AsyncClock, work: Callable[[], T]) -> T:
    """Run `work`, which blocks, in a borrowed thread; a cancelled task still waits until it has ended.

    Args:
        clock: A virtual clock is told that somebody is at work, so that time stands still meanwhile.
        work: What to run.
    """
    crew = getattr(clock, "crew", None) or _no_crew
    crew(1)
    try:
        return await anyio.to_thread.run_sync(work)
    finally:
        crew(-1)


def _no_crew(_change: int) -> None:
    """Stand in for the thread count of a virtual clock."""


@contextlib.contextmanager
def shielded(_clock: AsyncClock, seconds: float) -> Generator[None]:
    """Run work that finishes although the task was cancelled, for at most `seconds` of real time."""
    with anyio.move_on_after(seconds, shield=True):
        yield


@contextlib.contextmanager
def limited(_clock: AsyncClock, seconds: float) -> Generator[None]:
    """Cancel work after `seconds` of real time.

    Raises:
        TimeoutError: The time was over.
    """
    with (
        anyio.fail_after(seconds),
        patient_for(seconds),
    ):  # a thread that waits for a lock cannot be cancelled
        yield


class Background:
    """Where a client may run something beside the program: in tasks, while it is inside `async with`.

    On asyncio these are plain tasks, since there a block may be left by another task than the one that entered it, as
    the fixtures of some test tools do; trio asks for a nursery.

    Args:
        _clock: The clock they sleep on; a virtual clock sees tasks by itself.
    """

    def __init__(self, _clock: AsyncClock) -> None:
        self._entered = 0
        self._nursery: TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself would let go of them

    @property
    def is_open(self) -> bool:
        """Whether something may be started."""
        return self._entered > 0

    async def open(self) -> None:
        """Allow tasks from now on."""
        self._entered += 1
        if self._entered == 1 and not _is_asyncio():
            nursery = anyio.create_task_group()
            await nursery.__aenter__()
            self._nursery = nursery

    async def close(self) -> None:
        """Allow no more tasks; those that ran have been ended before."""
        self._entered -= 1
        if self._nursery is not None and not self._entered:
            nursery, self._nursery = self._nursery, None
            await nursery.__aexit__(None, None, None)

    def start(self, work: Callable[[], Awaitable[None]], _at_exit: Callable[[], Awaitable[None]]) -> Running:
        """Run `work` until it ends or is ended.

        Args:
            work: What to run. Nothing but `Running.end` cancels it.
            _at_exit: What a thread would do before the process ends.
        """
        running = Running()
        context = contextvars.Context()  # like a thread, it must not see the context of whoever started it
        if self._nursery is not None:
            context.run(self._nursery.start_soon, running.run, work)
        else:
            task = asyncio.get_running_loop().create_task(running.run(work), context=context)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return running


def _is_asyncio() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Running:
    """What a client runs beside the program."""

    def __init__(self) -> None:
        self.ended = Event()
        self._scope = anyio.CancelScope(shield=True)

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work`; the task's own function."""
        try:
            with self._scope:
                await work()
        finally:
            self.ended.set()

    async def end(self) -> None:
        """Cancel it, and wait until it has ended."""
        self._scope.cancel()
        gone = anyio.Event()
        self.ended.add_listener(gone.set)
        with anyio.CancelScope(shield=True):
            await gone.wait()


async def completed(value: object) -> object:
    """Await what a caller's function has returned, if it is something to await; return what came of it."""
    return await cast("Awaitable[object]", value) if isinstance(value, Awaitable) else value


async def within(clock: AsyncClock, seconds: float, call: Callable[[], Awaitable[T]]) -> T:
    """Run `call`, and cancel it when its time is up.

    Args:
        clock: The clock that the limit is measured on.
        seconds: The limit.
        call: What to run.

    Raises:
        TimeoutError: The time was up first.
    """
    results: list[T] = []
    failures: list[Exception] = []
    async with anyio.create_task_group() as group:

        async def end() -> None:
            await clock.sleep_async(seconds)
            group.cancel_scope.cancel()

        group.start_soon(end)
        try:
            results.append(await call())
        except Exception as error:  # noqa: BLE001 - raised below, outside of the group, which would wrap it
            failures.append(error)
        group.cancel_scope.cancel()
    for failure in failures:
        raise failure
    if not results:
        raise TimeoutError(f"not finished after {seconds:g} s")
    return results[0]


COLOUR = "async"


def current_owner() -> object:
    """Return what identifies the running event loop: a client belongs to one."""
    return cast("object", anyio.lowlevel.current_token())
