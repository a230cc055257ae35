# Generated from tests/aio/test_bucket_alone.py by tools/unasync.py; edit the source.
"""The token bucket under many callers at once, at the end of its client, and without one."""

from __future__ import annotations

import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk._core.deadline import Deadline
from novita_sdk._sync.layers.bucket import TokenBucketMiddleware
from novita_sdk.errors import ClientClosedError, RateLimitQueueError
from novita_sdk.options import RateLimit
from novita_sdk.testing import VirtualClock
from tests.sync.bucket_calls import FINE, INTERVAL, bucket_of, ignore_waiting, most_in_a_minute, read
from tests.sync.remote import Late, Remote, client_of, plain_request


@pytest.mark.case("BK-08")
def test_calls_at_once_run_at_once(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, Late(1, FINE)))

    def call() -> None:
        read(client)

    gather(clock, [call] * 8)
    assert clock.monotonic() == 1001


def test_thirty_two_callers_share_the_bucket_fairly(clock: VirtualClock) -> None:
    remote = Remote(clock, FINE)
    client = client_of(remote)

    def caller() -> None:
        for _ in range(10):
            read(client, total_timeout=None)

    gather(clock, [caller] * 32)
    assert len(remote.seen) == bucket_of(client).granted == 320
    assert remote.times[-1] == pytest.approx(310 * INTERVAL, abs=0.001)
    assert most_in_a_minute(remote.times) <= 100


def test_closing_sends_those_who_wait_home(clock: VirtualClock) -> None:
    remote = Remote(clock, FINE)
    client = client_of(remote, rate_limits={"public": RateLimit(limit=2)})
    read(client)
    closed_at: list[float] = []

    def call() -> None:
        with pytest.raises(ClientClosedError):
            read(client, total_timeout=None)
        closed_at.append(clock.monotonic() - 1000)

    def close() -> None:
        clock.sleep(5)
        client.close()

    gather(clock, [call, call, call, close])
    assert closed_at == [5, 5, 5]
    assert len(remote.seen) == 1


@pytest.mark.case("RT-18")
@pytest.mark.case("BK-01")
def test_the_layer_works_alone(clock: VirtualClock) -> None:
    bucket = TokenBucketMiddleware(clock=clock)
    remote = Remote(clock, FINE)

    def call() -> None:
        bucket(plain_request(), remote.send)

    gather(clock, [call] * 50)
    assert remote.times == pytest.approx([max(0, n - 10) * INTERVAL for n in range(1, 51)], abs=0.001)
    assert bucket.stats().granted == 50


def test_alone_it_pauses_and_closes_too(clock: VirtualClock) -> None:
    bucket = TokenBucketMiddleware(RateLimit(limit=2), clock=clock)
    remote = Remote(clock, (429, {}, {"Retry-After": "7"}), FINE)
    assert (bucket(plain_request(), remote.send)).status == 429
    assert bucket.stats().paused_for == 7
    bucket.close()
    with pytest.raises(ClientClosedError):
        bucket(plain_request(), remote.send)


def test_alone_it_keeps_to_the_deadline_of_the_request(clock: VirtualClock) -> None:
    bucket = TokenBucketMiddleware(RateLimit(limit=2), clock=clock)
    remote = Remote(clock, FINE)
    bucket(plain_request(), remote.send)
    with pytest.raises(RateLimitQueueError, match="public"):
        bucket(plain_request(deadline=Deadline(clock.monotonic() + 60)), remote.send)
    bucket(plain_request(deadline=Deadline(clock.monotonic() + 60.1)), remote.send)
    assert remote.times == [0, 60]


def test_a_clock_that_has_run_for_years_loses_no_grant() -> None:
    """Beyond 104 days a float no longer holds single nanoseconds."""
    clock = VirtualClock(start=1e8 + 1 / 3)
    bucket = TokenBucketMiddleware(RateLimit(limit=7), clock=clock)
    remote = Remote(clock, FINE)

    def call() -> None:
        request = plain_request(deadline=Deadline(clock.monotonic() + 31.4159))
        bucket(request, remote.send)

    found_room = gather(clock, [lambda: ignore_waiting(call)] * 9)
    assert found_room.count(True) == len(remote.seen) == bucket.stats().granted == 4


def test_a_bucket_made_on_another_clock_moves_to_the_clients(clock: VirtualClock) -> None:
    bucket = TokenBucketMiddleware(RateLimit(limit=2), clock=VirtualClock(start=5e6))
    remote = Remote(clock, FINE)
    client = client_of(remote, rate_limits={"public": bucket})
    read(client)
    read(client)
    assert remote.times == [0, 60]
    assert "2 requests in 60 s, 1 at once" in str(client.pipeline)
