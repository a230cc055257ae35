"""The newest job of a move decides how it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.codec import structure
from novita_sdk._core.lifecycle.migration_jobs import judge_move, newest
from novita_sdk.models.job import Job

T0 = 1_790_000_000
NOW = datetime.fromtimestamp(T0 + 600, UTC)


def job(state: str | None, created: object = T0, **wire: Any) -> Job:
    shown = {"Id": "j-1", "type": "instanceMigrate", "instanceId": "i-1", "createdAt": created}
    return structure(
        Job, {**shown, "state": state and {"state": state, "error": "", "errorMessage": ""}, **wire}
    )


@pytest.mark.case("M-04")
@pytest.mark.parametrize("order", [1, -1])
def test_an_older_success_does_not_hide_a_newer_failure(order: int) -> None:
    jobs = [job("success", T0 - 60, Id="old"), job("fail", T0, Id="new")][::order]
    verdict = judge_move(jobs, "i-1", NOW)
    assert (verdict.move, verdict.job and verdict.job.id) == ("failed", "new")


@pytest.mark.case("M-04")
@pytest.mark.parametrize("order", [1, -1])
def test_an_older_failure_does_not_count_beside_a_newer_try(order: int) -> None:
    jobs = [job("fail", T0 - 60, Id="old"), job("running", T0, Id="new")][::order]
    assert judge_move(jobs, "i-1", NOW).move == "in_progress"


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("state", ["running", "success", "break", "dreaming"])
def test_a_job_of_untold_age_may_be_newer_than_a_failure(state: str, order: int) -> None:
    jobs = [job("fail", T0, Id="old"), job(state, None, Id="untold")][::order]
    assert judge_move(jobs, "i-1", NOW).move != "failed"


@pytest.mark.parametrize("order", [1, -1])
def test_a_failure_of_untold_age_decides_nothing_beside_another_job(order: int) -> None:
    jobs = [job("running", T0, Id="told"), job("fail", None, Id="untold")][::order]
    assert judge_move(jobs, "i-1", NOW).move == "in_progress"


@pytest.mark.case("M-09")
@pytest.mark.parametrize(
    ("state", "move"),
    [
        ("fail", "failed"),
        ("running", "in_progress"),
        ("pulling", "in_progress"),
        ("pending", "in_progress"),
        ("success", "settled"),
        ("break", "settled"),
        ("dreaming", "unknown"),
        (None, "unknown"),
    ],
)
def test_what_each_state_means(state: str | None, move: str) -> None:
    assert judge_move([job(state)], "i-1", NOW).move == move


@pytest.mark.case("M-09")
def test_without_a_job_nothing_is_known() -> None:
    assert judge_move([], "i-1", NOW).move == "unknown"


@pytest.mark.parametrize("wire", [{"instanceId": "i-2"}, {"type": "saveImage"}])
def test_other_jobs_do_not_count(wire: dict[str, str]) -> None:
    assert judge_move([job("fail", **wire)], "i-1", NOW).move == "unknown"


@pytest.mark.parametrize(("age", "move"), [(7200, "in_progress"), (7201, "stuck")])
def test_a_move_that_lasts_for_over_two_hours_is_stuck(age: int, move: str) -> None:
    assert judge_move([job("running", T0 + 600 - age)], "i-1", NOW).move == move


def test_times_in_words_and_in_seconds_are_compared_alike() -> None:
    jobs = [job("fail", str(T0), Id="seconds"), job("running", "2026-09-21T14:13:21Z", Id="words")]
    assert jobs[1].created_at == datetime.fromtimestamp(T0 + 1, UTC)
    assert judge_move(jobs, "i-1", NOW).move == "in_progress"


def test_the_reason_tells_the_error_of_the_job() -> None:
    said = {"state": "fail", "error": "NO_NODE", "errorMessage": "no node has room"}
    failed = structure(Job, {"Id": "j-1", "type": "instanceMigrate", "instanceId": "i-1", "state": said})
    assert judge_move([failed], "i-1", NOW).reason == "job j-1 failed: no node has room"


jobs_of_any_kind = st.lists(
    st.builds(
        lambda state, created, number: job(state, created, Id=f"j-{number}"),
        st.sampled_from(["fail", "running", "success", "break", "pulling"]),
        st.sampled_from([T0, T0 + 1, None]),
        st.integers(0, 99),
    ),
    max_size=5,
    unique_by=lambda made: made.id,
)


@given(jobs_of_any_kind)
def test_the_order_of_the_list_never_matters(jobs: list[Job]) -> None:
    assert len({found and found.id for found in map(newest, permutations(jobs))}) == 1


@given(jobs_of_any_kind)
def test_of_equally_old_jobs_one_that_goes_on_decides(jobs: list[Job]) -> None:
    found = newest(jobs)
    if found is not None and found.ended:
        assert all(other.ended for other in jobs if other.created_at == found.created_at)
