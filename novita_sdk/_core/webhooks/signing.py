"""Signatures: the headers that prove where a message comes from, in both schemes at once."""

from __future__ import annotations

import hashlib
import math
from base64 import b64encode
from collections.abc import Callable, Collection, Sequence
from typing import Final, Literal, TypeAlias

from novita_sdk._core.webhooks.message_ids import check_message_id
from novita_sdk._core.webhooks.secret import SecretText, WebhookSecret, read_secrets
from novita_sdk._core.wire import problem
from novita_sdk.errors import ConfigurationError, SettingProblem, ValidationError

Scheme: TypeAlias = Literal["standard", "legacy"]
"""How a message is signed: `webhook-signature`, or `X-Webhook-Signature` over the body alone."""

SCHEMES: Final[frozenset[Scheme]] = frozenset({"standard", "legacy"})

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
LEGACY_SIGNATURE: Final = "X-Webhook-Signature"
LEGACY_TIMESTAMP: Final = "X-Webhook-Timestamp"

VERSION: Final = "v1,"
LEGACY_VERSION: Final = "sha256="


_BLOCK: Final = 64  # bytes that SHA-256 takes at a time
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))


class SigningKey:
    """HMAC-SHA256 with a key that is made ready once.

    The standard library offers no such thing: it begins anew with the key for each message, which costs more
    than all the rest of a small one.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        padded = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(padded.translate(_INNER))
        self._outer = hashlib.sha256(padded.translate(_OUTER))

    def digest(self, prefix: bytes, body: bytes) -> bytes:
        """Give the digest of `prefix` and `body`, one after the other.

        In the standard scheme the prefix is the id and the time of the attempt, each with a dot behind it; in the
        legacy scheme it is empty.
        """
        inner = self._inner.copy()
        inner.update(prefix)  # rather than joining it to the body, which would copy that
        inner.update(body)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


class Signer:
    """Signs messages with one or several secrets; it may be used by several threads at once.

    Args:
        secrets: One secret, or up to five from the newest to the oldest; None signs nothing.
        schemes: The schemes to sign for.
        clock: Tells the wall time in seconds since 1970.
        new_id: Makes a random message id.

    Attributes:
        secrets: The secrets, checked.

    Raises:
        ConfigurationError: A secret cannot be used, there are too many, or a scheme is unknown.
    """

    def __init__(
        self,
        secrets: SecretText | Sequence[SecretText] | None,
        *,
        schemes: Collection[Scheme] = SCHEMES,
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self.secrets: tuple[WebhookSecret, ...] = read_secrets(secrets)
        self._schemes = check_schemes(schemes)
        self._clock = clock
        self._new_id = new_id
        self._standard = [SigningKey(secret.standard_key) for secret in self.secrets]
        # One digest has room there: the oldest secret's, so that a receiver with a single secret breaks only
        # when its secret is withdrawn.
        self._legacy = [SigningKey(secret.legacy_key) for secret in self.secrets[-1:]]

    def sign(self, body: bytes, *, message_id: str | None = None, now: float | None = None) -> dict[str, str]:
        """Give the headers of one attempt; each attempt needs its own.

        Args:
            body: The bytes that are sent.
            message_id: The message's id, the same on every attempt; left out: a random one.
            now: Wall time in seconds since 1970, if not the clock's.

        Returns:
            The id, and what the schemes add to it; without a secret the id alone.

        Raises:
            ValidationError: The body is no bytes, or the id cannot be sent.
        """
        if not isinstance(body, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ValidationError(problems=(problem("body", body, "must be the bytes that are sent"),))
        chosen = check_message_id(self._new_id() if message_id is None else message_id)
        timestamp = str(math.floor(self._clock() if now is None else now))
        headers = {ID: chosen}
        if self._standard and "standard" in self._schemes:
            digests = (key.digest(f"{chosen}.{timestamp}.".encode(), body) for key in self._standard)
            headers[TIMESTAMP] = timestamp
            headers[SIGNATURE] = " ".join(VERSION + b64encode(digest).decode() for digest in digests)
        if self._legacy and "legacy" in self._schemes:
            headers[LEGACY_SIGNATURE] = LEGACY_VERSION + self._legacy[0].digest(b"", body).hex()
            headers[LEGACY_TIMESTAMP] = timestamp
        return headers


def check_schemes(given: Collection[Scheme]) -> frozenset[Scheme]:
    """Return the schemes to sign for.

    Raises:
        ConfigurationError: There is none, or an unknown one.
    """
    chosen = frozenset(given)
    if not chosen or not chosen <= SCHEMES:
        shown = f"{sorted(map(str, chosen))} is wrong"
        problem = SettingProblem("schemes", shown, "a set of 'standard', 'legacy' or both")
        raise ConfigurationError(problems=(problem,))
    return chosen
