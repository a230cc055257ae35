"""Waits: for an instance to run, stop or go, and for a job to end."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._core.http import Request
from novita_sdk._core.waiting import Progress
from novita_sdk.errors import (
    AuthenticationError,
    BadRequestError,
    NovitaError,
    PermissionDeniedError,
    ServerError,
    ValidationError,
    WaitFailedError,
    WaitTimeoutError,
)
from novita_sdk.testing import VirtualClock
from tests.aio.remote import (
    AsyncRemote,
    InterruptingClock,
    Interruption,
    Late,
    client_of,
    instance,
    interrupt_at,
    lost,
    reset,
)

pytestmark = pytest.mark.anyio

NOT_FOUND = (404, {"reason": "RESOURCE_NOT_FOUND"})


class Steady(random.Random):
    """Draws the middle of every range, so that pauses do not swing."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def waiting(remote: AsyncRemote, **arguments: Any) -> AsyncNovita:
    return client_of(remote, **{"rng": Steady(), "rate_limits": {"public": None}, **arguments})


def statuses(*seen: str) -> list[Any]:
    return [instance(status=status) for status in seen]


async def failing(clock: VirtualClock, *script: Any, **arguments: Any) -> tuple[NovitaError, AsyncRemote]:
    remote = AsyncRemote(clock, *script)
    with pytest.raises(NovitaError) as caught:
        await waiting(remote).gpu_instances.wait("i-1", **arguments)
    return caught.value, remote


# ------------------------------------------------------------------------------------------ the end


async def test_an_instance_that_runs_already_is_returned_after_one_poll(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, instance())
    found = await waiting(remote).gpu_instances.wait("i-1")
    assert (found.id, remote.times) == ("i-1", [0])


async def test_polls_come_often_at_first_and_then_at_a_share_of_the_time_waited(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, *statuses(*["pulling"] * 40, "running"))
    await waiting(remote).gpu_instances.wait("i-1", timeout=None)
    pauses = [late - early for early, late in pairwise(remote.times)]
    assert pauses[:8] == [pytest.approx(2)] * 7 + [pytest.approx(2.1)]
    assert max(pauses) == pytest.approx(30)
    assert pauses == sorted(pauses)


@pytest.mark.parametrize(
    ("until", "last"), [("running", "running"), ("exited", "exited"), ("gone", "removed")]
)
async def test_a_wait_ends_at_its_own_status(clock: VirtualClock, until: Any, last: str) -> None:
    remote = AsyncRemote(clock, *statuses("freezing", last))
    found = await waiting(remote).gpu_instances.wait("i-1", until=until)
    assert found is not None
    assert found.status == last


async def test_what_is_not_found_is_gone(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, *statuses("removing"), NOT_FOUND)
    client = waiting(remote, name_lookup=False)
    assert await client.gpu_instances.wait("i-1", until="gone") is None
    assert await client.gpu_instances.wait("i-1", until="gone") is None
    assert len(remote.seen) == 3


@pytest.mark.parametrize(
    ("until", "dead_end"),
    [("running", "exited"), ("running", "toRemove"), ("exited", "removing"), ("exited", "removed")],
)
async def test_a_wait_fails_at_once_where_its_end_cannot_be_reached(
    clock: VirtualClock, until: Any, dead_end: str
) -> None:
    error, remote = await failing(clock, *statuses("pulling", dead_end), until=until)
    assert isinstance(error, WaitFailedError)
    assert (error.reason, error.last_seen, error.resource_id) == (dead_end, dead_end, "i-1")
    assert [status for _, status in error.timeline] == ["pulling", dead_end]
    assert len(remote.seen) == 2


async def test_an_instance_that_vanishes_fails_the_wait_for_running(clock: VirtualClock) -> None:
    error, _ = await failing(clock, *statuses("pulling"), NOT_FOUND)
    assert isinstance(error, WaitFailedError)
    assert (error.reason, error.last_seen) == ("gone", "pulling")
    assert "i-1 is gone" in str(error)
    assert [status for _, status in error.timeline] == ["pulling", "gone"]


@pytest.mark.parametrize(("until", "last"), [("running", "running"), ("gone", "removed")])
async def test_a_404_of_something_in_between_proves_nothing(
    clock: VirtualClock, until: Any, last: str
) -> None:
    proxy = (404, b"<html>", {"content-type": "text/html"})
    remote = AsyncRemote(clock, instance(status="migrating"), proxy, instance(status=last))
    found = await waiting(remote).gpu_instances.wait("i-1", until=until)
    assert found is not None
    assert found.status == last


async def test_a_new_instance_may_take_a_minute_to_be_found(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, *[NOT_FOUND] * 9, instance())
    found = await waiting(remote).gpu_instances.wait("i-1")
    assert found is not None


