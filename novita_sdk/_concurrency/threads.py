"""Threads: locks, events, clock, gathering and shields for the synchronous colour."""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Sequence
from typing import TypeVar

from novita_sdk._concurrency.clock import Clock, Waitable
from novita_sdk._concurrency.patience import patient_for

T = TypeVar("T")

Lock = threading.Lock
"""A plain `with` lock; held for arithmetic only, never over I/O."""

Cancelled: tuple[type[BaseException], ...] = (KeyboardInterrupt, SystemExit)
"""What ends a call from outside; never swallowed, never retried."""


class Event:
    """A flag that can be waited for, on the real or on a virtual clock."""

    def __init__(self) -> None:
        self._flag = threading.Event()
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def is_set(self) -> bool:
        """Tell whether the event has happened."""
        return self._flag.is_set()

    def set(self) -> None:
        """Let the event happen; waking is the business of the clocks."""
        with self._lock:
            self._flag.set()
            listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener()

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call `listener` once when the event happens, at once if it already has."""
        with self._lock:
            if not self._flag.is_set():
                self._listeners.append(listener)
                return
        listener()

    def remove_listener(self, listener: Callable[[], None]) -> None:
        """Forget `listener`; harmless if it is unknown."""
        with self._lock, contextlib.suppress(ValueError):
            self._listeners.remove(listener)

    def wait(self, timeout: float | None = None) -> bool:
        """Block on real time."""
        return self._flag.wait(timeout)


class SystemClock:
    """The machine's own clocks."""

    monotonic = staticmethod(time.monotonic)
    time = staticmethod(time.time)

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for `seconds`."""
        if seconds > 0:
            time.sleep(seconds)

    def wait(self, event: Waitable, timeout: float | None) -> bool:
        """Block until `event` happens or `timeout` seconds passed; return whether it happened."""
        if event.is_set() or (timeout is not None and timeout <= 0):
            return event.is_set()
        woken = threading.Event()
        event.add_listener(woken.set)
        try:
            woken.wait(timeout)
        finally:
            event.remove_listener(woken.set)
        return event.is_set()


def gather(clock: Clock, calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run `calls` side by side, each in a short-lived thread, and return their results in order.

    All threads are joined before this returns; the first exception, in order of the calls, is raised then.

    Args:
        clock: The clock the calls sleep on. A virtual clock is told of the threads, so that time stands
            still while one of them works.
        calls: What to run.
    """
    results: list[T | None] = [None] * len(calls)
    failures: list[BaseException | None] = [None] * len(calls)
    crew: _Crew = getattr(clock, "crew", None) or _no_crew
    lock, to_begin, at_work, joined = threading.Lock(), set(range(len(calls))), set[int](), True

    def run(index: int) -> None:
        with lock:
            if not joined:
                return  # interrupted before this one began: it never does
            to_begin.remove(index)
            at_work.add(index)
        try:
            results[index] = calls[index]()
        except BaseException as error:  # noqa: BLE001 - handed to the caller below
            failures[index] = error
        with lock:
            at_work.remove(index)
            handed_over = joined and not at_work and not to_begin
        if not handed_over:
            crew(-1)

    workers = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(len(calls))]
    # the joining thread stands still meanwhile, and takes the place of the last one
    crew(max(0, len(workers) - 1))
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    except BaseException:
        with lock:
            joined = False
            back = 1 - len(to_begin) if to_begin or at_work else 0
        crew(back)
        raise
    for failure in failures:
        if failure is not None:
            raise failure
    return results  # type: ignore[return-value]  # every slot was filled, or its failure was raised


_Crew = Callable[[int], None]


def _no_crew(_change: int) -> None:
    """Stand in for the thread count of a virtual clock."""


def run_in_thread(_clock: Clock, work: Callable[[], T]) -> T:
    """Run `work` in the calling thread, which may block."""
    return work()


@contextlib.contextmanager
def shielded(_clock: Clock, _seconds: float) -> Generator[None]:
    """Mark work that finishes although the call was interrupted; a second interrupt ends it.

    Threads cannot be cancelled from outside, so nothing has to be held back here; the work bounds itself.
    """
    yield


@contextlib.contextmanager
def limited(_clock: Clock, seconds: float) -> Generator[None]:
    """Mark work that may take a limited time; a thread cannot be cancelled, so each of its steps has to end."""
    with patient_for(seconds):
        yield


class Background:
    """Where a client may run something beside the program: in daemon threads.

    Args:
        clock: The clock they sleep on. A virtual clock is told of the threads.
    """

    is_open = True

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def open(self) -> None:
        """Do nothing: threads need no place to live in."""

    def close(self) -> None:
        """Do nothing, as there is nothing to close."""

    def start(self, work: Callable[[], None], at_exit: Callable[[], None]) -> Running:
        """Run `work` until it ends.

        Args:
            work: What to run.
            at_exit: Called when the process is about to end and the work has not ended yet.
        """
        return Running(self._clock, work, at_exit)


class Running:
    """What a client runs beside the program."""

    def __init__(self, clock: Clock, work: Callable[[], None], at_exit: Callable[[], None]) -> None:
        self.ended = Event()
        self._crew: _Crew = getattr(clock, "crew", None) or _no_crew
        self._work = work
        self._at_exit = at_exit
        self._thread = threading.Thread(target=self._run, name="novita-sdk-worker", daemon=True)
        self._crew(1)
        atexit.register(at_exit)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        finally:
            atexit.unregister(self._at_exit)
            self.ended.set()
            self._crew(-1)

    def end(self) -> None:
        """See the thread off if it has ended; one that still works is left to itself, and ends after that."""
        if self.ended.is_set():
            self._thread.join()


def completed(value: object) -> object:
    """Return what a caller's function has returned; refuse it if it would have to be awaited.

    Raises:
        TypeError: It would; there is no event loop here.
    """
    if isinstance(value, Coroutine):
        value.close()
        raise TypeError("an async function was given to the synchronous client")
    return value


def within(_clock: Clock, _seconds: float, call: Callable[[], T]) -> T:
    """Run `call`, which bounds itself: nothing can end a thread's work from outside."""
    return call()


COLOUR = "sync"


def current_owner() -> object:
    """Return None: a synchronous client may be used from any thread."""
    return None
