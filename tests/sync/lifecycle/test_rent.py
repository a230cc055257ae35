# Generated from tests/aio/lifecycle/test_rent.py by tools/unasync.py; edit the source.
"""Rented instances: they end with their block, whatever happens in it."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from novita_sdk._concurrency.threads import COLOUR, Running
from novita_sdk._core.lifecycle.rental_records import RentalRecord, read_rental, rental_key, write_rental
from novita_sdk._sync.client import Novita, services_of
from novita_sdk._sync.stores.memory import MemoryStore
from novita_sdk.errors import (
    CleanupError,
    LifecycleError,
    OperationConflictError,
    RentalExpiredError,
    ServerError,
    StateStoreError,
    ValidationError,
    WaitTimeoutError,
)
from novita_sdk.models.money import Money
from novita_sdk.testing import Fault, Simulator, VirtualClock

PRODUCT = "4090.16c96g.v2"  # 0.35 USD per hour


@pytest.fixture
def simulated() -> Simulator:
    return Simulator(seed=1)


class Told:
    """Stands in for where the events of operations go."""

    def __init__(self, simulator: Simulator, told: list[tuple[str, float]]) -> None:
        self._simulator = simulator
        self._told = told

    def operation(self, *_: Any) -> Told:
        return self

    def send(self, kind: str, *_: Any, **__: Any) -> None:
        self._told.append((kind, self._simulator.clock.monotonic()))


def usd(amount: str) -> Money:
    return Money.from_usd(amount)


def renting(simulator: Simulator, **settings: Any) -> Novita:
    return simulator.client(rate_limits={"public": None}, **settings)


def wanted(**changes: Any) -> dict[str, Any]:
    return {"product_id": PRODUCT, "image_url": "nginx", **changes}


def clock_of(simulator: Simulator) -> VirtualClock:
    assert isinstance(simulator.clock, VirtualClock)
    return simulator.clock


def pause(simulator: Simulator, seconds: float) -> None:
    clock_of(simulator).sleep(seconds)


def states(simulator: Simulator) -> list[str]:
    """The statuses of all instances that ever were."""
    now = round(simulator.server_time() * 1000)
    return [found.timeline.at(now).status for found in simulator.cloud.world.instances.values()]


def rentals(client: Novita) -> list[str]:
    """The keys of the rentals that the store still knows of."""
    page = client.store.scan("rental:")
    return [entry.key for entry in page.items]


def failing_block(
    client: Novita, simulator: Simulator, error: type[BaseException] = ZeroDivisionError
) -> None:
    with client.gpu_instances.rent(**wanted()):
        pause(simulator, 10)
        raise error


def expired(client: Novita, simulator: Simulator, **arguments: Any) -> RentalExpiredError:
    """Rent for 9000 s, which a limit ends before."""
    with pytest.raises(RentalExpiredError) as caught:
        block_of(9000, client, simulator, **arguments)
    return caught.value


def block_of(seconds: float, client: Novita, simulator: Simulator, **arguments: Any) -> None:
    with client.gpu_instances.rent(**arguments):
        pause(simulator, seconds)


def block_that_is_told_to_end(client: Novita, simulator: Simulator) -> None:
    with client.gpu_instances.rent(handle_sigterm=True, **wanted()):
        pause(simulator, 1)  # the asynchronous client listens in a task
        signal.raise_signal(signal.SIGTERM)
        pause(simulator, 9000)


def lives(simulator: Simulator) -> list[float]:
    """How long after its create each instance was deleted, in seconds."""
    born = [entry.at for entry in simulator.journal if entry.operation == "create_instance"]
    died = [entry.at for entry in simulator.journal if entry.operation == "delete_instance"]
    return [end - begin for begin, end in zip(born, died, strict=True)]


@pytest.mark.case("R-01")
def test_a_block_that_ends_ends_the_rental() -> None:
    simulator = Simulator(seed=1)
    with renting(simulator) as client:
        with client.gpu_instances.rent(**wanted()) as rental:
            assert rental.instance.status == "running"
            assert rental.id == rental.instance.id
            assert len(rentals(client)) == 1
        assert rentals(client) == []
    simulator.assert_no_leaks()


@pytest.mark.case("R-01")
def test_an_exception_in_the_block_ends_the_rental_and_goes_on() -> None:
    simulator = Simulator(seed=1)
    with renting(simulator) as client:
        with pytest.raises(ZeroDivisionError) as caught:
            failing_block(client, simulator)
        sent = [entry.at for entry in simulator.journal if entry.operation == "delete_instance"]
        assert simulator.clock.monotonic() - sent[0] < 60
        assert "has ended: it was deleted" in caught.value.__notes__[0]
    simulator.assert_no_leaks()


@pytest.mark.case("R-01")
def test_an_interrupt_in_the_block_ends_the_rental_and_goes_on() -> None:
    simulator = Simulator(seed=1)
    with renting(simulator) as client:
        with pytest.raises(KeyboardInterrupt):
            with client.gpu_instances.rent(**wanted()):
                raise KeyboardInterrupt
    simulator.assert_no_leaks()


def test_a_rental_that_does_not_come_up_is_ended() -> None:
    simulator = Simulator(seed=1)
    simulator.fail_next("boot")
    with renting(simulator) as client:
        with pytest.raises(WaitTimeoutError):
            with client.gpu_instances.rent(timeout=60, **wanted()):
                pytest.fail("the block began")
        assert rentals(client) == []
    simulator.assert_no_leaks()


@pytest.mark.parametrize(("on_exit", "status"), [("stop", "exited"), ("keep", "running")])
def test_what_is_not_to_be_deleted_is_not_deleted(on_exit: Any, status: str) -> None:
    simulator = Simulator(seed=1)
    with renting(simulator) as client, client.gpu_instances.rent(on_exit=on_exit, **wanted()):
        pass
    assert states(simulator) == [status]
    assert simulator.requests("delete_instance") == 0


def test_a_rental_can_be_kept_after_all() -> None:
    simulator = Simulator(seed=1)
    with renting(simulator) as client:
        with client.gpu_instances.rent(**wanted()) as rental:
            rental.keep()
        assert rentals(client) == []
    assert states(simulator) == ["running"]


def test_an_instance_that_is_gone_already_is_well_ended() -> None:
    simulator = Simulator(seed=1)
    with renting(simulator) as client:
        with client.gpu_instances.rent(**wanted()) as rental:
            client.gpu_instances.delete(rental.id)
            client.gpu_instances.wait(rental.id, until="gone")
        assert rentals(client) == []


@pytest.mark.case("R-02")
def test_an_end_that_fails_is_tried_five_times_and_told() -> None:
    simulator = Simulator(seed=1)
    with renting(simulator, breakers={"public": None}) as client:
        with pytest.raises(CleanupError) as caught:
            with client.gpu_instances.rent(**wanted()) as rental:
                simulator.faults.add(Fault("status", operation="delete_instance", status=500, times=None))
        assert (caught.value.resource_id, caught.value.action) == (rental.id, "delete")
        assert simulator.requests("delete_instance") == 5
        assert len(caught.value.attempts) == 5
        sent = [entry.at for entry in simulator.journal if entry.operation == "delete_instance"]
        assert [round(later - earlier) for earlier, later in pairwise(sent)] == [
            1,
            2,
            4,
            8,
        ]
        assert rentals(client) == [f"rental:{rental.operation_id}"]


@pytest.mark.case("R-02")
def test_an_end_that_fails_is_noted_on_what_the_block_raised() -> None:
    simulator = Simulator(seed=1)
    with renting(simulator) as client:
        simulator.faults.add(Fault("status", operation="delete_instance", status=500, times=None))
        with pytest.raises(ZeroDivisionError) as caught:
            failing_block(client, simulator)
    [rented] = simulator.cloud.world.instances
    assert rented in "".join(caught.value.__notes__)


@pytest.mark.case("R-03")
def test_a_rental_ends_with_its_lifetime() -> None:
    simulator = Simulator(seed=1)
    began = simulator.clock.monotonic()
    with renting(simulator) as client:
        error = expired(client, simulator, max_lifetime=3600, **wanted())
    assert (error.limit, error.value) == ("max_lifetime", 3600)
    assert error.resource_id in simulator.cloud.world.instances
    assert lives(simulator) == [pytest.approx(3600, abs=1)]
    if COLOUR == "async":  # a thread cannot be cancelled
        assert simulator.clock.monotonic() - began < 3700
    simulator.assert_no_leaks()


@pytest.mark.case("R-03")
def test_a_rental_ends_before_it_costs_too_much() -> None:
    simulator = Simulator(seed=1)
    limit = Money.from_usd("0.35")
    with renting(simulator) as client:
        error = expired(client, simulator, product="RTX 4090 24GB", image_url="nginx", max_cost=limit)
    assert (error.limit, error.value) == ("max_cost", limit)
    assert 3540 <= lives(simulator)[0] <= 3570
    assert isinstance(error.cost, Money)
    assert usd("0.34") < error.cost < limit
    assert Money.from_usd(simulator.spent_usd()) < limit


@pytest.mark.case("R-03")
def test_an_end_that_comes_near_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = Simulator(seed=1)
    told: list[tuple[str, float]] = []
    began = simulator.clock.monotonic()

    with renting(simulator) as client:
        monkeypatch.setattr(services_of(client).events, "operation", Told(simulator, told).operation)
        expired(client, simulator, max_lifetime=3600, **wanted())
    kinds = [kind for kind, _ in told if kind.startswith("rent_")]
    assert kinds == ["rent_expiring", "rent_ended"]
    assert dict(told)["rent_expiring"] - began == pytest.approx(2880, abs=2)


def test_a_rental_can_be_prolonged() -> None:
    simulator = Simulator(seed=1)
    with (
        renting(simulator) as client,
        client.gpu_instances.rent(max_lifetime=600, **wanted()) as rental,
    ):
        before = rental.expires_at
        rental.extend(1200)
        assert before is not None
        assert rental.expires_at == before + timedelta(seconds=1200)
        pause(simulator, 1000)
        assert not rental.expired
    simulator.assert_no_leaks()


@pytest.mark.parametrize("seconds", [0, -5, "long", None])
def test_a_rental_is_prolonged_by_a_duration(seconds: Any) -> None:
    simulator = Simulator(seed=1)
    with (
        renting(simulator) as client,
        client.gpu_instances.rent(max_lifetime=600, **wanted()) as rental,
    ):
        with pytest.raises(ValidationError, match="seconds"):
            rental.extend(seconds)


def test_what_has_no_limit_cannot_be_prolonged() -> None:
    simulator = Simulator(seed=1)
    with renting(simulator) as client, client.gpu_instances.rent(**wanted()) as rental:
        assert rental.expires_at is None
        with pytest.raises(ValidationError, match="max_lifetime"):
            rental.extend(60)


@pytest.mark.case("R-04")
@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"billing_mode": "monthly", "month": 1}, "billing_mode"),
        ({"max_cost": Money.from_usd(1)}, "max_cost"),
        ({"max_cost": 1.5}, "max_cost"),
        ({"on_exit": "sell"}, "on_exit"),
        ({"max_lifetime": 0}, "max_lifetime"),
        ({"cleanup_timeout": None}, "cleanup_timeout"),
        ({"operation_id": "x"}, "operation_id"),
        ({"notify": 5}, "notify"),
    ],
)
def test_a_promise_that_cannot_be_kept_is_refused(changes: dict[str, Any], named: str) -> None:
    simulator = Simulator(seed=1)
    with renting(simulator) as client:
        with pytest.raises(ValidationError, match=named):
            client.gpu_instances.rent(**wanted(**changes))
    assert simulator.requests() == 0


def test_a_rental_tells_what_it_has_cost() -> None:
    simulator = Simulator(seed=1)
    with renting(simulator) as client, client.gpu_instances.rent(gpu_num=2, **wanted()) as rental:
        before = rental.cost_so_far
        pause(simulator, 3600)
        assert before is not None
        assert rental.cost_so_far is not None
        assert rental.cost_so_far - before == Money.from_usd("0.7")


def test_a_failed_create_leaves_no_rental() -> None:
    simulator = Simulator(seed=1)
    with renting(simulator) as client:
        simulator.faults.add(Fault("status", operation="create_instance", status=501, times=None))
        with pytest.raises(ServerError):
            with client.gpu_instances.rent(**wanted()):
                pytest.fail("the block began")
        assert rentals(client) == []
    simulator.assert_no_leaks()


@pytest.mark.case("R-06")
def test_one_worker_serves_all_rentals_and_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = Simulator(seed=1)
    client = renting(simulator)
    services = services_of(client)
    started: list[Running] = []
    sent: list[int] = []
    start = services.background.start

    def counted(*arguments: Any) -> Running:
        started.append(start(*arguments))
        return started[-1]

    def send() -> None:
        sent.append(len(started))

    monkeypatch.setattr(services.background, "start", counted)
    with client:
        assert started == []
        with (
            client.gpu_instances.rent(max_lifetime=3600, **wanted()),
            client.gpu_instances.rent(**wanted()),
            client.gpu_instances.rent(**wanted()),
        ):
            for _ in range(20):
                services.worker.schedule(simulator.clock.monotonic(), send)
            pause(simulator, 600)
            assert len(started) == 1
            assert not started[0].ended.is_set()
    assert sent == [1] * 20
    assert started[0].ended.is_set()
    assert client.store is not None


def test_the_store_sees_that_the_owner_lives(simulated: Simulator) -> None:
    with renting(simulated) as client, client.gpu_instances.rent(**wanted()) as rental:
        pause(simulated, 3600)
        entry = client.store.get(rental_key(rental.operation_id))
        assert entry is not None
        record = read_rental(entry.key, entry.value)
        assert simulated.clock.time() - record.renewed_at <= 30
        stranger = client.store.lease_acquire(rental_key(rental.operation_id), "stranger", 60)
        assert stranger is None


def test_a_rental_of_another_living_process_is_left_to_it(simulated: Simulator) -> None:
    store = MemoryStore(clock=clock_of(simulated))
    first, second = renting(simulated, store=store), renting(simulated, store=store)
    with first, second, first.gpu_instances.rent(operation_id="nightly-01", **wanted()):
        requests = simulated.requests()
        with pytest.raises(OperationConflictError, match="another process"):
            block_of(1, second, simulated, operation_id="nightly-01", **wanted())
        assert simulated.requests() == requests
    simulated.assert_no_leaks()


def test_a_rental_of_a_dead_process_goes_on_with_its_own_age(simulated: Simulator) -> None:
    store = MemoryStore(clock=clock_of(simulated))
    operation_id = "nightly-01"
    with renting(simulated, store=store) as dead:
        created = dead.gpu_instances.create(operation_id=operation_id, **wanted())
        born = simulated.clock.time()
        record = RentalRecord(
            operation_id=operation_id,
            instance_id=created.id,
            on_exit="delete",
            started_at=born,
            renewed_at=born,
        )
        dead.store.put(rental_key(operation_id), write_rental(record))
    pause(simulated, 200)
    with renting(simulated, store=store) as client:
        rental = client.gpu_instances.rent(operation_id=operation_id, max_lifetime=600, **wanted())
        with rental:
            assert rental.id == created.id
            assert rental.expires_at is not None
            assert rental.expires_at.timestamp() - born == pytest.approx(600, abs=0.01)
    assert simulated.requests("create_instance") == 1
    simulated.assert_no_leaks()


def test_a_use_is_noted_for_who_watches_idle_instances(simulated: Simulator) -> None:
    with renting(simulated) as client, client.gpu_instances.rent(**wanted()) as rental:
        rental.touch()
        entry = client.store.get(f"use:{rental.id}")
        assert entry is not None
        assert entry.value["last_used"] == simulated.clock.time()


def test_the_instance_can_be_read_anew(simulated: Simulator) -> None:
    with renting(simulated) as client, client.gpu_instances.rent(**wanted()) as rental:
        simulated.show(rental.id, name="renamed")
        assert rental.instance.name != "renamed"
        rental.refresh()
        assert rental.instance.name == "renamed"


def test_a_rental_that_has_not_begun_is_nothing_yet(simulated: Simulator) -> None:
    with renting(simulated) as client:
        rental = client.gpu_instances.rent(**wanted())
        with pytest.raises(LifecycleError, match="has not begun"):
            rental.instance  # noqa: B018 - it raises
        assert (rental.cost_so_far, rental.expires_at, rental.expired) == (None, None, False)
        assert "nothing yet" in repr(rental)
    assert simulated.requests() == 0


def test_a_rental_is_used_once(simulated: Simulator) -> None:
    with renting(simulated) as client:
        rental = client.gpu_instances.rent(**wanted())
        with rental:
            pass
        requests = simulated.requests()
        with pytest.raises(LifecycleError, match="used once"):
            rental.__enter__()
    assert simulated.requests() == requests


@pytest.mark.parametrize("interrupts", [1, 2])
def test_one_interrupt_waits_for_the_end_and_a_second_one_does_not(
    simulated: Simulator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    interrupts: int,
) -> None:
    with renting(simulated, breakers={"public": None}) as client:
        simulated.faults.add(Fault("status", operation="delete_instance", status=500, times=3))
        sleep = clock_of(simulated).sleep

        def interrupted(seconds: float) -> None:
            nonlocal interrupts
            if seconds in {1, 2} and simulated.requests("delete_instance") and interrupts:
                interrupts -= 1
                raise KeyboardInterrupt
            sleep(seconds)

        monkeypatch.setattr(simulated.clock, "sleep", interrupted)
        expected = interrupts
        with pytest.raises(KeyboardInterrupt):
            block_of(10, client, simulated, **wanted())
    levels = [record.levelname for record in caplog.records if record.name == "novita_sdk.lifecycle"]
    assert ("CRITICAL" in levels) == (expected == 2)
    assert (simulated.billing_resources() == []) == (expected == 1)


def test_a_forked_child_leaves_the_instance_to_its_parent(
    simulated: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = os.getpid()
    with renting(simulated) as client:
        with client.gpu_instances.rent(**wanted()):
            monkeypatch.setattr(os, "getpid", lambda: pid + 1)
        monkeypatch.undo()
    assert states(simulated) == ["running"]


def test_a_store_that_fails_leaves_nothing_running(
    simulated: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with renting(simulated) as client:
        put = client.store.put

        def full(key: str, *arguments: Any, **options: Any) -> int:
            if key.startswith("rental:"):
                raise StateStoreError("full", key=key)
            return put(key, *arguments, **options)

        monkeypatch.setattr(client.store, "put", full)
        with pytest.raises(StateStoreError):
            block_of(1, client, simulated, **wanted())
    simulated.assert_no_leaks()


def test_sigterm_ends_the_block_if_it_is_to_be_handled(simulated: Simulator) -> None:
    with renting(simulated) as client:
        before = signal.getsignal(signal.SIGTERM)
        with pytest.raises(SystemExit) as caught:
            block_that_is_told_to_end(client, simulated)
        assert caught.value.code == 128 + signal.SIGTERM
        assert signal.getsignal(signal.SIGTERM) == before
    simulated.assert_no_leaks()
