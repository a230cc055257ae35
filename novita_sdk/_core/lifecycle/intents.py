"""The journal's record of a create: what was meant, how far it came, and what may be done about it next."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Literal, TypeAlias, cast

import attrs

from novita_sdk._core.marker import Marker
from novita_sdk.errors import (
    DuplicateCreateError,
    OutcomeUnknownError,
    StoreCorruptError,
    StoreVersionError,
)
from novita_sdk.models.json_types import JSON

IntentState: TypeAlias = Literal[
    "open", "created", "adopted", "refused", "not_sent", "duplicate", "unknown", "not_created"
]
"""`open`: under way, or left behind by a process that died. `unknown`: a whole window showed nothing."""

PREFIX: Final = "intent:"
LEASE_MARGIN: Final = 30.0
"""Seconds by which an owner's lease outlasts the deadline of its call."""

UNSETTLED: Final = frozenset[IntentState]({"open", "unknown", "duplicate"})
"""States in which something may exist that nobody has the id of."""

_FULFILLED: Final = frozenset[IntentState]({"created", "adopted"})
_NOTHING_MADE: Final = frozenset[IntentState]({"refused", "not_sent", "not_created"})
_SCHEMA: Final = 1
_DAY: Final = 86_400.0
_UNSETTLED_TTL: Final = 30 * _DAY
_SETTLED_TTL: Final = 7 * _DAY
_CLOCK_SLACK: Final = 60.0  # seconds by which the clocks of two owners may differ
_KEY_ID_DIGITS: Final = 12
_LISTS: Final = ("duplicates", "discarded")

_DESCRIBED: Final = ("name", "productId", "imageUrl", "clusterId", "billingMode")
"""What a record keeps of a body, for people and for comparing: never environment, command or credentials."""


@attrs.frozen(kw_only=True)
class Intent:
    """One create, as the journal knows it.

    Attributes:
        operation_id: Its identity, which its resource is marked with.
        operation: Name of the API operation.
        account: Whose it is.
        state: How far it came.
        owner: Who works on it; empty if nobody does.
        leased_at: When the owner took it, in seconds since 1970.
        lease_ttl: For how many seconds the owner holds it.
        created_at: When it was meant first.
        sent_at: When it was last sent; None if it never was.
        sends: How often it was sent, or was about to be.
        fingerprint: A keyed digest of the request, without the mark.
        key_id: Which key that digest was made with.
        marker: Where the mark is.
        required: Whether nothing was sent that is not counted here first.
        about: Some texts of the body by wire name.
        resource_id: What was made.
        duplicates: What carries the mark where several do.
        discarded: What carries the mark and was deleted on purpose.
        looks: Complete looks of the sweeper that found nothing.
        first_look_at: When the first of them was made.
        next_id: The operation id under which another product was tried, after this one was out of stock.
    """

    operation_id: str
    operation: str
    account: str = ""
    state: IntentState = "open"
    owner: str = ""
    leased_at: float = 0.0
    lease_ttl: float = 0.0
    created_at: float
    sent_at: float | None = None
    sends: int = 0
    fingerprint: str = ""
    key_id: str = ""
    marker: Marker = "env"
    required: bool = True
    about: Mapping[str, str] = attrs.field(factory=dict[str, str])
    resource_id: str | None = None
    duplicates: tuple[str, ...] = ()
    discarded: tuple[str, ...] = ()
    looks: int = 0
    first_look_at: float | None = None
    next_id: str | None = None

    @property
    def key(self) -> str:
        """Its key in the store."""
        return f"{PREFIX}{self.operation_id}"

    @property
    def ttl(self) -> float:
        """Seconds for which the store keeps it after a write."""
        return _UNSETTLED_TTL if self.state in UNSETTLED else _SETTLED_TTL

    @property
    def fulfilled(self) -> bool:
        """Whether the id of what it made is known."""
        return self.state in _FULFILLED and self.resource_id is not None

    @property
    def in_vain(self) -> bool:
        """Whether it certainly made nothing."""
        return self.state in _NOTHING_MADE

    @property
    def began(self) -> float:
        """When what it made can have been made at the earliest."""
        return self.created_at if self.sent_at is None else self.sent_at

    def lives(self, now: float) -> bool:
        """Tell whether its owner may still be at work; a lease from the future is one from before a clock jump."""
        return bool(self.owner) and -_CLOCK_SLACK <= now - self.leased_at < self.lease_ttl

    def left_behind(self) -> Intent:
        """Return it without an owner."""
        return attrs.evolve(self, owner="", lease_ttl=0.0)

    def record(self) -> dict[str, JSON]:
        """Return it as the store keeps it."""
        values = {name: value for name, value in attrs.asdict(self).items() if value not in (None, (), "")}
        return {"v": _SCHEMA, **values, **{name: list(getattr(self, name)) for name in _LISTS}}


