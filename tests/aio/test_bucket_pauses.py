"""Pauses that the service asks for, and tokens that go back into the bucket."""

from __future__ import annotations

import pytest

from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._concurrency.aio import gather
from novita_sdk._core.http import Request, Response
from novita_sdk.errors import CircuitOpenError, NovitaError, RateLimitError, RateLimitQueueError, ServerError
from novita_sdk.options import RateLimit, RetryPolicy
from novita_sdk.testing import VirtualClock
from tests.aio.bucket_calls import FINE, INTERVAL, bucket_of, read
from tests.aio.remote import AsyncRemote, Late, client_of, refused

pytestmark = pytest.mark.anyio


@pytest.mark.case("BK-06")
async def test_a_throttled_answer_holds_everybody_back(clock: VirtualClock) -> None:
    """Ten calls empty the bucket, the tenth of them is throttled while five more are in the queue."""
    answers = [FINE] * 9 + [Late(0.5, (429, {}, {"Retry-After": "30"})), FINE]
    remote = AsyncRemote(clock, *answers)
    client = client_of(remote)
    refused_at: list[float] = []

    async def first() -> None:
        await read(client, max_retries=0)

    async def throttled() -> None:
        with pytest.raises(RateLimitError):
            await read(client, max_retries=0)

    async def queued() -> None:
        await clock.sleep_async(0.1)
        await read(client)

    async def hurried() -> None:
        await clock.sleep_async(0.2)
        with pytest.raises(RateLimitQueueError):
            await read(client, total_timeout=10.3)
        refused_at.append(clock.monotonic() - 1000)

    for _ in range(9):
        await first()
    await gather(clock, [throttled, *[queued] * 5, hurried])
    assert refused_at == [0.5]
    assert remote.times[:10] == [0] * 10
    assert remote.times[10:] == pytest.approx([30.5 + n * INTERVAL for n in range(5)], abs=0.001)


async def test_the_throttled_call_itself_queues_up_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, (429, {}, {"Retry-After": "30"}), FINE)
    client = client_of(remote)

    async def throttled() -> None:
        await read(client)

    async def other() -> None:
        await clock.sleep_async(1)
        await read(client)

    await gather(clock, [throttled, other])
    assert remote.times == pytest.approx([0, 30, 30 + INTERVAL], abs=0.001)


async def test_a_throttled_look_up_pauses_the_bucket_too(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 500, (429, {}, {"Retry-After": "9"}), {"instances": []})
    client = client_of(remote)
    with pytest.raises(NovitaError):
        await client.gpu_instances.create(product_id="p-1", image_url="nginx")
    assert remote.times[:3] == [0, 0.5, 9.5]


async def test_a_pause_is_at_least_a_second(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, (429, {}, {"Retry-After": "0"}), FINE)
    client = client_of(remote, retry=RetryPolicy(jitter=lambda _ceiling: 0.0))
    await read(client)
    assert remote.times == [0, 1]


@pytest.mark.case("BK-07")
async def test_a_call_refused_after_its_wait_gives_its_token_back(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, *[Late(0.3, 503)] * 5)
    client = client_of(remote, rate_limits={"public": RateLimit(limit=100, burst=5)})
    granted: list[int] = []

    async def failing() -> None:
        with pytest.raises(ServerError):
            await read(client, max_retries=0)

    async def waiting() -> None:
        await clock.sleep_async(0.1)
        with pytest.raises(CircuitOpenError):
            await read(client)
        granted.append(bucket_of(client).granted)

    await gather(clock, [*[failing] * 5, waiting])
    assert (granted, len(remote.seen)) == ([5], 5)
    assert bucket_of(client).available == 1


async def test_a_token_that_was_used_is_not_given_back(clock: VirtualClock) -> None:
    async def other_client(request: Request, call_next: AsyncCallNext) -> Response:
        await call_next(request)
        raise CircuitOpenError("another API is down")

    client = client_of(AsyncRemote(clock, FINE), attempt_middleware=[other_client])
    with pytest.raises(CircuitOpenError):
        await read(client)
    assert bucket_of(client).granted == 1


async def test_an_attempt_that_never_left_has_used_its_token(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, refused))
    with pytest.raises(NovitaError):
        await read(client, max_retries=0)
    assert bucket_of(client).granted == 1
