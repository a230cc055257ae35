"""Rentals and fleets whose task is cancelled: nothing is left that costs money."""

from __future__ import annotations

import asyncio

import anyio
import pytest

from novita_sdk import AsyncNovita
from novita_sdk.testing import Fault, Simulator, VirtualClock

pytestmark = pytest.mark.anyio

WANTED = {"product_id": "4090.16c96g.v2", "image_url": "nginx"}


def renting(simulator: Simulator) -> AsyncNovita:
    return simulator.async_client(rate_limits={"public": None})


@pytest.mark.case("R-01")
@pytest.mark.parametrize("seconds", [0.3, 5, 60, 600])
async def test_a_cancelled_rental_is_ended_within_a_minute(seconds: float) -> None:
    clock = VirtualClock()
    simulator = Simulator(seed=1, clock=clock)

    async def hold(client: AsyncNovita) -> None:
        async with client.gpu_instances.rent(product_id=WANTED["product_id"], image_url=WANTED["image_url"]):
            await clock.sleep_async(9000)

    async with renting(simulator) as client:
        began = clock.monotonic()
        async with anyio.create_task_group() as group:
            group.start_soon(hold, client)
            await clock.sleep_async(seconds)
            group.cancel_scope.cancel()
        assert clock.monotonic() - began < seconds + 60
        assert simulator.requests("create_instance") == 1
    simulator.assert_no_leaks()


async def test_a_cancelled_fleet_is_taken_back() -> None:
    clock = VirtualClock()
    simulator = Simulator(seed=1, clock=clock)
    simulator.faults.add(Fault("latency", operation="create_instance", seconds=1.0, times=None))

    async def make(client: AsyncNovita) -> None:
        await client.gpu_instances.create_many(
            8, product_id=WANTED["product_id"], image_url=WANTED["image_url"], max_concurrency=2
        )

    async with renting(simulator) as client, anyio.create_task_group() as group:
        group.start_soon(make, client)
        while simulator.requests("create_instance") < 4:
            await clock.sleep_async(0.25)
        group.cancel_scope.cancel()
    simulator.assert_no_leaks()
    assert simulator.requests("create_instance") < 8


async def test_an_error_beside_the_end_by_a_limit_goes_on() -> None:
    clock = VirtualClock()
    simulator = Simulator(seed=1, clock=clock)

    async def fail_when_cancelled() -> None:
        try:
            await clock.sleep_async(9000)
        finally:
            raise ZeroDivisionError

    async def hold(client: AsyncNovita) -> None:
        async with (
            client.gpu_instances.rent(
                product_id=WANTED["product_id"], image_url=WANTED["image_url"], max_lifetime=600
            ),
            anyio.create_task_group() as group,
        ):
            group.start_soon(fail_when_cancelled)
            await clock.sleep_async(9000)

    async with renting(simulator) as client:
        with pytest.raises(ExceptionGroup) as caught:
            await hold(client)
    assert [type(error) for error in caught.value.exceptions] == [ZeroDivisionError]
    assert "max_lifetime" in "".join(caught.value.__notes__)
    simulator.assert_no_leaks()


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("what", ["rental", "fleet"])
async def test_a_task_of_asyncio_that_is_cancelled_while_it_cleans_up_goes_on_with_that(what: str) -> None:
    clock = VirtualClock()
    simulator = Simulator(seed=1, clock=clock)
    simulator.faults.add(
        Fault("status", operation="delete_instance", status=500)
    )  # tried again a second later
    sold_out = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "none left"}

    async def hold(client: AsyncNovita) -> None:
        if what == "rental":
            async with client.gpu_instances.rent(
                product_id=WANTED["product_id"], image_url=WANTED["image_url"]
            ):
                pass
        else:
            simulator.faults.add(
                Fault(
                    "status",
                    "create_instance",
                    status=400,
                    body=sold_out,
                    when=lambda entry: "2" in entry.body["name"],
                )
            )
            await client.gpu_instances.create_many(
                3,
                product_id=WANTED["product_id"],
                image_url=WANTED["image_url"],
                name="job",
                max_concurrency=1,
            )

    async with renting(simulator) as client:
        task = asyncio.create_task(hold(client))
        while not simulator.requests("delete_instance"):
            await clock.sleep_async(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    simulator.assert_no_leaks()