async def test_what_is_not_found_for_a_minute_does_not_come_any_more(clock: VirtualClock) -> None:
    error, remote = await failing(clock, NOT_FOUND)
    assert isinstance(error, WaitFailedError)
    assert (error.reason, error.last_seen) == ("gone", None)
    assert [status for _, status in error.timeline] == ["gone"]
    assert 65 <= remote.times[-1] < 75
    assert remote.times[-1] - remote.times[-2] == pytest.approx(5)  # it looks twice before it believes that


# ------------------------------------------------------------------------------------------ time


@pytest.mark.parametrize("timeout", [300, 300.0, timedelta(minutes=5)])
async def test_a_wait_ends_at_its_deadline_and_its_last_poll_two_seconds_before(
    clock: VirtualClock,
    timeout: Any,  # noqa: ASYNC109 - it is what is tested
) -> None:
    began = clock.monotonic()
    error, remote = await failing(clock, *statuses("pulling"), timeout=timeout)
    assert isinstance(error, WaitTimeoutError)
    assert isinstance(error, TimeoutError)
    assert (error.last_seen, error.polls, error.failed_polls) == ("pulling", len(remote.seen), 0)
    assert (clock.monotonic() - began, remote.times[-1]) == (300, 298)


async def test_the_last_poll_gets_no_more_time_than_is_left(clock: VirtualClock) -> None:
    def hangs(request: Request) -> Any:
        return Late(request.timeouts.read or 0, lost)

    began = clock.monotonic()
    error, remote = await failing(clock, hangs, timeout=30)
    assert isinstance(error, WaitTimeoutError)
    assert clock.monotonic() - began == 30
    assert (error.failed_polls, error.polls) == (len(remote.seen), len(remote.seen))
    assert isinstance(error.last_error, TimeoutError)


async def test_a_wait_shorter_than_a_poll_asks_once(clock: VirtualClock) -> None:
    began = clock.monotonic()
    error, remote = await failing(clock, *statuses("pulling"), timeout=0.5)
    assert isinstance(error, WaitTimeoutError)
    assert (remote.times, clock.monotonic() - began) == ([0], 0.5)


async def test_a_wait_without_end_goes_on_for_days(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, *statuses(*["pulling"] * 350, "running"))
    await waiting(remote, poll_interval=300).gpu_instances.wait("i-1", timeout=None)
    assert remote.times[-1] > 24 * 3600


# ------------------------------------------------------------------------------------------ failed polls


@pytest.mark.parametrize("failure", [500, 429, 408, lost, reset, b"<html>", {}])
async def test_a_failed_poll_does_not_end_a_wait(clock: VirtualClock, failure: Any) -> None:
    told: list[Progress] = []
    remote = AsyncRemote(clock, instance(status="pulling"), failure, instance())
    await waiting(remote).gpu_instances.wait("i-1", on_progress=told.append)
    assert [(seen.attempt, seen.failed_polls, seen.status) for seen in told] == [
        (1, 0, "pulling"),
        (2, 1, "pulling"),
        (3, 1, "running"),
    ]


async def test_a_poll_is_one_attempt_past_the_cache_in_the_lane_of_polls(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 500, instance())
    await waiting(remote, cache_ttl=60).gpu_instances.wait("i-1")
    assert len(remote.seen) == 2
    options = remote.seen[0].request.context.options
    assert (options.priority, options.cache, options.max_retries) == ("poll", "bypass", 0)
    assert remote.seen[0].request.context.deadline.at == clock.monotonic() - remote.times[-1] + 10


async def test_the_next_poll_comes_no_sooner_than_the_service_wants_it(clock: VirtualClock) -> None:
    busy: Any = (429, {}, {"Retry-After": "20"})
    remote = AsyncRemote(clock, busy, *statuses("pulling", "running"))
    await waiting(remote).gpu_instances.wait("i-1")
    assert remote.times == [0, 20, 23]  # and after that by its own schedule


async def test_a_wait_outlives_an_open_breaker(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, *[500] * 5, instance())
    found = await waiting(remote).gpu_instances.wait("i-1")
    assert found is not None
    assert remote.times[-1] == pytest.approx(remote.times[4] + 60)


@pytest.mark.parametrize(
    ("answer", "expected"), [(401, AuthenticationError), (403, PermissionDeniedError), (400, BadRequestError)]
)
async def test_what_no_later_poll_would_mend_ends_a_wait(
    clock: VirtualClock, answer: int, expected: type[NovitaError]
) -> None:
    error, remote = await failing(clock, answer)
    assert type(error) is expected
    assert (error.resource_id, len(remote.seen)) == ("i-1", 1)


# ------------------------------------------------------------------------------------------ watching


