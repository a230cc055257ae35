"""Messages of the outbox: how they stand in a store, and what is told of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, cast

import attrs

from novita_sdk._core.stores.answers import DeadItem
from novita_sdk._core.webhooks.delivery_stats import DeliveryStats
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.json_types import JSON
from novita_sdk.models.webhook_event import WebhookEvent

TARGETS: Final = "outbox-target:"
"""What the keys of the records about targets begin with."""

MOST_PENDING: Final = 100_000
"""Messages that may wait."""

LARGEST_BODY: Final = 48 * 1024
"""Bytes of the largest body."""

IN_FLIGHT: Final = 8
"""Attempts that one worker makes at a time."""

IN_FLIGHT_PER_TARGET: Final = 4
"""The same for one target."""

LOOK_EVERY: Final = 1.0
"""Seconds between two looks for messages that are due, while there are none."""

PARKED_EVERY: Final = 60.0
"""Seconds between two looks for messages to targets that nobody here knows."""

_SCHEMA: Final = 1
_GROUP_DIGITS: Final = 32


def queue_of(target: str) -> str:
    """Name the queue of a target: each has its own, so that one which is left alone holds up no other."""
    return f"outbox:{target}"


def key_of(target: str) -> str:
    """Name the record about a target."""
    return f"{TARGETS}{target}"


def target_record(*, disabled: bool) -> dict[str, JSON]:
    """Write down whether a target gets anything."""
    return {"v": _SCHEMA, "disabled": disabled}


def is_disabled(record: Mapping[str, JSON]) -> bool:
    """Tell whether a target gets nothing, because its receiver said that it is gone for good."""
    return record.get("disabled") is True


def group_of(event: WebhookEvent) -> str | None:
    """Name the group of messages that keep their order: those of an instance; None for events of the account."""
    instance_id = event.novita_instance_id or event.instance_id
    return None if instance_id is None else hashlib.sha256(instance_id.encode()).hexdigest()[:_GROUP_DIGITS]


def item_of(body: bytes) -> dict[str, JSON]:
    """Make the item of a message.

    Raises:
        ValidationError: Its body is too large.
    """
    if len(body) > LARGEST_BODY:
        words = f"must be at most {LARGEST_BODY} bytes for the outbox, not {len(body)}"
        raise ValidationError(problems=(problem("event", "...", words),))
    return {"v": _SCHEMA, "body": body.decode()}


def body_of(item: Mapping[str, JSON]) -> bytes:
    """Give the bytes of a message, which are the same at every attempt."""
    return cast("str", item["body"]).encode()


@attrs.frozen(kw_only=True)
class DeadLetter:
    """A message that was given up.

    Attributes:
        message_id: Its id.
        target: The name of its target.
        reason: "exhausted" after the last attempt, "target_gone" if the receiver answered 410.
        attempts: How often it was tried.
        died_at: When it was given up.
        body: What it says.
    """

    message_id: str
    target: str
    reason: str
    attempts: int
    died_at: datetime
    body: bytes = attrs.field(repr=False)


def dead_letter(target: str, item: DeadItem) -> DeadLetter:
    """Read a dead item."""
    return DeadLetter(
        message_id=item.id,
        target=target,
        reason=item.reason,
        attempts=item.attempts,
        died_at=datetime.fromtimestamp(item.died_at, UTC),
        body=body_of(item.payload),
    )


@attrs.frozen(kw_only=True)
class OutboxStats:
    """What the outbox holds for one target, and what this process did for it.

    Attributes:
        pending: Messages that wait for an attempt.
        claimed: Messages that a worker has in hand.
        dead: Dead letters.
        oldest_pending_age: Seconds since the oldest message that is neither delivered nor dead was put in, or
            replayed; None without one.
        disabled: Whether the receiver answered 410, so that nothing is sent to it until `enable`.
        known: Whether the target is one of this outbox; messages of others are parked.
        delivery: What the workers of this process did.
    """

    pending: int
    claimed: int
    dead: int
    oldest_pending_age: float | None
    disabled: bool
    known: bool
    delivery: DeliveryStats
