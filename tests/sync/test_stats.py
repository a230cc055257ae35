# Generated from tests/aio/test_stats.py by tools/unasync.py; edit the source.
"""Counters of a client."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import attrs
import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk._sync.client import Novita
from novita_sdk.errors import NovitaError
from novita_sdk.options import CallOptions, RateLimit
from novita_sdk.testing import VirtualClock
from tests.sync.remote import Late, Remote, client_of

ONCE = CallOptions(max_retries=0)


def read(client: Novita, options: CallOptions | None = None) -> object:
    return client.request("GET", "/x", options=options)


def test_a_new_client_counts_from_zero_and_sends_nothing(clock: VirtualClock) -> None:
    remote = Remote(clock, {})
    stats = client_of(remote, cache_ttl=60).stats()
    assert (stats.started_at, stats.closed, list(stats.families)) == (
        clock.time(),
        False,
        ["public", "gateway"],
    )
    public = stats.families["public"]
    assert (public.calls, public.attempts, public.latency.count, public.failed) == (0, 0, 0, {})
    assert stats.cache is not None
    assert stats.cache.hit_ratio == 0
    assert not remote.seen


def test_calls_attempts_and_failures_are_counted_by_kind(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, Late(1, 503), Late(3, {}), 400, 400, 404))
    read(client)
    for _ in range(3):
        with pytest.raises(NovitaError):
            read(client)
    public = client.stats().families["public"]
    assert (public.calls, public.succeeded, public.failed) == (4, 1, {"BAD_REQUEST": 2, "NOT_FOUND": 1})
    assert (public.attempts, public.retries, public.retries_refused) == (5, 1, {"class": 3})
    assert (public.latency.count, public.latency.total, public.latency.maximum) == (5, 4, 3)
    assert public.budget is not None
    assert (public.budget.available, public.budget.capacity) == (500, 500)


def test_calls_under_way_are_counted(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, Late(2, {})))
    seen: list[int] = []

    def look() -> None:
        clock.sleep(1)
        seen.append(client.stats().families["public"].in_flight)

    gather(clock, [lambda: read(client), lambda: read(client), look])
    assert (seen, client.stats().families["public"].in_flight) == ([2], 0)


def test_look_ups_are_attempts_but_no_retries(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, 500, {"id": "i-1", "status": "stopping"}))
    client.gpu_instances.stop("i-1")
    public = client.stats().families["public"]
    assert (public.calls, public.attempts, public.retries) == (1, 2, 0)


def test_bucket_and_breaker_tell_their_state(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, 500), rate_limits={"public": RateLimit(limit=12, burst=2)})
    for _ in range(5):
        with pytest.raises(NovitaError):
            read(client, ONCE)
    public = client.stats().families["public"]
    assert public.breaker is not None
    assert public.bucket is not None
    assert (public.breaker.state, public.breaker.failures, public.breaker.opened) == ("open", 5, 1)
    assert (public.breaker.opened_at, public.breaker.last_failure_at) == (clock.time(), clock.time())
    assert public.breaker.retry_after == 60
    assert (public.bucket.limit, public.bucket.burst, public.bucket.granted) == (12, 2, 5)
    assert (public.bucket.waited_total, public.bucket.degraded) == (18, False)


def test_what_is_switched_off_has_no_stats(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, {}), rate_limits={"public": None}, breakers={"public": None})
    read(client)
    public = client.stats().families["public"]
    assert (public.bucket, public.breaker) == (None, None)


def test_stats_are_a_picture_of_their_moment(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, {}, 400))
    read(client)
    before = client.stats()
    with pytest.raises(NovitaError):
        read(client)
    assert (before.families["public"].calls, before.families["public"].failed) == (1, {})
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        before.closed = True  # type: ignore[misc]  # that is what is tested


@pytest.mark.parametrize("arguments", [{}, {"cache_ttl": 60, "internal_api_key": "I-0123456789"}])
def test_stats_become_json(clock: VirtualClock, arguments: dict[str, Any]) -> None:
    client = client_of(Remote(clock, {}, 400), **arguments)
    read(client)
    with pytest.raises(NovitaError):
        read(client)
    client.close()
    plain = client.stats().to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert (plain["closed"], plain["families"]["public"]["failed"]) == (True, {"BAD_REQUEST": 1})
    assert (plain["cache"] is None) == ("cache_ttl" not in arguments)
    assert plain["cache"] is None or plain["cache"]["hit_ratio"] == 0


def test_counters_add_up_while_many_work_at_once(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, *[{}, 400] * 50), rate_limits={"public": None})

    def one() -> None:
        with contextlib.suppress(NovitaError):
            read(client)
        public = client.stats().families["public"]
        assert public.calls == public.in_flight + public.succeeded + sum(public.failed.values())

    gather(clock, [one] * 100)
    assert client.stats().families["public"].calls == 100
