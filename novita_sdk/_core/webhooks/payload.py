"""Bodies: how an event, or any other payload, becomes the bytes that are signed and sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Final, Literal, TypeAlias

from novita_sdk._core.decoding import plan
from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.narrowing import is_array, is_mapping, is_number
from novita_sdk._core.wire import encode_body, problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.base import Model
from novita_sdk.models.json_types import JSON
from novita_sdk.models.money import Money
from novita_sdk.models.unset import UNSET
from novita_sdk.models.webhook_event import WebhookEvent

Form: TypeAlias = Literal["standard", "legacy"]
"""Whether a payload has all its keys, or only those that receivers know which check the set of keys."""

LARGE: Final = 20_000
"""Bytes above which a body is worth a warning: some receivers take no more."""

LARGEST: Final = 262_144
"""Bytes above which a body is not sent."""

_NOT_LEGACY: Final = frozenset({"eventId", "eventType", "sequence"})
_LEAST_PLACES: Final = 4  # decimal places of an amount of money


def encode_payload(payload: WebhookEvent | Mapping[str, JSON] | bytes, form: Form = "standard") -> bytes:
    """Write a payload.

    Args:
        payload: An event; any JSON object, whose absent values (None, UNSET) become absent keys; or bytes,
            which are sent as they are.
        form: The form of an event.

    Raises:
        ValidationError: It cannot be written as JSON (a naive datetime, NaN, a lone surrogate, None in an
            array), is no object, or is larger than 256 KiB.
    """
    body = payload if isinstance(payload, bytes) else encode_body(_object(payload, form), "payload")
    if len(body) > LARGEST:
        words = f"must be at most {LARGEST} bytes, not {len(body)}"
        raise ValidationError(problems=(problem("payload", payload, words),))
    return body


def is_large(body: bytes) -> bool:
    """Tell whether a body is so large that its sender should be warned."""
    return len(body) > LARGE


def wire_value(value: object, name: str) -> JSON:
    """Spell a value for a payload: times, amounts, words and models become JSON, absent members go.

    Args:
        value: What was given; anything that is JSON already stays.
        name: The argument, for the error.

    Raises:
        ValidationError: It holds a naive datetime, None in an array, or itself.
    """
    try:
        return _spelled(value, name)
    except RecursionError:
        words = "must not refer to itself, nor be nested hundreds of levels deep"
        raise ValidationError(problems=(problem(name, value, words),)) from None


def time_text(moment: object, name: str) -> str:
    """Spell a moment in UTC with exactly three decimals, cut rather than rounded.

    Raises:
        ValidationError: It is no datetime that knows its time zone.
    """
    return aware(moment, name).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def aware(moment: object, name: str) -> datetime:
    """Return a datetime that knows its time zone.

    Raises:
        ValidationError: It does not, or is something else.
    """
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        words = "must be a datetime with a time zone, such as datetime.now(UTC)"
        raise ValidationError(problems=(problem(name, moment, words),))
    return moment


def milliseconds(duration: Seconds, name: str) -> int:
    """Turn a duration into whole milliseconds, never below 0: clocks of two machines may disagree.

    Raises:
        ValidationError: It is neither a finite number of seconds nor a timedelta.
    """
    value = seconds(duration)
    if not is_number(value):
        words = "must be a number of seconds or a timedelta"
        raise ValidationError(problems=(problem(name, duration, words),))
    return max(0, round(value * 1000))


def amount_text(amount: Money) -> str:
    """Spell an amount in US dollars with at least four decimal places, every further digit kept."""
    text = f"{amount.usd:f}"
    whole, _, places = text.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(_LEAST_PLACES, '0')}"


def _object(payload: WebhookEvent | Mapping[str, JSON], form: Form) -> JSON:
    if isinstance(payload, Model):
        written = wire_value(payload, "payload")
        dropped = _NOT_LEGACY if form == "legacy" else frozenset[str]()
        return {key: value for key, value in written.items() if key not in dropped}
    if not is_mapping(payload):
        words = "must be a WebhookEvent, a mapping, or the bytes to send"
        raise ValidationError(problems=(problem("payload", payload, words),))
    return wire_value(payload, "payload")


def _spelled(value: object, name: str) -> JSON:
    if isinstance(value, Model):
        fields = plan(type(value)).fields
        members = {field.wire: getattr(value, field.name) for field in fields}
        return _spelled({**members, **value.extra}, name)
    if is_mapping(value):
        return {
            key: _spelled(member, f"{name}.{key}")
            for key, member in value.items()
            if member is not None and member is not UNSET
        }
    if is_array(value):
        if any(item is None or item is UNSET for item in value):
            words = "must not hold None: in a payload a value is either there or left out"
            raise ValidationError(problems=(problem(name, value, words),))
        return [_spelled(item, f"{name}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, datetime):
        return time_text(value, name)
    if isinstance(value, Money):
        return amount_text(value)
    return value.value if isinstance(value, Enum) else value
