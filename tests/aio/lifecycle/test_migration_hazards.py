"""Repairs that an earlier pass left in the middle, in a world that has changed since."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._core.lifecycle.reclaims import MIGRATION_PREFIX
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.lifecycle.repairs import REPAIR_PREFIX
from novita_sdk.lifecycle import AsyncMigrationChecker, MigrationReport
from novita_sdk.testing import Simulator
from tests.aio.lifecycle.spot_cloud import cloud, reclaimed, statuses, stuck, writes

pytestmark = pytest.mark.anyio

DAY = 86_400.0


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
