"""Which arguments a value was made with, and which of its attributes are defaults."""

from __future__ import annotations

from typing import Self

from novita_sdk.models.unset import UNSET


class KnowsWhatWasGiven:
    """Remembers which arguments an attrs class was made with.

    An instance made by unpickling or copying has its attributes, this one included, restored afterwards.
    """

    __slots__ = ()

    def __new__(cls, **arguments: object) -> Self:
        made = super().__new__(cls)
        given = frozenset(name for name, value in arguments.items() if value is not UNSET)
        object.__setattr__(made, "given", given)
        return made
