"""The value of an argument that was left out, which is not the same as None."""

from __future__ import annotations

from typing import ClassVar, Final, Self


class Unset:
    """Type of `UNSET`, the one value that means "leave this alone".

    `None` in an update means "clear it"; `UNSET` means "do not touch it". It is falsy, and there is exactly
    one in a process: copies and unpickled copies are the same object, so `value is UNSET` always works.
    """

    __slots__ = ()
    _only: ClassVar[Unset | None] = None

    def __new__(cls) -> Self:
        """Give the one instance."""
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only  # type: ignore[return-value]  # there is one, and nothing derives from this class

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"  # pickle and copy look the name up in this module


UNSET: Final = Unset()
"""Leave this alone."""
