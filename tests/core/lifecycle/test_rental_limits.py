"""When a rental ends by itself, and what is remembered of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.rental_limits import (
    RentalTerms,
    check_extension,
    checked_rental,
    ends_after,
    next_look,
    reached_limit,
    warns_after,
)
from novita_sdk._core.lifecycle.rental_records import (
    FINISH_AFTER,
    OWNER_TTL,
    RentalRecord,
    is_lapsed,
    may_be_finished,
    read_rental,
    rental_key,
    write_rental,
)
from novita_sdk.errors import StateStoreError, ValidationError
from novita_sdk.models.money import Money
from novita_sdk.models.product_choice import ProductQuery


def usd(amount: str) -> Money:
    return Money.from_usd(amount)


def terms(**changes: Any) -> RentalTerms:
    return RentalTerms(
        **{"on_exit": "delete", "max_lifetime": None, "max_cost": None, "cleanup_timeout": 60.0, **changes}
    )


def checked(**changes: Any) -> RentalTerms:
    given_ = {
        "on_exit": "delete",
        "max_lifetime": None,
        "max_cost": None,
        "cleanup_timeout": 60,
        "create_arguments": {},
    }
    return checked_rental(**{**given_, **changes})


def test_without_limits_nothing_ends() -> None:
    assert (ends_after(terms(), usd("1")), warns_after(terms(), usd("1"))) == (None, None)
    assert reached_limit(terms(), usd("1"), 1e9) is None


def test_a_limit_of_cost_leaves_a_minute_for_the_end() -> None:
    limited = terms(max_cost=usd("0.35"))
    assert ends_after(limited, usd("0.35")) == 3540
    assert warns_after(limited, usd("0.35")) == 2880
    assert reached_limit(limited, usd("0.35"), 3539.9) is None
    assert reached_limit(limited, usd("0.35"), 3540) == "max_cost"


@pytest.mark.parametrize(("lifetime", "reached"), [(1000, "max_lifetime"), (5000, "max_cost")])
def test_the_first_limit_counts(lifetime: float, reached: str) -> None:
    assert reached_limit(terms(max_lifetime=lifetime, max_cost=usd("1")), usd("1"), 1e6) == reached


@pytest.mark.parametrize("rate", [None, usd("0")])
def test_what_costs_nothing_known_is_not_limited_by_its_cost(rate: Money | None) -> None:
    assert reached_limit(terms(max_cost=usd("1")), rate, 1e9) is None


@given(st.floats(0, 1e6), st.floats(0.1, 1e6))
def test_no_limit_is_looked_at_late(elapsed: float, lifetime: float) -> None:
    limited = terms(max_lifetime=lifetime)
    at = next_look(elapsed, warns_after(limited, None), ends_after(limited, None))
    assert elapsed + 0.0009 < at <= elapsed + 30.001
    if elapsed < lifetime:
        assert at <= lifetime + 0.001


def test_rounding_does_not_let_one_moment_come_again_and_again() -> None:
    assert next_look(29.999999999999996) > 30


def test_durations_may_be_timedeltas() -> None:
    found = checked(max_lifetime=timedelta(hours=1), cleanup_timeout=timedelta(minutes=2))
    assert (found.max_lifetime, found.cleanup_timeout) == (3600, 120)


@pytest.mark.parametrize(
    "arguments",
    [{"billing_mode": "monthly"}, {"product": ProductQuery("RTX 4090", billing="monthly")}],
)
def test_what_is_prepaid_is_not_to_be_deleted_and_has_no_price_per_hour(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="billing_mode"):
        checked(create_arguments=arguments)
    with pytest.raises(ValidationError, match="max_cost"):
        checked(on_exit="stop", max_cost=usd("1"), create_arguments=arguments)
    assert checked(on_exit="stop", create_arguments=arguments).on_exit == "stop"


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        checked(on_exit="x", max_lifetime=-1, max_cost=5, cleanup_timeout="soon")
    assert [one.field for one in caught.value.problems] == [
        "on_exit",
        "max_lifetime",
        "cleanup_timeout",
        "max_cost",
    ]


def test_a_rental_is_prolonged_by_seconds_or_a_timedelta() -> None:
    assert check_extension(60, terms(max_lifetime=1)) == 60
    assert check_extension(timedelta(minutes=1), terms(max_lifetime=1)) == 60


# ------------------------------------------------------------------------------------------ records


def record(**changes: Any) -> RentalRecord:
    known = {
        "operation_id": "op-12345",
        "instance_id": "i-1",
        "on_exit": "stop",
        "started_at": 1e9,
        "renewed_at": 1e9,
    }
    return RentalRecord(**{**known, **changes})


@given(
    st.sampled_from(["delete", "stop", "keep"]),
    st.none() | st.floats(1, 1e9),
    st.none() | st.decimals(0, 1000, places=5).map(str),
)
def test_a_record_is_read_as_it_was_written(
    on_exit: Any, max_lifetime: float | None, max_cost: str | None
) -> None:
    known = record(on_exit=on_exit, max_lifetime=max_lifetime, max_cost=max_cost)
    assert read_rental(rental_key(known.operation_id), write_rental(known)) == known


@pytest.mark.parametrize(
    "damage", [{"on_exit": "sell"}, {"instance_id": 5}, {"renewed_at": None}, {"max_cost": 1.5}]
)
def test_a_damaged_record_is_no_rental(damage: dict[str, Any]) -> None:
    with pytest.raises(StateStoreError):
        read_rental("rental:op-12345", {**write_rental(record()), **damage})


@pytest.mark.parametrize(
    ("age", "lapsed", "finished"),
    [(OWNER_TTL - 1, False, False), (OWNER_TTL, True, False), (OWNER_TTL + FINISH_AFTER, True, True)],
)
def test_a_silent_owner_is_first_dead_and_then_replaced(age: float, lapsed: bool, finished: bool) -> None:
    known = record()
    assert is_lapsed(known, known.renewed_at + age) == lapsed
    assert may_be_finished(known, known.renewed_at + age) == finished
