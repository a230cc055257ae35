"""Verification: whether a received message is genuine and fresh, whatever its sender put into it."""

from __future__ import annotations

import math
import re
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Final, NamedTuple

from novita_sdk._core.codec import DecodeFailure, decode_json, structure
from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.narrowing import is_number
from novita_sdk._core.rules import BOOLEAN, Rule, check_policy, whole
from novita_sdk._core.scalars import Unreadable, is_object, read_time
from novita_sdk._core.webhooks.headers import ReceivedHeaders, Spoilt, signature_headers
from novita_sdk._core.webhooks.message_ids import MESSAGE_ID, is_message_id
from novita_sdk._core.webhooks.reasons import refusal
from novita_sdk._core.webhooks.secret import SecretText, WebhookSecret, read_secrets
from novita_sdk._core.webhooks.signing import (
    ID,
    LEGACY_SIGNATURE,
    LEGACY_TIMESTAMP,
    LEGACY_VERSION,
    SIGNATURE,
    TIMESTAMP,
    VERSION,
    Scheme,
    SigningKey,
)
from novita_sdk.errors import ConfigurationError, SettingProblem
from novita_sdk.models.json_types import JSON
from novita_sdk.models.webhook_event import WebhookEvent

TOLERANCE: Final = 300.0
"""Seconds by which a sender's clock and ours may differ."""

LARGEST_BODY: Final = 262_144
"""Bytes of the largest body that is sent or received."""

MOST_SIGNATURES: Final = 16
"""Signatures of one message that are compared; a header could hold many more."""

_TOLERANCE: Final[Rule] = (
    lambda value: is_number(value) and 1 <= value <= 3600,
    "a number of seconds from 1 to 3600",
)
_TIMESTAMP: Final = "[0-9]{1,12}"
_is_timestamp: Final = re.compile(_TIMESTAMP).fullmatch
_is_prefix: Final = re.compile(rf"{MESSAGE_ID}\.{_TIMESTAMP}\.").fullmatch  # neither part has a dot in it
_standard_entries: Final = re.compile(rf"(?<![^ ]){VERSION}([A-Za-z0-9+/]{{43}}=)(?![^ ])").findall
_legacy_entries: Final = re.compile(rf"\A{LEGACY_VERSION}([0-9A-Fa-f]{{64}})\Z").findall


class VerifiedWebhook(NamedTuple):
    """A message that is genuine and fresh.

    Attributes:
        id: Its id, the same whenever it is sent again; None if it is signed the legacy way.
        timestamp: When it was sent, in whole seconds since 1970.
        scheme: The scheme that proved it.
        key_index: Which of the verifier's secrets fits, 0 for the first.
        body: The bytes that are proved.
    """

    id: str | None
    timestamp: int
    scheme: Scheme
    key_index: int
    body: bytes

    def __repr__(self) -> str:
        return f"<VerifiedWebhook {self.id}, {self.scheme}, sent at {self.timestamp}, {len(self.body)} bytes>"

    def event(self) -> WebhookEvent:
        """Read the body as an event.

        Raises:
            WebhookVerificationError: It is no JSON object, or a known field of it cannot be read.
        """
        try:
            return structure(WebhookEvent, decode_json(self.body))
        except DecodeFailure:
            pass  # its text quotes the body, which must not follow the error as its context
        raise refusal("bad_payload", self.scheme)


