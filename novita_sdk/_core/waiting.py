"""When a wait is over: the status table, and the pauses between two polls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.unset import UNSET
from novita_sdk.options import CallOptions

Target: TypeAlias = Literal["running", "exited", "gone"]

TARGETS: Final[tuple[Target, ...]] = ("running", "exited", "gone")

_SHORTEST_PAUSE: Final = 2.0  # seconds
_PAUSE_SHARE: Final = 0.15  # of the time waited so far

APPEARANCE_GRACE: Final = 60.0
"""Seconds for which a resource that was never seen may still be on its way into the lists."""

LAST_POLL: Final = 2.0
"""Seconds before the end of a wait at which the last poll begins, so that its answer is in by then."""

_LONGEST_POLL: Final = 10.0  # seconds
_POLL: Final = CallOptions(max_retries=0, total_timeout=_LONGEST_POLL, priority="poll", cache="bypass")


class Verdict(Enum):
    """What a status means for a wait."""

    GOES_ON = "goes on"
    REACHED = "reached"
    IMPOSSIBLE = "impossible"


_GONE: Final = "gone"
_GOES_ON, _REACHED, _IMPOSSIBLE = Verdict.GOES_ON, Verdict.REACHED, Verdict.IMPOSSIBLE
# status -> verdict when waiting for (running, exited, gone); every other status goes on
_TABLE: Final[Mapping[str, tuple[Verdict, Verdict, Verdict]]] = MappingProxyType(
    {
        InstanceStatus.RUNNING.value: (_REACHED, _GOES_ON, _GOES_ON),
        InstanceStatus.EXITED.value: (_IMPOSSIBLE, _REACHED, _GOES_ON),
        InstanceStatus.TO_REMOVE.value: (_IMPOSSIBLE, _IMPOSSIBLE, _GOES_ON),
        InstanceStatus.REMOVING.value: (_IMPOSSIBLE, _IMPOSSIBLE, _GOES_ON),
        InstanceStatus.REMOVED.value: (_IMPOSSIBLE, _IMPOSSIBLE, _REACHED),
        _GONE: (_IMPOSSIBLE, _IMPOSSIBLE, _REACHED),
    }
)


def judge_status(status: str | None, target: Target) -> Verdict:
    """Return what a status means.

    Args:
        status: The instance's status, or None if there is no such instance any more.
        target: What is waited for.
    """
    row = _TABLE.get(_GONE if status is None else str(status))
    return _GOES_ON if row is None else row[TARGETS.index(target)]


def poll_pause(waited: float, longest: float, swing: float) -> float:
    """Return the seconds until the next poll: short at first, then a fixed share of the time waited.

    Args:
        waited: Seconds since the wait began.
        longest: Longest pause, in seconds.
        swing: Factor between 0.9 and 1.1, so that many waiters do not poll in step.
    """
    return min(longest, max(_SHORTEST_PAUSE, _PAUSE_SHARE * waited)) * swing


def poll_options(left: float | None) -> CallOptions:
    """Return the options of a poll: one short attempt that gives way to the user's own calls.

    Args:
        left: Seconds left of the wait, or None for a wait without end.
    """
    return _POLL if left is None or left >= _LONGEST_POLL else attrs.evolve(_POLL, total_timeout=left)


def wait_timeout(value: object, default: float) -> float | None:
    """Return the seconds that a wait may last.

    Args:
        value: What the caller gave: seconds, a `timedelta`, None for no limit, UNSET for the default.
        default: The settings' figure.

    Raises:
        ValidationError: It is not a positive duration.
    """
    if value is UNSET:
        return default
    if value is None:
        return None
    given = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(given, int | float) and not isinstance(given, bool) and 0 < given < math.inf:
        return float(given)
    message = "must be seconds above 0, a timedelta, or None for no limit"
    raise ValidationError(problems=(problem("timeout", value, message),))


@attrs.frozen(kw_only=True)
class Progress:
    """What a wait tells while it lasts.

    Attributes:
        resource_id: What is waited for.
        status: Its status now; None if it does not exist (yet).
        previous: Its status at the poll before.
        elapsed: Seconds waited.
        polls: Polls made so far.
        failed_polls: How many of them got no answer.
    """

    resource_id: str
    status: str | None
    previous: str | None
    elapsed: float
    polls: int
    failed_polls: int

    def __str__(self) -> str:
        return f"{self.resource_id}: {self.status or 'not there'} after {self.elapsed:.0f} s"
