"""Taking secrets out of whatever is logged, raised or shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from novita_sdk._core.narrowing import is_array, is_mapping

if TYPE_CHECKING:
    from novita_sdk.models.json_types import JSON

REDACTED = "[REDACTED]"
BODY_LIMIT = 10240  # bytes; a longer body is not shown at all

_CIRCULAR = "[Circular Reference]"
_TOO_DEEP = "[Depth Limit]"
_MAX_DEPTH = 20

_SECRET_WORDS = (
    "password",
    "passwd",
    "token",
    "apikey",
    "secret",
    "authorization",
    "cookie",
    "credential",
    "webhookurl",
    "privatekey",
)
_SECRET_KEYS = frozenset({"imageauth", "command", "entrypoint", "startcommand"})
_ENV_KEYS = frozenset({"env", "envs"})
_BINARY_TYPES = ("multipart/", "application/octet-stream", "image/", "audio/", "video/")

# The scheme is left out on purpose: whatever stands before it, the part after "://" is cleaned.
_URL = re.compile(r"(?<=://)[^\s\"'<>]+")
_KEY_NOISE = re.compile(r"[-_\s]")


def _plain_key(key: str) -> str:
    return _KEY_NOISE.sub("", key.lower())


def _is_secret_key(plain: str) -> bool:
    return plain in _SECRET_KEYS or any(word in plain for word in _SECRET_WORDS)


def _clean_url(match: re.Match[str]) -> str:
    """Take userinfo, query and fragment out of what follows "://"."""
    place, mark, _ = re.split(r"([?#]|$)", match[0], maxsplit=1)
    authority, slash, path = place.partition("/")
    _, at, host = authority.rpartition("@")
    return (
        f"{REDACTED}@{host}" * bool(at)
        + authority * (not at)
        + slash
        + path
        + f"{mark}{REDACTED}" * bool(mark)
    )


def redact_url(url: str) -> str:
    """Replace userinfo, query and fragment of a URL.

    Args:
        url: A URL, or text in which URLs stand.

    Returns:
        The same text with `[REDACTED]` in their place.
    """
    return _URL.sub(_clean_url, url)


def _spellings(secret: str) -> tuple[str, ...]:
    """A secret as it is, inside JSON, and inside a URL."""
    json_texts = (json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False))
    return (secret, *json_texts, quote(secret, safe="", errors="replace"))


def redact_text(text: str, secrets: Collection[str] = ()) -> str:
    """Clean text that is shown as it is.

    Args:
        text: Any text.
        secrets: Configured secrets; each is replaced wherever it stands, also where it was escaped for
            JSON or percent-encoded.

    Returns:
        The text without these secrets and without userinfo and queries of URLs.
    """
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
    if spellings:
        # Longest first, lest a secret inside another one leave the rest of it standing.
        ordered = sorted(spellings, key=len, reverse=True)
        text = re.sub("|".join(map(re.escape, ordered)), REDACTED, text)
    return redact_url(text)


class _Redactor:
    """One walk over a value; remembers the containers it is inside of."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        self._clean = clean
        self._inside: set[int] = set()

    def walk(self, value: object, depth: int = 0) -> JSON:
        if isinstance(value, str):
            return self._clean(value)
        if is_mapping(value) or is_array(value):
            return self._container(value, depth)
        if value is None or isinstance(value, bool):
            return value
        # A number can be a secret too, and anything else is shown by its text only.
        text = str(value)
        cleaned = self._clean(text)
        return value if cleaned == text and isinstance(value, (int, float, Decimal)) else cleaned

    def _container(self, value: Mapping[object, object] | Sequence[object], depth: int) -> JSON:
        if id(value) in self._inside:
            return _CIRCULAR
        if depth > _MAX_DEPTH:
            return _TOO_DEEP
        self._inside.add(id(value))
        try:
            if is_mapping(value):
                return {
                    self._clean(str(key)): self._member(str(key), item, depth) for key, item in value.items()
                }
            return [self.walk(item, depth + 1) for item in value]
        finally:
            self._inside.discard(id(value))

    def _member(self, key: str, item: object, depth: int) -> JSON:
        plain = _plain_key(key)
        if _is_secret_key(plain):
            return REDACTED
        if plain in _ENV_KEYS:
            return self._environment(item, depth + 1)
        return self.walk(item, depth + 1)

    def _environment(self, value: object, depth: int) -> JSON:
        """Keep the names of environment variables, hide what they hold."""
        if is_mapping(value):
            return {self._clean(str(key)): REDACTED for key in value}
        if is_array(value):
            return [self._variable(item, depth + 1) for item in value]
        return REDACTED

    def _variable(self, item: object, depth: int) -> JSON:
        if is_mapping(item):
            named = {key: None if key == "value" else held for key, held in item.items()}
            walked = self.walk(named, depth)
            return {**walked, "value": REDACTED} if is_mapping(walked) and "value" in item else walked
        if isinstance(item, str) and "=" in item:
            return f"{self._clean(item.partition('=')[0])}={REDACTED}"
        return REDACTED


def redact(value: object, clean: Callable[[str], str] = redact_text) -> JSON:
    """Copy a JSON value without its secrets.

    Args:
        value: Decoded JSON; it is not changed. It may refer to itself.
        clean: What is done to each text in it, names included.

    Returns:
        A copy in which the values of telling names (passwords, tokens, environment values, commands)
        are `[REDACTED]`.
    """
    return _Redactor(clean).walk(value)


def redact_body(text: str, clean: Callable[[str], str] = redact_text) -> str:
    """Clean a body: as JSON where it is JSON, as text otherwise.

    Args:
        text: The decoded body.
        clean: What is done to each text in it.

    Returns:
        The cleaned body. What begins like JSON but cannot be read, a body cut off on its way for
        example, is not shown: there is no telling which of its values are secrets.
    """
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[", '"')):
        return clean(text)
    try:
        value = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return f"[UNREADABLE {len(text)} characters]"
    cleaned = json.dumps(redact(value, clean), ensure_ascii=False, separators=(",", ":"))
    # Once more as text: a secret may reach over the marks that writing it as JSON puts in.
    return clean(cleaned.encode("utf-8", "replace").decode("utf-8"))


def _omit(text: str, names: Collection[str]) -> str:
    """Replace the members `names` of a JSON object by their size."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not is_mapping(value):
        return text
    shown = {
        key: f"[OMITTED {len(json.dumps(item, ensure_ascii=False).encode('utf-8', 'replace'))} bytes]"
        if key in names
        else item
        for key, item in value.items()
    }
    return json.dumps(shown, ensure_ascii=False)


def body_for_log(
    body: bytes,
    content_type: str | None,
    limit: int,
    secrets: Collection[str] = (),
    *,
    omit: Collection[str] = (),
) -> str:
    """Describe a request or response body for a DEBUG record.

    Args:
        body: The raw bytes.
        content_type: The Content-Type header, if any.
        limit: Characters shown; 500 for requests, 1000 for responses.
        secrets: Configured secrets.
        omit: Members of a JSON object of which only the size is shown.

    Returns:
        The redacted body, cut at `limit`; only its size if it is long or not text.
    """
    size = len(body)
    if size > BODY_LIMIT:
        return f"[OMITTED {size} bytes]"
    if (content_type or "").lower().lstrip().startswith(_BINARY_TYPES):
        return f"[BINARY {size} bytes]"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return f"[BINARY {size} bytes]"
    if omit:
        text = _omit(text, omit)
    shown = redact_body(text, partial(redact_text, secrets=secrets))
    return shown if len(shown) <= limit else f"{shown[:limit]}...(+{len(shown) - limit})"
