"""Identities of calls that must not happen twice."""

from __future__ import annotations

from typing import Final

_CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH: Final = 26  # characters of 5 bits each


def operation_id_from(bits: int) -> str:
    """Spell the lowest 130 bits of a random number as 26 lower-case base-32 characters."""
    return "".join(_CROCKFORD[(bits >> shift) & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))
