"""What the SDK refuses although the contract lets it pass: the whole list, and proof of each line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from novita_sdk._core import operations
from novita_sdk._core.requests.images import update_image_prewarm_body
from novita_sdk._core.requests.instances import (
    create_cpu_instance_body,
    create_instance_body,
    edit_instance_body,
)
from novita_sdk._core.requests.plain import body_values, query_values
from novita_sdk._core.requests.templates import create_template_body
from novita_sdk.errors import ValidationError

GPU = {"productId": "p", "imageUrl": "i", "kind": "gpu", "gpuNum": 1, "rootfsSize": 60}
TEMPLATE = {"name": "n", "type": "instance", "channel": "private", "image": "i", "rootfsSize": 60}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def create(**more: Any) -> Callable[[], object]:
    return lambda: create_instance_body(product_id="p", image_url="i", **more)


def edit(**more: Any) -> Callable[[], object]:
    return lambda: edit_instance_body("i-1", **more)


def write(name: str, **values: Any) -> Callable[[], object]:
    return lambda: body_values(operations.ALL[name], values)


class BodyRule(NamedTuple):
    """A body that the contract's schema accepts, and the call with which the SDK refuses it."""

    why: str
    schema: str
    wire: Any
    argument: str
    call: Callable[[], object]


BODY_RULES = (
    BodyRule(
        "a port above 65535",
        "CreateGpuInstanceRequest",
        GPU | {"ports": "99999/http"},
        "ports[0]",
        create(ports=["99999/http"]),
    ),
    BodyRule(
        "port 0", "CreateGpuInstanceRequest", GPU | {"ports": "0/http"}, "ports[0]", create(ports=["0/http"])
    ),
    BodyRule(
        "a reserved port",
        "CreateGpuInstanceRequest",
        GPU | {"ports": "2222/tcp"},
        "ports[0]",
        create(ports=["2222/tcp"]),
    ),
    BodyRule(
        "a port given twice",
        "CreateGpuInstanceRequest",
        GPU | {"ports": "80/http, 80/tcp"},
        "ports[1]",
        create(ports=["80/http", "80/tcp"]),
    ),
    BodyRule(
        "16 ports",
        "CreateGpuInstanceRequest",
        GPU | {"ports": ", ".join(f"{8000 + n}/http" for n in range(16))},
        "ports",
        create(ports=[f"{8000 + n}/http" for n in range(16)]),
    ),
    BodyRule(
        "a tool port of 0",
        "CreateGpuInstanceRequest",
        GPU | {"tools": [{"name": "Jupyter", "port": "0", "type": "http"}]},
        "tools['Jupyter']",
        create(tools={"Jupyter": "0/http"}),
    ),
    BodyRule(
        "a reserved port in a template",
        "CreateTemplateRequest",
        {"template": TEMPLATE | {"ports": [{"type": "tcp", "ports": [2223]}]}},
        "ports[0]",
        lambda: create_template_body(name="n", image="i", ports=["2223/tcp"]),
    ),
    BodyRule(
        "the same port twice in an edit",
        "EditInstanceRequest",
        {"instanceId": "i-1", "ports": [{"port": 80, "type": "http"}, {"port": 80, "type": "http"}]},
        "ports[1]",
        edit(ports=["80/http", "80/http"]),
    ),
    BodyRule(
        "100 variables, which leaves no room for the marker",
        "CreateGpuInstanceRequest",
        GPU | {"envs": [{"key": f"K{n}", "value": ""} for n in range(100)]},
        "envs",
        create(envs={f"K{n}": "" for n in range(100)}),
    ),
    BodyRule(
        "a variable without a name",
        "CreateGpuInstanceRequest",
        GPU | {"envs": [{"key": "", "value": "x"}]},
        "envs['']",
        create(envs={"": "x"}),
    ),
    BodyRule(
        "months with pay-as-you-go",
        "CreateGpuInstanceRequest",
        GPU | {"month": 1, "billingMode": "onDemand"},
        "month",
        create(month=1),
    ),
    BodyRule(
        "months with spot",
        "CreateGpuInstanceRequest",
        GPU | {"month": 1, "billingMode": "spot"},
        "month",
        create(month=1, billing_mode="spot"),
    ),
    BodyRule(
        "monthly without a term",
        "CreateGpuInstanceRequest",
        GPU | {"billingMode": "monthly"},
        "month",
        create(billing_mode="monthly"),
    ),
    BodyRule(
        "renewal without a subscription",
        "CreateGpuInstanceRequest",
        GPU | {"autoRenew": True},
        "auto_renew",
        create(auto_renew=True),
    ),
    BodyRule(
        "a renewal term without renewal",
        "CreateGpuInstanceRequest",
        GPU | {"billingMode": "monthly", "month": 1, "autoRenewMonth": 1},
        "auto_renew_month",
        create(billing_mode="monthly", month=1, auto_renew_month=1),
    ),
    BodyRule(
        "a registry login without a colon",
        "CreateGpuInstanceRequest",
        GPU | {"imageAuth": "someone"},
        "image_auth",
        create(image_auth="someone"),
    ),
    BodyRule(
        "two registry logins",
        "CreateGpuInstanceRequest",
        GPU | {"imageAuth": "a:b", "imageAuthId": "c"},
        "image_auth_id",
        create(image_auth="a:b", image_auth_id="c"),
    ),
    BodyRule(
        "an empty optional id, which would mean any cluster",
        "CreateGpuInstanceRequest",
        GPU | {"clusterId": ""},
        "cluster_id",
        create(cluster_id=""),
    ),
    BodyRule(
        "a relative mount path",
        "CreateCpuInstanceRequest",
        {"productId": "p", "imageUrl": "i", "kind": "cpu", "localStorageMountPoint": "work"},
        "local_storage_mount_point",
        lambda: create_cpu_instance_body(product_id="p", image_url="i", local_storage_mount_point="work"),
    ),
    BodyRule(
        "two volumes at one path",
        "CreateGpuInstanceRequest",
        GPU | {"networkStorages": [{"Id": "a", "mountPoint": "/x"}, {"Id": "b", "mountPoint": "/x"}]},
        "network_storages['b']",
        create(network_storages={"a": "/x", "b": "/x"}),
    ),
    BodyRule("an edit that changes nothing", "EditInstanceRequest", {"instanceId": "i-1"}, "changes", edit()),
    BodyRule(
        "an edit that adds 0 GB",
        "EditInstanceRequest",
        {"instanceId": "i-1", "expandRootDisk": 0},
        "changes",
        edit(expand_root_disk=0),
    ),
    BodyRule(
        "a prewarm update that changes nothing",
        "UpdateImagePrewarmRequest",
        {"id": "w"},
        "changes",
        lambda: update_image_prewarm_body("w"),
    ),
    BodyRule(
        "an id that is a relative path",
        "InstanceIdRequest",
        {"instanceId": ".."},
        "instance_id",
        write("stop_instance", instanceId=".."),
    ),
    BodyRule(
        "an id of 1025 characters",
        "InstanceIdRequest",
        {"instanceId": "x" * 1025},
        "instance_id",
        write("stop_instance", instanceId="x" * 1025),
    ),
    BodyRule("an empty job id", "JobIdBody", {"jobId": ""}, "job_id", write("break_job", jobId="")),
    BodyRule(
        "an empty id in a list",
        "SetAutoRenewRequest",
        {"instanceIds": [""], "autoRenew": True, "autoRenewMonth": 1},
        "instance_ids[0]",
        write("set_auto_renew", instanceIds=[""], autoRenew=True, autoRenewMonth=1),
    ),
    BodyRule(
        "an image deletion without id", "DeleteImageRequest", {"id": ""}, "id", write("delete_image", id="")
    ),
    BodyRule(
        "a volume of 0 GB",
        "UpdateNetworkStorageRequest",
        {"storageId": "s", "storageName": "n", "storageSize": 0},
        "storage_size",
        write("update_network_storage", storageId="s", storageName="n", storageSize=0),
    ),
)


