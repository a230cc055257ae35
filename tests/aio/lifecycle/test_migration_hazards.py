"""Repairs that an earlier pass left in the middle, in a world that has changed since."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.lifecycle.succession import SUCCESSOR_PREFIX
from novita_sdk._concurrency.aio import gather
from novita_sdk._core.lifecycle.reclaims import MIGRATION_PREFIX
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.lifecycle.repairs import REPAIR_PREFIX
from novita_sdk.lifecycle import AsyncMigrationChecker, MigrationReport
from novita_sdk.testing import Fault, Simulator
from tests.aio.lifecycle.spot_cloud import cloud, reclaimed, statuses, stuck, writes

pytestmark = pytest.mark.anyio

DAY = 86_400.0
JOB = {"type": "instanceMigrate", "createdAt": "1790000000", "state": {"state": "fail"}}


class Crash(BaseException):
    """What kill -9 is to a test."""


@pytest.fixture
def sim() -> Simulator:
    return cloud()


@pytest.fixture
def client(sim: Simulator) -> AsyncNovita:
    return sim.async_client()


def checker_of(client: AsyncNovita, **options: Any) -> AsyncMigrationChecker:
    given = {"repair": "recreate", "accept_data_loss": True, "include": "train*", **options}
    return AsyncMigrationChecker(client, **given)


def decided(report: MigrationReport) -> list[tuple[str, str]]:
    return [(decision.verdict, decision.reason) for decision in report.failed.decisions]


async def phase(client: AsyncNovita) -> dict[str, Any]:
    page = await client._engine.services.store.scan(REPAIR_PREFIX)
    (entry,) = page.items
    return entry.value


async def crashed_at(client: AsyncNovita, wanted: str) -> None:
    """Let a pass die right after a repair entered a phase."""
    store = client._engine.services.store
    real_put = store.put

    async def put(key: str, value: Any, **options: Any) -> Any:
        version = await real_put(key, value, **options)
        if key.startswith(REPAIR_PREFIX) and value["phase"] == wanted:
            raise Crash
        return version

    store.put = put  # type: ignore[method-assign]
    with pytest.raises(Crash):
        await checker_of(client).check()
    store.put = real_put  # type: ignore[method-assign]


@pytest.mark.parametrize("action", ["stop", "delete"])
@pytest.mark.parametrize("crash", ["verified", "delete_pending"])
async def test_an_original_is_not_deleted_for_a_copy_that_is_no_more(
    client: AsyncNovita, sim: Simulator, crash: str, action: str
) -> None:
    original = await stuck(client, sim)
    await crashed_at(client, crash)
    await getattr(client.gpu_instances, action)((await phase(client))["copy"])
    await sim.clock.sleep_async(200)
    since = len(sim.journal)
    await checker_of(client).check()
    assert list(await statuses(client)) == [original]
    assert "create_instance" not in writes(sim, since)
    assert (await phase(client))["phase"] == "failed"


async def test_a_repair_is_not_ended_for_an_instance_that_is_no_longer_included(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    await crashed_at(client, "verified")
    await sim.clock.sleep_async(200)
    since = len(sim.journal)
    report = await checker_of(client, include="other-*").check()
    assert (decided(report), writes(sim, since)) == ([("warn", "consent_needed")], [])
    assert original in await statuses(client)


async def test_an_original_that_changed_since_the_create_leads_to_no_second_copy(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    real_create = client.gpu_instances.create

    async def create(**arguments: Any) -> Any:
        await real_create(**arguments)
        raise Crash

    client.gpu_instances.create = create  # type: ignore[method-assign]
    with pytest.raises(Crash):
        await checker_of(client).check()
    client.gpu_instances.create = real_create  # type: ignore[method-assign]
    sim.show(original, command="sleep 9")
    await sim.clock.sleep_async(200)
    report = await checker_of(client).check()
    assert decided(report) == [("act", "done")]
    assert sim.requests("create_instance") == 2
    assert list((await statuses(client)).values()) == ["running"]


async def test_a_move_that_was_made_is_not_made_again_once_its_record_is_old(
    client: AsyncNovita, sim: Simulator
) -> None:
    instance_id = await reclaimed(client, sim)
    store = client._engine.services.store
    key = MIGRATION_PREFIX + key_part(instance_id)
    checker = checker_of(client, migrate_reclaimed=True)
    await checker.check()
    entry = await store.get(key)
    assert entry is not None
    await store.put(key, {**entry.value, "outcome": "migrated"}, ttl=7 * DAY)
    sim.show(
        instance_id,
        status="exited",
        spotStatus="terminated",
        spotReclaimTime=str(int(entry.value["reclaim"])),
    )
    sent = sim.requests("migrate_instance")
    for _ in range(10):
        await sim.clock.sleep_async(DAY)
        await checker.check()
    assert sim.requests("migrate_instance") == sent


async def test_of_two_checkers_of_one_client_at_the_same_time_one_acts(
    client: AsyncNovita, sim: Simulator
) -> None:
    await reclaimed(client, sim)
    sim.faults.add(Fault("latency", "get_instance", seconds=5, times=None))
    checkers = [checker_of(client, migrate_reclaimed=True) for _ in range(2)]
    reports = await gather(sim.clock, [checker.check for checker in checkers])
    assert sim.requests("migrate_instance") == 1
    assert sorted(str(report.skipped_pass) for report in reports) == ["None", "lease_held"]


async def test_the_copy_is_named_successor_also_if_the_original_was_seen_gone_by_a_later_pass(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    sim.timings = type(sim.timings)(to_create=1, creating=3, pulling=20, to_remove=40, removing=80, removed=1)
    report = await checker_of(client).check()
    assert (report.failed.errors, (await phase(client))["phase"]) == (1, "delete_pending")
    await sim.clock.sleep_async(900)
    await checker_of(client).check()
    entry = await client._engine.services.store.get(SUCCESSOR_PREFIX + key_part(original))
    assert entry is not None
    assert list(await statuses(client)) == [entry.value["id"]]


async def test_a_job_that_cannot_be_read_may_be_the_newest_so_nothing_is_done(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    (failed, *_) = [entry async for entry in client.jobs.query(type="instanceMigrate")]
    body = {"jobs": [{**JOB, "Id": failed.id, "instanceId": original}, {"state": "running"}], "total": 2}
    sim.faults.add(Fault("status", ("query_internal_jobs", "list_jobs"), status=200, body=body, times=None))
    since = len(sim.journal)
    report = await checker_of(client).check()
    assert (writes(sim, since), report.failed.errors) == ([], 1)


async def test_no_delete_is_sent_again_once_the_lease_is_lost(client: AsyncNovita, sim: Simulator) -> None:
    await stuck(client, sim)
    store = client._engine.services.store
    real_renew = store.lease_renew

    def deletes() -> list[float]:
        return [entry.at for entry in sim.journal if entry.operation == "delete_instance"]

    async def renew(lease: Any) -> bool:
        return not deletes() and await real_renew(lease)

    store.lease_renew = renew  # type: ignore[method-assign]
    sim.faults.add(Fault("latency", "delete_instance", seconds=45, times=None))
    report = await checker_of(client).check()
    assert report.lease_lost
    assert deletes()[-1] - deletes()[0] <= 40
