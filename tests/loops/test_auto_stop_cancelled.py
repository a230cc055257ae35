"""Loops of helpers whose task is cancelled, or which are told to stop by events of the loop's own library."""

from __future__ import annotations

import asyncio
import threading
import time

import anyio
import pytest

from novita_sdk.lifecycle import AsyncAutoStop
from novita_sdk.testing import Fault, Simulator, VirtualClock

pytestmark = pytest.mark.anyio

HOUR = 3600.0


async def test_a_stop_under_way_ends_and_is_written_down_when_the_loop_is_cancelled() -> None:
    clock = VirtualClock()
    simulator = Simulator(seed=1, clock=clock)
    async with simulator.async_client(rate_limits={"public": None}) as client:
        for _ in range(2):
            await client.gpu_instances.create_and_wait(
                product_id="4090.16c96g.v2", image_url="nginx", name="a"
            )
        await clock.sleep_async(3 * HOUR)
        simulator.faults.add(Fault("latency", operation="stop_instance", seconds=5.0, times=None))
        auto_stop = AsyncAutoStop(client, "a")
        async with anyio.create_task_group() as group:
            group.start_soon(auto_stop.run, anyio.Event())
            while not simulator.requests("stop_instance"):
                await clock.sleep_async(1)
            group.cancel_scope.cancel()
        assert simulator.requests("stop_instance") == 1
        records = [entry.value["state"] for entry in (await client.store.scan("stop:")).items]
        assert records == ["accepted"]
        assert not auto_stop.stats().scheduler_running
        assert await client.store.lease_acquire("autostop", "another", 60) is not None


@pytest.mark.case("L-01")
async def test_an_event_of_any_library_ends_a_sleeping_loop_within_a_tenth_of_a_second(
    anyio_backend: str,
) -> None:
    simulator = Simulator(seed=1)
    events = [anyio.Event(), threading.Event()]
    async with simulator.async_client(clock=None) as client:
        for event in [*events, asyncio.Event()] if anyio_backend == "asyncio" else events:
            auto_stop = AsyncAutoStop(client, "a")
            async with anyio.create_task_group() as group:
                group.start_soon(auto_stop.run, event)
                await anyio.sleep(0.02)
                event.set()
                began = time.monotonic()
            assert time.monotonic() - began < 0.1
