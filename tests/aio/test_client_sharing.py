"""One client and its copies: what they share, who closes it, and what a closed one does."""

from __future__ import annotations

import copy as copying
import pickle
from typing import Any

import pytest

from novita_sdk._concurrency.aio import gather
from novita_sdk.errors import CircuitOpenError, ClientClosedError, ServerError
from novita_sdk.options import CachePolicy, CallOptions
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, Late, client_of, instance, lost, routed

pytestmark = pytest.mark.anyio

FINE = {"data": []}
ONCE = CallOptions(max_retries=0)


async def test_copies_share_breaker_bucket_budget_and_cache(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"data": [{"id": "c-1", "name": "one"}]}, 503)
    client = client_of(remote, cache=CachePolicy())
    copy = client.with_options(ONCE)
    await client.clusters.list().collect()
    assert len(await copy.clusters.list().collect()) == 1
    assert len(remote.seen) == 1, "the second answer came from the shared cache"
    for _ in range(5):
        with pytest.raises(ServerError):
            await copy.gpu_instances.get("i-1")
    with pytest.raises(CircuitOpenError):
        await client.gpu_instances.get("i-1")
    assert client.stats() == copy.stats()


async def test_a_copy_keeps_the_options_of_the_one_it_came_from(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    copy = client_of(remote).with_options(ONCE).with_options(CallOptions(correlation_id="job-7"))
    with pytest.raises(ServerError):
        await copy.clusters.list().collect()
    assert [seen.header("X-Correlation-ID") for seen in remote.seen] == ["job-7"]


async def test_closing_a_copy_closes_nothing(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, FINE)
    client = client_of(remote)
    async with client.with_options(ONCE) as copy:
        await copy.clusters.list().collect()
    assert not remote.closed
    await client.clusters.list().collect()


async def test_closing_the_client_closes_its_copies(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, FINE)
    client = client_of(remote)
    copy = client.with_options(ONCE)
    await client.aclose()
    await client.aclose()
    assert remote.closed
    with pytest.raises(ClientClosedError):
        await copy.clusters.list().collect()
    with pytest.raises(ClientClosedError):
        await client.gpu_instances.stop("i-1")
    assert not remote.seen


async def test_a_call_that_sleeps_before_its_retry_sends_nothing_after_the_close(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    client = client_of(remote, rate_limits={"public": None}, breakers={"public": None})

    async def call() -> None:
        with pytest.raises(ClientClosedError):
            await client.clusters.list().collect()

    async def close() -> None:
        await clock.sleep_async(1.5)
        await client.aclose()

    await gather(clock, [call, close])
    assert remote.times == [0, 1]


@pytest.mark.parametrize("answer", [lost, (400, {"message": "invalid state change"})])
async def test_a_re_read_ends_with_the_client(clock: VirtualClock, answer: Any) -> None:
    remote = AsyncRemote(clock, routed(restart=answer, instance=instance(status="pending")))
    client = client_of(remote)

    async def call() -> None:
        with pytest.raises(ClientClosedError) as caught:
            await client.gpu_instances.restart("i-1")
        assert (caught.value.operation, caught.value.resource_id) == ("restart_instance", "i-1")

    async def close() -> None:
        await clock.sleep_async(1.5)
        await client.aclose()

    await gather(clock, [call, close])
    assert len(remote.posts) == 1
    assert clock.monotonic() - 1000 < 3


async def test_an_answer_that_is_under_way_at_the_close_still_counts(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, Late(2, FINE)))

    async def call() -> None:
        assert await client.clusters.list().collect() == []

    async def close() -> None:
        await clock.sleep_async(1)
        await client.aclose()

    await gather(clock, [call, close])


async def test_many_callers_build_a_family_once(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, Late(1, {})))

    async def call() -> None:
        await client.request("POST", "/x", safety="idempotent", options=CallOptions(total_timeout=None))

    await gather(clock, [call] * 32)
    seen = client.stats().families["public"]
    assert seen.bucket is not None
    assert (seen.calls, seen.succeeded, seen.attempts, seen.bucket.granted) == (32, 32, 32, 32)


async def test_a_client_that_is_pickled_or_copied_says_what_to_do_instead(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, FINE))
    for attempt in (pickle.dumps, copying.copy, copying.deepcopy):
        with pytest.raises(TypeError, match=r"make one in each process, or a variant with with_options\(\)"):
            attempt(client)
