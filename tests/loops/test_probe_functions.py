"""Functions for probes that only tasks can call: they are cut off when their time is up."""

from __future__ import annotations

import pytest

from novita_sdk._async.client import services_of
from novita_sdk._async.lifecycle.probes import AsyncReadiness
from novita_sdk._concurrency.aio import within
from novita_sdk.models.instance import Instance
from novita_sdk.testing import Simulator, VirtualClock

pytestmark = pytest.mark.anyio


@pytest.mark.case("W-14")
async def test_a_function_that_hangs_is_cut_off_after_10_seconds() -> None:
    clock = VirtualClock()
    sim = Simulator(clock=clock)

    async def hanging(_instance: Instance) -> bool:
        await clock.sleep_async(3600)
        return True

    async with sim.async_client() as client:
        began = clock.monotonic()
        found = await AsyncReadiness(services_of(client), hanging).round(Instance(id="i"))
        assert clock.monotonic() - began == 10
    assert [result.category for result in found.results] == ["timeout"]


async def test_what_ends_in_time_is_returned_or_raised_as_it_is() -> None:
    clock = VirtualClock()

    async def fine() -> int:
        await clock.sleep_async(1)
        return 7

    async def broken() -> int:
        await clock.sleep_async(1)
        raise LookupError("as it is")

    assert await within(clock, 2, fine) == 7
    with pytest.raises(LookupError, match="as it is"):
        await within(clock, 2, broken)
    with pytest.raises(TimeoutError, match=r"not finished after 0\.5 s"):
        await within(clock, 0.5, fine)
