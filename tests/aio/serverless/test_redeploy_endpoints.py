"""Deploying where something is there already: an endpoint of the name, a plan that was tried before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from novita_sdk._core.serverless.deploy_request import DeployRequest
from novita_sdk.errors import (
    APIConnectionError,
    APIStatusError,
    OutcomeUnknownError,
    UnsupportedFeatureError,
    ValidationError,
)
from novita_sdk.models.serverless_spec import ServerlessSpec
from novita_sdk.testing import Fault, Simulator

pytestmark = pytest.mark.anyio

SPEC: dict[str, Any] = {
    "name": "novita-5090-single",
    "resources": {"gpu": "1", "ephemeralStorage": "100"},
    "platforms": {
        "novita": {"productId": "SL-serverless-3", "region": "us-dallas-nas-2", "cudaVersion": "any"}
    },
}


def sent(sim: Simulator, operation: str = "create_endpoint") -> list[Any]:
    return [json.loads(entry.raw_body) for entry in sim.journal if entry.operation == operation]


@pytest.mark.case("SV-27")
async def test_a_deployment_over_an_endpoint_changes_only_what_is_given() -> None:
    sim = Simulator()
    old = sim.add_endpoint("one", replicas=4, envs={"A": "1"})
    async with sim.async_client() as client:
        before = await client.serverless_endpoints.get(old)
        deploy = client.serverless_endpoints.deploy
        await deploy("one", image="new", product_id="p", health_path="/up", if_exists="update")
        await deploy("one", image="new", spec=SPEC, max_replicas=9, idle_timeout=60, if_exists="update")
        plan = await client.serverless_endpoints.preview("one", image="newer", product_id="p", envs={})
        await deploy(plan, if_exists="update")
        after = await client.serverless_endpoints.get(old)
    assert after.worker_config is not None
    assert (after.worker_config.min_num, after.worker_config.max_num) == (0, 9)
    assert (after.worker_config.free_timeout, after.worker_config.cuda_version) == (60, "any")
    assert after.policy == before.policy
    first, second, third = sent(sim, "update_endpoint")
    assert first["workerConfig"]["minNum"] == 4
    assert [first["image"]["image"], first["healthy"]["path"]] == ["new", "/up"]
    assert first["envs"] == second["envs"] == [{"key": "A", "value": "1"}]
    assert third["envs"] == []
    assert third["products"] == [{"id": "p"}]


async def test_another_name_in_the_address_cannot_be_deployed_over_an_endpoint() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    async with sim.async_client() as client:
        with pytest.raises(UnsupportedFeatureError, match="app_name"):
            await client.serverless_endpoints.deploy(
                "one", image="new", product_id="p", app_name="two", if_exists="update"
            )
    assert sim.requests("update_endpoint") == 0


@pytest.mark.case("SV-22")
async def test_what_was_left_out_of_a_request_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    sim = Simulator()
    values = {"endpoint": "one", "image": "nginx", "specName": "novita-5090-single", "priority": 1}
    async with sim.async_client() as client:
        client.serverless_endpoints.specs.add(ServerlessSpec(name="novita-5090-single", product_id="p"))
        request = DeployRequest.from_mapping(values, unsupported="warn")
        plan = await client.serverless_endpoints.preview(request)
        assert "priority" not in caplog.text
        await client.serverless_endpoints.deploy(plan)
    assert caplog.text.count("priority") >= 1


@pytest.mark.case("SV-24")
async def test_a_plan_that_was_not_sent_may_be_sent_later() -> None:
    sim = Simulator()
    async with sim.async_client(max_retries=0) as client:
        plan = await client.serverless_endpoints.preview("one", image="nginx", product_id="p")
        sim.faults.add(Fault("refuse_connection", operation="create_endpoint"))
        with pytest.raises(APIConnectionError):
            await client.serverless_endpoints.deploy(plan)
        sim.faults.add(Fault("lost_reply", operation="create_endpoint"))
        sim.faults.add(Fault("status", operation="list_endpoints", status=500, after=1, times=None))
        with pytest.raises(OutcomeUnknownError):
            await client.serverless_endpoints.deploy(plan)
        with pytest.raises(ValidationError, match="sent before"):
            await client.serverless_endpoints.deploy(plan, if_exists="create")
    assert sim.requests("create_endpoint") == 2


@pytest.mark.parametrize(
    ("reason", "text", "code"),
    [
        ("SERVERLESS_PRODUCT_NOT_FOUND", "product not found", "PRODUCT_NOT_FOUND"),
        ("VALIDATOR_PARAM", "unknown cluster 'us-mars-1'", "BAD_REQUEST"),
    ],
)
async def test_a_product_or_region_nobody_knows_is_told_and_the_plan_may_be_sent_again(
    reason: str, text: str, code: str
) -> None:
    sim = Simulator()
    refusal = {"reason": reason, "message": text}
    sim.faults.add(Fault("status", operation="create_endpoint", status=400, body=refusal))
    async with sim.async_client() as client:
        plan = await client.serverless_endpoints.preview("one", image="nginx", product_id="p")
        with pytest.raises(APIStatusError, match=text) as caught:
            await client.serverless_endpoints.deploy(plan)
        assert caught.value.code == code
        assert sim.requests("create_endpoint") == 1
        await client.serverless_endpoints.deploy(plan)
