"""The life of an instance as a plan over time: what it was, is, and will be if nobody intervenes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Segment(NamedTuple):
    """A stretch of an instance's life, from `at` to the next segment.

    Attributes:
        at: Its beginning, in milliseconds.
        status: The status word.
        spot: The spot status word; empty for other billing modes.
        rate: What is charged meanwhile, in 1/100000 USD per hour.
        held: How many units of stock it takes meanwhile.
    """

    at: int
    status: str
    spot: str
    rate: int
    held: int


class Interval(NamedTuple):
    """A charge: from `start` up to `end`, in whole seconds, at `rate` (1/100000 USD per hour)."""

    start: int
    end: int
    rate: int


class Timeline:
    """Segments in order of time. The past is history, the future a plan that may be replaced."""

    __slots__ = ("_segments",)

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = list(segments)

    def at(self, now: int) -> Segment:
        """Return the segment that holds at `now`; before the beginning, the first."""
        for segment in reversed(self._segments):
            if segment.at <= now:
                return segment
        return self._segments[0]

    def future(self, now: int) -> list[Segment]:
        """Return the segments that begin after `now`."""
        return [segment for segment in self._segments if segment.at > now]

    def replan(self, now: int, segments: Sequence[Segment]) -> None:
        """Put `segments` in place of everything that begins after `now`."""
        while len(self._segments) > 1 and self._segments[-1].at > now:
            self._segments.pop()
        self._segments.extend(segments)

    def history(self, now: int) -> list[Segment]:
        """Return the segments that have begun by `now`."""
        return [segment for segment in self._segments if segment.at <= now]

    def entered(self, status: str, now: int) -> int | None:
        """Return when `status` was last entered from another one, in milliseconds, or None."""
        return self._last_entry([(segment.at, segment.status == status) for segment in self.history(now)])

    def reclaimed(self, now: int) -> int | None:
        """Return when the last spot reclaim started, in milliseconds, or None."""
        return self._last_entry([(segment.at, segment.spot == "reclaiming") for segment in self.history(now)])

    @staticmethod
    def _last_entry(marks: list[tuple[int, bool]]) -> int | None:
        found = None
        before = False
        for at, holds in marks:
            if holds and not before:
                found = at
            before = holds
        return found

    def charges(self, now: int) -> Iterator[Interval]:
        """Return what has been charged by `now`, in whole seconds."""
        history = self.history(now)
        for index, segment in enumerate(history):
            end = history[index + 1].at if index + 1 < len(history) else now
            start, end = segment.at // 1000, end // 1000
            if segment.rate and end > start:
                yield Interval(start, end, segment.rate)
