"""Virtual time and threads: those of an event loop, and those of the synchronous client."""

from __future__ import annotations

import threading

import anyio
import pytest

from novita_sdk._concurrency import threads
from novita_sdk._concurrency.aio import run_in_thread
from novita_sdk.testing import VirtualClock


@pytest.mark.anyio
async def test_virtual_time_stands_still_while_a_thread_works_for_a_task() -> None:
    clock = VirtualClock()
    began = clock.monotonic()
    asked, release = threading.Event(), threading.Event()
    seen: list[float] = []

    def work() -> None:
        asked.set()
        release.wait(5)
        seen.append(clock.monotonic() - began)

    async def worker() -> None:
        await run_in_thread(clock, work)

    async with anyio.create_task_group() as group:
        group.start_soon(worker)
        group.start_soon(clock.sleep_async, 500)
        while not asked.is_set():
            await anyio.lowlevel.checkpoint()
        for _ in range(100):
            await anyio.lowlevel.checkpoint()
        release.set()
    assert seen == [0]
    assert clock.monotonic() - began == 500


def test_virtual_time_stands_still_between_gathered_threads_and_the_one_that_joins_them() -> None:
    clock = VirtualClock()
    began, closing = clock.monotonic(), threads.Event()
    aside = threads.Running(clock, lambda: _sleep_on(clock, closing), lambda: None)
    while not clock._blocked:  # nothing else shows that the other thread sleeps
        pass
    assert threads.gather(clock, [lambda: 1, lambda: 2]) == [1, 2]
    assert clock.monotonic() == began
    closing.set()
    aside.ended.wait(5)
    aside.end()


def _sleep_on(clock: VirtualClock, closing: threads.Event) -> None:
    while not closing.is_set():
        clock.wait(closing, 30)


def test_threads_that_an_interrupt_kept_from_beginning_neither_run_nor_hold_up_virtual_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, closing, ran = VirtualClock(), threads.Event(), list[int]()
    start = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        if len(ran) == 1:
            raise KeyboardInterrupt
        start(thread)
        while not clock._blocked:  # nothing else shows that the other thread sleeps
            pass

    def first() -> None:
        ran.append(1)
        _sleep_on(clock, closing)

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        threads.gather(clock, [first, lambda: ran.append(2), lambda: ran.append(3)])
    began = clock.monotonic()
    clock.sleep(45)  # the first thread wakes in the middle of it, and sleeps on
    assert (clock.monotonic() - began, ran) == (45, [1])
    closing.set()
