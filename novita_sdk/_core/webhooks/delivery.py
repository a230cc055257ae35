"""Delivery from within the program: what the outcome of an attempt means, and when to try again."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.narrowing import is_number, is_whole_number
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError

ATTEMPTS: Final = 4
"""Attempts to deliver a message, the first included."""

TIMEOUT: Final = 10.0
"""Seconds of one attempt, from resolving the name to the end of the answer."""

LARGEST_ANSWER: Final = 16_384
"""Bytes of an answer that are read; nobody looks at them."""

LONGEST_RETRY_AFTER: Final = 60.0
"""Seconds a receiver may ask to wait; asked for more, delivery stops."""

_MOST_ATTEMPTS: Final = 10
_TIMEOUTS: Final = (1.0, 30.0)
_LONGEST_PAUSE: Final = 30.0
_ASKS_FOR_A_REPEAT: Final = frozenset({408, 425, 429})
_TELLS_WHEN: Final = _ASKS_FOR_A_REPEAT | {503}


class Failure(Enum):
    """Why an attempt brought no answer."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    NAME = "name"
    CERTIFICATE = "certificate"
    REFUSED = "refused"


Outcome: TypeAlias = int | Failure
"""What came of an attempt: the status of the answer, or why there is none."""

_PASSING: Final = frozenset({Failure.TIMEOUT, Failure.CONNECTION, Failure.NAME})


@attrs.frozen
class Delivered:
    """The receiver took the message."""


@attrs.frozen
class TryAgain:
    """Another attempt is due.

    Attributes:
        delay: Seconds from the end of the last one.
    """

    delay: float


@attrs.frozen
class GiveUp:
    """No further attempt is made.

    Attributes:
        reason: No attempt is left, the outcome forbids another, or the receiver asked to wait for too long.
        retry_after: The seconds it asked for in that case.
    """

    reason: Literal["attempts", "outcome", "retry_after"]
    retry_after: float | None = None


def after_attempt(
    outcome: Outcome, *, made: int, attempts: int = ATTEMPTS, retry_after: float | None = None
) -> Delivered | TryAgain | GiveUp:
    """Decide what follows an attempt.

    Args:
        outcome: What came of it.
        made: Attempts made so far, this one included.
        attempts: Most attempts.
        retry_after: Seconds the receiver asked to wait, as `parse_retry_after` read them.
    """
    if is_delivered(outcome):
        return Delivered()
    if not _is_passing(outcome):
        return GiveUp("outcome")
    asked = retry_after if outcome in _TELLS_WHEN else None
    if asked is not None and asked > LONGEST_RETRY_AFTER:
        return GiveUp("retry_after", asked)
    if made >= attempts:
        return GiveUp("attempts")
    return TryAgain(max(min(2.0 ** (made - 1), _LONGEST_PAUSE), asked or 0.0))


def is_delivered(outcome: Outcome) -> bool:
    """Tell whether the receiver took the message. A redirect is no yes, and is not followed."""
    return not isinstance(outcome, Failure) and 200 <= outcome <= 299


def check_attempts(value: object) -> int:
    """Return how often a message may be tried.

    Raises:
        ValidationError: It is no whole number from 1 to 10.
    """
    if not is_whole_number(value) or not 1 <= value <= _MOST_ATTEMPTS:
        words = f"must be a whole number from 1 to {_MOST_ATTEMPTS}"
        raise ValidationError(problems=(problem("attempts", value, words),))
    return value


def check_timeout(value: Seconds) -> float:
    """Return the limit of one attempt in seconds.

    Raises:
        ValidationError: It is not from 1 to 30 seconds.
    """
    limit = seconds(value)
    if not is_number(limit) or not _TIMEOUTS[0] <= limit <= _TIMEOUTS[1]:
        raise ValidationError(problems=(problem("timeout", value, "must be from 1 to 30 seconds"),))
    return limit


def _is_passing(outcome: Outcome) -> bool:
    """Tell whether the same attempt may succeed later."""
    if isinstance(outcome, Failure):
        return outcome in _PASSING
    return outcome >= 500 or outcome in _ASKS_FOR_A_REPEAT