class Verifier:
    """Checks received messages; it may be used by several threads at once.

    Args:
        secrets: One secret, or up to five of which any may fit.
        tolerance: Seconds by which a timestamp may differ from now, 1-3600.
        accept_legacy: Whether messages with only the `X-Webhook-*` headers are taken.
        max_body: Bytes of the largest body that is taken.
        clock: Tells the wall time in seconds since 1970.

    Attributes:
        secrets: The secrets, checked.
        tolerance: The same in seconds.
        accept_legacy: The same.
        max_body: The same.

    Raises:
        ConfigurationError: There is no secret, or an argument is wrong.
    """

    def __init__(
        self,
        secrets: SecretText | Sequence[SecretText],
        *,
        tolerance: Seconds = TOLERANCE,
        accept_legacy: bool = False,
        max_body: int = LARGEST_BODY,
        clock: Callable[[], float],
    ) -> None:
        self.secrets: tuple[WebhookSecret, ...] = read_secrets(secrets)
        if not self.secrets:
            problem = SettingProblem("secrets", "there is none", "the secret of the sender")
            raise ConfigurationError(problems=(problem,))
        self.tolerance: float = seconds(tolerance)
        self.accept_legacy = accept_legacy
        self.max_body = max_body
        check_policy(self, tolerance=_TOLERANCE, accept_legacy=BOOLEAN, max_body=whole(1))
        self._clock = clock
        self._standard = [SigningKey(secret.standard_key) for secret in self.secrets]
        self._legacy = [SigningKey(secret.legacy_key) for secret in self.secrets]

    def verify(self, body: bytes, headers: ReceivedHeaders, *, now: float | None = None) -> VerifiedWebhook:
        """Check a message.

        Args:
            body: The bytes as they were received. Parsed and written again they are other bytes.
            headers: All headers of the request, or at least those of the signature: a mapping or pairs.
            now: Wall time in seconds since 1970, if not the clock's.

        Raises:
            WebhookVerificationError: The message is refused; `reason` tells why. Nothing else is ever
                raised, whatever the arguments hold.
        """
        if body.__class__ is not bytes:
            if not isinstance(body, bytes | bytearray):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise refusal("body_type")
            body = bytes(body)
        if len(body) > self.max_body:
            raise refusal("body_too_large")
        scheme, found = signature_headers(headers)
        if now is None:
            now = self._clock()
        if scheme != "standard":
            return self._verify_legacy(body, found, now)
        try:
            message_id, sent, signatures = found[ID], found[TIMESTAMP], found[SIGNATURE]
        except KeyError:
            raise refusal("missing_header", "standard") from None
        prefix = f"{message_id}.{sent}."
        if not _is_prefix(prefix):
            raise refusal(_fault_of(message_id, sent), "standard")
        timestamp = self._fresh(int(sent), now, "standard")
        entries = _standard_entries(signatures)
        index = _matching(entries, a2b_base64, self._standard, prefix.encode(), body, "standard")
        return VerifiedWebhook(message_id, timestamp, "standard", index, body)

    def _verify_legacy(self, body: bytes, found: Mapping[str, str], now: float) -> VerifiedWebhook:
        if not found:
            raise refusal("no_signature")
        if not self.accept_legacy:
            raise refusal("legacy_refused", "legacy")
        if len(found) < 2:
            raise refusal("missing_header", "legacy")
        signature, sent = found[LEGACY_SIGNATURE.lower()], found[LEGACY_TIMESTAMP.lower()]
        if not _is_timestamp(sent):
            raise refusal(sent.reason if isinstance(sent, Spoilt) else "bad_timestamp", "legacy")
        if isinstance(signature, Spoilt):
            raise refusal(signature.reason, "legacy")
        timestamp = self._fresh(int(sent), now, "legacy")
        index = _matching(_legacy_entries(signature), bytes.fromhex, self._legacy, b"", body, "legacy")
        told = _time_in(body)
        if told is not None:  # the header is not signed, this is
            self._fresh(math.floor(told.timestamp()), now, "legacy")
        return VerifiedWebhook(None, timestamp, "legacy", index, body)

    def _fresh(self, timestamp: int, now: float, scheme: Scheme) -> int:
        """Return a timestamp that is neither too old nor too new."""
        try:
            age = math.floor(now) - timestamp
        except (TypeError, ValueError, OverflowError):  # no number, or none that a clock shows
            raise refusal("bad_timestamp", scheme) from None
        if age > self.tolerance:
            raise refusal("too_old", scheme)
        if -age > self.tolerance:
            raise refusal("too_new", scheme)
        return timestamp


def _fault_of(message_id: str, sent: str) -> str:
    """Tell why an id and a timestamp cannot be what was signed."""
    for value in (message_id, sent):
        if isinstance(value, Spoilt):
            return value.reason
    return "bad_timestamp" if is_message_id(message_id) else "bad_id"


def _matching(
    entries: list[str],
    read: Callable[[str], bytes],
    keys: Iterable[SigningKey],
    prefix: bytes,
    body: bytes,
    scheme: Scheme,
) -> int:
    """Compare every entry with every key's digest, however early one fits; give the first key that fits."""
    if not entries:
        raise refusal("bad_signature_header", scheme)
    del entries[MOST_SIGNATURES:]
    found = None
    for index, key in enumerate(keys):
        digest = key.digest(prefix, body)
        for entry in entries:
            if compare_digest(read(entry), digest) and found is None:
                found = index
    if found is None:
        raise refusal("no_match", scheme)
    return found


def _time_in(body: bytes) -> datetime | None:
    """Find the time that a body itself tells, if it is a JSON object that has one."""
    try:
        payload: JSON = decode_json(body)
    except DecodeFailure:
        return None
    if not is_object(payload) or payload.get("timestamp") is None:
        return None
    try:
        told = read_time(payload["timestamp"])
    except Unreadable:
        told = None
    if told is None:
        raise refusal("bad_timestamp", "legacy")
    return told
