"""What could lead to a second instance: a journal that knows too little, or an absence that nothing proves."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita, services_of
from novita_sdk._async.lifecycle.orphan_sweeper import AsyncOrphanSweeper
from novita_sdk._async.stores.memory import AsyncMemoryStore
from novita_sdk._concurrency.aio import gather
from novita_sdk.errors import OutcomeUnknownError, StateStoreError
from novita_sdk.models.product_choice import ProductQuery
from novita_sdk.testing import Fault, Quirks, Simulator
from tests.aio.lifecycle.creates import (
    OPERATION_ID,
    AsyncFailingStore,
    gpu_product,
    intent_of,
    living,
    posts,
    rent_one,
)

pytestmark = pytest.mark.anyio

HALF_A_DAY = 43_200


async def later(client: AsyncNovita, seconds: float) -> None:
    await services_of(client).clock.sleep_async(seconds)


async def test_what_a_journal_that_failed_has_not_seen_sent_is_looked_for_and_not_sent_again() -> None:
    sim = Simulator()
    store = AsyncFailingStore(sim.clock, "put")
    client = sim.async_client(store=store)
    product_id = await gpu_product(client)
    made = await rent_one(client, product_id=product_id, operation_id=OPERATION_ID, journal="best_effort")
    store.failing.clear()
    assert (await intent_of(client, OPERATION_ID)).sends == 0
    await later(client, 200)
    again = await rent_one(client, product_id=product_id, operation_id=OPERATION_ID)
    assert (again.id, again.adopted, len(posts(sim))) == (made.id, True, 1)


async def lost(sim: Simulator, client: AsyncNovita, *, marker: str) -> str:
    """Rent an instance whose answer is lost; return its product."""
    product_id = await gpu_product(client)
    sim.faults.add(Fault("reset_after_processing", "create_instance"))
    with pytest.raises(OutcomeUnknownError):
        await rent_one(client, product_id=product_id, operation_id=OPERATION_ID, marker=marker)
    return product_id


@pytest.mark.parametrize("marker", ["none", "env"])
async def test_no_sweeper_takes_what_nobody_can_recognise_for_absent(marker: str) -> None:
    sim = Simulator(quirks=Quirks(hide_envs_in_list=True, hide_envs_in_get=True))
    client = sim.async_client()
    product_id = await lost(sim, client, marker=marker)
    for _ in range(4):
        await later(client, HALF_A_DAY)
        report = await AsyncOrphanSweeper(client, on_orphan="delete").check()
        assert [orphan.outcome for orphan in report.orphans] == ["still_unknown"]
    with pytest.raises(OutcomeUnknownError):
        await rent_one(client, product_id=product_id, operation_id=OPERATION_ID, marker=marker)
    assert (len(posts(sim)), len(living(sim))) == (1, 1)


async def test_a_window_with_a_candidate_proves_no_absence() -> None:
    sim = Simulator(quirks=Quirks(hide_envs_in_list=True, hide_envs_in_get=True))
    client = sim.async_client()
    await lost(sim, client, marker="env")
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.gpu_instances.reconcile(OPERATION_ID)
    assert (list(caught.value.candidates), caught.value.verified) == (living(sim), False)


@pytest.mark.parametrize("journal", ["required", "best_effort"])
async def test_a_journal_that_cannot_name_the_next_candidate_is_told(
    caplog: pytest.LogCaptureFixture, journal: str
) -> None:
    sim = Simulator()
    store = AsyncFailingStore(sim.clock)
    client = sim.async_client(store=store)
    sold_out = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "none left"}

    def and_the_store_fails(_entry: object) -> bool:
        store.failing.add("put")
        return True

    sim.faults.add(Fault("status", "create_instance", status=400, body=sold_out, when=and_the_store_fails))
    if journal == "required":
        with pytest.raises(StateStoreError) as caught:
            await client.gpu_instances.create(
                product="RTX 4090", image_url="nginx", operation_id=OPERATION_ID, region="any"
            )
        assert caught.value.operation_id == OPERATION_ID
        return
    await client.gpu_instances.create(
        product="RTX 4090", image_url="nginx", operation_id=OPERATION_ID, region="any", journal="best_effort"
    )
    assert any(
        "next" in record.getMessage() for record in caplog.records if OPERATION_ID in record.getMessage()
    )


async def test_a_create_that_is_known_only_by_its_time_is_read_where_the_list_hides_its_mark() -> None:
    sim = Simulator(quirks=Quirks(list_delay=40, hide_envs_in_list=True))
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("reset_after_processing", "create_instance"))
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent_one(client, product_id=product_id, operation_id=OPERATION_ID)
    another = sim.async_client()  # its journal knows nothing
    await later(another, 60)
    found = await another.gpu_instances.reconcile(OPERATION_ID, sent_at=caught.value.sent_at)
    assert found is not None, "nothing was compared, so nothing may be left out"
    assert [found.id] == living(sim)


@pytest.mark.parametrize("gap", [0, 2], ids=["at once", "while the refusal is on its way"])
async def test_two_clients_with_one_operation_id_share_the_next_candidate(gap: float) -> None:
    sim = Simulator()
    sim.remove_products()
    sim.add_product("cheap", "RTX 9999 24GB", price=1000, stock={"us-ca-06": 5})
    sim.add_product("dear", "RTX 9999 24GB", price=2000, stock={"us-ca-06": 5})
    store = AsyncMemoryStore(clock=sim.clock)  # type: ignore[arg-type]  # the clock serves tasks and threads
    sold_out = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "none left"}
    sim.faults.add(Fault("status", "create_instance", status=400, body=sold_out))
    sim.faults.add(Fault("latency", "create_instance", seconds=5, times=None))

    def call(delay: float) -> Any:
        async def rented() -> str:
            client = sim.async_client(store=store)
            await later(client, delay)
            created = await client.gpu_instances.create(
                product=ProductQuery("RTX 9999"), image_url="nginx", operation_id=OPERATION_ID
            )
            return created.id

        return rented

    made = await gather(sim.clock, [call(0), call(gap)])  # type: ignore[arg-type]  # the clock serves both
    assert (len(set(made)), len(living(sim)), len(posts(sim))) == (1, 1, 2)
