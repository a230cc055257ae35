"""Headers as web frameworks hand them over: any mapping or pairs, text or bytes, in any case, perhaps mangled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

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


def _spellings(*names: str) -> Mapping[Text, str]:
    """Map a name in lower case, as text and as bytes, to its text."""
    return {spelled: name.lower() for name in names for spelled in (name.lower(), name.lower().encode())}


_STANDARD: Final = _spellings(ID, TIMESTAMP, SIGNATURE)
_LEGACY: Final = _spellings(LEGACY_SIGNATURE, LEGACY_TIMESTAMP)


class Spoilt(str):
    """Stands for the value of a header that cannot be used.

    It begins with a "!", which no proper value of any of these headers has in it: whoever checks what they look
    like refuses it, and need not ask first whether there is anything to check.
    """

    __slots__ = ()

    @property
    def reason(self) -> str:
        """Why a message is refused to which the header matters."""
        return self[1:]


_DOUBLED: Final = Spoilt("!duplicate_header")
_UNREADABLE: Final = Spoilt("!bad_signature_header")


def signature_headers(headers: ReceivedHeaders) -> tuple[Scheme, dict[str, str]]:
    """Pick the headers of the signing scheme that decides.

    Args:
        headers: The headers of the request.

    Returns:
        The scheme: the standard one as soon as any header of its name space is there, lest a broken signature be
        got round with the other scheme. And its headers by name in lower case; values that cannot be used are
        `Spoilt`. Without a header of either scheme, the legacy one and no headers.

    Raises:
        WebhookVerificationError: They are no headers.
    """
    given = cast("Any", headers)
    pairs: Collection[tuple[Any, Any]] = given.items() if given.__class__ is dict else pairs_of(headers)
    found = _pick(pairs, _STANDARD)
    if found or any(_lower(name).startswith(_STANDARD_PREFIX) for name, _ in pairs):
        return "standard", found
    return "legacy", _pick(pairs, _LEGACY)


def _pick(pairs: Iterable[tuple[Any, Any]], known: Mapping[Text, str]) -> dict[str, str]:
    """Pick the known headers; this runs once for each header of each message."""
    found: dict[str, str] = {}
    try:
        for name, value in pairs:
            key = name.lower()
            if key in known:
                name_text = known[key]
                if name_text in found or value.__class__ is not str or len(value) > LONGEST:
                    _take_odd(found, name_text, value)
                else:
                    found[name_text] = value
    except Exception:  # noqa: BLE001 - a name that is neither text nor bytes
        raise refusal("bad_signature_header") from None
    return found


def pairs_of(headers: ReceivedHeaders) -> Collection[tuple[Any, Any]]:
    """Give headers as pairs that can be gone over repeatedly; names and values may still be anything.

    Raises:
        WebhookVerificationError: They are neither a mapping nor pairs.
    """
    given = cast("Any", headers)
    try:
        pairs = cast("Iterable[tuple[Any, Any]]", given.items() if isinstance(headers, Mapping) else given)
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


def _take_odd(found: dict[str, str], key: str, value: object) -> None:
    """Take a value that is bytes, repeated or of no use."""
    text = _decoded(value)
    if key in found and key != SIGNATURE:
        found[key] = _DOUBLED
    elif text is None or isinstance(found.get(key), Spoilt):
        found[key] = _UNREADABLE
    else:
        joined = f"{found[key]} {text}" if key in found else text
        found[key] = joined if len(joined) <= LONGEST else _UNREADABLE
