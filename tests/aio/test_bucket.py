"""The token bucket: how many requests go, in which order, and who is told that there is no room."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._concurrency.aio import gather
from novita_sdk._concurrency.clock import Waitable
from novita_sdk._core.http import Request
from novita_sdk.errors import NovitaError, RateLimitQueueError
from novita_sdk.options import CallOptions, RateLimit, RetryPolicy
from novita_sdk.testing import VirtualClock
from tests.aio.bucket_calls import FINE, INTERVAL, bucket_of, most_in_a_minute, read
from tests.aio.remote import (
    AsyncRemote,
    InterruptingClock,
    Interruption,
    client_of,
    interrupt_at,
    refused,
    reset,
)

pytestmark = pytest.mark.anyio


# ------------------------------------------------------------------------------------ how many, when


@pytest.mark.case("BK-01")
async def test_a_hundred_and_twenty_calls_leave_in_even_steps(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, FINE)
    client = client_of(remote)

    async def call() -> None:
        await read(client, total_timeout=None)

    await gather(clock, [call] * 120)
    assert remote.times == pytest.approx([max(0, n - 10) * INTERVAL for n in range(1, 121)], abs=0.001)
    assert most_in_a_minute(remote.times) <= 100


@pytest.mark.case("BK-01")
async def test_the_internal_family_gets_fifty_in_a_minute(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"jobs": []})
    client = client_of(remote, internal_api_key="I-0123456789")

    async def call() -> None:
        await client.request("GET", "/x", family="internal", options=CallOptions(total_timeout=None))

    await gather(clock, [call] * 50)
    assert remote.times[-1] == pytest.approx(60, abs=0.001)
    assert remote.times[:11] == [0] * 10 + [1.5]


async def test_the_gateway_has_its_own_bucket(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, {}))
    await client.request("GET", "/x", family="gateway")
    assert client.stats().families["public"].bucket is not None
    assert bucket_of(client).granted == 0


@pytest.mark.case("BK-02")
async def test_who_cannot_go_before_the_deadline_is_told_at_once(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, FINE)
    client = client_of(remote)
    began = clock.monotonic()
    told: list[tuple[float, float | None]] = []

    async def call() -> None:
        try:
            await read(client)
        except RateLimitQueueError as error:
            told.append((clock.monotonic() - began, error.retry_after))

    await gather(clock, [call] * 300)
    assert len(remote.seen) == 279
    assert [when for when, _ in told] == [0] * 21
    assert all(wait == pytest.approx(180) for _, wait in told)


async def test_the_wait_is_told_in_the_attempt_and_in_the_statistics(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, FINE, 404)
    client = client_of(remote, rate_limits={"public": RateLimit(limit=2)})
    await read(client)
    with pytest.raises(NovitaError) as caught:
        await read(client)
    assert [attempt.waited_bucket for attempt in caught.value.attempts] == [60]
    seen = bucket_of(client)
    assert (seen.limit, seen.burst, seen.granted, seen.waited_total) == (2, 1, 2, 60)


async def test_it_can_be_switched_off(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, FINE)
    client = client_of(remote, rate_limits={"public": None})
    for _ in range(200):
        await read(client)
    assert remote.times == [0] * 200


@pytest.mark.case("BK-03")
@pytest.mark.seeds
async def test_no_minute_ever_holds_more_than_the_limit(clock: VirtualClock, seeds: range) -> None:
    """Retries, polls and calls of people, mixed for ten minutes."""
    for seed in seeds:
        chance = random.Random(seed)
        remote = AsyncRemote(clock, weather(chance))
        client = client_of(remote, retry=RetryPolicy(), rng=random.Random(seed), breakers={"public": None})
        ends = clock.monotonic() + 600
        await gather(clock, [caller_of(client, clock, chance, ends) for _ in range(5)])
        assert most_in_a_minute(remote.times) <= 100, f"seed {seed}"
        assert len(remote.seen) > 300, "there was work to do"


def weather(chance: random.Random) -> Callable[[Request], Any]:
    """A service that is mostly fine, sometimes slow, failing or throttling."""

    def step(_request: Request) -> Any:
        draw = chance.random()
        if draw < 0.75:
            return {"data": []}
        if draw < 0.98:
            return [500, 503, refused, reset, 408][int(draw * 1000) % 5]
        return 429, {}, {"Retry-After": str(chance.randint(0, 5))}

    return step


def caller_of(
    client: AsyncNovita, clock: VirtualClock, chance: random.Random, ends: float
) -> Callable[[], Awaitable[None]]:
    """Someone who makes bursts of calls, polls among them, until the time is up."""

    async def caller() -> None:
        while clock.monotonic() < ends:
            for _ in range(chance.randint(1, 25)):
                priority = chance.choice(["user", "poll"])
                try:
                    await read(client, priority=priority, total_timeout=chance.choice([5, 60]))
                except NovitaError:
                    continue
            await clock.sleep_async(chance.uniform(0, 60))

    return caller


# -------------------------------------------------------------------------------- whose turn it is


@pytest.mark.case("BK-04")
async def test_people_go_first_but_every_fifth_is_a_poll(clock: VirtualClock) -> None:
    order: list[str] = []

    def note(request: Request) -> Any:
        order.append(request.context.options.correlation_id or "")
        return FINE

    client = client_of(AsyncRemote(clock, note))
    for _ in range(10):
        await read(client)
    order.clear()

    def call(name: str, priority: str, after: float) -> Callable[[], Awaitable[None]]:
        async def named() -> None:
            await clock.sleep_async(after)
            await read(client, correlation_id=name, priority=priority)

        return named

    polls = [call(f"p{n}", "poll", 0.001 * n) for n in range(1, 21)]
    people = [call(f"u{n}", "user", 0.05 + 0.001 * n) for n in range(1, 9)]
    await gather(clock, [*polls, *people])
    assert order[:11] == ["u1", "u2", "u3", "u4", "p1", "u5", "u6", "u7", "u8", "p2", "p3"]
    assert order[11:] == [f"p{n}" for n in range(4, 21)]


@pytest.mark.case("BK-05")
async def test_those_who_leave_are_as_if_they_had_never_come() -> None:
    clock = InterruptingClock()
    leaving = set(random.Random(7).sample(range(50), 25))
    order: list[tuple[str, float]] = []

    def note(request: Request) -> Any:
        order.append((str(request.context.options.correlation_id), clock.monotonic()))
        return FINE

    client = client_of(AsyncRemote(clock, note))
    for _ in range(10):
        await read(client)
    order.clear()
    began = clock.monotonic()

    def call(number: int) -> Callable[[], Awaitable[None]]:
        async def numbered() -> None:
            await clock.sleep_async(0.001 * number)
            if number not in leaving:
                await read(client, correlation_id=str(number))
                return
            interrupt_at.set(began + 0.1 + number * 0.01)
            with pytest.raises(Interruption):
                await read(client)

        return numbered

    await gather(clock, [call(number) for number in range(50)])
    assert [name for name, _ in order] == [str(number) for number in range(50) if number not in leaving]
    assert [when - began for _, when in order] == pytest.approx(
        [INTERVAL * (n + 1) for n in range(25)], abs=0.001
    )
    seen = bucket_of(client)
    assert (seen.granted, seen.waiting_user) == (35, 0)


class TooLateClock(VirtualClock):
    """A virtual clock on which a flow is interrupted at the very moment at which its wait ends."""

    async def wait_async(self, event: Waitable, timeout: float | None) -> bool:  # noqa: ASYNC109
        happened = await super().wait_async(event, timeout)
        if interrupt_at.get() is not None:
            interrupt_at.set(None)
            raise Interruption
        return happened


async def test_a_waiter_interrupted_as_it_gets_its_token_gives_it_back() -> None:
    clock = TooLateClock()
    remote = AsyncRemote(clock, FINE)
    client = client_of(remote, rate_limits={"public": RateLimit(limit=4, burst=2)})
    await read(client)
    await read(client)

    async def first() -> None:
        await read(client)

    async def second() -> None:
        await clock.sleep_async(1)
        interrupt_at.set(clock.monotonic())
        with pytest.raises(Interruption):
            await read(client)

    async def pass_time() -> None:
        await clock.sleep_async(2)
        clock.advance(100)  # whoever wakes first finds a token for each of the two

    await gather(clock, [first, second, pass_time])
    assert bucket_of(client).granted == len(remote.seen) == 3
    assert bucket_of(client).available == 1


async def test_a_waiter_whose_deadline_passes_leaves_its_place(clock: VirtualClock) -> None:
    """People who come later push a poll back, past its deadline."""
    remote = AsyncRemote(clock, FINE)
    client = client_of(remote, rate_limits={"public": RateLimit(limit=2)})
    await read(client)
    outcome: list[float] = []

    async def poll() -> None:
        with pytest.raises(RateLimitQueueError):
            await read(client, priority="poll", total_timeout=61)
        outcome.append(clock.monotonic() - 1000)

    async def person() -> None:
        await clock.sleep_async(1)
        await read(client)

    await gather(clock, [poll, person])
    assert outcome == [61]
    assert remote.times == [0, 60]
    assert bucket_of(client).waiting_poll == 0
