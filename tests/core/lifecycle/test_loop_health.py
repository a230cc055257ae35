"""When the next pass begins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.loop_health import next_start


@given(st.floats(0, 1e6), st.floats(1, 1e5), st.floats(0, 1e6))
def test_the_next_pass_lies_whole_pauses_ahead_and_never_in_the_past(
    previous: float, pause: float, late: float
) -> None:
    now = previous + late
    due = next_start(previous, pause, now)
    assert due >= now - 1e-6
    assert due >= previous + pause - 1e-6
    assert due <= max(now, previous) + pause + 1e-6
    assert abs((due - previous) / pause - round((due - previous) / pause)) < 1e-6
