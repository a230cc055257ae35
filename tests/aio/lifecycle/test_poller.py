"""The shared poller: what all waits of a client cost together, and what becomes of them if one is interrupted."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest

from novita_sdk._concurrency.aio import COLOUR, gather
from novita_sdk._core.waiting import Progress
from novita_sdk.errors import AuthenticationError, WaitFailedError, WaitTimeoutError
from novita_sdk.testing import VirtualClock
from tests.aio.lifecycle.lives import Lives
from tests.aio.remote import InterruptingClock, Interruption, Late, interrupt_at

pytestmark = pytest.mark.anyio

ALONE_AT_FIRST = COLOUR == "sync"
"""Threads start one after the other, so that the first may be alone for a moment."""


def crowd(clock: VirtualClock, instances: int, course: Any = ((0, "pulling"), (170, "running"))) -> Lives:
    return Lives(clock, **{f"i_{number:04}": course for number in range(instances)})


def waits(lives: Lives, waiters: int, **arguments: Any) -> list[Callable[[], Awaitable[Any]]]:
    client = lives.client()

    def waiting(number: int) -> Callable[[], Awaitable[Any]]:
        async def wait() -> Any:
            return await client.gpu_instances.wait(f"i-{number:04}", **arguments)

        return wait

    return [waiting(number) for number in range(waiters)]


def most_in_a_minute(times: list[float]) -> int:
    return max(sum(at <= other < at + 60 for other in times) for at in times)


@pytest.mark.case("W-06")
async def test_one_list_serves_all_who_wait(clock: VirtualClock) -> None:
    lives = crowd(clock, 80)
    found = await gather(clock, waits(lives, 50))
    assert [seen.status for seen in found] == ["running"] * 50
    assert most_in_a_minute(lives.remote.times) <= 31
    assert lives.gets <= ALONE_AT_FIRST


@pytest.mark.case("W-06")
async def test_one_who_waits_alone_asks_for_its_own_instance(clock: VirtualClock) -> None:
    lives = crowd(clock, 80)
    await waits(lives, 1)[0]()
    assert lives.lists == 0


@pytest.mark.case("W-06")
async def test_others_go_on_when_the_one_who_reads_for_all_is_interrupted() -> None:
    clock = InterruptingClock()
    lives = crowd(clock, 80, ((0, "pulling"), (40, "running")))
    slow = lives._list
    lives._list = lambda query: Late(1, lambda _: slow(query))  # type: ignore[method-assign]
    interrupted: list[int] = []
    others = waits(lives, 50)

    def interruptible(number: int) -> Callable[[], Awaitable[Any]]:
        async def wait() -> Any:
            if number == 0:
                interrupt_at.set(clock.monotonic() + 0.5)
            try:
                return await others[number]()
            except Interruption:
                interrupted.append(number)
                return None

        return wait

    found = await gather(clock, [interruptible(number) for number in range(50)])
    assert interrupted == [0]
    assert [seen.status for seen in found if seen is not None] == ["running"] * 49


async def test_a_list_that_fails_is_one_failed_poll_of_each(clock: VirtualClock) -> None:
    lives = crowd(clock, 3, ((0, "pulling"), (30, "running")))
    told: list[Progress] = []
    lives.answers["instances"] = 500
    client = lives.client(breakers={"public": None})

    def waiting(number: int) -> Callable[[], Awaitable[Any]]:
        async def wait() -> Any:
            return await client.gpu_instances.wait(f"i-{number:04}", on_progress=told.append)

        return wait

    lists: list[int] = []

    async def mend() -> None:
        await clock.sleep_async(5)
        del lives.answers["instances"]
        lists.append(lives.lists)

    await gather(clock, [waiting(0), waiting(1), waiting(2), mend])
    failed = [seen.resource_id for seen in told if seen.kind == "poll_failed"]
    assert lists[0] in {2, 3}
    assert {failed.count("i-0001"), failed.count("i-0002")} <= {2, 3}


async def test_a_list_that_is_refused_ends_every_wait_with_an_error_of_its_own(clock: VirtualClock) -> None:
    lives = crowd(clock, 3)
    lives.answers["instances"] = lives.answers["instance"] = 401
    failed: list[AuthenticationError] = []

    def refused(wait: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
        async def run() -> None:
            try:
                await wait()
            except AuthenticationError as error:
                failed.append(error)

        return run

    await gather(clock, [refused(wait) for wait in waits(lives, 3)])
    assert sorted(str(error.resource_id) for error in failed) == ["i-0000", "i-0001", "i-0002"]


async def test_an_instance_that_the_list_lacks_is_asked_for(clock: VirtualClock) -> None:
    lives = crowd(clock, 4, ((0, "pulling"), (10, "running")))
    lives.live("hidden", ((0, "pulling"), (10, "running")))
    whole = lives._list

    def without_it(query: Any) -> Any:
        answer = whole(query)
        shown = [seen for seen in answer["instances"] if seen["id"] != "hidden"]
        return {"instances": shown, "total": len(shown)}

    lives._list = without_it  # type: ignore[method-assign]
    client = lives.client()

    async def wait() -> Any:
        return await client.gpu_instances.wait("hidden")

    found = await gather(clock, [*waits_of(client, 4), wait])
    assert found[-1].status == "running"
    assert lives.gets >= 4


def waits_of(client: Any, waiters: int) -> list[Callable[[], Awaitable[Any]]]:
    def waiting(number: int) -> Callable[[], Awaitable[Any]]:
        async def wait() -> Any:
            return await client.gpu_instances.wait(f"i-{number:04}")

        return wait

    return [waiting(number) for number in range(waiters)]


async def test_lists_of_many_pages_are_read_less_often(clock: VirtualClock) -> None:
    lives = crowd(clock, 250, ((0, "pulling"), (40, "running")))
    await gather(clock, waits(lives, 250))
    ticks = [
        seen.at for seen in lives.remote.seen if "pageNum=1&" in f"{seen.query}&" and "page" in seen.query
    ]
    gaps = [late - early for early, late in pairwise(ticks)]
    assert min(gaps[1:]) >= 6  # the first list may have ended before all were waiting
    assert lives.gets <= ALONE_AT_FIRST


async def test_five_hundred_waits_cost_five_requests_a_tick(clock: VirtualClock) -> None:
    lives = crowd(clock, 500, ((0, "pulling"), (60, "running")))
    await gather(clock, waits(lives, 500))
    pages = [
        int(seen.query.partition("pageNum=")[2].partition("&")[0])
        for seen in lives.remote.gets
        if seen.path.endswith("/instances")
    ]
    first = pages.index(1, 1)  # the first list may have ended before all were waiting
    assert pages[first:] == [1, 2, 3, 4, 5] * (len(pages[first:]) // 5)
    assert (len(lives.remote.gets) - len(pages), lives.remote.posts) == (0, []) or ALONE_AT_FIRST


async def test_a_few_who_wait_among_many_ask_for_their_own(clock: VirtualClock) -> None:
    lives = crowd(clock, 350, ((0, "pulling"), (60, "running")))
    client = lives.client()
    client._engine.services.poller._plan.page_read(clock.monotonic(), 4, 350)
    await gather(clock, waits_of(client, 3))
    assert lives.lists == 0


async def test_no_more_pages_are_read_than_show_everybody(clock: VirtualClock) -> None:
    lives = crowd(clock, 250, ((0, "pulling"), (20, "running")))
    await gather(clock, waits(lives, 5))
    numbers = {seen.query.partition("pageNum=")[2].partition("&")[0] for seen in lives.remote.gets}
    assert numbers <= {"1", ""}


async def test_every_wait_keeps_its_own_deadline(clock: VirtualClock) -> None:
    lives = crowd(clock, 80, "pulling")
    client = lives.client()
    ends: list[float] = []
    began = clock.monotonic()

    def waiting(number: int) -> Callable[[], Awaitable[Any]]:
        async def wait() -> None:
            with pytest.raises(WaitTimeoutError):
                await client.gpu_instances.wait(f"i-{number:04}", timeout=30 + number)
            ends.append(clock.monotonic() - began)

        return wait

    await gather(clock, [waiting(number) for number in range(20)])
    assert sorted(ends) == pytest.approx([30 + number for number in range(20)])


async def test_a_wait_whose_time_ends_amid_a_list_takes_nothing_from_the_others(clock: VirtualClock) -> None:
    lives = crowd(clock, 80, ((0, "pulling"), (30, "running")))
    slow = lives._list
    lives._list = lambda query: Late(3, lambda _: slow(query))  # type: ignore[method-assign]
    client = lives.client()
    failed_polls: list[int] = []

    async def short() -> None:
        with pytest.raises(WaitTimeoutError):
            await client.gpu_instances.wait("i-0000", timeout=1)

    def told(progress: Progress) -> None:
        failed_polls.append(progress.failed_polls)

    def waiting(number: int) -> Callable[[], Awaitable[Any]]:
        async def wait() -> Any:
            return await client.gpu_instances.wait(f"i-{number:04}", on_progress=told)

        return wait

    await gather(clock, [short, waiting(1), waiting(2)])
    assert max(failed_polls) == 0


async def test_each_waiter_is_told_what_became_of_its_own(clock: VirtualClock) -> None:
    lives = crowd(clock, 2, ((0, "pulling"), (10, "running")))
    lives.live("i_0002", ((0, "pulling"), (10, "removing")))
    client = lives.client()

    async def doomed() -> Any:
        with pytest.raises(WaitFailedError) as caught:
            await client.gpu_instances.wait("i-0002")
        return caught.value.reason

    found = await gather(clock, [*waits_of(client, 2), doomed])
    assert [getattr(seen, "status", seen) for seen in found] == ["running", "running", "removing"]


async def test_a_condition_that_raises_ends_its_own_wait_only(clock: VirtualClock) -> None:
    lives = crowd(clock, 4, ((0, "pulling"), (30, "running")))
    client = lives.client()

    def broken(_instance: Any) -> bool:
        raise ZeroDivisionError

    async def doomed() -> Any:
        with pytest.raises(ZeroDivisionError):
            await client.gpu_instances.wait("i-0003", until=broken)
        return None

    found = await gather(clock, [*waits_of(client, 3), doomed])
    assert [seen.status for seen in found[:3]] == ["running"] * 3


async def test_a_list_that_lags_behind_ends_no_wait(clock: VirtualClock) -> None:
    lives = crowd(clock, 3, ((0, "pulling"), (60, "running")))
    lives.live("i_1", "exited")
    old = lives._list({"pageSize": "100", "pageNum": "1"})
    whole = lives._list
    lives._list = lambda query: old if clock.monotonic() < 1050 else whole(query)  # type: ignore[method-assign]
    client = lives.client()

    async def start() -> Any:
        return await client.gpu_instances.start_and_wait("i-1")

    found = await gather(clock, [*waits_of(client, 3), start])
    assert [seen.status for seen in found] == ["running"] * 4


async def test_a_list_that_still_shows_the_run_before_ends_no_start(clock: VirtualClock) -> None:
    lives = crowd(clock, 3, ((0, "pulling"), (60, "running")))
    lives.live("i_1", "running")
    old = lives._list({"pageSize": "100", "pageNum": "1"})
    whole = lives._list
    lives._list = lambda query: old if clock.monotonic() < 1040 else whole(query)  # type: ignore[method-assign]
    lives.live("i_1", "exited")
    client = lives.client()

    async def start() -> Any:
        found = await client.gpu_instances.start_and_wait("i-1")
        return found.status, (lives.shown("i-1") or {})["status"]

    found = await gather(clock, [*waits_of(client, 3), start])
    assert found[-1] == ("running", "running")


@pytest.mark.parametrize("seed", range(10))
async def test_whoever_is_interrupted_when_the_others_end_and_nothing_is_left(seed: int) -> None:
    clock, rng = InterruptingClock(), random.Random(seed)
    lives = crowd(clock, 30, ((0, "pulling"), (rng.uniform(5, 60), "running")))
    slow = lives._list
    lives._list = lambda query: Late(rng.uniform(0, 3), lambda _: slow(query))  # type: ignore[method-assign]
    client = lives.client()
    ends: list[str] = []
    moments = [rng.uniform(0, 60) if rng.random() < 0.5 else None for _ in range(30)]

    def waiting(number: int) -> Callable[[], Awaitable[Any]]:
        async def wait() -> None:
            moment = moments[number]
            if moment is not None:
                interrupt_at.set(clock.monotonic() + moment)
            try:
                found = await client.gpu_instances.wait(f"i-{number:04}", timeout=rng.choice([20, 300]))
                ends.append(str(found.status))
            except Interruption:
                ends.append("interrupted")
            except WaitTimeoutError:
                ends.append("timeout")

        return wait

    await gather(clock, [waiting(number) for number in range(30)])
    assert len(ends) == 30
    assert set(ends) <= {"running", "interrupted", "timeout"}
    poller = client._engine.services.poller
    assert (poller._interests, poller._listing) == ([], False)
