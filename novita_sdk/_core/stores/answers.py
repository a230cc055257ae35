"""What state stores answer: entries, leases, claims, dead items, and what a store is good for."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

from novita_sdk.models.json_types import JSON

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Capabilities:
    """What a store is good for.

    Attributes:
        durable: What was accepted outlives the process and a loss of power.
        shared: Several processes may use it at once; otherwise a lease binds this process only.
    """

    durable: bool
    shared: bool


@attrs.frozen(kw_only=True)
class Entry:
    """One record.

    Attributes:
        key: The key it was asked for by.
        value: A JSON object with its schema number `v`; changing it changes no record.
        version: A number of 1 or more that grows with every write of the key, with gaps, and that no later
            record of the key has again, not even after a deletion.
        expires_at: When it ends, in seconds since 1970-01-01 UTC on the store's clock; None for never.
    """

    key: str
    value: dict[str, JSON]
    version: int
    expires_at: float | None


@attrs.frozen(kw_only=True)
class StorePage(Generic[T]):
    """A part of a longer answer.

    Attributes:
        items: The part.
        cursor: Ask with it for the next part; None at the end.
    """

    items: tuple[T, ...]
    cursor: str | None


@attrs.frozen(kw_only=True)
class Lease:
    """The right to act, until it runs out or is given back.

    Attributes:
        name: What the lease is about.
        owner: Who holds it.
        fence: A number that is higher with every new holder, and never starts again. A write that names an
            older one is refused.
        ttl: Seconds it lasts without being renewed.
    """

    name: str
    owner: str
    fence: int
    ttl: float


@attrs.frozen(kw_only=True)
class Claim:
    """One item of a queue, taken by one worker for a while.

    Attributes:
        queue: The queue.
        id: The item's id.
        payload: A JSON object with its schema number `v`.
        group: The group whose order the item keeps; None if it stands for itself.
        attempt: 1 when it is claimed for the first time, also after `requeue`.
        owner: Who claimed it.
        token: Tells this claim from every other, also of a later item with the same id.
    """

    queue: str
    id: str
    payload: dict[str, JSON]
    group: str | None
    attempt: int
    owner: str
    token: str


@attrs.frozen(kw_only=True)
class DeadItem:
    """An item that was given up.

    Attributes:
        id: The item's id.
        payload: A JSON object with its schema number `v`.
        group: The group it belonged to, None if it stood for itself.
        attempts: How often it had been claimed.
        reason: Why it was given up.
        died_at: When, in seconds since 1970-01-01 UTC on the store's clock.
    """

    id: str
    payload: dict[str, JSON]
    group: str | None
    attempts: int
    reason: str
    died_at: float


@attrs.frozen(kw_only=True)
class QueueCounts:
    """How many items a queue holds.

    Attributes:
        waiting: Not claimed, whether due or not, those held back by their group included.
        claimed: Claimed and not finished; of a worker that died, until the item is claimed anew.
        dead: Given up.
        oldest_age: Seconds since the oldest item that is neither done nor dead was put in, or requeued; None
            without one.
    """

    waiting: int
    claimed: int
    dead: int
    oldest_age: float | None = None
