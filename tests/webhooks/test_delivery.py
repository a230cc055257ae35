"""When a message is sent again: within the program, and from the outbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.webhooks import outbox_schedule
from novita_sdk._core.webhooks.delivery import (
    Delivered,
    Failure,
    GiveUp,
    Outcome,
    TryAgain,
    after_attempt,
    check_attempts,
    check_timeout,
)
from novita_sdk._core.webhooks.outbox_schedule import PAUSES, Dead, Later, after_outbox_attempt, lease_for
from novita_sdk.errors import ValidationError

STATUSES = st.integers(min_value=200, max_value=599)


def waits(outcomes: list[Outcome], attempts: int = 4) -> tuple[list[float], object]:
    """The pauses between the attempts, and how it ends."""
    pauses = []
    for made, outcome in enumerate(outcomes, start=1):
        step = after_attempt(outcome, made=made, attempts=attempts)
        if not isinstance(step, TryAgain):
            return pauses, step
        pauses.append(step.delay)
    return pauses, None


@pytest.mark.case("WH-38")
def test_a_message_is_sent_again_after_one_two_and_four_seconds() -> None:
    assert waits([500, 502, 503, 200]) == ([1, 2, 4], Delivered())
    assert waits([Failure.CONNECTION, 200]) == ([1], Delivered())


@pytest.mark.case("WH-39")
@pytest.mark.parametrize(
    ("attempts", "pauses"),
    [(4, [1, 2, 4]), (2, [1]), (1, []), (5, [1, 2, 4, 8]), (10, [1, 2, 4, 8, 16, 30, 30, 30, 30])],
)
def test_a_message_is_tried_so_often_and_no_more(attempts: int, pauses: list[float]) -> None:
    assert waits([500] * 11, attempts) == (pauses, GiveUp("attempts"))


@pytest.mark.case("WH-40")
@pytest.mark.parametrize("outcome", [500, 503, 599, Failure.TIMEOUT, Failure.NAME, 408, 425, 429])
def test_what_may_pass_is_tried_again(outcome: Outcome) -> None:
    assert after_attempt(outcome, made=1) == TryAgain(1)


@pytest.mark.case("WH-41")
@pytest.mark.parametrize(
    "outcome", [400, 401, 404, 410, 301, 302, 307, 199, Failure.CERTIFICATE, Failure.REFUSED]
)
def test_what_will_not_pass_is_given_up_at_once(outcome: Outcome) -> None:
    assert after_attempt(outcome, made=1) == GiveUp("outcome")


@pytest.mark.case("WH-42")
@pytest.mark.parametrize(
    ("status", "asked", "step"),
    [
        (429, 7, TryAgain(7)),
        (429, 20, TryAgain(20)),
        (503, 60, TryAgain(60)),
        (429, 61, GiveUp("retry_after", 61)),
        (408, None, TryAgain(1)),
        (425, None, TryAgain(1)),
        (425, 0.5, TryAgain(1)),
        (500, 30, TryAgain(1)),
        (502, 61, TryAgain(1)),
    ],
)
def test_a_receiver_may_ask_for_a_longer_pause(status: int, asked: float | None, step: object) -> None:
    assert after_attempt(status, made=1, retry_after=asked) == step


@pytest.mark.case("WH-43")
@pytest.mark.parametrize("timeout", [0.5, 31, float("nan"), "10", None, timedelta(milliseconds=999)])
def test_an_attempt_takes_one_to_thirty_seconds(timeout: Any) -> None:
    assert [check_timeout(limit) for limit in (1, timedelta(seconds=10), 30)] == [1, 10, 30]
    with pytest.raises(ValidationError, match="timeout"):
        check_timeout(timeout)


@pytest.mark.parametrize("attempts", [0, 11, True, 2.0, "4", None])
def test_there_are_one_to_ten_attempts(attempts: object) -> None:
    assert [check_attempts(count) for count in (1, 10)] == [1, 10]
    with pytest.raises(ValidationError, match="attempts"):
        check_attempts(attempts)


# ----------------------------------------------------------------------------------------- outbox


@pytest.mark.case("WH-46")
@given(draws=st.lists(st.floats(min_value=0, max_value=1), min_size=10, max_size=10))
def test_the_outbox_tries_ten_times_over_three_days(draws: list[float]) -> None:
    pauses: list[float] = []
    step: object = None
    for made, draw in enumerate(draws, start=1):
        step = after_outbox_attempt(500, made=made, retry_after=None, draw=draw)
        if isinstance(step, Later):
            assert step.pause == 0
            pauses.append(step.delay)
    assert step == Dead("exhausted")
    assert [wait <= pause <= wait * 1.1 for wait, pause in zip(PAUSES, pauses, strict=True)] == [True] * 9
    assert 272_105 <= sum(pauses) <= 299_316
    assert outbox_schedule.ATTEMPTS == 10


@pytest.mark.case("WH-47")
@given(status=STATUSES, made=st.integers(min_value=1, max_value=9))
def test_the_outbox_tries_every_answer_again_that_is_no_yes(status: int, made: int) -> None:
    step = after_outbox_attempt(status, made=made, retry_after=None, draw=0)
    if 200 <= status <= 299:
        assert step == Delivered()
    elif status == 410:
        assert step == Dead("target_gone")
    else:
        assert step == Later(PAUSES[made - 1])


@pytest.mark.parametrize("failure", list(Failure))
def test_the_outbox_tries_again_whatever_failed(failure: Failure) -> None:
    assert after_outbox_attempt(failure, made=1, retry_after=None, draw=0) == Later(5)


@pytest.mark.parametrize(
    ("status", "asked", "step"),
    [
        (429, 60, Later(60, 60)),
        (503, 2, Later(5, 2)),
        (502, 90_000, Later(86_400, 86_400)),
        (504, None, Later(5)),
        (500, 60, Later(60)),
    ],
)
def test_a_receiver_may_pause_its_whole_target(status: int, asked: float | None, step: Later) -> None:
    assert after_outbox_attempt(status, made=1, retry_after=asked, draw=0) == step


@pytest.mark.case("WH-52")
def test_a_lease_is_twice_as_long_as_a_message_takes() -> None:
    assert [lease_for(timeout) for timeout in (30, 10, 1)] == [65, 60, 60]
