# Generated from novita_sdk/_async/lifecycle/fan_out.py by tools/unasync.py; edit the source.
"""Many calls side by side, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Lock, gather

T = TypeVar("T")


def fan_out(clock: Clock, calls: Sequence[Callable[[], T]], at_a_time: int) -> list[T]:
    """Make all calls, begun in order, and return what they returned, in order.

    Args:
        clock: The clock they sleep on.
        calls: What to call; it handles its own errors, because the first one that gets out ends everything.
        at_a_time: How many are under way at once.
    """
    results: dict[int, T] = {}
    waiting = iter(range(len(calls)))
    lock = Lock()

    def work_through() -> None:
        while True:
            with lock:
                index = next(waiting, None)
            if index is None:
                return
            results[index] = calls[index]()

    gather(clock, [work_through] * min(at_a_time, len(calls)))
    return [results[index] for index in range(len(calls))]