async def test_progress_is_told_after_each_poll(clock: VirtualClock) -> None:
    told: list[Progress] = []
    remote = AsyncRemote(clock, NOT_FOUND, *statuses("pulling", "running"))
    await waiting(remote, name_lookup=False).gpu_instances.wait("i-1", on_progress=told.append)
    assert [(seen.previous, seen.status, seen.elapsed) for seen in told] == [
        (None, None, 0),
        (None, "pulling", 2),
        ("pulling", "running", 4),
    ]
    assert [str(seen) for seen in told[:2]] == ["i-1: not there after 0 s", "i-1: pulling after 2 s"]


async def test_who_watches_a_wait_cannot_break_it(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_progress: Progress) -> None:
        raise RuntimeError("mine")

    remote = AsyncRemote(clock, *statuses("pulling", "pulling", "running"))
    assert await waiting(remote).gpu_instances.wait("i-1", on_progress=broken) is not None
    told = [record for record in caplog.records if record.name == "novita_sdk.hooks"]
    assert [(record.levelno, "RuntimeError" in record.getMessage()) for record in told] == [
        (logging.WARNING, True)
    ]


async def test_an_interrupted_wait_says_that_the_instance_was_left_alone() -> None:
    clock = InterruptingClock()
    interrupt_at.set(clock.monotonic() + 5)
    remote = AsyncRemote(clock, *statuses("pulling"))
    with pytest.raises(Interruption) as caught:
        await waiting(remote).gpu_instances.wait("i-1")
    assert caught.value.__notes__ == [
        "the wait left i-1 as it is, and it may go on costing; last seen: pulling"
    ]
    assert not remote.posts


async def test_a_wait_interrupted_before_anything_was_seen_says_so() -> None:
    clock = InterruptingClock()
    interrupt_at.set(clock.monotonic() + 5)
    with pytest.raises(Interruption) as caught:
        await waiting(AsyncRemote(clock, 500)).gpu_instances.wait("i-1")
    assert caught.value.__notes__ == [
        "the wait left i-1 as it is, and it may go on costing; last seen: nothing"
    ]


# ------------------------------------------------------------------------------------------ arguments


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"until": "gone!"}, "until"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"timeout": "5"}, "timeout"),
        ({"timeout": float("inf")}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"timeout": timedelta(0)}, "timeout"),
    ],
)
async def test_a_wait_that_cannot_be_is_refused_before_anything_is_sent(
    clock: VirtualClock, arguments: dict[str, Any], name: str
) -> None:
    error, remote = await failing(clock, 500, **arguments)
    assert isinstance(error, ValidationError)
    assert [problem.field for problem in error.problems] == [name]
    assert not remote.seen


# ------------------------------------------------------------------------------------------ jobs


def jobs(*states: str | None) -> Sequence[Any]:
    return [{"jobs": [{"Id": "j-1", "state": state and {"state": state}}], "total": 1} for state in states]


@pytest.mark.parametrize("end", ["success", "fail", "break"])
async def test_a_job_is_waited_for_until_it_has_ended_well_or_not(clock: VirtualClock, end: str) -> None:
    told: list[Progress] = []
    remote = AsyncRemote(clock, *jobs(None, "pulling", "open", end))
    ended = await waiting(remote).jobs.wait("j-1", on_progress=told.append)
    assert ended.ended
    assert [seen.status for seen in told] == ["unknown", "pulling", "open", end]


async def test_a_job_that_does_not_exist_fails_the_wait(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"jobs": [], "total": 0})
    with pytest.raises(WaitFailedError) as caught:
        await waiting(remote).jobs.wait("j-1")
    assert (caught.value.reason, caught.value.resource_id) == ("gone", "j-1")


async def test_a_list_that_is_not_complete_does_not_end_the_wait_for_a_job(clock: VirtualClock) -> None:
    incomplete = {"jobs": [], "total": 1}
    remote = AsyncRemote(clock, *jobs("running"), *[incomplete] * 2, *jobs("success"))
    assert (await waiting(remote).jobs.wait("j-1")).ended


async def test_a_job_that_does_not_end_is_given_up_on(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, *jobs("running"))
    with pytest.raises(WaitTimeoutError, match="j-1 is running after 90 s"):
        await waiting(remote, startup_timeout=90).jobs.wait("j-1")


async def test_a_refused_key_ends_the_wait_for_a_job(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 401)
    with pytest.raises(AuthenticationError) as caught:
        await waiting(remote).jobs.wait("j-1")
    assert (caught.value.resource_id, len(remote.seen)) == ("j-1", 1)


async def test_a_wait_for_a_job_survives_an_outage(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 500, *jobs("success"))
    assert (await waiting(remote).jobs.wait("j-1")).ended


async def test_a_wait_whose_polls_all_fail_tells_the_last_error(clock: VirtualClock) -> None:
    error, _ = await failing(clock, 500, timeout=5)
    assert isinstance(error, WaitTimeoutError)
    assert isinstance(error.last_error, ServerError)
    assert "not there" in str(error)