@pytest.mark.parametrize("rule", BODY_RULES, ids=lambda rule: rule.why)
def test_the_sdk_refuses_a_body_that_the_schema_lets_pass(
    rule: BodyRule, faults: Callable[[str, object], list[str]]
) -> None:
    assert faults(rule.schema, rule.wire) == []
    with pytest.raises(ValidationError) as caught:
        rule.call()
    assert [problem.field for problem in caught.value.problems] == [rule.argument]


class QueryRule(NamedTuple):
    """A query that the contract's schemas accept one by one, and that the SDK refuses."""

    why: str
    operation: str
    values: dict[str, Any]
    argument: str


QUERY_RULES = (
    QueryRule(
        "metrics of less than a minute, which the service would silently widen",
        "get_instance_metrics",
        {"instanceId": "i", "startTime": NOON, "endTime": NOON + timedelta(seconds=59)},
        "end_time",
    ),
    QueryRule(
        "jobs of a window that ends before it starts",
        "list_jobs",
        {"startTime": NOON, "endTime": NOON - timedelta(seconds=1)},
        "end_time",
    ),
    QueryRule(
        "hourly costs per key of more than a week",
        "list_api_key_bills",
        {"cycleType": "Hour", "startTime": NOON, "endTime": NOON + timedelta(days=7, seconds=1)},
        "end_time",
    ),
    QueryRule(
        "daily costs per key of more than 31 days",
        "list_api_key_bills",
        {"cycleType": "Day", "startTime": NOON, "endTime": NOON + timedelta(days=31, seconds=1)},
        "end_time",
    ),
    QueryRule(
        "transactions of a window that ends before it starts",
        "list_transactions",
        {"transactionTimeStart": NOON, "transactionTimeEnd": NOON - timedelta(days=1)},
        "transaction_time_end",
    ),
    QueryRule("an instance id that is a relative path", "get_instance", {"instanceId": "."}, "instance_id"),
)


@pytest.mark.parametrize("rule", QUERY_RULES, ids=lambda rule: rule.why)
def test_the_sdk_refuses_a_query_that_the_schemas_let_pass(rule: QueryRule) -> None:
    with pytest.raises(ValidationError) as caught:
        query_values(operations.ALL[rule.operation], rule.values)
    assert [problem.field for problem in caught.value.problems] == [rule.argument]
