# Generated from tests/aio/lifecycle/test_migration_hazards.py by tools/unasync.py; edit the source.
"""Repairs that an earlier pass left in the middle, in a world that has changed since."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk._core.lifecycle.reclaims import MIGRATION_PREFIX
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.lifecycle.repairs import REPAIR_PREFIX
from novita_sdk._sync.client import Novita
from novita_sdk._sync.lifecycle.succession import SUCCESSOR_PREFIX
from novita_sdk.lifecycle import MigrationChecker, MigrationReport
from novita_sdk.testing import Fault, Simulator
from tests.sync.lifecycle.spot_cloud import cloud, reclaimed, statuses, stuck, writes

DAY = 86_400.0
JOB = {"type": "instanceMigrate", "createdAt": "1790000000", "state": {"state": "fail"}}


class Crash(BaseException):
    """What kill -9 is to a test."""


@pytest.fixture
def sim() -> Simulator:
    return cloud()


@pytest.fixture
def client(sim: Simulator) -> Novita:
    return sim.client()


def checker_of(client: Novita, **options: Any) -> MigrationChecker:
    given = {"repair": "recreate", "accept_data_loss": True, "include": "train*", **options}
    return MigrationChecker(client, **given)


def decided(report: MigrationReport) -> list[tuple[str, str]]:
    return [(decision.verdict, decision.reason) for decision in report.failed.decisions]


def phase(client: Novita) -> dict[str, Any]:
    page = client._engine.services.store.scan(REPAIR_PREFIX)
    (entry,) = page.items
    return entry.value


def crashed_at(client: Novita, wanted: str) -> None:
    """Let a pass die right after a repair entered a phase."""
    store = client._engine.services.store
    real_put = store.put

    def put(key: str, value: Any, **options: Any) -> Any:
        version = real_put(key, value, **options)
        if key.startswith(REPAIR_PREFIX) and value["phase"] == wanted:
            raise Crash
        return version

    store.put = put  # type: ignore[method-assign]
    with pytest.raises(Crash):
        checker_of(client).check()
    store.put = real_put  # type: ignore[method-assign]


@pytest.mark.parametrize("action", ["stop", "delete"])
@pytest.mark.parametrize("crash", ["verified", "delete_pending"])
def test_an_original_is_not_deleted_for_a_copy_that_is_no_more(
    client: Novita, sim: Simulator, crash: str, action: str
) -> None:
    original = stuck(client, sim)
    crashed_at(client, crash)
    getattr(client.gpu_instances, action)((phase(client))["copy"])
    sim.clock.sleep(200)
    since = len(sim.journal)
    checker_of(client).check()
    assert list(statuses(client)) == [original]
    assert "create_instance" not in writes(sim, since)
    assert (phase(client))["phase"] == "failed"


def test_a_repair_is_not_ended_for_an_instance_that_is_no_longer_included(
    client: Novita, sim: Simulator
) -> None:
    original = stuck(client, sim)
    crashed_at(client, "verified")
    sim.clock.sleep(200)
    since = len(sim.journal)
    report = checker_of(client, include="other-*").check()
    assert (decided(report), writes(sim, since)) == ([("warn", "consent_needed")], [])
    assert original in statuses(client)


def test_an_original_that_changed_since_the_create_leads_to_no_second_copy(
    client: Novita, sim: Simulator
) -> None:
    original = stuck(client, sim)
    real_create = client.gpu_instances.create

    def create(**arguments: Any) -> Any:
        real_create(**arguments)
        raise Crash

    client.gpu_instances.create = create  # type: ignore[method-assign]
    with pytest.raises(Crash):
        checker_of(client).check()
    client.gpu_instances.create = real_create  # type: ignore[method-assign]
    sim.show(original, command="sleep 9")
    sim.clock.sleep(200)
    report = checker_of(client).check()
    assert decided(report) == [("act", "done")]
    assert sim.requests("create_instance") == 2
    assert list((statuses(client)).values()) == ["running"]


def test_a_move_that_was_made_is_not_made_again_once_its_record_is_old(
    client: Novita, sim: Simulator
) -> None:
    instance_id = reclaimed(client, sim)
    store = client._engine.services.store
    key = MIGRATION_PREFIX + key_part(instance_id)
    checker = checker_of(client, migrate_reclaimed=True)
    checker.check()
    entry = store.get(key)
    assert entry is not None
    store.put(key, {**entry.value, "outcome": "migrated"}, ttl=7 * DAY)
    sim.show(
        instance_id,
        status="exited",
        spotStatus="terminated",
        spotReclaimTime=str(int(entry.value["reclaim"])),
    )
    sent = sim.requests("migrate_instance")
    for _ in range(10):
        sim.clock.sleep(DAY)
        checker.check()
    assert sim.requests("migrate_instance") == sent


def test_of_two_checkers_of_one_client_at_the_same_time_one_acts(client: Novita, sim: Simulator) -> None:
    reclaimed(client, sim)
    sim.faults.add(Fault("latency", "get_instance", seconds=5, times=None))
    checkers = [checker_of(client, migrate_reclaimed=True) for _ in range(2)]
    reports = gather(sim.clock, [checker.check for checker in checkers])
    assert sim.requests("migrate_instance") == 1
    assert sorted(str(report.skipped_pass) for report in reports) == ["None", "lease_held"]


def test_the_copy_is_named_successor_also_if_the_original_was_seen_gone_by_a_later_pass(
    client: Novita, sim: Simulator
) -> None:
    original = stuck(client, sim)
    sim.timings = type(sim.timings)(to_create=1, creating=3, pulling=20, to_remove=40, removing=80, removed=1)
    report = checker_of(client).check()
    assert (report.failed.errors, (phase(client))["phase"]) == (1, "delete_pending")
    sim.clock.sleep(900)
    checker_of(client).check()
    entry = client._engine.services.store.get(SUCCESSOR_PREFIX + key_part(original))
    assert entry is not None
    assert list(statuses(client)) == [entry.value["id"]]


def test_a_job_that_cannot_be_read_may_be_the_newest_so_nothing_is_done(
    client: Novita, sim: Simulator
) -> None:
    original = stuck(client, sim)
    (failed, *_) = [entry for entry in client.jobs.query(type="instanceMigrate")]
    body = {"jobs": [{**JOB, "Id": failed.id, "instanceId": original}, {"state": "running"}], "total": 2}
    sim.faults.add(Fault("status", ("query_internal_jobs", "list_jobs"), status=200, body=body, times=None))
    since = len(sim.journal)
    report = checker_of(client).check()
    assert (writes(sim, since), report.failed.errors) == ([], 1)


def test_no_delete_is_sent_again_once_the_lease_is_lost(client: Novita, sim: Simulator) -> None:
    stuck(client, sim)
    store = client._engine.services.store
    real_renew = store.lease_renew

    def deletes() -> list[float]:
        return [entry.at for entry in sim.journal if entry.operation == "delete_instance"]

    def renew(lease: Any) -> bool:
        return not deletes() and real_renew(lease)

    store.lease_renew = renew  # type: ignore[method-assign]
    sim.faults.add(Fault("latency", "delete_instance", seconds=45, times=None))
    report = checker_of(client).check()
    assert report.lease_lost
    assert deletes()[-1] - deletes()[0] <= 40
