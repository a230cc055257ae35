"""What receivers of webhooks get of rentals and budgets."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.lifecycle.budget_guard import AsyncBudgetGuard
from novita_sdk._concurrency.aio import COLOUR
from novita_sdk.errors import ConfigurationError, RentalExpiredError
from novita_sdk.models.money import Money
from novita_sdk.testing import Simulator, VirtualClock
from tests.aio.hooks_network import HOOK, SECRET, AsyncHooksNetwork

pytestmark = pytest.mark.anyio

WANTED: Any = {"product_id": "4090.16c96g.v2", "image_url": "nginx", "name": "job"}


def network_of(simulator: Simulator) -> AsyncHooksNetwork:
    assert isinstance(simulator.clock, VirtualClock)
    transport = "async_transport" if COLOUR == "async" else "transport"
    return AsyncHooksNetwork(simulator.clock, api=getattr(simulator, transport)())


def client_over(simulator: Simulator, network: AsyncHooksNetwork) -> AsyncNovita:
    return AsyncNovita(
        api_key=simulator.api_key,
        transport=network,
        clock=network.clock,
        webhook_url=HOOK,
        webhook_secret=SECRET,
    )


async def test_a_receiver_is_told_of_the_end_of_a_rental() -> None:
    simulator = Simulator(seed=1)
    network = network_of(simulator)
    async with client_over(simulator, network) as client:
        with pytest.raises(RentalExpiredError):
            await overstay(client, network.clock)
    told = [one for one in network.received if one.kind.startswith("instance.rent")]
    assert [one.kind for one in told] == ["instance.rent.expiring", "instance.rent.ended"]
    assert all(one.verify() for one in told)
    assert "instance.created" in network.kinds


async def overstay(client: AsyncNovita, clock: VirtualClock) -> None:
    async with client.gpu_instances.rent(max_lifetime=600, **WANTED):
        await clock.sleep_async(3600)


async def test_a_rental_without_a_place_for_its_work_is_refused_before_it_costs_anything() -> None:
    simulator = Simulator(seed=1)
    client = simulator.async_client()
    rental = client.gpu_instances.rent(**WANTED)
    if COLOUR == "sync":  # threads need no place
        return
    with pytest.raises(ConfigurationError, match="async with"):
        await rental.__aenter__()
    assert simulator.requests() == 0


async def test_a_receiver_is_told_of_a_budget() -> None:
    simulator = Simulator(seed=1)
    network = network_of(simulator)
    async with client_over(simulator, network) as client:
        created = await client.gpu_instances.create(**WANTED)
        await client.gpu_instances.wait(created.id)
        simulator.set_balance(10_000)
        guard = AsyncBudgetGuard(client, Money.from_usd("0.35"), period="total", include="job")
        for _ in range(3):
            await guard.check()
            await network.clock.sleep_async(1800)
    told = {one.kind: one.json for one in network.received if one.kind.split(".")[0] in {"budget", "account"}}
    assert set(told) == {"budget.warning", "budget.exceeded", "account.low_balance"}
    exceeded = told["budget.exceeded"]["data"]
    assert (exceeded["action"], exceeded["instanceIds"], exceeded["ratio"]) == ("stop", [created.id], 1.0)
    assert told["account.low_balance"]["data"]["runwaySeconds"] > 0
