"""Verification: whether a received message is genuine and fresh, whatever its sender put into it."""

from __future__ import annotations

import hmac
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from novita_sdk._core.codec import DecodeFailure, decode_json, structure
from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.narrowing import is_number
from novita_sdk._core.rules import BOOLEAN, Rule, check_policy, whole
from novita_sdk._core.scalars import Unreadable, is_object, read_time
from novita_sdk._core.webhooks.headers import ReceivedHeaders, Spoilt, signature_headers
from novita_sdk._core.webhooks.message_ids import is_message_id
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
    signed_prefix,
)
from novita_sdk.errors import ConfigurationError, SettingProblem, WebhookVerificationError
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
_is_timestamp: Final = re.compile(r"[0-9]{1,12}").fullmatch
_standard_entries: Final = re.compile(rf"(?<![^ ]){VERSION}[A-Za-z0-9+/]{{43}}=(?![^ ])").findall
_is_legacy: Final = re.compile(LEGACY_VERSION + r"[0-9A-Fa-f]{64}").fullmatch


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
        self._standard = [SigningKey(secret.standard_key).standard for secret in self.secrets]
        self._legacy = [SigningKey(secret.legacy_key).legacy for secret in self.secrets]

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
        if scheme == "standard":
            return self._verify_standard(body, found, now)
        if scheme is None:
            raise refusal("no_signature")
        if not self.accept_legacy:
            raise refusal("legacy_refused", "legacy")
        return self._verify_legacy(body, found, now)

    def _verify_standard(
        self, body: bytes, found: Mapping[str, str | Spoilt], now: float
    ) -> VerifiedWebhook:
        if not (ID in found and TIMESTAMP in found and SIGNATURE in found):
            raise refusal("missing_header", "standard")
        message_id, sent, signatures = found[ID], found[TIMESTAMP], found[SIGNATURE]
        if isinstance(message_id, Spoilt) or isinstance(sent, Spoilt) or isinstance(signatures, Spoilt):
            raise _spoilt(message_id, sent, signatures, scheme="standard")
        if not is_message_id(message_id):
            raise refusal("bad_id", "standard")
        timestamp = self._check_timestamp(sent, now, "standard")
        entries = _standard_entries(signatures)[:MOST_SIGNATURES]
        index = _matching(entries, self._standard, signed_prefix(message_id, sent), body)
        if index is None:
            raise refusal("no_match" if entries else "bad_signature_header", "standard")
        return VerifiedWebhook(message_id, timestamp, "standard", index, body)

    def _verify_legacy(self, body: bytes, found: Mapping[str, str | Spoilt], now: float) -> VerifiedWebhook:
        if len(found) < 2:
            raise refusal("missing_header", "legacy")
        signature, sent = found[LEGACY_SIGNATURE.lower()], found[LEGACY_TIMESTAMP.lower()]
        if isinstance(sent, Spoilt) or isinstance(signature, Spoilt):
            raise _spoilt(sent, signature, scheme="legacy")
        timestamp = self._check_timestamp(sent, now, "legacy")
        if not _is_legacy(signature):
            raise refusal("bad_signature_header", "legacy")
        index = _matching([signature.lower()], self._legacy, b"", body)
        if index is None:
            raise refusal("no_match", "legacy")
        told = _time_in(body)
        if told is not None:  # the header is not signed, this is
            self._check_age(math.floor(told.timestamp()), now, "legacy")
        return VerifiedWebhook(None, timestamp, "legacy", index, body)

    def _check_timestamp(self, text: str, now: float, scheme: Scheme) -> int:
        if not _is_timestamp(text):
            raise refusal("bad_timestamp", scheme)
        timestamp = int(text)
        self._check_age(timestamp, now, scheme)
        return timestamp

    def _check_age(self, timestamp: int, now: float, scheme: Scheme) -> None:
        try:
            age = math.floor(now) - timestamp
        except (TypeError, ValueError, OverflowError):  # no number, or none that a clock shows
            raise refusal("bad_timestamp", scheme) from None
        if age > self.tolerance:
            raise refusal("too_old", scheme)
        if -age > self.tolerance:
            raise refusal("too_new", scheme)


def _spoilt(*values: str | Spoilt, scheme: Scheme) -> WebhookVerificationError:
    reason = next(value.reason for value in values if isinstance(value, Spoilt))
    return refusal(reason, scheme)


def _matching(
    entries: Sequence[str], sign: Sequence[Callable[[bytes, bytes], str]], prefix: bytes, body: bytes
) -> int | None:
    """Compare every entry with every key's signature, however early one fits; give the first key that fits."""
    found = None
    for index in range(len(sign)):
        right = sign[index](prefix, body)
        for entry in entries:
            if hmac.compare_digest(entry, right) and found is None:
                found = index
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
