"""Amounts of money, exact: a whole number and how many of them make one US dollar."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final, Self

import attrs

PRICE_UNITS: Final = 100_000
"""Whole numbers of a product price that make one US dollar."""

ACCOUNT_UNITS: Final = 10_000
"""Whole numbers of a balance, bill or transaction amount that make one US dollar."""


@attrs.define(on_setattr=attrs.setters.frozen, eq=False)
class Money:
    """An amount in US dollars, kept as the service sent it.

    Amounts in different units add and compare exactly. Nothing is ever rounded and no float is involved;
    comparing an amount with a bare number is a `TypeError` (or, with `==`, False).

    Args:
        raw: The whole number from the wire.
        units_per_usd: How many of it make one US dollar; a power of ten.
    """

    raw: int
    units_per_usd: int

    def __attrs_post_init__(self) -> None:
        if type(self.raw) is not int or type(self.units_per_usd) is not int:
            message = f"Money takes two whole numbers, not {self.raw!r} and {self.units_per_usd!r}"
            raise TypeError(message)
        if self.units_per_usd not in _POWERS_OF_TEN:
            message = (
                f"units_per_usd must be a power of ten up to 10^{_MOST_PLACES}, not {self.units_per_usd}"
            )
            raise ValueError(message)

    @classmethod
    def from_usd(cls, amount: Decimal | int | str) -> Self:
        """Make an amount from US dollars.

        Args:
            amount: US dollars, such as `Decimal("0.35")`, `"0.35"` or `5`; never a float.

        Raises:
            TypeError: The amount is a float or another type.
            ValueError: The text is no decimal number, or the amount is not finite.
        """
        numerator, places = _fraction(_as_decimal(amount))
        return cls(numerator, 10**places)

    @property
    def usd(self) -> Decimal:
        """The exact amount in US dollars."""
        places = _POWERS_OF_TEN[self.units_per_usd]
        # built from digits, because arithmetic would round to the precision of the caller's decimal context
        return Decimal((int(self.raw < 0), tuple(map(int, str(abs(self.raw)))), -places))

    def in_units(self, units_per_usd: int) -> int:
        """Give the whole number of this amount in other units.

        Raises:
            ValueError: The amount is no whole number of those units.
        """
        raw, rest = divmod(self.raw * units_per_usd, self.units_per_usd)
        if rest:
            message = f"{self} is no whole number of 1/{units_per_usd} USD"
            raise ValueError(message)
        return raw

    def __add__(self, other: object) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        units = max(self.units_per_usd, other.units_per_usd)
        return Money(self.in_units(units) + other.in_units(units), units)

    def __radd__(self, other: object) -> Money:
        """Let `sum()` begin with its 0."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    def __sub__(self, other: object) -> Money:
        return self + -other if isinstance(other, Money) else NotImplemented

    def __neg__(self) -> Money:
        return Money(-self.raw, self.units_per_usd)

    def __mul__(self, factor: int | Decimal) -> Money:
        if isinstance(factor, bool) or not isinstance(factor, int | Decimal):  # pyright: ignore[reportUnnecessaryIsInstance]
            return NotImplemented
        numerator, places = _fraction(Decimal(factor))
        raw, units = self.raw * numerator, self.units_per_usd * 10**places
        while units > self.units_per_usd and raw % 10 == 0:
            raw, units = raw // 10, units // 10
        return Money(raw, units)

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return self._scaled(other) == other._scaled(self) if isinstance(other, Money) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return self._scaled(other) < other._scaled(self) if isinstance(other, Money) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self._scaled(other) <= other._scaled(self) if isinstance(other, Money) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self._scaled(other) > other._scaled(self) if isinstance(other, Money) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self._scaled(other) >= other._scaled(self) if isinstance(other, Money) else NotImplemented

    def __hash__(self) -> int:
        shared = math.gcd(self.raw, self.units_per_usd)
        return hash((Money, self.raw // shared, self.units_per_usd // shared))

    def __str__(self) -> str:
        return f"{self.usd:f} USD"

    def _scaled(self, other: Money) -> int:
        return self.raw * other.units_per_usd


_MOST_PLACES: Final = 60
_POWERS_OF_TEN: Final = {10**places: places for places in range(_MOST_PLACES + 1)}


def _as_decimal(amount: Decimal | int | str) -> Decimal:
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):  # pyright: ignore[reportUnnecessaryIsInstance]
        message = f"an amount is a Decimal, a whole number or text, not {type(amount).__name__}"
        raise TypeError(message)
    try:
        return Decimal(amount)
    except ArithmeticError as error:
        message = f"{amount!r} is not a decimal number"
        raise ValueError(message) from error


def _fraction(amount: Decimal) -> tuple[int, int]:
    """Split a decimal into a whole number and its decimal places."""
    sign, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int) or abs(exponent) > _MOST_PLACES:
        message = f"{amount} is not an amount of money"  # NaN, Infinity, or an exponent that fills the memory
        raise ValueError(message)
    number = int("".join(map(str, digits)) or "0") * (-1 if sign else 1)
    return (number, -exponent) if exponent < 0 else (number * 10**exponent, 0)
