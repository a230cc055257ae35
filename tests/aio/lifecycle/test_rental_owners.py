"""Who may end a rental, and what the store must not forget of it."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita, services_of
from novita_sdk._async.lifecycle.orphan_sweeper import AsyncOrphanSweeper
from novita_sdk._async.lifecycle.rental_keeping import AsyncRentalKeeping
from novita_sdk._async.stores.memory import AsyncMemoryStore
from novita_sdk._concurrency.aio import gather
from novita_sdk._core.lifecycle.rental_records import RentalRecord, read_rental, rental_key, write_rental
from novita_sdk.errors import (
    BadRequestError,
    CapacityError,
    LifecycleError,
    OperationConflictError,
    RentalExpiredError,
    StateStoreError,
)
from novita_sdk.options import CallOptions
from novita_sdk.testing import Fault, Simulator
from tests.aio.lifecycle.creates import OPERATION_ID, AsyncFailingStore, living, rent_one

pytestmark = pytest.mark.anyio

PRODUCT = "4090.16c96g.v2"
WANTED: dict[str, Any] = {"product_id": PRODUCT, "image_url": "nginx"}


def renting(simulator: Simulator, **settings: Any) -> AsyncNovita:
    return simulator.async_client(rate_limits={"public": None}, **settings)


async def lapsed(client: AsyncNovita, operation_id: str = OPERATION_ID) -> RentalRecord:
    """An instance, and the record of its rental, whose owner died long ago."""
    created = await rent_one(client, product_id=PRODUCT)
    now = services_of(client).clock.time()
    record = RentalRecord(
        operation_id=operation_id, instance_id=created.id, on_exit="delete", started_at=now, renewed_at=now
    )
    await client.store.put(rental_key(operation_id), write_rental(record))
    await services_of(client).clock.sleep_async(1000)
    return record


@pytest.mark.parametrize("meanwhile", ["kept", "renewed", "over"])
async def test_a_sweeper_believes_the_record_that_it_finds_as_its_owner(
    monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    sim = Simulator()
    client = renting(sim)
    record = await lapsed(client)
    key, acquire = rental_key(OPERATION_ID), client.store.lease_acquire

    async def slow(name: str, *arguments: Any) -> Any:
        if name == key:  # the owner woke up, did this and went
            if meanwhile == "over":
                await client.store.delete(key)
            else:
                changed = {"on_exit": "keep"} if meanwhile == "kept" else {"renewed_at": sim.clock.time()}
                await client.store.put(key, {**write_rental(record), **changed})
        return await acquire(name, *arguments)

    monkeypatch.setattr(client.store, "lease_acquire", slow)
    report = await AsyncOrphanSweeper(client, finish_rentals=True).check()
    assert (report.errors, len(living(sim)), sim.requests("delete_instance")) == (0, 1, 0)
    assert report.rentals_finished == (meanwhile == "kept")


async def test_a_rental_whose_owner_lives_after_all_is_no_error() -> None:
    sim = Simulator()
    client = renting(sim)
    await lapsed(client)
    assert await client.store.lease_acquire(rental_key(OPERATION_ID), "its-owner", 90) is not None
    report = await AsyncOrphanSweeper(client, finish_rentals=True).check()
    assert (report.rentals_lapsed, report.rentals_finished, report.errors) == (1, 0, 0)
    assert len(living(sim)) == 1


@pytest.mark.parametrize("key", [rental_key("broken-record"), "intent:broken-record"])
async def test_a_record_that_cannot_be_read_keeps_nothing_else_from_being_finished(key: str) -> None:
    sim = Simulator()
    client = renting(sim)
    await lapsed(client)
    await client.store.put(key, {"v": 1, "nonsense": True})
    report = await AsyncOrphanSweeper(client, finish_rentals=True).check()
    assert (report.rentals_finished, report.errors, living(sim)) == (1, 1, [])
    assert await client.store.get(key) is not None


async def test_what_was_done_is_told_although_the_store_fails_then(monkeypatch: pytest.MonkeyPatch) -> None:
    sim = Simulator()
    client = renting(sim)
    await lapsed(client, "rental-01")
    await lapsed(client, "rental-02")
    sweeper = AsyncOrphanSweeper(client, finish_rentals=True)

    async def away(*_: Any) -> Any:
        raise StateStoreError("away")

    monkeypatch.setattr(client.store, "lease_renew", away)
    release = client.store.delete

    async def slow(*arguments: Any, **options: Any) -> Any:
        await services_of(client).clock.sleep_async(42)  # so that the sweeper's lease is to be renewed
        return await release(*arguments, **options)

    monkeypatch.setattr(client.store, "delete", slow)
    report = await sweeper.check()
    assert (report.rentals_finished, report.errors, report.ended_early) == (1, 1, True)
    assert isinstance(report.error, StateStoreError)


async def test_one_rental_of_a_client_cannot_be_in_two_blocks() -> None:
    sim = Simulator()
    async with renting(sim) as client, client.gpu_instances.rent(operation_id=OPERATION_ID, **WANTED):
        with pytest.raises(OperationConflictError):
            await client.gpu_instances.rent(operation_id=OPERATION_ID, **WANTED).__aenter__()
        assert len(living(sim)) == 1
    sim.assert_no_leaks()


async def test_a_renewal_takes_back_nothing_that_was_agreed_on_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sim = Simulator()
    client = renting(sim)
    keeping = AsyncRentalKeeping(services_of(client), OPERATION_ID)
    await keeping.claim()
    now = sim.clock.time()
    record = RentalRecord(
        operation_id=OPERATION_ID, instance_id="i-1", on_exit="delete", started_at=now, renewed_at=now
    )
    await keeping.open(record)
    put, meanwhile = client.store.put, [keeping]

    async def slow(*arguments: Any, **options: Any) -> Any:
        while meanwhile:  # while the renewal is on its way, the body decides
            await meanwhile.pop().change(on_exit="keep")
        return await put(*arguments, **options)

    monkeypatch.setattr(client.store, "put", slow)
    assert await keeping.renew()
    entry = await client.store.get(rental_key(OPERATION_ID))
    assert entry is not None
    assert read_rental(entry.key, entry.value).on_exit == "keep"
    assert keeping.record.on_exit == "keep"


async def test_a_failing_store_does_not_hide_why_nothing_was_rented(monkeypatch: pytest.MonkeyPatch) -> None:
    sim = Simulator()
    sold_out = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "none left"}
    sim.faults.add(Fault("status", "create_instance", status=400, body=sold_out))

    async def away(*_: Any) -> Any:
        raise StateStoreError("away")

    async with renting(sim) as client:
        monkeypatch.setattr(client.store, "lease_release", away)
        with pytest.raises(CapacityError):
            await client.gpu_instances.rent(**WANTED).__aenter__()


@pytest.mark.parametrize("over", [False, True])
async def test_a_rental_outside_of_its_block_can_be_neither_kept_nor_prolonged(over: bool) -> None:
    sim = Simulator()
    async with renting(sim) as client:
        rental = client.gpu_instances.rent(max_lifetime=3600, **WANTED)
        if over:
            async with rental:
                pass
        with pytest.raises(LifecycleError):
            await rental.keep()
        with pytest.raises(LifecycleError):
            await rental.extend(60)
        page = await client.store.scan("rental:")
        assert list(page.items) == []


async def test_a_rental_that_has_reached_its_limit_can_be_kept_no_more() -> None:
    sim = Simulator()
    async with renting(sim) as client:
        rental = client.gpu_instances.rent(max_lifetime=600, **WANTED)

        async def keep_too_late() -> None:
            async with rental:
                try:
                    await services_of(client).clock.sleep_async(700)
                finally:  # a thread sleeps on, a task is cancelled
                    await rental.keep()

        with pytest.raises(RentalExpiredError, match="max_lifetime"):
            await keep_too_late()
    sim.assert_no_leaks()


async def test_a_rental_whose_create_takes_its_time_is_nobody_elses() -> None:
    sim = Simulator()
    store = AsyncMemoryStore(clock=sim.clock)  # type: ignore[arg-type]  # the clock serves tasks and threads
    sim.faults.add(Fault("latency", "create_instance", seconds=100))

    async def slow() -> str:
        async with renting(sim, store=store) as client:
            settings = CallOptions(timeout=100, total_timeout=300)
            async with client.gpu_instances.rent(
                operation_id=OPERATION_ID, options=settings, **WANTED
            ) as rental:
                await services_of(client).clock.sleep_async(60)
                assert (await rental.refresh()).status == "running"
            return rental.id

    async def late() -> None:
        async with renting(sim, store=store) as client:
            await services_of(client).clock.sleep_async(95)
            with pytest.raises(OperationConflictError):
                await client.gpu_instances.rent(operation_id=OPERATION_ID, **WANTED).__aenter__()

    await gather(sim.clock, [slow, late])  # type: ignore[arg-type, list-item]  # the clock serves both
    sim.assert_no_leaks()


async def test_a_rental_that_could_not_begin_for_its_store_can_begin_at_once_when_that_is_back() -> None:
    sim = Simulator()
    store: Any = AsyncFailingStore(sim.clock, "get")
    async with renting(sim, store=store) as client:
        with pytest.raises(StateStoreError):
            await client.gpu_instances.rent(operation_id=OPERATION_ID, **WANTED).__aenter__()
        store.failing.clear()
        async with client.gpu_instances.rent(operation_id=OPERATION_ID, **WANTED):
            assert len(living(sim)) == 1
    sim.assert_no_leaks()


def pending(simulator: Simulator) -> RentalRecord:
    """What is written down of a rental before its create is answered."""
    now = simulator.clock.time()
    return RentalRecord(
        operation_id=OPERATION_ID, instance_id="", on_exit="delete", started_at=now, renewed_at=now
    )


async def test_a_rental_is_written_down_before_anything_is_rented(monkeypatch: pytest.MonkeyPatch) -> None:
    sim = Simulator()
    async with renting(sim) as client:
        put, seen = client.store.put, list[tuple[int, str]]()

        async def watched(key: str, value: Any, **arguments: Any) -> Any:
            if key == rental_key(OPERATION_ID):
                seen.append((sim.requests("create_instance"), read_rental(key, value).instance_id))
            return await put(key, value, **arguments)

        monkeypatch.setattr(client.store, "put", watched)
        async with client.gpu_instances.rent(operation_id=OPERATION_ID, **WANTED) as rental:
            assert seen[:2] == [(0, ""), (1, rental.id)]


async def test_a_sweeper_ends_a_rental_whose_owner_died_before_it_could_write_down_what_it_rented() -> None:
    sim = Simulator()
    client = renting(sim)
    await client.store.put(rental_key(OPERATION_ID), write_rental(pending(sim)))
    await rent_one(client, product_id=PRODUCT, operation_id=OPERATION_ID)
    await services_of(client).clock.sleep_async(1000)
    report = await AsyncOrphanSweeper(client, finish_rentals=True).check()
    assert (report.rentals_finished, report.errors, living(sim)) == (1, 0, [])
    assert await client.store.get(rental_key(OPERATION_ID)) is None


async def test_a_rental_whose_owner_died_before_it_rented_anything_is_forgotten() -> None:
    sim = Simulator()
    client = renting(sim)
    await client.store.put(rental_key(OPERATION_ID), write_rental(pending(sim)))
    await rent_one(client, product_id=PRODUCT)
    await services_of(client).clock.sleep_async(1000)
    report = await AsyncOrphanSweeper(client, finish_rentals=True).check()
    assert (report.rentals_lapsed, report.rentals_finished, report.errors) == (1, 0, 0)
    assert len(living(sim)) == 1
    assert await client.store.get(rental_key(OPERATION_ID)) is None


async def test_a_rental_of_which_nothing_came_leaves_no_record() -> None:
    sim = Simulator()
    async with renting(sim) as client:
        sim.faults.add(Fault("status", "create_instance", status=400))
        with pytest.raises(BadRequestError):
            await client.gpu_instances.rent(operation_id=OPERATION_ID, **WANTED).__aenter__()
        assert await client.store.get(rental_key(OPERATION_ID)) is None
