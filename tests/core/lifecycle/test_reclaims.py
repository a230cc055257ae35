"""Reclaimed spot instances: which are moved, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.codec import structure
from novita_sdk._core.lifecycle.reclaims import (
    NO_ACTION_NEEDED,
    ReclaimRecord,
    ReclaimRules,
    judge_reclaim,
    reclaim_mark,
    reclaim_step,
)
from novita_sdk.models.instance import Instance

RECLAIMED = 1_704_067_200
NOW = datetime.fromtimestamp(RECLAIMED + 86_400, UTC)
RULES = ReclaimRules(cooldown=4 * 3600, max_attempts=3)


def spot(**wire: Any) -> Instance:
    shown = {"id": "i-1", "status": "exited", "billingMode": "spot", "spotReclaimTime": str(RECLAIMED)}
    return structure(Instance, {**shown, **wire})


def record(**fields: Any) -> ReclaimRecord:
    return ReclaimRecord(**{"instance_id": "i-1", "reclaim": str(RECLAIMED), **fields})


def hours_ago(hours: float) -> float:
    return NOW.timestamp() - hours * 3600


@pytest.mark.case("M-01")
def test_a_stopped_instance_with_a_reclaim_time_is_moved() -> None:
    assert judge_reclaim(spot(), record(), RULES, NOW).eligible


@pytest.mark.case("M-01")
@pytest.mark.parametrize("word", ["reclaiming", "terminated"])
def test_the_word_alone_is_enough(word: str) -> None:
    assert judge_reclaim(spot(spotReclaimTime="0", spotStatus=word), record(), RULES, NOW).eligible


@pytest.mark.case("M-01")
@pytest.mark.parametrize("time", ["0", "", "-1", None])
def test_without_a_reclaim_nothing_is_needed(time: str | None) -> None:
    verdict = judge_reclaim(spot(spotReclaimTime=time, spotStatus=""), record(), RULES, NOW)
    assert (verdict.eligible, verdict.detail) == (False, NO_ACTION_NEEDED)


@pytest.mark.case("M-01")
def test_what_the_user_stopped_stays_stopped() -> None:
    stopped = spot(billingMode="onDemand", spotReclaimTime="0", spotStatus="")
    assert not judge_reclaim(stopped, record(), RULES, NOW).eligible


@pytest.mark.parametrize("status", ["running", "migrating", "toStop", "stopping", "removed"])
def test_only_stopped_instances_are_moved(status: str) -> None:
    assert judge_reclaim(spot(status=status), record(), RULES, NOW).detail == NO_ACTION_NEEDED


@pytest.mark.parametrize(("after", "eligible"), [(599, True), (600, True), (601, False)])
def test_a_run_long_after_the_reclaim_was_stopped_on_purpose(after: int, eligible: bool) -> None:
    instance = spot(lastStartedAt=str(RECLAIMED + after))
    assert judge_reclaim(instance, record(), RULES, NOW).eligible is eligible


@pytest.mark.case("M-02")
def test_a_recent_attempt_is_waited_out_and_the_reason_names_both_figures() -> None:
    verdict = judge_reclaim(spot(), record(attempts=1, last_attempt=hours_ago(2)), RULES, NOW)
    assert not verdict.eligible
    assert verdict.detail == "last attempt 2 h ago, the cooldown is 4 h"


@pytest.mark.case("M-02")
@pytest.mark.parametrize("last_attempt", [hours_ago(5), None])
def test_an_old_attempt_or_none_does_not_stand_in_the_way(last_attempt: float | None) -> None:
    tried = record(attempts=1, last_attempt=last_attempt)
    assert judge_reclaim(spot(), tried, RULES, NOW).detail == "reclaimed, attempt 2 of 3"


@pytest.mark.case("M-02")
def test_after_the_third_attempt_there_is_no_other_for_this_reclaim() -> None:
    tried = record(attempts=3, last_attempt=hours_ago(24 * 30))
    verdict = judge_reclaim(spot(), tried, RULES, NOW)
    assert (verdict.eligible, verdict.detail) == (False, "all 3 attempts for this reclaim are used")


def test_a_reclaim_that_was_answered_by_a_move_is_not_answered_again() -> None:
    moved = record(attempts=1, last_attempt=hours_ago(5), outcome="migrated")
    assert not judge_reclaim(spot(), moved, RULES, NOW).eligible


def test_a_new_reclaim_has_its_own_attempts_but_the_same_cooldown() -> None:
    stored = record(attempts=3, last_attempt=hours_ago(5), outcome="migrated").written()
    later = spot(spotReclaimTime=str(RECLAIMED + 3600))
    again = ReclaimRecord.read(stored, reclaim_mark(later))
    assert (again.attempts, again.outcome) == (0, "")
    assert judge_reclaim(later, again, RULES, NOW).eligible
    recent = ReclaimRecord.read({**stored, "last_attempt": hours_ago(1)}, reclaim_mark(later))
    assert not judge_reclaim(later, recent, RULES, NOW).eligible


@pytest.mark.parametrize(
    ("wire", "step"),
    [
        ({"status": "running", "spotStatus": "notified"}, "notified"),
        ({"status": "running", "spotStatus": "reclaiming"}, "reclaiming"),
        ({"status": "running", "spotStatus": "running"}, None),
        ({"status": "running", "spotStatus": ""}, None),
        ({"status": "exited"}, "reclaimed"),
        ({"status": "pulling", "spotStatus": "notified"}, None),
    ],
)
def test_the_steps_of_a_reclaim(wire: dict[str, str], step: str | None) -> None:
    assert reclaim_step(spot(**wire)) == step


def test_reclaims_are_told_apart_by_their_time_or_by_the_stop() -> None:
    assert reclaim_mark(spot()) == str(RECLAIMED)
    assert reclaim_mark(spot(spotReclaimTime="0", lastStoppedAt="1704067300")) == "stopped-1704067300"
    assert reclaim_mark(spot(spotReclaimTime="0")) == "untimed"


@given(
    attempts=st.integers(0, 5),
    age=st.none() | st.floats(-(10**6), 10**6),
    outcome=st.sampled_from(["", "sent", "migrated", "failed"]),
)
def test_nothing_is_ever_moved_too_often_or_too_soon(attempts: int, age: float | None, outcome: Any) -> None:
    last = None if age is None else NOW.timestamp() - age
    tried = record(attempts=attempts, last_attempt=last, outcome=outcome)
    if judge_reclaim(spot(), tried, RULES, NOW).eligible:
        assert attempts < RULES.max_attempts
        assert age is None or age >= RULES.cooldown - 1
        assert outcome != "migrated"


@given(
    attempts=st.integers(0, 9),
    last=st.none() | st.floats(0, 2e9),
    told=st.lists(st.sampled_from(["notified", "reclaiming", "reclaimed"])),
)
def test_a_record_is_read_as_it_was_written(attempts: int, last: float | None, told: list[Any]) -> None:
    written = record(attempts=attempts, last_attempt=last, told=tuple(told), new_id="i-2", outcome="sent")
    assert ReclaimRecord.read(written.written(), str(RECLAIMED)) == written


def test_an_attempt_is_counted_before_anything_is_sent() -> None:
    tried = record(attempts=1, outcome="failed", new_id="old").tried(NOW.timestamp())
    assert (tried.attempts, tried.last_attempt, tried.outcome, tried.new_id) == (
        2,
        NOW.timestamp(),
        "sent",
        None,
    )
    assert not judge_reclaim(spot(), tried, RULES, NOW + timedelta(hours=1)).eligible
