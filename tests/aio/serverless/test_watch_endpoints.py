"""Watching endpoints: what is told, when it is told, and what it costs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from novita_sdk._concurrency.aio import Event, gather
from novita_sdk.errors import AuthenticationError, PermissionDeniedError, ServerError, ValidationError
from novita_sdk.models.endpoint_event import EndpointEvent
from novita_sdk.models.endpoint_state import EndpointState
from novita_sdk.models.worker_failure import FailureClass
from novita_sdk.testing import Fault, Quirks, Simulator, Timings
from tests.aio.remote import InterruptingClock, Interruption, interrupt_at

pytestmark = pytest.mark.anyio


async def take(events: Any, number: int) -> list[EndpointEvent]:
    taken: list[EndpointEvent] = []
    async for event in events:
        taken.append(event)
        if len(taken) == number:
            break
    return taken


async def told_within(sim: Simulator, watch: Any, seconds: float) -> list[EndpointEvent]:
    """Take what is told within some time."""
    told: list[EndpointEvent] = []
    stop = Event()

    async def run() -> None:
        await watch(on_event=told.append, stop=stop)

    async def end() -> None:
        await sim.clock.sleep_async(seconds)
        stop.set()

    await gather(sim.clock, [run, end])  # type: ignore[arg-type]  # a virtual clock has both colours
    return told


def kinds(events: list[EndpointEvent]) -> list[str]:
    return [event.kind for event in events]


def later(sim: Simulator, *steps: tuple[float, Any]) -> Any:
    """Let things happen as time goes by, each so many seconds after the one before."""

    async def happen() -> None:
        for seconds, step in steps:
            await sim.clock.sleep_async(seconds)
            step()

    return happen


async def watched(sim: Simulator, seconds: float, *steps: tuple[float, Any], **options: Any) -> list[Any]:
    """Watch all endpoints for some time while things happen."""
    async with sim.async_client() as client:
        found: list[list[EndpointEvent]] = []

        async def watch() -> None:
            def begin(**more: Any) -> Any:
                return client.serverless_endpoints.watch(**options, **more)

            found.append(await told_within(sim, begin, seconds))

        await gather(sim.clock, [watch, later(sim, *steps)])  # type: ignore[arg-type]  # as above
    return found[0]


# ------------------------------------------------------------------------------------ the schedule


@pytest.mark.case("SV-58")
async def test_the_first_look_is_at_once_and_the_next_one_about_ten_seconds_later() -> None:
    sim = Simulator()
    ids = [sim.add_endpoint(name) for name in ("one", "two")]
    began = sim.clock.monotonic()
    told = await watched(sim, 30)
    assert [(event.kind, event.endpoint_id, event.initial) for event in told] == [
        ("appeared", ids[0], True),
        ("appeared", ids[1], True),
    ]
    times = [entry.at - began for entry in sim.journal]
    assert times[0] == 0
    assert all(9 <= late - early <= 11 for early, late in pairwise(times))
    assert len(times) == 3 or len(times) == 4


@pytest.mark.case("SV-58")
async def test_without_replay_what_is_there_is_not_told() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    told = await watched(sim, 30, (5, lambda: sim.set_endpoint_state(one, "updating")), replay=False)
    assert [(event.kind, event.fields["state"]) for event in told] == [
        ("changed", (EndpointState.RUNNING, EndpointState.UPDATING))
    ]


@pytest.mark.case("SV-58")
async def test_a_function_is_told_until_it_sets_stop() -> None:
    sim = Simulator()
    for name in ("one", "two", "three", "four"):
        sim.add_endpoint(name)
    stop = Event()
    told: list[EndpointEvent] = []

    async def tell(event: EndpointEvent) -> None:
        told.append(event)
        if len(told) == 3:
            stop.set()

    async with sim.async_client() as client:
        assert await client.serverless_endpoints.watch(on_event=tell, stop=stop) == 3
        sim.clock.sleep(30)
    assert kinds(told) == ["appeared"] * 3
    assert sim.requests() == 1


async def test_a_stop_from_elsewhere_ends_the_loop_at_once() -> None:
    sim = Simulator(quirks=Quirks(page_cap=10))
    for index in range(60):
        sim.add_endpoint(f"e-{index}", replicas=0)
    began = sim.clock.monotonic()
    assert kinds(await watched(sim, 5, interval=2)) == ["appeared"] * 60
    assert sim.clock.monotonic() - began == pytest.approx(5)
    assert sim.requests() == 6


@pytest.mark.case("SV-61")
async def test_a_failed_look_that_nobody_watched_is_not_told() -> None:
    sim = Simulator()
    ids = [sim.add_endpoint(name, replicas=0) for name in ("one", "two")]
    async with sim.async_client() as client:
        found = [await client.serverless_endpoints.get(endpoint_id) for endpoint_id in ids]
        sim.faults.add(Fault("status", operation=("list_endpoints", "get_endpoint"), status=500, times=3))
        await gather(
            sim.clock,  # type: ignore[arg-type]  # a virtual clock has both colours
            [lambda one=one: client.serverless_endpoints.wait(one) for one in found],  # type: ignore[misc]  # bound now
        )
        async with client.serverless_endpoints.watch() as events:
            assert kinds(await take(events, 2)) == ["appeared", "appeared"]


@pytest.mark.case("SV-60")
async def test_100_watchers_of_1000_endpoints_share_11_requests_a_tick() -> None:
    sim = Simulator(quirks=Quirks(omit_total=True))
    for index in range(1000):
        sim.add_endpoint(f"e-{index}", replicas=0)
    async with sim.async_client() as client:

        async def watch(number: int) -> int:
            seen = 0
            async with client.serverless_endpoints.watch() as events:
                async for _ in events:
                    seen += 1
                    if seen >= (1 if number == 50 else 1001):
                        break
            return seen

        began = sim.clock.monotonic()
        found = await gather(
            sim.clock,  # type: ignore[arg-type]  # a virtual clock has both colours
            [
                *(lambda number=number: watch(number) for number in range(100)),  # type: ignore[misc]  # bound now
                later(sim, (40, lambda: sim.add_endpoint("new", replicas=0))),
            ],
        )
    assert sorted(count for count in found if count is not None) == [1, *[1001] * 99]
    starts = [entry.at for entry in sim.journal if entry.query["pageNum"] == "1"]
    pages = [entry for entry in sim.journal if entry.at < starts[1]]
    assert len(pages) == 11
    assert starts[0] == began
    assert all(late - early >= 13.19 for early, late in pairwise(starts))
    assert len(starts) <= 5


@pytest.mark.case("SV-60")
async def test_the_one_who_looks_may_leave() -> None:
    sim = Simulator(timings=Timings())
    sim.add_endpoint("one")
    sim.faults.add(Fault("latency", operation="list_endpoints", seconds=5, times=None))
    async with sim.async_client() as client:

        async def stay() -> list[EndpointEvent]:
            async with client.serverless_endpoints.watch() as events:
                return await take(events, 2)

        async def go() -> list[EndpointEvent]:
            async with client.serverless_endpoints.watch(interval=2) as events:
                return await take(events, 1)

        began = sim.clock.monotonic()
        stayed, went, _ = await gather(
            sim.clock,  # type: ignore[arg-type]  # a virtual clock has both colours
            [stay, go, later(sim, (7, lambda: sim.add_endpoint("two")))],
        )
    assert (len(stayed), len(went)) == (2, 1)
    assert sim.clock.monotonic() - began <= 22


@pytest.mark.case("SV-60")
async def test_the_others_go_on_when_the_one_who_looks_is_interrupted() -> None:
    clock = InterruptingClock()
    sim = Simulator(clock=clock)
    sim.add_endpoint("one")
    sim.faults.add(Fault("latency", operation="list_endpoints", seconds=5, times=None))
    began = clock.monotonic()
    async with sim.async_client() as client:

        async def watch(number: int) -> list[EndpointEvent] | None:
            if number == 0:
                interrupt_at.set(began + 3)
            try:
                async with client.serverless_endpoints.watch() as events:
                    return await take(events, 1)
            except Interruption:
                return None

        found = await gather(clock, [lambda number=number: watch(number) for number in range(10)])  # type: ignore[misc]  # bound now
    assert found[0] is None
    assert [kinds(events) for events in found if events is not None] == [["appeared"]] * 9
    assert clock.monotonic() - began <= 10
    assert client._engine.services.endpoint_poller._watchers == []


async def test_the_shortest_interval_counts_and_a_wait_is_fed_too() -> None:
    sim = Simulator(
        timings=Timings(endpoint_creating=0, worker_pending=0, worker_creating=20, worker_ready=0)
    )
    ids = [sim.add_endpoint(name, running=False) for name in ("one", "two")]
    async with sim.async_client() as client:

        async def wait(endpoint_id: str) -> str:
            one = await client.serverless_endpoints.get(endpoint_id)
            return (await client.serverless_endpoints.wait(one)).id

        async def watch(interval: float) -> list[EndpointEvent]:
            async with client.serverless_endpoints.watch(interval=interval) as events:
                return await take(events, 6)

        found: list[Any] = await gather(
            sim.clock,  # type: ignore[arg-type]  # a virtual clock has both colours
            [lambda: watch(30), lambda: watch(5), *(lambda one=one: wait(one) for one in ids)],  # type: ignore[misc]
        )
    assert found[2:] == ids
    assert kinds(found[0]) == kinds(found[1])
    times = [entry.at for entry in sim.journal if entry.operation == "list_endpoints"]
    assert all(late - early >= 1.9 for early, late in pairwise(times))


# ------------------------------------------------------------------------------------ what is told


@pytest.mark.case("SV-59")
async def test_one_change_of_the_endpoint_and_one_of_its_worker() -> None:
    sim = Simulator(timings=Timings(worker_pending=1000))
    one = sim.add_endpoint("one")
    worker = sim.worker_ids(one)[0]
    sim.set_worker(worker, "running", healthy=False)

    def happen() -> None:
        settings = {"minNum": 1, "maxNum": 3, "freeTimeout": 300, "maxConcurrent": 1, "gpuNum": 1}
        sim.change_endpoint(one, workerConfig={**settings, "requestTimeout": 3600})
        sim.set_worker(worker, "running", healthy=True)

    told = await watched(sim, 60, (5, happen))
    assert kinds(told) == ["appeared", "changed", "worker_changed"]
    assert dict(told[1].fields) == {"max_replicas": (1, 3), "ready": (0, 1)}
    assert dict(told[2].fields) == {"healthy": (False, True)}
    assert told[2].worker_id == worker
    assert [event.sequence for event in told] == [1, 2, 3]
    assert told[1].status is not None
    assert told[1].status.conditions == {"Available"}


@pytest.mark.case("SV-52")
async def test_a_watch_counts_as_get_and_list_do() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one", replicas=0)
    for state, healthy in (
        ("running", True),
        ("running", True),
        ("running", False),
        ("pending", True),
        ("Running", True),
    ):
        sim.add_worker(one, state, healthy=healthy)
    settings = {"minNum": 0, "maxNum": 5, "freeTimeout": 300, "maxConcurrent": 1, "gpuNum": 1}
    sim.change_endpoint(one, workerConfig={**settings, "requestTimeout": 3600})
    async with sim.async_client() as client:
        async with client.serverless_endpoints.watch() as events:
            status = (await take(events, 1))[0].status
        assert status == await client.serverless_endpoints.status("one")
        assert status == (await client.serverless_endpoints.list().collect())[0].status()
    assert status is not None
    assert (status.total, status.running, status.ready, status.pending) == (5, 4, 3, 1)
    assert (status.desired, status.available, status.conditions) == (5, 4, {"Available"})


@pytest.mark.case("SV-61")
async def test_failed_looks_are_told_and_prove_nothing() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    sim.faults.add(Fault("status", operation="list_endpoints", status=500, after=1, times=2))
    told = await watched(sim, 100)
    assert kinds(told) == ["appeared", "poll_failed", "poll_failed", "poll_recovered"]
    assert [event.consecutive for event in told] == [0, 1, 2, 2]
    assert isinstance(told[1].error, ServerError)
    assert told[1].since == told[2].since == told[1].at
    times = [entry.at for entry in sim.journal]
    assert 18 <= times[2] - times[1] <= 22
    assert 36 <= times[3] - times[2] <= 44


@pytest.mark.case("SV-61")
async def test_a_failed_look_is_told_to_everybody_once() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    fault = Fault("status", operation="list_endpoints", status=503)
    began = sim.clock.monotonic()
    async with sim.async_client() as client:

        async def watch() -> list[EndpointEvent]:
            async with client.serverless_endpoints.watch() as events:
                return await take(events, 3)

        found: list[Any] = await gather(
            sim.clock,  # type: ignore[arg-type]  # a virtual clock has both colours
            [*[watch] * 20, later(sim, (5, lambda: sim.faults.add(fault)))],
        )
    told = {tuple(kinds(events)) for events in found if events is not None}
    assert told == {("appeared", "poll_failed", "poll_recovered")}
    assert len([entry for entry in sim.journal if entry.at > began + 5]) == 2


@pytest.mark.case("SV-61")
async def test_a_refused_key_ends_the_watch() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    sim.faults.add(Fault("status", operation="list_endpoints", status=401, after=1, times=None))
    async with sim.async_client() as client:
        events = client.serverless_endpoints.watch()
        assert kinds(await take(events, 1)) == ["appeared"]
        with pytest.raises(AuthenticationError):
            await take(events, 1)


@pytest.mark.case("SV-62")
async def test_one_empty_list_among_good_ones_tells_nothing() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    empty = {"endpoints": [], "total": 0}
    sim.faults.add(Fault("status", operation="list_endpoints", status=200, body=empty, after=1, times=1))
    assert kinds(await watched(sim, 60)) == ["appeared"]
    assert sim.requests("get_endpoint") == 0


@pytest.mark.case("SV-62")
async def test_gone_is_told_after_two_lists_and_a_look_of_its_own() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    sim.add_endpoint("two")
    told = await watched(sim, 60, (5, lambda: sim.remove_endpoint(one)))
    assert [(event.kind, event.endpoint_id) for event in told if event.kind == "gone"] == [("gone", one)]
    before_get = [entry.operation for entry in sim.journal]
    assert before_get[: before_get.index("get_endpoint")] == ["list_endpoints"] * 3
    assert sim.requests("get_endpoint") == 1


@pytest.mark.case("SV-62")
async def test_40_of_60_missing_once_or_twice_tells_nothing() -> None:
    sim = Simulator()
    for index in range(60):
        sim.add_endpoint(f"e-{index}", replicas=0)
    async with sim.async_client() as client:
        raw = [dict(one.raw) for one in await client.serverless_endpoints.list().collect()]
    some = {"endpoints": raw[:20], "total": 20}
    sim.faults.add(Fault("status", operation="list_endpoints", status=200, body=some, after=1, times=2))
    before = sim.requests()
    assert kinds(await watched(sim, 60)) == ["appeared"] * 60
    assert sim.requests("get_endpoint") == 0
    assert sim.requests() > before + 3


@pytest.mark.case("SV-62")
async def test_at_most_ten_looks_of_their_own_follow_a_list() -> None:
    sim = Simulator()
    ids = [sim.add_endpoint(f"e-{index}", replicas=0) for index in range(40)]

    def happen() -> None:
        for endpoint_id in ids[:15]:
            sim.remove_endpoint(endpoint_id)

    told = await watched(sim, 90, (5, happen), replay=False)
    assert kinds(told) == ["gone"] * 15
    operations = [entry.operation for entry in sim.journal]
    runs = "".join("L" if operation == "list_endpoints" else "g" for operation in operations).split("L")
    assert [len(run) for run in runs if run] == [10, 5]


async def test_what_lists_lack_but_is_there_is_not_gone() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    empty = {"endpoints": [], "total": 0}
    sim.faults.add(Fault("status", operation="list_endpoints", status=200, body=empty, after=1, times=4))
    assert kinds(await watched(sim, 90)) == ["appeared"]
    assert sim.requests("get_endpoint") >= 1


async def test_a_failed_look_of_its_own_proves_nothing() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one", replicas=0)
    sim.faults.add(Fault("status", operation="get_endpoint", status=500, times=2))
    told = await watched(sim, 300, (5, lambda: sim.remove_endpoint(one)))
    assert kinds(told) == [
        *("appeared", "poll_failed", "poll_recovered"),
        *("poll_failed", "poll_recovered", "gone"),
    ]
    assert [str(event).partition(":")[0] for event in told][1:3] == ["poll_failed", "poll_recovered"]


async def test_a_refused_look_of_its_own_ends_the_watch() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one", replicas=0)
    sim.faults.add(Fault("status", operation="get_endpoint", status=403))
    async with sim.async_client() as client:
        events = client.serverless_endpoints.watch()
        await take(events, 1)
        sim.remove_endpoint(one)
        with pytest.raises(PermissionDeniedError):
            await take(events, 1)


async def test_an_incomplete_list_counts_for_nothing() -> None:
    sim = Simulator()
    for name in ("one", "two"):
        sim.add_endpoint(name)
    async with sim.async_client() as client:
        raw = [dict(one.raw) for one in await client.serverless_endpoints.list().collect()]
    short = {"endpoints": raw[:1], "total": 2}
    sim.faults.add(Fault("status", operation="list_endpoints", status=200, body=short, after=1, times=None))
    assert kinds(await watched(sim, 90)) == ["appeared", "appeared"]
    assert sim.requests("get_endpoint") == 0


async def test_an_unreadable_entry_is_not_gone() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    odd = {"endpoints": [{"id": one, "rootfsSize": "x"}], "total": 1}
    sim.faults.add(Fault("status", operation="list_endpoints", status=200, body=odd, after=1, times=None))
    assert kinds(await watched(sim, 90)) == ["appeared"]
    assert sim.requests("get_endpoint") == 0


@pytest.mark.case("SV-63")
async def test_a_slow_watcher_gets_one_change_for_many_and_every_failure() -> None:
    sim = Simulator()
    one, two = sim.add_endpoint("one"), sim.add_endpoint("two")
    worker = sim.worker_ids(two)[0]
    async with sim.async_client(rate_limit=10000) as client:
        slow = client.serverless_endpoints.watch()
        first = await take(slow, 2)
        quick = client.serverless_endpoints.watch(interval=2)
        await take(quick, 2)
        for number in range(1, 2001):
            sim.change_endpoint(one, rootfsSize=100 + number)
            if number == 500:
                sim.set_worker(worker, "failed", error="oom_killed")
            while not (await take(quick, 1))[0].fields.get("rootfs_size"):
                pass
        kept = len(slow._kept)
        rest = await take(slow, 1)
        while "rootfs_size" not in rest[-1].fields or rest[-1].fields["rootfs_size"][1] != 2100:
            rest += await take(slow, 1)
        await quick.aclose()
        await slow.aclose()
    assert kept <= 1000
    merged = [event for event in rest if event.missed and event.endpoint_id == one]
    assert merged[0].fields["rootfs_size"][0] == 100
    assert sum(event.missed + 1 for event in rest if "rootfs_size" in event.fields) == 2000
    failures = [event for event in rest if event.kind == "worker_failed"]
    assert [event.worker_id for event in failures] == [worker]
    numbers = [event.sequence for event in [*first, *rest] if event.endpoint_id == one]
    assert numbers == sorted(set(numbers))


@pytest.mark.case("SV-64")
async def test_an_endpoint_made_anew_under_its_name_is_another_one() -> None:
    sim = Simulator()
    old, new = sim.add_endpoint("one"), ""

    def happen() -> None:
        nonlocal new
        sim.remove_endpoint(old)
        new = sim.add_endpoint("one")

    told = await watched(sim, 60, (5, happen), endpoints="one")
    assert [(event.kind, event.endpoint_id) for event in told] == [
        ("appeared", old),
        ("appeared", new),
        ("gone", old),
    ]


@pytest.mark.case("SV-64")
async def test_two_endpoints_of_one_name_are_told_apart() -> None:
    sim = Simulator()
    one = sim.add_endpoint("twin")
    sim.change_endpoint(one, appName="first")
    other = sim.add_endpoint("twin")
    told = await watched(sim, 60, endpoints=["twin"])
    assert [(event.kind, event.endpoint_id) for event in told] == [("appeared", one), ("appeared", other)]


async def test_only_what_is_wanted_is_told() -> None:
    sim = Simulator()
    one, two = sim.add_endpoint("one"), sim.add_endpoint("two")

    def happen() -> None:
        sim.change_endpoint(one, name="renamed", rootfsSize=200)
        sim.change_endpoint(two, rootfsSize=200)

    told = await watched(
        sim, 40, (5, happen), (10, lambda: sim.change_endpoint(two, name="late")), endpoints=["one", "late"]
    )
    assert [(event.kind, event.name) for event in told] == [
        ("appeared", "one"),
        ("changed", "renamed"),
        ("appeared", "late"),
    ]


# ------------------------------------------------------------------------------------ failures


@pytest.mark.case("SV-66")
async def test_a_failure_is_told_once_until_the_worker_is_ready_again() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    worker = sim.worker_ids(one)[0]
    told = await watched(
        sim,
        200,
        (15, lambda: sim.set_worker(worker, "crashed", error="oom_killed", message="at 5")),
        (50, lambda: sim.set_worker(worker, "crashed", error="oom_killed", message="at 6")),
        (30, lambda: sim.set_worker(worker)),
        (30, lambda: sim.set_worker(worker, "crashed", error="oom_killed")),
    )
    about = [event for event in told if event.failure is not None]
    assert kinds(about) == ["worker_failed", "worker_recovered", "worker_failed"]
    failed, recovered, _ = (event.failure for event in about)
    assert failed is not None
    assert failed.failure_class is FailureClass.CRASH
    assert failed.first_seen == failed.last_seen == about[0].at
    assert recovered is not None
    assert recovered.first_seen == failed.first_seen
    assert recovered.last_seen is not None
    assert (recovered.last_seen - about[0].at).total_seconds() > 60


@pytest.mark.case("SV-66")
async def test_unhealthy_takes_three_looks_in_a_row() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    worker = sim.worker_ids(one)[0]

    def sick() -> None:
        sim.set_worker(worker, "running", healthy=False)

    told = await watched(sim, 120, (15, sick), (20, lambda: sim.set_worker(worker)), (20, sick), replay=False)
    failures = [event.failure for event in told if event.kind == "worker_failed"]
    assert [failure.failure_class for failure in failures if failure] == [FailureClass.UNHEALTHY]


async def test_a_failure_that_was_there_before_is_told_to_a_new_watcher() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    sim.set_worker(sim.worker_ids(one)[0], "failed", error="image_pull_failed")
    told = await watched(sim, 15)
    assert [(event.kind, event.initial) for event in told[:2]] == [
        ("appeared", True),
        ("worker_failed", True),
    ]
    assert told[0].status is not None
    assert [failure.failure_class for failure in told[0].status.failures] == [FailureClass.IMAGE_PULL]


async def test_a_failed_endpoint_is_told_without_a_worker() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    told = await watched(
        sim, 30, (5, lambda: sim.set_endpoint_state(one, "failed", error="quota_exceeded")), replay=False
    )
    assert kinds(told) == ["changed", "worker_failed"]
    assert told[1].worker_id is None
    assert str(told[1]).startswith("one worker_failed: resource")


async def test_workers_come_and_go() -> None:
    sim = Simulator(timings=Timings(worker_leaving=0))
    one = sim.add_endpoint("one", replicas=0)
    told = await watched(
        sim,
        60,
        (5, lambda: sim.add_worker(one)),
        replay=False,
    )
    come = [event for event in told if event.kind == "worker_changed"]
    assert dict(come[0].fields) == {"state": (None, EndpointState.RUNNING), "healthy": (None, True)}
    assert dict(come[-1].fields) == {"state": (EndpointState.RUNNING, None), "healthy": (True, None)}


# ------------------------------------------------------------------------------------ its end


async def test_who_has_left_costs_nothing_and_may_come_back() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    async with sim.async_client() as client:
        async with client.serverless_endpoints.watch() as events:
            await take(events, 1)
        assert [event async for event in events] == []
        poller = client._engine.services.endpoint_poller
        assert poller._watchers == []
        sim.clock.sleep(60)
        assert sim.requests() == 1
        async with client.serverless_endpoints.watch() as events:
            assert kinds(await take(events, 1)) == ["appeared"]


async def test_what_the_function_raises_ends_the_watch() -> None:
    sim = Simulator()
    sim.add_endpoint("one")

    def broken(_event: EndpointEvent) -> None:
        raise RuntimeError("mine")

    async with sim.async_client() as client:
        with pytest.raises(RuntimeError, match="mine"):
            await client.serverless_endpoints.watch(on_event=broken)
        assert client._engine.services.endpoint_poller._watchers == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"interval": 1}, "interval"),
        ({"interval": None}, "interval"),
        ({"endpoints": []}, "endpoints"),
        ({"endpoints": ""}, "endpoints"),
        ({"on_event": 3}, "on_event"),
        ({"stop": 3, "on_event": print}, "stop"),
    ],
)
async def test_a_watch_that_makes_no_sense_is_refused(arguments: dict[str, Any], field: str) -> None:
    async with Simulator().async_client() as client:
        with pytest.raises(ValidationError) as caught:
            client.serverless_endpoints.watch(**arguments)
    assert [problem.field for problem in caught.value.problems] == [field]
