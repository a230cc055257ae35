"""When each step of a wait was first seen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeAlias

Timeline: TypeAlias = tuple[tuple[datetime, str], ...]
"""Pairs of an aware UTC time and a step, in order."""


class TimelineRecord:
    """Notes each step once, and lets no step lie before the one ahead of it though the clock was set back."""

    def __init__(self) -> None:
        self._steps: dict[str, datetime] = {}
        self._latest: datetime | None = None

    def note(self, step: str, wall: float) -> None:
        """Note a step at its first sight.

        Args:
            step: Its name: a status, or a step of the operation.
            wall: The wall time in seconds since 1970.
        """
        if step in self._steps:
            return
        at = datetime.fromtimestamp(wall, UTC)
        self._latest = at if self._latest is None else max(self._latest, at)
        self._steps[step] = self._latest

    def at(self, *steps: str) -> datetime | None:
        """Return when the first of these steps was reached; None if none of them was."""
        reached = [self._steps[step] for step in steps if step in self._steps]
        return min(reached) if reached else None

    def entries(self) -> Timeline:
        """Return all steps so far."""
        return tuple((at, step) for step, at in self._steps.items())
