"""What a store accepts: keys, values, durations, numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final, TypeVar

from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.narrowing import is_mapping, is_number, is_whole_number
from novita_sdk._core.stores.moments import ticks
from novita_sdk._core.wire import problem
from novita_sdk.errors import StoreCorruptError, ValidationError
from novita_sdk.models.json_types import JSON

MAX_KEY_BYTES: Final = 200
MAX_VALUE_BYTES: Final = 64 * 1024
MAX_PAYLOAD_BYTES: Final = 128 * 1024
"""Room for a text of 48 KiB of which JSON has to escape every character."""
MAX_PAGE: Final = 1000
MAX_REASON: Final = 200

_KEY: Final = re.compile(r"[A-Za-z0-9:_.-]*")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CURSOR: Final = re.compile(r"[0-9]{1,18}")
_LONGEST: Final = 100 * 365 * 86_400.0  # a store counts microseconds in 64 bits

C = TypeVar("C")


def refuse(name: str, value: object, message: str) -> ValidationError:
    """Return the error about one wrong argument."""
    return ValidationError(problems=(problem(name, value, message),))


def checked_key(name: str, value: str) -> str:
    """Return `value` if it is a key, or one of the names that follow the same rule."""
    if not checked_prefix(name, value):
        raise refuse(name, value, "must not be empty")
    return value


def checked_prefix(name: str, value: str) -> str:
    """Return `value` if keys can begin with it; the empty text is the beginning of all."""
    if not isinstance(value, str) or not _KEY.fullmatch(value) or len(value) > MAX_KEY_BYTES:  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a type checker
        raise refuse(
            name, value, f"must be text of at most {MAX_KEY_BYTES} letters, digits, ':', '_', '.' and '-'"
        )
    return value


def checked_account(value: str) -> str:
    """Return `value` if it names an account."""
    if not isinstance(value, str) or not _ACCOUNT.fullmatch(value):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a type checker
        raise refuse("account", value, "must be 1-64 letters, digits, '_' and '-'")
    return value


def checked_duration(name: str, value: Seconds) -> int:
    """Return a duration of more than 0 in ticks."""
    if (duration := checked_delay(name, value)) == 0:
        raise refuse(name, value, "must be more than 0 seconds")
    return duration


def checked_delay(name: str, value: Seconds) -> int:
    """Return a duration that may be 0 in ticks."""
    number = seconds(value)
    if not is_number(number) or not 0 <= number <= _LONGEST:
        raise refuse(name, value, f"must be seconds from 0 to {_LONGEST:.0f}, or a timedelta")
    return ticks(number)


def checked_ttl(value: Seconds | None) -> int | None:
    """Return a time to live in ticks, None for ever."""
    return None if value is None else checked_duration("ttl", value)


def checked_version(value: int | None) -> int | None:
    """Return the version a write expects, None for any."""
    if value is not None and (not is_whole_number(value) or value < 1):
        raise refuse(
            "if_version", value, "must be the version of a record, 1 or more; put_if_absent is for 0"
        )
    return value


def checked_limit(value: int) -> int:
    """Return the number of items asked for at a time."""
    if not is_whole_number(value) or not 1 <= value <= MAX_PAGE:
        raise refuse("limit", value, f"must be a whole number from 1 to {MAX_PAGE}")
    return value


def checked_cursor(value: str | None) -> int:
    """Return the place of which the cursor of a queue tells."""
    if value is None:
        return 0
    if not isinstance(value, str) or not _CURSOR.fullmatch(value):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a type checker
        raise refuse("cursor", value, "must be the cursor of the page before")
    return int(value)


def checked_number(value: float) -> float:
    """Return a number that can be compared and written as JSON."""
    if not is_number(value):
        raise refuse("value", value, "must be a finite number")
    return value


def checked_field(value: str) -> str:
    """Return the name of a field that `put_max` may write."""
    if checked_key("field", value) == "v":
        raise refuse("field", value, "must not be 'v', the schema number of the record")
    return value


def checked_reason(value: str) -> str:
    """Return the reason for which an item is given up."""
    if not isinstance(value, str) or not value.isprintable() or not 1 <= len(value) <= MAX_REASON:  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a type checker
        raise refuse("dead", value, f"must be a reason of 1-{MAX_REASON} printable characters")
    return value


def checked_ids(values: Iterable[str]) -> tuple[str, ...]:
    """Return ids of items, each of them once."""
    if isinstance(values, str):
        raise refuse("ids", values, "must be several ids, such as a list of them")
    return tuple(dict.fromkeys(checked_key("ids", value) for value in values))


def checked_kind(name: str, value: C, kind: type[C]) -> C:
    """Return `value` if it is a lease or a claim, as the store handed it out."""
    if not isinstance(value, kind):
        raise refuse(name, value, f"must be a {kind.__name__} of this store")
    return value


def encode(name: str, value: JSON, limit: int) -> str:
    """Write a value as JSON.

    Args:
        name: The argument, for the error.
        value: A JSON object with a schema number `v`.
        limit: Most bytes the text may have in UTF-8.

    Returns:
        The text.

    Raises:
        ValidationError: It is no such object, would come back as something else, or is too large.
    """
    if not is_mapping(value) or not is_whole_number(number := value.get("v")) or number < 1:
        raise refuse(name, value, "must be a JSON object with its schema number, such as {'v': 1, ...}")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode())
        same = json.loads(text) == value
    except (TypeError, ValueError, RecursionError):  # no JSON, NaN or a lone surrogate, nested too deeply
        same, text, size = False, "", 0
    if not same:
        raise refuse(
            name, value, "must be plain JSON: dicts with text keys, lists, text, finite numbers, ..."
        )
    if size > limit:
        raise refuse(name, value, f"must be at most {limit} bytes as JSON, not {size}")
    return text


def decode(key: str, text: str) -> dict[str, JSON]:
    """Read what `encode` wrote.

    Args:
        key: The record or the item, for the error.
        text: What is stored.

    Raises:
        StoreCorruptError: Somebody else wrote it.
    """
    try:
        value: object = json.loads(text)
    except ValueError as fault:
        value, detail = None, f"no JSON: {fault}"
    else:
        detail = "JSON, but no object"
    if not isinstance(value, dict):
        raise StoreCorruptError(f"the stored value of {key} is {detail}", key=key, detail=detail)
    return value  # pyright: ignore[reportUnknownVariableType]  # the keys of a JSON object are text
