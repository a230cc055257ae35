"""Retries: which failures are tried again, when, how often, and at what cost."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.layers.retry import AsyncRetryMiddleware
from novita_sdk._concurrency.aio import gather
from novita_sdk.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    NotFoundError,
    NovitaError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)
from novita_sdk.options import CallOptions, RetryPolicy
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, Late, client_of, instance, lost, plain_request, refused

pytestmark = pytest.mark.anyio

UNBOUNDED: dict[str, Any] = {"breakers": {"public": None}, "rate_limits": {"public": None}}
"""No breaker and no bucket, so that only the retry rules are seen."""


async def read(client: AsyncNovita, **options: Any) -> None:
    await client.clusters.list(options=CallOptions(**options)).collect()


@pytest.mark.case("RT-01")
async def test_a_read_is_tried_again_after_one_and_two_seconds(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 500, 500, {"data": []})
    async with client_of(remote) as client:
        await read(client)
    assert remote.times == [0, 1, 3]


@pytest.mark.case("RT-01")
async def test_a_read_gives_up_after_three_retries_and_tells_why(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 500)
    with pytest.raises(ServerError) as caught:
        await read(client_of(remote))
    assert remote.times == [0, 1, 3, 7]
    assert (caught.value.status, len(caught.value.attempts), caught.value.retry_stopped) == (
        500,
        4,
        "attempts",
    )
    assert [attempt.waited_retry for attempt in caught.value.attempts] == [0, 1, 2, 4]


@pytest.mark.case("RT-02")
async def test_the_delays_double_up_to_thirty_seconds(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    client = client_of(remote, retry=RetryPolicy(jitter="none", max_retries=10), **UNBOUNDED)
    with pytest.raises(ServerError):
        await read(client, total_timeout=None)
    waits = [later - earlier for earlier, later in pairwise(remote.times)]
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]


class InstantClock(VirtualClock):
    """A virtual clock for a single flow: sleeping is moving the time."""

    async def sleep_async(self, seconds: float) -> None:
        self.advance(seconds)


@pytest.mark.case("RT-02")
async def test_jitter_is_uniform_below_the_ceiling() -> None:
    clock = InstantClock()
    remote = AsyncRemote(clock, 503)
    drawn: list[tuple[float, float]] = []
    for seed in range(1000):
        layer = AsyncRetryMiddleware(RetryPolicy(max_retries=10), clock=clock, rng=random.Random(seed))
        began, seen = remote.clock.monotonic(), len(remote.seen)
        await layer(plain_request(), remote.send)
        times = [began - 1000, *remote.times[seen + 1 :]]
        waits = [later - earlier for earlier, later in pairwise(times)]
        drawn += zip(waits, [1, 2, 4, 8, 16, 30, 30, 30, 30, 30], strict=True)
    assert all(-1e-6 <= wait <= ceiling + 1e-6 for wait, ceiling in drawn)
    assert sum(wait / ceiling for wait, ceiling in drawn) / len(drawn) == pytest.approx(0.5, rel=0.05)


async def test_jitter_is_drawn_without_a_generator_of_ones_own_too(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503, {"data": []})
    await read(client_of(remote, retry=RetryPolicy()))
    assert 0 <= remote.times[1] <= 1


async def test_jitter_may_be_any_function_of_the_ceiling(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503, 503, {"data": []})
    await read(client_of(remote, retry=RetryPolicy(jitter=lambda ceiling: ceiling / 4)))
    assert remote.times == [0, 0.25, 0.75]


@pytest.mark.case("RT-03")
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (405, APIStatusError),
        (409, ConflictError),
        (413, APIStatusError),
        (422, BadRequestError),
        (501, ServerError),
        (505, ServerError),
    ],
)
async def test_a_final_answer_is_not_asked_for_again(
    clock: VirtualClock, status: int, error: type[APIStatusError]
) -> None:
    remote = AsyncRemote(clock, status)
    with pytest.raises(error) as caught:
        await read(client_of(remote))
    assert len(remote.seen) == 1
    assert (type(caught.value), caught.value.status, caught.value.retry_stopped) == (error, status, "class")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 599])
async def test_an_answer_that_asks_for_a_repeat_gets_one(clock: VirtualClock, status: int) -> None:
    remote = AsyncRemote(clock, status, {"data": []})
    await read(client_of(remote))
    assert remote.times == [0, 1]


async def test_a_connection_that_was_never_made_is_made_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, refused)
    with pytest.raises(APIConnectionError) as caught:
        await read(client_of(remote))
    assert len(remote.seen) == 4
    assert caught.value.reached_server is False
    assert [attempt.sent for attempt in caught.value.attempts] == [False] * 4


async def test_a_read_without_an_answer_is_made_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, lost, {"data": []})
    await read(client_of(remote))
    assert remote.times == [0, 1]


async def test_an_error_of_a_foreign_transport_counts_as_a_lost_connection(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, OSError("cable cut"))
    with pytest.raises(APIConnectionError) as caught:
        await read(client_of(remote), max_retries=0)
    assert caught.value.reached_server is None
    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.case("RT-04")
async def test_retry_after_in_seconds_is_waited_for(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, (429, {}, {"Retry-After": "7"}), {"data": []})
    await read(client_of(remote))
    assert remote.times == [0, 7]


@pytest.mark.case("RT-04")
async def test_retry_after_as_a_date_does_not_mind_our_wall_clock(clock: VirtualClock) -> None:
    clock.jump_wall(3600)
    headers = {"Date": "Tue, 21 Nov 2023 10:00:00 GMT", "Retry-After": "Tue, 21 Nov 2023 10:00:07 GMT"}
    remote = AsyncRemote(clock, (429, {}, headers), {"data": []})
    await read(client_of(remote))
    assert remote.times == [0, 7]


@pytest.mark.case("RT-05")
async def test_a_pause_above_a_minute_ends_the_call(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, (429, {}, {"Retry-After": "61"}))
    with pytest.raises(RateLimitError) as caught:
        await read(client_of(remote))
    assert (len(remote.seen), caught.value.retry_after, caught.value.retry_stopped) == (1, 61, "retry_after")


@pytest.mark.case("RT-05")
async def test_a_pause_of_a_minute_is_granted_as_often_as_any_retry(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, (429, {}, {"Retry-After": "60"}))
    with pytest.raises(RateLimitError) as caught:
        await read(client_of(remote), total_timeout=None)
    assert remote.times == [0, 60, 120, 180]
    assert (caught.value.status, caught.value.retry_after) == (429, 60)


@pytest.mark.case("RT-05")
@pytest.mark.parametrize("unreadable", ["-5", "abc", "", "1e3"])
async def test_an_unreadable_retry_after_is_as_good_as_none(clock: VirtualClock, unreadable: str) -> None:
    remote = AsyncRemote(clock, (429, {}, {"Retry-After": unreadable}))
    with pytest.raises(RateLimitError):
        await read(client_of(remote))
    assert remote.times == [0, 1, 3, 7]


@pytest.mark.case("RT-13")
async def test_an_outage_costs_thirty_five_extra_requests_in_all(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    client = client_of(remote, **UNBOUNDED)
    refusals: set[str | None] = set()
    for _ in range(3000):
        with pytest.raises(ServerError) as caught:
            await read(client)
        refusals.add(caught.value.retry_stopped)
    assert len(remote.seen) == 3035
    assert refusals == {"attempts", "budget"}

    remote.script = [{"data": []}]
    for _ in range(14):
        await read(client)
    remote.script, before = [503], len(remote.seen)
    with pytest.raises(ServerError):
        await read(client)
    assert len(remote.seen) == before + 2


async def test_thirty_two_callers_at_once_overdraw_no_budget(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    client = client_of(remote, **UNBOUNDED)

    async def caller() -> None:
        for _ in range(5):
            with pytest.raises(ServerError):
                await read(client)

    await gather(clock, [caller] * 32)
    assert len(remote.seen) == 32 * 5 + 35
    budget = client.stats().families["public"].budget
    assert budget is not None
    assert budget.available == 500 - 35 * 14


async def test_a_success_after_a_retry_gives_the_price_back(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503, {"data": []})
    client = client_of(remote)
    await read(client)
    budget = client.stats().families["public"].budget
    assert budget is not None
    assert budget.available == budget.capacity == 500


@pytest.mark.case("RT-14")
async def test_no_retry_begins_that_the_deadline_would_cut(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    with pytest.raises(ServerError) as caught:
        await read(client_of(remote), total_timeout=5)
    assert remote.times == [0, 1, 3]
    assert (caught.value.elapsed, caught.value.retry_stopped) == (3, "deadline")


@pytest.mark.case("RT-16")
async def test_a_missing_wallet_is_no_failure_of_the_service(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, (500, {"reason": "WALLET_NOT_FOUND"}))
    client = client_of(remote)
    with pytest.raises(NotFoundError):
        await client.billing.balance()
    breaker = client.stats().families["public"].breaker
    assert breaker is not None
    assert (len(remote.seen), breaker.failures) == (1, 0)


@pytest.mark.case("RT-16")
async def test_an_operations_own_limit_is_retried_and_pauses_nobody(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, (429, {"reason": "LIST_BILL_TOO_FAST"}), {"data": []})
    client = client_of(remote)

    async def bills() -> None:
        await client.billing.monthly_invoices().collect()

    async def others() -> None:
        await clock.sleep_async(0.5)
        await read(client)

    await gather(clock, [bills, others])
    assert remote.times == [0, 0.5, 1]


async def test_a_call_may_bring_its_own_retry_policy(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    policy = RetryPolicy(jitter="none", factor=5)
    with pytest.raises(ServerError):
        await read(client_of(remote), retry=policy, max_retries=1)
    assert remote.times == [0, 5]


async def test_retries_can_be_switched_off(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    with pytest.raises(ServerError) as caught:
        await read(client_of(remote, retry=None))
    assert (len(remote.seen), caught.value.retry_stopped) == (1, "attempts")


async def test_an_attempt_cut_by_the_deadline_says_so(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, Late(2, lost))
    with pytest.raises(APITimeoutError) as caught:
        await read(client_of(remote), total_timeout=2)
    assert (caught.value.code, len(remote.seen)) == ("DEADLINE_EXCEEDED", 1)


async def test_each_family_has_a_budget_and_a_breaker_of_its_own(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    client = client_of(remote, internal_api_key="I-0123456789")
    for family in ("public", "internal"):
        with pytest.raises(ServerError):
            await client.request("GET", "/x", family=family)
    families = client.stats().families
    budgets = [families[name].budget for name in ("public", "internal", "gateway")]
    assert [budget and budget.available for budget in budgets] == [458, 458, 500]


async def test_the_last_attempts_local_error_is_raised(clock: VirtualClock) -> None:
    """The circuit opens while a call sleeps before its retry."""
    remote = AsyncRemote(clock, 503)
    client = client_of(remote)

    async def patient() -> str:
        with pytest.raises(NovitaError) as caught:
            await client.gpu_instances.get("i-1", options=CallOptions(retry=RetryPolicy(jitter=lambda _: 9)))
        return caught.value.code

    async def busy() -> str:
        await clock.sleep_async(1)
        for _ in range(4):
            with pytest.raises(ServerError) as caught:
                await read(client, max_retries=0)
        return caught.value.code

    assert await gather(clock, [patient, busy]) == ["CIRCUIT_BREAKER_OPEN", "SERVER_ERROR"]
    assert len(remote.seen) == 5


async def test_a_read_of_an_instance_is_decoded_once_it_succeeds(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, lost, instance(name="two"))
    assert (await client_of(remote).gpu_instances.get("i-1")).name == "two"
