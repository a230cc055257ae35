"""Tolerant readers of single JSON values: numbers as text, times in several spellings, open words."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeGuard, TypeVar

from novita_sdk.models.json_types import JSON
from novita_sdk.models.open_enum import OpenEnum

E = TypeVar("E", bound=OpenEnum)

_WHOLE: Final = re.compile(r"\s*(-?[0-9]+)\s*", re.ASCII)
_DECIMAL: Final = re.compile(r"\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,9})?)\s*", re.ASCII)
_RFC_3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[-+][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}

FIRST_MILLISECONDS: Final = 10**11
"""From here on a number of a time counts milliseconds; as seconds it would lie beyond the year 5138."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_VALUE: Final = 60

MOST_DIGITS: Final = 300
"""Longer numbers are refused: `1e999999999` is ten characters to send and would fill our memory."""

_KINDS: Final[tuple[tuple[type, str], ...]] = (
    (bool, "a boolean"),
    (int, "a number"),
    (Decimal, "a number"),
    (float, "a number"),
    (str, "text"),
    (dict, "an object"),
    (list, "an array"),
)


class Unreadable(ValueError):  # noqa: N818  # never leaves the codec
    """A value is none of the spellings its field may have; the text says what was expected."""


def described(value: JSON) -> str:
    """Say what kind of JSON value this is, without its content."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "null")


def is_object(value: JSON) -> TypeGuard[dict[str, JSON]]:
    """Tell whether a JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: JSON) -> TypeGuard[list[JSON]]:
    """Tell whether a JSON value is an array."""
    return isinstance(value, list)


def _unreadable(expected: str, value: JSON) -> Unreadable:
    if isinstance(value, dict | list) or value is None:
        return Unreadable(f"expected {expected}, got {described(value)}")
    text = repr(value) if isinstance(value, str) else str(value)
    return Unreadable(f"expected {expected}, got {described(value)} {text[:_LONGEST_VALUE]}")


def is_empty(value: JSON) -> bool:
    """Whether a number, time or word was left out: absent, null or empty text."""
    return value is None or value == ""


def _whole(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal()):  # plain digits are by far the most frequent
        found = _WHOLE.fullmatch(text)
        if found is None:
            return None
        text = found[1]
    return int(text) if len(text) <= MOST_DIGITS else None


def _sensible(number: Decimal) -> bool:
    return number.is_finite() and abs(number.adjusted()) <= MOST_DIGITS


def read_int(value: JSON) -> int:
    """Read a whole number: 1, "1", " -1 ", 1.0."""
    if type(value) is int:
        return value
    if isinstance(value, str):
        number = _whole(value)
        if number is not None:
            return number
    elif isinstance(value, Decimal):
        if _sensible(value) and value == value.to_integral_value():
            return int(value)
    elif isinstance(value, float) and value.is_integer():
        return int(value)
    raise _unreadable("a whole number", value)


def read_bool(value: JSON) -> bool:
    """Read a boolean: true, "True", 1, "0"."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in {0, 1}:
        return value == 1
    if isinstance(value, str) and value.lower() in _BOOLEANS:
        return _BOOLEANS[value.lower()]
    raise _unreadable("true or false", value)


def read_text(value: JSON) -> str:
    """Read text; a whole number becomes its decimal text, as some ids come as numbers."""
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    # only the kind is told: text fields may hold secrets
    raise Unreadable(f"expected text, got {described(value)}")


def read_decimal(value: JSON) -> Decimal:
    """Read a finite decimal number: 1, 0.5, "0.5"."""
    number = value
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = (
            Decimal(value) if isinstance(value, int) else Decimal(repr(value))
        )  # 0.1, not its binary value
    elif isinstance(value, str) and (found := _DECIMAL.fullmatch(value)):
        number = Decimal(found[1])
    if isinstance(number, Decimal) and _sensible(number):
        return number
    raise _unreadable("a number", value)


def read_float(value: JSON) -> float:
    """Read a finite number as a float."""
    number = float(read_decimal(value))
    if math.isfinite(number):
        return number
    raise _unreadable("a number in the range of a float", value)


def read_time(value: JSON) -> datetime | None:
    """Read an instant as an aware UTC datetime.

    Accepted are epoch seconds (from `FIRST_MILLISECONDS` on: milliseconds) as number or digits, and RFC 3339
    text, where a missing offset means UTC. A number of 0 or less means that there is no such time: None.
    """
    number: int | float | None = None
    if isinstance(value, str):
        number = _whole(value)
        if number is None and _RFC_3339.fullmatch(value):
            return _read_rfc_3339(value)
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = value if isinstance(value, int) else float(value)
    if number is None:
        raise _unreadable("epoch seconds or an RFC 3339 time", value)
    if number <= 0:
        return None
    try:
        if number >= FIRST_MILLISECONDS:
            return _EPOCH + timedelta(milliseconds=number)
        return _EPOCH + timedelta(0, number)
    except (OverflowError, ValueError) as error:  # the latter for not-a-number
        raise _unreadable("a time before the year 10000", value) from error


def _read_rfc_3339(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text.upper())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _unreadable("a time that exists", text) from error


def read_word(words: type[E], value: JSON) -> E:
    """Read a word of an open enumeration; an unknown one becomes an unknown member."""
    if isinstance(value, str):
        return words(value)
    raise _unreadable("text", value)


def write_time(value: datetime) -> str:
    """Write an instant so that it reads back: epoch seconds as text, as the service does, else RFC 3339."""
    elapsed = value - _EPOCH
    seconds = elapsed.days * 86_400 + elapsed.seconds
    plain = 0 < seconds < FIRST_MILLISECONDS and not elapsed.microseconds
    return str(seconds) if plain else value.astimezone(UTC).isoformat()
