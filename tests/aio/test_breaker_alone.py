"""The circuit breaker without a client, and under many callers at once."""

from __future__ import annotations

from itertools import pairwise

import pytest

from novita_sdk._async.layers.breaker import AsyncBreakerMiddleware
from novita_sdk._concurrency.aio import gather
from novita_sdk.errors import APIConnectionError, APITimeoutError, CircuitOpenError
from novita_sdk.options import BreakerPolicy
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, InTurn, Late, lost, plain_request, refused

pytestmark = pytest.mark.anyio

FINE = {"data": []}


@pytest.mark.case("RT-18")
@pytest.mark.case("BR-01")
async def test_the_layer_works_alone(clock: VirtualClock) -> None:
    breaker = AsyncBreakerMiddleware(clock=clock)
    remote = AsyncRemote(clock, *[500] * 5, FINE)
    for _ in range(5):
        assert (await breaker(plain_request(), remote.send)).status == 500
    with pytest.raises(CircuitOpenError):
        await breaker(plain_request(), remote.send)
    assert len(remote.seen) == 5
    assert (breaker.stats().state, breaker.stats().retry_after) == ("open", 60)
    clock.advance(60)
    for _ in range(3):
        await breaker(plain_request(), remote.send)
    assert breaker.stats().state == "closed"


async def test_alone_it_counts_errors_that_are_raised(clock: VirtualClock) -> None:
    breaker = AsyncBreakerMiddleware(BreakerPolicy(failure_threshold=2), clock=clock)
    remote = AsyncRemote(clock, refused, lost)
    with pytest.raises(APIConnectionError):
        await breaker(plain_request(), remote.send)
    with pytest.raises(APITimeoutError):
        await breaker(plain_request(), remote.send)
    assert breaker.stats().state == "open"


async def test_thirty_two_callers_at_once_leave_consistent_counts(clock: VirtualClock) -> None:
    breaker = AsyncBreakerMiddleware(BreakerPolicy(failure_threshold=10_000), clock=clock)
    remote = AsyncRemote(clock, 500)

    async def caller() -> None:
        for _ in range(50):
            await breaker(plain_request(), remote.send)

    await gather(clock, [caller] * 32)
    assert breaker.stats().failures == 32 * 50


async def test_at_most_one_probe_is_under_way_at_a_time(clock: VirtualClock) -> None:
    breaker = AsyncBreakerMiddleware(BreakerPolicy(failure_threshold=1, success_threshold=100), clock=clock)
    remote = AsyncRemote(clock, 500, Late(0.25, InTurn(FINE, FINE, 404)))
    await breaker(plain_request(), remote.send)
    clock.advance(60)

    async def caller() -> None:
        for _ in range(20):
            try:
                await breaker(plain_request(), remote.send)
            except CircuitOpenError:
                await clock.sleep_async(0.1)

    await gather(clock, [caller] * 32)
    arrivals = remote.times[1:]
    assert len(arrivals) > 5
    assert all(later - earlier >= 0.25 for earlier, later in pairwise(arrivals))
