# Generated from tests/aio/lifecycle/test_rent_webhooks.py by tools/unasync.py; edit the source.
"""What receivers of webhooks get of rentals and budgets."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._concurrency.threads import COLOUR
from novita_sdk._sync.client import Novita
from novita_sdk._sync.lifecycle.budget_guard import BudgetGuard
from novita_sdk.errors import ConfigurationError, RentalExpiredError
from novita_sdk.models.money import Money
from novita_sdk.testing import Simulator, VirtualClock
from tests.sync.hooks_network import HOOK, SECRET, HooksNetwork

WANTED: Any = {"product_id": "4090.16c96g.v2", "image_url": "nginx", "name": "job"}


def network_of(simulator: Simulator) -> HooksNetwork:
    assert isinstance(simulator.clock, VirtualClock)
    transport = "async_transport" if COLOUR == "async" else "transport"
    return HooksNetwork(simulator.clock, api=getattr(simulator, transport)())


def client_over(simulator: Simulator, network: HooksNetwork) -> Novita:
    return Novita(
        api_key=simulator.api_key,
        transport=network,
        clock=network.clock,
        webhook_url=HOOK,
        webhook_secret=SECRET,
    )


def test_a_receiver_is_told_of_the_end_of_a_rental() -> None:
    simulator = Simulator(seed=1)
    network = network_of(simulator)
    with client_over(simulator, network) as client:
        with pytest.raises(RentalExpiredError):
            overstay(client, network.clock)
    told = [one for one in network.received if one.kind.startswith("instance.rent")]
    assert [one.kind for one in told] == ["instance.rent.expiring", "instance.rent.ended"]
    assert all(one.verify() for one in told)
    assert "instance.created" in network.kinds


def overstay(client: Novita, clock: VirtualClock) -> None:
    with client.gpu_instances.rent(max_lifetime=600, **WANTED):
        clock.sleep(3600)


def test_a_rental_without_a_place_for_its_work_is_refused_before_it_costs_anything() -> None:
    simulator = Simulator(seed=1)
    client = simulator.client()
    rental = client.gpu_instances.rent(**WANTED)
    if COLOUR == "sync":  # threads need no place
        return
    with pytest.raises(ConfigurationError, match="with"):
        rental.__enter__()
    assert simulator.requests() == 0


def test_a_receiver_is_told_of_a_budget() -> None:
    simulator = Simulator(seed=1)
    network = network_of(simulator)
    with client_over(simulator, network) as client:
        created = client.gpu_instances.create(**WANTED)
        client.gpu_instances.wait(created.id)
        simulator.set_balance(10_000)
        guard = BudgetGuard(client, Money.from_usd("0.35"), period="total", include="job")
        for _ in range(3):
            guard.check()
            network.clock.sleep(1800)
    told = {one.kind: one.json for one in network.received if one.kind.split(".")[0] in {"budget", "account"}}
    assert set(told) == {"budget.warning", "budget.exceeded", "account.low_balance"}
    exceeded = told["budget.exceeded"]["data"]
    assert (exceeded["action"], exceeded["instanceIds"], exceeded["ratio"]) == ("stop", [created.id], 1.0)
    assert told["account.low_balance"]["data"]["runwaySeconds"] > 0
