"""A text that must not be shown by accident."""

from __future__ import annotations

import hmac


class Secret:
    """A password, key or token that prints as `[REDACTED]`.

    Only `reveal()` gives the text. Two secrets compare in constant time; a secret never equals a plain text.

    Args:
        value: The text to protect.
    """

    __slots__ = ("_value",)

    _value: str

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = f"a Secret holds text, not {type(value).__name__}"
            raise TypeError(message)
        object.__setattr__(self, "_value", value)

    def reveal(self) -> str:
        """Give the protected text."""
        return self._value

    def __setattr__(self, name: str, value: object) -> None:
        message = "a Secret cannot be changed"
        raise AttributeError(message)

    def __delattr__(self, name: str) -> None:
        message = "a Secret cannot be changed"
        raise AttributeError(message)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_octets(self._value), _octets(other._value))

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "[REDACTED]"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return (Secret, (self._value,))


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
