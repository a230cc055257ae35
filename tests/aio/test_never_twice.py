"""What is never sent again, whatever stands around the call."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._core.http import Request, Response
from novita_sdk.errors import CircuitOpenError, OutcomeUnknownError, RateLimitError, ServerError
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of
from tests.aio.rentals import Rentals, rent

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("place", ["retry", "middleware"])
async def test_a_layer_that_repeats_everything_does_not_rent_twice(clock: VirtualClock, place: str) -> None:
    async def stubborn(request: Request, call_next: AsyncCallNext) -> Response:
        try:
            return await call_next(request)
        except OutcomeUnknownError:
            return await call_next(request)

    rentals = Rentals(clock, 500, shown_after=40)
    layer: Any = stubborn if place == "retry" else [stubborn]
    created = await rent(client_of(rentals.remote, **{place: layer}))
    assert (created.id, created.adopted, len(rentals.remote.posts)) == ("i-1", True, 1)


async def test_a_layer_that_repeats_a_success_gets_the_same_answer(clock: VirtualClock) -> None:
    async def twice(request: Request, call_next: AsyncCallNext) -> Response:
        await call_next(request)
        return await call_next(request)

    remote = AsyncRemote(clock, {"id": "i-1"}, {"id": "i-2"})
    assert (await rent(client_of(remote, middleware=[twice]))).id == "i-1"
    assert len(remote.seen) == 1


async def test_a_stand_in_for_the_retries_may_repeat_what_was_clearly_refused(clock: VirtualClock) -> None:
    async def twice(request: Request, call_next: AsyncCallNext) -> Response:
        await call_next(request)
        return await call_next(request)

    remote = AsyncRemote(clock, (200, {"code": 429, "message": "slow down"}), {"id": "i-2"})
    assert (await rent(client_of(remote, retry=twice))).id == "i-2"
    assert len(remote.posts) == 2


async def test_a_create_behind_an_open_circuit_is_not_sent(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    client = client_of(remote, retry=None)
    for _ in range(5):
        with pytest.raises(ServerError):
            await client.clusters.list().collect()
    with pytest.raises(CircuitOpenError):
        await rent(client)
    assert not remote.posts


async def test_a_throttled_create_that_never_gets_through_says_so(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 429)
    with pytest.raises(RateLimitError) as caught:
        await rent(client_of(remote))
    assert (len(remote.posts), caught.value.retry_stopped) == (4, "attempts")
