"""The retry budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.budget import RetryBudget
from novita_sdk.options import RetryPolicy


def paid(budget: RetryBudget, cost: int) -> int:
    """How many retries of one cost can be paid in a row."""
    count = 0
    while budget.pay(cost):
        count += 1
    return count


def test_without_a_success_35_transient_retries_are_paid() -> None:
    assert paid(RetryBudget(RetryPolicy()), 14) == 35


def test_without_a_success_100_throttled_retries_are_paid() -> None:
    assert paid(RetryBudget(RetryPolicy()), 5) == 100


def test_after_exhaustion_14_first_try_successes_pay_exactly_one_more_retry() -> None:
    budget = RetryBudget(RetryPolicy())
    paid(budget, 14)
    for _ in range(14):
        budget.succeeded(None)
    assert paid(budget, 14) == 1


def test_a_success_after_retries_gives_back_the_last_cost() -> None:
    budget = RetryBudget(RetryPolicy())
    budget.pay(14)
    budget.pay(5)
    budget.succeeded(5)
    assert budget.available == 486


def test_a_retry_that_was_never_made_costs_nothing() -> None:
    budget = RetryBudget(RetryPolicy())
    budget.pay(14)
    budget.refund(14)
    assert budget.available == budget.capacity == 500


def test_a_refused_payment_takes_nothing() -> None:
    budget = RetryBudget(RetryPolicy(budget=10))
    assert not budget.pay(14)
    assert budget.available == 10


costs = st.integers(min_value=1, max_value=50)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), costs), st.tuples(st.just("refund"), costs), st.tuples(st.just("ok"), costs)
    )
)


@given(capacity=st.integers(min_value=0, max_value=600), steps=steps)
def test_units_stay_between_zero_and_the_cap(capacity: int, steps: list[tuple[str, int]]) -> None:
    budget = RetryBudget(RetryPolicy(budget=capacity))
    for step, cost in steps:
        before = budget.available
        if step == "pay":
            assert budget.pay(cost) == (cost <= before)
            assert budget.available == (before - cost if cost <= before else before)
        elif step == "refund":
            budget.refund(cost)
            assert budget.available == min(capacity, before + cost)
        else:
            budget.succeeded(None)
            assert budget.available == min(capacity, before + 1)
        assert 0 <= budget.available <= capacity
