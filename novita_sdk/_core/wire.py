"""How arguments are spelled on the wire: ids, queries, bodies, paths."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Final
from urllib.parse import parse_qsl, quote

from novita_sdk._core.narrowing import is_array, is_mapping
from novita_sdk._core.operations.operation import Field
from novita_sdk._core.redact import REDACTED, redact_text
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.json_types import JSON
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import UNSET

MAX_ID_LENGTH: Final = 1024

_SHOWN_LENGTH: Final = 80
_SHOWN_TYPES: Final = (str, int, float, Decimal, Enum, datetime, type(None), type(UNSET))
_LONG_INTEGER_BITS: Final = 256


class UnfitError(ValueError):
    """A value cannot be sent; the text says what would be right and never contains the value."""


def problem(name: str, value: object, message: str, *, secret: bool = False) -> Problem:
    """Describe a wrong argument without giving away what must not be shown.

    Args:
        name: The argument as the caller knows it.
        value: What was given. Of containers and foreign objects only the kind is told.
        message: What would be right.
        secret: Whether the value must not be shown.

    Returns:
        The problem for a `ValidationError`.
    """
    from novita_sdk.models.port import Port  # noqa: PLC0415 - with all enumerations, for a wrong argument only

    if secret or isinstance(value, Secret):
        return Problem(name, REDACTED, message)
    kind = type(value).__name__
    if is_mapping(value) or is_array(value):
        return Problem(name, f"<{kind} of {len(value)}>", message)
    if not isinstance(value, (*_SHOWN_TYPES, Port)):
        return Problem(name, f"<{kind}>", message)
    if isinstance(value, int) and value.bit_length() > _LONG_INTEGER_BITS:
        return Problem(name, f"<int of {value.bit_length()} bits>", message)
    text = redact_text(repr(value))
    if len(text) > _SHOWN_LENGTH:
        text = text[: _SHOWN_LENGTH - 3] + "..."
    return Problem(name, text, message)


def checked_text(value: str) -> str:
    """Return `value`, if UTF-8 can carry it.

    Raises:
        UnfitError: It holds half of a surrogate pair.
    """
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise UnfitError("must not contain lone surrogates, which UTF-8 cannot carry")
    return value


def id_text(value: object) -> str:
    """Return an id as the text that is sent.

    Args:
        value: Text, or an `int`, which becomes decimal text.

    Raises:
        UnfitError: It is no id. A path segment "." or ".." would lead elsewhere, hence they are none either.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _LONG_INTEGER_BITS:
        value = str(int(value))
    if not isinstance(value, str):
        raise UnfitError("must be an id, as text or int")
    if not value.strip():
        raise UnfitError("must not be empty")
    if value in {".", ".."}:
        raise UnfitError("must be an id, not a relative path")
    if len(value) > MAX_ID_LENGTH:
        raise UnfitError(f"must have at most {MAX_ID_LENGTH} characters, not {len(value)}")
    return checked_text(str(value))


def check_id(name: str, value: object) -> str:
    """Return an id as the text that is sent.

    Args:
        name: The argument, for the error.
        value: Text, or an `int`, which becomes decimal text.

    Raises:
        ValidationError: It is empty, ".", "..", longer than 1024 characters, or no text UTF-8 can carry.
    """
    try:
        return id_text(value)
    except UnfitError as fault:
        raise ValidationError(problems=(problem(name, value, str(fault)),)) from None


def check_method(method: str) -> str:
    """Return the method of a `client.request` in capitals.

    Raises:
        ValidationError: It is no word; anything else could break up the request.
    """
    if isinstance(method, str) and method.isascii() and method.isalpha():  # pyright: ignore[reportUnnecessaryIsInstance]
        return method.upper()
    raise ValidationError(problems=(problem("method", method, "must be a word such as 'GET'"),))


def check_path(path: str) -> str:
    """Return a path that `client.request` may append to a base URL.

    Raises:
        ValidationError: It does not start with one "/", or holds a host, query, fragment, blank or control
            character, which could lead the API key elsewhere.
    """
    if not isinstance(path, str) or not path.startswith("/") or path.startswith("//"):  # pyright: ignore[reportUnnecessaryIsInstance]
        fault = "must start with one '/', without scheme and host"
    elif "?" in path or "#" in path:
        fault = "must not contain '?' or '#'; give query="
    elif "\\" in path or not path.isprintable() or " " in path:
        fault = "must not contain blanks, backslashes or control characters"
    else:
        return path
    raise ValidationError(problems=(problem("path", path, fault),))


