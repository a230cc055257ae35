"""Every method of every resource: what it sends, and what it refuses before anything is sent."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from novita_sdk._async import resources
from novita_sdk._async.client import AsyncNovita
from novita_sdk.errors import NotFoundError, ValidationError
from novita_sdk.models import Secret
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of, instance

pytestmark = pytest.mark.anyio

Call = Callable[[AsyncNovita], Any]

NOON = datetime(2026, 4, 15, 12, tzinfo=UTC)
EPOCH = int(NOON.timestamp())
HOUR = timedelta(hours=1)


async def finished(call: Call, client: AsyncNovita) -> Any:
    """Make a call; of a list fetch the first page."""
    made = call(client)
    return await (made.first() if hasattr(made, "first") else made)


# ------------------------------------------------------------------------------------------ what is sent

# method of a resource, how it is called, answer, method and path, query or body
SENT: list[tuple[str, Call, Any, str, dict[str, Any]]] = [
    (
        "gpu_instances.create",
        lambda client: client.gpu_instances.create_cpu(product_id="p", image_url="nginx"),
        {"id": "i-1"},
        "POST gpu/instance/create",
        {"kind": "cpu", "productId": "p"},
    ),
    (
        "gpu_instances.create",
        lambda client: client.gpu_instances.create(product_id="p", image_url="nginx", gpu_num=2),
        {"id": "i-1"},
        "POST gpu/instance/create",
        {"kind": "gpu", "productId": "p", "gpuNum": 2},
    ),
    (
        "gpu_instances.list",
        lambda client: client.gpu_instances.list(name="n", product_name="p", status="running", page_size=7),
        {"instances": []},
        "GET gpu/instances",
        {"name": "n", "productName": "p", "status": "running", "pageSize": "7", "pageNum": "1"},
    ),
    (
        "gpu_instances.get",
        lambda client: client.gpu_instances.get(7),
        instance(),
        "GET gpu/instance",
        {"instanceId": "7"},
    ),
    (
        "gpu_instances.edit",
        lambda client: client.gpu_instances.edit("i-1", ports=["80/http"]),
        {},
        "POST gpu/instance/edit",
        {"instanceId": "i-1", "ports": [{"port": 80, "type": "http"}]},
    ),
    *(
        (
            f"gpu_instances.{verb}",
            lambda client, verb=verb: getattr(client.gpu_instances, verb)("i-1"),
            {},
            f"POST gpu/instance/{verb}",
            {"instanceId": "i-1"},
        )
        for verb in ("start", "stop", "restart", "delete", "migrate")
    ),
    (
        "gpu_instances.renew",
        lambda client: client.gpu_instances.renew("i-1", month=3),
        {},
        "POST gpu/instance/renewInstance",
        {"instanceId": "i-1", "month": 3},
    ),
    (
        "gpu_instances.convert_to_monthly",
        lambda client: client.gpu_instances.convert_to_monthly("i-1", month=3),
        {},
        "POST gpu/instance/transToMonthlyInstance",
        {"instanceId": "i-1", "month": 3},
    ),
    (
        "gpu_instances.set_auto_renew",
        lambda client: client.gpu_instances.set_auto_renew(["i-1", 2], auto_renew=True, auto_renew_month=2),
        {},
        "POST gpu/instance/setAutoRenew",
        {"instanceIds": ["i-1", "2"], "autoRenew": True, "autoRenewMonth": 2},
    ),
    (
        "gpu_instances.set_auto_migrate",
        lambda client: client.gpu_instances.set_auto_migrate("i-1", auto_migrate_open=True),
        {},
        "POST gpu/instance/setAutoMigrate",
        {"instanceId": "i-1", "autoMigrateOpen": True, "autoMigrateSystemDisk": False},
    ),
    (
        "gpu_instances.save_image",
        lambda client: client.gpu_instances.save_image("i-1", image="r.example/a:1", registry_auth_id=5),
        {"jobId": "j-1"},
        "POST job/save/image",
        {"instanceId": "i-1", "image": "r.example/a:1", "registryAuthId": "5"},
    ),
    (
        "gpu_instances.metrics",
        lambda client: client.gpu_instances.metrics(
            "i-1", start_time=NOON, end_time=NOON + HOUR, interval=60
        ),
        {},
        "GET openapi/v1/metrics/gpu/instance",
        {"instanceId": "i-1", "startTime": str(EPOCH), "endTime": str(EPOCH + 3600), "interval": "60"},
    ),
    (
        "jobs.list",
        lambda client: client.jobs.list(job_id=7, state="running", type="saveImage", creators="u"),
        {"jobs": []},
        "GET jobs",
        {"jobId": "7", "state": "running", "type": "saveImage", "creators": "u"},
    ),
    ("jobs.query", lambda client: client.jobs.query(job_id=7), {"jobs": []}, "GET jobs", {"jobId": "7"}),
    ("jobs.get", lambda client: client.jobs.get(7), {"jobs": [{"Id": "7"}]}, "GET jobs", {"jobId": "7"}),
    ("jobs.cancel", lambda client: client.jobs.cancel(7), {}, "POST job/break", {"jobId": "7"}),
    (
        "registry_auths.list",
        lambda client: client.registry_auths.list(),
        {"data": []},
        "GET repository/auths",
        {},
    ),
    (
        "registry_auths.get",
        lambda client: client.registry_auths.get(7),
        {"data": [{"id": "7"}]},
        "GET repository/auths",
        {},
    ),
    (
        "registry_auths.delete",
        lambda client: client.registry_auths.delete("r-1"),
        {},
        "POST repository/auth/delete",
        {"id": "r-1"},
    ),
    (
        "products.list",
        lambda client: client.products.list(
            cluster_id="c",
            gpu_num=1,
            product_name="4090",
            min_cpu_per_gpu=2,
            min_memory_per_gpu=3,
            min_root_fs_size=4,
            billing_method="spot",
        ),
        {"data": []},
        "GET products",
        {
            "clusterId": "c",
            "gpuNum": "1",
            "productName": "4090",
            "minCpuPerGpu": "2",
            "minMemoryPerGpu": "3",
            "minRootFSSize": "4",
            "billingMethod": "spot",
        },
    ),
    (
        "products.list_cpu",
        lambda client: client.products.list_cpu(cluster_id="c", product_name="cpu"),
        {"data": []},
        "GET cpu/products",
        {"clusterId": "c", "productName": "cpu"},
    ),
    ("clusters.list", lambda client: client.clusters.list(), {"data": []}, "GET clusters", {}),
    (
        "templates.list",
        lambda client: client.templates.list(name="n", type="instance", channel="private"),
        {"template": []},
        "GET templates",
        {"name": "n", "type": "instance", "channel": "private", "isMyCommunity": "true"},
    ),
    (
        "templates.get",
        lambda client: client.templates.get(7),
        {"template": {"Id": "7"}},
        "GET template",
        {"templateId": "7"},
    ),
    (
        "templates.create",
        lambda client: client.templates.create(name="n", image="nginx"),
        {"templateId": "7"},
        "POST template/create",
        {
            "template": {
                "name": "n",
                "image": "nginx",
                "type": "instance",
                "channel": "private",
                "rootfsSize": 60,
            }
        },
    ),
    (
        "templates.delete",
        lambda client: client.templates.delete(7),
        {},
        "POST template/delete",
        {"templateId": "7"},
    ),
    (
        "images.list",
        lambda client: client.images.list(type="private", name="n"),
        {"images": []},
        "GET images",
        {"type": "private", "name": "n"},
    ),
    ("images.delete", lambda client: client.images.delete("m-1"), {}, "POST image/delete", {"id": "m-1"}),
    (
        "image_prewarms.quota",
        lambda client: client.image_prewarms.quota(),
        {"quota": 1},
        "GET image/prewarm/quota",
        {},
    ),
    (
        "image_prewarms.list",
        lambda client: client.image_prewarms.list(state="success", cluster_id="c", name="n"),
        {"data": []},
        "GET image/prewarm",
        {"state": "success", "clusterId": "c", "name": "n"},
    ),
    (
        "image_prewarms.create",
        lambda client: client.image_prewarms.create(
            image_url="nginx", cluster_id="c", product_ids=("p", "q")
        ),
        {"id": "w-1"},
        "POST image/prewarm",
        {"imageUrl": "nginx", "clusterId": "c", "productIds": ["p", "q"]},
    ),
    (
        "image_prewarms.update",
        lambda client: client.image_prewarms.update("w-1", note=None),
        {},
        "POST image/prewarm/edit",
        {"id": "w-1", "note": ""},
    ),
    (
        "image_prewarms.delete",
        lambda client: client.image_prewarms.delete("w-1", 2),
        {},
        "POST image/prewarm/delete",
        {"ids": ["w-1", "2"]},
    ),
    (
        "networks.list",
        lambda client: client.networks.list(name="n", creators="u"),
        {"networks": []},
        "GET networks",
        {"name": "n", "creators": "u"},
    ),
    ("networks.get", lambda client: client.networks.get(7), {"Id": "7"}, "GET network", {"networkId": "7"}),
    (
        "networks.update",
        lambda client: client.networks.update("n-1", name="x"),
        {},
        "POST network/update",
        {"networkId": "n-1", "name": "x"},
    ),
    (
        "networks.delete",
        lambda client: client.networks.delete("n-1"),
        {},
        "POST network/delete",
        {"networkId": "n-1"},
    ),
    (
        "network_storages.list",
        lambda client: client.network_storages.list(storage_name="n", storage_id="s"),
        {"data": []},
        "GET networkstorages/list",
        {"storageName": "n", "storageId": "s"},
    ),
    (
        "network_storages.get",
        lambda client: client.network_storages.get(7),
        {"data": [{"storageId": "7"}]},
        "GET networkstorages/list",
        {"storageId": "7"},
    ),
    (
        "network_storages.update",
        lambda client: client.network_storages.update("s-1", storage_name="x", storage_size=20),
        {},
        "POST networkstorage/update",
        {"storageId": "s-1", "storageName": "x", "storageSize": 20},
    ),
    (
        "network_storages.delete",
        lambda client: client.network_storages.delete("s-1"),
        {},
        "POST networkstorage/delete",
        {"storageId": "s-1"},
    ),
    (
        "billing.balance",
        lambda client: client.billing.balance(),
        {"availableBalance": "1"},
        "GET openapi/v1/billing/balance/detail",
        {},
    ),
    (
        "billing.usage",
        lambda client: client.billing.usage(
            cycle_type="Day", product_category="gpu", start_time=NOON, end_time=NOON + HOUR, owner_id="o"
        ),
        {"bills": []},
        "GET openapi/v1/billing/bill/list",
        {
            "cycleType": "Day",
            "productCategory": "gpu",
            "startTime": str(EPOCH),
            "endTime": str(EPOCH + 3600),
            "ownerId": "o",
        },
    ),
    (
        "billing.subscriptions",
        lambda client: client.billing.subscriptions(category="gpu", product_name="p"),
        {"bills": []},
        "GET openapi/v1/billing/bill/monthly/list",
        {"category": "gpu", "productName": "p"},
    ),
    (
        "billing.monthly_invoices",
        lambda client: client.billing.monthly_invoices(start_month="2026-04"),
        {"bills": []},
        "GET openapi/v1/billing/monthly/bill",
        {"startMonth": "2026-04", "page": "1"},
    ),
    (
        "billing.api_key_bills",
        lambda client: client.billing.api_key_bills(cycle_type="Day", start_time=NOON, end_time=NOON + HOUR),
        {"bills": []},
        "GET openapi/v1/billing/api-key/bill/list",
        {"cycleType": "Day", "startTime": str(EPOCH), "endTime": str(EPOCH + 3600)},
    ),
    (
        "billing.transactions",
        lambda client: client.billing.transactions(serial_number="s", order_type="refund"),
        {"data": []},
        "GET openapi/v1/payment/transactions",
        {"serialNumber": "s", "orderType": "refund", "pageNo": "1"},
    ),
]


@pytest.mark.parametrize(
    ("call", "answer", "line", "content"), [row[1:] for row in SENT], ids=[row[0] for row in SENT]
)
async def test_a_method_sends_its_operation(
    clock: VirtualClock, call: Call, answer: Any, line: str, content: dict[str, Any]
) -> None:
    remote = AsyncRemote(clock, answer)
    await finished(call, client_of(remote))
    sent = remote.seen[0]
    assert remote.paths[0] == line
    found = sent.json if sent.request.method == "POST" else dict(parse_qsl(sent.query))
    assert {key: found.get(key) for key in content} == content


# methods that make several requests; each has tests of its own
ELSEWHERE = {
    "gpu_instances.create_cpu",
    "gpu_instances.upgrade",
    "gpu_instances.wait",
    "jobs.wait",
    "network_storages.create",
    "networks.create",
    "registry_auths.create",
    "templates.update",
}


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


async def test_no_method_is_forgotten_here(clock: VirtualClock) -> None:
    methods = methods_of(client_of(AsyncRemote(clock, 500)))
    assert methods.keys() == {row[0] for row in SENT} | ELSEWHERE


# ------------------------------------------------------------------------------------------ ids

HOSTILE = ["", "  ", ".", "..", "\ud800", "x" * 1025, None, True, 1.5, b"x", ["i-1"], object()]

WITH_ID: dict[str, Callable[[AsyncNovita, Any], Any]] = {
    **{
        f"gpu_instances.{verb}": lambda client, given, verb=verb: getattr(client.gpu_instances, verb)(given)
        for verb in ("get", "start", "stop", "restart", "delete", "migrate", "metrics", "wait")
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
    methods = methods_of(client_of(AsyncRemote(clock, 500)))
    taking = {
        name
        for name, function in methods.items()
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is not parameter.KEYWORD_ONLY and parameter.default is parameter.empty
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
        ["gpu_num", "rootfs_size", "ports[0]"],
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
    (lambda client: client.products.list_cpu(cluster_id=7), ["cluster_id"]),
    (lambda client: client.templates.list(channel=""), ["channel"]),
    (lambda client: client.templates.create(name="n"), ["image"]),
    (lambda client: client.templates.update("t-1"), ["changes"]),
    (lambda client: client.images.list(type=""), ["type"]),
    (lambda client: client.image_prewarms.list(page_size=101), ["page_size"]),
    (lambda client: client.image_prewarms.create(image_url="", cluster_id=""), ["image_url", "cluster_id"]),
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
