"""What every wait has in common: verdicts, the time it may take, and what it tells while it lasts."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk._core.durations import positive_seconds
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.money import Money
from novita_sdk.models.unset import UNSET

APPEARANCE_GRACE: Final = 60.0
"""Seconds for which a resource that was never seen may still be on its way into the lists."""

ProgressKind: TypeAlias = Literal["transition", "poll", "poll_failed", "probe", "stalled"]
"""What a progress report is about: a new status, a poll, a failed one, a round of probes, no change for long."""


class Verdict(Enum):
    """What a sight means for a wait."""

    GOES_ON = "goes on"
    REACHED = "reached"
    IMPOSSIBLE = "impossible"


@attrs.frozen(kw_only=True)
class Judgement:
    """A verdict with its reason.

    Attributes:
        verdict: The verdict.
        reason: Why it is impossible, in one word.
        server_message: What the service says about it.
        look_again: Seconds after which a look of its own must confirm this sight; None for none.
        stalled: Whether nothing has changed for so long that it is worth a word.
    """

    verdict: Verdict
    reason: str | None = None
    server_message: str | None = None
    look_again: float | None = None
    stalled: bool = False


def wait_timeout(value: object, default: float, name: str = "timeout") -> float | None:
    """Return the seconds that a wait may last.

    Args:
        value: What the caller gave: seconds, a `timedelta`, None for no limit, UNSET for the default.
        default: The settings' figure.
        name: The argument's name.

    Raises:
        ValidationError: It is not a positive duration.
    """
    if value is UNSET:
        return default
    if value is None:
        return None
    given = positive_seconds(value)
    if given is not None:
        return given
    message = "must be seconds above 0, a timedelta, or None for no limit"
    raise ValidationError(problems=(problem(name, value, message),))


@attrs.frozen(kw_only=True)
class Progress:
    """What a wait tells while it lasts.

    Attributes:
        resource_id: What is waited for.
        kind: What this report is about.
        phase: What is being waited for, such as `startup` or `readiness`.
        status: Its status now; None if it does not exist (yet).
        previous: Its status at the poll before.
        elapsed: Seconds waited.
        attempt: Polls made so far; of a report about probes, rounds made so far.
        failed_polls: How many polls got no answer.
        operation_id: The operation the wait belongs to, if it has one.
        probes: The results of the last round of probes.
        cost_so_far: What the instance has cost since the operation began, at most; None if its price is not known.
        message: What the service or the probes say, for people.
    """

    resource_id: str
    kind: ProgressKind
    phase: str
    status: str | None
    previous: str | None
    elapsed: float
    attempt: int
    failed_polls: int
    operation_id: str | None = None
    probes: tuple[object, ...] = ()
    cost_so_far: Money | None = None
    message: str | None = None

    def __str__(self) -> str:
        told = f"{self.resource_id}: {self.status or 'not there'} after {self.elapsed:.0f} s"
        if self.kind == "probe":
            told += ", waiting for it to answer" if self.message else ", and it answers"
        return f"{told} ({self.message})" if self.message else told
