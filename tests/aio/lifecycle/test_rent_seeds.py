"""Many random runs of rentals and fleets: what costs money is ended, or somebody knows of it."""

from __future__ import annotations

from random import Random
from typing import Any, cast

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._core.lifecycle.intents import UNSETTLED, read_intent
from novita_sdk._core.lifecycle.rental_records import read_rental
from novita_sdk._core.marker import MARKER_ENV
from novita_sdk.errors import CleanupError, FleetCreateError, NovitaError
from novita_sdk.models.fleet import FleetReport
from novita_sdk.testing import Fault, Simulator, VirtualClock
from novita_sdk.testing.faults import FaultKind

pytestmark = pytest.mark.anyio

WANTED: Any = {"product_id": "4090.16c96g.v2", "image_url": "nginx"}
SPOILING: tuple[FaultKind, ...] = (
    "reset_before_processing",
    "reset_after_processing",
    "lost_reply",
    "read_timeout",
    "malformed_json",
    "status",
    "latency",
)
OPERATIONS = ("create_instance", "delete_instance", "get_instance", "list_instances")


class PlannedError(Exception):
    """What goes wrong in a block."""


def trouble(rng: Random, simulator: Simulator) -> None:
    for _ in range(rng.randint(0, 4)):
        simulator.faults.add(
            Fault(
                rng.choice(SPOILING),
                rng.choice(OPERATIONS),
                after=rng.randint(0, 4),
                times=rng.choice([1, 1, 2, 5, None]),
                probability=rng.choice([0.3, 0.7, 1.0]),
                seconds=rng.uniform(1, 40),
                status=rng.choice([429, 500, 503]),
            )
        )


def perhaps_fail(rng: Random) -> None:
    if rng.random() < 0.3:
        raise PlannedError


async def rent(rng: Random, client: AsyncNovita, clock: VirtualClock, known: set[str]) -> None:
    lifetime = rng.choice([None, 300, 3600])
    try:
        async with client.gpu_instances.rent(max_lifetime=lifetime, timeout=1800, **WANTED):
            await clock.sleep_async(rng.choice([0, 100, 1000, 9000]))
            perhaps_fail(rng)
    except CleanupError as error:
        known.add(error.resource_id or "")
    except (NovitaError, PlannedError):
        pass


async def make_fleet(rng: Random, client: AsyncNovita, known: set[str]) -> None:
    count = rng.randint(1, 5)
    policy: Any = rng.choice(["all", "at_least"])
    minimum = rng.randint(1, count) if policy == "at_least" else None
    try:
        report = await client.gpu_instances.create_many(count, policy=policy, minimum=minimum, **WANTED)
        known.update(report.ids)
        assert len(report) >= (minimum or count)
    except FleetCreateError as error:
        report = cast("FleetReport", error.report)
        known.update(one for one, _ in report.rollback_failed)
        known.update(report.duplicates)


async def run_of(seed: int) -> None:
    rng = Random(f"rentals {seed}")
    clock = VirtualClock()
    simulator = Simulator(seed, clock=clock)
    known: set[str] = set()
    settings: Any = {"breakers": {"public": None}, "rate_limits": {"public": None}}
    async with simulator.async_client(**settings) as client:
        trouble(rng, simulator)
        await rent(rng, client, clock, known)
        await make_fleet(rng, client, known)
        intents = await client.store.scan("intent:")
        rentals = await client.store.scan("rental:")
    unsettled = {
        intent.operation_id
        for intent in (read_intent(entry.value, entry.key) for entry in intents.items)
        if intent.state in UNSETTLED
    }
    known |= {read_rental(entry.key, entry.value).instance_id for entry in rentals.items}
    for instance in simulator.cloud.world.instances.values():
        mark = next(pair["value"] for pair in instance.envs if pair["key"] == MARKER_ENV)
        now = round(simulator.server_time() * 1000)
        gone = instance.timeline.at(now).status in {"toRemove", "removing", "removed"}
        assert gone or instance.id in known or mark in unsettled, f"seed {seed} lost {instance.id}"


@pytest.mark.seeds
async def test_whatever_goes_wrong_nothing_costs_money_that_nobody_knows_of(seeds: range) -> None:
    for seed in seeds:
        await run_of(seed)
