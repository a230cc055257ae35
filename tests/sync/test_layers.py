# Generated from tests/aio/test_layers.py by tools/unasync.py; edit the source.
"""The layers of the pipeline: usable alone, replaceable one by one, and told apart in its description."""

from __future__ import annotations

import random
from typing import Any

import pytest

from novita_sdk._core.deadline import Deadline
from novita_sdk._core.http import Request, Response
from novita_sdk._core.operations.operation import Safety
from novita_sdk._sync.layers.breaker import BreakerMiddleware
from novita_sdk._sync.layers.bucket import TokenBucketMiddleware
from novita_sdk._sync.layers.retry import RetryMiddleware
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import (
    APIConnectionError,
    CircuitOpenError,
    ConfigurationError,
    DeadlineExceededError,
    NovitaError,
    OutcomeUnknownError,
    RateLimitError,
    ServerError,
)
from novita_sdk.options import BreakerPolicy, CallOptions, RateLimit, RetryPolicy
from novita_sdk.testing import VirtualClock
from tests.sync.remote import Remote, client_of, instance, lost, plain_request, refused, routed

FINE = {"data": []}
PINNED = RetryPolicy(jitter="none")


class Counting:
    """A layer of the user's own: it counts and passes on."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        self.requests.append(request)
        return call_next(request)


# ------------------------------------------------------------------------------- retries, alone


@pytest.mark.case("RT-18")
@pytest.mark.case("RT-01")
def test_the_retry_layer_works_alone(clock: VirtualClock) -> None:
    layer = RetryMiddleware(PINNED, clock=clock)
    remote = Remote(clock, 500, 500, FINE)
    assert (layer(plain_request(), remote.send)).status == 200
    assert remote.times == [0, 1, 3]
    assert (layer.stats().available, layer.stats().capacity) == (500 - 14, 500)


@pytest.mark.case("RT-18")
@pytest.mark.case("RT-01")
def test_alone_it_hands_the_last_failure_on_as_it_came(clock: VirtualClock) -> None:
    layer = RetryMiddleware(PINNED, clock=clock)
    request = plain_request()
    assert (layer(request, Remote(clock, 500).send)).status == 500
    assert request.context.retry_stopped == "attempts"
    with pytest.raises(APIConnectionError):
        layer(plain_request(), Remote(clock, refused).send)


@pytest.mark.parametrize(
    ("method", "safety", "sends"),
    [
        ("GET", None, 4),
        ("HEAD", None, 4),
        ("POST", None, 1),
        ("DELETE", None, 1),
        ("POST", Safety.IDEMPOTENT, 4),
        ("POST", Safety.READ, 4),
        ("GET", Safety.UNSAFE, 1),
    ],
)
def test_alone_it_repeats_only_what_somebody_vouches_for(
    clock: VirtualClock, method: str, safety: Safety | None, sends: int
) -> None:
    remote = Remote(clock, 503)
    RetryMiddleware(PINNED, clock=clock)(plain_request(method=method, safety=safety), remote.send)
    assert len(remote.seen) == sends


def test_alone_it_keeps_to_the_deadline_of_the_request(clock: VirtualClock) -> None:
    remote = Remote(clock, 503)
    request = plain_request(deadline=Deadline(clock.monotonic() + 5))
    RetryMiddleware(PINNED, clock=clock)(request, remote.send)
    assert (remote.times, request.context.retry_stopped) == ([0, 1, 3], "deadline")


def test_alone_its_jitter_can_be_seeded(clock: VirtualClock) -> None:
    waits: list[list[float]] = []
    for _ in range(2):
        remote = Remote(clock, 503)
        layer = RetryMiddleware(clock=clock, rng=random.Random(7))
        layer(plain_request(), remote.send)
        waits.append(remote.times)
    assert waits[0] == waits[1]
    assert str(RetryMiddleware()) == ("retry: up to 3, full jitter, at most 30 s apart, budget 500")


@pytest.mark.case("RT-18")
def test_the_three_layers_work_together_without_a_client(clock: VirtualClock) -> None:
    """The same counting as inside a client: the bucket paces, the breaker opens, the retries give up on it."""
    retry = RetryMiddleware(PINNED, clock=clock)
    breaker = BreakerMiddleware(BreakerPolicy(failure_threshold=2), clock=clock)
    bucket = TokenBucketMiddleware(RateLimit(limit=2), clock=clock)
    remote = Remote(clock, 503)

    def paced(request: Request) -> Response:
        return bucket(request, remote.send)

    def guarded(request: Request) -> Response:
        return breaker(request, paced)

    with pytest.raises(CircuitOpenError):
        retry(plain_request(), guarded)
    assert remote.times == [0, 60]


# ------------------------------------------------------------------------------- in a client's place


@pytest.mark.case("RT-18")
def test_a_retry_layer_given_by_hand_stands_where_the_policy_would(clock: VirtualClock) -> None:
    layer = RetryMiddleware(RetryPolicy(max_retries=1, jitter="none"))
    remote = Remote(clock, 503)
    client = client_of(remote, retry=layer)
    with pytest.raises(ServerError):
        client.clusters.list().collect()
    assert remote.times == [0, 1]
    shown = client.pipeline.families["public"]
    assert shown.index("retry: up to 1, none jitter, at most 30 s apart, budget 500") == 3
    assert shown[2].startswith("operation id")
    assert shown[4].startswith("outcome")


@pytest.mark.case("RT-18")
@pytest.mark.parametrize("stand_in", [RetryMiddleware(PINNED), Counting()])
def test_with_any_retry_layer_a_create_sends_one_post(clock: VirtualClock, stand_in: Any) -> None:
    remote = Remote(clock, routed(create=500, instances={"instances": []}))
    with pytest.raises(OutcomeUnknownError):
        client_of(remote, retry=stand_in).gpu_instances.create(product_id="p-1", image_url="nginx")
    assert len(remote.posts) == 1


def test_one_retry_layer_serves_each_family_by_itself(clock: VirtualClock) -> None:
    layer = RetryMiddleware(PINNED)
    remote = Remote(clock, 503)
    client = client_of(remote, retry=layer, internal_api_key="I-0123456789")
    for family in ("internal", "public", "internal"):
        with pytest.raises(ServerError):
            client.request("GET", "/x", family=family)
    families = client.stats().families
    budgets = [families[name].budget for name in ("public", "internal")]
    assert [budget and budget.available for budget in budgets] == [500 - 3 * 14, 500 - 3 * 14]
    assert len(remote.seen) == 4 + 4 + 1, "the internal breaker opened; the public one has seen four failures"
    assert layer.stats().available == 500, "what was given is only a pattern"


def test_a_foreign_retry_layer_decides_on_retries(clock: VirtualClock) -> None:
    def once_more(request: Request, call_next: CallNext) -> Response:
        response = call_next(request)
        return response if response.status < 500 else call_next(request)

    remote = Remote(clock, 503, FINE)
    client = client_of(remote, retry=once_more)
    client.clusters.list().collect()
    assert remote.times == [0, 0]
    assert client.stats().families["public"].budget is None
    assert "once_more" in str(client.pipeline)


def test_a_foreign_retry_layer_gets_an_idempotent_call_settled(clock: VirtualClock) -> None:
    remote = Remote(clock, routed(stop=lost, instance=instance(status="stopping")))
    assert (client_of(remote, retry=Counting()).gpu_instances.stop("i-1")).settled
    assert len(remote.posts) == 1


def test_a_foreign_breaker_sees_every_attempt_after_its_token(clock: VirtualClock) -> None:
    breaker = Counting()
    remote = Remote(clock, *[500] * 7, FINE)
    client = client_of(remote, breakers={"public": breaker})
    with pytest.raises(ServerError):
        client.clusters.list().collect()
    client.clusters.list().collect()
    assert len(breaker.requests) == len(remote.seen) == 8
    assert client.stats().families["public"].breaker is None


def test_a_foreign_bucket_stands_between_gate_and_breaker(clock: VirtualClock) -> None:
    bucket = Counting()
    remote = Remote(clock, 500)
    client = client_of(remote, rate_limits={"public": bucket})
    for _ in range(5):
        with pytest.raises(NovitaError):
            client.clusters.list(options=CallOptions(max_retries=0)).collect()
    with pytest.raises(CircuitOpenError):
        client.clusters.list().collect()
    assert len(bucket.requests) == 5, "the gate is before the bucket"
    assert client.stats().families["public"].bucket is None


def test_a_throttled_call_is_retried_without_a_bucket_of_ours(clock: VirtualClock) -> None:
    remote = Remote(clock, 429, FINE)
    client_of(remote, rate_limits={"public": None}).clusters.list().collect()
    assert remote.times == [0, 1]


def test_users_layers_run_once_per_call_or_per_attempt(clock: VirtualClock) -> None:
    around_call, around_attempt = Counting(), Counting()
    remote = Remote(clock, 503, 503, FINE)
    client = client_of(remote, middleware=[around_call], attempt_middleware=[around_attempt])
    client.clusters.list().collect()
    assert (len(around_call.requests), len(around_attempt.requests)) == (1, 3)
    assert "Authorization" not in around_call.requests[0].headers
    assert "Authorization" in around_attempt.requests[0].headers
    shown = client.pipeline.families["public"]
    assert [line for line in shown if "Counting" in line] == ["user middleware Counting"] * 2


def test_a_middleware_may_answer_by_itself(clock: VirtualClock) -> None:
    def answer(_request: Request, _call_next: CallNext) -> Response:
        return Response(200, {}, b'{"data": []}')

    remote = Remote(clock, 503)
    assert client_of(remote, middleware=[answer]).clusters.list().collect() == []
    assert not remote.seen


@pytest.mark.parametrize("place", ["middleware", "attempt_middleware"])
def test_a_write_answered_by_a_middleware_is_settled_like_any_other(clock: VirtualClock, place: str) -> None:
    """Nothing was sent, yet the layer says 500: whatever it did is looked for, from now on."""

    def answer(request: Request, call_next: CallNext) -> Response:
        return Response(500, {}, b"{}") if request.method == "POST" else call_next(request)

    old = {"Id": "j-1", "type": "saveImage", "instanceId": "i-1", "createdAt": "1789999000"}
    remote = Remote(clock, {"jobs": [old], "total": 1})
    arguments: dict[str, Any] = {place: [answer]}
    expected = ServerError if place == "middleware" else OutcomeUnknownError
    with pytest.raises(expected):
        client_of(remote, **arguments).gpu_instances.save_image("i-1", image="a:v1")
    assert not remote.posts


def test_a_call_without_time_left_sends_nothing(clock: VirtualClock) -> None:
    def slow(request: Request, call_next: CallNext) -> Response:
        clock.sleep(5)
        return call_next(request)

    remote = Remote(clock, FINE)
    with pytest.raises(DeadlineExceededError) as caught:
        (client_of(remote, middleware=[slow]).clusters.list(options=CallOptions(total_timeout=5)).collect())
    assert (caught.value.reached_server, len(remote.seen)) == (False, 0)


def test_an_attempt_whose_time_a_middleware_used_up_sends_nothing(clock: VirtualClock) -> None:
    def slow(request: Request, call_next: CallNext) -> Response:
        clock.sleep(5)
        return call_next(request)

    remote = Remote(clock, FINE)
    client = client_of(remote, attempt_middleware=[slow])
    with pytest.raises(DeadlineExceededError) as caught:
        client.clusters.list(options=CallOptions(total_timeout=5)).collect()
    assert (caught.value.reached_server, len(remote.seen)) == (False, 0)
    with pytest.raises(DeadlineExceededError):
        client.gpu_instances.create(product_id="p-1", image_url="nginx", options=CallOptions(total_timeout=5))
    assert not remote.seen


def test_a_transport_that_knows_the_deadline_is_believed(clock: VirtualClock) -> None:
    late = DeadlineExceededError("no connection became free", phase="pool", reached_server=False)
    client = client_of(Remote(clock, late))
    with pytest.raises(DeadlineExceededError) as caught:
        client.clusters.list().collect()
    breaker = client.stats().families["public"].breaker
    assert breaker is not None
    assert (len(caught.value.attempts), breaker.failures) == (1, 0)


@pytest.mark.parametrize("argument", ["rate_limits", "breakers"])
def test_a_family_that_does_not_exist_is_refused(clock: VirtualClock, argument: str) -> None:
    arguments: dict[str, Any] = {argument: {"publik": None}}
    with pytest.raises(ConfigurationError, match="publik"):
        client_of(Remote(clock, 200), **arguments)


def test_a_throttled_unsafe_call_is_repeated_and_its_refusal_told(clock: VirtualClock) -> None:
    remote = Remote(clock, (429, {}, {"Retry-After": "61"}))
    with pytest.raises(RateLimitError) as caught:
        client_of(remote).gpu_instances.create(product_id="p-1", image_url="nginx")
    assert (caught.value.retry_stopped, len(remote.posts)) == ("retry_after", 1)
