"""The circuit breaker: what opens it, what it refuses, and how it closes again."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.layers.breaker import AsyncBreakerMiddleware
from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._concurrency.aio import gather
from novita_sdk._core.http import Request, Response
from novita_sdk.errors import (
    APIStatusError,
    CircuitOpenError,
    DeadlineExceededError,
    NovitaError,
    ServerError,
)
from novita_sdk.options import BreakerPolicy, CallOptions
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, Interruption, Late, client_of, lost, refused

pytestmark = pytest.mark.anyio

FINE = {"data": []}


async def read(client: AsyncNovita, **options: Any) -> None:
    await client.clusters.list(options=CallOptions(**options)).collect()


async def fail(client: AsyncNovita, times: int, error: type[NovitaError] = ServerError) -> None:
    """Make calls that fail, without retries."""
    for _ in range(times):
        with pytest.raises(error):
            await read(client, max_retries=0)


def state_of(client: AsyncNovita, family: str = "public") -> tuple[str, int]:
    """The state of a breaker, and how many failures in a row it has counted."""
    breaker = client.stats().families[family].breaker
    assert breaker is not None
    return breaker.state, breaker.failures


async def opened(clock: VirtualClock, *then: Any) -> tuple[AsyncNovita, AsyncRemote]:
    """A client whose breaker has opened just now; its bucket is off, so that the breaker alone decides."""
    remote = AsyncRemote(clock, *[503] * 5, *then)
    client = client_of(remote, rate_limits={"public": None})
    await fail(client, 5)
    remote.seen.clear()
    return client, remote


# ------------------------------------------------------------------------------------- what opens it


@pytest.mark.case("BR-01")
async def test_five_failures_in_a_row_open_it(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 500)
    client = client_of(remote)
    await fail(client, 5)
    clock.advance(20)
    with pytest.raises(CircuitOpenError) as caught:
        await read(client, max_retries=0)
    assert len(remote.seen) == 5
    error = caught.value
    assert (error.status_hint, error.code, error.retry_after) == (503, "CIRCUIT_BREAKER_OPEN", 40)
    assert error.retry_at is not None
    assert error.retry_at.timestamp() == clock.time() + 40
    assert error.attempts == ()


@pytest.mark.case("BR-01")
async def test_a_success_in_between_starts_the_count_anew(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, *[500] * 4, FINE, *[500] * 4)
    client = client_of(remote)
    await fail(client, 4)
    await read(client)
    await fail(client, 4)
    assert state_of(client) == ("closed", 4)


@pytest.mark.case("BR-01")
@pytest.mark.parametrize(
    "answer",
    [
        404,
        429,
        408,
        302,
        401,
        501,
        505,
        (500, {"reason": "INSUFFICIENT_RESOURCE"}),
        (503, {"reason": "X_TOO_FAST"}),
    ],
)
async def test_an_answer_that_says_nothing_about_health_never_opens_it(
    clock: VirtualClock, answer: Any
) -> None:
    client = client_of(AsyncRemote(clock, answer), rate_limits={"public": None})
    await fail(client, 6, APIStatusError)
    assert state_of(client) == ("closed", 0)


@pytest.mark.parametrize("answer", [500, 502, 504, lost, refused, OSError("cable cut")])
async def test_every_sign_of_bad_health_counts(clock: VirtualClock, answer: Any) -> None:
    client = client_of(AsyncRemote(clock, answer))
    await fail(client, 3, NovitaError)
    assert state_of(client) == ("closed", 3)


@pytest.mark.case("BR-02")
async def test_attempts_are_counted_not_calls(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 500)
    client = client_of(remote)
    stopped: list[tuple[str, str | None, int]] = []
    for _ in range(3):
        before = len(remote.seen)
        with pytest.raises(NovitaError) as caught:
            await read(client)
        stopped.append((caught.value.code, caught.value.retry_stopped, len(remote.seen) - before))
    assert stopped == [
        ("SERVER_ERROR", "attempts", 4),
        ("SERVER_ERROR", "circuit_open", 1),
        ("CIRCUIT_BREAKER_OPEN", "class", 0),
    ]


@pytest.mark.case("BR-08")
async def test_timeouts_of_the_calls_own_deadline_do_not_count(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, Late(0.2, lost)))
    for _ in range(10):
        with pytest.raises(DeadlineExceededError):
            await read(client, total_timeout=0.2)
    assert state_of(client) == ("closed", 0)


async def test_a_foreign_error_says_nothing_about_health(clock: VirtualClock) -> None:
    async def stumble(_request: Request, _call_next: AsyncCallNext) -> Response:
        raise KeyError("x")

    client = client_of(AsyncRemote(clock, FINE), attempt_middleware=[stumble])
    for _ in range(6):
        with pytest.raises(KeyError):
            await read(client)
    assert state_of(client) == ("closed", 0)


async def test_it_can_be_switched_off(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 500)
    client = client_of(remote, breakers={"public": None})
    await fail(client, 20)
    assert len(remote.seen) == 20
    assert client.stats().families["public"].breaker is None


# ------------------------------------------------------------------------------------ how it closes


@pytest.mark.case("BR-03")
async def test_three_successful_probes_close_it(clock: VirtualClock) -> None:
    client, _remote = await opened(clock, FINE)
    clock.advance(60)
    states: list[str] = []
    for _ in range(3):
        await read(client)
        states.append(state_of(client)[0])
    assert states == ["half_open", "half_open", "closed"]


@pytest.mark.case("BR-03")
async def test_a_failed_probe_opens_it_for_a_fresh_minute(clock: VirtualClock) -> None:
    client, _remote = await opened(clock, FINE, 500, FINE)
    clock.advance(60)
    await read(client)
    await fail(client, 1)
    clock.advance(59.5)
    with pytest.raises(CircuitOpenError) as caught:
        await read(client)
    assert caught.value.retry_after == 0.5
    clock.advance(0.5)
    await read(client)


@pytest.mark.case("BR-04")
async def test_one_of_a_hundred_calls_probes(clock: VirtualClock) -> None:
    client, remote = await opened(clock, Late(0.5, FINE))
    clock.advance(60)
    waits: list[float | None] = []

    async def call() -> None:
        try:
            await read(client)
        except CircuitOpenError as error:
            waits.append(error.retry_after)

    await gather(clock, [call] * 100)
    assert len(remote.seen) == 1
    assert waits == [1.0] * 99


@pytest.mark.case("BR-05")
async def test_an_interrupted_probe_makes_room_at_once(clock: VirtualClock) -> None:
    client, remote = await opened(clock, Interruption(), FINE)
    clock.advance(60)
    with pytest.raises(Interruption):
        await read(client)
    await read(client)
    assert (state_of(client)[0], len(remote.seen)) == ("half_open", 2)


@pytest.mark.case("BR-05")
async def test_a_probe_that_never_ends_makes_room_after_its_lease(clock: VirtualClock) -> None:
    client, remote = await opened(clock, Late(100, FINE), FINE)
    clock.advance(60)
    began = clock.monotonic()

    async def hang() -> None:
        await read(client)

    async def others() -> None:
        await clock.sleep_async(64.9)
        with pytest.raises(CircuitOpenError) as caught:
            await read(client)
        assert caught.value.retry_after == pytest.approx(0.1)
        await clock.sleep_async(0.1)
        await read(client)

    await gather(clock, [hang, others])
    breaker = client.stats().families["public"].breaker
    assert breaker is not None
    assert (breaker.state, breaker.successes, breaker.stale) == ("half_open", 1, 1)
    assert [seen.at for seen in remote.seen] == [60, 125]
    assert clock.monotonic() - began == 100


@pytest.mark.case("BR-06")
async def test_a_call_begun_before_the_trip_does_not_close_it(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, Late(5, FINE), 500))

    async def slow() -> None:
        await read(client)

    async def others() -> None:
        await clock.sleep_async(1)
        await fail(client, 5)

    await gather(clock, [slow, others])
    breaker = client.stats().families["public"].breaker
    assert breaker is not None
    assert (breaker.state, breaker.stale, breaker.opened) == ("open", 1, 1)
    assert breaker.opened_at == breaker.last_failure_at == clock.time() - 4


@pytest.mark.case("BR-06")
@pytest.mark.parametrize("jump", [3600, -3600])
async def test_the_wall_clock_has_no_say(clock: VirtualClock, jump: float) -> None:
    client, remote = await opened(clock, FINE)
    clock.jump_wall(jump)
    clock.advance(59.9)
    with pytest.raises(CircuitOpenError):
        await read(client)
    clock.advance(0.1)
    await read(client)
    assert len(remote.seen) == 1


async def test_it_can_be_closed_by_hand(clock: VirtualClock) -> None:
    breaker = AsyncBreakerMiddleware()
    remote = AsyncRemote(clock, *[503] * 5, FINE)
    client = client_of(remote, breakers={"public": breaker})
    await fail(client, 5)
    breaker.reset()
    await read(client)
    breaker.reset()
    assert (breaker.stats().state, breaker.stats().generation) == ("closed", 2)


# -------------------------------------------------------------------------------- families, waiting


@pytest.mark.case("BR-07")
@pytest.mark.parametrize(("broken", "sound"), [("public", "internal"), ("internal", "public")])
async def test_families_do_not_share_a_breaker(clock: VirtualClock, broken: str, sound: str) -> None:
    remote = AsyncRemote(clock, 503)
    client = client_of(remote, internal_api_key="I-0123456789")
    options = CallOptions(max_retries=0)
    for _ in range(5):
        with pytest.raises(ServerError):
            await client.request("GET", "/x", family=broken, options=options)
    with pytest.raises(CircuitOpenError, match=broken):
        await client.request("GET", "/x", family=broken, options=options)
    with pytest.raises(ServerError):
        await client.request("GET", "/x", family=sound, options=options)
    assert (state_of(client, broken)[0], state_of(client, sound)) == ("open", ("closed", 1))


@pytest.mark.case("BR-07")
async def test_a_patient_call_is_sent_when_the_circuit_opens_for_it(clock: VirtualClock) -> None:
    client, remote = await opened(clock, FINE)
    clock.advance(40)
    await read(client, wait_for_circuit=True)
    assert remote.times == [60]
    budget = client.stats().families["public"].budget
    assert budget is not None
    assert budget.available == 500


@pytest.mark.case("BR-07")
@pytest.mark.parametrize("total_timeout", [10, 20])
async def test_a_patient_call_without_the_time_is_refused_at_once(
    clock: VirtualClock, total_timeout: float
) -> None:
    client, remote = await opened(clock, FINE)
    clock.advance(40)
    with pytest.raises(CircuitOpenError) as caught:
        await read(client, wait_for_circuit=True, total_timeout=total_timeout)
    assert (caught.value.elapsed, len(remote.seen)) == (0, 0)


async def test_patient_calls_probe_one_after_another(clock: VirtualClock) -> None:
    client, remote = await opened(clock, Late(0.5, FINE))

    async def call() -> None:
        await read(client, wait_for_circuit=True)

    await gather(clock, [call] * 3)
    assert remote.times == [60, 61, 62]
    assert state_of(client) == ("closed", 0)


async def test_a_call_is_patient_before_its_first_attempt_only(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, Late(1, 503), *[503] * 4, FINE)
    client = client_of(remote)

    async def patient() -> None:
        with pytest.raises(CircuitOpenError):
            await read(client, wait_for_circuit=True)

    async def others() -> None:
        await clock.sleep_async(1.5)
        await fail(client, 4)

    await gather(clock, [patient, others])
    assert len(remote.seen) == 5


async def test_a_circuit_error_from_elsewhere_is_passed_on_even_to_patient_calls(clock: VirtualClock) -> None:
    async def other_client(_request: Request, _call_next: AsyncCallNext) -> Response:
        raise CircuitOpenError("another API is down")

    client = client_of(AsyncRemote(clock, FINE), attempt_middleware=[other_client])
    with pytest.raises(CircuitOpenError, match="another API"):
        await read(client, wait_for_circuit=True)


async def test_a_policy_of_ones_own_is_kept(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503, 503, FINE)
    policy = BreakerPolicy(failure_threshold=2, open_for=5, success_threshold=1)
    client = client_of(remote, breakers={"public": policy})
    await fail(client, 2)
    await read(client, wait_for_circuit=True)
    assert remote.times == [0, 0, 5]
    assert state_of(client) == ("closed", 0)
    assert "opens after 2 failures for 5 s, 1 successes close it" in str(client.pipeline)
