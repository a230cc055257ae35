"""The body of an `async with` statement that may be ended from outside, by another task or by a signal."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType

import anyio

from novita_sdk._concurrency.aio import Background, Running
from novita_sdk._concurrency.clock import AsyncClock

DEFERRED: tuple[type[BaseException], ...] = (KeyboardInterrupt, SystemExit)
"""What a cleanup holds back until it is done, beside a cancellation; a second one ends it."""

TERMINATED = 128 + signal.SIGTERM
"""The exit status of a process that was told to end."""


async def to_the_end(work: Callable[[], Awaitable[None]], _clock: AsyncClock, seconds: float) -> None:
    """Do a cleanup to its end, for at most `seconds` of real time, whatever interrupts or cancels it meanwhile.

    That is raised when the cleanup is done; a second interrupt ends it. A shield keeps the cancellation of a scope
    off, but not `Task.cancel` of asyncio: there the cleanup has a task of its own.

    Args:
        work: The cleanup; begun anew after an interrupt.
        _clock: The clock it sleeps on; a virtual clock sees tasks by itself.
        seconds: The limit.
    """
    raised: list[BaseException] = []

    async def do() -> None:
        try:
            with anyio.move_on_after(seconds, shield=True):
                try:
                    await work()
                except DEFERRED as interrupt:
                    raised.append(interrupt)
                    await work()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - raised below: it would end the loop if it left a task
            raised.insert(0, error)

    try:
        await _in_own_task(do)
    except asyncio.CancelledError as cancelled:
        for error in raised:
            cancelled.add_note(f"{type(error).__name__}: {error}")
        raise
    for error in raised:
        raise error


async def _in_own_task(work: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run `work` so that a cancellation of this task waits for it; on trio shields are enough for that."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return await work()
    task = loop.create_task(work())
    first: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):
        while not task.done():
            try:
                await asyncio.wait((task,))
            except asyncio.CancelledError as cancelled:
                if first is not None:
                    task.cancel()
                    raise
                first = cancelled
    if first is not None:
        raise first
    return task.result()


class BodyScope:
    """A stretch of a task, from `enter` to `leave`, that can be cancelled by itself."""

    def __init__(self) -> None:
        self._scope = anyio.CancelScope()

    def enter(self) -> None:
        """Begin it; the same task calls `leave`."""
        self._scope.__enter__()

    def leave(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        """End it; return whether the exception is nothing but the cancellation by `end`."""
        return bool(self._scope.__exit__(exc_type, exc, traceback))

    def end(self) -> bool:
        """Cancel it; return True, as a task can be cancelled."""
        self._scope.cancel()
        return True


class Termination:
    """SIGTERM, from `watch` to `end`.

    Args:
        background: Where the task that waits for it lives.
        tell: Called when it has come.
    """

    def __init__(self, background: Background, tell: Callable[[], object]) -> None:
        self._background = background
        self._tell = tell
        self._running: Running | None = None

    def watch(self) -> None:
        """Wait for it from now on."""
        self._running = self._background.start(self._listen, _nothing)

    async def end(self) -> None:
        """Leave it to whoever handled it before."""
        if self._running is not None:
            await self._running.end()

    async def _listen(self) -> None:
        with anyio.open_signal_receiver(signal.SIGTERM) as signals:
            async for _ in signals:
                self._tell()


async def _nothing() -> None:
    """Stand in for what a thread would do at the end of the process."""


def may_handle_signals() -> bool:
    """Tell whether this is the one thread in which signals can be handled."""
    return threading.current_thread() is threading.main_thread()
