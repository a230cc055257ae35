"""Rules of waits: what a status means, and how long to pause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.poll_schedule import poll_options, poll_pause
from novita_sdk._core.lifecycle.waiting_table import TARGETS, judge_status
from novita_sdk._core.waiting import Verdict
from novita_sdk.models import InstanceStatus

ON, YES, NO = Verdict.GOES_ON, Verdict.REACHED, Verdict.IMPOSSIBLE

# status: what it means for one who waits for running, exited, gone
MEANINGS = {
    "running": (YES, ON, ON),
    "exited": (NO, YES, ON),
    "failed": (NO, NO, ON),
    "toRemove": (NO, NO, ON),
    "removing": (NO, NO, ON),
    "removed": (NO, NO, YES),
    None: (NO, NO, YES),
}


@pytest.mark.parametrize("status", [*InstanceStatus, "failed", "warp", None])
def test_a_status_means_to_each_wait_what_the_table_says(status: str | None) -> None:
    expected = MEANINGS.get(status if status is None else str(status), (ON, ON, ON))
    assert tuple(judge_status(status, target) for target in TARGETS) == expected


@given(
    waited=st.floats(0, 1e6),
    longest=st.floats(10, 300),
    swing=st.floats(0.9, 1.1),
)
def test_a_pause_is_between_two_seconds_and_the_longest_one(
    waited: float, longest: float, swing: float
) -> None:
    pause = poll_pause(waited, longest, swing)
    assert 2 * 0.9 <= pause <= longest * 1.1
    assert pause <= max(2.0, 0.15 * waited) * 1.1


@pytest.mark.parametrize(("left", "seconds"), [(None, 10), (600, 10), (10, 10), (2, 2), (0.5, 0.5)])
def test_a_poll_has_ten_seconds_or_what_is_left(left: float | None, seconds: float) -> None:
    assert poll_options(left).total_timeout == seconds
