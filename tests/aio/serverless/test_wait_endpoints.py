"""Waiting for endpoints: what ends a wait, what does not, and what it costs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from novita_sdk._concurrency.aio import COLOUR, gather
from novita_sdk.errors import (
    EndpointFailedError,
    NotFoundError,
    PermissionDeniedError,
    ValidationError,
    WaitTimeoutError,
)
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.endpoint_state import EndpointState
from novita_sdk.models.worker_failure import FailureClass
from novita_sdk.observation import Progress
from novita_sdk.testing import Fault, Quirks, Simulator, Timings, VirtualClock
from tests.aio.remote import AsyncRemote, client_of

pytestmark = pytest.mark.anyio

ALONE_AT_FIRST = COLOUR == "sync"
"""Threads start one after the other, so that the first may be alone for a moment."""


def config(least: int, most: int) -> dict[str, int]:
    return {
        "minNum": least,
        "maxNum": most,
        "freeTimeout": 3000,
        "maxConcurrent": 1,
        "gpuNum": 1,
        "requestTimeout": 60,
    }


def booting(seconds: float, **more: Any) -> Simulator:
    return Simulator(
        timings=Timings(
            endpoint_creating=0, worker_pending=0, worker_creating=seconds, worker_ready=0, **more
        )
    )


@pytest.mark.case("SV-54")
async def test_a_boot_of_25_minutes_is_noticed_and_failed_polls_are_survived() -> None:
    sim = booting(1500)
    endpoint_id = sim.add_endpoint("one", running=False)
    sim.faults.add(Fault("status", operation="get_endpoint", status=503, after=5, times=3))
    told: list[Progress] = []
    began = sim.clock.monotonic()
    async with sim.async_client() as client:
        found = await client.serverless_endpoints.wait("one", on_progress=told.append)
    assert (found.id, found.status().is_serving) == (endpoint_id, True)
    assert 1500 <= sim.clock.monotonic() - began < 1534
    assert [progress.kind for progress in told].count("poll_failed") == 3
    assert told[-1].status == "RUNNING"


@pytest.mark.case("SV-54")
async def test_a_wait_gives_up_in_time_and_says_how_far_it_came() -> None:
    sim = booting(1500)
    endpoint_id = sim.add_endpoint("one", running=False)
    began = sim.clock.monotonic()
    async with sim.async_client() as client:
        with pytest.raises(WaitTimeoutError) as caught:
            await client.serverless_endpoints.wait("one", timeout=60)
    assert sim.clock.monotonic() - began == pytest.approx(60, abs=0.1)
    assert (caught.value.resource_id, caught.value.last_seen) == (endpoint_id, "CREATING")
    assert caught.value.url == f"https://{endpoint_id}.novita.ai"


@pytest.mark.case("SV-54")
async def test_deploying_and_a_cold_start_of_five_minutes_take_at_most_40_calls() -> None:
    sim = booting(300)
    async with sim.async_client() as client:
        ref = await client.serverless_endpoints.deploy("one", image="nginx", product_id="SL-serverless-3")
        assert (await client.serverless_endpoints.wait(ref)).status().is_serving
    assert sim.requests() <= 40


@pytest.mark.case("SV-55")
async def test_a_failed_endpoint_ends_the_wait_at_that_poll() -> None:
    sim = Simulator()
    endpoint_id = sim.add_endpoint("one")
    sim.set_endpoint_state(endpoint_id, "failed", error="image_pull_failed", message="no such tag")
    async with sim.async_client() as client:
        with pytest.raises(EndpointFailedError) as caught:
            await client.serverless_endpoints.wait(await client.serverless_endpoints.get(endpoint_id))
    (failure,) = caught.value.failures
    assert failure.failure_class is FailureClass.IMAGE_PULL  # type: ignore[attr-defined]  # a WorkerFailure
    assert (caught.value.reason, caught.value.resource_id) == ("image_pull", endpoint_id)
    assert "no such tag" in str(caught.value)
    assert sim.requests() == 2


@pytest.mark.case("SV-55")
async def test_workers_that_all_fail_to_pull_end_the_wait_after_three_polls() -> None:
    sim = Simulator()
    endpoint_id = sim.add_endpoint("one", replicas=2)
    for worker_id in sim.worker_ids(endpoint_id):
        sim.set_worker(worker_id, "crashed", error="image_pull_failed")
    async with sim.async_client() as client:
        before = sim.requests()
        with pytest.raises(EndpointFailedError) as caught:
            await client.serverless_endpoints.wait(await client.serverless_endpoints.get(endpoint_id))
        assert sim.requests() - before == 4
    assert caught.value.reason == "image_pull"
    assert len(caught.value.failures) == 2


@pytest.mark.case("SV-55")
async def test_without_fail_fast_workers_may_fail_for_as_long_as_they_like() -> None:
    sim = Simulator()
    endpoint_id = sim.add_endpoint("one")
    sim.set_worker(sim.worker_ids(endpoint_id)[0], "crashed", error="image_pull_failed")
    async with sim.async_client() as client:
        with pytest.raises(WaitTimeoutError):
            await client.serverless_endpoints.wait("one", timeout=120, fail_fast=False)


@pytest.mark.case("SV-56")
async def test_what_could_last_for_ever_is_refused_at_once() -> None:
    sim = Simulator()
    endpoint_id = sim.add_endpoint("one", replicas=0)
    sim.change_endpoint(endpoint_id, workerConfig=config(0, 5))
    async with sim.async_client() as client:
        began = sim.clock.monotonic()
        with pytest.raises(ValidationError, match="serving"):
            await client.serverless_endpoints.wait("one", "healthy")
        assert (await client.serverless_endpoints.wait("one")).id == endpoint_id
        assert sim.clock.monotonic() == began


@pytest.mark.case("SV-56")
async def test_more_ready_workers_than_there_may_be_are_refused() -> None:
    sim = Simulator()
    sim.add_endpoint("one", replicas=2)
    async with sim.async_client() as client:
        with pytest.raises(ValidationError, match="min_ready"):
            await client.serverless_endpoints.wait("one", "healthy", min_ready=3)
        assert (await client.serverless_endpoints.wait("one", "healthy", min_ready=2)).status().ready == 2


@pytest.mark.case("SV-57")
async def test_20_waits_at_once_share_one_listing() -> None:
    sim = booting(11)
    names = [f"e-{index}" for index in range(20)]
    ids = [sim.add_endpoint(name, running=False) for name in names]
    async with sim.async_client() as client:
        refs = await client.serverless_endpoints.list().collect()
        before = len(sim.journal)
        found = await gather(
            sim.clock,  # type: ignore[arg-type]  # a virtual clock has both colours
            [lambda ref=ref: client.serverless_endpoints.wait(ref) for ref in refs],  # type: ignore[misc]  # bound now
        )
    assert {endpoint.id for endpoint in found} == set(ids)
    calls = list(sim.journal)[before:]
    lists = [entry for entry in calls if entry.operation == "list_endpoints"]
    assert len(calls) - len(lists) <= ALONE_AT_FIRST
    assert len(lists) <= 7  # one every two seconds
    assert all(late.at - early.at >= 1.9 for early, late in pairwise(lists))


@pytest.mark.case("SV-57")
async def test_deleted_is_over_when_the_endpoint_is_not_found() -> None:
    sim = Simulator(timings=Timings(endpoint_removing=20))
    endpoint_id = sim.add_endpoint("one")
    async with sim.async_client() as client:
        await client.serverless_endpoints.delete("one")
        assert await client.serverless_endpoints.wait("one", "deleted") is None
        with pytest.raises(NotFoundError):
            await client.serverless_endpoints.get(endpoint_id)
        assert await client.serverless_endpoints.wait("one", "deleted") is None


async def test_delete_waits_until_it_is_gone() -> None:
    sim = Simulator(timings=Timings(endpoint_removing=20))
    sim.add_endpoint("one")
    began = sim.clock.monotonic()
    async with sim.async_client() as client:
        await client.serverless_endpoints.delete("one", wait=True)
        assert sim.clock.monotonic() - began >= 20
        await client.serverless_endpoints.delete("one", wait=True, missing_ok=True)


async def test_scaled_wants_every_worker_ready() -> None:
    sim = booting(30)
    sim.add_endpoint("one")
    async with sim.async_client() as client:
        await client.serverless_endpoints.scale("one", 3)
        assert (await client.serverless_endpoints.wait("one", "healthy")).status().ready == 1
        assert (await client.serverless_endpoints.wait("one", "scaled")).status().ready == 3


@pytest.mark.parametrize(("word", "reason"), [("stopped", "stopped"), ("deleting", "terminating")])
async def test_what_is_on_its_way_out_is_not_waited_for(word: str, reason: str) -> None:
    sim = Simulator()
    endpoint_id = sim.add_endpoint("one")
    sim.set_endpoint_state(endpoint_id, word)
    async with sim.async_client() as client:
        with pytest.raises(EndpointFailedError) as caught:
            await client.serverless_endpoints.wait("one")
    assert caught.value.reason == reason


async def test_an_unknown_word_is_waited_out() -> None:
    sim = Simulator()
    endpoint_id = sim.add_endpoint("one")
    sim.set_endpoint_state(endpoint_id, "weird")
    told: list[Any] = []

    def tell(progress: Progress) -> None:
        told.append(progress.status)
        if len(told) == 3:
            sim.set_endpoint_state(endpoint_id, None)

    async with sim.async_client() as client:
        found = await client.serverless_endpoints.wait("one", on_progress=tell)
    assert found.state.state is EndpointState.RUNNING
    assert len(told) == 4


async def test_an_endpoint_of_ones_own_may_take_a_minute_to_appear() -> None:
    sim = Simulator(timings=Timings(endpoint_creating=0))
    async with sim.async_client() as client:
        ref = await client.serverless_endpoints.deploy("one", image="nginx", product_id="SL-serverless-3")
        missing = {"reason": "SERVERLESS_ENDPOINT_NOT_FOUND", "message": "no such endpoint"}
        sim.faults.add(Fault("status", operation="get_endpoint", status=400, body=missing, times=5))
        assert (await client.serverless_endpoints.wait(ref)).id == ref.id


async def test_what_is_not_found_twice_is_not_there() -> None:
    sim = Simulator()
    endpoint_id = sim.add_endpoint("one")
    async with sim.async_client() as client:
        one = await client.serverless_endpoints.get(endpoint_id)
        sim.remove_endpoint(endpoint_id)
        began = sim.clock.monotonic()
        with pytest.raises(EndpointFailedError) as caught:
            await client.serverless_endpoints.wait(one)
        assert caught.value.reason == "gone"
        assert sim.clock.monotonic() - began == pytest.approx(5, abs=0.1)
        with pytest.raises(NotFoundError):
            await client.serverless_endpoints.wait("nobody")


async def test_a_name_that_means_another_endpoint_now_is_looked_up_once_more() -> None:
    sim = Simulator()
    old = sim.add_endpoint("one")
    async with sim.async_client() as client:
        assert (await client.serverless_endpoints.find("one")).id == old
        sim.remove_endpoint(old)
        new = sim.add_endpoint("one")
        assert (await client.serverless_endpoints.wait("one")).id == new


async def test_what_was_found_by_its_name_and_is_gone_for_good_is_not_there() -> None:
    sim = Simulator()
    old = sim.add_endpoint("one")
    async with sim.async_client() as client:
        await client.serverless_endpoints.find("one")
        sim.remove_endpoint(old)
        with pytest.raises(EndpointFailedError) as caught:
            await client.serverless_endpoints.wait("one")
        assert caught.value.reason == "gone"


async def test_a_refused_key_ends_a_wait() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    sim.faults.add(Fault("status", operation="get_endpoint", status=403, times=None))
    async with sim.async_client() as client:
        with pytest.raises(PermissionDeniedError) as caught:
            await client.serverless_endpoints.wait((await client.serverless_endpoints.list().collect())[0])
    assert caught.value.resource_id == one


async def test_the_page_of_the_health_check_must_answer() -> None:
    sim = Simulator(
        timings=Timings(worker_ready=25, worker_creating=0, worker_pending=0, endpoint_creating=0)
    )
    sim.add_endpoint("one", running=False)
    began = sim.clock.monotonic()
    async with sim.async_client() as client:
        assert (await client.serverless_endpoints.wait("one")).status().is_serving
        assert sim.clock.monotonic() - began < 5
        await client.serverless_endpoints.wait("one", probe="http")
        assert sim.clock.monotonic() - began >= 25
        assert sim.requests("list_endpoints") == 1


async def test_without_an_address_nobody_is_asked(clock: VirtualClock) -> None:
    shown = {"id": "e1", "name": "one", "state": {"state": "serving"}, "workerConfig": {"minNum": 0}}
    remote = AsyncRemote(clock, {"endpoint": shown})
    client = client_of(remote)
    one = Endpoint(id="e1")
    with pytest.raises(WaitTimeoutError) as caught:
        await client.serverless_endpoints.wait(one, probe="http", timeout=20)
    assert [probe.detail for probe in caught.value.probes] == ["it has no address yet"]  # type: ignore[attr-defined]  # a ProbeResult
    assert caught.value.url is None
    assert {seen.request.url.partition("?")[0].rpartition("/")[2] for seen in remote.seen} == {"endpoint"}


async def test_an_endpoint_that_does_not_answer_in_time_is_told() -> None:
    sim = Simulator(timings=Timings(worker_ready=2500, worker_creating=0, worker_pending=0))
    sim.add_endpoint("one", running=False)
    async with sim.async_client() as client:
        with pytest.raises(WaitTimeoutError, match="does not answer") as caught:
            await client.serverless_endpoints.wait("one", probe="http", timeout=60)
    assert caught.value.probes


async def test_a_list_that_lags_is_asked_about_again() -> None:
    sim = Simulator(quirks=Quirks(list_delay=10_000))
    endpoint_id = sim.add_endpoint("one")
    async with sim.async_client() as client:
        one = await client.serverless_endpoints.get(endpoint_id)
        found = await gather(
            sim.clock,  # type: ignore[arg-type]  # a virtual clock has both colours
            [lambda: client.serverless_endpoints.wait(one) for _ in range(3)],
        )
    assert [endpoint.id for endpoint in found] == [endpoint_id] * 3


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"until": "ready"}, "until"),
        ({"until": "healthy", "min_ready": 0}, "min_ready"),
        ({"until": "healthy", "min_ready": True}, "min_ready"),
        ({"min_ready": 2}, "min_ready"),
        ({"timeout": 0}, "timeout"),
        ({"probe": "tcp"}, "probe"),
        ({"until": "deleted", "probe": "http"}, "probe"),
    ],
)
async def test_a_wait_that_makes_no_sense_is_refused(arguments: dict[str, Any], field: str) -> None:
    sim = Simulator()
    async with sim.async_client() as client:
        with pytest.raises(ValidationError) as caught:
            await client.serverless_endpoints.wait("one", **arguments)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert sim.requests() == 0
