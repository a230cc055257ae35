"""Whether a failed attempt is made again, and after what delay."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias

import attrs

from novita_sdk._core.breaker import Refusal, State
from novita_sdk._core.budget import RetryBudget
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.outcome import OUTCOMES, Action, Outcome
from novita_sdk.options import RetryPolicy

StopReason: TypeAlias = Literal["attempts", "class", "retry_after", "deadline", "circuit_open", "budget"]

# A server that throttles without saying for how long gets at least this pause, in seconds.
_SHORTEST_THROTTLE_DELAY = 1.0

_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-5][0-9]|60)"
_SHORT_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_LONG_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
# The fixed form, and the two obsolete ones that a receiver of HTTP has to read as well.
_DATES = (
    rf"{_SHORT_DAY}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT",
    rf"{_LONG_DAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
    rf"{_SHORT_DAY} {_MONTH} (?P<day>[0-9 ][0-9]) {_TIME} (?P<year>[0-9]{{4}})",
)


@attrs.frozen
class RetryAfter:
    """Send again.

    Attributes:
        delay: Seconds to sleep first.
        cost: What was paid for it; to be refunded if the sleep is cancelled.
    """

    delay: float
    cost: int


@attrs.frozen
class Stop:
    """Do not send again; what came last is the result.

    Attributes:
        reason: The first rule that said no.
    """

    reason: StopReason


def decide(
    *,
    policy: RetryPolicy,
    outcome: Outcome,
    safety: Safety,
    retries: int,
    retry_after: float | None,
    ceilings: Iterator[float],
    jitter: Callable[[float], float],
    circuit: Refusal | None,
    deadline: Deadline,
    budget: RetryBudget,
    now: float,
) -> RetryAfter | Stop:
    """Apply the retry rules in their order; the first one that says no ends the call.

    Args:
        policy: The limits and costs.
        outcome: What came of the last attempt.
        safety: The class of the operation. A re-read that is due has been made, and said "not done".
        retries: Retries made so far in this call.
        retry_after: Seconds the server asked for, as `parse_retry_after` read them.
        ceilings: The longest jittered delay of each retry in turn; asked for one only when a delay is needed.
        jitter: Draws a delay below a ceiling.
        circuit: What the breaker's `peek` says now.
        deadline: The end of the call.
        budget: Pays for the retry, last of all.
        now: Monotonic seconds.

    Returns:
        The delay and what was paid, or the reason to stop.
    """
    row = OUTCOMES[outcome]
    if retries >= policy.max_retries:
        return Stop("attempts")
    if row.action(safety) not in {Action.RETRY, Action.REREAD}:
        return Stop("class")
    if retry_after is not None and retry_after > policy.max_retry_after:
        return Stop("retry_after")
    delay = max(retry_after or 0.0, jitter(next(ceilings)))
    if row.cost == "throttled" and retry_after is None:
        delay = max(delay, _SHORTEST_THROTTLE_DELAY)
    if delay >= deadline.left(now):
        return Stop("deadline")
    if circuit is not None and circuit.state is State.OPEN and circuit.retry_after > delay:
        return Stop("circuit_open")
    cost = policy.throttled_cost if row.cost == "throttled" else policy.transient_cost
    return RetryAfter(delay, cost) if budget.pay(cost) else Stop("budget")


def parse_retry_after(values: Sequence[str], date: str | None, wall_now: float) -> float | None:
    """Read the `Retry-After` header of an answer.

    Args:
        values: Every value of the header in the answer.
        date: The answer's `Date` header. A date in `Retry-After` is measured against it, since the server's
            clock and ours may differ.
        wall_now: Wall time in seconds since 1970, used where `date` cannot be read.

    Returns:
        Seconds to wait, 0 for a moment that has passed; None if the header is absent, repeated or unreadable.
    """
    if len(values) != 1:
        return None
    text = values[0].strip(" \t")
    if _SECONDS.fullmatch(text):
        seconds = float(text)
        return seconds if math.isfinite(seconds) else None
    moment = parse_date(text, wall_now)
    if moment is None:
        return None
    sent = None if date is None else parse_date(date.strip(" \t"), wall_now)
    return max(0.0, moment - (wall_now if sent is None else sent))


def parse_date(text: str, wall_now: float) -> float | None:
    """Read an HTTP date in any of its three forms.

    Args:
        text: The date.
        wall_now: Wall time in seconds since 1970, which tells the century of a year with two digits.

    Returns:
        Seconds since 1970, or None for other text.
    """
    match = next((found for form in _DATES if (found := re.fullmatch(form, text))), None)
    if match is None:
        return None
    year = int(match["year"])
    if len(match["year"]) == 2:
        # Of the years with these two digits, the latest that is no more than 50 years ahead.
        latest = datetime.fromtimestamp(wall_now, UTC).year + 50
        year = latest - (latest - year) % 100
    try:
        minute = datetime(
            year,
            _MONTHS.index(match["month"]) + 1,
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            tzinfo=UTC,
        )
    except ValueError:
        return None  # a day or hour that does not exist
    return minute.timestamp() + int(match["second"])  # a leap second counts into the next minute
