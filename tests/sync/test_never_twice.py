# Generated from tests/aio/test_never_twice.py by tools/unasync.py; edit the source.
"""What is never sent again, whatever stands around the call."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._core.http import Request, Response
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import CircuitOpenError, OutcomeUnknownError, RateLimitError, ServerError
from novita_sdk.testing import VirtualClock
from tests.sync.remote import Remote, client_of
from tests.sync.rentals import Rentals, rent


@pytest.mark.parametrize("place", ["retry", "middleware"])
def test_a_layer_that_repeats_everything_does_not_rent_twice(clock: VirtualClock, place: str) -> None:
    def stubborn(request: Request, call_next: CallNext) -> Response:
        try:
            return call_next(request)
        except OutcomeUnknownError:
            return call_next(request)

    rentals = Rentals(clock, 500, shown_after=40)
    layer: Any = stubborn if place == "retry" else [stubborn]
    created = rent(client_of(rentals.remote, **{place: layer}))
    assert (created.id, created.adopted, len(rentals.remote.posts)) == ("i-1", True, 1)


def test_a_layer_that_repeats_a_success_gets_the_same_answer(clock: VirtualClock) -> None:
    def twice(request: Request, call_next: CallNext) -> Response:
        call_next(request)
        return call_next(request)

    remote = Remote(clock, {"id": "i-1"}, {"id": "i-2"})
    assert (rent(client_of(remote, middleware=[twice]))).id == "i-1"
    assert len(remote.seen) == 1


def test_a_stand_in_for_the_retries_may_repeat_what_was_clearly_refused(clock: VirtualClock) -> None:
    def twice(request: Request, call_next: CallNext) -> Response:
        call_next(request)
        return call_next(request)

    remote = Remote(clock, (200, {"code": 429, "message": "slow down"}), {"id": "i-2"})
    assert (rent(client_of(remote, retry=twice))).id == "i-2"
    assert len(remote.posts) == 2


def test_a_create_behind_an_open_circuit_is_not_sent(clock: VirtualClock) -> None:
    remote = Remote(clock, 503)
    client = client_of(remote, retry=None)
    for _ in range(5):
        with pytest.raises(ServerError):
            client.clusters.list().collect()
    with pytest.raises(CircuitOpenError):
        rent(client)
    assert not remote.posts


def test_a_throttled_create_that_never_gets_through_says_so(clock: VirtualClock) -> None:
    remote = Remote(clock, 429)
    with pytest.raises(RateLimitError) as caught:
        rent(client_of(remote))
    assert (len(remote.posts), caught.value.retry_stopped) == (4, "attempts")
