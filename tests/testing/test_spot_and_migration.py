"""Spot reclaims, failing nodes and moves to another node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from novita_sdk.testing import Timings


def test_a_reclaimed_spot_instance_is_noticed_then_reclaimed_then_exited(bench: Any) -> None:
    instance_id = bench.running(billingMode="spot")
    assert bench.get(instance_id)["spotReclaimTime"] == "0"
    bench.sim.reclaim(instance_id)
    seen = []
    for pause in (0, 60, 10):
        bench.wait(pause)
        shown = bench.get(instance_id)
        seen.append((shown["status"], shown["spotStatus"], shown["spotReclaimTime"] != "0"))
    assert seen == [
        ("running", "notified", False),
        ("running", "reclaiming", True),
        ("exited", "terminated", True),
    ]


def test_only_a_running_spot_instance_can_be_reclaimed(bench: Any) -> None:
    with pytest.raises(ValueError, match="spot"):
        bench.sim.reclaim(bench.running())


def test_spot_instances_are_reclaimed_by_themselves_after_a_drawn_lifetime(
    make_bench: Callable[..., Any],
) -> None:
    bench = make_bench(timings=Timings(spot_lifetime=3600))
    ids = [bench.create(billingMode="spot") for _ in range(50)]
    bench.wait(3600)
    exited = sum(bench.status(instance_id) == "exited" for instance_id in ids)
    assert 15 < exited < 45
    bench.wait(36_000)
    assert [bench.status(instance_id) for instance_id in ids] == ["exited"] * 50


def test_a_reclaimed_instance_can_be_migrated_and_keeps_its_reclaim_time(bench: Any) -> None:
    instance_id = bench.running(billingMode="spot")
    bench.sim.reclaim(instance_id)
    bench.wait(70)
    bench("migrate_instance", instanceId=instance_id)
    assert bench.statuses(instance_id, 0, 99, 1) == ["migrating", "migrating", "running"]
    shown = bench.get(instance_id)
    assert (shown["spotStatus"], shown["spotReclaimTime"] != "0") == ("running", True)
    assert bench("list_jobs", type="instanceMigrate")["jobs"][0]["state"]["state"] == "success"


def test_a_failing_migration_leaves_the_instance_migrating_and_the_job_failed(bench: Any) -> None:
    instance_id = bench.running()
    bench.sim.fail_next("instanceMigrate", error="MIGRATE_INSUFFICIENT_RESOURCE", message="no node")
    bench("migrate_instance", instanceId=instance_id)
    bench.wait(5000)
    assert bench.status(instance_id) == "migrating"
    state = bench("list_jobs", type="instanceMigrate")["jobs"][0]["state"]
    assert state == {"state": "fail", "error": "MIGRATE_INSUFFICIENT_RESOURCE", "errorMessage": "no node"}


def test_a_broken_migration_puts_the_instance_back(bench: Any) -> None:
    instance_id = bench.running(billingMode="spot")
    bench.sim.reclaim(instance_id)
    bench.wait(70)
    bench("migrate_instance", instanceId=instance_id)
    job_id = bench("list_jobs")["jobs"][0]["Id"]
    bench("break_job", jobId=job_id)
    shown = bench.get(instance_id)
    assert (shown["status"], shown["spotStatus"]) == ("exited", "terminated")


def test_a_migration_without_a_free_node_is_refused(bench: Any) -> None:
    bench.sim.set_stock("4090.16c96g.v2", 0)
    bench.sim.set_stock("4090.16c96g.v2", 1, "17")
    instance_id = bench.running()
    bench("stop_instance", instanceId=instance_id)
    bench.wait(5)
    bench.create()
    assert bench.refused("migrate_instance", instanceId=instance_id) == "MIGRATE_INSUFFICIENT_RESOURCE"


def test_a_failing_node_takes_the_instance_down_unless_it_may_move(bench: Any) -> None:
    stays, moves = bench.running(), bench.running()
    bench("set_auto_migrate", instanceId=moves, autoMigrateOpen=True, autoMigrateSystemDisk=True)
    bench.sim.fail_node(stays)
    bench.sim.fail_node(moves)
    assert (bench.status(stays), bench.status(moves)) == ("exited", "migrating")
    assert bench.get(stays)["statusError"]["state"] == "NODE_STATUS"
    assert bench("list_jobs", type="autoInstanceMigrate")["total"] == 1
    bench.wait(100)
    assert bench.status(moves) == "running"


def test_both_hosts_show_the_same_jobs_in_their_own_words(bench: Any) -> None:
    instance_id = bench.running()
    bench("migrate_instance", instanceId=instance_id)
    public = bench("list_jobs", state="pulling")["jobs"][0]
    internal = bench("query_internal_jobs", state="pending")["jobs"][0]
    assert public["Id"] == internal["Id"]
    assert (public["state"]["state"], internal["state"]["state"]) == ("pulling", "pending")


def test_deleting_an_instance_breaks_its_jobs(bench: Any) -> None:
    instance_id = bench.running()
    bench("save_image", instanceId=instance_id, image="docker.simulated.test/a:1")
    bench("delete_instance", instanceId=instance_id)
    assert bench("list_jobs")["jobs"][0]["state"]["state"] == "break"
    bench.wait(1000)
    assert bench("list_images", type="private")["data"] == []


def test_jobs_of_any_age_and_state_can_be_laid_out(bench: Any) -> None:
    instance_id = bench.running()
    bench.sim.set_status(instance_id, "migrating")
    old = bench.sim.add_job(instance_id, "instanceMigrate", "success", age=7200)
    new = bench.sim.add_job(instance_id, "instanceMigrate", "fail", age=60, error="NODE_STATUS")
    shown = {job["Id"]: job for job in bench("query_internal_jobs", type="instanceMigrate")["jobs"]}
    assert int(shown[new]["createdAt"]) - int(shown[old]["createdAt"]) == 7140
    assert (shown[old]["state"]["state"], shown[new]["state"]["error"]) == ("success", "NODE_STATUS")
    since = int(bench.sim.server_time()) - 3600
    assert [job["Id"] for job in bench("list_jobs", startTime=since)["jobs"]] == [new]
    assert bench.status(instance_id) == "migrating"
