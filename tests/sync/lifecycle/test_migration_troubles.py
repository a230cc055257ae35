# Generated from tests/aio/lifecycle/test_migration_troubles.py by tools/unasync.py; edit the source.
"""Repairs and moves when the store, the list or the service fails in the middle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from novita_sdk._core.lifecycle.repairs import REPAIR_PREFIX
from novita_sdk._sync.client import Novita
from novita_sdk.errors import CleanupError, DuplicateCreateError, StoreUnavailableError
from novita_sdk.lifecycle import MigrationChecker, MigrationReport
from novita_sdk.stores import MemoryStore
from novita_sdk.testing import Fault, Simulator
from novita_sdk.testing.cloud.settings import Quirks
from tests.sync.failing_store import FailingStore
from tests.sync.lifecycle.spot_cloud import cloud, reclaimed, rented, statuses, stuck

NO_STOCK = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "insufficient resource"}


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
    """What was decided about moves that failed, and about nothing else."""
    return [(decision.verdict, decision.reason) for decision in report.failed.decisions]


def phase(client: Novita) -> dict[str, Any]:
    page = client._engine.services.store.scan(REPAIR_PREFIX)
    (entry,) = page.items
    return entry.value


def begun(client: Novita, sim: Simulator, *, pulling: float = 600) -> str:
    """Let a repair begin whose copy takes long to come up; return the original."""
    original = stuck(client, sim)
    sim.timings = type(sim.timings)(
        to_create=1, creating=3, pulling=pulling, to_remove=1, removing=1, removed=1
    )
    checker_of(client, pass_timeout=60).check()
    assert (phase(client))["phase"] == "created"
    return original


def patched(target: Any, name: str, before: Callable[[], None]) -> None:
    """Have something happen before each call of a method."""
    real = getattr(target, name)

    def call(*arguments: Any, **named: Any) -> Any:
        before()
        return real(*arguments, **named)

    setattr(target, name, call)


# ------------------------------------------------------------------------------------------ the store


def test_a_store_that_fails_in_the_middle_ends_both_parts(sim: Simulator) -> None:
    store = FailingStore(MemoryStore(clock=sim.clock))
    client = sim.client(store=store)
    reclaimed(client, sim, name="train-1")
    stuck(client, sim, name="train-2")

    def fail() -> None:
        store.failure = StoreUnavailableError("away")

    patched(client.gpu_instances, "get", fail)
    report = checker_of(client, migrate_reclaimed=True).check()
    assert (report.errors, report.skipped_pass, report.lease_lost) == (1, None, False)
    assert isinstance(report.error, StoreUnavailableError)
    assert sim.requests("migrate_instance") == 1  # that of the test itself


def test_a_store_that_fails_in_a_repair_leaves_what_can_go_on(sim: Simulator) -> None:
    store = FailingStore(MemoryStore(clock=sim.clock))
    client = sim.client(store=store)
    original = begun(client, sim)

    def fail() -> None:
        store.failure = StoreUnavailableError("away")

    patched(client.gpu_instances, "find", fail)
    sim.clock.sleep(700)
    report = checker_of(client).check()
    assert report.failed.errors == 1
    assert len(statuses(client)) == 2
    store.failure = None
    healthy = sim.client(store=store)
    sim.clock.sleep(200)
    checker_of(healthy).check()
    assert original not in statuses(client)


def test_what_cannot_be_handed_on_does_not_keep_a_copy_from_its_place(sim: Simulator) -> None:
    client = sim.client()
    original = rented(client)
    store = client._engine.services.store

    def fail(*_arguments: Any, **_named: Any) -> Any:
        raise StoreUnavailableError("away")

    real_put = store.put

    def put(key: str, *arguments: Any, **named: Any) -> Any:
        return fail() if key.startswith("successor:") else real_put(key, *arguments, **named)

    store.put, store.get_real = put, store.get  # type: ignore[attr-defined, method-assign]

    def get(key: str) -> Any:
        return fail() if key.startswith("use:") else store.get_real(key)  # type: ignore[attr-defined]

    store.get = get  # type: ignore[method-assign]
    made = client.gpu_instances.recreate(original.id, delete_original=True)
    assert list(statuses(client)) == [made.id]


# ------------------------------------------------------------------------------------------ lists


def test_a_list_that_is_not_complete_is_no_ground_to_act(client: Novita, sim: Simulator) -> None:
    reclaimed(client, sim)
    sim.quirks = Quirks(wrong_total=9)
    report = checker_of(client, migrate_reclaimed=True).check()
    assert (report.errors, decided(report), sim.requests("migrate_instance")) == (1, [], 0)


def test_jobs_that_are_not_complete_are_no_ground_to_act(client: Novita, sim: Simulator) -> None:
    original = stuck(client, sim)
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
    report = checker_of(client).check()
    assert (report.failed.errors, sim.requests("create_instance")) == (1, 1)
    assert statuses(client) == {original: "migrating"}


# ------------------------------------------------------------------------------------------ the copy


def test_a_create_that_finds_no_machine_is_tried_again_as_the_same_copy(
    client: Novita, sim: Simulator
) -> None:
    stuck(client, sim)
    sim.faults.add(Fault("status", "create_instance", status=400, body=NO_STOCK))
    first = checker_of(client).check()
    assert (decided(first), first.errors) == ([("warn", "no_capacity")], 0)
    assert (phase(client))["attempt"] == 0
    second = checker_of(client).check()
    assert second.failed.instances_recreated == 1


def test_a_product_that_is_sold_out_is_waited_for(client: Novita, sim: Simulator) -> None:
    stuck(client, sim)
    sim.set_stock("p-1", 0)
    for options in ({}, {"dry_run": True}):
        report = checker_of(client, **options).check()
        assert decided(report) == [("warn", "no_capacity")]
    assert sim.requests("create_instance") == 1


def test_a_create_whose_outcome_is_unknown_is_gone_on_with(client: Novita, sim: Simulator) -> None:
    stuck(client, sim)
    sim.faults.add(Fault("read_timeout", "create_instance"))
    first = checker_of(client).check()
    assert decided(first) == [("error", "validated")]
    second = checker_of(client).check()  # it may only look: nothing proves that nothing was made
    assert second.failed.instances_recreated == 0
    assert len(statuses(client)) == 1


def test_two_copies_with_one_mark_are_left_alone(client: Novita, sim: Simulator) -> None:
    original = stuck(client, sim)

    def two() -> None:
        raise DuplicateCreateError("two of them", operation_id="op-1", ids=("i-8", "i-9"))

    patched(client.gpu_instances, "create", two)
    report = checker_of(client).check()
    assert decided(report) == [("error", "blocked")]
    assert "i-8, i-9" in report.decisions[0].detail
    assert (statuses(client), sim.requests("delete_instance")) == ({original: "migrating"}, 0)


def test_a_copy_that_vanishes_is_no_copy(client: Novita, sim: Simulator) -> None:
    original = begun(client, sim)
    client.gpu_instances.delete((phase(client))["copy"])
    sim.clock.sleep(120)
    report = checker_of(client).check()
    assert decided(report) == [("error", "failed")]
    assert statuses(client) == {original: "migrating"}


@pytest.mark.parametrize("status", ["exited", "removed"])
def test_a_copy_that_stops_is_no_copy(client: Novita, sim: Simulator, status: str) -> None:
    original = begun(client, sim)
    sim.set_status((phase(client))["copy"], status)
    report = checker_of(client).check()
    assert decided(report) == [("error", "failed")]
    assert original in statuses(client)


def test_a_copy_that_never_answers_goes(client: Novita, sim: Simulator) -> None:
    original = stuck(client, sim)
    report = checker_of(client, ready=lambda _instance: False).check()
    while not report.errors:
        report = checker_of(client, ready=lambda _instance: False).check()
    assert decided(report) == [("error", "failed")]
    assert statuses(client) == {original: "migrating"}


def test_a_copy_that_cannot_be_deleted_is_deleted_later(client: Novita, sim: Simulator) -> None:
    original = begun(client, sim)
    copy = (phase(client))["copy"]
    sim.set_status(copy, "exited")
    sim.faults.add(Fault("status", "delete_instance", status=400, times=3))
    report = checker_of(client).check()
    assert decided(report) == [("error", "dropping")]
    assert copy in report.failed.decisions[0].detail
    assert decided(checker_of(client).check()) == [("error", "failed")]
    assert statuses(client) == {original: "migrating"}


# ------------------------------------------------------------------------------------- the original


def test_an_original_that_vanishes_before_the_copy_is_known_is_the_end(
    client: Novita, sim: Simulator
) -> None:
    original = stuck(client, sim)
    sim.faults.add(Fault("read_timeout", "create_instance"))
    checker_of(client).check()
    sim.timings = type(sim.timings)(to_remove=1, removing=1, removed=1)
    client.gpu_instances.delete(original)
    sim.clock.sleep(120)
    report = checker_of(client).check()
    assert decided(report) == [("error", "failed")]
    assert "nothing shows a copy" in report.decisions[0].detail
    assert decided(checker_of(client).check()) == []


def test_a_copy_is_found_by_its_record_if_the_original_vanishes(client: Novita, sim: Simulator) -> None:
    original = begun(client, sim, pulling=100)
    record = phase(client)
    store = client._engine.services.store
    lost = {**record, "phase": "validated", "copy": None, "created": None}
    store.put(REPAIR_PREFIX + record["job"], lost)
    client.gpu_instances.delete(original)
    sim.clock.sleep(120)
    report = checker_of(client).check()
    assert decided(report) == [("act", "done")]
    assert list(statuses(client)) == [record["copy"]]


def test_a_record_that_names_the_original_as_its_copy_deletes_nothing(client: Novita, sim: Simulator) -> None:
    original = begun(client, sim)
    record = phase(client)
    wrong = {**record, "phase": "dropping", "copy": original, "after_drop": "failed"}
    client._engine.services.store.put(REPAIR_PREFIX + record["job"], wrong)
    report = checker_of(client).check()
    assert report.failed.errors == 1
    assert sim.requests("delete_instance") == 0


def test_switching_the_consent_off_stops_a_repair_in_the_middle(client: Novita, sim: Simulator) -> None:
    original = begun(client, sim)
    sim.clock.sleep(700)
    report = checker_of(client, repair="report").check()
    ((verdict, reason),) = set(decided(report))
    assert (verdict, reason) == ("warn", "consent_needed")
    assert len(statuses(client)) == 2
    assert original in statuses(client)


def test_an_unknown_delete_names_both(client: Novita, sim: Simulator) -> None:
    original = (rented(client)).id
    sim.faults.add(Fault("status", "delete_instance", status=503, times=None))
    with pytest.raises(CleanupError) as caught:
        client.gpu_instances.recreate(original, delete_original=True)
    (copy,) = set(statuses(client)) - {original}
    assert original in str(caught.value)
    assert copy in str(caught.value)


def test_an_original_that_goes_while_the_copy_comes_up_needs_no_delete(
    client: Novita, sim: Simulator
) -> None:
    original = (rented(client)).id
    sim.timings = type(sim.timings)(to_remove=0, removing=0, removed=0, pulling=20)

    def delete() -> None:
        sim.client().gpu_instances.delete(original, missing_ok=True)

    patched(client.gpu_instances, "wait", delete)
    made = client.gpu_instances.recreate(original, delete_original=True)
    assert made.original_deleted
    assert list(statuses(client)) == [made.id]
