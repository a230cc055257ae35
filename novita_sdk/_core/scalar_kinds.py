"""How one field that holds a single value is read fast, read with its place, and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any, Final, NamedTuple, Protocol, TypeGuard

import attrs

from novita_sdk._core import scalars
from novita_sdk._core.scalars import Unreadable
from novita_sdk.models.json_types import JSON
from novita_sdk.models.money import Money
from novita_sdk.models.open_enum import OpenEnum
from novita_sdk.models.secret import Secret

REQUIRED: Final = attrs.NOTHING
"""Stands where a default would: absent and null are then errors."""

_SMALL_NUMBERS: Final = {str(number): number for number in range(257)}
_NO_TIME: Final = {"0": None, "-1": None}


class Fault(NamedTuple):
    """Where a JSON value cannot be read, and why."""

    path: str
    detail: str


class Kind(Protocol):
    """How the values of one field are read and written.

    `lines` is the fast way, `fault` the slow one that knows where it is; both rest on `read`.
    """

    default: Any

    def lines(self, names: Names) -> list[str]:
        """Give statements that turn the local `v` from what the key holds (None if absent) into the value."""
        ...

    def read(self, value: JSON) -> Any:
        """Read one value, or raise `Unreadable` (a nested one: any exception)."""
        ...

    def fault(self, value: JSON, path: str) -> Fault | None:
        """Find out what is wrong with a value, if anything is."""
        ...

    def write(self, value: Any) -> JSON:
        """Turn a value, which is not None, into JSON."""
        ...


class Names(dict[str, Any]):
    """The globals of a generated function."""

    def add(self, value: Any) -> str:
        """Give a value a name that the generated source can use."""
        name = f"g{len(self)}"
        self[name] = value
        return name


class _Readings(dict[Any, Any]):
    """Values by their frequent spellings; anything else is read. Keys are text and None, never numbers."""

    def __init__(self, reader: Callable[[JSON], Any], spellings: Mapping[Any, Any]) -> None:
        super().__init__(spellings)
        self._reader = reader

    def __missing__(self, value: JSON) -> Any:
        return self._reader(value)


def _same(value: Any) -> JSON:
    return value


class Scalar:
    """A number, text, time or word.

    Args:
        reader: Reads a value that was not left out.
        default: Value of one that was, or `REQUIRED`.
        exact: The type whose instances need no reading.
        spellings: Values by frequent texts; None = do not look values up (hashing costs more than it saves).
        empty: Whether empty text counts as left out.
        writer: Turns a value into JSON.
    """

    def __init__(
        self,
        reader: Callable[[JSON], Any],
        default: Any,
        *,
        exact: type | None = None,
        spellings: Mapping[str, Any] | None = None,
        empty: bool = True,
        writer: Callable[[Any], JSON] = _same,
    ) -> None:
        self.default = default
        self._reader = reader
        self._writer = writer
        self._exact = exact
        self._left_out: tuple[JSON, ...] = () if default is REQUIRED else (None, "") if empty else (None,)
        self._table: _Readings | None = None
        if spellings is not None:
            self._table = _Readings(reader, {**spellings, **dict.fromkeys(self._left_out, default)})

    def lines(self, names: Names) -> list[str]:
        """Read only what is not yet of the right type."""
        conditions: list[str] = []
        if self.default is None:
            conditions.append("v is not None")
        if self._exact is not None:
            conditions.append(f"v.__class__ is not {names.add(self._exact)}")
        condition = f"if {' and '.join(conditions)}: " if conditions else ""
        read = f"{names.add(self.read)}(v)" if self._table is None else f"{names.add(self._table)}[v]"
        return [f"{condition}v = {read}"]

    def read(self, value: JSON) -> Any:
        """Read one value."""
        if (value is None or value == "") and value in self._left_out:
            return self.default
        return self._reader(value)

    def fault(self, value: JSON, path: str) -> Fault | None:
        """Say why a value cannot be read."""
        try:
            self.read(value)
        except Unreadable as error:
            return Fault(path, str(error))
        return None

    def write(self, value: Any) -> JSON:
        """Turn a value into JSON."""
        return self._writer(value)


class Anything:
    """JSON that is passed on as it came; it is never required."""

    def __init__(self, default: Any) -> None:
        self.default = None if default is REQUIRED else default

    def lines(self, names: Names) -> list[str]:
        """Put the default where nothing came."""
        return [] if self.default is None else [f"if v is None: v = {names.add(self.default)}"]

    def read(self, value: JSON) -> Any:
        """Pass the value on."""
        return self.default if value is None else value

    def fault(self, value: JSON, path: str) -> Fault | None:  # noqa: ARG002  # like every kind
        """Find nothing wrong."""
        return None

    def write(self, value: Any) -> JSON:
        """Pass the value on."""
        return value


def is_open_enum(kind: Any) -> TypeGuard[type[OpenEnum]]:
    """Tell whether a type is an open enumeration."""
    return isinstance(kind, type) and issubclass(kind, OpenEnum)


@cache
def scalar(kind: Any, default: Any) -> Scalar | None:
    """Give the way a type is read, or None if it is none of the scalar types."""
    if is_open_enum(kind):
        words = {word.value: word for word in kind}
        return Scalar(partial(scalars.read_word, kind), default, spellings=words, writer=_text_of)
    make = _SCALARS.get(kind)
    return None if make is None else make(default)


def _text_of(word: OpenEnum) -> str:
    return word.value


def _read_secret(value: JSON) -> Secret:
    return Secret(scalars.read_text(value))


_SCALARS: Final[Mapping[type, Callable[[Any], Scalar]]] = {
    int: partial(Scalar, scalars.read_int, exact=int, spellings=_SMALL_NUMBERS),
    bool: partial(Scalar, scalars.read_bool, exact=bool, spellings={}),
    str: partial(Scalar, scalars.read_text, exact=str, empty=False),
    float: partial(Scalar, scalars.read_float),
    Decimal: partial(
        Scalar,
        scalars.read_decimal,
        spellings={text: Decimal(text) for text in _SMALL_NUMBERS},
        writer=str,
    ),
    datetime: partial(Scalar, scalars.read_time, spellings=_NO_TIME, writer=scalars.write_time),
    Secret: partial(Scalar, _read_secret, empty=False, writer=Secret.reveal),
}


def money(units_per_usd: int, default: Any) -> Scalar:
    """Give the way an amount is read that comes as a whole number of the given units."""

    def read(value: JSON) -> Money:
        return Money(scalars.read_int(value), units_per_usd)

    def write(amount: Money) -> str:
        return str(amount.in_units(units_per_usd))

    return Scalar(read, default, writer=write)
