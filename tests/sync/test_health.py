# Generated from tests/aio/test_health.py by tools/unasync.py; edit the source.
"""Health: the state of each host, within its time, and never an exception."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest

from novita_sdk._core.http import Request, Response
from novita_sdk._sync.client import Novita
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import ClientClosedError, NovitaError, ValidationError
from novita_sdk.options import CallOptions, RateLimit
from novita_sdk.testing import VirtualClock
from tests.sync.remote import Interruption, Late, Remote, client_of, lost, refused

ONCE = CallOptions(max_retries=0)
UP = {"data": []}


def hangs(request: Request) -> Any:
    return Late(request.timeouts.read or 0, lost)


def both_hosts(clock: VirtualClock, public: Any, internal: Any, **arguments: Any) -> tuple[Novita, Remote]:
    remote = Remote(clock, lambda request: public if request.family == "public" else internal)
    return client_of(remote, **{"internal_api_key": "I-0123456789", **arguments}), remote


def fail(client: Novita, times: int = 1, family: str = "public") -> None:
    for _ in range(times):
        with pytest.raises(NovitaError):
            client.request("GET", "/x", family=family, options=ONCE)


# ------------------------------------------------------------------------------------------ probing


@pytest.mark.case("OB-05")
def test_hosts_that_answer_are_up(clock: VirtualClock) -> None:
    client, remote = both_hosts(clock, UP, {"jobs": []})
    health = client.health()
    assert {name: family.status for name, family in health.families.items()} == {
        "public": "up",
        "internal": "up",
        "gateway": "unknown",  # it is asked nothing, and was not called yet
    }
    assert health.status == "up"
    assert sorted(seen.request.url for seen in remote.seen) == [
        "https://api-server.novita.ai/api/v1/jobs?pageNum=1&pageSize=1",
        "https://api.novita.ai/gpu-instance/openapi/v1/clusters",
    ]
    assert health.families["public"].last_success_at == clock.time()
    assert health.families["public"].latency == 0


@pytest.mark.case("OB-05")
def test_a_host_that_hangs_is_down_within_five_seconds(clock: VirtualClock) -> None:
    client, remote = both_hosts(clock, UP, hangs)
    began = clock.monotonic()
    health = client.health()
    assert clock.monotonic() - began == 5
    assert (health.families["internal"].status, health.families["internal"].error) == (
        "down",
        "DEADLINE_EXCEEDED",
    )
    assert (health.status, len(remote.seen)) == ("down", 2)


@pytest.mark.case("OB-05")
@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (401, "unauthorized", "AUTHENTICATION_FAILED"),
        (403, "unauthorized", "ACCESS_FORBIDDEN"),
        (500, "down", "SERVER_ERROR"),
        (404, "down", "NOT_FOUND"),
        (refused, "down", "NETWORK_ERROR"),
        (b"<html>", "down", "INVALID_RESPONSE"),
        (429, "degraded", "RATE_LIMIT_EXCEEDED"),
        (Late(2, UP), "up", None),
        (Late(2.1, UP), "degraded", None),
    ],
)
def test_a_host_is_judged_by_its_answer(
    clock: VirtualClock, answer: Any, status: str, code: str | None
) -> None:
    remote = Remote(clock, answer)
    health = client_of(remote).health()
    public = health.families["public"]
    assert (public.status, public.error, len(remote.seen)) == (status, code and public.error, 1)
    assert code is None or (public.error or "").endswith(code)
    assert health.status == status


@pytest.mark.case("OB-05")
def test_an_open_breaker_is_down_without_a_request(clock: VirtualClock) -> None:
    remote = Remote(clock, 500)
    client = client_of(remote)
    fail(client, times=5)
    public = (client.health()).families["public"]
    assert (public.status, public.breaker, public.error) == ("down", "open", "CIRCUIT_BREAKER_OPEN")
    assert len(remote.seen) == 5


@pytest.mark.case("OB-05")
def test_a_host_without_a_key_is_not_configured(clock: VirtualClock) -> None:
    remote = Remote(clock, UP)
    health = client_of(remote).health()
    assert health.families["internal"].status == "not_configured"
    assert (health.status, len(remote.seen)) == ("up", 1)


def test_a_breaker_on_trial_is_degraded(clock: VirtualClock) -> None:
    remote = Remote(clock, *[500] * 5, UP)
    client = client_of(remote)
    fail(client, times=5)
    clock.sleep(60)
    public = (client.health()).families["public"]
    assert (public.status, public.breaker, public.error) == ("degraded", "half_open", None)


def test_a_paused_bucket_is_degraded_not_down(clock: VirtualClock) -> None:
    remote = Remote(clock, (429, {}, {"Retry-After": "30"}), UP)
    client = client_of(remote)
    fail(client)
    public = (client.health()).families["public"]
    assert (public.status, public.error, len(remote.seen)) == ("degraded", "RATE_LIMIT_QUEUE", 1)


def test_a_probe_counts_like_any_attempt(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, 500))
    for _ in range(5):
        client.health()
    family = client.stats().families["public"]
    assert family.breaker is not None
    assert family.bucket is not None
    assert (family.attempts, family.retries, family.breaker.state, family.bucket.granted) == (5, 0, "open", 5)


def test_a_probe_passes_the_cache(clock: VirtualClock) -> None:
    remote = Remote(clock, UP)
    client = client_of(remote, cache_ttl=60)
    for _ in range(2):
        client.health()
    assert len(remote.seen) == 2


def test_what_a_middleware_raises_is_a_report_and_no_exception(clock: VirtualClock) -> None:
    def broken(_request: Request, _call_next: CallNext) -> Response:
        raise KeyError("mine")

    health = client_of(Remote(clock, UP), middleware=[broken]).health()
    assert (health.status, health.families["public"].error) == ("down", "KeyError")


def test_an_interruption_is_no_report(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, Interruption()))
    with pytest.raises((Interruption, BaseExceptionGroup)):
        client.health()


def test_the_time_of_a_report_can_be_chosen(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, hangs))
    began = clock.monotonic()
    client.health(timeout=1.5)
    assert clock.monotonic() - began == 1.5
    with pytest.raises(ValidationError, match="timeout"):
        client.health(timeout=0)


def test_a_closed_client_has_no_health(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, UP))
    client.close()
    with pytest.raises(ClientClosedError):
        client.health()


# ------------------------------------------------------------------------------------------ without asking


def test_without_a_probe_nothing_is_sent_and_nothing_known(clock: VirtualClock) -> None:
    client, remote = both_hosts(clock, UP, UP)
    health = client.health(probe=False)
    assert {family.status for family in health.families.values()} == {"unknown"}
    assert (health.status, remote.seen) == ("unknown", [])


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([{}], "up"),
        ([500], "down"),
        ([refused], "down"),
        ([500, {}], "up"),
        ([{}, 500], "down"),
        ([{}, 401], "unauthorized"),
        ([{}, 404], "up"),  # a service that refuses this one call is there
        ([500, 404], "unknown"),
        ([{}, b"<html>"], "up"),
        ([500, b"<html>"], "down"),  # tells nothing about the trouble before
        ([404], "unknown"),
    ],
)
def test_without_a_probe_a_host_is_judged_by_its_past_calls(
    clock: VirtualClock, answers: list[Any], status: str
) -> None:
    client = client_of(Remote(clock, *answers))
    for _ in answers:
        with contextlib.suppress(NovitaError):
            client.request("GET", "/x", options=ONCE, family="gateway")
    assert (client.health(probe=False)).families["gateway"].status == status


def test_a_hit_of_the_cache_proves_no_health(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, UP, 500), cache_ttl=600)
    client.clusters.list().collect()
    seen_at = clock.time()
    fail(client)
    clock.sleep(10)
    client.clusters.list().collect()
    public = (client.health(probe=False)).families["public"]
    assert (public.status, public.last_success_at) == ("down", seen_at)


def test_the_worst_of_the_configured_hosts_counts(clock: VirtualClock) -> None:
    client, _ = both_hosts(clock, UP, 401)
    assert (client.health()).status == "unauthorized"
    client, _ = both_hosts(clock, 500, 401)
    assert (client.health()).status == "down"


def test_without_bucket_and_breaker_a_host_has_a_health_too(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, UP), rate_limits={"public": None}, breakers={"public": None})
    public = (client.health()).families["public"]
    assert (public.status, public.breaker) == ("up", None)


def test_a_full_bucket_is_degraded(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, UP), rate_limits={"public": RateLimit(limit=2, burst=1)})
    client.clusters.list().collect()
    assert (client.health()).families["public"].status == "degraded"


def test_a_report_becomes_json(clock: VirtualClock) -> None:
    client, _ = both_hosts(clock, UP, 500)
    report = (client.health()).to_dict()
    assert json.loads(json.dumps(report)) == report
    assert report["families"]["internal"]["error"] == "SERVER_ERROR"
