"""How a loop of passes is doing: its counts, and whether anybody has to look after it."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from math import ceil
from typing import Final

import attrs

_JUDGED: Final = 20  # of so many passes, the last ones, the share of failures counts
_FEWEST: Final = 10  # fewer passes prove nothing
_LATE: Final = 3  # intervals after which a loop without a new pass has stopped


@attrs.frozen(kw_only=True)
class LoopStats:
    """What a loop has done.

    Attributes:
        passes: Passes that ended.
        failed: How many of them failed.
        consecutive_failures: How many failed since one last succeeded.
        last_pass: When the last one ended.
        next_pass: When the next one is due; None while no loop runs.
        last_error: What the last failure was; None if none ever failed.
    """

    passes: int = 0
    failed: int = 0
    consecutive_failures: int = 0
    last_pass: datetime | None = None
    next_pass: datetime | None = None
    last_error: str | None = None


@attrs.frozen(kw_only=True)
class LoopHealth(LoopStats):
    """Whether a loop does its work.

    Attributes:
        healthy: Whether it does.
        reasons: Why not.
        running: Whether `run()` is under way.
        lease_holder: Whether this one held the lease when it last asked for it; None if it needs none.
    """

    healthy: bool
    reasons: tuple[str, ...]
    running: bool
    lease_holder: bool | None


@attrs.define
class LoopRecord:
    """The memory behind the figures of one loop."""

    passes: int = 0
    failed: int = 0
    consecutive_failures: int = 0
    last_wall: float | None = None
    next_wall: float | None = None
    last_error: str | None = None
    alive_at: float | None = None
    """When the last pass ended, or else the loop began, by the monotonic clock."""
    _outcomes: deque[bool] = attrs.field(factory=lambda: deque[bool](maxlen=_JUDGED))

    def ended(self, error: str | None, *, monotonic: float, wall: float) -> None:
        """Count a pass that ended, well or with an error."""
        self.passes += 1
        self.alive_at, self.last_wall = monotonic, wall
        self._outcomes.append(error is None)
        if error is None:
            self.consecutive_failures = 0
        else:
            self.failed += 1
            self.consecutive_failures += 1
            self.last_error = error

    def stats(self) -> LoopStats:
        """Return the counts."""
        return LoopStats(
            passes=self.passes,
            failed=self.failed,
            consecutive_failures=self.consecutive_failures,
            last_pass=_moment(self.last_wall),
            next_pass=_moment(self.next_wall),
            last_error=self.last_error,
        )

    def health(
        self, *, interval: float, monotonic: float, running: bool, lease_holder: bool | None
    ) -> LoopHealth:
        """Judge the loop.

        Args:
            interval: Seconds between two passes.
            monotonic: Now.
            running: Whether the loop is under way.
            lease_holder: Handed through.
        """
        reasons: list[str] = []
        bad = self._outcomes.count(False)
        if len(self._outcomes) >= _FEWEST and 2 * bad > len(self._outcomes):
            reasons.append(f"{bad} of the last {len(self._outcomes)} passes failed: {self.last_error}")
        age = 0.0 if self.alive_at is None else monotonic - self.alive_at
        if age > _LATE * interval:
            reasons.append(f"no pass ended for {age:.0f} s, one is due every {interval:g} s")
        return LoopHealth(
            healthy=not reasons,
            reasons=tuple(reasons),
            running=running,
            lease_holder=lease_holder,
            **attrs.asdict(self.stats()),
        )


def next_start(previous: float, pause: float, now: float) -> float:
    """Return when the next pass begins: whole pauses after the previous one, those that are past left out.

    Args:
        previous: When the previous pass began.
        pause: Seconds between two beginnings.
        now: The moment that must not have passed.
    """
    return previous + pause * max(1, ceil((now - previous) / pause))


def _moment(wall: float | None) -> datetime | None:
    return None if wall is None else datetime.fromtimestamp(wall, UTC)
