"""Reclaimed spot instances: moved only with consent, never too often, and told of."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._concurrency.aio import Event
from novita_sdk._core.lifecycle.reclaims import MIGRATION_PREFIX
from novita_sdk.errors import ConfigurationError, StoreUnavailableError, ValidationError
from novita_sdk.lifecycle import AsyncMigrationChecker, MigrationReport
from novita_sdk.stores import AsyncMemoryStore
from novita_sdk.testing import Fault, Simulator, VirtualClock
from tests.aio.failing_store import AsyncFailingStore
from tests.aio.lifecycle.spot_cloud import cloud, reclaimed, rented, requests, statuses

pytestmark = pytest.mark.anyio

HOUR = 3600.0


@pytest.fixture
def sim() -> Simulator:
    return cloud()


@pytest.fixture
def client(sim: Simulator) -> AsyncNovita:
    return sim.async_client()


def checker_of(client: AsyncNovita, **options: Any) -> AsyncMigrationChecker:
    return AsyncMigrationChecker(client, **{"migrate_reclaimed": True, **options})


def reasons(report: MigrationReport) -> list[tuple[str, str]]:
    return [(decision.verdict, decision.reason) for decision in report.decisions]


async def store_dump(client: AsyncNovita) -> dict[str, Any]:
    page = await client._engine.services.store.scan(limit=1000)
    return {entry.key: entry.value for entry in page.items}


@pytest.mark.case("M-01")
async def test_a_reclaimed_instance_is_moved(client: AsyncNovita, sim: Simulator) -> None:
    instance_id = await reclaimed(client, sim)
    report = await checker_of(client).check()
    assert (report.reclaimed.total_processed, report.reclaimed.migrated, report.errors) == (1, 1, 0)
    assert reasons(report) == [("act", "reclaimed")]
    await sim.clock.sleep_async(100)
    assert await statuses(client) == {instance_id: "running"}


@pytest.mark.case("M-01")
async def test_what_was_stopped_on_purpose_stays_stopped(client: AsyncNovita, sim: Simulator) -> None:
    for billing in ("onDemand", "spot"):
        created = await rented(client, billing_mode=billing)
        await client.gpu_instances.stop(created.id)
        await client.gpu_instances.wait(created.id, until="exited")
        sim.show(created.id, spotStatus="", spotReclaimTime="0")
    report = await checker_of(client).check()
    assert reasons(report) == [("keep", "no_action_needed")] * 2
    assert {decision.detail for decision in report.decisions} == {"no action needed"}
    assert (report.reclaimed.skipped, sim.requests("migrate_instance")) == (2, 0)


@pytest.mark.case("M-02")
async def test_after_a_failed_move_the_cooldown_is_kept_and_named(
    client: AsyncNovita, sim: Simulator
) -> None:
    instance_id = await reclaimed(client, sim)
    refusal = {"code": 400, "reason": "REQUEST", "message": "not now"}
    sim.faults.add(Fault("status", "migrate_instance", status=400, body=refusal, times=None))
    checker = checker_of(client)
    first = await checker.check()
    assert (reasons(first), first.errors) == ([("error", "refused")], 1)
    await sim.clock.sleep_async(2 * HOUR)
    second = await checker.check()
    assert reasons(second) == [("keep", "cooldown")]
    assert second.decisions[0].detail == "last attempt 2 h ago, the cooldown is 4 h"
    for _ in range(4):
        await sim.clock.sleep_async(5 * HOUR)
        last = await checker.check()
    assert reasons(last) == [("keep", "attempts_used")]
    assert sim.requests("migrate_instance") == 3
    assert (await statuses(client))[instance_id] == "exited"


@pytest.mark.case("M-02")
async def test_the_attempts_are_never_forgotten_while_the_instance_lies_there(
    client: AsyncNovita, sim: Simulator
) -> None:
    await reclaimed(client, sim)
    sim.faults.add(Fault("status", "migrate_instance", status=400, times=None))
    checker = checker_of(client)
    for _ in range(12):
        await checker.check()
        await sim.clock.sleep_async(5 * 24 * HOUR)
    assert sim.requests("migrate_instance") == 3


@pytest.mark.case("M-03")
async def test_a_dry_run_leaves_no_trace(client: AsyncNovita, sim: Simulator) -> None:
    instance_id = await reclaimed(client, sim)
    before, since = await store_dump(client), len(sim.journal)
    dry = await checker_of(client, dry_run=True).check()
    assert (dry.dry_run, dry.reclaimed.would_migrate, dry.reclaimed.migrated) == (True, 1, 0)
    assert await store_dump(client) == before
    assert {entry.method for entry in requests(sim, since)} == {"GET"}
    real = await checker_of(client).check()
    assert real.reclaimed.migrated == 1
    assert (await statuses(client))[instance_id] == "migrating"


@pytest.mark.case("M-03")
@pytest.mark.parametrize("options", [{"migrate_reclaimed": False}, {"migrate_reclaimed": None}])
async def test_without_consent_nothing_is_moved_but_told(
    client: AsyncNovita, sim: Simulator, options: dict[str, Any]
) -> None:
    await reclaimed(client, sim)
    report = await checker_of(client, **options).check()
    assert reasons(report) == [("warn", "consent_needed")]
    assert (report.reclaimed.would_migrate, sim.requests("migrate_instance")) == (1, 0)


async def test_the_setting_is_consent_and_the_argument_wins_over_it(sim: Simulator) -> None:
    client = sim.async_client(migration_enabled=True)
    await reclaimed(client, sim)
    refusing = checker_of(client, migrate_reclaimed=False)
    assert (await refusing.check()).reclaimed.migrated == 0
    assert (await checker_of(client, migrate_reclaimed=None).check()).reclaimed.migrated == 1


async def test_the_other_settings_are_used(sim: Simulator) -> None:
    settings = {
        "migration_dry_run": True,
        "migration_cooldown": 2 * HOUR,
        "migration_max_concurrent": 2,
        "migration_retry_failed": False,
        "migration_interval": 120,
        "migration_timeout": 90,
    }
    checker = AsyncMigrationChecker(sim.async_client(**settings))
    terms = checker._terms
    assert (terms.dry_run, terms.max_actions) == (True, 2)
    assert (terms.rules.cooldown, terms.rules.max_attempts) == (2 * HOUR, 1)
    assert (checker._loop.interval, checker._loop._pass_timeout) == (120, 90)


async def test_only_included_instances_are_moved(client: AsyncNovita, sim: Simulator) -> None:
    await reclaimed(client, sim, name="train-1")
    await reclaimed(client, sim, name="web-1")
    report = await checker_of(client, include="train-*").check()
    assert sorted(reasons(report)) == [("act", "reclaimed"), ("keep", "not_included")]
    assert sim.requests("migrate_instance") == 1


async def test_a_pass_does_so_many_things_and_no_more(client: AsyncNovita, sim: Simulator) -> None:
    for number in range(4):
        await reclaimed(client, sim, name=f"train-{number}")
    checker = checker_of(client, max_actions=3)
    first, second = await checker.check(), await checker.check()
    assert (first.reclaimed.migrated, second.reclaimed.migrated) == (3, 1)
    assert sim.requests("migrate_instance") == 4


async def test_a_lack_of_machines_uses_up_no_attempt_and_is_tried_in_the_next_pass(
    client: AsyncNovita, sim: Simulator
) -> None:
    await reclaimed(client, sim)
    sim.set_stock("p-1", 0)
    checker = checker_of(client, max_attempts=1)
    for _ in range(3):
        report = await checker.check()
        assert (reasons(report), report.errors) == ([("warn", "no_capacity")], 0)
    sim.set_stock("p-1", 5)
    assert (await checker.check()).reclaimed.migrated == 1


async def test_a_lost_answer_is_not_a_second_move(client: AsyncNovita, sim: Simulator) -> None:
    await reclaimed(client, sim)
    sim.faults.add(Fault("lost_reply", "migrate_instance"))
    report = await checker_of(client).check()
    assert (report.reclaimed.migrated, sim.requests("migrate_instance")) == (1, 1)


async def test_a_move_that_never_arrived_is_sent_once_more(client: AsyncNovita, sim: Simulator) -> None:
    await reclaimed(client, sim)
    sim.faults.add(Fault("read_timeout", "migrate_instance"))
    report = await checker_of(client).check()
    assert (report.reclaimed.migrated, sim.requests("migrate_instance")) == (1, 2)


async def test_a_move_is_never_sent_a_third_time(client: AsyncNovita, sim: Simulator) -> None:
    await reclaimed(client, sim)
    sim.faults.add(Fault("read_timeout", "migrate_instance", times=None))
    report = await checker_of(client).check()
    assert (reasons(report), report.errors) == ([("error", "unknown_outcome")], 1)
    assert sim.requests("migrate_instance") == 2
    assert reasons(await checker_of(client).check()) == [("keep", "cooldown")]


async def test_a_throttled_move_is_tried_three_times(client: AsyncNovita, sim: Simulator) -> None:
    await reclaimed(client, sim)
    busy = Fault("status", "migrate_instance", status=429, headers={"Retry-After": "7"}, times=2)
    sim.faults.add(busy)
    report = await checker_of(client).check()
    sent = [entry.at for entry in sim.journal.of("migrate_instance")]
    assert (report.reclaimed.migrated, len(sent)) == (1, 3)
    assert all(late - early >= 7 for early, late in pairwise(sent))


async def test_an_instance_that_changed_since_it_was_listed_is_left_alone(
    client: AsyncNovita, sim: Simulator
) -> None:
    instance_id = await reclaimed(client, sim)
    real_get = client.gpu_instances.get

    async def started_meanwhile(*args: Any, **options: Any) -> Any:
        sim.set_status(instance_id, "running")
        return await real_get(*args, **options)

    client.gpu_instances.get = started_meanwhile  # type: ignore[method-assign]
    report = await checker_of(client).check()
    assert reasons(report) == [("keep", "changed")]
    assert sim.requests("migrate_instance") == 0
    kept = (await store_dump(client))[MIGRATION_PREFIX + instance_id]
    assert kept["attempts"] == 0


# ------------------------------------------------------------------------------------------ passes


async def test_an_incomplete_list_ends_the_pass_with_an_error(client: AsyncNovita, sim: Simulator) -> None:
    await reclaimed(client, sim)
    sim.faults.add(Fault("status", "list_instances", status=400))
    report = await checker_of(client).check()
    assert (report.errors, report.reclaimed.total_processed) == (1, 0)
    assert report.error is not None
    assert sim.requests("migrate_instance") == 0


async def test_of_two_hosts_one_acts(sim: Simulator) -> None:
    store = AsyncMemoryStore(clock=sim.clock)
    clients = [sim.async_client(store=store) for _ in range(2)]
    await reclaimed(clients[0], sim)
    services = clients[0]._engine.services
    assert await services.store.lease_acquire("migration", services.owner, 120) is not None
    since = len(sim.journal)
    report = await checker_of(clients[1]).check()
    assert (report.skipped_pass, report.errors, len(sim.journal)) == ("lease_held", 0, since)
    await sim.clock.sleep_async(121)
    assert (await checker_of(clients[1]).check()).reclaimed.migrated == 1
    again = await checker_of(clients[0]).check()
    assert sim.requests("migrate_instance") == 1
    assert again.skipped_pass is None


async def test_a_store_that_is_away_skips_the_pass(sim: Simulator) -> None:
    store = AsyncFailingStore(AsyncMemoryStore(clock=sim.clock))
    client = sim.async_client(store=store)
    await reclaimed(client, sim)
    since = len(sim.journal)
    store.failure = StoreUnavailableError("away")
    report = await checker_of(client).check()
    assert (report.skipped_pass, report.errors, len(sim.journal)) == ("store_unavailable", 1, since)


async def test_a_paused_holder_does_nothing_more(client: AsyncNovita, sim: Simulator) -> None:
    await reclaimed(client, sim, name="a")
    await reclaimed(client, sim, name="b")
    real_get = client.gpu_instances.get

    async def asleep(*args: Any, **options: Any) -> Any:
        found = await real_get(*args, **options)
        await sim.clock.sleep_async(200)
        return found

    client.gpu_instances.get = asleep  # type: ignore[method-assign]
    services = client._engine.services
    report = await checker_of(client).check()
    assert report.lease_lost
    assert sim.requests("migrate_instance") == 0
    assert await services.store.lease_acquire("migration", "another", 60) is not None


async def test_what_came_of_a_move_is_seen_by_the_next_pass(client: AsyncNovita, sim: Simulator) -> None:
    instance_id = await reclaimed(client, sim)
    checker = checker_of(client)
    await checker.check()
    await sim.clock.sleep_async(200)
    await checker.check()
    assert (await store_dump(client))[MIGRATION_PREFIX + instance_id]["outcome"] == "migrated"


async def test_a_move_that_came_to_nothing_is_noticed_and_tried_again(
    client: AsyncNovita, sim: Simulator
) -> None:
    instance_id = await reclaimed(client, sim)
    sim.faults.add(Fault("status", "migrate_instance", status=200, body={}))  # accepted, and forgotten
    checker = checker_of(client)
    assert (await checker.check()).reclaimed.migrated == 1
    await sim.clock.sleep_async(900)
    assert reasons(await checker.check()) == [("keep", "cooldown")]
    assert (await store_dump(client))[MIGRATION_PREFIX + instance_id]["outcome"] == "failed"
    await sim.clock.sleep_async(4 * HOUR)
    assert (await checker.check()).reclaimed.migrated == 1


async def test_an_answer_with_an_error_in_it_is_a_failure_and_not_repeated(
    client: AsyncNovita, sim: Simulator
) -> None:
    await reclaimed(client, sim)
    sim.faults.add(Fault("status", "migrate_instance", status=200, body={"error": "no node"}, times=None))
    report = await checker_of(client).check()
    assert (report.errors, sim.requests("migrate_instance")) == (1, 1)


async def test_a_move_to_another_id_is_followed(client: AsyncNovita, sim: Simulator) -> None:
    instance_id = await reclaimed(client, sim)
    other = (await rented(client, name="other")).id
    answer = {"newInstanceId": other, "message": "ok"}
    sim.faults.add(Fault("status", "migrate_instance", status=200, body=answer))
    checker = checker_of(client)
    await checker.check()
    await checker.check()
    record = (await store_dump(client))[MIGRATION_PREFIX + instance_id]
    assert (record["new_id"], record["outcome"]) == (other, "migrated")


async def test_the_loop_makes_passes_until_it_is_told_to_stop(client: AsyncNovita, sim: Simulator) -> None:
    await reclaimed(client, sim)
    stop = Event()
    checker = checker_of(client, interval=60)
    real_list, passes = client.gpu_instances.list, 0

    def count(**options: Any) -> Any:
        nonlocal passes
        passes += 1
        if passes == 3:
            stop.set()
        return real_list(**options)

    client.gpu_instances.list = count  # type: ignore[method-assign]
    stats = await checker.run(stop)
    assert (stats.passes, stats.failed, sim.requests("migrate_instance")) == (3, 0, 1)


async def test_decisions_are_kept_and_explained(client: AsyncNovita, sim: Simulator) -> None:
    instance_id = await reclaimed(client, sim)
    checker = checker_of(client)
    await checker.check()
    assert [(one.verdict, one.reason) for one in await checker.why(instance_id)] == [("act", "reclaimed")]
    assert (checker.stats().passes, checker.health().healthy) == (1, True)
    another = checker_of(sim.async_client(store=client._engine.services._whole_store))
    assert [one.reason for one in await another.why(instance_id)] == ["reclaimed"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"migrate_reclaimed": "yes"}, "migrate_reclaimed"),
        ({"repair": "mend"}, "repair"),
        ({"accept_data_loss": 1}, "accept_data_loss"),
        ({"cooldown": -1}, "cooldown"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"max_actions": 1.5}, "max_actions"),
        ({"interval": 0}, "interval"),
        ({"pass_timeout": "long"}, "pass_timeout"),
        ({"include": 5}, "include"),
        ({"ready": "soon"}, "ready"),
    ],
)
async def test_wrong_arguments_are_named(client: AsyncNovita, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        checker_of(client, **arguments)
    assert [found.field for found in caught.value.problems] == [field]


async def test_a_wrong_wish_for_events_ends_the_pass_before_any_request(
    client: AsyncNovita, sim: Simulator
) -> None:
    with pytest.raises((ValidationError, ConfigurationError)):
        await checker_of(client, notify="no-such-target").check()
    assert len(sim.journal) == 0


async def test_a_clock_of_ones_own_is_enough(clock: VirtualClock) -> None:
    sim = cloud(clock=clock)
    report = await checker_of(sim.async_client()).check()
    assert (report.listed, report.errors, str(report)) == (
        0,
        0,
        "0 stopped: 0 moved, 0 would be; 0 moving: 0 failed, 0 made anew, 0 would be; 0 errors",
    )
