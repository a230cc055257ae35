"""The deadline of a call."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.deadline import Deadline

instants = st.floats(min_value=0, max_value=1e9)
spans = st.floats(min_value=0, max_value=1e6)


def test_time_runs_out_at_the_instant_itself() -> None:
    deadline = Deadline.after(5.0, now=10.0)
    assert deadline.at == 15.0
    assert deadline.left(12.0) == 3.0
    assert not deadline.expired(14.999)
    assert deadline.expired(15.0)
    assert deadline.left(99.0) == 0.0


def test_a_call_without_deadline_never_expires() -> None:
    deadline = Deadline.after(None, now=10.0)
    assert deadline.left(1e12) == math.inf
    assert not deadline.expired(1e12)


@pytest.mark.parametrize(
    ("at", "seconds", "expected"),
    [
        (None, None, None),
        (None, 7.0, 7.0),
        (13.0, None, 3.0),
        (13.0, 7.0, 3.0),
        (13.0, 2.0, 2.0),
        (9.0, 7.0, 0.0),
    ],
)
def test_a_timeout_is_cut_to_what_is_left(
    at: float | None, seconds: float | None, expected: float | None
) -> None:
    assert Deadline(at).cut(seconds, 10.0) == expected


@given(at=instants, now=instants, seconds=spans)
def test_a_cut_timeout_is_neither_longer_nor_negative(at: float, now: float, seconds: float) -> None:
    cut = Deadline(at).cut(seconds, now)
    assert cut is not None
    assert 0 <= cut <= seconds
    assert (Deadline(at).left(now) == 0) == Deadline(at).expired(now)
