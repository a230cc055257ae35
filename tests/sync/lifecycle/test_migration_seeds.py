# Generated from tests/aio/lifecycle/test_migration_seeds.py by tools/unasync.py; edit the source.
"""Many failed moves in a bad world: whatever breaks, there are never two copies and never none of both."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from novita_sdk._core.lifecycle.repairs import REPAIR_PREFIX
from novita_sdk._sync.client import Novita
from novita_sdk.errors import NovitaError
from novita_sdk.lifecycle import MigrationChecker
from novita_sdk.stores import MemoryStore
from novita_sdk.testing import Simulator
from novita_sdk.testing.faults import Fault, random_faults
from tests.sync.lifecycle.spot_cloud import cloud, stuck

PASSES = 8
FAULTY = (
    "create_instance",
    "delete_instance",
    "get_instance",
    "list_instances",
    "query_internal_jobs",
    "list_jobs",
)


class Crash(BaseException):
    """What kill -9 is to a test."""


def instances(sim: Simulator) -> dict[str, str]:
    """What exists in truth, by id."""
    return {
        found.id: found.state
        for found in sim.billing_resources()
        if found.kind == "instance" and found.state not in {"toRemove", "removing"}
    }


def one_pass(client: Novita, rng: Random, *, crashes: bool) -> None:
    """Make a pass that may die right after any write about the repair."""
    store = client._engine.services.store
    real_put = store.put

    def put(key: str, *arguments: Any, **options: Any) -> Any:
        version = real_put(key, *arguments, **options)
        if crashes and key.startswith(REPAIR_PREFIX) and rng.random() < 0.2:
            raise Crash
        return version

    store.put = put  # type: ignore[method-assign]
    checker = MigrationChecker(
        client, repair="recreate", accept_data_loss=True, include="train*", migrate_reclaimed=False
    )
    try:
        checker.check()
    except Crash:
        pass
    finally:
        store.put = real_put  # type: ignore[method-assign]


def live_through(seed: int) -> None:
    rng = Random(seed)
    sim = cloud()
    kept = MemoryStore(clock=sim.clock)
    original = stuck(sim.client(store=kept), sim)
    if rng.random() < 0.5:
        sim.fail_next("boot", times=rng.choice([1, 2]))
    sim.faults.add(*random_faults(rng.choice([0.02, 0.1, 0.3]), operation=FAULTY))
    if rng.random() < 0.3:
        sim.faults.add(
            Fault(
                "status",
                "delete_instance",
                status=400,
                times=rng.choice([1, 3, 9]),
                when=lambda entry: original.encode() in entry.raw_body,
            )
        )
    for number in range(2 * PASSES):
        if number == PASSES:
            sim.faults.clear()
        # every pass is another process, whose breakers and leases are its own
        one_pass(sim.client(store=kept), rng, crashes=number < PASSES)
        there = instances(sim)
        assert 1 <= len(there) <= 2, (seed, there)
        assert original in there or "running" in there.values(), (seed, there)
        sim.clock.sleep(rng.choice([150, 1000, 5 * 3600]))
    for _ in range(PASSES):  # the last of these may just have begun a second copy
        sim.clock.sleep(1000)
        one_pass(sim.client(store=kept), rng, crashes=False)
    assert len(instances(sim)) == 1, (seed, instances(sim))
    assert sim.requests("create_instance") >= 1


@pytest.mark.seeds
def test_a_failed_move_ends_with_exactly_one_instance_whatever_breaks(seeds: range) -> None:
    for seed in seeds:
        try:
            live_through(seed)
        except NovitaError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
