"""Delivery from the outbox: ten attempts over three days, because receivers get repaired."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from novita_sdk._core.webhooks.delivery import Delivered, Outcome, is_delivered

PAUSES: Final = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
"""Seconds from the end of each attempt to the next one."""

ATTEMPTS: Final = len(PAUSES) + 1

_STRETCH: Final = 0.1  # of a pause: so that messages which failed together do not all return together
_LONGEST_RETRY_AFTER: Final = 86400.0
_OVERLOADED: Final = frozenset({429, 502, 503, 504})
_GONE: Final = 410
_SHORTEST_LEASE: Final = 60.0
_AFTER_TIMEOUT: Final = 5.0


@attrs.frozen
class Later:
    """Another attempt is due.

    Attributes:
        delay: Seconds from now.
        pause: Seconds for which the target gets nothing at all; 0 if only this message waits.
    """

    delay: float
    pause: float = 0.0


@attrs.frozen
class Dead:
    """The message becomes a dead letter.

    Attributes:
        reason: Every attempt failed, or the receiver is gone for good and the target is disabled.
    """

    reason: Literal["exhausted", "target_gone"]


def after_outbox_attempt(
    outcome: Outcome, *, made: int, retry_after: float | None, draw: float
) -> Delivered | Later | Dead:
    """Decide what follows an attempt.

    Args:
        outcome: What came of it.
        made: Attempts made so far, this one included.
        retry_after: Seconds the receiver asked to wait, as `parse_retry_after` read them.
        draw: A random number from 0 to 1.
    """
    if is_delivered(outcome):
        return Delivered()
    if outcome == _GONE:
        return Dead("target_gone")
    if made >= ATTEMPTS:
        return Dead("exhausted")
    asked = min(retry_after or 0.0, _LONGEST_RETRY_AFTER)
    delay = PAUSES[made - 1] * (1 + _STRETCH * draw)
    return Later(max(delay, asked), asked if outcome in _OVERLOADED else 0.0)


def lease_for(timeout: float) -> float:
    """Tell how long a worker holds a message, in seconds: at least twice as long as it can be sending it."""
    return max(_SHORTEST_LEASE, 2 * timeout + _AFTER_TIMEOUT)
