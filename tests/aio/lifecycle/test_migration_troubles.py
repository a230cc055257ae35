"""Repairs and moves when the store, the list or the service fails in the middle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._core.lifecycle.repairs import REPAIR_PREFIX
from novita_sdk.errors import CleanupError, DuplicateCreateError, StoreUnavailableError
from novita_sdk.lifecycle import AsyncMigrationChecker, MigrationReport
from novita_sdk.stores import AsyncMemoryStore
from novita_sdk.testing import Fault, Simulator
from novita_sdk.testing.cloud.settings import Quirks
from tests.aio.failing_store import AsyncFailingStore
from tests.aio.lifecycle.spot_cloud import cloud, reclaimed, rented, statuses, stuck

pytestmark = pytest.mark.anyio

NO_STOCK = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "insufficient resource"}


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
    """What was decided about moves that failed, and about nothing else."""
    return [(decision.verdict, decision.reason) for decision in report.failed.decisions]


async def phase(client: AsyncNovita) -> dict[str, Any]:
    page = await client._engine.services.store.scan(REPAIR_PREFIX)
    (entry,) = page.items
    return entry.value


async def begun(client: AsyncNovita, sim: Simulator, *, pulling: float = 600) -> str:
    """Let a repair begin whose copy takes long to come up; return the original."""
    original = await stuck(client, sim)
    sim.timings = type(sim.timings)(
        to_create=1, creating=3, pulling=pulling, to_remove=1, removing=1, removed=1
    )
    await checker_of(client, pass_timeout=60).check()
    assert (await phase(client))["phase"] == "created"
    return original


def patched(target: Any, name: str, before: Callable[[], Awaitable[None]]) -> None:
    """Have something happen before each call of a method."""
    real = getattr(target, name)

    async def call(*arguments: Any, **named: Any) -> Any:
        await before()
        return await real(*arguments, **named)

    setattr(target, name, call)


# ------------------------------------------------------------------------------------------ the store


async def test_a_store_that_fails_in_the_middle_ends_both_parts(sim: Simulator) -> None:
    store = AsyncFailingStore(AsyncMemoryStore(clock=sim.clock))
    client = sim.async_client(store=store)
    await reclaimed(client, sim, name="train-1")
    await stuck(client, sim, name="train-2")

    async def fail() -> None:
        store.failure = StoreUnavailableError("away")

    patched(client.gpu_instances, "get", fail)
    report = await checker_of(client, migrate_reclaimed=True).check()
    assert (report.errors, report.skipped_pass, report.lease_lost) == (1, None, False)
    assert isinstance(report.error, StoreUnavailableError)
    assert sim.requests("migrate_instance") == 1  # that of the test itself


async def test_a_store_that_fails_in_a_repair_leaves_what_can_go_on(sim: Simulator) -> None:
    store = AsyncFailingStore(AsyncMemoryStore(clock=sim.clock))
    client = sim.async_client(store=store)
    original = await begun(client, sim)

    async def fail() -> None:
        store.failure = StoreUnavailableError("away")

    patched(client.gpu_instances, "find", fail)
    await sim.clock.sleep_async(700)
    report = await checker_of(client).check()
    assert report.failed.errors == 1
    assert len(await statuses(client)) == 2
    store.failure = None
    healthy = sim.async_client(store=store)
    await sim.clock.sleep_async(200)
    await checker_of(healthy).check()
    assert original not in await statuses(client)


async def test_what_cannot_be_handed_on_does_not_keep_a_copy_from_its_place(sim: Simulator) -> None:
    client = sim.async_client()
    original = await rented(client)
    store = client._engine.services.store

    async def fail(*_arguments: Any, **_named: Any) -> Any:
        raise StoreUnavailableError("away")

    real_put = store.put

    async def put(key: str, *arguments: Any, **named: Any) -> Any:
        return await (fail() if key.startswith("successor:") else real_put(key, *arguments, **named))

    store.put, store.get_real = put, store.get  # type: ignore[attr-defined, method-assign]

    async def get(key: str) -> Any:
        return await (fail() if key.startswith("use:") else store.get_real(key))  # type: ignore[attr-defined]

    store.get = get  # type: ignore[method-assign]
    made = await client.gpu_instances.recreate(original.id, delete_original=True)
    assert list(await statuses(client)) == [made.id]


# ------------------------------------------------------------------------------------------ lists


async def test_a_list_that_is_not_complete_is_no_ground_to_act(client: AsyncNovita, sim: Simulator) -> None:
    await reclaimed(client, sim)
    sim.quirks = Quirks(wrong_total=9)
    report = await checker_of(client, migrate_reclaimed=True).check()
    assert (report.errors, decided(report), sim.requests("migrate_instance")) == (1, [], 0)


async def test_jobs_that_are_not_complete_are_no_ground_to_act(client: AsyncNovita, sim: Simulator) -> None:
    original = await stuck(client, sim)
    listed = sim.journal.of("list_instances")
    assert listed is not None
    sim.faults.add(
        Fault(
            "status",
            ("query_internal_jobs", "list_jobs"),
            status=200,
            body={"jobs": [], "total": 3},
            times=None,
        )
    )
    report = await checker_of(client).check()
    assert (report.failed.errors, sim.requests("create_instance")) == (1, 1)
    assert await statuses(client) == {original: "migrating"}


# ------------------------------------------------------------------------------------------ the copy


async def test_a_create_that_finds_no_machine_is_tried_again_as_the_same_copy(
    client: AsyncNovita, sim: Simulator
) -> None:
    await stuck(client, sim)
    sim.faults.add(Fault("status", "create_instance", status=400, body=NO_STOCK))
    first = await checker_of(client).check()
    assert (decided(first), first.errors) == ([("warn", "no_capacity")], 0)
    assert (await phase(client))["attempt"] == 0
    second = await checker_of(client).check()
    assert second.failed.instances_recreated == 1


async def test_a_product_that_is_sold_out_is_waited_for(client: AsyncNovita, sim: Simulator) -> None:
    await stuck(client, sim)
    sim.set_stock("p-1", 0)
    for options in ({}, {"dry_run": True}):
        report = await checker_of(client, **options).check()
        assert decided(report) == [("warn", "no_capacity")]
    assert sim.requests("create_instance") == 1


async def test_a_create_whose_outcome_is_unknown_is_gone_on_with(client: AsyncNovita, sim: Simulator) -> None:
    await stuck(client, sim)
    sim.faults.add(Fault("read_timeout", "create_instance"))
    first = await checker_of(client).check()
    assert decided(first) == [("error", "validated")]
    second = await checker_of(client).check()  # it may only look: nothing proves that nothing was made
    assert second.failed.instances_recreated == 0
    assert len(await statuses(client)) == 1


async def test_two_copies_with_one_mark_are_left_alone(client: AsyncNovita, sim: Simulator) -> None:
    original = await stuck(client, sim)

    async def two() -> None:
        raise DuplicateCreateError("two of them", operation_id="op-1", ids=("i-8", "i-9"))

    patched(client.gpu_instances, "create", two)
    report = await checker_of(client).check()
    assert decided(report) == [("error", "blocked")]
    assert "i-8, i-9" in report.decisions[0].detail
    assert (await statuses(client), sim.requests("delete_instance")) == ({original: "migrating"}, 0)


async def test_a_copy_that_vanishes_is_no_copy(client: AsyncNovita, sim: Simulator) -> None:
    original = await begun(client, sim)
    await client.gpu_instances.delete((await phase(client))["copy"])
    await sim.clock.sleep_async(120)
    report = await checker_of(client).check()
    assert decided(report) == [("error", "failed")]
    assert await statuses(client) == {original: "migrating"}


@pytest.mark.parametrize("status", ["exited", "removed"])
async def test_a_copy_that_stops_is_no_copy(client: AsyncNovita, sim: Simulator, status: str) -> None:
    original = await begun(client, sim)
    sim.set_status((await phase(client))["copy"], status)
    report = await checker_of(client).check()
    assert decided(report) == [("error", "failed")]
    assert original in await statuses(client)


async def test_a_copy_that_never_answers_goes(client: AsyncNovita, sim: Simulator) -> None:
    original = await stuck(client, sim)
    report = await checker_of(client, ready=lambda _instance: False).check()
    while not report.errors:
        report = await checker_of(client, ready=lambda _instance: False).check()
    assert decided(report) == [("error", "failed")]
    assert await statuses(client) == {original: "migrating"}


async def test_a_copy_that_cannot_be_deleted_is_deleted_later(client: AsyncNovita, sim: Simulator) -> None:
    original = await begun(client, sim)
    copy = (await phase(client))["copy"]
    sim.set_status(copy, "exited")
    sim.faults.add(Fault("status", "delete_instance", status=400, times=3))
    report = await checker_of(client).check()
    assert decided(report) == [("error", "dropping")]
    assert copy in report.failed.decisions[0].detail
    assert decided(await checker_of(client).check()) == [("error", "failed")]
    assert await statuses(client) == {original: "migrating"}


# ------------------------------------------------------------------------------------- the original


async def test_an_original_that_vanishes_before_the_copy_is_known_is_the_end(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await stuck(client, sim)
    sim.faults.add(Fault("read_timeout", "create_instance"))
    await checker_of(client).check()
    sim.timings = type(sim.timings)(to_remove=1, removing=1, removed=1)
    await client.gpu_instances.delete(original)
    await sim.clock.sleep_async(120)
    report = await checker_of(client).check()
    assert decided(report) == [("error", "failed")]
    assert "nothing shows a copy" in report.decisions[0].detail
    assert decided(await checker_of(client).check()) == []


async def test_a_copy_is_found_by_its_record_if_the_original_vanishes(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await begun(client, sim, pulling=100)
    record = await phase(client)
    store = client._engine.services.store
    lost = {**record, "phase": "validated", "copy": None, "created": None}
    await store.put(REPAIR_PREFIX + record["job"], lost)
    await client.gpu_instances.delete(original)
    await sim.clock.sleep_async(120)
    report = await checker_of(client).check()
    assert decided(report) == [("act", "done")]
    assert list(await statuses(client)) == [record["copy"]]


async def test_a_record_that_names_the_original_as_its_copy_deletes_nothing(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await begun(client, sim)
    record = await phase(client)
    wrong = {**record, "phase": "dropping", "copy": original, "after_drop": "failed"}
    await client._engine.services.store.put(REPAIR_PREFIX + record["job"], wrong)
    report = await checker_of(client).check()
    assert report.failed.errors == 1
    assert sim.requests("delete_instance") == 0


async def test_switching_the_consent_off_stops_a_repair_in_the_middle(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = await begun(client, sim)
    await sim.clock.sleep_async(700)
    report = await checker_of(client, repair="report").check()
    ((verdict, reason),) = set(decided(report))
    assert (verdict, reason) == ("warn", "consent_needed")
    assert len(await statuses(client)) == 2
    assert original in await statuses(client)


async def test_an_unknown_delete_names_both(client: AsyncNovita, sim: Simulator) -> None:
    original = (await rented(client)).id
    sim.faults.add(Fault("status", "delete_instance", status=503, times=None))
    with pytest.raises(CleanupError) as caught:
        await client.gpu_instances.recreate(original, delete_original=True)
    (copy,) = set(await statuses(client)) - {original}
    assert original in str(caught.value)
    assert copy in str(caught.value)


async def test_an_original_that_goes_while_the_copy_comes_up_needs_no_delete(
    client: AsyncNovita, sim: Simulator
) -> None:
    original = (await rented(client)).id
    sim.timings = type(sim.timings)(to_remove=0, removing=0, removed=0, pulling=20)

    async def delete() -> None:
        await sim.async_client().gpu_instances.delete(original, missing_ok=True)

    patched(client.gpu_instances, "wait", delete)
    made = await client.gpu_instances.recreate(original, delete_original=True)
    assert made.original_deleted
    assert list(await statuses(client)) == [made.id]
