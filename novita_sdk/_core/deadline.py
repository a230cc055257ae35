"""The instant at which a call ends, and what is left until then."""

from __future__ import annotations

import math
from typing import Self

import attrs


@attrs.frozen
class Deadline:
    """The end of a call on the monotonic clock.

    Attributes:
        at: Monotonic seconds, or None for a call that may take for ever.
    """

    at: float | None = None

    @classmethod
    def after(cls, seconds: float | None, now: float) -> Self:
        """Return the deadline `seconds` from `now`, or one that never comes if `seconds` is None."""
        return cls(None if seconds is None else now + seconds)

    def left(self, now: float) -> float:
        """Return the seconds that are left, never below 0; infinite without a deadline."""
        return math.inf if self.at is None else max(0.0, self.at - now)

    def expired(self, now: float) -> bool:
        """Tell whether no time is left."""
        return self.at is not None and now >= self.at

    def cut(self, seconds: float | None, now: float) -> float | None:
        """Shorten a timeout to what is left.

        Args:
            seconds: The timeout, or None for no limit of its own.
            now: Monotonic seconds.

        Returns:
            The shorter of the two, or None if neither sets a limit.
        """
        if self.at is None:
            return seconds
        left = self.left(now)
        return left if seconds is None else min(seconds, left)