def epoch_seconds(value: datetime) -> int:
    """Return the whole Unix second of an aware datetime.

    Raises:
        UnfitError: It has no time zone, so nobody knows which instant it means.
    """
    if value.utcoffset() is None:
        raise UnfitError("must have a time zone, such as datetime(..., tzinfo=UTC)")
    return math.floor(value.timestamp())


def _query_text(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        value = epoch_seconds(value)
    if isinstance(value, int) and value.bit_length() <= _LONG_INTEGER_BITS:
        return str(value)
    if isinstance(value, str):
        return checked_text(value)
    raise UnfitError("must be text, a whole number, a boolean or an aware datetime")


def encode_query(pairs: Iterable[tuple[str, object]]) -> str:
    """Encode a query string, without the question mark.

    Args:
        pairs: Keys and values in the order in which they are sent. A value is text, `int`, `bool`, an enum
            member or an aware `datetime` (sent as epoch seconds); None and UNSET leave the pair out.

    Returns:
        `key=value` joined by `&`; everything but unreserved characters is percent-encoded.

    Raises:
        ValidationError: A value is of another kind; all such values at once.
    """
    parts: list[str] = []
    problems: list[Problem] = []
    for key, value in pairs:
        if value is None or value is UNSET:
            continue
        try:
            parts.append(f"{quote(checked_text(key), safe='')}={quote(_query_text(value), safe='')}")
        except UnfitError as fault:
            problems.append(problem(key, value, str(fault)))
    if problems:
        raise ValidationError(problems=tuple(problems))
    return "&".join(parts)


def decode_query(text: str, fields: Iterable[Field]) -> dict[str, JSON]:
    """Read a query string back: the inverse of `encode_query` for the parameters of an operation.

    Args:
        text: The query, without the question mark.
        fields: The operation's query parameters; they tell numbers and booleans from text.

    Returns:
        The values by key, the last of repeated ones. A value that is not of its field's type stays text, so
        that `arguments.check_fields` tells about it.
    """
    types = {field.name: field.type for field in fields}
    values: dict[str, JSON] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        kind = types.get(key, "str")
        if kind in {"int", "time", "duration"} and value.removeprefix("-").isdecimal() and value.isascii():
            values[key] = int(value)
        elif kind == "bool" and value in {"true", "false"}:
            values[key] = value == "true"
        else:
            values[key] = value
    return values


def _json_text(value: object, name: str) -> str:
    """Spell one JSON value; decimals keep every digit, which the standard library cannot do."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(_sendable(value, name), ensure_ascii=False)
    if isinstance(value, int) and value.bit_length() <= _LONG_INTEGER_BITS:
        return str(int(value))
    if isinstance(value, float | Decimal) and math.isfinite(value):
        return str(value) if isinstance(value, Decimal) else repr(float(value))
    if is_mapping(value):
        members = value.items()
        return (
            "{"
            + ",".join(f"{_key_text(key, name)}:{_json_text(item, f'{name}.{key}')}" for key, item in members)
            + "}"
        )
    if is_array(value):
        items = enumerate(value)
        return "[" + ",".join(_json_text(item, f"{name}[{index}]") for index, item in items) + "]"
    message = "must be JSON: an object, array, text, finite number, boolean or None"
    raise ValidationError(problems=(problem(name, value, message),))


def _key_text(key: object, name: str) -> str:
    if not isinstance(key, str):
        raise ValidationError(problems=(problem(name, key, "must have text as keys"),))
    return json.dumps(_sendable(key, name), ensure_ascii=False)


def _sendable(text: str, name: str) -> str:
    try:
        return checked_text(text)
    except UnfitError as fault:
        # Bodies carry passwords and environment values: what is wrong may be said, not what was given.
        raise ValidationError(problems=(problem(name, text, str(fault), secret=True),)) from None


def encode_body(value: JSON, name: str = "json") -> bytes:
    """Encode a request body: compact JSON, UTF-8, non-ASCII as it is.

    Args:
        value: The body; decimals keep every digit.
        name: The argument, for the error.

    Raises:
        ValidationError: It holds NaN, Infinity, a lone surrogate, or something that is not JSON, or it
            refers to itself.
    """
    try:
        return _json_text(value, name).encode()
    except RecursionError:
        message = "must not refer to itself, nor be nested hundreds of levels deep"
        raise ValidationError(problems=(problem(name, value, message),)) from None