def read_intent(record: Mapping[str, JSON], key: str) -> Intent:
    """Read a record of the store.

    Raises:
        StoreVersionError: A newer release wrote it.
        StoreCorruptError: It is none.
    """
    version: object = record.get("v")
    if isinstance(version, int) and version > _SCHEMA:
        raise StoreVersionError(f"the record {key} was written by a newer release (v {version})", key=key)
    fields = {field.name: record[field.name] for field in attrs.fields(Intent) if field.name in record}
    try:
        fields |= {name: tuple(fields.get(name, ())) for name in _LISTS}
        return Intent(**cast("Any", fields))
    except TypeError as error:
        raise StoreCorruptError(f"the record {key} is no intent: {error}", key=key) from error


def described(thing: Mapping[str, JSON]) -> dict[str, str]:
    """Return what the record of a create keeps of what it asked for."""
    return {key: str(thing[key]) for key in _DESCRIBED if key in thing}


def fingerprint_of(asked: JSON, key: bytes) -> str:
    """Return a digest by which two requests can be told apart, and nothing else learnt.

    Args:
        asked: The request as JSON.
        key: The API key.
    """
    canonical = json.dumps(asked, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()


def key_id_of(key: bytes) -> str:
    """Return what tells one API key from another."""
    return hashlib.sha256(b"intent fingerprint " + key).hexdigest()[:_KEY_ID_DIGITS]


class Standing(Enum):
    """What a create may do that finds the record of its operation id."""

    FRESH = "fresh"
    """Go on as if there were none."""
    DONE = "done"
    """Return the id in the record."""
    HELD = "held"
    """Wait for the owner."""
    LOOK = "look"
    """Look for what the dead owner may have made; never send."""
    CONFLICT = "conflict"
    """Refuse: the id belongs to another request."""
    MOVED = "moved"
    """Go on under the next operation id: this product was sold out."""


class MovedError(Exception):
    """Another call with this operation id found the product sold out, and went on under `next_id`.

    Args:
        next_id: The other operation id.
    """

    def __init__(self, next_id: str) -> None:
        super().__init__(next_id)
        self.next_id = next_id


def standing(found: Intent, draft: Intent, now: float) -> Standing:
    """Judge the record that a create found under its operation id.

    Args:
        found: The record.
        draft: The record it would have written.
        now: Seconds since 1970.
    """
    same_key = found.key_id == draft.key_id
    if found.operation != draft.operation or (same_key and found.fingerprint != draft.fingerprint):
        return Standing.CONFLICT
    if found.fulfilled:
        return Standing.DONE
    if found.next_id is not None:
        return Standing.MOVED
    if found.lives(now):
        return Standing.HELD
    never_sent = found.state == "open" and found.sends == 0 and found.required
    if found.in_vain or never_sent:
        return Standing.FRESH
    return Standing.LOOK


def taken_over(found: Intent, draft: Intent, how: Standing) -> Intent:
    """Return the record with a new owner; of one that made nothing only its beginning stays."""
    if how is Standing.FRESH:
        return attrs.evolve(draft, created_at=found.created_at, discarded=found.discarded)
    return attrs.evolve(found, owner=draft.owner, leased_at=draft.leased_at, lease_ttl=draft.lease_ttl)


def ended_as(
    error: BaseException, *, found: bool, adopted: bool, doubtful: bool, sent: bool, late: bool
) -> IntentState:
    """Return the state of a create whose call raised.

    Args:
        error: What it raised.
        found: Whether the id of what it made is known all the same.
        adopted: Whether that was found by its mark.
        doubtful: Whether something may have been made that nobody found.
        sent: Whether the service got the request.
        late: Whether the call's deadline has passed, so that nobody looked for as long as was wished.
    """
    if isinstance(error, DuplicateCreateError):
        return "duplicate"
    if found:
        return "adopted" if adopted else "created"
    if doubtful:
        return "unknown" if isinstance(error, OutcomeUnknownError) and not late else "open"
    return "refused" if sent else "not_sent"
