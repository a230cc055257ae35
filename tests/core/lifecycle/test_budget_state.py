"""What is remembered of a budget, and what it means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.budget import (
    BudgetState,
    BudgetTerms,
    Reading,
    advanced,
    period_name,
    read_state,
    report_of,
    runway_of,
    window_end,
    window_of,
    write_state,
)
from novita_sdk.errors import StateStoreError
from novita_sdk.models.money import PRICE_UNITS, Money

START = datetime(2026, 3, 1, tzinfo=UTC)

amounts = st.integers(0, 10**9).map(lambda raw: Money(raw, PRICE_UNITS))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone


def usd(amount: str) -> Money:
    return Money.from_usd(amount)


def state(**changes: Any) -> BudgetState:
    known = {"window_start": START, "spent": usd("0"), "rate_per_hour": usd("1"), "at": START}
    return BudgetState(**{**known, **changes})


def reading(hours: float, rate: str = "1", since_start: str = "0") -> Reading:
    return Reading(at=START + timedelta(hours=hours), rate_per_hour=usd(rate), since_start=usd(since_start))


@given(moments)
def test_every_moment_lies_in_its_own_period(now: datetime) -> None:
    for period in ("day", "month"):
        start = window_of(period, now)
        assert start is not None
        end = window_end(period, start)
        assert end is not None
        assert start <= now < end
        assert window_of(period, end) == end
        assert period_name(period, start) == period_name(period, window_of(period, now) or now)


def test_a_total_has_no_period() -> None:
    assert window_of("total", START) is None
    assert window_end("total", START) is None
    assert period_name("total", START) == "total"


def test_periods_have_names() -> None:
    assert (period_name("month", START), period_name("day", START)) == ("2026-03", "2026-03-01")


@given(amounts, amounts, moments, st.booleans())
def test_what_is_written_is_read_again(spent: Money, rate: Money, at: datetime, warned: bool) -> None:
    known = state(
        spent=spent, rate_per_hour=rate, at=at, warned=warned, low_balance_on="2026-03-01", bills_at=at
    )
    assert read_state("budget:x", write_state(known)) == known


@pytest.mark.parametrize("damage", [{"spent": "much"}, {"at": 5}, {"at": "soon"}, {"rate_per_hour": None}])
def test_a_damaged_record_is_no_budget(damage: dict[str, Any]) -> None:
    with pytest.raises(StateStoreError) as caught:
        read_state("budget:x", {**write_state(state()), **damage})
    assert caught.value.key == "budget:x"


def test_the_larger_of_two_rates_counts_for_the_time_between() -> None:
    risen = advanced(state(), reading(2, "3"), "total")
    fallen = advanced(state(rate_per_hour=usd("3")), reading(2, "1"), "total")
    assert (risen.spent, fallen.spent) == (usd("6"), usd("6"))


def test_clocks_of_hosts_that_differ_a_little_cost_nothing() -> None:
    later = state(at=START + timedelta(hours=2, minutes=5), spent=usd("2"))
    found = advanced(later, reading(2), "total")
    assert (found.spent, found.at) == (usd("2"), later.at)


def test_after_a_clock_that_was_far_ahead_the_time_goes_on_to_count() -> None:
    later = state(at=START + timedelta(hours=500), spent=usd("5"))
    found = advanced(later, reading(2), "total")
    assert (found.spent, found.at) == (usd("5"), START + timedelta(hours=2))


def test_a_period_that_has_not_begun_is_none() -> None:
    ahead = state(window_start=START + timedelta(days=62), at=START + timedelta(days=70), spent=usd("500"))
    found = advanced(ahead, reading(2, since_start="2"), "month")
    assert (found.spent, found.window_start) == (usd("2"), window_of("month", START))


def test_only_the_time_in_a_new_period_counts_for_it() -> None:
    spent = state(spent=usd("700"), warned=True, exceeded=True, bills=usd("800"), low_balance_on="2026-03-31")
    found = advanced(
        spent,
        Reading(at=datetime(2026, 4, 1, 3, tzinfo=UTC), rate_per_hour=usd("1"), since_start=usd("9")),
        "month",
    )
    assert (found.spent, found.window_start) == (usd("3"), datetime(2026, 4, 1, tzinfo=UTC))
    assert (found.warned, found.exceeded, found.bills) == (False, False, usd("0"))
    assert found.low_balance_on == "2026-03-31"


def test_where_nothing_is_remembered_what_runs_is_assumed_to_have_run() -> None:
    assert advanced(None, reading(50, since_start="12"), "month").spent == usd("12")
    assert advanced(None, reading(50, since_start="12"), "total").spent == usd("0")


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 500)), min_size=1, max_size=20))
def test_what_is_spent_never_shrinks(steps: list[tuple[int, int]]) -> None:
    found, hours = state(), 0
    for more, rate in steps:
        hours += more
        after = advanced(
            found,
            Reading(at=START + timedelta(hours=hours), rate_per_hour=Money(rate, 100), since_start=usd("0")),
            "total",
        )
        assert after.spent >= found.spent
        found = after


@pytest.mark.parametrize(
    ("spent", "warned", "exceeded"), [("7.9", False, False), ("8", True, False), ("10", True, True)]
)
def test_shares_of_the_limit_are_reached_exactly(spent: str, warned: bool, exceeded: bool) -> None:
    report = report_of(state(spent=usd(spent)), BudgetTerms(limit=usd("10")))
    assert (report.warned, report.exceeded) == (warned, exceeded)


def test_looking_ahead_counts_what_will_be_spent() -> None:
    terms = BudgetTerms(limit=usd("10"), anticipate=timedelta(hours=1))
    assert report_of(state(spent=usd("9")), terms).exceeded
    assert not report_of(state(spent=usd("8.99")), terms).exceeded


def test_a_report_tells_what_is_to_come() -> None:
    report = report_of(state(spent=usd("4")), BudgetTerms(limit=usd("10")))
    assert report.projected == usd("748")  # the 744 hours of that month
    assert report.projected_end == START + timedelta(hours=6)
    assert report.fraction == 0.4
    assert str(report) == "4.0000 of 10.0000 USD spent (40%), 1.0000 USD per hour"


def test_bills_count_if_they_say_more() -> None:
    assert report_of(state(spent=usd("4"), bills=usd("5")), BudgetTerms(limit=usd("10"))).spent == usd("5")


@pytest.mark.parametrize(
    ("balance", "rate", "expected"),
    [("10", "2", timedelta(hours=5)), ("-3", "2", timedelta()), ("10", "0", None)],
)
def test_a_balance_lasts_as_long_as_the_rate_lets_it(
    balance: str, rate: str, expected: timedelta | None
) -> None:
    assert runway_of(usd(balance), usd(rate)) == expected


def test_what_costs_next_to_nothing_lasts_a_century() -> None:
    assert runway_of(usd("1000000"), usd("0.00001")) == timedelta(days=36_500)
    assert (
        report_of(state(rate_per_hour=usd("0.00001")), BudgetTerms(limit=usd("1000000"))).projected_end
        is None
    )
