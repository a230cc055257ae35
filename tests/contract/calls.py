"""For every operation of the contract the method that performs it, and the arguments of a full call, as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum, auto
from operator import attrgetter
from typing import Any

import attrs


class Known(Enum):
    """Something that must exist before a call can name it."""

    PRODUCT = auto()
    CLUSTER = auto()
    NETWORK_CLUSTER = auto()
    PREWARM_CLUSTER = auto()
    RUNNING = auto()
    """An instance, pay as you go, that runs."""
    EXITED = auto()
    """An instance that was stopped."""
    MONTHLY = auto()
    """A subscription."""
    JOB = auto()
    """A job that has not ended."""
    TEMPLATE = auto()
    PREWARM = auto()
    IMAGE = auto()
    """A saved image."""
    AUTH = auto()
    NETWORK = auto()
    """A network without members."""
    STORAGE = auto()
    """A volume that nobody mounts."""
    ENDPOINT = auto()
    """A serverless endpoint that serves."""
    GATEWAY_NAME = auto()
    """How the gateway calls it."""
    WORKER = auto()
    """One of its workers."""
    QUEUED_JOB = auto()
    """A job of its queue."""


@attrs.frozen
class Call:
    """A call of a public method.

    Attributes:
        resource: The client's attribute, or one of a resource's after a dot.
        method: The method.
        positional: Arguments by place.
        named: Arguments by name.
    """

    resource: str
    method: str
    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = attrs.field(factory=dict[str, Any])

    def __str__(self) -> str:
        return f"{self.resource}.{self.method}"

    def method_of(self, client: Any) -> Any:
        """The method that is called."""
        return attrgetter(str(self))(client)

    def on(self, client: Any, known: Mapping[Known, str], *, only: frozenset[str] | None = None) -> Any:
        """Call the method of `client`.

        Args:
            client: A client of either colour.
            known: What exists.
            only: Leave out all other named arguments.
        """
        method = self.method_of(client)
        named = {name: value for name, value in self.named.items() if only is None or name in only}
        return method(*filled(self.positional, known), **filled(named, known))


def filled(value: Any, known: Mapping[Known, str]) -> Any:
    """Put what exists in the place of its name, at every depth."""
    if isinstance(value, Known):
        return known[value]
    if isinstance(value, dict):
        return {filled(key, known): filled(inner, known) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(filled(inner, known) for inner in value)
    return value


def at(epoch: int) -> datetime:
    """An instant by its epoch seconds."""
    return datetime.fromtimestamp(epoch, UTC)


def call(resource: str, method: str, *positional: Any, **named: Any) -> Call:
    """A row of the table."""
    return Call(resource, method, positional, named)


DOCUMENTED: Mapping[Known, str] = {
    Known.PRODUCT: "26",
    Known.CLUSTER: "5",
    Known.NETWORK_CLUSTER: "us-ca-nas-2",
    Known.PREWARM_CLUSTER: "cn-dev-1",
    Known.RUNNING: "0f8d3c5a9b7e4d21",
    Known.EXITED: "0f8d3c5a9b7e4d21",
    Known.MONTHLY: "0f8d3c5a9b7e4d21",
    Known.JOB: "10wi9visv0rqt57w",
    Known.TEMPLATE: "1",
    Known.PREWARM: "nzd5nyi4keefsv2d",
    Known.IMAGE: "1",
    Known.AUTH: "75irlsvvsehnqdajg2r481mjk54ecodc",
    Known.NETWORK: "1",
    Known.STORAGE: "d4e82677-3f80-4020-a731-d15b1c589aa8",
    Known.ENDPOINT: "o8UJWkag5WTn",
    Known.GATEWAY_NAME: "o8UJWkag5WTn-async",
    Known.WORKER: "worker-1",
    Known.QUEUED_JOB: "8cb6a77c-62aa-4eb4-9226-1ca5724fd9dd",
}
"""What exists in the examples of the contract."""

_GPU = call(
    "gpu_instances",
    "create",
    name="gpu-test",
    product_id=Known.PRODUCT,
    gpu_num=1,
    rootfs_size=60,
    image_url="nginx",
    ports=["80/http", "3306/tcp"],
    envs={"test1": "template1"},
    tools={"Jupyter": "8888/http"},
    cluster_id=Known.CLUSTER,
    network_storages={Known.STORAGE: "/network"},
    billing_mode="onDemand",
    min_cuda_version="11.8",
)
_CPU = call(
    "gpu_instances",
    "create_cpu",
    name="cpu-test",
    product_id="cpu.4c8g",
    image_url="nginx",
    ports=["80/http", "3306/tcp"],
    local_storage_mount_point="/workspace",
)
_BILLS = {
    "product_name": "RTX 4090 24GB",
    "start_time": at(1713139200),
    "end_time": at(1713225600),
    "owner_id": Known.RUNNING,
}
_TEMPLATE = {
    "name": "test",
    "readme": "test create template",
    "image": "nginx",
    "start_command": "echo test",
    "entrypoint": "",
    "rootfs_size": 60,
    "ports": ["80/http", "443/http", "90/tcp", "95/tcp"],
    "envs": {"test1": "template1", "test2": "template2"},
    "min_cuda_version": "11.8",
}
_ENDPOINT = {
    "image": "ubuntu:22.04",
    "product_id": "SL-serverless-3",
    "cluster_id": "us-dallas-nas-2",
    "envs": {"MODEL_NAME": "llama-3-70b"},
}
_JOBS = {
    "job_id": Known.JOB,
    "start_time": at(1713162200),
    "end_time": at(1713248600),
}

CALLS: Mapping[str, tuple[Call, ...]] = {
    "list_clusters": (call("clusters", "list"),),
    "list_gpu_products": (
        call(
            "products",
            "list",
            cluster_id="us-ca-nas-2",
            gpu_num=1,
            product_name="4090",
            min_cpu_per_gpu=8,
            min_memory_per_gpu=32,
            min_root_fs_size=60,
            billing_method="onDemand",
        ),
    ),
    "list_cpu_products": (call("products", "list_cpu", cluster_id="us-ca-nas-2", product_name="4090"),),
    "create_instance": (_GPU, _CPU),
    "list_instances": (
        call(
            "gpu_instances",
            "list",
            name="gpu-test",
            product_name="RTX 4090",
            status="running",
            page_size=10,
        ),
    ),
    "get_instance": (call("gpu_instances", "get", Known.RUNNING),),
    "edit_instance": (
        call("gpu_instances", "edit", Known.RUNNING, ports=["80/http", "3306/tcp"], expand_root_disk=10),
    ),
    "start_instance": (call("gpu_instances", "start", Known.EXITED),),
    "stop_instance": (call("gpu_instances", "stop", Known.RUNNING),),
    "restart_instance": (call("gpu_instances", "restart", Known.RUNNING),),
    "delete_instance": (call("gpu_instances", "delete", Known.RUNNING),),
    "upgrade_instance": (
        call(
            "gpu_instances",
            "upgrade",
            Known.RUNNING,
            image_url="nginx",
            image_auth_id=Known.AUTH,
            envs={"test1": "template1"},
            command="echo test",
            entrypoint="",
            volume_mounts={Known.STORAGE: "/network"},
            save=True,
        ),
    ),
    "migrate_instance": (call("gpu_instances", "migrate", Known.RUNNING),),
    "renew_instance": (call("gpu_instances", "renew", Known.MONTHLY, month=1),),
    "convert_instance_to_monthly": (call("gpu_instances", "convert_to_monthly", Known.RUNNING, month=1),),
    "set_auto_renew": (
        call("gpu_instances", "set_auto_renew", [Known.MONTHLY], auto_renew=True, auto_renew_month=1),
    ),
    "set_auto_migrate": (
        call(
            "gpu_instances",
            "set_auto_migrate",
            Known.RUNNING,
            auto_migrate_open=True,
            auto_migrate_system_disk=True,
        ),
    ),
    "get_instance_metrics": (
        call(
            "gpu_instances",
            "metrics",
            Known.RUNNING,
            start_time=at(1713162200),
            end_time=at(1713162260),
            interval=60,
        ),
    ),
    "list_jobs": (
        call("jobs", "list", **_JOBS, state="running", type="saveImage", creators="user-1", page_size=10),
    ),
    "break_job": (call("jobs", "cancel", Known.JOB),),
    "save_image": (
        call(
            "gpu_instances",
            "save_image",
            Known.RUNNING,
            image="docker.example.test/team/app:v1",
            registry_auth_id=Known.AUTH,
        ),
    ),
    "list_templates": (
        call(
            "templates",
            "list",
            name="ubuntu",
            type="instance",
            channel="official",
            is_my_community=False,
            page_size=10,
        ),
    ),
    "get_template": (call("templates", "get", Known.TEMPLATE),),
    "create_template": (call("templates", "create", **_TEMPLATE),),
    "update_template": (call("templates", "update", Known.TEMPLATE, **_TEMPLATE),),
    "delete_template": (call("templates", "delete", Known.TEMPLATE),),
    "get_image_prewarm_quota": (call("image_prewarms", "quota"),),
    "list_image_prewarms": (
        call("image_prewarms", "list", state="Succeeded", cluster_id="cn-dev-1", name="nginx", page_size=10),
    ),
    "create_image_prewarm": (
        call(
            "image_prewarms",
            "create",
            image_url="nginx",
            cluster_id=Known.PREWARM_CLUSTER,
            repository_auth=Known.AUTH,
            product_ids=["4090.16c96g.v2"],
            note="first",
        ),
    ),
    "update_image_prewarm": (call("image_prewarms", "update", Known.PREWARM, note="second"),),
    "delete_image_prewarms": (call("image_prewarms", "delete", Known.PREWARM),),
    "list_images": (call("images", "list", type="private", name="nginx", page_size=10),),
    "delete_image": (call("images", "delete", Known.IMAGE),),
    "list_repository_auths": (call("registry_auths", "list"),),
    "save_repository_auth": (
        call("registry_auths", "create", name="test", username="uuuu", password="1111"),
    ),
    "delete_repository_auth": (call("registry_auths", "delete", Known.AUTH),),
    "list_networks": (call("networks", "list", name="test", creators="user-1", page_size=10),),
    "get_network": (call("networks", "get", Known.NETWORK),),
    "create_network": (call("networks", "create", cluster_id=Known.NETWORK_CLUSTER, name="test"),),
    "update_network": (call("networks", "update", Known.NETWORK, name="renamed"),),
    "delete_network": (call("networks", "delete", Known.NETWORK),),
    "list_network_storages": (
        call("network_storages", "list", storage_name="123", storage_id=Known.STORAGE, page_size=10),
    ),
    "create_network_storage": (
        call("network_storages", "create", cluster_id=Known.CLUSTER, storage_name="123", storage_size=10),
    ),
    "update_network_storage": (
        call("network_storages", "update", Known.STORAGE, storage_name="123", storage_size=20),
    ),
    "delete_network_storage": (call("network_storages", "delete", Known.STORAGE),),
    "get_balance": (call("billing", "balance"),),
    "list_usage_bills": (
        call("billing", "usage", cycle_type="Day", product_category="gpu", category="x", **_BILLS),
    ),
    "list_subscription_bills": (call("billing", "subscriptions", category="gpu", **_BILLS),),
    "list_monthly_invoices": (call("billing", "monthly_invoices", start_month="2024-04", page_size=10),),
    "list_api_key_bills": (
        call(
            "billing",
            "api_key_bills",
            cycle_type="Day",
            start_time=at(1767225600),
            end_time=at(1767311999),
            category="llm",
            product_name="RTX 4090 24GB",
        ),
    ),
    "list_transactions": (
        call(
            "billing",
            "transactions",
            serial_number="tx-1",
            transaction_time_start=at(1764547200),
            transaction_time_end=at(1767225599),
            transaction_type="recharge",
            transaction_channel="AliPay",
            status="success",
            order_type="recharge",
            page_size=20,
        ),
    ),
    "query_internal_jobs": (
        call("jobs", "query", **_JOBS, type="instanceMigrate", state="fail", page_size=100),
    ),
    "get_endpoint_limits": (call("serverless_endpoints", "limits"),),
    "create_endpoint": (
        call("serverless_endpoints", "create", name="base-test", app_name="base-test", **_ENDPOINT),
        call("serverless_endpoints", "deploy", "base-test", if_exists="create", **_ENDPOINT),
    ),
    "list_endpoints": (call("serverless_endpoints", "list", page_size=10),),
    "get_endpoint": (
        call("serverless_endpoints", "get", Known.ENDPOINT),
        call("serverless_endpoints", "find", id=Known.ENDPOINT),
    ),
    "update_endpoint": (call("serverless_endpoints", "update", Known.ENDPOINT, replicas=5, verify=False),),
    "delete_endpoint": (call("serverless_endpoints", "delete", id=Known.ENDPOINT),),
    "drain_worker": (call("serverless_endpoints", "drain_worker", Known.WORKER),),
    "async_run": (
        call(
            "serverless_endpoints.queue",
            "run",
            Known.ENDPOINT,
            {"prompt": "a red apple on a table"},
            gateway_name=Known.GATEWAY_NAME,
        ),
    ),
    "async_status": (
        call(
            "serverless_endpoints.queue",
            "status",
            Known.ENDPOINT,
            Known.QUEUED_JOB,
            gateway_name=Known.GATEWAY_NAME,
        ),
    ),
    "async_cancel": (
        call(
            "serverless_endpoints.queue",
            "cancel",
            Known.ENDPOINT,
            Known.QUEUED_JOB,
            gateway_name=Known.GATEWAY_NAME,
        ),
    ),
    "async_health": (
        call("serverless_endpoints.queue", "health", Known.ENDPOINT, gateway_name=Known.GATEWAY_NAME),
    ),
    "async_stats": (
        call("serverless_endpoints.queue", "stats", Known.ENDPOINT, gateway_name=Known.ENDPOINT),
    ),
    "async_purge_queue": (
        call(
            "serverless_endpoints.queue",
            "purge",
            Known.ENDPOINT,
            confirm=True,
            gateway_name=Known.GATEWAY_NAME,
        ),
    ),
}
"""The arguments are those of the contract's examples; what differs is listed where it is compared."""
