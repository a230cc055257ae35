"""Signing secrets: which texts are accepted, and the key each signing scheme takes from them."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Sequence
from typing import Final, TypeAlias, cast

import attrs

from novita_sdk._core.log_records import log
from novita_sdk._core.narrowing import is_array
from novita_sdk.errors import ConfigurationError, SettingProblem
from novita_sdk.models.secret import Secret

MOST_SECRETS: Final = 5
"""How many secrets may be in use at once while they are rotated."""

RANDOM_BYTES: Final = 32
"""Random bytes in a generated secret."""

_PREFIX: Final = "whsec_"
_KEY_SIZES: Final = range(24, 65)
_TEXT_LENGTHS: Final = range(8, 513)
_SAFE_SIZE: Final = 24  # bytes; a shorter text can be guessed from one signed message
_ALLOWED: Final = (
    f"{_PREFIX} and the padded base64 of 24-64 bytes, or a text of 8-512 characters without white space "
    "at its ends"
)
_LOGGER: Final = logging.getLogger("novita_sdk.webhooks")


class _UnfitSecretError(ValueError):
    """What is wrong with a secret, in words that do not contain it."""


def _text(value: object) -> str:
    text = value.reveal() if isinstance(value, Secret) else value
    if not isinstance(text, str):
        raise _UnfitSecretError(f"{type(value).__name__} is no text")
    return text


def _key(text: str) -> bytes:
    """Give the standard key of a secret."""
    if text.startswith(_PREFIX):
        return _decoded(text.removeprefix(_PREFIX))
    if text != text.strip():
        raise _UnfitSecretError("white space at its ends; was it read from a file?")
    if len(text) not in _TEXT_LENGTHS:
        raise _UnfitSecretError(f"{len(text)} characters")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _UnfitSecretError("a lone surrogate in it") from None


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # the latter for characters beyond ASCII
        raise _UnfitSecretError(f"no padded base64 after {_PREFIX}") from None
    if base64.b64encode(key).decode() != text:
        raise _UnfitSecretError(f"base64 after {_PREFIX} that is not in its one proper form")
    if len(key) not in _KEY_SIZES:
        raise _UnfitSecretError(f"{len(key)} bytes after {_PREFIX}")
    return key


def _checked(value: str | Secret) -> Secret:
    try:
        _key(_text(value))
    except _UnfitSecretError as fault:
        raise ConfigurationError(problems=(SettingProblem("secret", str(fault), _ALLOWED),)) from None
    return value if isinstance(value, Secret) else Secret(value)


@attrs.frozen(repr=False)
class WebhookSecret:
    """A checked signing secret; it prints as `[REDACTED]`.

    Args:
        value: `whsec_` and base64 (as `generate_secret` makes it), or any text of 8-512 characters.

    Raises:
        ConfigurationError: The value is neither; it is not shown.
    """

    value: Secret = attrs.field(converter=_checked)

    @property
    def standard_key(self) -> bytes:
        """The key of the `webhook-signature` header."""
        return _key(self.value.reveal())

    @property
    def legacy_key(self) -> bytes:
        """The key of the `X-Webhook-Signature` header: the whole text, as its receivers were given it."""
        return self.value.reveal().encode()

    @property
    def is_weak(self) -> bool:
        """Whether the key is so short that it could be found by trying."""
        return len(self.standard_key) < _SAFE_SIZE

    def as_standard(self) -> str:
        """Give the secret in clear in the `whsec_` form, for a receiver that takes no other."""
        return spelled(self.standard_key)

    def __repr__(self) -> str:
        return "[REDACTED]"


SecretText: TypeAlias = str | Secret | WebhookSecret
"""A signing secret as callers give it."""


def spelled(key: bytes) -> str:
    """Spell a key as a `whsec_` secret."""
    return _PREFIX + base64.b64encode(key).decode()


def read_secrets(given: SecretText | Sequence[SecretText] | None) -> tuple[WebhookSecret, ...]:
    """Check one secret, or several from the newest to the oldest.

    Args:
        given: The secrets; None for none.

    Raises:
        ConfigurationError: One of them cannot be used, or there are none or more than five in a list.
    """
    if given is None:
        return ()
    several = cast("Sequence[SecretText]", given if is_array(given) else (given,))
    if not 1 <= len(several) <= MOST_SECRETS:
        problem = SettingProblem("secrets", f"{len(several)} secrets", f"1-{MOST_SECRETS}, the newest first")
        raise ConfigurationError(problems=(problem,))
    return tuple(one if isinstance(one, WebhookSecret) else WebhookSecret(one) for one in several)


def warn_of_a_weak_secret() -> None:
    """Log that a weak secret is in use; the shells call it once in a process."""
    log(
        _LOGGER,
        logging.WARNING,
        "a webhook secret is shorter than %(bytes)s bytes; generate_secret() makes a strong one",
        bytes=_SAFE_SIZE,
    )
