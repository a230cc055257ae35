"""Moves that failed: reported, or answered by a copy that takes the place of the original."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._core.lifecycle.repairs import REPAIR_PREFIX
from novita_sdk.lifecycle import AsyncMigrationChecker, MigrationReport
from novita_sdk.testing import Fault, Simulator
from tests.aio.lifecycle.spot_cloud import bodies, cloud, rented, requests, statuses, stuck, writes

pytestmark = pytest.mark.anyio

HOUR = 3600.0
REFUSED = {"code": 400, "reason": "REQUEST", "message": "cannot be deleted"}


@pytest.fixture
def sim() -> Simulator:
    return cloud()


@pytest.fixture
def client(sim: Simulator) -> AsyncNovita:
    return sim.async_client()


def checker_of(client: AsyncNovita, **options: Any) -> AsyncMigrationChecker:
    given = {"repair": "recreate", "accept_data_loss": True, "include": "train*", **options}
    return AsyncMigrationChecker(client, **given)


def reasons(report: MigrationReport) -> list[tuple[str, str]]:
    return [(decision.verdict, decision.reason) for decision in report.failed.decisions]


def counts(report: MigrationReport) -> tuple[int, int, int, int]:
    """Checked, failed, made anew, errors."""
    found = report.failed
    return found.total_checked, found.failed_jobs_found, found.instances_recreated, found.errors


async def phase(client: AsyncNovita) -> dict[str, Any]:
    page = await client._engine.services.store.scan(REPAIR_PREFIX)
    (entry,) = page.items
    return entry.value


@pytest.mark.case("M-08")
async def test_a_copy_takes_the_place_of_an_instance_whose_move_failed(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    since = len(sim.journal)
    report = await checker_of(client).check()
    assert counts(report) == (1, 1, 1, 0)
    assert reasons(report) == [("act", "done")]
    order = [entry.operation for entry in requests(sim, since)]
    assert writes(sim, since) == ["create_instance", "delete_instance"]
    assert "get_instance" in order[order.index("create_instance") : order.index("delete_instance")]
    left = await statuses(client)
    assert original not in left
    assert list(left.values()) == ["running"]
    assert (await client.gpu_instances.get(next(iter(left)))).name == "train-r1"


@pytest.mark.case("M-08")
async def test_the_next_pass_has_nothing_left_to_do(client: AsyncNovita, sim: Simulator) -> None:
    await stuck(client, sim)
    await checker_of(client).check()
    since = len(sim.journal)
    again = await checker_of(client).check()
    assert (counts(again), writes(sim, since)) == ((0, 0, 0, 0), [])


class Crash(BaseException):
    """What kill -9 is to a test."""


@pytest.mark.case("M-08")
@pytest.mark.parametrize("crash_after", [1, 2, 3, 4, 5])
async def test_a_crash_at_any_write_never_makes_a_second_copy(sim: Simulator, crash_after: int) -> None:
    client = sim.async_client()
    original = await stuck(client, sim)
    store = client._engine.services.store
    real_put, written = store.put, 0

    async def put(key: str, *args: Any, **options: Any) -> Any:
        nonlocal written
        version = await real_put(key, *args, **options)
        if key.startswith(REPAIR_PREFIX):
            written += 1
            if written == crash_after:
                raise Crash
        return version

    store.put = put  # type: ignore[method-assign]
    with pytest.raises(Crash):
        await checker_of(client).check()
    store.put = real_put  # type: ignore[method-assign]
    await sim.clock.sleep_async(200)
    await checker_of(client).check()
    left = await statuses(client)
    assert original not in left
    assert list(left.values()) == ["running"]
    assert sim.requests("create_instance") == 2


@pytest.mark.case("M-08")
async def test_a_crash_between_the_create_and_its_record_goes_on_with_that_copy(sim: Simulator) -> None:
    client = sim.async_client()
    await stuck(client, sim)
    real_create = client.gpu_instances.create

    async def create(**arguments: Any) -> Any:
        await real_create(**arguments)
        raise Crash

    client.gpu_instances.create = create  # type: ignore[method-assign]
    with pytest.raises(Crash):
        await checker_of(client).check()
    client.gpu_instances.create = real_create  # type: ignore[method-assign]
    sim.set_stock("p-1", 0)  # the copy may have taken the last machine
    await sim.clock.sleep_async(200)
    report = await checker_of(client).check()
    assert counts(report)[2:] == (1, 0)
    assert sim.requests("create_instance") == 2


async def test_a_slow_copy_is_waited_for_over_several_passes(client: AsyncNovita, sim: Simulator) -> None:
    original = await stuck(client, sim)
    sim.timings = type(sim.timings)(to_create=1, creating=3, pulling=700)
    first = await checker_of(client).check()
    assert reasons(first) == [("keep", "later")]
    assert (await phase(client))["phase"] == "created"
    passes = 1
    while (await phase(client))["phase"] == "created":
        report = await checker_of(client).check()
        passes += 1
    assert (counts(report)[2], passes) == (1, 3)
    assert original not in await statuses(client)
    assert sim.requests("create_instance") == 2


# ------------------------------------------------------------------------------ what goes wrong


@pytest.mark.case("M-06")
async def test_a_refused_create_leaves_the_original_and_rests(client: AsyncNovita, sim: Simulator) -> None:
    original = await stuck(client, sim)
    refusal = {"code": 400, "reason": "BALANCE_NOT_ENOUGH", "message": "balance not enough"}
    sim.faults.add(Fault("status", "create_instance", status=400, body=refusal))
    report = await checker_of(client).check()
    assert (counts(report), reasons(report)) == ((1, 1, 0, 1), [("error", "failed")])
    assert await statuses(client) == {original: "migrating"}
    again = await checker_of(client).check()
    assert (reasons(again), sim.requests("create_instance")) == ([("keep", "failed")], 2)


@pytest.mark.case("M-06")
async def test_a_copy_that_does_not_come_up_goes_and_the_original_stays(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    sim.fail_next("boot")
    began, errors = sim.clock.monotonic(), 0
    while errors == 0:
        report = await checker_of(client).check()
        errors = counts(report)[3]
        assert sim.clock.monotonic() - began < 2200
    assert sim.clock.monotonic() - began >= 1800
    assert reasons(report) == [("error", "failed")]
    assert await statuses(client) == {original: "migrating"}


@pytest.mark.case("M-06")
async def test_a_second_copy_is_tried_after_the_cooldown_and_no_third(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    checker = checker_of(client, interval=60)
    sim.fail_next("boot", times=9)
    made = 0
    for _ in range(40):
        await checker.check()
        await sim.clock.sleep_async(0.5 * HOUR)
        made = sim.requests("create_instance") - 1
    assert made == 2
    assert await statuses(client) == {original: "migrating"}


@pytest.mark.case("M-07")
async def test_after_a_refused_delete_one_instance_is_left_and_no_further_copy_comes(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    refused = Fault(
        "status",
        "delete_instance",
        status=400,
        body=REFUSED,
        times=3,
        when=lambda entry: original.encode() in entry.raw_body,
    )
    sim.faults.add(refused)
    report = await checker_of(client).check()
    assert (counts(report), reasons(report)) == ((1, 1, 0, 1), [("error", "blocked")])
    assert original in report.failed.decisions[0].detail
    assert await statuses(client) == {original: "migrating"}
    again = await checker_of(client).check()
    assert reasons(again) == [("keep", "blocked")]
    assert sim.requests("create_instance") == 2


async def test_a_delete_whose_outcome_is_unknown_keeps_both_until_it_is_known(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    of_the_original = Fault(
        "status",
        "delete_instance",
        status=503,
        times=None,
        when=lambda entry: original.encode() in entry.raw_body,
    )
    sim.faults.add(of_the_original)
    report = await checker_of(client).check()
    assert counts(report) == (1, 1, 0, 1)
    assert (await phase(client))["phase"] == "delete_pending"
    assert len(await statuses(client)) == 2
    sim.faults.clear()
    await sim.clock.sleep_async(900)
    after = await checker_of(client).check()
    assert counts(after)[2:] == (1, 0)
    assert list((await statuses(client)).values()) == ["running"]
    assert sim.requests("create_instance") == 2


async def test_an_original_that_recovers_is_kept_and_the_copy_goes(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    sim.timings = type(sim.timings)(to_create=1, creating=3, pulling=400)
    await checker_of(client).check()
    sim.set_status(original, "running")
    for _ in range(3):
        report = await checker_of(client).check()
    assert (await phase(client))["phase"] == "recovered"
    assert report.errors == 0
    assert await statuses(client) == {original: "running"}


async def test_a_newer_job_that_goes_on_saves_the_original(client: AsyncNovita, sim: Simulator) -> None:
    original = await stuck(client, sim)
    sim.timings = type(sim.timings)(to_create=1, creating=3, pulling=300)
    await checker_of(client).check()
    sim.add_job(original, "autoInstanceMigrate", "running")
    for _ in range(3):
        await checker_of(client).check()
    assert await statuses(client) == {original: "migrating"}
    assert (await phase(client))["phase"] == "recovered"


async def test_a_copy_is_kept_if_the_original_vanishes(client: AsyncNovita, sim: Simulator) -> None:
    original = await stuck(client, sim)
    sim.timings = type(sim.timings)(to_create=1, creating=3, pulling=400, to_remove=1, removing=1, removed=1)
    await checker_of(client).check()
    await client.gpu_instances.delete(original)
    for _ in range(3):
        await checker_of(client).check()
    assert list((await statuses(client)).values()) == ["running"]
    assert (await phase(client))["phase"] == "done"


# ------------------------------------------------------------------------------ who is left alone


@pytest.mark.case("M-05")
async def test_without_a_moving_instance_no_job_is_asked_for(client: AsyncNovita, sim: Simulator) -> None:
    await rented(client)
    report = await checker_of(client).check()
    assert counts(report) == (0, 0, 0, 0)
    assert sim.requests("list_jobs") + sim.requests("query_internal_jobs") == 0


@pytest.mark.case("M-05")
async def test_if_the_internal_host_refuses_the_public_list_decides(
    client: AsyncNovita, sim: Simulator
) -> None:
    await stuck(client, sim)
    sim.faults.add(Fault("status", "query_internal_jobs", status=403, times=None))
    report = await checker_of(client).check()
    assert counts(report) == (1, 1, 1, 0)
    assert sim.requests("query_internal_jobs") == 1
    assert sim.requests("list_jobs") >= 2


@pytest.mark.case("M-05")
async def test_if_no_host_answers_nothing_is_done(client: AsyncNovita, sim: Simulator) -> None:
    original = await stuck(client, sim)
    down = Fault("status", ("query_internal_jobs", "list_jobs"), status=400, times=None)
    sim.faults.add(down)
    report = await checker_of(client).check()
    assert counts(report) == (1, 0, 0, 1)
    assert (await statuses(client), sim.requests("create_instance")) == ({original: "migrating"}, 1)


@pytest.mark.case("M-04")
async def test_a_failed_job_on_the_second_page_is_found(client: AsyncNovita, sim: Simulator) -> None:
    original = await stuck(client, sim)
    other = (await rented(client, name="other")).id
    for _ in range(150):
        sim.add_job(other, "instanceMigrate", "success")
    report = await checker_of(client).check()
    assert counts(report)[1] == 1
    assert original not in await statuses(client)


@pytest.mark.case("M-09")
@pytest.mark.parametrize("state", ["success", "break", "running", "pulling", None])
async def test_every_other_newest_job_leaves_the_instance_alone(
    client: AsyncNovita, sim: Simulator, state: str | None
) -> None:
    instance_id = (await rented(client)).id
    sim.set_status(instance_id, "migrating")
    if state is not None:
        sim.add_job(instance_id, "instanceMigrate", "fail", age=600, error="NO_NODE")
        sim.add_job(instance_id, "instanceMigrate", state, age=60)
    report = await checker_of(client).check()
    assert (counts(report)[1:], writes(sim)) == ((0, 0, 0), ["create_instance"])
    assert report.failed.decisions[0].verdict == "keep"


@pytest.mark.case("M-09")
@pytest.mark.parametrize(
    "options",
    [
        {"repair": "report"},
        {"include": None},
        {"include": "web*"},
        {"accept_data_loss": False},
        {"dry_run": True},
    ],
)
async def test_without_every_consent_a_failed_move_is_only_reported(
    client: AsyncNovita, sim: Simulator, options: dict[str, Any]
) -> None:
    original = await stuck(client, sim)
    since = len(sim.journal)
    report = await checker_of(client, **options).check()
    assert (counts(report), report.failed.would_recreate) == ((1, 1, 0, 0), 1)
    assert writes(sim, since) == []
    assert await statuses(client) == {original: "migrating"}


async def test_switched_off_nothing_is_looked_for(client: AsyncNovita, sim: Simulator) -> None:
    await stuck(client, sim)
    report = await checker_of(client, repair="off").check()
    assert (counts(report), sim.requests("query_internal_jobs")) == ((0, 0, 0, 0), 0)


async def test_what_cannot_be_copied_is_reported_and_nothing_is_sent(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    sim.show(original, imageUrl="")
    report = await checker_of(client).check()
    assert (reasons(report), report.errors) == ([("warn", "cannot_repair")], 0)
    assert sim.requests("create_instance") == 1


async def test_a_move_that_takes_hours_is_reported(client: AsyncNovita, sim: Simulator) -> None:
    instance_id = (await rented(client)).id
    sim.set_status(instance_id, "migrating")
    sim.add_job(instance_id, "instanceMigrate", "running", age=3 * HOUR)
    report = await checker_of(client).check()
    assert reasons(report) == [("warn", "stuck")]


async def test_a_dry_run_writes_nothing_and_the_next_pass_repairs(
    client: AsyncNovita, sim: Simulator
) -> None:
    await stuck(client, sim)
    store = client._engine.services.store
    before = await store.scan(limit=1000)
    await checker_of(client, dry_run=True).check()
    assert await store.scan(limit=1000) == before
    assert counts(await checker_of(client).check())[2] == 1


# ----------------------------------------------------------------------------------- what goes over


async def test_what_is_remembered_of_the_original_goes_over_to_the_copy(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    store = client._engine.services.store
    await store.put(f"use:{original}", {"v": 1, "last_used": 5.0}, ttl=3600)
    await store.put(f"target:{original}", {"v": 1, "notify": False})
    await checker_of(client).check()
    (copy,) = await statuses(client)
    successor = await store.get(f"successor:{original}")
    used = await store.get(f"use:{copy}")
    assert successor is not None
    assert used is not None
    assert (successor.value["id"], used.value["last_used"]) == (copy, 5.0)
    assert await store.get(f"target:{copy}") is not None


async def test_a_copy_may_have_to_answer_first(client: AsyncNovita, sim: Simulator) -> None:
    original = await stuck(client, sim)
    asked: list[str] = []

    def ready(instance: Any) -> bool:
        asked.append(instance.id)
        return len(asked) > 2

    report = await checker_of(client, ready=ready).check()
    assert (counts(report)[2], len(asked) > 2, original in asked) == (1, True, False)


async def test_the_environment_of_the_original_reaches_the_copy_but_not_its_mark(
    client: AsyncNovita, sim: Simulator
) -> None:
    await stuck(client, sim, envs={"TOKEN": "t-1"})
    await checker_of(client).check()
    first, second = bodies(sim, "create_instance")
    assert second["envs"][0] == {"key": "TOKEN", "value": "t-1"}
    assert len(second["envs"]) == 2
    assert second["envs"][1]["value"] != first["envs"][1]["value"]
