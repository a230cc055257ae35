"""Rules of waits for instances: what each sight means, and which mistakes are never made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.first_look import FirstStep, first_step, state_in_words
from novita_sdk._core.lifecycle.instance_judge import InstanceJudge, Sent
from novita_sdk._core.lifecycle.own_changes import OwnChanges
from novita_sdk._core.lifecycle.poll_plan import PollPlan
from novita_sdk._core.lifecycle.poll_schedule import PollSchedule
from novita_sdk._core.lifecycle.waiting_table import TARGETS, judge_status, status_word
from novita_sdk._core.timeline import TimelineRecord
from novita_sdk._core.waiting import Verdict
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance, StatusError

STATUSES = [str(status) for status in InstanceStatus]


def shown(status: str | None, **fields: Any) -> Instance | None:
    return None if status is None else Instance(id="i", status=InstanceStatus(status), **fields)


sights = st.lists(st.tuples(st.sampled_from([*STATUSES, "warp", None]), st.floats(0.5, 40)), max_size=30)


@given(sights=sights, target=st.sampled_from(TARGETS), sent=st.booleans())
def test_a_wait_is_reached_by_its_own_status_only(sights: Any, target: Any, sent: bool) -> None:
    judge = InstanceJudge(target, began=0.0, sent=Sent(at=0.0) if sent else None)
    now = 0.0
    for status, pause in sights:
        now += pause
        judged = judge.judge(shown(status), now)
        reached = judged.verdict is Verdict.REACHED
        assert reached == (judge_status(status, target) is Verdict.REACHED)
        if judged.verdict is not Verdict.GOES_ON:
            break


@given(sights=sights)
def test_what_is_not_found_ends_a_wait_only_at_the_second_look(sights: Any) -> None:
    judge = InstanceJudge("running", began=0.0)
    now, doubts = 0.0, 0
    for status, pause in sights:
        now += pause
        judged = judge.judge(shown(status), now)
        if status is None and judged.verdict is Verdict.IMPOSSIBLE:
            assert (judged.reason, doubts) == ("gone", 1)
        doubts = doubts + 1 if status is None and judged.look_again else 0
        if judged.verdict is not Verdict.GOES_ON:
            break


@pytest.mark.parametrize(("seconds", "verdict"), [(59.9, Verdict.GOES_ON), (60, Verdict.IMPOSSIBLE)])
@pytest.mark.parametrize("way", ["sent", "passed"])
def test_exited_is_believed_after_a_minute(way: str, seconds: float, verdict: Verdict) -> None:
    judge = InstanceJudge("running", began=0.0, sent=Sent(at=0.0) if way == "sent" else None)
    if way == "passed":
        judge.judge(shown("resetting"), 0.0)
    assert judge.judge(shown("exited"), seconds).verdict is verdict


def test_an_instance_that_was_seen_otherwise_since_its_start_has_failed() -> None:
    judge = InstanceJudge("running", began=0.0, sent=Sent(at=0.0))
    judge.judge(shown("starting"), 1.0)
    assert judge.judge(shown("exited"), 2.0).verdict is Verdict.IMPOSSIBLE


@pytest.mark.parametrize(
    ("changes", "seconds", "verdict"),
    [
        ({}, 119.0, Verdict.GOES_ON),
        ({}, 120.0, Verdict.IMPOSSIBLE),
        ({"status": "pulling"}, 120.0, Verdict.GOES_ON),
        ({"message": "other"}, 120.0, Verdict.GOES_ON),
    ],
)
def test_trouble_counts_once_it_has_not_changed_for_two_minutes(
    changes: dict[str, str], seconds: float, verdict: Verdict
) -> None:
    judge = InstanceJudge("running", began=0.0)
    judge.judge(shown("creating", status_error=StatusError(state="", message="bad")), 0.0)
    trouble = StatusError(state="", message=changes.get("message", "bad"))
    judged = judge.judge(shown(changes.get("status", "creating"), status_error=trouble), seconds)
    assert (judged.verdict, judged.server_message) == (verdict, changes.get("message", "bad"))


def test_an_empty_trouble_is_none() -> None:
    judged = InstanceJudge("running", began=0.0).judge(
        shown("creating", status_error=StatusError(state="", message="")), 500.0
    )
    assert (judged.verdict, judged.server_message) == (Verdict.GOES_ON, None)


@pytest.mark.parametrize("action", ["start", "stop", "restart", "delete"])
@pytest.mark.parametrize("status", [*STATUSES, "warp", "failed"])
def test_every_status_has_a_first_step(action: Any, status: str) -> None:
    step = first_step(action, status)
    if step is FirstStep.SEND and action != "delete":
        assert status == ("exited" if action == "start" else "running")
    if action == "delete":
        assert step is not FirstStep.REFUSE
    assert state_in_words(status)


@given(
    began=st.floats(0, 1e5),
    waits=st.floats(0.5, 4000),
    swing=st.floats(0.9, 1.1),
    later=st.floats(0, 120),
    passed=st.floats(0, 1),
)
def test_no_poll_is_planned_for_after_the_end(
    began: float, waits: float, swing: float, later: float, passed: float
) -> None:
    until = began + waits
    now = began + waits * passed
    due = PollSchedule(began=began, until=until, longest=30.0).next_poll(now, swing, later)
    assert due is None or now < due <= until - 2 + 1e-6
    if due is None:
        assert now >= until - 2 or now + later > until - 2
    else:  # the service is left alone for as long as it asked
        assert due >= now + later


def test_a_timeline_never_goes_back_and_keeps_first_sights() -> None:
    record = TimelineRecord()
    for step, wall in (("requested", 100.0), ("pulling", 90.0), ("running", 120.0), ("pulling", 130.0)):
        record.note(step, wall)
    entries = record.entries()
    assert [step for _, step in entries] == ["requested", "pulling", "running"]
    assert [at for at, _ in entries] == sorted(at for at, _ in entries)
    assert record.at("gone") is None
    assert record.at("gone", "running") == entries[2][0]


def test_a_list_is_preferred_once_it_is_cheaper() -> None:
    plan = PollPlan()
    assert [plan.prefers_list(waiters) for waiters in (1, 2)] == [False, True]
    plan.page_read(10.0, 1, 350)
    assert [plan.prefers_list(waiters) for waiters in (3, 4)] == [False, True]
    assert plan.next_list_at == 12.0
    plan.page_read(10.0, 4, None)
    assert plan.next_list_at == 18.0


def test_only_the_latest_own_action_accounts_for_a_status() -> None:
    own = OwnChanges()
    own.note("i", "stop", 0.0)
    stop = own.latest("i")
    assert stop is not None
    assert stop.accounts_for("stopping", 10.0)
    assert not stop.accounts_for("running", 10.0)
    assert not stop.accounts_for("stopping", 4000.0)
    assert stop.is_over_with("exited")
    own.refused("i")
    assert own.latest("i") is None


def test_own_actions_are_not_remembered_for_ever() -> None:
    own = OwnChanges()
    for number in range(10_001):
        own.note(f"i-{number}", "start", 0.0)
    assert own.latest("i-0") is None
    assert own.latest("i-10000") is not None


def test_an_instance_without_a_status_is_unknown() -> None:
    assert status_word(Instance(id="i")) == "unknown"
