"""When a wait polls next: often at first, then at a share of the time waited, and once more before its end."""

from __future__ import annotations

from typing import Final

import attrs

from novita_sdk.options import CallOptions

SHORTEST_PAUSE: Final = 2.0
"""Shortest pause between two polls, in seconds."""

_PAUSE_SHARE: Final = 0.15  # of the time waited so far

LAST_POLL: Final = 2.0
"""Seconds before the end of a wait at which the last poll begins, so that its answer is in by then."""

_LONGEST_POLL: Final = 10.0  # seconds
_POLL: Final = CallOptions(max_retries=0, total_timeout=_LONGEST_POLL, priority="poll", cache="bypass")


def poll_pause(waited: float, longest: float, swing: float) -> float:
    """Return the seconds until the next poll: short at first, then a fixed share of the time waited.

    Args:
        waited: Seconds since the wait began.
        longest: Longest pause, in seconds.
        swing: Factor between 0.9 and 1.1, so that many waiters do not poll in step.
    """
    return min(longest, max(SHORTEST_PAUSE, _PAUSE_SHARE * waited)) * swing


def poll_options(left: float | None) -> CallOptions:
    """Return the options of a poll: one short attempt that gives way to the user's own calls.

    Args:
        left: Seconds left of the wait, or None for a wait without end.
    """
    return _POLL if left is None or left >= _LONGEST_POLL else attrs.evolve(_POLL, total_timeout=left)


@attrs.frozen(kw_only=True)
class PollSchedule:
    """The instants at which one wait polls, as readings of the monotonic clock.

    Attributes:
        began: When the wait began.
        until: When it ends; None for never.
        longest: Longest pause in seconds.
        fixed: Pause in seconds that is always the same; None for pauses that grow.
    """

    began: float
    until: float | None
    longest: float
    fixed: float | None = None

    def next_poll(self, now: float, swing: float, not_before: float = 0.0) -> float | None:
        """Return when to poll next; None if the wait ends before another poll could.

        Args:
            now: The time.
            swing: Factor between 0.9 and 1.1.
            not_before: Seconds for which the service wants to be left alone.
        """
        pause = poll_pause(now - self.began, self.longest, swing) if self.fixed is None else self.fixed
        due = now + max(pause, not_before)
        if self.until is None or due <= self.until - LAST_POLL:
            return due
        last = self.until - LAST_POLL
        return last if now < last and now + not_before <= last else None
