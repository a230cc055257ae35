"""Every answer of every operation is what the contract promises, in both spellings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import ValidationError

from novita_sdk.testing import Fault, Quirks
from novita_sdk.testing.cloud.cloud import HANDLERS
from tests.contract.document import DESCRIBED

Check = Callable[[dict[str, Any], object], None]


class Checked:
    """Calls operations and holds each request and answer against the contract."""

    def __init__(self, bench: Any, call: Any, check: Check) -> None:
        self.bench = bench
        self.called: set[str] = set()
        self._call = call
        self._check = check
        self._described = DESCRIBED

    def __call__(self, operation: str, **args: Any) -> Any:
        status, body = self.try_(operation, **args)
        assert status < 300, (operation, body)
        self.called.add(operation)
        return body

    def try_(self, operation: str, **args: Any) -> tuple[int, Any]:
        described = self._described[operation]
        self._check_request(described, args)
        answer = self._call(self.bench.sim, operation, **args)
        response = described["responses"][str(answer.status)]
        if "content" not in response:
            assert answer.body is None
        elif answer.status < 300:
            self._check(response["content"]["application/json"]["schema"], answer.body)
        else:
            self._check({"$ref": "#/components/schemas/Error"}, answer.body)
        return answer.status, answer.body

    def _check_request(self, described: dict[str, Any], args: dict[str, Any]) -> None:
        parameters = {one["name"]: one for one in described["parameters"]}
        body = {name: value for name, value in args.items() if name not in parameters}
        if described["requestBody"]:
            self._check(described["requestBody"]["content"]["application/json"]["schema"], body)
        else:
            assert body == {}
        for name in args.keys() - body.keys():
            self._check(parameters[name]["schema"], args[name])


@pytest.fixture(params=[False, True], ids=["live", "documented"])
def do(
    request: pytest.FixtureRequest,
    make_bench: Callable[..., Any],
    call_on: Any,
    check_schema: Check,
) -> Checked:
    bench = make_bench(Quirks(documented_spellings=request.param))
    return Checked(bench, call_on, check_schema)


def watch(do: Checked, instance_id: str) -> None:
    """Read an instance and the lists again and again while something goes on with it."""
    for _ in range(12):
        do("get_instance", instanceId=instance_id)
        do("list_instances", pageSize=10, pageNum=1)
        do("list_jobs", pageSize=10, pageNum=1)
        do("query_internal_jobs", pageSize=10, pageNum=1)
        do.bench.wait(13)


def use_catalogue(do: Checked) -> None:
    do("list_clusters")
    do("list_gpu_products", productName="4090", gpuNum=1, billingMethod="spot", minMemoryPerGpu=32)
    do("list_gpu_products")
    do("list_cpu_products", clusterId="5")


def use_surroundings(do: Checked) -> dict[str, str]:
    """Make everything an instance can refer to, and return the ids."""
    do("save_repository_auth", name="hub", username="u", password="p")
    auth_id = do("list_repository_auths")["data"][0]["id"]
    do("create_network", clusterId="us-ca-06", name="lan")
    networks = do("list_networks", pageSize=10, pageNum=1)
    network_id = (networks.get("networks") or networks["network"])[0]["Id"]
    do("get_network", networkId=network_id)
    do("update_network", networkId=network_id, name="wan")
    do("create_network_storage", clusterId="us-ca-06", storageName="data", storageSize=10)
    storage_id = do("list_network_storages", pageNo=1, pageSize=10)["data"][0]["storageId"]
    do("update_network_storage", storageId=storage_id, storageName="data", storageSize=20)
    template = {
        "name": "mine",
        "type": "instance",
        "channel": "private",
        "image": "nginx",
        "rootfsSize": 20,
        "ports": [{"type": "http", "ports": [80]}],
        "envs": [{"key": "A", "value": "1"}],
    }
    template_id = do("create_template", template=template)["templateId"]
    do("update_template", template={**template, "Id": template_id})
    do("get_template", templateId=template_id)
    do("list_templates", channel="private", isMyCommunity=True)
    do("list_templates")
    do("delete_template", templateId=template_id)
    task_id = do("create_image_prewarm", imageUrl="nginx", clusterId="5", productIds=["4090.16c96g.v2"])["id"]
    do("get_image_prewarm_quota")
    for _ in range(3):
        do("list_image_prewarms", page=1, pageSize=10)
        do.bench.wait(30)
    do("update_image_prewarm", id=task_id, note="x")
    do("delete_image_prewarms", ids=[task_id])
    return {"auth": auth_id, "network": network_id, "storage": storage_id}


def use_instances(do: Checked, ids: dict[str, str]) -> None:
    gpu = do(
        "create_instance",
        name="all",
        productId="4090.16c96g.v2",
        imageUrl="nginx",
        kind="gpu",
        gpuNum=2,
        rootfsSize=60,
        imageAuthId=ids["auth"],
        ports="80/http, 22/tcp",
        envs=[{"key": "A", "value": "1"}],
        tools=[{"name": "Jupyter", "port": "8888", "type": "http"}],
        networkStorages=[{"Id": ids["storage"], "mountPoint": "/data"}],
        networkId=ids["network"],
        billingMode="spot",
        localStorageMountPoint="/scratch",
    )["id"]
    cpu = do("create_instance", productId="cpu.4c8g", imageUrl="nginx", kind="cpu")["id"]
    watch(do, gpu)
    do("get_instance", instanceId=cpu)
    now = int(do.bench.sim.server_time())
    do("get_instance_metrics", instanceId=gpu, startTime=now - 600, endTime=now, interval=60)
    do("edit_instance", instanceId=gpu, ports=[{"port": 81, "type": "http"}], expandRootDisk=1)
    do("set_auto_migrate", instanceId=gpu, autoMigrateOpen=True, autoMigrateSystemDisk=False)
    job_id = do("save_image", instanceId=gpu, image="docker.simulated.test/x:1")["jobId"]
    watch(do, gpu)
    broken = do("save_image", instanceId=gpu, image="docker.simulated.test/x:2")["jobId"]
    do("break_job", jobId=broken)
    assert do("list_jobs", jobId=job_id)["jobs"][0]["state"]["state"] == "success"
    do("delete_image", id=do("list_images", type="private")["data"][0]["id"])
    do("list_images")
    do.bench.sim.reclaim(gpu)
    watch(do, gpu)
    do("migrate_instance", instanceId=gpu)
    watch(do, gpu)
    for action in ("stop", "start", "restart"):
        do(f"{action}_instance", instanceId=gpu)
        watch(do, gpu)
    do(
        "upgrade_instance",
        instanceId=gpu,
        imageUrl="redis",
        envs=[],
        command="",
        entrypoint="",
        save=False,
        networkVolume={"volumeMounts": []},
    )
    watch(do, gpu)
    do.bench.sim.set_status_error(gpu, "OOM", "out of memory")
    do("get_instance", instanceId=gpu)
    do("delete_instance", instanceId=gpu)
    watch(do, cpu)


def use_subscriptions_and_bills(do: Checked) -> None:
    monthly = do.bench.running()
    do("convert_instance_to_monthly", instanceId=monthly, month=1)
    do("renew_instance", instanceId=monthly, month=1)
    do("set_auto_renew", instanceIds=[monthly], autoRenew=True, autoRenewMonth=1)
    do.bench.wait(5 * 3600)
    now = int(do.bench.sim.server_time())
    do("get_balance")
    for cycle in ("Hour", "Day", "Week", "Month"):
        assert do("list_usage_bills", cycleType=cycle, productCategory="summary")["bills"]
    assert do("list_subscription_bills", category="gpu")["bills"]
    do("list_monthly_invoices", page=1, pageSize=10, startMonth="2020-01")
    do("list_api_key_bills", cycleType="Day", startTime=now - 86400, endTime=now)
    do("list_transactions", pageNo=1, pageSize=10)


def use_endpoints(do: Checked) -> None:
    do("get_endpoint_limits")
    settings = {
        "name": "one",
        "appName": "one",
        "workerConfig": {
            "minNum": 1,
            "maxNum": 2,
            "freeTimeout": 300,
            "maxConcurrent": 1,
            "gpuNum": 1,
            "requestTimeout": 3600,
        },
        "ports": [{"port": 8000}],
        "policy": {"type": "queue", "value": 60},
        "image": {"image": "nginx"},
        "products": [{"id": "SL-serverless-3"}],
        "rootfsSize": 100,
        "envs": [{"key": "A", "value": "1"}],
        "healthy": {"path": "/health"},
    }
    endpoint_id = do("create_endpoint", endpoint=settings)["id"]
    for _ in range(4):
        do("list_endpoints", pageSize=10, pageNum=1)
        found = do("get_endpoint", id=endpoint_id)["endpoint"]
        do.bench.wait(10)
    do("update_endpoint", **{**settings, "id": endpoint_id, "rootfsSize": 50})
    name = f"{endpoint_id}-one"
    job = do("async_run", endpoint_name=name, input={"prompt": "x"})
    queued = do("async_run", endpoint_name=name, input=1)
    do.bench.wait(60)
    assert do("async_status", endpoint_name=name, job_id=job["id"])["status"] == "COMPLETED"
    do("async_cancel", endpoint_name=name, job_id=queued["id"])
    do("async_health", endpoint_name=name)
    do("async_stats", endpoint_name=endpoint_id)
    do("async_purge_queue", endpoint_name=name)
    do("drain_worker", workerID=found["workers"][0]["id"], drain=True)
    do("delete_endpoint", name=endpoint_id, id=endpoint_id)


def test_all_operations_keep_the_contract(do: Checked) -> None:
    use_catalogue(do)
    ids = use_surroundings(do)
    use_instances(do, ids)
    use_subscriptions_and_bills(do)
    use_endpoints(do)
    do("delete_network", networkId=ids["network"])
    do("delete_network_storage", storageId=ids["storage"])
    do("delete_repository_auth", id=ids["auth"])
    assert do.called == HANDLERS.keys()
    assert len(do.called) == 65


def test_refusals_keep_the_contract(do: Checked) -> None:
    assert do.try_("get_instance", instanceId="nothing")[0] == 400
    assert do.try_("stop_instance", instanceId=do.bench.create())[1]["message"] == "invalid state change"
    do.bench.sim.faults.add(Fault("status", status=429, headers={"Retry-After": "5"}))
    assert do.try_("list_clusters")[1]["reason"] == "RATE_LIMIT_EXCEEDED"
    do.bench.sim.faults.add(Fault("status", status=500))
    assert do.try_("list_clusters")[1]["reason"] == "UNKNOWN"


def test_the_check_itself_sees_a_broken_answer(do: Checked) -> None:
    instance_id = do.bench.create()
    do.bench.sim.show(instance_id, gpuNum=[])
    with pytest.raises(ValidationError):
        do("get_instance", instanceId=instance_id)
