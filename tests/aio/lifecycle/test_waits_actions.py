"""Actions that last until they show: what they send, what they attach to, how they end."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._concurrency.aio import gather
from novita_sdk.errors import (
    BadRequestError,
    CapacityError,
    InvalidStateError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
    ValidationError,
    WaitFailedError,
    WaitTimeoutError,
)
from novita_sdk.testing import VirtualClock
from tests.aio.lifecycle.lives import STARTED, Lives, ToldEvents, first
from tests.aio.remote import InterruptingClock, Interruption, InTurn, Late, interrupt_at, lost

pytestmark = pytest.mark.anyio

INVALID = (400, {"message": "invalid state change"})
SOLD_OUT = (400, {"reason": "INSUFFICIENT_RESOURCE"})


def steps(timeline: tuple[tuple[Any, str], ...]) -> list[str]:
    assert [at for at, _ in timeline] == sorted(at for at, _ in timeline)
    return [step for _, step in timeline]


# ------------------------------------------------------------------------------------------ start


@pytest.mark.case("W-01")
async def test_a_start_is_sent_once_and_followed_until_it_runs(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    lives.courses["start"] = ((0, "exited"), (1, "starting"), (42, "running"))
    client = lives.client()
    events = ToldEvents(client)
    found = await client.gpu_instances.start_and_wait("i-1")
    assert lives.sent("start") == [0]
    # the first look and the first poll at 0, every 2 s while 15 % of the time are less than that
    expected = [0.0, 0.0]
    while expected[-1] < 42:
        expected.append(expected[-1] + max(2.0, 0.15 * expected[-1]))
    gets = [seen.at for seen in lives.remote.gets]
    assert gets == pytest.approx(expected)
    assert gets[-1] - gets[2] == pytest.approx(40.8, abs=0.1)  # since it was first seen starting
    assert steps(found.timeline) == ["requested", "exited", "accepted", "starting", "running"]
    assert events.kinds == ["startup_initiated", "running", "startup_completed"]
    assert len({operation for _, operation, _ in events.told}) == 1


@pytest.mark.case("W-03")
async def test_a_start_has_the_startup_timeout_of_the_settings(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    lives.courses["start"] = "starting"
    began = clock.monotonic()
    client = lives.client(startup_timeout=120)
    events = ToldEvents(client)
    with pytest.raises(WaitTimeoutError) as caught:
        await client.gpu_instances.start_and_wait("i-1")
    assert (clock.monotonic() - began, caught.value.phase) == (120, "startup")
    assert caught.value.operation_id == events.told[0][1]
    assert events.kinds == ["startup_initiated", "startup_failed"]
    assert events.told[-1][2]["phase"] == "timeout"


@pytest.mark.case("W-07")
@pytest.mark.parametrize(
    ("status", "posts"),
    [("running", 0), ("starting", 0), ("toStart", 0), ("pulling", 0), ("migrating", 0), ("warping", 0)],
)
async def test_what_runs_or_comes_up_is_not_started(clock: VirtualClock, status: str, posts: int) -> None:
    lives = Lives(clock, i_1=((0, status), (10, "running")))
    client = lives.client()
    events = ToldEvents(client)
    assert (await client.gpu_instances.start_and_wait("i-1")).status == "running"
    assert len(lives.remote.posts) == posts
    assert events.kinds == ["running", "startup_completed"]


@pytest.mark.case("W-07")
async def test_what_is_stopping_is_started_once_it_has_stopped(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "stopping"), (9, "exited")))
    found = await lives.client().gpu_instances.start_and_wait("i-1")
    assert found.status == "running"
    assert lives.sent("start") == [10]


async def test_what_never_stops_is_given_up_after_two_minutes(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="stopping")
    began = clock.monotonic()
    with pytest.raises(WaitTimeoutError) as caught:
        await lives.client().gpu_instances.start_and_wait("i-1")
    assert (clock.monotonic() - began, caught.value.phase, lives.remote.posts) == (120, "stop", [])


@pytest.mark.case("W-07")
@pytest.mark.parametrize("status", ["toRemove", "removing", "removed"])
async def test_what_is_being_removed_is_not_started(clock: VirtualClock, status: str) -> None:
    lives = Lives(clock, i_1=status)
    with pytest.raises(InvalidStateError) as caught:
        await lives.client().gpu_instances.start_and_wait("i-1")
    assert (caught.value.current_status, caught.value.action) == (status, "start")
    assert not lives.remote.posts


@pytest.mark.parametrize(
    ("status", "words"), [("running", "already running"), ("stopping", "currently stopping")]
)
async def test_a_strict_start_refuses_what_is_not_stopped(
    clock: VirtualClock, status: str, words: str
) -> None:
    lives = Lives(clock, i_1=status)
    with pytest.raises(InvalidStateError) as caught:
        await lives.client().gpu_instances.start_and_wait("i-1", strict=True)
    assert (caught.value.reason, lives.remote.posts) == (words, [])


async def test_a_start_may_refuse_to_wait_for_a_stop(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="toStop")
    with pytest.raises(InvalidStateError):
        await lives.client().gpu_instances.start_and_wait("i-1", on_stopping="error")
    assert not lives.remote.posts


@pytest.mark.case("W-08")
async def test_a_refused_start_that_is_on_its_way_is_done(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "exited"), (1, "starting"), (20, "running")))
    lives.answers["start"] = INVALID
    assert (await lives.client().gpu_instances.start_and_wait("i-1")).status == "running"
    assert lives.sent("start") == [0]


@pytest.mark.case("W-08")
async def test_a_refused_start_that_is_permitted_is_sent_again(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    lives.answers["start"] = first(INVALID, lambda: lives.act("start"))
    assert (await lives.client().gpu_instances.start_and_wait("i-1")).status == "running"
    assert lives.sent("start") == [0, 2]


@pytest.mark.case("W-08")
async def test_a_start_is_sent_three_times_at_most(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    lives.answers["start"] = INVALID
    with pytest.raises(InvalidStateError) as caught:
        await lives.client().gpu_instances.start_and_wait("i-1")
    assert (lives.sent("start"), caught.value.current_status) == ([0, 2, 6], "exited")


@pytest.mark.case("W-09")
async def test_a_start_that_failed_leaves_no_lock_behind(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    lives.answers["start"] = first(SOLD_OUT, lambda: lives.act("start"))
    client = lives.client()
    with pytest.raises(CapacityError):
        await client.gpu_instances.start_and_wait("i-1")
    assert (await client.gpu_instances.start_and_wait("i-1")).status == "running"
    assert (await client.gpu_instances.start_and_wait("i-1")).status == "running"
    assert len(lives.sent("start")) == 2


@pytest.mark.case("W-09")
async def test_two_starts_of_one_instance_are_one(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    client = lives.client()
    events = ToldEvents(client)

    async def start() -> str:
        return str((await client.gpu_instances.start_and_wait("i-1")).status)

    assert await gather(clock, [start, start, start]) == ["running"] * 3
    assert len(lives.sent("start")) == 1
    assert events.kinds == ["startup_initiated", "running", "startup_completed"]


@pytest.mark.case("W-09")
async def test_who_joins_a_start_that_fails_is_told_so(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    lives.answers["start"] = SOLD_OUT
    client = lives.client(max_retries=0)
    failed: list[str] = []

    async def start() -> None:
        try:
            await client.gpu_instances.start_and_wait("i-1")
        except CapacityError as error:
            failed.append(error.code)

    await gather(clock, [start, start])
    assert failed == ["INSUFFICIENT_RESOURCE"] * 2
    assert client._engine.services.starts._starts == {}


@pytest.mark.case("W-09")
async def test_who_joins_a_start_that_is_interrupted_makes_it() -> None:
    clock = InterruptingClock()
    lives = Lives(clock, i_1="exited")
    lives.answers["start"] = InTurn(Late(5, lambda _: lives.act("start")), lambda _: lives.act("start"))
    client = lives.client()
    ends: list[str] = []

    def starting(moment: float | None) -> Any:
        async def start() -> None:
            if moment is not None:
                interrupt_at.set(clock.monotonic() + moment)
            else:
                await clock.sleep_async(1)  # so that the other one leads
            try:
                ends.append(str((await client.gpu_instances.start_and_wait("i-1", timeout=None)).status))
            except Interruption:
                ends.append("interrupted")

        return start

    await gather(clock, [starting(2), starting(None)])
    assert ends == ["interrupted", "running"]
    assert lives.sent("start") == [0, 2]


async def test_who_joins_has_a_deadline_of_its_own(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    lives.answers["start"] = Late(9, lambda _: lives.act("start"))
    client = lives.client()

    async def start() -> str:
        return str((await client.gpu_instances.start_and_wait("i-1")).status)

    async def join() -> str:
        await clock.sleep_async(1)
        with pytest.raises(WaitTimeoutError):
            await client.gpu_instances.start_and_wait("i-1", timeout=3)
        with pytest.raises(InvalidStateError) as caught:
            await client.gpu_instances.start_and_wait("i-1", strict=True)
        return str(caught.value.reason)

    assert await gather(clock, [start, join]) == ["running", "already starting"]
    assert len(lives.sent("start")) == 1


async def test_an_unknown_wish_for_what_stops_is_refused(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="stopping")
    with pytest.raises(ValidationError) as caught:
        await lives.client().gpu_instances.start_and_wait("i-1", on_stopping="hope")  # type: ignore[arg-type]  # that is the point
    assert [problem.field for problem in caught.value.problems] == ["on_stopping"]
    assert not lives.remote.seen


@pytest.mark.case("W-10")
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (SOLD_OUT, CapacityError),
        ((400, {"message": "no"}), BadRequestError),
        (403, PermissionDeniedError),
    ],
)
async def test_an_instance_that_cannot_be_started_still_exists(
    clock: VirtualClock, answer: Any, expected: type[Exception]
) -> None:
    lives = Lives(clock, i_1="exited")
    lives.answers["start"] = answer
    client = lives.client(max_retries=0)
    events = ToldEvents(client)
    with pytest.raises(expected):
        await client.gpu_instances.start_and_wait("i-1")
    assert (lives.shown("i-1") or {})["status"] == "exited"
    assert {seen.path for seen in lives.remote.posts} == {"gpu/instance/start"}
    assert [(kind, words["phase"]) for kind, _, words in events.told] == [("startup_failed", "api_call")]


async def test_a_start_can_wait_for_stock(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    lives.answers["start"] = InTurn(SOLD_OUT, SOLD_OUT, lambda _: lives.act("start"))
    client = lives.client(max_retries=0)
    found = await client.gpu_instances.start_and_wait("i-1", capacity_wait=120)
    assert (found.status, lives.sent("start")) == ("running", [0, 30, 60])


async def test_a_start_does_not_wait_for_stock_for_ever(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    lives.answers["start"] = SOLD_OUT
    with pytest.raises(CapacityError):
        await lives.client(max_retries=0).gpu_instances.start_and_wait("i-1", capacity_wait=70)
    assert lives.sent("start") == [0, 30, 60]


async def test_who_is_interrupted_while_waiting_for_stock_is_told_what_stays() -> None:
    clock = InterruptingClock()
    lives = Lives(clock, i_1="exited")
    lives.answers["start"] = SOLD_OUT
    interrupt_at.set(clock.monotonic() + 40)
    with pytest.raises(Interruption) as caught:
        await lives.client(max_retries=0).gpu_instances.start_and_wait("i-1", capacity_wait=300)
    assert caught.value.__notes__ == ["i-1 was left as it is, and may go on costing; last seen: exited"]
    assert lives.sent("start") == [0, 30]


async def test_the_first_look_has_no_more_time_than_the_operation(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    lives.answers["instance"] = 503
    began = clock.monotonic()
    with pytest.raises(ServerError):
        await lives.client().gpu_instances.start_and_wait("i-1", timeout=2)
    assert clock.monotonic() - began <= 2


async def test_an_instance_may_still_read_exited_after_its_start(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    lives.courses["start"] = ((0, "exited"), (50, "starting"), (55, "running"))
    assert (await lives.client().gpu_instances.start_and_wait("i-1")).status == "running"


@pytest.mark.parametrize("course", [((0, "exited"),), ((0, "starting"), (5, "exited"))])
async def test_an_instance_that_stays_or_falls_back_ends_the_wait(clock: VirtualClock, course: Any) -> None:
    lives = Lives(clock, i_1="exited")
    lives.courses["start"] = course
    client = lives.client()
    events = ToldEvents(client)
    with pytest.raises(WaitFailedError) as caught:
        await client.gpu_instances.start_and_wait("i-1")
    assert caught.value.reason == "exited"
    assert events.told[-1][2]["phase"] == "startup"
    assert len(lives.sent("start")) == 1


@pytest.mark.parametrize("action", ["start", "restart", "stop"])
async def test_an_instance_that_vanishes_right_after_the_first_look_is_looked_for_twice(
    clock: VirtualClock, action: str
) -> None:
    lives = Lives(clock, i_1="exited" if action == "start" else "running")
    lives.courses[action] = ((0, None),)
    began = clock.monotonic()
    with pytest.raises(WaitFailedError) as caught:
        await getattr(lives.client().gpu_instances, f"{action}_and_wait")("i-1")
    assert (caught.value.reason, clock.monotonic() - began) == ("gone", 5)


async def test_the_name_of_an_instance_will_do(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited", i_2="exited")
    assert (await lives.client().gpu_instances.start_and_wait(name="name of i-2")).id == "i-2"
    assert (await lives.client().gpu_instances.start_and_wait("name of i-1")).id == "i-1"
    with pytest.raises(NotFoundError):
        await lives.client().gpu_instances.start_and_wait("nobody")


# ------------------------------------------------------------------------------------------ restart


@pytest.mark.case("W-19")
async def test_a_restart_counts_once_it_was_seen(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    lives.courses["restart"] = ((0, "running"), (8, "restarting"), (15, "running"))
    client = lives.client()
    events = ToldEvents(client)
    found = await client.gpu_instances.restart_and_wait("i-1")
    assert steps(found.timeline) == ["requested", "running", "accepted", "restarting"]
    assert lives.remote.times[-1] == pytest.approx(16.1)
    assert lives.sent("restart") == [0]
    assert events.kinds == ["startup_initiated", "running", "startup_completed"]


@pytest.mark.case("W-19")
async def test_a_later_time_of_the_last_start_proves_a_restart(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1={"status": "running", "lastStartedAt": "1700000000"})
    anew = {"status": "running", "lastStartedAt": "1700000900"}
    lives.courses["restart"] = ((0, {"status": "running", "lastStartedAt": "1700000000"}), (5, anew))
    await lives.client().gpu_instances.restart_and_wait("i-1")
    assert lives.remote.times[-1] == 6


@pytest.mark.case("W-19")
async def test_a_minute_of_running_proves_a_restart_too(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    lives.courses["restart"] = "running"
    await lives.client().gpu_instances.restart_and_wait("i-1")
    assert 60 <= lives.remote.times[-1] < 70


async def test_what_restarts_already_is_not_restarted(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "restarting"), (6, "running")))
    await lives.client().gpu_instances.restart_and_wait("i-1")
    assert not lives.remote.posts


@pytest.mark.parametrize("status", ["exited", "stopping", "removing"])
async def test_what_does_not_run_is_not_restarted(clock: VirtualClock, status: str) -> None:
    lives = Lives(clock, i_1=status)
    with pytest.raises(InvalidStateError):
        await lives.client().gpu_instances.restart_and_wait("i-1")
    assert not lives.remote.posts


# ------------------------------------------------------------------------------------------ stop, delete


@pytest.mark.case("W-11")
async def test_a_stop_that_the_service_fails_at_can_be_sent_again(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    lives.answers["stop"] = InTurn(500, 500, 500, 500, lambda _: lives.act("stop"))
    client = lives.client()
    with pytest.raises(ServerError):
        await client.gpu_instances.stop("i-1")
    assert (lives.shown("i-1") or {})["status"] == "running"
    result = await client.gpu_instances.stop("i-1")
    assert (str(result.status), len(lives.sent("stop"))) == ("toStop", 5)


@pytest.mark.case("W-11")
async def test_what_is_stopped_is_not_stopped(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    client = lives.client()
    events = ToldEvents(client)
    assert (await client.gpu_instances.stop_and_wait("i-1")).status == "exited"
    assert (lives.remote.posts, events.kinds) == ([], [])


@pytest.mark.case("W-11")
async def test_a_stop_whose_answer_is_lost_is_read_back(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")

    def begins_to_stop(_request: Any) -> Any:
        lives.live("i_1", "stopping")
        return lost()

    lives.answers["stop"] = begins_to_stop
    result = await lives.client().gpu_instances.stop("i-1")
    assert (str(result.status), result.settled, len(result.operation_id or "")) == ("stopping", True, 26)


async def test_a_stop_is_followed_until_it_shows(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    client = lives.client()
    events = ToldEvents(client)
    found = await client.gpu_instances.stop_and_wait("i-1")
    assert steps(found.timeline) == ["requested", "running", "accepted", "toStop", "stopping", "exited"]
    assert (events.kinds, len(lives.sent("stop"))) == (["stopping", "stopped"], 1)


@pytest.mark.parametrize(
    ("course", "posts"),
    [
        (((0, "stopping"), (5, "exited")), []),
        (((0, "starting"), (9, "running")), [10]),
        (((0, "starting"), (9, "exited")), []),
    ],
)
async def test_a_stop_lets_what_is_under_way_come_to_its_end(
    clock: VirtualClock, course: Any, posts: list[float]
) -> None:
    lives = Lives(clock, i_1=course)
    assert (await lives.client().gpu_instances.stop_and_wait("i-1")).status == "exited"
    assert lives.sent("stop") == posts


async def test_a_stop_has_five_minutes(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    lives.courses["stop"] = "stopping"
    began = clock.monotonic()
    with pytest.raises(WaitTimeoutError) as caught:
        await lives.client().gpu_instances.stop_and_wait("i-1")
    assert (clock.monotonic() - began, caught.value.phase) == (300, "stop")


async def test_what_is_gone_cannot_be_stopped(clock: VirtualClock) -> None:
    with pytest.raises(InvalidStateError):
        await Lives(clock, i_1="removed").client().gpu_instances.stop_and_wait("i-1")


async def test_a_delete_is_followed_until_the_instance_is_gone(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    client = lives.client()
    events = ToldEvents(client)
    events.kept["i-1"] = "ops"
    assert await client.gpu_instances.delete_and_wait("i-1") is None
    assert (events.kinds, events.kept) == (["deleting", "deleted"], {})
    assert (len(lives.sent("delete")), lives.remote.times[-1]) == (1, 6)


@pytest.mark.parametrize("course", [((0, None),), ((0, "removed"),), ((0, "removing"), (4, None))])
async def test_what_is_gone_or_going_is_not_deleted_again(clock: VirtualClock, course: Any) -> None:
    lives = Lives(clock, i_1=course)
    await lives.client().gpu_instances.delete_and_wait("i-1")
    assert not lives.remote.posts


async def test_a_first_delete_of_nothing_by_itself_says_so(clock: VirtualClock) -> None:
    lives = Lives(clock)
    lives.answers["delete"] = (404, {"reason": "INSTANCE_NOT_FOUND"})
    with pytest.raises(NotFoundError):
        await lives.client().gpu_instances.delete("i-1")


# ------------------------------------------------------------------------------------------ events


async def test_bare_actions_tell_that_they_were_accepted(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    client = lives.client()
    events = ToldEvents(client)
    result = await client.gpu_instances.start("i-1")
    lives.live("i_1", "running")
    await client.gpu_instances.restart("i-1")
    await client.gpu_instances.stop("i-1")
    await client.gpu_instances.delete("i-1")
    assert events.kinds == ["startup_initiated", "startup_initiated", "stopping", "deleting"]
    assert events.told[0][1] == result.operation_id


@pytest.mark.case("W-21")
async def test_without_notify_nothing_is_told(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    client = lives.client()
    events = ToldEvents(client)
    await client.gpu_instances.start_and_wait("i-1", notify=False)
    assert events.kinds == []


async def test_the_operation_ends_with_its_deadline_whatever_it_waits_for(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "stopping"), (50, "exited")))
    lives.courses["start"] = STARTED
    began = clock.monotonic()
    with pytest.raises(WaitTimeoutError):
        await lives.client().gpu_instances.start_and_wait("i-1", timeout=65)
    assert clock.monotonic() - began == 65
