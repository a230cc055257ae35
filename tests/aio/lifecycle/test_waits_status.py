"""Waits for a status: what ends them, what does not, and what they tell."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from novita_sdk._concurrency.aio import COLOUR, completed
from novita_sdk._core.waiting import Progress
from novita_sdk.errors import (
    AmbiguousNameError,
    AuthenticationError,
    LifecycleError,
    ValidationError,
    WaitFailedError,
    WaitTimeoutError,
)
from novita_sdk.testing import VirtualClock
from tests.aio.lifecycle.lives import Lives
from tests.aio.remote import InTurn, reset

pytestmark = pytest.mark.anyio


async def failing(lives: Lives, **arguments: Any) -> LifecycleError:
    with pytest.raises((WaitFailedError, WaitTimeoutError)) as caught:
        await lives.client().gpu_instances.wait("i-1", **arguments)
    return caught.value


@pytest.mark.case("W-02")
async def test_failed_polls_are_counted_and_survived(clock: VirtualClock) -> None:
    told: list[Progress] = []
    lives = Lives(clock, i_1=((0, "pulling"), (30, "running")))
    lives.answers["instance"] = InTurn(
        lambda _: lives.shown("i-1"), 500, reset, b"{broken", lambda _: lives.shown("i-1")
    )
    found = await lives.client().gpu_instances.wait("i-1", on_progress=told.append)
    assert (found.status, told[-1].failed_polls) == ("running", 3)
    assert [seen.kind for seen in told[:5]] == ["transition", *["poll_failed"] * 3, "poll"]
    assert "500" in str(told[1].message)


@pytest.mark.case("W-02")
async def test_a_status_that_stays_is_one_transition_however_often_it_is_polled(clock: VirtualClock) -> None:
    told: list[Progress] = []
    lives = Lives(clock, i_1=((0, "pulling"), (120, "running")))
    found = await lives.client().gpu_instances.wait("i-1", on_progress=told.append)
    assert len(told) > 20
    transitions = [seen.status for seen in told if seen.kind == "transition"]
    assert transitions == ["pulling", "running"]
    assert [step for _, step in found.timeline] == ["pulling", "running"]


@pytest.mark.case("W-03")
async def test_a_wait_that_takes_too_long_tells_all_it_knows(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="pulling")
    began = clock.monotonic()
    error = await failing(lives, timeout=300)
    assert isinstance(error, WaitTimeoutError)
    assert 300 <= clock.monotonic() - began <= 301
    assert (error.resource_id, error.last_seen, error.phase) == ("i-1", "pulling", "startup")
    assert lives.remote.times[-1] == 298
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (copy.phase, copy.polls, copy.timeline) == (error.phase, error.polls, error.timeline)
    assert "pulling" in error.explain().splitlines()[1]


@pytest.mark.case("W-04")
async def test_an_instance_that_is_being_removed_ends_the_wait_at_that_poll(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "pulling"), (7, "toRemove")))
    error = await failing(lives)
    assert isinstance(error, WaitFailedError)
    assert (error.reason, error.last_seen, lives.remote.times[-1]) == ("toRemove", "toRemove", 8)


@pytest.mark.case("W-04")
async def test_a_reclaimed_instance_says_so(clock: VirtualClock) -> None:
    reclaimed = {"status": "exited", "spotReclaimTime": "1704067200", "spotStatus": "terminated"}
    lives = Lives(clock, i_1=((0, "freezing"), (5, reclaimed)))
    error = await failing(lives)
    assert isinstance(error, WaitFailedError)
    assert (error.reason, error.last_seen) == ("spot_reclaimed", "exited")


@pytest.mark.parametrize(
    ("passing", "survives"), [("restarting", True), ("migrating", True), ("starting", False)]
)
async def test_exited_may_lie_between_the_steps_of_a_move(
    clock: VirtualClock, passing: str, survives: bool
) -> None:
    lives = Lives(clock, i_1=((0, passing), (4, "exited"), (40, "running")))
    if survives:
        assert (await lives.client().gpu_instances.wait("i-1")).status == "running"
    else:
        assert (await failing(lives)).last_seen == "exited"


@pytest.mark.case("W-05")
async def test_a_new_instance_may_be_hidden_for_a_while(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((20, "pulling"), (30, "running")))
    assert (await lives.client().gpu_instances.wait("i-1")).status == "running"


@pytest.mark.case("W-05")
async def test_what_never_appears_is_looked_for_twice(clock: VirtualClock) -> None:
    lives = Lives(clock)
    error = await failing(lives)
    assert isinstance(error, WaitFailedError)
    first, second = [at for at in lives.remote.times if at >= 60]
    assert (error.reason, error.last_seen) == ("gone", None)
    assert second - first == pytest.approx(5)


@pytest.mark.parametrize(("shown_again", "fails"), [(True, False), (False, True)])
async def test_what_vanishes_is_looked_for_twice(clock: VirtualClock, shown_again: bool, fails: bool) -> None:
    course = [(0, "pulling"), (3, None)] + [(7, "running")] * shown_again
    lives = Lives(clock, i_1=course)
    if fails:
        error = await failing(lives)
        assert (error.last_seen, lives.remote.times[-1]) == ("pulling", 9)
    else:
        assert (await lives.client().gpu_instances.wait("i-1")).status == "running"


async def test_trouble_that_stays_for_two_minutes_ends_a_wait(clock: VirtualClock) -> None:
    trouble = {"status": "pulling", "statusError": {"state": "ImagePullFailed", "message": "no such tag"}}
    told: list[Progress] = []
    lives = Lives(clock, i_1=((0, "creating"), (10, trouble)))
    error = await failing(lives, on_progress=told.append)
    assert isinstance(error, WaitFailedError)
    assert (error.reason, error.server_message) == ("status_error", "ImagePullFailed: no such tag")
    assert 130 <= lives.remote.times[-1] <= 160
    assert "no such tag" in str(told[-1])


async def test_trouble_that_passes_ends_no_wait(clock: VirtualClock) -> None:
    trouble = {"status": "pulling", "statusError": {"state": "", "message": "slow registry"}}
    lives = Lives(clock, i_1=((0, trouble), (80, "pulling"), (110, trouble), (200, "running")))
    assert (await lives.client().gpu_instances.wait("i-1")).status == "running"


async def test_a_wait_that_stands_still_says_so_once(clock: VirtualClock) -> None:
    told: list[Progress] = []
    lives = Lives(clock, i_1=((0, "pulling"), (590, "running")))
    await lives.client().gpu_instances.wait("i-1", on_progress=told.append)
    stalled = [seen.elapsed for seen in told if seen.kind == "stalled"]
    assert len(stalled) == 1
    assert 300 <= stalled[0] <= 330


async def test_a_word_of_tomorrow_is_something_under_way_and_reported_once(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    lives = Lives(clock, i_1=((0, "warping"), (9, "running")))
    assert (await lives.client().gpu_instances.wait("i-1")).status == "running"
    told = [record for record in caplog.records if record.name == "novita_sdk.lifecycle"]
    assert ["warping" in record.getMessage() for record in told] == [True]


@pytest.mark.parametrize(
    ("until", "word"), [("exited", "stopped"), ("gone", "terminated"), ("gone", "deleted")]
)
async def test_words_of_other_versions_count_as_ours(clock: VirtualClock, until: Any, word: str) -> None:
    lives = Lives(clock, i_1=word)
    await lives.client().gpu_instances.wait("i-1", until=until)
    assert lives.remote.times == [0]


async def test_a_condition_of_ones_own_can_be_waited_for(clock: VirtualClock) -> None:
    renamed = {"status": "running", "name": "b"}
    lives = Lives(clock, i_1=((0, "running"), (10, renamed)))
    found = await lives.client().gpu_instances.wait("i-1", until=lambda seen: seen.name == "b")
    assert (found.name, lives.remote.times[-1]) == ("b", 10)


@pytest.mark.parametrize(("terminal", "outcome"), [(None, "exited"), ((), None), (("running",), "running")])
async def test_a_condition_has_the_ends_of_running_unless_others_are_given(
    clock: VirtualClock, terminal: Any, outcome: str | None
) -> None:
    lives = Lives(clock, i_1=((0, "running"), (6, "exited")))
    error = await failing(lives, until=lambda _: False, terminal=terminal, timeout=60)
    assert getattr(error, "reason", None) == outcome
    assert (getattr(error, "phase", "condition"), error.resource_id) == ("condition", "i-1")


async def test_a_fixed_pause_stays(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "pulling"), (100, "running")))
    await lives.client().gpu_instances.wait("i-1", poll=30)
    assert lives.remote.times == [0, 30, 60, 90, 120]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_ends_a_wait_and_names_the_instance(clock: VirtualClock, status: int) -> None:
    lives = Lives(clock, i_1="pulling")
    lives.answers["instance"] = InTurn(lambda _: lives.shown("i-1"), status)
    with pytest.raises(Exception) as caught:
        await lives.client().gpu_instances.wait("i-1")
    assert (getattr(caught.value, "status", None), len(lives.remote.seen)) == (status, 2)
    assert getattr(caught.value, "resource_id", None) == "i-1"


# ------------------------------------------------------------------------------------------ names


async def test_a_text_that_is_no_id_is_looked_for_as_a_name(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "pulling"), (5, "running")), i_2="running")
    found = await lives.client().gpu_instances.wait("name of i-1")
    assert (found.id, found.status) == ("i-1", "running")
    assert lives.lists == 1


async def test_a_name_is_looked_for_at_once_where_it_is_called_one(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "pulling"), (5, "running")))
    found = await lives.client().gpu_instances.wait(name="name of i-1")
    assert (found.id, lives.remote.paths[0]) == ("i-1", "GET gpu/instances")


async def test_a_name_that_several_bear_ends_a_wait(clock: VirtualClock) -> None:
    twin = {"status": "running", "name": "twin"}
    lives = Lives(clock, i_1=twin, i_2=twin)
    with pytest.raises(AmbiguousNameError) as caught:
        await lives.client().gpu_instances.wait("twin")
    assert set(caught.value.ids) == {"i-1", "i-2"}


async def test_a_404_of_something_in_between_proves_no_name_wrong(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    listed: Any = {"instances": [lives.shown("i-1")], "total": 1}
    lives.answers["instances"] = InTurn((404, b"<html>", {"content-type": "text/html"}), listed)
    found = await lives.client().gpu_instances.wait("name of i-1")
    assert found.id == "i-1"


async def test_a_wait_without_end_is_interrupted_only(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "pulling"), (4000, "running")))
    found = await lives.client().gpu_instances.wait("i-1", timeout=None)
    assert (found.status, clock.monotonic() > 5000) == ("running", True)


async def test_a_doubt_that_the_deadline_leaves_no_time_for_ends_as_a_timeout(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "pulling"), (25, None)))
    error = await failing(lives, timeout=30)
    assert isinstance(error, WaitTimeoutError)
    assert error.last_seen == "pulling"


@pytest.mark.parametrize("arguments", [{}, {"instance": "i-1", "name": "x"}])
async def test_a_wait_is_for_one_instance(clock: VirtualClock, arguments: dict[str, Any]) -> None:
    lives = Lives(clock)
    with pytest.raises(ValidationError):
        await lives.client().gpu_instances.wait(**arguments)
    assert not lives.remote.seen


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"until": "happy"}, "until"),
        ({"until": completed} if COLOUR == "async" else {"until": None}, "until"),
        ({"terminal": ("exited",)}, "terminal"),
        ({"until": bool, "terminal": "exited"}, "terminal"),
        ({"ready": "soon"}, "ready"),
        ({"ready": []}, "ready"),
        ({"ready": "auto", "until": "gone"}, "ready"),
        ({"target_port": 80, "until": "exited"}, "target_port"),
        ({"target_port": 0}, "target_port"),
        ({"successes": 0}, "successes"),
        ({"poll": 0}, "poll"),
        ({"ready_timeout": -1}, "ready_timeout"),
    ],
)
async def test_arguments_that_make_no_sense_are_refused_before_anything_is_sent(
    clock: VirtualClock, arguments: dict[str, Any], field: str
) -> None:
    lives = Lives(clock, i_1="running")
    with pytest.raises(ValidationError) as caught:
        await lives.client().gpu_instances.wait("i-1", **arguments)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert not lives.remote.seen


# ------------------------------------------------------------------------------------------ telling


@pytest.mark.case("W-18")
async def test_who_is_told_and_raises_changes_nothing(clock: VirtualClock) -> None:
    def broken(_progress: Progress) -> None:
        raise RuntimeError("mine")

    lives = Lives(clock, i_1=((0, "pulling"), (30, "running")))
    quiet = Lives(VirtualClock(), i_1=((0, "pulling"), (30, "running")))
    await lives.client().gpu_instances.wait("i-1", on_progress=broken)
    await quiet.client().gpu_instances.wait("i-1")
    assert lives.remote.times == quiet.remote.times


async def test_who_is_told_may_be_asynchronous_in_the_asynchronous_client(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str | None] = []

    async def tell(progress: Progress) -> None:
        await completed(None)
        told.append(progress.status)

    lives = Lives(clock, i_1=((0, "pulling"), (3, "running")))
    await lives.client().gpu_instances.wait("i-1", on_progress=tell)
    assert told == ["pulling", "pulling", "running"]
    assert (COLOUR, caplog.records) == (COLOUR, [])


async def test_a_refused_key_is_told_as_one(clock: VirtualClock) -> None:
    lives = Lives(clock)
    lives.answers["instance"] = 401
    with pytest.raises(AuthenticationError):
        await lives.client().gpu_instances.wait("i-1")
