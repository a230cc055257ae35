"""Retries: which failures are tried again, when, and how often."""

from __future__ import annotations

import pytest

from novita_sdk.errors import ServerError
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of

pytestmark = pytest.mark.anyio


@pytest.mark.case("RT-01")
async def test_a_read_is_tried_again_after_one_and_two_seconds(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 500, 500, {"data": []})
    async with client_of(remote) as client:
        await client.clusters.list().collect()
    assert remote.times == [0, 1, 3]


@pytest.mark.case("RT-01")
async def test_a_read_gives_up_after_three_retries_and_tells_why(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 500)
    with pytest.raises(ServerError) as caught:
        await client_of(remote).clusters.list().collect()
    assert remote.times == [0, 1, 3, 7]
    assert (caught.value.status, len(caught.value.attempts), caught.value.retry_stopped) == (
        500,
        4,
        "attempts",
    )
