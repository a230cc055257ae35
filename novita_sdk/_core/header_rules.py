"""Which extra request headers, and which correlation ids, can be sent."""

from __future__ import annotations

import re

from novita_sdk._core.narrowing import is_mapping
from novita_sdk.errors import Problem

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_RESERVED_HEADERS = frozenset(
    {"authorization", "host", "content-length", "content-type", "user-agent", "x-correlation-id"}
)

CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
CORRELATION_ID_FORM = "1-128 letters, digits, '.', '_', ':' or '-'"


def check_headers(
    headers: object, name: str = "headers", *, reserved: frozenset[str] = _RESERVED_HEADERS
) -> list[Problem]:
    """Check extra request headers.

    Args:
        headers: What the caller gave; it must be a mapping of texts.
        name: The argument's name.
        reserved: Names in lower case that cannot be given.

    Returns:
        One problem for each header that cannot be sent; values are never shown.
    """
    if not is_mapping(headers):
        return [Problem(name, type(headers).__name__, "must be a mapping of header names to texts")]
    problems: list[Problem] = []
    for header, value in headers.items():
        if not isinstance(header, str) or not _HEADER_NAME.fullmatch(header):
            problems.append(Problem.of(name, header, "is no header name"))
        elif header.lower() in reserved:
            problems.append(Problem.of(name, header, "is set by the client and cannot be given"))
        elif not _is_value(value):
            words = "must be printable ASCII text in one line, without blanks at its ends"
            problems.append(Problem(f"{name}[{header!r}]", "[REDACTED]", words))
    return problems


def _is_value(value: object) -> bool:
    if not isinstance(value, str) or value != value.strip():
        return False
    return all(char == "\t" or " " <= char <= "~" for char in value)
