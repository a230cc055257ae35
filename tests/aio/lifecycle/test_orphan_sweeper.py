"""What dead processes left behind: found by its mark, and dealt with as it was wished."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from novita_sdk._async.client import AsyncNovita, services_of
from novita_sdk._async.lifecycle.orphan_sweeper import AsyncOrphanSweeper
from novita_sdk._async.stores.memory import AsyncMemoryStore
from novita_sdk._concurrency.aio import gather
from novita_sdk._core.lifecycle.intents import Intent
from novita_sdk._core.lifecycle.rental_records import RentalRecord, rental_key, write_rental
from novita_sdk.errors import OutcomeUnknownError, ValidationError
from novita_sdk.testing import Fault, Quirks, Simulator, VirtualClock
from tests.aio.hooks_network import HOOK, SECRET, AsyncHooksNetwork
from tests.aio.lifecycle.creates import (
    OPERATION_ID,
    AsyncFailingStore,
    gpu_product,
    intent_of,
    living,
    only_intent,
    posts,
    rent_one,
)
from tests.aio.remote import KEY
from tests.aio.rentals import Rentals

pytestmark = pytest.mark.anyio

DAY = 86_400


class Dead:
    """A cloud with what a process left behind that died between request and answer, `age` seconds ago."""

    def __init__(self, sim: Simulator, client: AsyncNovita, intent: Intent) -> None:
        self.sim = sim
        self.client = client
        self.intent = intent

    def sweeper(self, **terms: Any) -> AsyncOrphanSweeper:
        return AsyncOrphanSweeper(self.client, **terms)

    async def records(self) -> dict[str, Any]:
        """All records of the store."""
        return {entry.key: entry.value for entry in (await self.client.store.scan()).items}

    async def later(self, seconds: float) -> None:
        await services_of(self.client).clock.sleep_async(seconds)


async def dead_process(age: float = 300, *, makes: int = 1, **quirks: Any) -> Dead:
    sim = Simulator(quirks=Quirks(**quirks))
    client = sim.async_client()
    product_id = await gpu_product(client)
    for _ in range(makes):
        await rent_one(client, product_id=product_id, operation_id=OPERATION_ID)
        intent = await intent_of(client, OPERATION_ID)
        await client.store.delete(intent.key)
    if not makes:
        sim.faults.add(Fault("reset_before_processing", "create_instance"))
        with pytest.raises(OutcomeUnknownError):
            await rent_one(client, product_id=product_id, operation_id=OPERATION_ID, settle=0)
        intent = await intent_of(client, OPERATION_ID)
    left = attrs.evolve(
        intent, state="open", resource_id=None, owner="dead", lease_ttl=150, leased_at=sim.clock.time()
    )
    await client.store.put(left.key, left.record())
    dead = Dead(sim, client, left)
    await dead.later(age)
    return dead


@pytest.mark.case("C-16")
async def test_an_orphan_is_deleted_and_seen_gone() -> None:
    dead = await dead_process()
    report = await dead.sweeper(on_orphan="delete").check()
    assert (report.deleted, report.checked_intents, report.errors) == (1, 1, 0)
    assert dead.sim.requests("delete_instance") == 1
    dead.sim.assert_no_leaks()
    assert (await only_intent(dead.client)).state == "not_created"
    assert [orphan.outcome for orphan in report.orphans] == ["deleted"]


@pytest.mark.case("C-16")
async def test_an_orphan_is_only_reported_by_default() -> None:
    dead = await dead_process()
    before = await dead.records()
    report = await dead.sweeper().check()
    (orphan,) = report.orphans
    assert (orphan.outcome, list(orphan.ids)) == ("reported", living(dead.sim))
    assert (report.deleted, report.adopted, dead.sim.requests("delete_instance")) == (0, 0, 0)
    assert await dead.records() == before


@pytest.mark.case("C-16")
@pytest.mark.parametrize("on_orphan", ["report", "adopt", "delete"])
async def test_a_dry_run_touches_nothing_and_writes_nothing(on_orphan: Any) -> None:
    dead = await dead_process()
    before = await dead.records()
    report = await dead.sweeper(on_orphan=on_orphan, find_foreign=True, dry_run=True).check()
    assert (report.dry_run, report.checked_intents, len(living(dead.sim))) == (True, 1, 1)
    assert report.deleted == (on_orphan == "delete")
    assert dead.sim.requests("delete_instance") == 0
    assert await dead.records() == before
    assert await dead.client.store.lease_acquire("sweeper", "another", 60) is not None


async def test_an_adopted_orphan_belongs_to_its_operation_id() -> None:
    dead = await dead_process()
    report = await dead.sweeper(on_orphan="adopt").check()
    assert report.adopted == 1
    requests = dead.sim.requests()
    product_id = dead.intent.about["productId"]
    created = await rent_one(dead.client, product_id=product_id, operation_id=OPERATION_ID)
    assert (created.adopted, [created.id]) == (True, living(dead.sim))
    assert dead.sim.requests() == requests


async def test_a_function_decides_about_each_orphan() -> None:
    dead = await dead_process()
    asked: list[Any] = []

    def decide(orphan: Any, instance: Any) -> str:
        asked.append((orphan.operation_id, instance.id))
        return "delete"

    assert (await dead.sweeper(on_orphan=decide).check()).deleted == 1
    (made,) = dead.sim.cloud.world.instances
    assert asked == [(OPERATION_ID, made)]


async def test_a_function_that_fails_or_answers_nonsense_leaves_the_orphan_alone() -> None:
    dead = await dead_process()

    def fail(_orphan: Any, _instance: Any) -> str:
        raise KeyError("who?")

    for wrong in (fail, lambda _orphan, _instance: "keep"):
        report = await dead.sweeper(on_orphan=wrong).check()
        assert (report.errors, report.orphans[0].outcome) == (1, "error")
    assert len(living(dead.sim)) == 1
    assert (await only_intent(dead.client)).state == "open"


@pytest.mark.case("C-17")
async def test_a_create_of_a_living_process_is_left_alone() -> None:
    sim = Simulator()
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("latency", "create_instance", seconds=50))
    sweeper = AsyncOrphanSweeper(client, on_orphan="delete", find_foreign=True)

    async def create() -> None:
        created = await rent_one(client, product_id=product_id)
        assert [created.id] == living(sim)

    async def sweep() -> None:
        await services_of(client).clock.sleep_async(45)
        intent = await only_intent(client)
        await client.store.put(intent.key, attrs.evolve(intent, created_at=0).record())
        report = await sweeper.check()
        assert (report.checked_intents, report.foreign) == (0, ())
        await client.store.put(intent.key, intent.record())

    await gather(services_of(client).clock, [create, sweep])


@pytest.mark.case("C-17")
@pytest.mark.parametrize("marker", ["env", "env+name"])
async def test_a_marked_instance_without_a_record_is_foreign_and_untouched(marker: Any) -> None:
    sim = Simulator()
    client = sim.async_client()
    created = await rent_one(client, marker=marker)
    assert (await AsyncOrphanSweeper(client, find_foreign=True).check()).foreign == ()
    another = sim.async_client()
    report = await AsyncOrphanSweeper(another, find_foreign=True, on_orphan="delete").check()
    assert (report.foreign, living(sim)) == ((created.id,), [created.id])


async def test_without_anything_open_nothing_is_asked() -> None:
    sim = Simulator()
    client = sim.async_client()
    await rent_one(client)
    await services_of(client).clock.sleep_async(1000)
    requests = sim.requests()
    report = await AsyncOrphanSweeper(client, on_orphan="delete", finish_rentals=True).check()
    assert (report.checked_intents, sim.requests()) == (0, requests)


@pytest.mark.parametrize("age", [119, 149])
async def test_what_is_younger_than_its_lease_is_left_alone(age: float) -> None:
    dead = await dead_process(age)
    assert (await dead.sweeper(on_orphan="delete").check()).checked_intents == 0
    assert len(living(dead.sim)) == 1


async def test_several_instances_of_one_create_are_only_reported() -> None:
    dead = await dead_process(makes=2)
    report = await dead.sweeper(on_orphan="delete").check()
    assert (report.duplicates, report.deleted, len(living(dead.sim))) == (1, 0, 2)
    assert sorted(report.orphans[0].ids) == sorted(living(dead.sim))
    intent = await only_intent(dead.client)
    assert (intent.state, sorted(intent.duplicates)) == ("duplicate", sorted(living(dead.sim)))


async def test_absence_is_believed_after_three_looks_over_a_day() -> None:
    dead = await dead_process(makes=0)
    sweeper = dead.sweeper(on_orphan="delete")
    for wait in (0, DAY / 2):
        await dead.later(wait)
        report = await sweeper.check()
        assert (report.still_unknown, report.not_created) == (1, 0)
    await dead.later(DAY / 2)
    assert (await sweeper.check()).not_created == 1
    assert (await only_intent(dead.client)).state == "not_created"
    assert (await sweeper.check()).checked_intents == 0
    product_id = dead.intent.about["productId"]
    created = await rent_one(dead.client, product_id=product_id, operation_id=OPERATION_ID)
    assert ([created.id], len(posts(dead.sim))) == (living(dead.sim), 2), "now it may be made"


async def test_three_looks_in_a_row_prove_no_absence() -> None:
    dead = await dead_process(makes=0)
    for _ in range(5):
        assert (await dead.sweeper().check()).still_unknown == 1


async def test_a_failed_listing_proves_nothing_and_says_so() -> None:
    dead = await dead_process(makes=0)
    dead.sim.faults.add(Fault("status", "list_instances", status=503, times=None))
    report = await dead.sweeper().check()
    assert (report.errors, report.still_unknown, report.error is not None) == (1, 0, True)
    assert (await only_intent(dead.client)).looks == 0


async def test_an_incomplete_listing_is_no_look() -> None:
    dead = await dead_process(makes=0, wrong_total=5)
    assert (await dead.sweeper().check()).still_unknown == 1
    assert (await only_intent(dead.client)).looks == 0


async def test_an_orphan_in_a_list_that_hides_environments_is_read() -> None:
    dead = await dead_process(hide_envs_in_list=True)
    assert (await dead.sweeper(on_orphan="adopt").check()).adopted == 1
    assert dead.sim.requests("get_instance") == 1


async def test_an_orphan_that_lost_its_mark_is_not_deleted() -> None:
    dead = await dead_process(hide_envs_in_get=True)
    report = await dead.sweeper(on_orphan="delete").check()
    assert (report.deleted, report.errors, len(living(dead.sim))) == (0, 1, 1)
    intent = await only_intent(dead.client)
    assert (intent.state, intent.owner) == ("open", ""), "let go of, for the next pass"


async def test_a_refused_deletion_is_an_error_and_tried_again_by_the_next_pass() -> None:
    dead = await dead_process()
    dead.sim.faults.add(Fault("status", "delete_instance", status=403, times=5))
    sweeper = dead.sweeper(on_orphan="delete")
    assert (await sweeper.check()).errors == 1
    assert (await sweeper.check()).deleted == 1


async def test_two_sweepers_over_one_store_do_each_thing_once() -> None:
    sim = Simulator()
    store = AsyncMemoryStore(clock=sim.clock)  # type: ignore[arg-type]  # the clock serves tasks and threads
    first, second = sim.async_client(store=store), sim.async_client(store=store)
    held = await second.store.lease_acquire("sweeper", "somebody", 60)
    assert held is not None
    report = await AsyncOrphanSweeper(first, find_foreign=True).check()
    assert (report.skipped_pass, sim.requests()) == ("lease_held", 0)


async def test_a_store_that_is_away_skips_the_pass() -> None:
    sim = Simulator()
    store: Any = AsyncFailingStore(sim.clock, "lease_acquire")
    sweeper = AsyncOrphanSweeper(sim.async_client(store=store))
    report = await sweeper.check()
    assert (report.skipped_pass, report.errors, sim.requests()) == ("store_unavailable", 1, 0)
    assert sweeper.stats().failed == 1


async def test_an_orphan_is_told_to_who_receives_events(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, shown_after=100)
    network = AsyncHooksNetwork(clock, api=rentals.remote)
    arguments: dict[str, Any] = {"api_key": KEY, "webhook_url": HOOK, "webhook_secret": SECRET}
    async with AsyncNovita(transport=network, clock=clock, **arguments) as client:
        with pytest.raises(OutcomeUnknownError):
            await rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
        clock.advance(200)
        for _ in range(2):
            await AsyncOrphanSweeper(client).check()
    assert network.kinds == ["instance.orphan.found"]
    assert network.received[0].json["operationId"] == OPERATION_ID


# ------------------------------------------------------------ endpoints


async def dead_deployment() -> Dead:
    sim = Simulator()
    client = sim.async_client()
    await client.serverless_endpoints.deploy(
        "web", image="nginx", product_id="SL-serverless-3", operation_id=OPERATION_ID
    )
    left = attrs.evolve(await intent_of(client, OPERATION_ID), state="open", resource_id=None)
    await client.store.put(left.key, left.record())
    dead = Dead(sim, client, left)
    await dead.later(300)
    return dead


async def test_an_endpoint_whose_process_died_is_deleted_and_seen_to_go() -> None:
    dead = await dead_deployment()
    report = await dead.sweeper(on_orphan="delete").check()
    assert (report.deleted, report.errors) == (1, 0)
    assert [orphan.operation for orphan in report.orphans] == ["create_endpoint"]
    assert (dead.sim.requests("delete_endpoint"), dead.sim.requests("list_instances")) == (1, 0)
    await dead.later(60)
    assert await dead.client.serverless_endpoints.list().collect() == []


async def test_an_adopted_endpoint_belongs_to_its_operation_id() -> None:
    dead = await dead_deployment()
    (there,) = await dead.client.serverless_endpoints.list().collect()
    assert (await dead.sweeper(on_orphan="adopt").check()).adopted == 1
    assert (await intent_of(dead.client, OPERATION_ID)).resource_id == there.id


async def test_a_create_of_a_newer_release_is_left_to_it() -> None:
    dead = await dead_process()
    later = attrs.evolve(dead.intent, operation="create_something")
    await dead.client.store.put(later.key, later.record())
    requests = dead.sim.requests()
    report = await dead.sweeper(on_orphan="delete").check()
    assert (report.checked_intents, dead.sim.requests()) == (0, requests)


# ------------------------------------------------------------ rentals


async def lapsed_rental(on_exit: Any, age: float) -> tuple[Simulator, AsyncNovita, str]:
    sim = Simulator()
    client = sim.async_client()
    created = await rent_one(client)
    now = sim.clock.time()
    record = RentalRecord(
        operation_id=OPERATION_ID, instance_id=created.id, on_exit=on_exit, started_at=now, renewed_at=now
    )
    await client.store.put(rental_key(OPERATION_ID), write_rental(record))
    await services_of(client).clock.sleep_async(age)
    return sim, client, created.id


@pytest.mark.parametrize(
    ("on_exit", "status"), [("delete", "removed"), ("stop", "exited"), ("keep", "running")]
)
async def test_a_lapsed_rental_is_ended_as_its_owner_should_have(on_exit: str, status: str) -> None:
    sim, client, instance_id = await lapsed_rental(on_exit, 400)
    report = await AsyncOrphanSweeper(client, finish_rentals=True).check()
    assert (report.rentals_lapsed, report.rentals_finished, report.errors) == (1, 1, 0)
    shown = sim.cloud.world.instances[instance_id].timeline.at(round(sim.server_time() * 1000))
    assert shown.status == status
    assert await client.store.get(rental_key(OPERATION_ID)) is None


@pytest.mark.parametrize(("age", "lapsed"), [(60, 0), (100, 1), (380, 1)])
async def test_a_rental_whose_owner_may_come_back_is_left_alone(age: float, lapsed: int) -> None:
    sim, client, _ = await lapsed_rental("delete", age)
    report = await AsyncOrphanSweeper(client, finish_rentals=True).check()
    assert (report.rentals_lapsed, report.rentals_finished, len(living(sim))) == (lapsed, 0, 1)


@pytest.mark.parametrize("terms", [{}, {"finish_rentals": True, "dry_run": True}])
async def test_rentals_are_only_reported_by_default_and_in_a_dry_run(terms: dict[str, Any]) -> None:
    sim, client, _ = await lapsed_rental("delete", 1000)
    report = await AsyncOrphanSweeper(client, **terms).check()
    assert (report.rentals_lapsed, report.rentals_finished, len(living(sim))) == (1, 0, 1)


@pytest.mark.parametrize("terms", [{"on_orphan": "keep"}, {"interval": 0}, {"notify": ""}])
async def test_wrong_arguments_are_refused_at_once(terms: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AsyncOrphanSweeper(Simulator().async_client(), **terms)
