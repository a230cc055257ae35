"""A simulated cloud in which instances are rented, reclaimed and fail to move: for the tests of migrations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from novita_sdk._async.client import AsyncNovita
from novita_sdk.models.results import CreatedInstance
from novita_sdk.testing import Simulator
from novita_sdk.testing.cloud.settings import Timings
from novita_sdk.testing.journal import JournalEntry

QUICK = Timings(
    to_create=1,
    creating=3,
    pulling=20,
    spot_notice=30,
    spot_reclaiming=5,
    migrating=60,
    to_remove=1,
    removing=4,
    removed=60,
)
WRITES = frozenset(
    {"create_instance", "delete_instance", "migrate_instance", "stop_instance", "start_instance"}
)


def cloud(**options: Any) -> Simulator:
    """A cloud with one product in one cluster, in which everything takes a known time."""
    sim = Simulator(seed=5, timings=QUICK, **options)
    sim.remove_products()
    sim.add_product("p-1", "RTX 4090 24GB", price=35_000, spot_price=17_500, stock={"us-ca-06": None})
    return sim


async def rented(client: AsyncNovita, **arguments: Any) -> CreatedInstance:
    """Rent a spot instance and wait until it runs."""
    given = {
        "product_id": "p-1",
        "image_url": "nginx",
        "name": "train",
        "billing_mode": "spot",
        "cluster_id": "us-ca-06",
        "envs": {"A": "1"},
        "ports": ["80/http", "22/tcp"],
        **arguments,
    }
    created = await client.gpu_instances.create(**given)
    await client.gpu_instances.wait(created.id)
    return created


async def reclaimed(client: AsyncNovita, sim: Simulator, **arguments: Any) -> str:
    """Rent a spot instance and let it be reclaimed."""
    created = await rented(client, **arguments)
    sim.reclaim(created.id)
    await client.gpu_instances.wait(created.id, until="exited")
    return created.id


async def stuck(client: AsyncNovita, sim: Simulator, **arguments: Any) -> str:
    """Rent a spot instance whose move fails, so that it stays in the middle of it."""
    instance_id = await reclaimed(client, sim, **arguments)
    sim.fail_next("instanceMigrate", error="NO_NODE", message="no node has room")
    await client.gpu_instances.migrate(instance_id)
    await sim.clock.sleep_async(120)
    return instance_id


def writes(sim: Simulator, since: int = 0) -> list[str]:
    """The operations that changed something, in order."""
    return [entry.operation for entry in requests(sim, since) if entry.operation in WRITES]


def requests(sim: Simulator, since: int = 0) -> Sequence[JournalEntry]:
    """What arrived after the first `since` requests."""
    return list(sim.journal)[since:]


async def statuses(client: AsyncNovita) -> dict[str, str]:
    """The instances that are not gone, by id."""
    found = await client.gpu_instances.list().collect()
    return {one.id: str(one.status) for one in found if one.status not in {"removed", "removing", "toRemove"}}


def bodies(sim: Simulator, operation: str) -> list[dict[str, Any]]:
    """The bodies that arrived for an operation, with their secrets."""
    return [json.loads(entry.raw_body) for entry in sim.journal.of(operation)]
