"""Money is exact, whatever its units."""

from __future__ import annotations

import copy
import operator
import pickle
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk.models import Money

AMOUNTS = st.builds(Money, st.integers(-(10**30), 10**30), st.sampled_from([1, 100, 10_000, 100_000, 10**12]))


def exact(amount: Money) -> Fraction:
    return Fraction(amount.raw, amount.units_per_usd)


def test_a_product_price_is_a_hundred_thousandth() -> None:
    price = Money(35000, 100_000)
    assert price.usd == Decimal("0.35")
    assert (price * 2).usd == Decimal("0.70")


def test_an_account_amount_is_a_ten_thousandth() -> None:
    assert Money(10_000, 10_000).usd == 1


def test_amounts_in_different_units_are_equal() -> None:
    assert Money(35000, 100_000) == Money(3500, 10_000)


def test_text_shows_dollars() -> None:
    assert str(Money(-17500, 100_000)) == "-0.17500 USD"
    assert repr(Money(35000, 100_000)) == "Money(raw=35000, units_per_usd=100000)"


@given(AMOUNTS, AMOUNTS)
def test_sums_and_differences_are_exact(one: Money, two: Money) -> None:
    assert exact(one + two) == exact(one) + exact(two)
    assert exact(one - two) == exact(one) - exact(two)
    assert exact(-one) == -exact(one)


@given(AMOUNTS, AMOUNTS)
def test_comparisons_are_exact(one: Money, two: Money) -> None:
    for compare in (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge):
        assert compare(one, two) is compare(exact(one), exact(two))


@given(AMOUNTS, st.integers(-1000, 1000), st.decimals(-1000, 1000, places=8))
def test_products_are_exact(amount: Money, whole: int, part: Decimal) -> None:
    assert exact(amount * whole) == exact(whole * amount) == exact(amount) * whole
    assert exact(amount * part) == exact(part * amount) == exact(amount) * Fraction(part)


@given(AMOUNTS, st.sampled_from([1, 10, 10**9]))
def test_equal_amounts_hash_alike(amount: Money, factor: int) -> None:
    other = Money(amount.raw * factor, amount.units_per_usd * factor)
    assert other == amount
    assert hash(other) == hash(amount)


@given(AMOUNTS)
def test_dollars_are_exact_in_any_decimal_context(amount: Money) -> None:
    with localcontext(prec=2):
        assert Fraction(amount.usd) == exact(amount)


@given(AMOUNTS)
def test_dollars_and_back(amount: Money) -> None:
    assert Money.from_usd(amount.usd) == amount


@pytest.mark.parametrize("amount", ["0.35", Decimal("0.35"), "35e-2"])
def test_dollars_are_taken_as_text_or_decimal(amount: Decimal | str) -> None:
    assert Money.from_usd(amount) == Money(35, 100)


def test_whole_dollars_are_taken_as_number() -> None:
    assert Money.from_usd(5) == Money(5, 1)


@pytest.mark.parametrize("amount", [0.35, True, None, [1]])
def test_dollars_are_never_a_float(amount: Any) -> None:
    with pytest.raises(TypeError, match="Decimal, a whole number or text"):
        Money.from_usd(amount)


@pytest.mark.parametrize("amount", ["x", "", "NaN", "Infinity", "1e99", Decimal("1e-99")])
def test_what_is_no_amount_is_refused(amount: Any) -> None:
    with pytest.raises(ValueError, match="not"):
        Money.from_usd(amount)


@pytest.mark.parametrize(("raw", "units"), [(1.5, 100), (1, 10.0), ("1", 100), (True, 1)])
def test_only_whole_numbers_make_money(raw: Any, units: Any) -> None:
    with pytest.raises(TypeError, match="two whole numbers"):
        Money(raw, units)


@pytest.mark.parametrize("units", [0, -10, 3, 10**61])
def test_units_are_powers_of_ten(units: int) -> None:
    with pytest.raises(ValueError, match="power of ten"):
        Money(1, units)


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
def test_money_does_not_compare_with_numbers(compare: Callable[[Any, Any], bool]) -> None:
    with pytest.raises(TypeError):
        compare(Money(1, 1), 1)


def test_money_never_equals_a_number() -> None:
    assert Money(1, 1) != 1


@pytest.mark.parametrize("calculate", [operator.add, operator.sub])
def test_money_and_numbers_do_not_add(calculate: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(TypeError):
        calculate(Money(1, 1), 1)


@pytest.mark.parametrize("factor", [1.5, True, "2", Money(1, 1)])
def test_factors_are_whole_or_decimal(factor: Any) -> None:
    with pytest.raises(TypeError):
        Money(1, 1) * factor


def test_a_factor_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        Money(1, 1) * Decimal("NaN")


def test_other_units_are_exact_or_refused() -> None:
    assert Money(35000, 100_000).in_units(100) == 35
    with pytest.raises(ValueError, match="no whole number of 1/10 USD"):
        Money(35000, 100_000).in_units(10)


def test_money_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenAttributeError):
        Money(1, 1).raw = 2


@given(AMOUNTS)
def test_money_survives_pickle_and_copies(amount: Money) -> None:
    for again in (pickle.loads(pickle.dumps(amount)), copy.copy(amount), copy.deepcopy(amount)):  # noqa: S301  # ours
        assert (again.raw, again.units_per_usd) == (amount.raw, amount.units_per_usd)


def test_sums_of_money_begin_with_nothing() -> None:
    assert sum([Money(10, 100), Money(5, 100)]) == Money(15, 100)


def test_money_is_not_added_to_a_plain_number() -> None:
    with pytest.raises(TypeError):
        1 + Money(10, 100)  # type: ignore[operator]  # that is what is tested
