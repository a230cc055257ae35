"""What webhooks tell of reclaims, moves, repairs and changes, as it arrives."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._concurrency.aio import COLOUR
from novita_sdk.errors import ConfigurationError, NovitaError
from novita_sdk.lifecycle import AsyncInventorySync, AsyncMigrationChecker
from novita_sdk.testing import Fault, Simulator
from tests.aio.hooks_network import HOOK, SECRET, AsyncHooksNetwork
from tests.aio.lifecycle.spot_cloud import cloud, reclaimed, rented, statuses, stuck

pytestmark = pytest.mark.anyio

CHANGES = ("migration", "spot", "repair", "status_changed")


@pytest.fixture
def sim() -> Simulator:
    return cloud()


@pytest.fixture
def network(sim: Simulator) -> AsyncHooksNetwork:
    transport = "async_transport" if COLOUR == "async" else "transport"
    return AsyncHooksNetwork(sim.clock, api=getattr(sim, transport)())


def client_of(sim: Simulator, network: AsyncHooksNetwork, **settings: Any) -> AsyncNovita:
    given = {"webhook_url": HOOK, "webhook_secret": SECRET, "transport": network, **settings}
    return sim.async_client(**given)


def told(network: AsyncHooksNetwork) -> list[dict[str, Any]]:
    """The events about moves, repairs and changes, in order."""
    found = [received.json for received in network.received]
    return [event for event in found if any(word in event["eventType"] for word in CHANGES)]


def kinds(network: AsyncHooksNetwork) -> list[str]:
    return [event["eventType"].removeprefix("instance.") for event in told(network)]


async def test_each_step_of_a_reclaim_and_of_a_move_is_told_once(
    sim: Simulator, network: AsyncHooksNetwork
) -> None:
    async with client_of(sim, network) as client:
        created = await rented(client)
        checker = AsyncMigrationChecker(client, migrate_reclaimed=True)
        sim.reclaim(created.id)
        for _ in range(16):
            await checker.check()
            await sim.clock.sleep_async(10)
    assert kinds(network) == [*["spot.reclaimed"] * 3, "migration.started", "migration.completed"]
    steps = [event["status"] for event in told(network)]
    assert steps == ["notified", "reclaiming", "reclaimed", "migrating", "running"]
    assert {event["instanceId"] for event in told(network)} == {created.id}
    assert [event["data"]["attempt"] for event in told(network)[3:]] == [1, 1]


async def test_another_process_does_not_tell_it_again(sim: Simulator, network: AsyncHooksNetwork) -> None:
    async with client_of(sim, network) as first:
        await reclaimed(first, sim)
        store = first._engine.services._whole_store
        for _ in range(3):
            async with client_of(sim, network, store=store) as client:
                await AsyncMigrationChecker(client).check()
    assert kinds(network) == ["spot.reclaimed"]


async def test_a_refused_move_is_told(sim: Simulator, network: AsyncHooksNetwork) -> None:
    async with client_of(sim, network) as client:
        await reclaimed(client, sim)
        sim.faults.add(Fault("status", "migrate_instance", status=400))
        await AsyncMigrationChecker(client, migrate_reclaimed=True).check()
    assert kinds(network) == ["spot.reclaimed", "migration.failed"]
    assert told(network)[1]["data"] == {"attempt": 1, "repair": "none"}


async def test_a_failed_job_is_told_once_and_its_repair_from_beginning_to_end(
    sim: Simulator, network: AsyncHooksNetwork
) -> None:
    async with client_of(sim, network) as client:
        original = await stuck(client, sim)
        await AsyncMigrationChecker(client).check()
        await AsyncMigrationChecker(client).check()
        options: dict[str, Any] = {"repair": "recreate", "accept_data_loss": True, "include": "train*"}
        await AsyncMigrationChecker(client, **options).check()
        (copy,) = await statuses(client)
    assert kinds(network) == ["migration.failed", "repair.started", "repair.completed"]
    failed, started, completed = told(network)
    assert "no node has room" in failed["error"]
    assert (started["instanceId"], completed["instanceId"]) == (original, original)
    assert completed["data"] == {"copy": copy}
    assert started["operationId"] == completed["operationId"]


async def test_a_repair_that_fails_says_why(sim: Simulator, network: AsyncHooksNetwork) -> None:
    async with client_of(sim, network) as client:
        await stuck(client, sim)
        refusal = {"code": 400, "reason": "BALANCE_NOT_ENOUGH", "message": "balance not enough"}
        sim.faults.add(Fault("status", "create_instance", status=400, body=refusal))
        options: dict[str, Any] = {"repair": "recreate", "accept_data_loss": True, "include": "train*"}
        await AsyncMigrationChecker(client, **options).check()
    assert kinds(network) == ["migration.failed", "repair.started", "repair.failed"]
    assert "balance not enough" in told(network)[2]["error"]
    assert told(network)[0]["data"]["repair"] == "planned"


async def test_recreate_tells_its_beginning_and_its_end(sim: Simulator, network: AsyncHooksNetwork) -> None:
    async with client_of(sim, network) as client:
        original = (await rented(client)).id
        made = await client.gpu_instances.recreate(original)
        sim.fail_next("boot")
        with pytest.raises(NovitaError):
            await client.gpu_instances.recreate(original, timeout=60)
    assert kinds(network) == ["repair.started", "repair.completed", "repair.started", "repair.failed"]
    assert (told(network)[0]["instanceId"], told(network)[1]["instanceId"]) == (original, made.id)
    assert told(network)[1]["operationId"] == made.operation_id


async def test_a_call_that_wants_no_events_sends_none(sim: Simulator, network: AsyncHooksNetwork) -> None:
    async with client_of(sim, network) as client:
        original = (await rented(client, notify=False)).id
        await client.gpu_instances.recreate(original, notify=False)
    assert network.received == []


@pytest.mark.case("S-04")
async def test_a_status_that_changed_by_itself_is_told_once(
    sim: Simulator, network: AsyncHooksNetwork
) -> None:
    async with client_of(sim, network) as client:
        a = (await rented(client)).id
        sync = AsyncInventorySync(client, notify=True)
        await sync.check()
        sim.set_status(a, "exited")
        await sync.check()
        await sync.check()
        sim.set_status(a, "removed")
        await sync.check()
    assert kinds(network) == ["status_changed"] * 2
    first, second = told(network)
    assert (first["instanceId"], first["status"], first["data"]) == (a, "exited", {"previous": "running"})
    assert (second["status"], second["data"]) == ("removed", {"previous": "exited"})


async def test_what_was_deleted_behind_our_back_is_told(sim: Simulator, network: AsyncHooksNetwork) -> None:
    other = sim.async_client()
    async with client_of(sim, network) as client:
        a = (await rented(client)).id
        sync = AsyncInventorySync(client, notify=True)
        await sync.check()
        await other.gpu_instances.delete(a)
        await sim.clock.sleep_async(300)
        report = await sync.check()
    assert report.marked_removed == 1
    assert [(event["instanceId"], event["status"]) for event in told(network)] == [(a, "removed")]


async def test_what_this_client_did_itself_is_not_told(sim: Simulator, network: AsyncHooksNetwork) -> None:
    async with client_of(sim, network) as client:
        a = (await rented(client)).id
        sync = AsyncInventorySync(client, notify=True)
        await sync.check()
        await client.gpu_instances.stop(a)
        await client.gpu_instances.wait(a, until="exited")
        assert (await sync.check()).changed == 1
    assert told(network) == []


async def test_by_itself_the_inventory_tells_nothing(sim: Simulator, network: AsyncHooksNetwork) -> None:
    async with client_of(sim, network) as client:
        a = (await rented(client)).id
        sync = AsyncInventorySync(client)
        await sync.check()
        sim.set_status(a, "exited")
        assert (await sync.check()).changed == 1
    assert told(network) == []


async def test_outside_of_the_client_nothing_is_asked_before_that_is_said(
    sim: Simulator, network: AsyncHooksNetwork
) -> None:
    client = client_of(sim, network)
    if COLOUR == "async":
        with pytest.raises(ConfigurationError):
            await AsyncMigrationChecker(client).check()
        with pytest.raises(ConfigurationError):
            await AsyncInventorySync(client, notify=True).check()
    assert len(sim.journal) == 0
