"""What reading back after an update shows: done, not yet, or somebody else was there."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum
from typing import Final, NamedTuple

from novita_sdk._core.serverless.updates import PLACES, Record, differing, lacking

READ_BACK_PAUSE: Final = 0.5
"""Seconds until the second reading; each later pause is twice as long."""

READ_BACK_TIME: Final = 10.0
"""Seconds for which a written change may take to show."""

ROUNDS: Final = 3
"""How often a change is laid over what somebody else has written meanwhile, and how often it is sent."""


class Shows(Enum):
    """What a record that was read back shows."""

    DONE = "done"
    NOT_YET = "not yet"
    FOREIGN = "foreign"
    CONFLICT = "conflict"


class ReadBack(NamedTuple):
    """What a record that was read back shows.

    Attributes:
        shows: What became of the change.
        missing: Settings of ours that do not show.
        foreign: Settings that somebody else has changed.
    """

    shows: Shows
    missing: tuple[str, ...]
    foreign: tuple[str, ...]


def read_back(base: Record, body: Record, found: Record, ours: Collection[str]) -> ReadBack:
    """Compare what was read before, what was sent, and what is there now.

    Args:
        base: The record before the update.
        body: What was sent.
        found: The record now.
        ours: The settings that the update changes.
    """
    missing = lacking(found, body, ours)
    others = tuple(name for name in differing(found, base) if name not in ours)
    if not missing:
        return ReadBack(Shows.DONE, (), others)
    overruled = tuple(name for name in missing if name in PLACES and differing(found, base, [name]))
    if overruled:
        return ReadBack(Shows.CONFLICT, missing, overruled)
    return ReadBack(Shows.FOREIGN if others else Shows.NOT_YET, missing, others)
