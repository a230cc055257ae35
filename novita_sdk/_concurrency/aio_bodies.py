"""The body of an `async with` statement that may be ended from outside, by another task or by a signal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import TracebackType

import anyio

from novita_sdk._concurrency.aio import Background, Running

DEFERRED: tuple[type[BaseException], ...] = (KeyboardInterrupt, SystemExit)
"""What a cleanup holds back until it is done. A cancelled task is shielded anyway."""

TERMINATED = 128 + signal.SIGTERM
"""The exit status of a process that was told to end."""


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
