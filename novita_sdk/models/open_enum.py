"""Enumerations that stay readable when the service learns a new word."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Self

MAX_UNKNOWN: Final = 1024
"""How many unknown words of one enumeration are remembered; beyond that each is made afresh."""

_unknown: dict[type[OpenEnum], dict[str, OpenEnum]] = {}


class OpenEnum(StrEnum):
    """Words of the service; each member equals and hashes like its text.

    A word this release does not know becomes a member of its own with `.known` False: it compares, pickles
    and prints like any other, but is not among the members that iterating over the class yields.
    """

    @property
    def known(self) -> bool:
        """Whether this release of the SDK knows the word."""
        return self.value in type(self)._value2member_map_

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None  # Enum turns this into its own ValueError
        words = _unknown.setdefault(cls, {})
        member = words.get(value)
        if member is None:
            member = str.__new__(cls, value)
            member._name_ = str(value)
            member._value_ = str(value)
            if len(words) < MAX_UNKNOWN:
                member = words.setdefault(value, member)  # one winner among threads
        return member  # type: ignore[return-value]  # the table is kept per class

    __hash__ = str.__hash__
    __str__ = str.__str__

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}.{self.name}" if self.known else f"{type(self).__name__}({self.value!r})"
        )
