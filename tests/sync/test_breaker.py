# Generated from tests/aio/test_breaker.py by tools/unasync.py; edit the source.
"""The circuit breaker: what opens it, what it refuses, and how it closes again."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk._core.http import Request, Response
from novita_sdk._sync.client import Novita
from novita_sdk._sync.layers.breaker import BreakerMiddleware
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import (
    APIStatusError,
    CircuitOpenError,
    DeadlineExceededError,
    NovitaError,
    ServerError,
)
from novita_sdk.options import BreakerPolicy, CallOptions
from novita_sdk.testing import VirtualClock
from tests.sync.remote import Interruption, Late, Remote, client_of, lost, refused

FINE = {"data": []}


def read(client: Novita, **options: Any) -> None:
    client.clusters.list(options=CallOptions(**options)).collect()


def fail(client: Novita, times: int, error: type[NovitaError] = ServerError) -> None:
    """Make calls that fail, without retries."""
    for _ in range(times):
        with pytest.raises(error):
            read(client, max_retries=0)


def state_of(client: Novita, family: str = "public") -> tuple[str, int]:
    """The state of a breaker, and how many failures in a row it has counted."""
    breaker = client.stats().families[family].breaker
    assert breaker is not None
    return breaker.state, breaker.failures


def opened(clock: VirtualClock, *then: Any) -> tuple[Novita, Remote]:
    """A client whose breaker has opened just now; its bucket is off, so that the breaker alone decides."""
    remote = Remote(clock, *[503] * 5, *then)
    client = client_of(remote, rate_limits={"public": None})
    fail(client, 5)
    remote.seen.clear()
    return client, remote


# ------------------------------------------------------------------------------------- what opens it


@pytest.mark.case("BR-01")
def test_five_failures_in_a_row_open_it(clock: VirtualClock) -> None:
    remote = Remote(clock, 500)
    client = client_of(remote)
    fail(client, 5)
    clock.advance(20)
    with pytest.raises(CircuitOpenError) as caught:
        read(client, max_retries=0)
    assert len(remote.seen) == 5
    error = caught.value
    assert (error.status_hint, error.code, error.retry_after) == (503, "CIRCUIT_BREAKER_OPEN", 40)
    assert error.retry_at is not None
    assert error.retry_at.timestamp() == clock.time() + 40
    assert error.attempts == ()


@pytest.mark.case("BR-01")
def test_a_success_in_between_starts_the_count_anew(clock: VirtualClock) -> None:
    remote = Remote(clock, *[500] * 4, FINE, *[500] * 4)
    client = client_of(remote)
    fail(client, 4)
    read(client)
    fail(client, 4)
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
def test_an_answer_that_says_nothing_about_health_never_opens_it(clock: VirtualClock, answer: Any) -> None:
    client = client_of(Remote(clock, answer), rate_limits={"public": None})
    fail(client, 6, APIStatusError)
    assert state_of(client) == ("closed", 0)


@pytest.mark.parametrize("answer", [500, 502, 504, lost, refused, OSError("cable cut")])
def test_every_sign_of_bad_health_counts(clock: VirtualClock, answer: Any) -> None:
    client = client_of(Remote(clock, answer))
    fail(client, 3, NovitaError)
    assert state_of(client) == ("closed", 3)


@pytest.mark.case("BR-02")
def test_attempts_are_counted_not_calls(clock: VirtualClock) -> None:
    remote = Remote(clock, 500)
    client = client_of(remote)
    stopped: list[tuple[str, str | None, int]] = []
    for _ in range(3):
        before = len(remote.seen)
        with pytest.raises(NovitaError) as caught:
            read(client)
        stopped.append((caught.value.code, caught.value.retry_stopped, len(remote.seen) - before))
    assert stopped == [
        ("SERVER_ERROR", "attempts", 4),
        ("SERVER_ERROR", "circuit_open", 1),
        ("CIRCUIT_BREAKER_OPEN", "class", 0),
    ]


@pytest.mark.case("BR-08")
def test_timeouts_of_the_calls_own_deadline_do_not_count(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, Late(0.2, lost)))
    for _ in range(10):
        with pytest.raises(DeadlineExceededError):
            read(client, total_timeout=0.2)
    assert state_of(client) == ("closed", 0)


def test_a_foreign_error_says_nothing_about_health(clock: VirtualClock) -> None:
    def stumble(_request: Request, _call_next: CallNext) -> Response:
        raise KeyError("x")

    client = client_of(Remote(clock, FINE), attempt_middleware=[stumble])
    for _ in range(6):
        with pytest.raises(KeyError):
            read(client)
    assert state_of(client) == ("closed", 0)


def test_it_can_be_switched_off(clock: VirtualClock) -> None:
    remote = Remote(clock, 500)
    client = client_of(remote, breakers={"public": None})
    fail(client, 20)
    assert len(remote.seen) == 20
    assert client.stats().families["public"].breaker is None


# ------------------------------------------------------------------------------------ how it closes


@pytest.mark.case("BR-03")
def test_three_successful_probes_close_it(clock: VirtualClock) -> None:
    client, _remote = opened(clock, FINE)
    clock.advance(60)
    states: list[str] = []
    for _ in range(3):
        read(client)
        states.append(state_of(client)[0])
    assert states == ["half_open", "half_open", "closed"]


@pytest.mark.case("BR-03")
def test_a_failed_probe_opens_it_for_a_fresh_minute(clock: VirtualClock) -> None:
    client, _remote = opened(clock, FINE, 500, FINE)
    clock.advance(60)
    read(client)
    fail(client, 1)
    clock.advance(59.5)
    with pytest.raises(CircuitOpenError) as caught:
        read(client)
    assert caught.value.retry_after == 0.5
    clock.advance(0.5)
    read(client)


@pytest.mark.case("BR-04")
def test_one_of_a_hundred_calls_probes(clock: VirtualClock) -> None:
    client, remote = opened(clock, Late(0.5, FINE))
    clock.advance(60)
    waits: list[float | None] = []

    def call() -> None:
        try:
            read(client)
        except CircuitOpenError as error:
            waits.append(error.retry_after)

    gather(clock, [call] * 100)
    assert len(remote.seen) == 1
    assert waits == [1.0] * 99


@pytest.mark.case("BR-05")
def test_an_interrupted_probe_makes_room_at_once(clock: VirtualClock) -> None:
    client, remote = opened(clock, Interruption(), FINE)
    clock.advance(60)
    with pytest.raises(Interruption):
        read(client)
    read(client)
    assert (state_of(client)[0], len(remote.seen)) == ("half_open", 2)


@pytest.mark.case("BR-05")
def test_a_probe_that_never_ends_makes_room_after_its_lease(clock: VirtualClock) -> None:
    client, remote = opened(clock, Late(100, FINE), FINE)
    clock.advance(60)
    began = clock.monotonic()

    def hang() -> None:
        read(client)

    def others() -> None:
        clock.sleep(64.9)
        with pytest.raises(CircuitOpenError) as caught:
            read(client)
        assert caught.value.retry_after == pytest.approx(0.1)
        clock.sleep(0.1)
        read(client)

    gather(clock, [hang, others])
    breaker = client.stats().families["public"].breaker
    assert breaker is not None
    assert (breaker.state, breaker.successes, breaker.stale) == ("half_open", 1, 1)
    assert [seen.at for seen in remote.seen] == [60, 125]
    assert clock.monotonic() - began == 100


@pytest.mark.case("BR-06")
def test_a_call_begun_before_the_trip_does_not_close_it(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, Late(5, FINE), 500))

    def slow() -> None:
        read(client)

    def others() -> None:
        clock.sleep(1)
        fail(client, 5)

    gather(clock, [slow, others])
    breaker = client.stats().families["public"].breaker
    assert breaker is not None
    assert (breaker.state, breaker.stale, breaker.opened) == ("open", 1, 1)
    assert breaker.opened_at == breaker.last_failure_at == clock.time() - 4


@pytest.mark.case("BR-06")
@pytest.mark.parametrize("jump", [3600, -3600])
def test_the_wall_clock_has_no_say(clock: VirtualClock, jump: float) -> None:
    client, remote = opened(clock, FINE)
    clock.jump_wall(jump)
    clock.advance(59.9)
    with pytest.raises(CircuitOpenError):
        read(client)
    clock.advance(0.1)
    read(client)
    assert len(remote.seen) == 1


def test_it_can_be_closed_by_hand(clock: VirtualClock) -> None:
    breaker = BreakerMiddleware()
    remote = Remote(clock, *[503] * 5, FINE)
    client = client_of(remote, breakers={"public": breaker})
    fail(client, 5)
    breaker.reset()
    read(client)
    breaker.reset()
    assert (breaker.stats().state, breaker.stats().generation) == ("closed", 2)


# -------------------------------------------------------------------------------- families, waiting


@pytest.mark.case("BR-07")
@pytest.mark.parametrize(("broken", "sound"), [("public", "internal"), ("internal", "public")])
def test_families_do_not_share_a_breaker(clock: VirtualClock, broken: str, sound: str) -> None:
    remote = Remote(clock, 503)
    client = client_of(remote, internal_api_key="I-0123456789")
    options = CallOptions(max_retries=0)
    for _ in range(5):
        with pytest.raises(ServerError):
            client.request("GET", "/x", family=broken, options=options)
    with pytest.raises(CircuitOpenError, match=broken):
        client.request("GET", "/x", family=broken, options=options)
    with pytest.raises(ServerError):
        client.request("GET", "/x", family=sound, options=options)
    assert (state_of(client, broken)[0], state_of(client, sound)) == ("open", ("closed", 1))


@pytest.mark.case("BR-07")
def test_a_patient_call_is_sent_when_the_circuit_opens_for_it(clock: VirtualClock) -> None:
    client, remote = opened(clock, FINE)
    clock.advance(40)
    read(client, wait_for_circuit=True)
    assert remote.times == [60]
    budget = client.stats().families["public"].budget
    assert budget is not None
    assert budget.available == 500


@pytest.mark.case("BR-07")
@pytest.mark.parametrize("total_timeout", [10, 20])
def test_a_patient_call_without_the_time_is_refused_at_once(
    clock: VirtualClock, total_timeout: float
) -> None:
    client, remote = opened(clock, FINE)
    clock.advance(40)
    with pytest.raises(CircuitOpenError) as caught:
        read(client, wait_for_circuit=True, total_timeout=total_timeout)
    assert (caught.value.elapsed, len(remote.seen)) == (0, 0)


def test_patient_calls_probe_one_after_another(clock: VirtualClock) -> None:
    client, remote = opened(clock, Late(0.5, FINE))

    def call() -> None:
        read(client, wait_for_circuit=True)

    gather(clock, [call] * 3)
    assert remote.times == [60, 61, 62]
    assert state_of(client) == ("closed", 0)


def test_a_call_is_patient_before_its_first_attempt_only(clock: VirtualClock) -> None:
    remote = Remote(clock, Late(1, 503), *[503] * 4, FINE)
    client = client_of(remote)

    def patient() -> None:
        with pytest.raises(CircuitOpenError):
            read(client, wait_for_circuit=True)

    def others() -> None:
        clock.sleep(1.5)
        fail(client, 4)

    gather(clock, [patient, others])
    assert len(remote.seen) == 5


def test_a_circuit_error_from_elsewhere_is_passed_on_even_to_patient_calls(clock: VirtualClock) -> None:
    def other_client(_request: Request, _call_next: CallNext) -> Response:
        raise CircuitOpenError("another API is down")

    client = client_of(Remote(clock, FINE), attempt_middleware=[other_client])
    with pytest.raises(CircuitOpenError, match="another API"):
        read(client, wait_for_circuit=True)


def test_a_policy_of_ones_own_is_kept(clock: VirtualClock) -> None:
    remote = Remote(clock, 503, 503, FINE)
    policy = BreakerPolicy(failure_threshold=2, open_for=5, success_threshold=1)
    client = client_of(remote, breakers={"public": policy})
    fail(client, 2)
    read(client, wait_for_circuit=True)
    assert remote.times == [0, 0, 5]
    assert state_of(client) == ("closed", 0)
    assert "opens after 2 failures for 5 s, 1 successes close it" in str(client.pipeline)
