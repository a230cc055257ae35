# Generated from tests/aio/lifecycle/test_recreate.py by tools/unasync.py; edit the source.
"""Making an instance anew: a copy first, and the original only goes when the copy runs."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._sync.client import Novita
from novita_sdk.errors import (
    CapacityError,
    CleanupError,
    InvalidStateError,
    NotFoundError,
    NovitaError,
    OutcomeUnknownError,
    ValidationError,
    WaitTimeoutError,
)
from novita_sdk.testing import Fault, Simulator
from novita_sdk.testing.cloud.settings import Quirks
from tests.sync.lifecycle.spot_cloud import bodies, cloud, rented, requests, statuses, stuck, writes


@pytest.fixture
def sim() -> Simulator:
    return cloud()


@pytest.fixture
def client(sim: Simulator) -> Novita:
    return sim.client()


def failing(client: Novita, instance: Any, **arguments: Any) -> NovitaError:
    with pytest.raises(NovitaError) as caught:
        client.gpu_instances.recreate(instance, **arguments)
    return caught.value


def told(error: BaseException) -> str:
    return "\n".join((str(error), *getattr(error, "__notes__", ())))


@pytest.mark.case("M-08")
def test_the_copy_runs_before_the_original_goes(client: Novita, sim: Simulator) -> None:
    original = (rented(client)).id
    since = len(sim.journal)
    made = client.gpu_instances.recreate(original, delete_original=True)
    assert (made.original_id, made.original_deleted, made.instance.status) == (original, True, "running")
    assert writes(sim, since) == ["create_instance", "delete_instance"]
    reads = [entry.operation for entry in requests(sim, since)]
    assert "get_instance" in reads[reads.index("create_instance") : reads.index("delete_instance")]
    assert statuses(client) == {made.id: "running"}


@pytest.mark.case("M-08")
def test_the_copy_has_what_the_original_has(client: Novita, sim: Simulator) -> None:
    login = client.registry_auths.create(name="robot", username="robot", password="hidden-0")
    storage = client.network_storages.create(cluster_id="us-ca-06", storage_name="data", storage_size=20)
    original = rented(
        client,
        image_auth_id=login,
        network_storages={storage: "/data"},
        command="serve",
        rootfs_size=80,
    )
    client.gpu_instances.recreate(original.id)
    first, second = bodies(sim, "create_instance")
    marks = [body.pop("envs") for body in (first, second)]
    assert (first.pop("name"), second.pop("name")) == ("train", "train-r1")
    assert second == first
    assert [[pair["key"] for pair in envs] for envs in marks] == [["A", "NOVITA_SDK_OPERATION_ID"]] * 2
    assert marks[0][1] != marks[1][1]


def test_by_itself_the_original_stays(client: Novita) -> None:
    original = (rented(client)).id
    made = client.gpu_instances.recreate(original)
    assert not made.original_deleted
    assert statuses(client) == {original: "running", made.id: "running"}


def test_an_instance_is_found_by_its_name(client: Novita) -> None:
    original = (rented(client)).id
    made = client.gpu_instances.recreate("train")
    assert (made.original_id, made.instance.name) == (original, "train-r1")


def test_a_second_call_with_the_same_operation_id_goes_on_with_the_first_copy(
    client: Novita, sim: Simulator
) -> None:
    original = (rented(client)).id
    first = client.gpu_instances.recreate(original, operation_id="repair-0001")
    sim.set_stock("p-1", 0)  # the copy may be what took the last machine
    second = client.gpu_instances.recreate(original, operation_id="repair-0001", delete_original=True)
    assert (second.id, second.original_deleted) == (first.id, True)
    assert sim.requests("create_instance") == 2
    assert statuses(client) == {first.id: "running"}


@pytest.mark.case("M-06")
def test_a_refused_create_leaves_the_original(client: Novita, sim: Simulator) -> None:
    original = (rented(client)).id
    refusal = {"code": 400, "reason": "BALANCE_NOT_ENOUGH", "message": "balance not enough"}
    sim.faults.add(Fault("status", "create_instance", status=400, body=refusal))
    error = failing(client, original, delete_original=True)
    assert original in told(error)
    assert statuses(client) == {original: "running"}


def test_a_lost_answer_never_makes_two_copies(client: Novita, sim: Simulator) -> None:
    original = (rented(client)).id
    sim.faults.add(Fault("lost_reply", "create_instance"))
    made = client.gpu_instances.recreate(original)
    assert made.adopted
    assert set(statuses(client)) == {original, made.id}


def test_an_unknown_outcome_names_the_original(client: Novita, sim: Simulator) -> None:
    original = (rented(client)).id
    sim.faults.add(Fault("read_timeout", "create_instance"))
    error = failing(client, original, delete_original=True)
    assert isinstance(error, OutcomeUnknownError)
    assert original in told(error)
    assert statuses(client) == {original: "running"}


def test_a_copy_that_is_late_is_left_and_named_beside_its_original(client: Novita, sim: Simulator) -> None:
    original = (rented(client)).id
    sim.fail_next("boot")
    error = failing(client, original, delete_original=True, timeout=60)
    assert isinstance(error, WaitTimeoutError)
    assert error.resource_id not in {None, original}
    assert original in told(error)
    assert str(error.resource_id) in told(error)
    assert original in statuses(client)


@pytest.mark.case("M-07")
def test_a_refused_delete_names_both_and_makes_no_further_copy(client: Novita, sim: Simulator) -> None:
    original = (rented(client)).id
    refusal = {"code": 400, "reason": "REQUEST", "message": "cannot be deleted"}
    sim.faults.add(Fault("status", "delete_instance", status=400, body=refusal, times=6))
    error = failing(client, original, delete_original=True, operation_id="repair-0002")
    assert isinstance(error, CleanupError)
    (copy,) = set(statuses(client)) - {original}
    assert original in str(error)
    assert copy in str(error)
    assert sim.requests("delete_instance") == 3
    again = failing(client, original, delete_original=True, operation_id="repair-0002")
    assert isinstance(again, CleanupError)
    assert set(statuses(client)) == {original, copy}


def test_an_original_that_came_back_is_not_deleted(client: Novita, sim: Simulator) -> None:
    original = stuck(client, sim)
    sim.timings = type(sim.timings)(creating=3, pulling=60)
    real_get = client.gpu_instances.find

    def find(*args: Any, **options: Any) -> Any:
        found = real_get(*args, **options)
        if options.get("id") == original:
            sim.set_status(original, "running")
            found = real_get(*args, **options)
        return found

    client.gpu_instances.find = find  # type: ignore[method-assign]
    error = failing(client, original, delete_original=True)
    assert isinstance(error, InvalidStateError)
    assert original in str(error)
    assert (statuses(client))[original] == "running"
    assert sim.requests("delete_instance") == 0


@pytest.mark.parametrize(
    ("shown", "field"),
    [
        ({"imageUrl": ""}, "image_url"),
        ({"productId": ""}, "product_id"),
        ({"billingMode": "monthly"}, "billing_mode"),
    ],
)
def test_what_cannot_be_copied_is_refused_before_anything_is_sent(
    client: Novita, sim: Simulator, shown: dict[str, Any], field: str
) -> None:
    original = (rented(client)).id
    sim.show(original, **shown)
    since = len(sim.journal)
    error = failing(client, original)
    assert isinstance(error, ValidationError)
    assert [found.field for found in error.problems] == [field]
    assert writes(sim, since) == []


def test_what_only_the_list_shows_is_used(sim: Simulator) -> None:
    sim.quirks = Quirks(hide_envs_in_get=True)
    client = sim.client()
    original = (rented(client)).id
    client.gpu_instances.recreate(original)
    assert bodies(sim, "create_instance")[1]["envs"][0] == {"key": "A", "value": "1"}


def test_a_product_that_is_sold_out_is_not_asked_for(client: Novita, sim: Simulator) -> None:
    original = (rented(client)).id
    sim.set_stock("p-1", 0)
    error = failing(client, original)
    assert isinstance(error, CapacityError)
    assert (error.code, error.resource_id) == ("NO_AVAILABLE_PRODUCTS", original)
    assert sim.requests("create_instance") == 1


def test_another_product_of_the_name_stands_in_only_if_that_is_allowed(
    client: Novita, sim: Simulator
) -> None:
    original = (rented(client)).id
    sim.set_stock("p-1", 0)
    for product, price in (("p-dear", 20_000), ("p-cheap", 18_000)):
        sim.add_product(product, "RTX 4090 24GB", price=40_000, spot_price=price, stock={"us-ca-06": None})
    sim.add_product("p-other", "RTX 4090D 24GB", price=1, spot_price=1, stock={"us-ca-06": None})
    assert isinstance(failing(client, original), CapacityError)
    made = client.gpu_instances.recreate(original, allow_substitute=True)
    assert made.instance.product_id == "p-cheap"


def test_an_unknown_instance_is_not_found(client: Novita, sim: Simulator) -> None:
    error = failing(client, "no-such-instance")
    assert isinstance(error, NotFoundError)
    assert writes(sim) == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"operation_id": "short"}, "operation_id"),
        ({"timeout": 0}, "timeout"),
        ({"name": ""}, "name"),
        ({"notify": 5}, "notify"),
        ({"ready": "soon"}, "ready"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(
    client: Novita, sim: Simulator, arguments: dict[str, Any], field: str
) -> None:
    error = failing(client, "i-1", **arguments)
    assert isinstance(error, ValidationError)
    assert [found.field for found in error.problems] == [field]
    assert len(sim.journal) == 0


def test_a_machine_without_gpus_is_copied() -> None:
    fresh = Simulator(seed=1)
    other = fresh.client()
    product = next(one for one in other.products.list_cpu().collect() if one.available_deploy)
    created = other.gpu_instances.create_cpu(product_id=product.id, image_url="nginx", name="web")
    other.gpu_instances.wait(created.id, timeout=1800)
    made = other.gpu_instances.recreate(created.id)
    assert (made.instance.kind, made.instance.name) == ("cpu", "web-r1")
