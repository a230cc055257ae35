"""When to look for the effect of a call whose answer was lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_FIRST: Final = 0.5  # seconds to the first look
_GROWTH: Final = 1.6
_LONGEST: Final = 5.0

INTERRUPTED_WINDOW: Final = 5.0
"""Seconds in which a call that was interrupted in flight still looks for what it made."""

LAST_LOOK: Final = 10.0
"""Seconds that the look at the end of a window may take where no call's deadline bounds it."""

STATE_RULE_PAUSES: Final = (2.0, 4.0)
"""Seconds between the sends of an action that met "invalid state change": three sends at most."""

STATE_RULE_REREAD: Final = 2.0
"""Seconds between "invalid state change" and the re-read that judges it."""


def look_instants(window: float) -> Iterator[float]:
    """Yield the seconds, from the moment of doubt, at which to look; the last one is the window's end."""
    at, pause = _FIRST, _FIRST
    while at < window:
        yield at
        pause = min(_LONGEST, pause * _GROWTH)
        at += pause
    yield window
