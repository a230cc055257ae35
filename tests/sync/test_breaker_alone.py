# Generated from tests/aio/test_breaker_alone.py by tools/unasync.py; edit the source.
"""The circuit breaker without a client, and under many callers at once."""

from __future__ import annotations

from itertools import pairwise

import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk._sync.layers.breaker import BreakerMiddleware
from novita_sdk.errors import APIConnectionError, APITimeoutError, CircuitOpenError
from novita_sdk.options import BreakerPolicy
from novita_sdk.testing import VirtualClock
from tests.sync.remote import InTurn, Late, Remote, lost, plain_request, refused

FINE = {"data": []}


@pytest.mark.case("RT-18")
@pytest.mark.case("BR-01")
def test_the_layer_works_alone(clock: VirtualClock) -> None:
    breaker = BreakerMiddleware(clock=clock)
    remote = Remote(clock, *[500] * 5, FINE)
    for _ in range(5):
        assert (breaker(plain_request(), remote.send)).status == 500
    with pytest.raises(CircuitOpenError):
        breaker(plain_request(), remote.send)
    assert len(remote.seen) == 5
    assert (breaker.stats().state, breaker.stats().retry_after) == ("open", 60)
    clock.advance(60)
    for _ in range(3):
        breaker(plain_request(), remote.send)
    assert breaker.stats().state == "closed"


def test_alone_it_counts_errors_that_are_raised(clock: VirtualClock) -> None:
    breaker = BreakerMiddleware(BreakerPolicy(failure_threshold=2), clock=clock)
    remote = Remote(clock, refused, lost)
    with pytest.raises(APIConnectionError):
        breaker(plain_request(), remote.send)
    with pytest.raises(APITimeoutError):
        breaker(plain_request(), remote.send)
    assert breaker.stats().state == "open"


def test_thirty_two_callers_at_once_leave_consistent_counts(clock: VirtualClock) -> None:
    breaker = BreakerMiddleware(BreakerPolicy(failure_threshold=10_000), clock=clock)
    remote = Remote(clock, 500)

    def caller() -> None:
        for _ in range(50):
            breaker(plain_request(), remote.send)

    gather(clock, [caller] * 32)
    assert breaker.stats().failures == 32 * 50


def test_at_most_one_probe_is_under_way_at_a_time(clock: VirtualClock) -> None:
    breaker = BreakerMiddleware(BreakerPolicy(failure_threshold=1, success_threshold=100), clock=clock)
    remote = Remote(clock, 500, Late(0.25, InTurn(FINE, FINE, 404)))
    breaker(plain_request(), remote.send)
    clock.advance(60)

    def caller() -> None:
        for _ in range(20):
            try:
                breaker(plain_request(), remote.send)
            except CircuitOpenError:
                clock.sleep(0.1)

    gather(clock, [caller] * 32)
    arrivals = remote.times[1:]
    assert len(arrivals) > 5
    assert all(later - earlier >= 0.25 for earlier, later in pairwise(arrivals))
