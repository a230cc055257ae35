"""When a lost answer is looked for: soon at first, then less often, and once more at the end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.settle_schedule import STATE_RULE_PAUSES, STATE_RULE_REREAD, look_instants


def test_the_window_of_a_create_holds_ten_looks() -> None:
    assert [round(at, 3) for at in look_instants(30)] == [
        *(0.5, 1.3, 2.58, 4.628, 7.905),
        *(12.905, 17.905, 22.905, 27.905, 30),
    ]


@pytest.mark.parametrize(("window", "looks"), [(5, 5), (10, 6), (0.1, 1), (0, 1)])
def test_the_last_look_is_at_the_end_of_the_window(window: float, looks: int) -> None:
    instants = list(look_instants(window))
    assert (instants[-1], len(instants)) == (window, looks)


@given(st.floats(min_value=0.5, max_value=3600))
def test_looks_come_less_often_but_at_least_every_five_seconds(window: float) -> None:
    instants = list(look_instants(window))
    pauses = [later - earlier for earlier, later in pairwise([0.0, *instants])]
    assert all(0 <= pause <= 5.000001 for pause in pauses)
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(pauses[:-1]))


def test_the_state_rule_looks_before_it_sends_again() -> None:
    assert all(pause >= STATE_RULE_REREAD for pause in STATE_RULE_PAUSES)
