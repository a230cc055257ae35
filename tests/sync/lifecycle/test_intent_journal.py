# Generated from tests/aio/lifecycle/test_intent_journal.py by tools/unasync.py; edit the source.
"""The journal of creates: written before the request, read by whoever comes after, and never a guess."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk._sync.client import Novita
from novita_sdk._sync.stores.memory import MemoryStore
from novita_sdk._sync.stores.sqlite import SQLiteStore
from novita_sdk.errors import (
    CapacityError,
    DeadlineExceededError,
    OperationConflictError,
    OutcomeUnknownError,
    RateLimitError,
    StateStoreError,
    StoreUnavailableError,
)
from novita_sdk.models.product_choice import ProductQuery
from novita_sdk.options import CallOptions
from novita_sdk.testing import (
    Fault,
    LoopbackServer,
    Quirks,
    ScaledClock,
    Simulator,
    VirtualClock,
    serve,
)
from tests.creating import RENTED, started
from tests.sync.lifecycle.creates import (
    OPERATION_ID,
    FailingStore,
    gpu_product,
    intent_of,
    living,
    only_intent,
    posts,
    rent_one,
)
from tests.sync.remote import (
    KEY,
    InterruptingClock,
    Interruption,
    Late,
    Remote,
    client_of,
    interrupt_at,
    refused,
    routed,
)
from tests.sync.rentals import Rentals

# ------------------------------------------------------------ what is written, and when


def test_the_record_is_there_before_the_request_and_holds_no_secret(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    seen: list[Any] = []
    remote = Remote(clock, {"id": "i-1"})
    client = client_of(remote, store=store)
    play = remote._play

    def look(step: Any, request: Any) -> Any:
        seen.append((only_intent(client)).record())
        return play(step, request)

    remote._play = look  # type: ignore[method-assign]  # looked at while the request is under way
    rent_one(client, product_id="p-1", envs={"TOKEN": "s3cret"}, command="run --key s3cret")
    (record,) = seen
    assert (record["state"], record["sends"], record["sent_at"]) == ("open", 1, clock.time())
    assert record["about"] == {
        "name": "mine",
        "productId": "p-1",
        "imageUrl": "nginx",
        "billingMode": "onDemand",
    }
    assert "s3cret" not in str(record)
    assert KEY not in str(record)
    assert (only_intent(client)).state == "created"


def test_each_sending_is_counted_before_it_is_made(clock: VirtualClock) -> None:
    remote = Remote(clock, refused, refused, {"id": "i-1"})
    client = client_of(remote)
    rent_one(client, product_id="p-1")
    intent = only_intent(client)
    assert (intent.sends, intent.sent_at) == (3, clock.time())


@pytest.mark.parametrize(("step", "state"), [(refused, "not_sent"), (429, "refused"), (403, "refused")])
def test_a_create_that_made_nothing_is_closed_as_such(clock: VirtualClock, step: Any, state: str) -> None:
    client = client_of(Remote(clock, step))
    with pytest.raises(Exception, match=r"."):
        rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
    intent = intent_of(client, OPERATION_ID)
    assert (intent.state, intent.owner) == (state, "")


def test_records_of_what_is_settled_live_for_a_week_the_others_for_thirty_days(
    clock: VirtualClock,
) -> None:
    store = MemoryStore(clock=clock)
    rentals = Rentals(clock, 500, makes=0)
    client = client_of(rentals.remote, store=store)
    with pytest.raises(OutcomeUnknownError):
        rent_one(client, product_id="p-1", operation_id="unknown-one")
    made = client_of(Remote(clock, {"id": "i-1"}), store=store)
    rent_one(made, product_id="p-1", operation_id="created-one")
    for operation_id, days in (("unknown-one", 30), ("created-one", 7)):
        entry = client.store.get(f"intent:{operation_id}")
        assert entry is not None
        assert entry.expires_at == pytest.approx(clock.time() + days * 86_400)


# ------------------------------------------------------------ one operation id, several calls


def test_a_second_call_returns_what_the_first_made_without_a_request(clock: VirtualClock) -> None:
    remote = Remote(clock, {"id": "i-1"}, {"id": "i-2"})
    client = client_of(remote)
    first = rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
    clock.advance(100)
    second = rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
    assert (second, len(remote.seen)) == (first, 1)


def test_an_adopted_instance_stays_adopted_for_later_calls(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500)
    client = client_of(rentals.remote)
    first = rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
    second = rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
    assert (first.adopted, second, len(rentals.remote.posts)) == (True, first, 1)


@pytest.mark.case("C-13")
@pytest.mark.parametrize("change", [{"image_url": "redis"}, {"envs": {"A": "b"}}, {"gpu_num": 2}])
def test_an_operation_id_belongs_to_one_request(clock: VirtualClock, change: dict[str, Any]) -> None:
    remote = Remote(clock, {"id": "i-1"})
    client = client_of(remote)
    rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
    with pytest.raises(OperationConflictError) as caught:
        rent_one(client, product_id="p-1", operation_id=OPERATION_ID, **change)
    assert (caught.value.operation_id, caught.value.operation) == (OPERATION_ID, "create_instance")
    assert len(remote.seen) == 1


def test_after_a_change_of_keys_requests_are_not_compared(clock: VirtualClock) -> None:
    remote = Remote(clock, {"id": "i-1"})
    store = MemoryStore(clock=clock)
    old, new = (
        client_of(remote, api_key=key, account="ours", store=store) for key in ("K-old-key-1", "K-new-key-1")
    )
    first = rent_one(old, product_id="p-1", operation_id=OPERATION_ID)
    assert (rent_one(new, product_id="p-2", operation_id=OPERATION_ID)).id == first.id


@pytest.mark.case("C-13")
def test_two_clients_with_one_operation_id_at_once_rent_one_instance() -> None:
    sim = Simulator()
    store = MemoryStore(clock=sim.clock)  # type: ignore[arg-type]  # the clock serves tasks and threads
    clients = [sim.client(store=store) for _ in range(3)]
    product_id = gpu_product(clients[0])
    sim.faults.add(Fault("latency", "create_instance", seconds=20))

    def call(client: Novita) -> Any:
        return lambda: rent_one(client, product_id=product_id, operation_id=OPERATION_ID)

    began = sim.clock.monotonic()
    made = gather(sim.clock, [call(client) for client in clients])  # type: ignore[arg-type]  # the clock serves both
    assert {one.id for one in made} == set(living(sim))
    assert (len(posts(sim)), sim.requests("list_instances")) == (1, 0)
    assert sim.clock.monotonic() - began <= 21, "the others read the journal every second"


def test_whoever_waits_for_an_owner_that_is_refused_tries_itself() -> None:
    sim = Simulator()
    client = sim.client(retry=None)
    product_id = gpu_product(client)
    sim.faults.add(Fault("latency", "create_instance", seconds=5))
    sim.faults.add(Fault("status", "create_instance", status=403))

    def refused_one() -> None:
        with pytest.raises(Exception, match="403"):
            rent_one(client, product_id=product_id, operation_id=OPERATION_ID)

    def patient_one() -> None:
        sim.clock.sleep(1)  # type: ignore[attr-defined]  # the clock serves tasks and threads
        created = rent_one(client, product_id=product_id, operation_id=OPERATION_ID)
        assert [created.id] == living(sim)

    gather(sim.clock, [refused_one, patient_one])  # type: ignore[arg-type]  # the clock serves both
    assert len(posts(sim)) == 2


def test_an_owner_that_outlives_the_wait_is_looked_for_and_never_joined_in_sending(
    clock: VirtualClock,
) -> None:
    rentals = Rentals(clock, Late(200, {"id": "i-1"}), makes=0)
    client = client_of(rentals.remote)
    slow = CallOptions(total_timeout=300, timeout=250)

    def owner() -> None:
        rent_one(client, product_id="p-1", operation_id=OPERATION_ID, options=slow)

    def impatient() -> None:
        clock.sleep(1)
        with pytest.raises(OutcomeUnknownError) as caught:
            rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
        assert (caught.value.elapsed, caught.value.sends, caught.value.journaled) == (120, 1, True)

    gather(clock, [owner, impatient])
    assert len(rentals.remote.posts) == 1
    assert (intent_of(client, OPERATION_ID)).state == "created", "the owner has the last word"


def test_an_interrupted_wait_for_another_call_deletes_nothing_of_that_one() -> None:
    clock = InterruptingClock()
    sim = Simulator(clock=clock)
    client = sim.client(rate_limits={"public": None})
    product_id = gpu_product(client)
    sim.faults.add(Fault("latency", "create_instance", seconds=100))
    slow = CallOptions(total_timeout=300, timeout=200)

    def owner() -> None:
        created = rent_one(client, product_id=product_id, operation_id=OPERATION_ID, options=slow)
        assert [created.id] == living(sim)

    def impatient() -> None:
        clock.sleep(1)
        interrupt_at.set(clock.monotonic() + 5.2)
        with pytest.raises(Interruption):
            rent_one(
                client,
                product_id=product_id,
                operation_id=OPERATION_ID,
                on_cancel="delete",
                options=CallOptions(total_timeout=35),
            )

    sim.quirks = Quirks(list_delay=8)
    gather(clock, [owner, impatient])
    assert (sim.requests("delete_instance"), len(posts(sim))) == (0, 1)


def left_open(clock: VirtualClock, **changes: Any) -> MemoryStore:
    """A store with the record of a create whose owner died, as a process killed at a bad moment leaves it."""
    store = MemoryStore(clock=clock)
    client = client_of(Remote(clock, {"id": "i-9"}), store=store)
    rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
    entry = client.store.get(f"intent:{OPERATION_ID}")
    assert entry is not None
    record = {**entry.value, "state": "open", "owner": "dead", "leased_at": clock.time(), "lease_ttl": 150}
    del record["resource_id"]
    client.store.put(entry.key, {**record, **changes})
    return store


def test_what_a_dead_owner_has_sent_is_looked_for_before_anything_is_sent(clock: VirtualClock) -> None:
    store = left_open(clock)
    clock.advance(151)
    remote = Remote(clock, {"instances": []})
    client = client_of(remote, store=store)
    for _ in range(2):
        with pytest.raises(OutcomeUnknownError) as caught:
            rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
        assert (caught.value.sends, caught.value.looks, caught.value.verified) == (1, 10, True)
    assert not remote.posts


def test_an_owner_that_died_before_it_sent_leaves_nothing_to_look_for(clock: VirtualClock) -> None:
    store = left_open(clock, sends=0)
    clock.advance(151)
    remote = Remote(clock, {"id": "i-1"})
    created = rent_one(client_of(remote, store=store), product_id="p-1", operation_id=OPERATION_ID)
    assert (created.id, remote.paths) == ("i-1", ["POST gpu/instance/create"])


def test_an_owner_whose_operation_was_taken_over_sends_nothing_any_more(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    remote = Remote(clock, refused, {"id": "i-1"})
    client = client_of(remote, store=store)

    def slow() -> None:
        with pytest.raises(StateStoreError):
            rent_one(client, product_id="p-1", operation_id=OPERATION_ID)

    def quick() -> None:
        clock.sleep(0.5)  # between the first sending, which was refused, and the second
        entry = client.store.get(f"intent:{OPERATION_ID}")
        assert entry is not None
        client.store.put(entry.key, {**entry.value, "owner": "another"})

    gather(clock, [slow, quick])
    assert len(remote.posts) == 1


# ------------------------------------------------------------ processes that die


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with serve(Simulator(clock=ScaledClock())) as running:
        yield running


@pytest.mark.case("C-12")
@pytest.mark.parametrize("later", [0, 3600])
def test_a_create_killed_in_flight_goes_on_in_the_next_process(
    server: LoopbackServer, tmp_path: Path, later: float
) -> None:
    sim = server.simulator
    sim.faults.add(Fault("lost_reply", "create_instance"))
    killed = started(server.base_url, sim.api_key, tmp_path / "state.db", OPERATION_ID)
    deadline = time.monotonic() + 30
    while not sim.requests("create_instance") and time.monotonic() < deadline:
        time.sleep(0.01)
    killed.kill()
    assert killed.wait() == -9
    killed.communicate()
    clock = VirtualClock(wall=time.time() + later)  # this process waits for the owner's lease, but not really
    store = SQLiteStore(tmp_path / "state.db", clock=clock)
    client = Novita(api_key=sim.api_key, base_url=server.base_url, clock=clock, store=store)
    with client, store:
        created = client.gpu_instances.create(**RENTED, operation_id=OPERATION_ID)
        assert (intent_of(client, OPERATION_ID)).state == "adopted"
    assert (created.adopted, list(sim.cloud.world.instances)) == (True, [created.id])
    assert sim.requests("create_instance") == 1


# ------------------------------------------------------------ stores that fail


@pytest.mark.case("C-14")
def test_nothing_is_sent_while_the_store_is_away(clock: VirtualClock) -> None:
    remote = Remote(clock, {"id": "i-1"})
    store: Any = FailingStore(clock, "put_if_absent")
    with pytest.raises(StoreUnavailableError) as caught:
        rent_one(client_of(remote, store=store), product_id="p-1", operation_id=OPERATION_ID)
    assert (caught.value.operation, caught.value.operation_id) == ("create_instance", OPERATION_ID)
    assert not remote.seen


@pytest.mark.case("C-14")
@pytest.mark.parametrize("failing", ["put_if_absent", "put"])
def test_with_best_effort_one_request_goes_out_and_a_warning(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture, failing: str
) -> None:
    remote = Remote(clock, {"id": "i-1"})
    store: Any = FailingStore(clock, failing)
    client = client_of(remote, store=store)
    with caplog.at_level(logging.WARNING, "novita_sdk.lifecycle"):
        created = rent_one(client, product_id="p-1", journal="best_effort")
    assert (created.id, len(remote.posts)) == ("i-1", 1)
    assert caplog.records[0].levelno == logging.WARNING
    assert created.operation_id is not None
    assert created.operation_id in caplog.text


@pytest.mark.case("C-14")
def test_a_store_that_fails_between_two_sendings_ends_them(clock: VirtualClock) -> None:
    store: Any = FailingStore(clock)

    def fail_from_now_on(_request: Any) -> Any:
        store.failing.add("put")
        return refused()

    remote = Remote(clock, fail_from_now_on, {"id": "i-1"})
    with pytest.raises(StoreUnavailableError):
        rent_one(client_of(remote, store=store), product_id="p-1")
    assert len(remote.posts) == 1


def test_an_accepted_create_returns_its_id_even_if_the_journal_fails_then(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    store: Any = FailingStore(clock)

    def accept(_request: Any) -> Any:
        store.failing.add("put")
        return {"id": "i-1"}

    client = client_of(Remote(clock, accept), store=store)
    created = rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
    assert created.id == "i-1"
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "i-1" in record.getMessage()
    assert (intent_of(client, OPERATION_ID)).state == "open", "for the sweeper to close"


def test_an_unknown_outcome_says_whether_the_store_remembers_it(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=0)
    store: Any = FailingStore(clock, "put_if_absent")
    client = client_of(rentals.remote, store=store)
    with pytest.raises(OutcomeUnknownError) as caught:
        rent_one(client, product_id="p-1", journal="best_effort")
    assert not caught.value.journaled


# ------------------------------------------------------------ several candidates


def two_products(sim: Simulator) -> None:
    """Let the cloud sell two products of one name, and nothing else."""
    sim.remove_products()
    sim.add_product("cheap", "RTX 9999 24GB", price=1000, stock={"us-ca-06": 5})
    sim.add_product("dear", "RTX 9999 24GB", price=2000, stock={"us-ca-06": 5})


@pytest.mark.parametrize("operation_id", [None, OPERATION_ID])
def test_a_sold_out_candidate_leads_to_the_next_under_another_operation_id(
    operation_id: str | None,
) -> None:
    sim = Simulator()
    two_products(sim)
    client = sim.client()
    no_stock = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "none"}
    sim.faults.add(Fault("status", "create_instance", status=400, body=no_stock))
    query = ProductQuery("RTX 9999")
    said: dict[str, Any] = {"product_id": None, "product": query, "operation_id": operation_id}
    created = rent_one(client, **said)
    first, second = posts(sim)
    assert first.raw_body != second.raw_body
    assert (created.choice is not None, created.operation_id != operation_id) == (True, True)
    if operation_id is not None:
        assert (intent_of(client, operation_id)).next_id == created.operation_id
        again = rent_one(client, **said)
        assert (again.id, len(posts(sim))) == (created.id, 2), (
            "the chain is followed, nothing is rented again"
        )
        with pytest.raises(OperationConflictError):
            rent_one(client, **{**said, "image_url": "redis"})


def test_an_unclear_outcome_never_leads_to_the_next_candidate() -> None:
    sim = Simulator()
    two_products(sim)
    client = sim.client()
    sim.faults.add(Fault("reset_before_processing", "create_instance"))
    with pytest.raises(OutcomeUnknownError):
        rent_one(client, product_id=None, product=ProductQuery("RTX 9999"), operation_id=OPERATION_ID)
    assert len(posts(sim)) == 1
    requests = sim.requests("list_gpu_products")
    with pytest.raises(OutcomeUnknownError):
        rent_one(client, product_id=None, product=ProductQuery("RTX 9999"), operation_id=OPERATION_ID)
    assert (len(posts(sim)), sim.requests("list_gpu_products")) == (1, requests), (
        "looked for, not planned anew"
    )


def test_the_last_candidates_refusal_is_raised() -> None:
    sim = Simulator()
    two_products(sim)
    client = sim.client()
    no_stock = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "none"}
    sim.faults.add(Fault("status", "create_instance", status=400, body=no_stock, times=None))
    with pytest.raises(CapacityError):
        rent_one(client, product_id=None, product=ProductQuery("RTX 9999"))
    assert len(posts(sim)) == 2


def test_a_throttled_candidate_is_no_reason_for_the_next() -> None:
    sim = Simulator()
    two_products(sim)
    client = sim.client()
    sim.faults.add(Fault("status", "create_instance", status=429, times=None))
    with pytest.raises(RateLimitError):
        rent_one(client, product_id=None, product=ProductQuery("RTX 9999"))
    assert len({entry.raw_body for entry in posts(sim)}) == 1


@pytest.mark.parametrize("journal", ["required", "best_effort"])
def test_a_search_for_a_product_begins_only_if_the_journal_can_be_read(journal: Any) -> None:
    sim = Simulator()
    two_products(sim)
    store: Any = FailingStore(sim.clock, "get", "put_if_absent")
    client = sim.client(store=store)
    said: dict[str, Any] = {"product": ProductQuery("RTX 9999"), "operation_id": OPERATION_ID}
    if journal == "required":
        with pytest.raises(StoreUnavailableError):
            rent_one(client, product_id=None, journal=journal, **said)
        assert sim.requests() == 0
    else:
        created = rent_one(client, product_id=None, journal=journal, **said)
        assert [created.id] == living(sim)


def test_a_candidate_follows_only_if_the_journal_knows_of_it() -> None:
    sim = Simulator()
    two_products(sim)
    store: Any = FailingStore(sim.clock)
    client = sim.client(store=store)

    def fail_from_now_on(_entry: Any) -> bool:
        store.failing.add("get")
        return True

    no_stock = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "none"}
    sim.faults.add(
        Fault("status", "create_instance", status=400, body=no_stock, when=fail_from_now_on, times=None)
    )
    with pytest.raises(StoreUnavailableError):
        rent_one(client, product_id=None, product=ProductQuery("RTX 9999"))
    assert len(posts(sim)) == 1


def test_no_candidate_is_tried_without_time_for_it() -> None:
    sim = Simulator()
    two_products(sim)
    client = sim.client(retry=None)
    sim.faults.add(Fault("latency", seconds=6, times=None))
    with pytest.raises(DeadlineExceededError, match="no time was left"):
        rent_one(
            client,
            product_id=None,
            product=ProductQuery("RTX 9999"),
            options=CallOptions(total_timeout=10, timeout=60),
        )
    assert not posts(sim)


def test_all_candidates_share_one_deadline() -> None:
    sim = Simulator()
    two_products(sim)
    client = sim.client()
    no_stock = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "none"}
    sim.faults.add(Fault("status", "create_instance", status=400, body=no_stock))
    sim.faults.add(Fault("latency", "create_instance", seconds=12, times=None))
    began = sim.clock.monotonic()
    with pytest.raises(OutcomeUnknownError):  # the second send was cut by what the first one left
        rent_one(
            client,
            product_id=None,
            product=ProductQuery("RTX 9999"),
            options=CallOptions(total_timeout=20, timeout=60),
        )
    assert sim.clock.monotonic() - began == pytest.approx(20)


def test_a_closed_client_says_so(clock: VirtualClock) -> None:
    remote = Remote(clock, routed(create={"id": "i-1"}))
    client = client_of(remote)
    client.close()
    with pytest.raises(Exception, match="closed; make a new one"):
        rent_one(client, product_id="p-1")


def test_a_deleted_instance_of_the_same_operation_is_not_adopted_in_place_of_the_new_one() -> None:
    clock = InterruptingClock()
    sim = Simulator(clock=clock)
    client = sim.client()
    product_id = gpu_product(client)
    sim.faults.add(Fault("latency", "create_instance", seconds=20))
    interrupt_at.set(clock.monotonic() + 0.2)
    with pytest.raises(Interruption):
        rent_one(client, product_id=product_id, operation_id=OPERATION_ID, on_cancel="delete")
    sim.faults.clear()
    sim.faults.add(Fault("reset_after_processing", "create_instance"))
    sim.quirks = Quirks(list_delay=3)
    created = rent_one(client, product_id=product_id, operation_id=OPERATION_ID)
    first, second = sim.cloud.world.instances
    assert (created.id, created.adopted) == (second, True)
    assert (intent_of(client, OPERATION_ID)).discarded == (first,)
