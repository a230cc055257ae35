"""Ids of webhook messages: what they may look like, random ones, and those that a resumed operation repeats."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from novita_sdk._core.operation_ids import operation_id_from
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError

MESSAGE_ID: Final = "[A-Za-z0-9_:-]{1,256}"
"""A regular expression for proper ids."""

is_message_id: Final = re.compile(MESSAGE_ID).fullmatch
"""Match a proper id. No dot and no brace: a body signed the legacy way must never read like a standard message."""


def check_message_id(value: object) -> str:
    """Return an id that may be sent.

    Raises:
        ValidationError: It is something else.
    """
    if not isinstance(value, str) or not is_message_id(value):
        words = "must be 1-256 letters, digits, '_', ':' or '-'"
        raise ValidationError(problems=(problem("message_id", value, words),))
    return value


def message_id_from(bits: int) -> str:
    """Spell the lowest 130 bits of a random number as an id."""
    return f"msg_{operation_id_from(bits).upper()}"


def repeatable_id(operation_id: str, kind: str, step: str = "") -> str:
    """Derive the id of an operation's event, so that saying it again says it under the same id.

    Args:
        operation_id: The operation.
        kind: The kind of event.
        step: What tells several events of one kind in one operation apart.
    """
    digest = hashlib.sha256(f"{operation_id}\n{kind}\n{step}".encode()).digest()
    return message_id_from(int.from_bytes(digest))
