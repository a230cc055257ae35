"""The inventory: what the service says is remembered, and nothing counts as gone before it was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._concurrency.aio import Event
from novita_sdk._core.lifecycle.repairs import RepairRecord
from novita_sdk._core.lifecycle.stop_records import StopRecord
from novita_sdk.errors import NovitaError, PagingError, StoreUnavailableError, ValidationError
from novita_sdk.lifecycle import AsyncInventorySync
from novita_sdk.stores import AsyncMemoryStore
from novita_sdk.testing import Fault, Simulator
from novita_sdk.testing.cloud.settings import Quirks
from tests.aio.failing_store import AsyncFailingStore
from tests.aio.lifecycle.spot_cloud import cloud, rented, requests

pytestmark = pytest.mark.anyio

DAY = 86_400.0


@pytest.fixture
def sim() -> Simulator:
    return cloud()


@pytest.fixture
def client(sim: Simulator) -> AsyncNovita:
    return sim.async_client()


async def dump(client: AsyncNovita, prefix: str = "") -> dict[str, Any]:
    page = await client._engine.services.store.scan(prefix, limit=1000)
    return {entry.key: (entry.value, entry.version) for entry in page.items}


async def known(client: AsyncNovita) -> dict[str, str]:
    """Status by id of what is remembered as being there."""
    found = (await dump(client, "inventory:")).values()
    return {value["id"]: value["shown"]["status"] for value, _ in found if value["removed_at"] is None}


def hidden(sim: Simulator, instance_id: str) -> None:
    """Take an instance out of the list, but not out of the world."""
    sim.faults.add(
        Fault(
            "status",
            "list_instances",
            status=200,
            body={
                "instances": [shown for shown in _listed(sim) if shown["id"] != instance_id],
                "total": len(_listed(sim)) - 1,
            },
            times=1,
        )
    )


def _listed(sim: Simulator) -> list[Any]:
    found: list[Any] = sim.cloud.answer(
        "list_instances", {"pageNum": 1, "pageSize": 100}, sim.server_time()
    ).body["instances"]
    return found


@pytest.mark.case("S-01")
async def test_new_changed_and_gone_instances_are_told_apart(client: AsyncNovita, sim: Simulator) -> None:
    sync = AsyncInventorySync(client)
    a, c = (await rented(client, name="A")).id, (await rented(client, name="C")).id
    await client.gpu_instances.stop(a)
    await client.gpu_instances.wait(a, until="exited")
    await sync.check()
    await client.gpu_instances.start(a)
    await client.gpu_instances.delete(c)
    b = (await rented(client, name="B")).id
    await sim.clock.sleep_async(120)
    report = await sync.check()
    assert (report.novita_instances, report.local_instances, report.synchronized) == (2, 2, 2)
    assert (report.added, report.changed, report.marked_removed, report.errors) == (1, 1, 1, ())
    assert await known(client) == {a: "running", b: "running"}


@pytest.mark.case("S-01")
async def test_what_the_list_lacks_and_a_get_finds_is_kept(client: AsyncNovita, sim: Simulator) -> None:
    sync = AsyncInventorySync(client)
    c = (await rented(client)).id
    await sync.check()
    hidden(sim, c)
    report = await sync.check()
    assert (report.novita_instances, report.kept_after_confirm, report.marked_removed) == (0, 1, 0)
    assert await known(client) == {c: "running"}


@pytest.mark.case("S-01")
async def test_what_nobody_can_tell_about_is_kept_and_the_pass_does_not_count(
    client: AsyncNovita, sim: Simulator
) -> None:
    sync = AsyncInventorySync(client)
    c = (await rented(client)).id
    await sync.check()
    last = (await sync.status()).last_sync
    await sim.clock.sleep_async(600)
    hidden(sim, c)
    sim.faults.add(Fault("status", "get_instance", status=500, times=4))
    report = await sync.check()
    assert (report.unconfirmed, len(report.errors)) == (1, 1)
    assert c in report.errors[0]
    assert await known(client) == {c: "running"}
    assert (await sync.status()).last_sync == last


@pytest.mark.case("S-02")
async def test_a_held_lease_is_one_error_and_no_request(client: AsyncNovita, sim: Simulator) -> None:
    services = client._engine.services
    assert await services.store.lease_acquire("sync", "somebody-else", 300) is not None
    report = await AsyncInventorySync(client).check()
    assert report.errors == ("another synchronization is running",)
    assert (report.novita_instances, report.synchronized, len(sim.journal)) == (0, 0, 0)


@pytest.mark.case("S-02")
async def test_a_page_that_fails_drops_nothing_and_frees_the_lease(
    client: AsyncNovita, sim: Simulator
) -> None:
    sim.timings = type(sim.timings)(to_create=0, creating=0, pulling=0)
    sync = AsyncInventorySync(client)
    for number in range(120):
        await client.gpu_instances.create(product_id="p-1", image_url="nginx", name=f"n-{number}")
    await sync.check()
    before = await known(client)
    sim.faults.add(Fault("status", "list_instances", status=400, after=1))
    report = await sync.check()
    assert len(report.errors) == 1
    assert (await known(client), report.deleted, report.marked_removed) == (before, 0, 0)
    assert not (await sync.status()).is_locked
    assert (await sync.check()).errors == ()


@pytest.mark.case("S-02")
async def test_pages_of_fifty_are_read(client: AsyncNovita, sim: Simulator) -> None:
    sim.timings = type(sim.timings)(to_create=0, creating=0, pulling=0)
    for number in range(120):
        await client.gpu_instances.create(product_id="p-1", image_url="nginx", name=f"n-{number}")
    since = len(sim.journal)
    report = await AsyncInventorySync(client).check()
    asked = [entry.query for entry in requests(sim, since) if entry.operation == "list_instances"]
    assert [(query["pageNum"], query["pageSize"]) for query in asked] == [
        ("1", "50"),
        ("2", "50"),
        ("3", "50"),
    ]
    assert report.novita_instances == 120
    assert len(await known(client)) == 120


@pytest.mark.case("S-03")
async def test_an_instance_without_a_product_name_is_kept(client: AsyncNovita, sim: Simulator) -> None:
    a = (await rented(client)).id
    sim.show(a, productName="")
    await AsyncInventorySync(client).check()
    assert await known(client) == {a: "running"}


@pytest.mark.case("S-03")
async def test_a_dry_run_leaves_the_store_as_it_is(client: AsyncNovita, sim: Simulator) -> None:
    sync = AsyncInventorySync(client)
    await rented(client)
    await sync.check()
    await rented(client)
    before = await dump(client)
    report = await sync.check(dry_run=True)
    assert (report.dry_run, report.added, report.synchronized) == (True, 1, 2)
    assert await dump(client) == before


@pytest.mark.case("S-03")
async def test_entries_that_move_between_pages_are_neither_doubled_nor_dropped(sim: Simulator) -> None:
    sim.timings = type(sim.timings)(to_create=0, creating=0, pulling=0)
    client = sim.async_client()
    made = {
        (await client.gpu_instances.create(product_id="p-1", image_url="nginx", name=f"n-{number}")).id
        for number in range(120)
    }
    sync = AsyncInventorySync(client)
    await sync.check()
    sim.quirks = Quirks(page_overlap=7)
    report = await sync.check()
    assert report.novita_instances <= 120
    assert set(await known(client)) == made
    assert report.marked_removed == 0


async def test_one_that_never_ran_is_forgotten(client: AsyncNovita, sim: Simulator) -> None:
    sync = AsyncInventorySync(client)
    created = await client.gpu_instances.create(product_id="p-1", image_url="nginx", cluster_id="us-ca-06")
    await sync.check()
    assert await known(client) == {created.id: "toCreate"}
    await client.gpu_instances.delete(created.id)
    await sim.clock.sleep_async(120)
    assert (await sync.check()).deleted == 1
    assert await dump(client, "inventory:") == {}


@pytest.mark.parametrize("options", [{"remove_gone": True}, {"retention": 3600}])
async def test_what_is_gone_is_forgotten_at_once_or_in_time(
    client: AsyncNovita, sim: Simulator, options: dict[str, Any]
) -> None:
    sync = AsyncInventorySync(client, **options)
    created = await rented(client)
    await sync.check()
    await client.gpu_instances.delete(created.id)
    await sim.clock.sleep_async(120)
    first = await sync.check()
    await sim.clock.sleep_async(3700)
    second = await sync.check()
    assert (first.deleted, first.marked_removed, second.deleted) == (
        (1, 0, 0) if options == {"remove_gone": True} else (0, 1, 1)
    )
    assert await dump(client, "inventory:") == {}


async def test_what_was_found_gone_is_not_asked_for_again(client: AsyncNovita, sim: Simulator) -> None:
    sync = AsyncInventorySync(client)
    created = await rented(client)
    await sync.check()
    await client.gpu_instances.delete(created.id)
    await sim.clock.sleep_async(120)
    await sync.check()
    since = len(sim.journal)
    await sync.check()
    assert [entry.operation for entry in requests(sim, since)].count("get_instance") == 0


async def test_at_most_fifty_are_asked_for_in_a_pass(client: AsyncNovita, sim: Simulator) -> None:
    sim.timings = type(sim.timings)(to_create=0, creating=0, pulling=0)
    for number in range(60):
        await client.gpu_instances.create(product_id="p-1", image_url="nginx", name=f"n-{number}")
    await sim.clock.sleep_async(5)
    sync = AsyncInventorySync(client)
    await sync.check()
    sim.faults.add(Fault("status", "list_instances", status=200, body={"instances": [], "total": 0}, times=1))
    since = len(sim.journal)
    report = await sync.check()
    assert [entry.operation for entry in requests(sim, since)].count("get_instance") == 50
    assert (report.kept_after_confirm, report.unconfirmed) == (50, 10)


async def test_a_pass_whose_time_is_over_asks_for_nothing_more(client: AsyncNovita, sim: Simulator) -> None:
    sync = AsyncInventorySync(client, pass_timeout=30)
    gone = [(await rented(client, name=f"i-{number}")).id for number in range(12)]
    await sync.check()
    for instance_id in gone:
        await client.gpu_instances.delete(instance_id)
    await sim.clock.sleep_async(DAY)
    before = (await sync.status()).last_sync
    sim.faults.add(Fault("latency", "get_instance", seconds=20, times=None))
    since = len(sim.journal)
    report = await sync.check()
    asked = [entry for entry in requests(sim, since) if entry.operation == "get_instance"]
    assert (len(asked), report.marked_removed, report.unconfirmed) == (8, 8, 4)
    assert report.errors
    assert (await sync.status()).last_sync == before


async def test_the_settings_are_used(sim: Simulator) -> None:
    client = sim.async_client(sync_interval=600, sync_remove_obsolete=True, sync_retention=2 * DAY)
    sync = AsyncInventorySync(client)
    assert (sync._rules.forget_gone, sync._rules.retention) == (True, 2 * DAY)
    assert sync._loop.interval == 600


async def test_a_store_that_is_away_is_told(sim: Simulator) -> None:
    store = AsyncFailingStore(AsyncMemoryStore(clock=sim.clock))
    client = sim.async_client(store=store)
    store.failure = StoreUnavailableError("away")
    report = await AsyncInventorySync(client).check()
    assert (report.errors, len(sim.journal)) == (("away",), 0)


async def test_what_is_left_behind_goes_to_the_sweeper_or_is_counted(
    client: AsyncNovita, sim: Simulator
) -> None:
    sim.faults.add(Fault("read_timeout", "create_instance"))
    with pytest.raises(NovitaError):
        await client.gpu_instances.create(product_id="p-1", image_url="nginx")
    assert (await AsyncInventorySync(client).check()).open_creates == 1
    swept: list[int] = []

    class Sweeper:
        async def check(self) -> object:
            swept.append(1)
            return None

    sync = AsyncInventorySync(client, sweeper=Sweeper())
    await sync.check()
    await sync.check(dry_run=True)
    assert swept == [1]


async def test_a_sweeper_that_fails_is_told(client: AsyncNovita) -> None:
    class Sweeper:
        async def check(self) -> object:
            raise PagingError("broken")

    sync = AsyncInventorySync(client, sweeper=Sweeper())
    assert (await sync.check()).errors == ("broken",)
    assert (await sync.status()).last_sync is None


async def test_the_status_comes_from_the_store(client: AsyncNovita, sim: Simulator) -> None:
    sync = AsyncInventorySync(client)
    before = await sync.status()
    await rented(client)
    await sync.check()
    after = await sync.status()
    assert (before.last_sync, before.cache_size, before.is_locked) == (None, 0, False)
    assert after.last_sync is not None
    assert after.last_sync.timestamp() == pytest.approx(sim.clock.time())
    assert (after.cache_size, after.is_locked) == (1, False)
    assert (sync.stats().passes, sync.health().healthy) == (1, True)


# ---------------------------------------------------------------------------------------- snapshot


@pytest.mark.case("S-04")
async def test_a_snapshot_joins_what_is_here_and_there_and_writes_nothing(
    client: AsyncNovita, sim: Simulator
) -> None:
    sync = AsyncInventorySync(client)
    services = client._engine.services
    a, c = (await rented(client, name="A")).id, (await rented(client, name="C")).id
    await sync.check()
    await client.gpu_instances.delete(c)
    await sim.clock.sleep_async(120)
    b = (await rented(client, name="B")).id
    await services.store.put(f"use:{a}", {"v": 1, "last_used": 1_790_000_000.0})
    await services.store.put(f"target:{a}", {"v": 1, "notify": "team"})
    rental = {"v": 1, "instance_id": b, "on_exit": "delete", "started_at": 1.0, "renewed_at": 1.0}
    await services.store.put("rental:op-1", {**rental, "max_lifetime": None, "max_cost": None})
    before = await dump(client)
    items = {item.id: item for item in await sync.snapshot()}
    assert {key: item.source for key, item in items.items()} == {a: "both", b: "remote", c: "local"}
    assert items[a].last_used is not None
    assert (items[a].target, items[a].instance and items[a].instance.name) == ("team", "A")
    assert (items[b].operation, items[c].instance) == ("rental:op-1", None)
    assert await dump(client) == before


@pytest.mark.case("S-04")
async def test_an_open_create_is_shown_at_what_it_made(client: AsyncNovita, sim: Simulator) -> None:
    sim.faults.add(Fault("lost_reply", "create_instance"))
    sim.faults.add(Fault("status", "list_instances", status=500, times=40))
    with pytest.raises(NovitaError) as caught:
        await client.gpu_instances.create(product_id="p-1", image_url="nginx", cluster_id="us-ca-06")
    sim.faults.clear()
    await sim.clock.sleep_async(120)
    (item,) = await AsyncInventorySync(client).snapshot()
    assert item.operation == f"intent:{caught.value.operation_id}"


@pytest.mark.case("S-04")
async def test_stops_and_repairs_are_shown_at_their_instances(client: AsyncNovita, sim: Simulator) -> None:
    a, b, c = [(await rented(client, name=name)).id for name in "ABC"]
    store = client._engine.services.store
    stop = StopRecord(instance_id=a, run=1, state="accepted", at=1.0, idle=1.0, threshold=1.0)
    await store.put(stop.key, stop.to_json())
    repair = RepairRecord(job="j-1", original=b, phase="created", attempt=1, copy=c)
    await store.put("repair:j-1", repair.written())
    await store.put("repair:j-2", RepairRecord(job="j-2", original=a, phase="done").written())
    items = {item.id: item.operation for item in await AsyncInventorySync(client).snapshot()}
    assert items == {a: stop.key, b: "repair:j-1", c: "repair:j-1"}


async def test_a_target_is_named_and_its_url_is_not_shown(client: AsyncNovita, sim: Simulator) -> None:
    created = [await rented(client, name=name) for name in "ABC"]
    store = client._engine.services.store
    for one, notify in zip(created, ("team", "https://hooks.example/w?token=t", False), strict=True):
        await store.put(f"target:{one.id}", {"v": 1, "notify": notify})
    items = {item.id: item.target for item in await AsyncInventorySync(client).snapshot()}
    assert [items[one.id] for one in created] == ["team", "hooks.example", None]


async def test_the_loop_begins_at_once_and_ends_when_told(client: AsyncNovita, sim: Simulator) -> None:
    stop = Event()
    sync = AsyncInventorySync(client)
    real_list = client.gpu_instances.list

    def stopping(**options: Any) -> Any:
        stop.set()
        return real_list(**options)

    client.gpu_instances.list = stopping  # type: ignore[method-assign]
    began = sim.clock.monotonic()
    stats = await sync.run(stop)
    assert (stats.passes, stats.failed, sim.clock.monotonic() - began) == (1, 0, 0)


async def test_a_snapshot_of_an_incomplete_list_is_refused(client: AsyncNovita, sim: Simulator) -> None:
    await rented(client)
    sim.quirks = Quirks(wrong_total=5)
    with pytest.raises(PagingError):
        await AsyncInventorySync(client).snapshot()


@pytest.mark.parametrize(
    ("arguments", "field"), [({"retention": -1}, "retention"), ({"interval": 0}, "interval")]
)
async def test_wrong_arguments_are_named(client: AsyncNovita, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AsyncInventorySync(client, **arguments)
    assert [found.field for found in caught.value.problems] == [field]
