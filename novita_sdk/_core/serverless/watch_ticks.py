"""When the list of endpoints is read for the watchers of a client."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from novita_sdk._core.lifecycle.stock import pause_after

SHORTEST_INTERVAL: Final = 2.0
"""Shortest interval between two looks, in seconds."""

_SHARE: Final = 0.5  # of the rate of a family, at most, goes into polling


def page_pause(rate_limit: int | None) -> float:
    """Return the seconds to leave for each page that was read, so that half of the rate is left for others.

    Args:
        rate_limit: Requests allowed in 60 seconds; None for no limit.
    """
    return 0.0 if rate_limit is None else 60.0 / (_SHARE * rate_limit)


class WatchTicks:
    """The looks that were made, and when the next one is due.

    Attributes:
        failures: Looks that failed in a row, up to now.
        failing_since: When the first of them failed.
    """

    def __init__(self) -> None:
        self.failures = 0
        self.failing_since: datetime | None = None
        self._last = float("-inf")
        self._swing = 1.0
        self._not_before = float("-inf")

    def due(self, intervals: Iterable[float]) -> float:
        """Return the monotonic time of the next look.

        Args:
            intervals: Seconds between two looks, as each watcher asked for.
        """
        pause = pause_after(min(intervals), self.failures) * self._swing
        return max(self._last + pause, self._not_before)

    def hurry(self) -> None:
        """Let the next look be due at once."""
        self._last = self._not_before = float("-inf")

    def looked(self, now: float, swing: float) -> None:
        """Note a look that brought a list."""
        self._last, self._swing, self._not_before = now, swing, now
        self.failures, self.failing_since = 0, None

    def failed(self, now: float, swing: float, *, wait: float, at: datetime) -> None:
        """Note a look that failed.

        Args:
            now: Monotonic time.
            swing: Factor for the next pause.
            wait: Seconds for which the service wants to be left alone.
            at: The time.
        """
        self._last, self._swing, self._not_before = now, swing, now + wait
        self.failures += 1
        self.failing_since = self.failing_since or at
