"""Queued jobs: handed in once, asked about, fetched, and forgotten after six hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from novita_sdk.errors import (
    AsyncJobError,
    AsyncJobExpiredError,
    AsyncJobNotFoundError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    UnsupportedFeatureError,
    ValidationError,
    WaitTimeoutError,
)
from novita_sdk.models.async_job import AsyncJob, AsyncJobStatus
from novita_sdk.options import ServerlessOptions
from novita_sdk.testing import Fault, Simulator, Timings, VirtualClock
from tests.aio.remote import (
    AsyncRemote,
    InterruptingClock,
    Interruption,
    InTurn,
    client_of,
    interrupt_at,
    reset,
    routed,
)

pytestmark = pytest.mark.anyio

FITTING = "x" * (4 * 1024 * 1024 - len('{"input":""}'))


def serving() -> tuple[Simulator, str]:
    sim = Simulator(timings=Timings(queue_job=5))
    return sim, sim.add_endpoint("one")


@pytest.mark.case("SV-70")
async def test_the_largest_input_is_sent_and_one_byte_more_is_not() -> None:
    sim, endpoint_id = serving()
    async with sim.async_client() as client:
        await client.serverless_endpoints.queue.run("one", FITTING)
        entry = sim.journal[-1]
        assert entry.path == f"/v1/{endpoint_id}-one/run"
        assert len(entry.raw_body) == 4 * 1024 * 1024
        before = sim.requests()
        with pytest.raises(ValidationError, match="4194305") as caught:
            await client.serverless_endpoints.queue.run("one", FITTING + "x")
        assert "xxx" not in str(caught.value)
        assert sim.requests() == before


async def test_an_input_that_is_no_json_is_refused() -> None:
    sim, _ = serving()
    async with sim.async_client() as client:
        with pytest.raises(ValidationError):
            await client.serverless_endpoints.queue.run("one", float("nan"))
    assert sim.requests() == 0


@pytest.mark.case("SV-71")
@pytest.mark.parametrize("answer", [reset, 408, 500])
async def test_a_job_whose_answer_was_lost_is_not_queued_again(answer: Any) -> None:
    remote = AsyncRemote(VirtualClock(), answer)
    async with client_of(remote) as client:
        with pytest.raises(OutcomeUnknownError):
            await client.serverless_endpoints.queue.run("one", 1, gateway_name="e-1-one")
    assert len(remote.posts) == 1


@pytest.mark.case("SV-71")
async def test_a_job_is_queued_again_where_the_service_asks_for_it() -> None:
    remote = AsyncRemote(VirtualClock(), 429, {"id": "j-1", "status": "PENDING"})
    async with client_of(remote) as client:
        job = await client.serverless_endpoints.queue.run("one", 1, gateway_name="e-1-one")
    assert job.id == "j-1"
    assert len(remote.posts) == 2


@pytest.mark.case("SV-71")
async def test_a_job_that_may_run_twice_is_queued_again() -> None:
    remote = AsyncRemote(VirtualClock(), reset, {"id": "j-1", "status": "PENDING"})
    async with client_of(remote) as client:
        await client.serverless_endpoints.queue.run("one", 1, gateway_name="e-1-one", retry_ambiguous=True)
    assert len(remote.posts) == 2


@pytest.mark.case("SV-72")
async def test_a_result_is_waited_for_through_words_nobody_knows() -> None:
    words = [{"status": word} for word in ("PENDING", "IN_PROGRESS", "HATCHING")]
    steps = InTurn(*words, {"status": "COMPLETED", "output": {"answer": 42}})
    remote = AsyncRemote(VirtualClock(), lambda request: {"id": "j-1"} if request.method == "POST" else steps)
    async with client_of(remote) as client:
        job = await client.serverless_endpoints.queue.run_and_wait("one", 1, gateway_name="e-1-one")
    assert job.output == {"answer": 42}
    assert job.id == "j-1"
    assert remote.times == [0, 1, 2.5, 4.75, 8.125]
    assert job.expires_at is not None
    assert job.ended_at is not None
    assert job.expires_at - job.ended_at == timedelta(hours=6)


@pytest.mark.case("SV-72")
async def test_a_job_that_failed_is_an_error_with_the_whole_job() -> None:
    sim, _ = serving()
    sim.fail_next("job")
    async with sim.async_client() as client:
        with pytest.raises(AsyncJobError) as caught:
            await client.serverless_endpoints.queue.run_and_wait("one", 1)
    job = caught.value.job
    assert isinstance(job, AsyncJob)
    assert caught.value.job_status == "FAILED"
    assert caught.value.resource_id == job.id
    assert job.error


@pytest.mark.case("SV-72")
@pytest.mark.parametrize("cancel", [False, True])
async def test_giving_up_cancels_a_job_only_on_request(cancel: bool) -> None:
    sim, _ = serving()
    sim.timings = Timings(queue_job=1000)
    async with sim.async_client() as client:
        with pytest.raises(WaitTimeoutError) as caught:
            await client.serverless_endpoints.queue.run_and_wait("one", 1, timeout=30, cancel_on_exit=cancel)
    assert sim.requests("async_cancel") == cancel
    assert caught.value.resource_id
    assert caught.value.last_seen == "IN_PROGRESS"


@pytest.mark.case("SV-73")
async def test_a_result_is_gone_after_six_hours() -> None:
    sim, _ = serving()
    async with sim.async_client() as client:
        queue = client.serverless_endpoints.queue
        job = await queue.run_and_wait("one", 1)
        sim.clock.sleep(6 * 3600 + 60)
        with pytest.raises(AsyncJobExpiredError):
            await queue.status("one", job.id)
        with pytest.raises(AsyncJobNotFoundError) as caught:
            await queue.status("one", "nobody")
        assert not isinstance(caught.value, AsyncJobExpiredError)


@pytest.mark.case("SV-73")
async def test_what_the_current_gateway_lacks_and_what_needs_a_word() -> None:
    sim, _ = serving()
    sim.timings = Timings(queue_job=1000)
    async with sim.async_client() as client:
        queue = client.serverless_endpoints.queue
        with pytest.raises(UnsupportedFeatureError, match="health"):
            await queue.stats("one")
        with pytest.raises(ValidationError):
            await queue.purge("one", confirm=False)
        assert sim.requests("async_purge_queue") == 0
        working, waiting = await queue.run("one", 1), await queue.run("one", 2)
        await queue.purge("one", confirm=True)
        assert (await queue.status("one", waiting.id)).status is AsyncJobStatus.CANCELLED
        assert (await queue.status("one", working.id)).status is AsyncJobStatus.IN_PROGRESS
        await queue.cancel("one", working.id)
        await queue.cancel("one", working.id)
        health = await queue.health("one")
        assert health.workers == {"ready": 1, "total": 1}


async def test_a_cancel_whose_answer_was_lost_ends_well_if_the_job_is_over() -> None:
    sim, _ = serving()
    sim.timings = Timings(queue_job=1000)
    async with sim.async_client() as client:
        queue = client.serverless_endpoints.queue
        job = await queue.run("one", 1)
        sim.faults.add(Fault("lost_reply", operation="async_cancel"))
        await queue.cancel("one", job.id)
        assert (await queue.status("one", job.id)).status is AsyncJobStatus.CANCELLED


async def test_the_older_gateway_is_another_host_with_other_ways() -> None:
    remote = AsyncRemote(VirtualClock(), routed(stats={"pending": 3}, **{"j-1": {}}))
    async with client_of(remote, serverless=ServerlessOptions(gateway="legacy")) as client:
        queue = client.serverless_endpoints.queue
        stats = await queue.stats("one", gateway_name="e-1")
        await queue.cancel("one", "j-1", gateway_name="e-1")
    assert stats.pending == 3
    assert [(seen.request.method, seen.request.url) for seen in remote.seen] == [
        ("GET", "https://async.novita.ai/v1/e-1/stats"),
        ("GET", "https://async.novita.ai/v1/e-1/cancel/j-1"),
    ]


@pytest.mark.case("SV-76")
async def test_neither_input_nor_output_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    sim, _ = serving()
    caplog.set_level("DEBUG")
    async with sim.async_client() as client:
        job = await client.serverless_endpoints.queue.run_and_wait("one", {"prompt": "s3cret"})
    assert job.output == {"echo": {"prompt": "s3cret"}}
    assert "s3cret" not in caplog.text + repr(job)


async def test_many_jobs_are_worked_on_one_after_the_other() -> None:
    sim, _ = serving()
    async with sim.async_client() as client:
        queue = client.serverless_endpoints.queue
        jobs = [await queue.run("one", number) for number in range(5)]
        sim.clock.sleep(26)
        found = [await queue.status("one", job.id) for job in jobs]
    assert [job.output for job in found] == [{"echo": number} for number in range(5)]


@pytest.mark.case("SV-30")
async def test_an_endpoint_made_anew_under_its_name_gets_the_jobs() -> None:
    sim, old = serving()
    async with sim.async_client() as client:
        await client.serverless_endpoints.find("one")
        sim.remove_endpoint(old)
        new = sim.add_endpoint("one")
        await client.serverless_endpoints.queue.run("one", 1)
    entry = sim.journal[-1]
    assert (entry.operation, entry.path) == ("async_run", f"/v1/{new}-one/run")


async def test_a_job_of_an_endpoint_that_is_gone_is_told_as_such() -> None:
    sim, endpoint_id = serving()
    async with sim.async_client() as client:
        queue = client.serverless_endpoints.queue
        job = await queue.run("one", 1)
        sim.remove_endpoint(endpoint_id)
        for call in (queue.status, queue.cancel):
            with pytest.raises(NotFoundError) as caught:
                await call("one", job.id)
            assert (caught.value.code, type(caught.value)) == ("ENDPOINT_NOT_FOUND", NotFoundError)


async def test_an_unknown_job_costs_no_look_for_its_endpoint() -> None:
    sim, _ = serving()
    async with sim.async_client() as client:
        queue = client.serverless_endpoints.queue
        await queue.health("one")
        before = sim.requests()
        with pytest.raises(AsyncJobNotFoundError):
            await queue.status("one", "j-1")
    assert sim.requests() - before == 1


@pytest.mark.case("SV-72")
@pytest.mark.parametrize("cancel", [False, True])
async def test_a_wait_that_a_refused_poll_ends_names_the_job_and_cancels_it_on_request(cancel: bool) -> None:
    sim, endpoint_id = serving()
    sim.faults.add(Fault("status", operation="async_status", status=403))
    async with sim.async_client() as client:
        with pytest.raises(PermissionDeniedError) as caught:
            await client.serverless_endpoints.queue.run_and_wait("one", 1, cancel_on_exit=cancel)
    assert [caught.value.resource_id] == list(sim.cloud.world.endpoints[endpoint_id].jobs)
    assert sim.requests("async_cancel") == cancel


async def test_failed_polls_do_not_end_a_wait_for_a_job() -> None:
    sim, _ = serving()
    sim.faults.add(Fault("status", operation="async_status", status=503, times=6))
    async with sim.async_client() as client:
        job = await client.serverless_endpoints.queue.run_and_wait("one", 1)
    assert job.status is AsyncJobStatus.COMPLETED


async def test_a_poll_that_hangs_does_not_outlast_the_wait() -> None:
    sim, endpoint_id = serving()
    sim.faults.add(Fault("latency", operation="async_status", seconds=600, times=None))
    async with sim.async_client() as client:
        began = sim.clock.monotonic()
        with pytest.raises(WaitTimeoutError) as caught:
            await client.serverless_endpoints.queue.run_and_wait("one", 1, timeout=20)
    assert sim.clock.monotonic() - began == pytest.approx(20)
    assert [caught.value.resource_id] == list(sim.cloud.world.endpoints[endpoint_id].jobs)
    assert caught.value.failed_polls > 0


@pytest.mark.case("SV-72")
@pytest.mark.parametrize("cancel", [False, True])
async def test_an_interrupted_wait_names_its_job_and_cancels_it_on_request(cancel: bool) -> None:
    clock = InterruptingClock()
    step = routed(run={"id": "j-1", "status": "PENDING"}, **{"j-1": {"status": "IN_PROGRESS"}})
    remote = AsyncRemote(clock, step)
    async with client_of(remote) as client:
        interrupt_at.set(clock.monotonic() + 30)
        with pytest.raises(Interruption) as caught:
            await client.serverless_endpoints.queue.run_and_wait(
                "one", 1, gateway_name="e-1-one", cancel_on_exit=cancel
            )
        interrupt_at.set(None)
    assert "the job is j-1" in caught.value.__notes__
    assert [post.path.rpartition("/")[0].rpartition("/")[2] for post in remote.posts][1:] == [
        "cancel"
    ] * cancel
