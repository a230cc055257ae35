"""Arguments of every method of every resource: what is refused before anything is sent."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from novita_sdk._async import resources
from novita_sdk._async.client import AsyncNovita
from novita_sdk.errors import NotFoundError, PagingError, ResponseDecodeError, ValidationError
from novita_sdk.models import Secret
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of, instance

pytestmark = pytest.mark.anyio

Call = Callable[[AsyncNovita], Any]

NOON = datetime(2026, 4, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def finished(call: Call, client: AsyncNovita) -> Any:
    """Make a call; of a list fetch the first page."""
    made = call(client)
    return await (made.first() if hasattr(made, "first") else made)


def methods_of(client: AsyncNovita) -> dict[str, Any]:
    """All public methods of all resources, by their name as callers write it."""
    found = {}
    for name in dir(type(client)):
        resource = getattr(client, name)
        if type(resource).__name__ in resources.__all__:
            for method, function in inspect.getmembers(resource, callable):
                if not method.startswith("_"):
                    found[f"{name}.{method}"] = function
    return found


# ------------------------------------------------------------------------------------------ ids

HOSTILE = ["", "  ", ".", "..", "\ud800", "x" * 1025, None, True, 1.5, b"x", ["i-1"], object()]

WITH_ID: dict[str, Callable[[AsyncNovita, Any], Any]] = {
    **{
        f"gpu_instances.{verb}": lambda client, given, verb=verb: getattr(client.gpu_instances, verb)(given)
        for verb in (
            *("get", "start", "stop", "restart", "delete", "migrate", "metrics", "reconcile", "recreate"),
            *("wait", "start_and_wait", "restart_and_wait", "stop_and_wait", "delete_and_wait"),
        )
    },
    "gpu_instances.edit": lambda client, given: client.gpu_instances.edit(given, ports=None),
    "gpu_instances.upgrade": lambda client, given: client.gpu_instances.upgrade(given, command="x"),
    "gpu_instances.renew": lambda client, given: client.gpu_instances.renew(given, month=1),
    "gpu_instances.convert_to_monthly": lambda client, given: client.gpu_instances.convert_to_monthly(
        given, month=1
    ),
    "gpu_instances.set_auto_renew": lambda client, given: client.gpu_instances.set_auto_renew(
        ["i-1", given], auto_renew=True
    ),
    "gpu_instances.set_auto_migrate": lambda client, given: client.gpu_instances.set_auto_migrate(
        given, auto_migrate_open=True
    ),
    "gpu_instances.save_image": lambda client, given: client.gpu_instances.save_image(given, image="a:1"),
    "jobs.get": lambda client, given: client.jobs.get(given),
    "jobs.cancel": lambda client, given: client.jobs.cancel(given),
    "jobs.wait": lambda client, given: client.jobs.wait(given),
    "registry_auths.get": lambda client, given: client.registry_auths.get(given),
    "registry_auths.delete": lambda client, given: client.registry_auths.delete(given),
    "templates.get": lambda client, given: client.templates.get(given),
    "templates.update": lambda client, given: client.templates.update(given, name="x"),
    "templates.delete": lambda client, given: client.templates.delete(given),
    "images.delete": lambda client, given: client.images.delete(given),
    "image_prewarms.update": lambda client, given: client.image_prewarms.update(given, note="x"),
    "image_prewarms.delete": lambda client, given: client.image_prewarms.delete("w-1", given),
    "networks.get": lambda client, given: client.networks.get(given),
    "networks.update": lambda client, given: client.networks.update(given, name="x"),
    "networks.delete": lambda client, given: client.networks.delete(given),
    "network_storages.get": lambda client, given: client.network_storages.get(given),
    "network_storages.update": lambda client, given: client.network_storages.update(given, storage_name="x"),
    "network_storages.delete": lambda client, given: client.network_storages.delete(given),
    "serverless_endpoints.get": lambda client, given: client.serverless_endpoints.get(given),
    "serverless_endpoints.drain_worker": lambda client, given: client.serverless_endpoints.drain_worker(
        given
    ),
}


@pytest.mark.parametrize("name", WITH_ID)
async def test_what_is_no_id_is_refused_before_anything_is_sent(clock: VirtualClock, name: str) -> None:
    remote = AsyncRemote(clock, {})
    client = client_of(remote)
    for given in HOSTILE:
        with pytest.raises(ValidationError):
            await WITH_ID[name](client, given)
    assert not remote.seen


async def test_every_method_that_takes_an_id_is_tried_with_hostile_ones(clock: VirtualClock) -> None:
    methods = methods_of(client_of(AsyncRemote(clock, 500), webhook_secret="a secret"))
    taking = {
        name
        for name, function in methods.items()
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is not parameter.KEYWORD_ONLY
        if parameter.default is parameter.empty or parameter.name == "instance"
        if parameter.name.endswith(("_id", "_ids", "instance", "instances"))
    }
    assert taking == WITH_ID.keys()


async def test_an_instance_stands_for_its_id(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, instance(id="i-7"), {})
    client = client_of(remote)
    found = await client.gpu_instances.get("i-7")
    await client.gpu_instances.stop(found)
    await client.gpu_instances.set_auto_renew([found], auto_renew=False)
    assert [seen.json for seen in remote.posts] == [
        {"instanceId": "i-7"},
        {"instanceIds": ["i-7"], "autoRenew": False, "autoRenewMonth": 1},
    ]


# ------------------------------------------------------------------------------------------ other arguments

# how it is called, the arguments that are wrong
REFUSED: list[tuple[Call, list[str]]] = [
    (lambda client: client.gpu_instances.create(product_id="p"), ["image_url"]),
    (
        lambda client: client.gpu_instances.create(
            product_id="p", image_url="nginx", gpu_num=9, rootfs_size=5, ports=["2222/tcp"]
        ),
        ["ports[0]", "gpu_num", "rootfs_size"],
    ),
    (lambda client: client.gpu_instances.create_cpu(product_id="", image_url="nginx"), ["product_id"]),
    (lambda client: client.gpu_instances.list(status=7), ["status"]),
    (lambda client: client.gpu_instances.list(page_size=0), ["page_size"]),
    (lambda client: client.gpu_instances.edit("i-1"), ["changes"]),
    (lambda client: client.gpu_instances.edit("i-1", expand_root_disk=-1), ["expand_root_disk"]),
    (lambda client: client.gpu_instances.upgrade("i-1"), ["changes"]),
    (lambda client: client.gpu_instances.upgrade("i-1", envs=7), ["envs"]),
    (lambda client: client.gpu_instances.renew("i-1", month=0), ["month"]),
    (lambda client: client.gpu_instances.convert_to_monthly("i-1", month="1"), ["month"]),
    (lambda client: client.gpu_instances.set_auto_renew([], auto_renew=True), ["instances"]),
    (lambda client: client.gpu_instances.set_auto_renew("i-1", auto_renew=True), ["instances"]),
    (lambda client: client.gpu_instances.set_auto_renew(None, auto_renew=True), ["instances"]),
    (lambda client: client.gpu_instances.set_auto_renew(["i-1"], auto_renew="on"), ["auto_renew"]),
    (
        lambda client: client.gpu_instances.set_auto_migrate("i-1", auto_migrate_open=1),
        ["auto_migrate_open"],
    ),
    (lambda client: client.gpu_instances.save_image("i-1", image=""), ["image"]),
    (lambda client: client.gpu_instances.metrics("i-1", interval=1), ["interval"]),
    (
        lambda client: client.gpu_instances.metrics("i-1", start_time=NOON, end_time=NOON),
        ["end_time"],
    ),
    (lambda client: client.jobs.list(job_id=""), ["job_id"]),
    (lambda client: client.jobs.list(start_time=7), ["start_time"]),
    (
        lambda client: client.registry_auths.create(name="", username="", password=""),
        ["name", "username", "password"],
    ),
    (lambda client: client.products.list(gpu_num=9), ["gpu_num"]),
    (lambda client: client.products.list_cpu(product_name=7), ["product_name"]),
    (lambda client: client.templates.list(channel=""), ["channel"]),
    (lambda client: client.templates.create(name="n"), ["image"]),
    (lambda client: client.templates.update("t-1"), ["changes"]),
    (lambda client: client.images.list(type=""), ["type"]),
    (lambda client: client.image_prewarms.list(page_size=101), ["page_size"]),
    (lambda client: client.image_prewarms.create(image_url="", cluster_id=""), ["cluster_id", "image_url"]),
    (
        lambda client: client.image_prewarms.create(image_url="a", cluster_id="c", product_ids="pq"),
        ["product_ids"],
    ),
    (lambda client: client.image_prewarms.update("w-1"), ["changes"]),
    (lambda client: client.image_prewarms.delete(), ["prewarm_ids"]),
    (lambda client: client.networks.create(cluster_id=""), ["cluster_id"]),
    (lambda client: client.networks.update("n-1", name="x" * 31), ["name"]),
    (
        lambda client: client.network_storages.create(cluster_id="c", storage_name="n", storage_size=9),
        ["storage_size"],
    ),
    (lambda client: client.network_storages.update("s-1"), ["changes"]),
    (
        lambda client: client.network_storages.update("s-1", storage_name="x", storage_size=None),
        ["storage_size"],
    ),
    (lambda client: client.billing.usage(cycle_type="", product_category="gpu"), ["cycle_type"]),
    (lambda client: client.billing.subscriptions(start_time="x"), ["start_time"]),
    (lambda client: client.billing.monthly_invoices(start_month=4), ["start_month"]),
    (
        lambda client: client.billing.api_key_bills(
            cycle_type="Hour", start_time=NOON, end_time=NOON + timedelta(days=8)
        ),
        ["end_time"],
    ),
    (
        lambda client: client.billing.transactions(
            transaction_time_start=NOON, transaction_time_end=NOON - HOUR
        ),
        ["transaction_time_end"],
    ),
]


@pytest.mark.parametrize(
    ("call", "names"), REFUSED, ids=[f"{row[1][0]}-{n}" for n, row in enumerate(REFUSED)]
)
async def test_wrong_arguments_are_all_named_before_anything_is_sent(
    clock: VirtualClock, call: Call, names: list[str]
) -> None:
    remote = AsyncRemote(clock, {})
    with pytest.raises(ValidationError) as caught:
        await finished(call, client_of(remote))
    assert [problem.field for problem in caught.value.problems] == names
    assert not remote.seen


@pytest.mark.parametrize("name", ["create", "create_cpu", "upgrade"])
async def test_an_unknown_argument_is_refused_by_name(clock: VirtualClock, name: str) -> None:
    remote = AsyncRemote(clock, {})
    arguments: dict[str, Any] = {"product_id": "p", "image_url": "nginx", "gpu_nmu": 2}
    if name == "upgrade":
        arguments = {"instance": "i-1", "gpu_nmu": 2}
    with pytest.raises(TypeError, match="gpu_nmu"):
        await getattr(client_of(remote).gpu_instances, name)(**arguments)
    assert not remote.seen


# ------------------------------------------------------------------------------------------ searching lists


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda client: client.jobs.get("7"), "JOB_NOT_FOUND"),
        (lambda client: client.registry_auths.get("7"), "REGISTRY_AUTH_NOT_FOUND"),
        (lambda client: client.network_storages.get("7"), "NETWORK_STORAGE_NOT_FOUND"),
    ],
)
async def test_what_is_not_in_its_list_is_not_found(clock: VirtualClock, call: Call, code: str) -> None:
    others = {"jobs": [{"Id": "8"}], "data": [{"id": "8", "storageId": "8"}]}
    with pytest.raises(NotFoundError) as caught:
        await call(client_of(AsyncRemote(clock, others)))
    error = caught.value
    assert (error.code, error.status, error.status_hint) == (code, None, 404)
    assert (error.identifier, error.searched_by) == ("7", ("id",))


@pytest.mark.parametrize(
    "call", [lambda client: client.jobs.get("7"), lambda client: client.network_storages.get("7")]
)
async def test_of_an_incomplete_list_nothing_is_said_to_be_missing(clock: VirtualClock, call: Call) -> None:
    others = {"jobs": [{"Id": "8"}], "data": [{"storageId": "8"}], "total": 2}
    with pytest.raises(PagingError, match="7"):
        await call(client_of(AsyncRemote(clock, others)))


@pytest.mark.parametrize("odd", [{"id": "7", "name": {}}, {"name": "nameless"}])
async def test_what_is_there_but_cannot_be_read_is_not_said_to_be_missing(
    clock: VirtualClock, odd: dict[str, Any]
) -> None:
    remote = AsyncRemote(clock, {"data": [{"id": "8"}, odd]})
    with pytest.raises(ResponseDecodeError) as caught:
        await client_of(remote).registry_auths.get("7")
    assert (caught.value.path or "").startswith("$.data[1]")
    assert caught.value.operation == "list_repository_auths"


async def test_an_odd_item_of_another_id_does_not_stand_in_the_way(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"data": [{"id": "8", "name": {}}]})
    with pytest.raises(NotFoundError):
        await client_of(remote).registry_auths.get("7")


async def test_a_registry_login_is_found_in_the_list_by_its_id(clock: VirtualClock) -> None:
    stored = [{"id": "6", "name": "one"}, {"id": "7", "name": "two"}]
    found = await client_of(AsyncRemote(clock, {"data": stored})).registry_auths.get(7)
    assert found.name == "two"


async def test_what_a_storage_keeps_is_read_first(clock: VirtualClock) -> None:
    stored = {"data": [{"storageId": "s-1", "storageName": "old", "storageSize": 10}], "total": 1}
    remote = AsyncRemote(clock, stored, {}, stored, {})
    client = client_of(remote)
    await client.network_storages.update("s-1", storage_name="new")
    await client.network_storages.update("s-1", storage_size=20)
    assert [seen.json for seen in remote.posts] == [
        {"storageId": "s-1", "storageName": "new", "storageSize": 10},
        {"storageId": "s-1", "storageName": "old", "storageSize": 20},
    ]


async def test_a_password_may_be_given_hidden_and_is_sent_in_clear(clock: VirtualClock) -> None:
    stored = {"data": [{"id": "7", "name": "one", "username": "u"}]}
    remote = AsyncRemote(clock, {"data": []}, {}, stored)
    found = await client_of(remote).registry_auths.create(name="one", username="u", password=Secret("pw"))
    assert found == "7"
    assert remote.posts[0].json["password"] == "pw"


async def test_a_resource_shows_its_name(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, {}))
    assert repr(client.gpu_instances) == f"<{type(client.gpu_instances).__name__}>"
