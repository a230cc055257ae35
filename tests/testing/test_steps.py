"""The step function behind rates and stock: exact, in whatever order its changes are told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from novita_sdk.testing.cloud.steps import StepFunction

CHANGES = st.lists(st.tuples(st.integers(0, 1000), st.integers(-50, 50)), max_size=30)


@given(CHANGES, st.lists(st.integers(0, 1200), min_size=1))
def test_level_and_integral_equal_the_plain_sums(changes: list[tuple[int, int]], instants: list[int]) -> None:
    steps = StepFunction()
    for at, change in changes:
        steps.schedule(at, change)
    for now in sorted(instants):
        assert steps.level(now) == sum(change for at, change in changes if at <= now)
        assert steps.integral(now) == sum(change * (now - at) for at, change in changes if at <= now)


@given(CHANGES, st.integers(0, 1000))
def test_a_change_taken_back_leaves_no_trace_even_afterwards(
    changes: list[tuple[int, int]], read_at: int
) -> None:
    steps = StepFunction()
    for at, change in changes:
        steps.schedule(at, change)
    steps.integral(read_at)
    for at, change in changes:
        steps.schedule(at, -change)
    assert (steps.level(2000), steps.integral(2000)) == (0, 0)
