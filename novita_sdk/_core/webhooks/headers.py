"""Headers as web frameworks hand them over: any mapping or pairs, text or bytes, in any case, perhaps mangled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

import attrs

from novita_sdk._core.webhooks.reasons import refusal
from novita_sdk._core.webhooks.signing import (
    ID,
    LEGACY_SIGNATURE,
    LEGACY_TIMESTAMP,
    SIGNATURE,
    TIMESTAMP,
    Scheme,
)

Text: TypeAlias = str | bytes
ReceivedHeaders: TypeAlias = Mapping[str, Any] | Mapping[bytes, Any] | Iterable[tuple[Text, Text]]
"""Headers of a received request."""

LONGEST: Final = 4096
"""Characters of a header value; a longer one is not looked into."""

_STANDARD_PREFIX: Final = "webhook-"
_NAMES: Final = (ID, TIMESTAMP, SIGNATURE, LEGACY_SIGNATURE.lower(), LEGACY_TIMESTAMP.lower())
_KNOWN: Final[Mapping[Text, str]] = {spelled: name for name in _NAMES for spelled in (name, name.encode())}


@attrs.frozen
class Spoilt:
    """Stands for the value of a header that cannot be used.

    Attributes:
        reason: Why a message is refused to which that header matters.
    """

    reason: str


_DOUBLED: Final = Spoilt("duplicate_header")
_UNREADABLE: Final = Spoilt("bad_signature_header")


def signature_headers(headers: ReceivedHeaders) -> tuple[Scheme | None, dict[str, str | Spoilt]]:
    """Pick the headers of both signing schemes.

    Args:
        headers: The headers of the request.

    Returns:
        The scheme that decides, None without a header of either: the standard one as soon as any header of
        its name space is there, lest a broken signature be got round with the other scheme. And the values
        by name in lower case.

    Raises:
        WebhookVerificationError: They are no headers.
    """
    found: dict[str, str | Spoilt] = {}
    pairs = pairs_of(headers)
    try:
        for name, value in pairs:
            lower = name.lower()
            if lower in _KNOWN:
                key = _KNOWN[lower]
                read = value if value.__class__ is str and len(value) <= LONGEST else _checked(value)
                found[key] = _joined(key, found[key], read) if key in found else read
    except Exception:  # noqa: BLE001 - a name that is neither text nor bytes
        raise refusal("bad_signature_header") from None
    if ID in found or TIMESTAMP in found or SIGNATURE in found:
        return "standard", found
    if any(_lower(name).startswith(_STANDARD_PREFIX) for name, _ in pairs):
        return "standard", found
    return ("legacy" if found else None), found


def pairs_of(headers: ReceivedHeaders) -> Collection[tuple[Any, Any]]:
    """Give headers as pairs that can be gone over repeatedly; names and values may still be anything.

    Raises:
        WebhookVerificationError: They are neither a mapping nor pairs.
    """
    if headers.__class__ is dict:  # by far the most frequent, and sure to hold pairs
        return cast("dict[Any, Any]", headers).items()
    try:
        pairs = cast("Any", headers.items() if isinstance(headers, Mapping) else headers)
        return [(name, value) for name, value in pairs]
    except Exception:  # noqa: BLE001 - whatever a caller's object raises, it holds no signature
        raise refusal("bad_signature_header") from None


def values_of(pairs: Iterable[tuple[Any, Any]], name: str) -> list[str | None]:
    """Give every value of one header, None for one that is neither text nor bytes.

    Args:
        pairs: What `pairs_of` gave.
        name: The header's name in lower case.
    """
    return [_decoded(value) for found, value in pairs if _lower(found) == name]


def _lower(name: object) -> str:
    return (_decoded(name) or "").lower()


def _decoded(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else None


def _checked(value: object) -> str | Spoilt:
    text = _decoded(value)
    return _UNREADABLE if text is None or len(text) > LONGEST else text


def _joined(key: str, first: str | Spoilt, second: str | Spoilt) -> str | Spoilt:
    """Join a second signature to the first; any other header may stand there once."""
    if key != SIGNATURE:
        return _DOUBLED
    if isinstance(first, Spoilt) or isinstance(second, Spoilt):
        return _UNREADABLE
    return _checked(f"{first} {second}")
