"""A simulated cloud in which everything exists that a call of the table may name."""

from __future__ import annotations

import json
from typing import Any

from novita_sdk.testing import Simulator
from tests.contract.calls import Known
from tests.contract.document import DESCRIBED

PRODUCT = "4090.16c96g.v2"
CLUSTER = "us-ca-06"


def ask(sim: Simulator, operation: str, **values: Any) -> Any:
    """Call an operation of the simulator directly; it must succeed."""
    described = DESCRIBED[operation]
    placed = {one["name"]: values.pop(one["name"]) for one in described["parameters"] if one["in"] == "path"}
    path = described["server"] + described["path"].format(**placed)
    headers = {"Authorization": f"Bearer {sim.api_key}", "User-Agent": "tests"}
    if described["method"] == "GET":
        query = "&".join(f"{name}={value}" for name, value in values.items())
        reply = sim.receive("GET", f"{path}?{query}", headers, b"")
    else:
        reply = sim.receive("POST", path, headers, json.dumps(values).encode())
    assert reply.status < 300, (operation, reply.body)
    return json.loads(reply.body or b"null")


def furnished(sim: Simulator) -> dict[Known, str]:
    """Make one of everything, and let enough time pass for it to be in use."""

    def instance(**more: Any) -> str:
        created = ask(
            sim,
            "create_instance",
            productId=PRODUCT,
            imageUrl="nginx",
            kind="gpu",
            gpuNum=1,
            rootfsSize=60,
            **more,
        )
        return str(created["id"])

    running, exited = instance(), instance()
    monthly = instance(billingMode="monthly", month=1)
    ask(sim, "save_repository_auth", name="other", username="u", password="p")
    ask(sim, "create_network", clusterId=CLUSTER, name="lan")
    ask(sim, "create_network_storage", clusterId=CLUSTER, storageName="data", storageSize=10)
    template = {"name": "mine", "type": "instance", "channel": "private", "image": "nginx", "rootfsSize": 20}
    sim.clock.sleep(300)
    ask(sim, "stop_instance", instanceId=exited)
    ask(sim, "save_image", instanceId=running, image="docker.simulated.test/team/app:1")
    sim.clock.sleep(3 * 3600)
    endpoint = sim.add_endpoint("async")
    gateway_name = f"{endpoint}-async"
    return {
        Known.PRODUCT: PRODUCT,
        Known.CLUSTER: CLUSTER,
        Known.NETWORK_CLUSTER: CLUSTER,
        Known.PREWARM_CLUSTER: CLUSTER,
        Known.RUNNING: running,
        Known.EXITED: exited,
        Known.MONTHLY: monthly,
        Known.JOB: sim.add_job(monthly, "saveImage", "running"),
        Known.TEMPLATE: ask(sim, "create_template", template=template)["templateId"],
        Known.PREWARM: ask(sim, "create_image_prewarm", imageUrl="nginx", clusterId=CLUSTER)["id"],
        Known.IMAGE: ask(sim, "list_images", type="private")["data"][0]["id"],
        Known.AUTH: ask(sim, "list_repository_auths")["data"][0]["id"],
        Known.NETWORK: ask(sim, "list_networks")["networks"][0]["Id"],
        Known.STORAGE: ask(sim, "list_network_storages")["data"][0]["storageId"],
        Known.ENDPOINT: endpoint,
        Known.GATEWAY_NAME: gateway_name,
        Known.WORKER: sim.worker_ids(endpoint)[0],
        Known.QUEUED_JOB: ask(sim, "async_run", endpoint_name=gateway_name, input=1)["id"],
    }
