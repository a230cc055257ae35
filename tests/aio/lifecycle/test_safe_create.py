"""Creates whose answer is lost, refused, late or interrupted: one instance, and never a lost one."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from novita_sdk._concurrency.aio import gather
from novita_sdk._core.http import Request
from novita_sdk._core.marker import MARKER_ENV
from novita_sdk.errors import (
    CapacityError,
    ConfigurationError,
    DuplicateCreateError,
    NotFoundError,
    OutcomeUnknownError,
    ValidationError,
)
from novita_sdk.models.instance import Instance
from novita_sdk.options import CallOptions
from novita_sdk.testing import Fault, Quirks, Simulator, VirtualClock
from tests.aio.lifecycle.creates import (
    OPERATION_ID,
    gpu_product,
    intent_of,
    living,
    only_intent,
    posts,
    rent_one,
)
from tests.aio.remote import (
    AsyncRemote,
    InterruptingClock,
    Interruption,
    client_of,
    instance,
    interrupt_at,
    lost,
    routed,
)
from tests.aio.rentals import MARK, Rentals

pytestmark = pytest.mark.anyio


@pytest.mark.case("C-01")
async def test_an_instance_listed_three_seconds_after_a_reset_is_adopted_at_the_next_look() -> None:
    sim = Simulator(quirks=Quirks(list_delay=3))
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("reset_after_processing", "create_instance"))
    began = sim.clock.monotonic()
    created = await rent_one(client, product_id=product_id)
    assert sim.clock.monotonic() - began == pytest.approx(4.6, abs=0.05)
    assert (created.adopted, [created.id], sim.requests("create_instance")) == (True, living(sim), 1)
    intent = await intent_of(client, created.operation_id or "")
    assert (intent.state, intent.resource_id, intent.sends) == ("adopted", created.id, 1)


@pytest.mark.case("C-02")
async def test_an_instance_that_stays_hidden_is_unknown_at_first_and_found_later() -> None:
    sim = Simulator(quirks=Quirks(list_delay=40))
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("status", "create_instance", status=500, processed=True))
    before = sim.requests()
    began = sim.clock.monotonic()
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent_one(client, product_id=product_id)
    error = caught.value
    assert sim.clock.monotonic() - began == pytest.approx(30)
    assert (error.verified, error.looks, error.sends, error.journaled) == (True, 10, 1, True)
    looks = [round(entry.at - began, 1) for entry in list(sim.journal)[before + 1 :]]
    assert looks == [0.5, 1.3, 2.6, 4.6, 7.9, 12.9, 17.9, 22.9, 27.9, 30.0]
    assert (await only_intent(client)).state == "unknown"
    await sim.clock.sleep_async(15)  # type: ignore[attr-defined]  # the clock serves tasks and threads
    found: Any = await error.reconcile()
    assert isinstance(found, Instance)
    assert ([found.id], sim.requests("create_instance")) == (living(sim), 1)
    assert ((await only_intent(client)).state, (await only_intent(client)).resource_id) == (
        "adopted",
        found.id,
    )


@pytest.mark.case("C-03")
async def test_two_living_instances_with_one_mark_are_named_and_left_alone(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=2)
    client = client_of(rentals.remote)
    with pytest.raises(DuplicateCreateError) as caught:
        await rent_one(client, product_id="p-1")
    assert caught.value.ids == ("i-1", "i-2")
    assert rentals.remote.paths.count("POST gpu/instance/create") == len(rentals.remote.posts) == 1
    intent = await only_intent(client)
    assert (intent.state, intent.duplicates, intent.resource_id) == ("duplicate", ("i-1", "i-2"), None)


@pytest.mark.case("C-04")
async def test_a_refused_connection_is_tried_again_without_a_look() -> None:
    sim = Simulator()
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("refuse_connection", "create_instance"))
    created = await rent_one(client, product_id=product_id)
    assert (created.adopted, [created.id]) == (False, living(sim))
    assert (len(posts(sim)), sim.requests("list_instances")) == (2, 0)
    assert (await intent_of(client, created.operation_id or "")).sends == 2


@pytest.mark.case("C-04")
async def test_a_throttled_create_waits_as_told_and_sends_the_same_bytes() -> None:
    sim = Simulator()
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("status", "create_instance", status=429, headers={"Retry-After": "7"}))
    created = await rent_one(client, product_id=product_id)
    first, second = posts(sim)
    assert second.at - first.at >= 7
    assert first.raw_body == second.raw_body
    assert [created.id] == living(sim)


@pytest.mark.case("C-05")
async def test_a_create_without_stock_is_refused_at_once() -> None:
    sim = Simulator()
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.set_stock(product_id, 0)
    began = sim.clock.monotonic()
    with pytest.raises(CapacityError):
        await rent_one(client, product_id=product_id)
    assert (sim.clock.monotonic() - began, len(posts(sim)), sim.requests("list_instances")) == (0, 1, 0)
    intent = await only_intent(client)
    assert (intent.state, intent.sends) == ("refused", 1)


@pytest.mark.case("C-06")
async def test_an_answer_without_an_id_is_settled_by_the_mark(clock: VirtualClock) -> None:
    rentals = Rentals(clock, {})
    created = await rent_one(client_of(rentals.remote), product_id="p-1")
    assert (created.id, created.adopted, len(rentals.remote.posts)) == ("i-1", True, 1)


@pytest.mark.case("C-07")
async def test_where_the_list_hides_environments_only_likely_instances_are_read() -> None:
    sim = Simulator(quirks=Quirks(hide_envs_in_list=True))
    client = sim.async_client()
    product_id = await gpu_product(client)
    await rent_one(client, product_id=product_id, name="another")
    await rent_one(client, product_id=product_id, image_url="redis")
    old = await rent_one(client, product_id=product_id)
    await sim.clock.sleep_async(200)  # type: ignore[attr-defined]  # the clock serves tasks and threads
    sim.faults.add(Fault("lost_reply", "create_instance"))
    created = await rent_one(client, product_id=product_id, options=CallOptions(timeout=5))
    assert created.adopted
    assert created.id != old.id
    read = [entry.query["instanceId"] for entry in sim.journal if entry.operation == "get_instance"]
    assert read == [created.id]


@pytest.mark.case("C-07")
async def test_somebody_elses_instance_is_read_once_only() -> None:
    sim = Simulator(quirks=Quirks(hide_envs_in_list=True))
    client = sim.async_client()
    product_id = await gpu_product(client)
    other = await rent_one(client, product_id=product_id)
    sim.faults.add(Fault("reset_before_processing", "create_instance"))
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent_one(client, product_id=product_id)
    assert (caught.value.candidates, caught.value.looks, caught.value.verified) == ((), 10, True)
    read = [entry.query["instanceId"] for entry in sim.journal if entry.operation == "get_instance"]
    assert read == [other.id]


@pytest.mark.case("C-08")
async def test_an_instance_that_hides_its_environment_everywhere_is_a_candidate_and_not_adopted() -> None:
    sim = Simulator(quirks=Quirks(hide_envs_in_list=True, hide_envs_in_get=True))
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("reset_after_processing", "create_instance"))
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent_one(client, product_id=product_id)
    assert list(caught.value.candidates) == living(sim)
    assert (caught.value.resource_id, len(posts(sim))) == (None, 1)


@pytest.mark.case("C-08")
async def test_a_marked_name_is_found_where_environments_are_hidden() -> None:
    sim = Simulator(quirks=Quirks(hide_envs_in_list=True, hide_envs_in_get=True))
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("reset_after_processing", "create_instance"))
    created = await rent_one(client, product_id=product_id, marker="env+name")
    assert (created.adopted, [created.id]) == (True, living(sim))
    found = await client.gpu_instances.get(created.id)
    assert (found.name, found.base_name) == (f"mine-nsdk-{created.operation_id}", "mine")
    assert sim.requests("get_instance") == 1


def three_pages(clock: VirtualClock, *, failing_page: int | None = None) -> AsyncRemote:
    """A remote with 250 instances, of which the last has the mark of the create that was sent."""

    def listed(request: Request) -> Any:
        page = int(request.url.partition("pageNum=")[2].partition("&")[0])
        if page == failing_page:
            return 503
        envs = [{"key": "A", "value": "b"}]
        rows = [instance(id=f"i-{n}", envs=envs) for n in range(100 * page - 100, min(100 * page, 249))]
        if page == 3:
            rows.append(instance(id="mine", envs=remote.posts[0].json["envs"]))
        return {"instances": rows, "total": 250}

    remote = AsyncRemote(clock, routed(create=lost, instances=listed))
    return remote


@pytest.mark.case("C-09")
async def test_the_mark_is_found_on_the_third_page(clock: VirtualClock) -> None:
    remote = three_pages(clock)
    assert (await rent_one(client_of(remote), product_id="p-1")).id == "mine"
    assert [seen.query.partition("pageNum=")[2] for seen in remote.gets] == ["1", "2", "3"]


@pytest.mark.case("C-09")
async def test_a_page_that_fails_in_every_look_proves_nothing_and_sends_nothing(clock: VirtualClock) -> None:
    remote = three_pages(clock, failing_page=2)
    client = client_of(remote, breakers={"public": None}, rate_limits={"public": None})
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent_one(client, product_id="p-1")
    assert (caught.value.verified, caught.value.looks, len(remote.posts)) == (False, 0, 1)


@pytest.mark.case("C-10")
async def test_no_window_however_empty_leads_to_a_second_request() -> None:
    sim = Simulator(quirks=Quirks(list_delay=100))
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("reset_after_processing", "create_instance"))
    for _ in range(2):
        with pytest.raises(OutcomeUnknownError) as caught:
            await rent_one(client, product_id=product_id, operation_id=OPERATION_ID)
        assert caught.value.verified
    assert (len(posts(sim)), caught.value.sends) == (1, 1)
    await sim.clock.sleep_async(40)  # type: ignore[attr-defined]  # the clock serves tasks and threads
    created = await rent_one(client, product_id=product_id, operation_id=OPERATION_ID)
    assert ([created.id], created.adopted, len(posts(sim))) == (living(sim), True, 1)


@pytest.fixture
def interrupting() -> InterruptingClock:
    return InterruptingClock()


@pytest.mark.case("C-11")
@pytest.mark.parametrize("on_cancel", ["keep", "delete"])
async def test_an_interrupted_create_says_what_it_made_and_deletes_it_if_so_wished(
    interrupting: InterruptingClock, on_cancel: str
) -> None:
    sim = Simulator(clock=interrupting, quirks=Quirks(list_delay=1))
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("latency", "create_instance", seconds=20))
    began = interrupting.monotonic()
    interrupt_at.set(began + 0.2)
    with pytest.raises(Interruption) as caught:
        await rent_one(client, product_id=product_id, on_cancel=on_cancel)
    assert interrupting.monotonic() - began <= 5.2
    (made,) = sim.cloud.world.instances.values()
    notes = " ".join(caught.value.__notes__)
    assert made.id in notes
    intent = await only_intent(client)
    if on_cancel == "keep":
        assert (intent.state, intent.resource_id) == ("adopted", made.id)
        assert sim.requests("delete_instance") == 0
    else:
        assert (intent.state, "was deleted" in notes) == ("not_created", True)
        await interrupting.sleep_async(60)
        sim.assert_no_leaks()


@pytest.mark.case("C-11")
async def test_what_an_interrupted_create_cannot_delete_is_said_to_be_billing(
    interrupting: InterruptingClock,
) -> None:
    sim = Simulator(clock=interrupting)
    client = sim.async_client(breakers={"public": None})
    product_id = await gpu_product(client)
    sim.faults.add(Fault("latency", "create_instance", seconds=20))
    sim.faults.add(Fault("status", "delete_instance", status=403, times=None))
    interrupt_at.set(interrupting.monotonic() + 0.2)
    with pytest.raises(Interruption) as caught:
        await rent_one(client, product_id=product_id, on_cancel="delete")
    assert "it may be billing" in " ".join(caught.value.__notes__)
    intent = await only_intent(client)
    assert (intent.state, [intent.resource_id]) == ("adopted", living(sim))


async def test_an_interrupted_create_that_nobody_finds_stays_open(interrupting: InterruptingClock) -> None:
    sim = Simulator(clock=interrupting, quirks=Quirks(list_delay=100))
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("latency", "create_instance", seconds=20))
    interrupt_at.set(interrupting.monotonic() + 0.2)
    with pytest.raises(Interruption):
        await rent_one(client, product_id=product_id)
    intent = await only_intent(client)
    assert (intent.state, intent.owner, intent.sends) == ("open", "", 1)


@pytest.mark.case("C-15")
async def test_a_full_environment_leaves_no_room_for_the_mark(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"id": "i-1"})
    with pytest.raises(ValidationError, match="envs"):
        await rent_one(client_of(remote), product_id="p-1", envs={f"V{n}": "x" for n in range(100)})
    assert not remote.seen


@pytest.mark.case("C-15")
async def test_a_long_name_leaves_no_room_for_the_mark_and_is_never_cut(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"id": "i-1"})
    with pytest.raises(ValidationError, match="at most 223 characters"):
        await rent_one(client_of(remote), product_id="p-1", name="n" * 240, marker="env+name")
    assert not remote.seen
    await rent_one(client_of(remote), product_id="p-1", name="n" * 223, marker="env+name")
    assert len(remote.posts[0].json["name"]) == 255


@pytest.mark.case("C-15")
async def test_a_copied_mark_is_replaced_by_the_new_one(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"id": "i-1"})
    created = await rent_one(client_of(remote), product_id="p-1", envs={MARKER_ENV: "old", "A": "b"})
    assert remote.posts[0].json["envs"] == [
        {"key": "A", "value": "b"},
        {"key": MARK, "value": created.operation_id},
    ]


async def test_a_create_without_a_mark_has_room_for_a_full_environment(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"id": "i-1"})
    await rent_one(
        client_of(remote), product_id="p-1", marker="none", envs={f"V{n}": "x" for n in range(100)}
    )
    assert len(remote.posts[0].json["envs"]) == 100


async def test_an_unmarked_create_whose_answer_is_lost_is_unknown_at_once(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=0)
    client = client_of(rentals.remote)
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent_one(client, product_id="p-1", marker="none")
    assert (rentals.remote.times, caught.value.looks, caught.value.verified) == ([0], 0, False)
    assert "envs" not in rentals.remote.posts[0].json
    assert ((await only_intent(client)).state, (await only_intent(client)).marker) == ("unknown", "none")
    for look_again in (
        lambda: pickle.loads(pickle.dumps(caught.value)).reconcile(client_of(rentals.remote)),  # noqa: S301 - our own
        caught.value.reconcile,
    ):
        with pytest.raises(ConfigurationError, match="leaves no mark"):
            await look_again()


async def test_the_window_can_be_chosen(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=0)
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent_one(client_of(rentals.remote), product_id="p-1", settle=2)
    assert (clock.monotonic() - 1000, caught.value.verified) == (2, True)


async def test_an_attempt_leaves_time_for_settling(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"id": "i-1"})
    client = client_of(remote)
    await rent_one(client, product_id="p-1", options=CallOptions(total_timeout=50, timeout=40))
    await rent_one(client, product_id="p-1", options=CallOptions(total_timeout=20, timeout=40))
    assert [seen.request.timeouts.attempt for seen in remote.seen] == [20, 5]


async def test_all_that_is_wrong_is_said_at_once(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"id": "i-1"})
    wrong: Any = {
        "operation_id": "short",
        "marker": "name",
        "settle": -1,
        "journal": "no",
        "on_cancel": "stop",
    }
    with pytest.raises(ValidationError) as caught:
        await rent_one(client_of(remote), product_id="p-1", gpu_num=9, notify="", **wrong)
    named = {problem.field for problem in caught.value.problems}
    assert named == {*wrong, "notify", "gpu_num"}
    assert not remote.seen


async def test_a_cpu_instance_is_made_as_safely(clock: VirtualClock) -> None:
    rentals = Rentals(clock, lost)
    client = client_of(rentals.remote)
    created = await client.gpu_instances.create_cpu(
        product_id="c-1", image_url="nginx", operation_id=OPERATION_ID
    )
    assert (created.id, created.adopted, created.operation_id) == ("i-1", True, OPERATION_ID)


async def test_an_instance_is_expected_to_run_after_four_minutes(clock: VirtualClock) -> None:
    created = await rent_one(client_of(AsyncRemote(clock, {"id": "i-1"})), product_id="p-1")
    assert created.estimated_ready_at is not None
    assert created.estimated_ready_at.timestamp() == pytest.approx(clock.time() + 240)


async def test_reconcile_finds_what_another_process_has_made() -> None:
    sim = Simulator(quirks=Quirks(list_delay=40))
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("reset_after_processing", "create_instance"))
    sent_at = sim.clock.time()
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent_one(client, product_id=product_id)
    identity = caught.value.operation_id or ""
    another = sim.async_client()
    with pytest.raises(ValidationError, match="sent_at"):
        await another.gpu_instances.reconcile(identity)
    found = await another.gpu_instances.reconcile(identity, sent_at=caught.value.sent_at)
    assert found is not None
    assert caught.value.sent_at is not None
    assert ([found.id], caught.value.sent_at.timestamp()) == (living(sim), pytest.approx(sent_at))
    assert await client.gpu_instances.reconcile(identity) == found


async def test_reconcile_asks_nothing_about_a_create_that_was_refused() -> None:
    sim = Simulator()
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.set_stock(product_id, 0)
    with pytest.raises(CapacityError):
        await rent_one(client, product_id=product_id, operation_id=OPERATION_ID)
    before = sim.requests()
    assert await client.gpu_instances.reconcile(OPERATION_ID) is None
    assert sim.requests() == before


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"operation_id": "short"}, id="operation id"),
        pytest.param({"operation_id": OPERATION_ID, "timeout": -1}, id="timeout"),
    ],
)
async def test_reconcile_refuses_wrong_arguments(clock: VirtualClock, arguments: Any) -> None:
    remote = AsyncRemote(clock, {"instances": []})
    with pytest.raises(ValidationError):
        await client_of(remote).gpu_instances.reconcile(**arguments)
    assert not remote.seen


async def test_several_creates_at_once_do_not_disturb_each_other() -> None:
    sim = Simulator()
    client = sim.async_client()
    product_id = await gpu_product(client)
    sim.faults.add(Fault("reset_after_processing", "create_instance", times=2))
    made = await gather(sim.clock, [lambda: rent_one(client, product_id=product_id)] * 4)  # type: ignore[arg-type]  # the clock serves both
    assert sorted(one.id for one in made) == sorted(living(sim))
    assert len({one.operation_id for one in made}) == 4


async def test_an_unknown_product_is_no_unknown_outcome() -> None:
    sim = Simulator()
    client = sim.async_client()
    with pytest.raises(NotFoundError):
        await rent_one(client, product_id="no-such-product")
    assert (await only_intent(client)).state == "refused"
