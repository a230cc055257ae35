"""The body of a `with` statement, which nothing can end from outside but a signal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Background

DEFERRED: tuple[type[BaseException], ...] = (KeyboardInterrupt, SystemExit)
"""What a cleanup holds back until it is done; a second one ends it."""

TERMINATED = 128 + signal.SIGTERM
"""The exit status of a process that was told to end."""


def to_the_end(work: Callable[[], None], _clock: Clock, _seconds: float) -> None:
    """Do a cleanup to its end, even if it is interrupted; that is raised when it is done. A second interrupt ends it.

    Args:
        work: The cleanup, which bounds itself; begun anew after an interrupt.
        _clock: The clock it sleeps on.
        _seconds: How long a task would be allowed to take.
    """
    try:
        work()
    except DEFERRED as interrupt:
        work()
        raise interrupt from None


class BodyScope:
    """A stretch of a thread, from `enter` to `leave`."""

    def enter(self) -> None:
        """Begin it."""

    def leave(
        self,
        _exc_type: type[BaseException] | None,
        _exc: BaseException | None,
        _traceback: TracebackType | None,
    ) -> bool:
        """End it; return False, as an exception is never one of its own."""
        return False

    def end(self) -> bool:
        """Return False: a thread goes on whatever is done to it."""
        return False


class Termination:
    """SIGTERM, from `watch` to `end`: it raises SystemExit in the main thread.

    Args:
        _background: Not needed by threads.
        tell: Called when it has come.
    """

    def __init__(self, _background: Background, tell: Callable[[], object]) -> None:
        self._tell = tell
        self._before: Any = None
        self._watching = False

    def watch(self) -> None:
        """Wait for it from now on."""
        self._before = signal.signal(signal.SIGTERM, self._come)
        self._watching = True

    def end(self) -> None:
        """Leave it to whoever handled it before."""
        if self._watching:
            self._watching = False
            signal.signal(signal.SIGTERM, self._before)

    def _come(self, _number: int, _frame: FrameType | None) -> None:
        self._tell()
        raise SystemExit(TERMINATED)


def may_handle_signals() -> bool:
    """Tell whether this is the one thread in which signals can be handled."""
    return threading.current_thread() is threading.main_thread()
