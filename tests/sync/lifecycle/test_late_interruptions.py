# Generated from tests/aio/lifecycle/test_late_interruptions.py by tools/unasync.py; edit the source.
"""An interruption that comes late, when the instance exists already: nothing is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._sync.client import Novita
from novita_sdk._sync.lifecycle import fleet_create
from novita_sdk._sync.lifecycle.fan_out import fan_out
from novita_sdk._sync.stores.memory import MemoryStore
from novita_sdk.errors import ConfigurationError, FleetCreateError, NovitaError
from novita_sdk.models.fleet import FleetReport
from novita_sdk.testing import Fault, Simulator
from tests.sync.lifecycle.creates import OPERATION_ID, intent_of, rent_one
from tests.sync.remote import Interruption

PRODUCT = "4090.16c96g.v2"


class InterruptedStore:
    """A store in memory, in one write of which the caller is interrupted.

    Args:
        clock: Where the time comes from.
        key: What the key begins with.
        state: The state in the record; None for any.
        written: Whether the record gets there all the same.
    """

    def __init__(self, clock: Any, key: str, state: str | None = None, *, written: bool = False) -> None:
        self._store: Any = MemoryStore(clock=clock)
        self._key = key
        self._state = state
        self._written = written
        self._interrupts = 1

    def scoped(self, account: str) -> InterruptedStore:
        self._store = self._store.scoped(account)
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, key: str, value: Any, **options: Any) -> Any:
        wanted = key.startswith(self._key) and (self._state is None or value["state"] == self._state)
        if not wanted or not self._interrupts:
            return self._store.put(key, value, **options)
        self._interrupts = 0
        if self._written:
            self._store.put(key, value, **options)
        raise Interruption


def renting(simulator: Simulator, **settings: Any) -> Novita:
    return simulator.client(rate_limits={"public": None}, **settings)


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("on_cancel", ["keep", "delete"])
def test_an_interrupt_while_the_journal_takes_in_the_id_does_what_was_wished(
    on_cancel: str, written: bool
) -> None:
    sim = Simulator()
    store = InterruptedStore(sim.clock, "intent:", "created", written=written)
    client = renting(sim, store=store)
    with pytest.raises(Interruption) as caught:
        rent_one(client, product_id=PRODUCT, operation_id=OPERATION_ID, on_cancel=on_cancel)
    (made,) = sim.cloud.world.instances.values()
    assert made.id in " ".join(caught.value.__notes__)
    intent = intent_of(client, OPERATION_ID)
    if on_cancel == "keep":
        assert (intent.state, intent.resource_id) == ("created", made.id)
    else:
        assert (intent.state, list(intent.discarded)) == ("not_created", [made.id])
        sim.assert_no_leaks()


def test_an_interrupt_while_the_target_is_kept_does_what_was_wished() -> None:
    sim = Simulator()
    client = renting(sim, store=InterruptedStore(sim.clock, "target:"))
    with pytest.raises(Interruption) as caught:
        rent_one(client, product_id=PRODUCT, operation_id=OPERATION_ID, on_cancel="delete", notify=False)
    (made,) = sim.cloud.world.instances.values()
    assert f"{made.id} was deleted" in " ".join(caught.value.__notes__)
    assert (intent_of(client, OPERATION_ID)).state == "not_created"
    sim.assert_no_leaks()


@pytest.mark.parametrize("key", ["intent:", "rental:"])
def test_an_interrupt_at_the_beginning_of_a_rental_leaves_nothing_running(key: str) -> None:
    sim = Simulator()
    store = InterruptedStore(sim.clock, key, "created" if key == "intent:" else None)
    with renting(sim, store=store) as client:
        with pytest.raises(Interruption):
            client.gpu_instances.rent(product_id=PRODUCT, image_url="nginx").__enter__()
    sim.assert_no_leaks()


@pytest.mark.parametrize("interrupts", [1, 2])
def test_an_interrupt_while_a_fleet_is_taken_back_waits_for_that_a_second_one_does_not(
    monkeypatch: pytest.MonkeyPatch, interrupts: int
) -> None:
    sim = Simulator()
    sold_out = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "none left"}
    sim.faults.add(
        Fault(
            "status",
            "create_instance",
            status=400,
            body=sold_out,
            when=lambda entry: entry.body["name"] == "job-2",
        )
    )
    calls = [None, *[KeyboardInterrupt] * interrupts]

    def interrupted(*arguments: Any) -> Any:
        stop = calls.pop(0) if calls else None
        if stop is not None:
            raise stop
        return fan_out(*arguments)

    monkeypatch.setattr(fleet_create, "fan_out", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        renting(sim).gpu_instances.create_many(
            3, product_id=PRODUCT, image_url="nginx", name="job", max_concurrency=1
        )
    assert "create_many" in " ".join(caught.value.__notes__)
    assert (sim.billing_resources() == []) == (interrupts == 1)


def test_unmarked_creates_that_nobody_can_look_for_are_reported_as_unknown() -> None:
    sim = Simulator()
    sim.faults.add(Fault("reset_after_processing", "create_instance"))
    client = renting(sim)
    with pytest.raises(NovitaError) as caught:
        client.gpu_instances.create_many(
            2,
            product_id=PRODUCT,
            image_url="nginx",
            operation_id=OPERATION_ID,
            marker="none",
            max_concurrency=1,
        )
    assert not isinstance(caught.value, ConfigurationError)
    assert isinstance(caught.value, FleetCreateError)
    report = caught.value.report
    assert isinstance(report, FleetReport)
    assert list(report.unknown) == [f"{OPERATION_ID}-0"]
