"""Deployments: previewed byte for byte, made once, and never twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._core.http import Request, Response
from novita_sdk._core.serverless.deploy_request import DeployRequest
from novita_sdk._core.serverless.specs import spec_named
from novita_sdk.errors import (
    AmbiguousNameError,
    AppNameTakenError,
    DuplicateCreateError,
    EndpointExistsError,
    NotFoundError,
    OutcomeUnknownError,
    SpecFileError,
    SpecNotFoundError,
    UnsupportedFeatureError,
    ValidationError,
)
from novita_sdk.models.endpoint import EndpointVolumeMount, WorkerConfig
from novita_sdk.models.enums import VolumeType
from novita_sdk.models.serverless_spec import ServerlessSpec
from novita_sdk.options import ServerlessOptions
from novita_sdk.testing import Fault, Quirks, Simulator

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


@pytest.mark.case("SV-01")
@pytest.mark.case("SV-17")
async def test_a_deployment_from_a_spec_sends_what_it_says_and_its_mark() -> None:
    sim = Simulator()
    async with sim.async_client() as client:
        client.serverless_endpoints.specs.load({"specs": [SPEC]})
        ref = await client.serverless_endpoints.deploy(
            "base-test", image="ubuntu:22.04", spec="novita-5090-single", replicas=3, envs={"A": "1"}
        )
        assert (await client.serverless_endpoints.get(ref.id)).operation_id == ref.operation_id
    (body,) = sent(sim)
    assert list(body) == ["endpoint"]
    assert body["endpoint"] == {
        "name": "base-test",
        "appName": "base-test",
        "workerConfig": {
            "minNum": 3,
            "maxNum": 3,
            "freeTimeout": 300,
            "maxConcurrent": 1,
            "gpuNum": 1,
            "requestTimeout": 3600,
            "cudaVersion": "any",
        },
        "ports": [{"port": 8000}],
        "policy": {"type": "queue", "value": 60},
        "image": {"image": "ubuntu:22.04"},
        "products": [{"id": "SL-serverless-3"}],
        "rootfsSize": 100,
        "clusterID": "us-dallas-nas-2",
        "envs": [
            {"key": "A", "value": "1"},
            {"key": "NOVITA_SDK_OPERATION_ID", "value": ref.operation_id},
        ],
        "healthy": {"path": "/health"},
    }


@pytest.mark.case("SV-24")
async def test_a_preview_is_what_is_sent_once() -> None:
    sim = Simulator()
    async with sim.async_client() as client:
        endpoints = client.serverless_endpoints
        arguments: Any = {"image": "nginx", "product_id": "p", "envs": {"KEY": "s3cret"}}
        plan = await endpoints.preview("one", **arguments)
        other = await endpoints.preview("one", **arguments)
        assert plan.endpoint == other.endpoint
        assert plan.operation_id != other.operation_id
        fixed = [await endpoints.preview("one", operation_id="deploy-0001", **arguments) for _ in range(2)]
        assert fixed[0].to_bytes() == fixed[1].to_bytes()
        assert sim.requests() == 0
        assert "s3cret" not in repr(plan)
        await endpoints.deploy(plan)
        assert [entry.raw_body for entry in sim.journal if entry.operation == "create_endpoint"] == [
            plan.to_bytes()
        ]
        with pytest.raises(ValidationError, match="sent before"):
            await endpoints.deploy(plan, if_exists="create")
        with pytest.raises(ValidationError, match="nothing else"):
            await endpoints.deploy(other, replicas=2)


@pytest.mark.case("SV-27")
async def test_a_name_in_use_is_an_error_unless_it_is_said_what_to_do() -> None:
    sim = Simulator()
    old = sim.add_endpoint("one")
    async with sim.async_client() as client:
        deploy = client.serverless_endpoints.deploy
        with pytest.raises(EndpointExistsError) as caught:
            await deploy("one", image="new", product_id="p")
        assert caught.value.ids == (old,)
        assert sent(sim) == []
        assert (await deploy("one", image="new", product_id="p", if_exists="adopt")).id == old
        assert sim.requests("update_endpoint") == 0
        assert (await deploy("one", image="new", product_id="p", if_exists="update")).id == old
        assert sim.requests("update_endpoint") == 1
        changed = await client.serverless_endpoints.get(old)
        assert changed.image is not None
        assert changed.image.image == "new"
        lists = sim.requests("list_endpoints")
        with pytest.raises(AppNameTakenError):
            await deploy("one", image="new", product_id="p", if_exists="create")
        assert sim.requests("list_endpoints") == lists
        sim.change_endpoint(sim.add_endpoint("two"), name="one")
        with pytest.raises(AmbiguousNameError):
            await deploy("one", image="new", product_id="p", if_exists="update")


@pytest.mark.case("SV-28")
async def test_a_login_can_be_given_by_name() -> None:
    sim = Simulator()
    async with sim.async_client() as client:
        login = await client.registry_auths.create(name="hub", username="u", password="p")
        before = sim.requests("list_repository_auths")
        await client.serverless_endpoints.deploy("one", image="nginx", product_id="p", registry_auth="hub")
        assert sent(sim)[0]["endpoint"]["image"]["authId"] == login
        assert sim.requests("list_repository_auths") - before == 1
        with pytest.raises(NotFoundError):
            await client.serverless_endpoints.deploy("two", image="nginx", product_id="p", registry_auth="no")
        assert len(sent(sim)) == 1


@pytest.mark.case("SV-23")
@pytest.mark.parametrize("method", ["logs", "list_pods", "describe_pod", "pod_yaml", "list_pvcs"])
async def test_what_the_service_lacks_is_told_with_what_helps(method: str) -> None:
    sim = Simulator()
    async with sim.async_client() as client:
        with pytest.raises(UnsupportedFeatureError) as caught:
            getattr(client.serverless_endpoints, method)("one")
    assert caught.value.alternative
    if method == "logs":
        assert "https://console.novita.ai" in caught.value.alternative
    assert sim.requests() == 0


@pytest.mark.case("SV-23")
async def test_settings_the_service_lacks_are_refused_before_anything_is_sent() -> None:
    sim = Simulator()
    async with sim.async_client() as client:
        arguments: Any = {"volume_mounts": [], "shm_size": "8Gi"}
        with pytest.raises(UnsupportedFeatureError, match="shm_size"):
            await client.serverless_endpoints.deploy("one", image="nginx", product_id="p", **arguments)
    assert sim.requests() == 0


@pytest.mark.case("SV-22")
async def test_a_request_of_the_older_provider_can_be_deployed() -> None:
    sim = Simulator()
    request = DeployRequest.from_mapping(
        {"endpoint": "one", "specName": "novita-5090-single", "image": "nginx", "priority": 1},
        unsupported="warn",
    )
    async with sim.async_client() as client:
        client.serverless_endpoints.specs.load({"specs": [SPEC]})
        plan = await client.serverless_endpoints.preview(request)
        assert [warning.feature for warning in plan.warnings] == ["priority"]
        await client.serverless_endpoints.deploy(request)
    assert sent(sim)[0]["endpoint"]["products"] == [{"id": "SL-serverless-3"}]


@pytest.mark.case("SV-13")
async def test_a_spec_for_other_platforms_cannot_be_deployed() -> None:
    sim = Simulator()
    async with sim.async_client() as client:
        client.serverless_endpoints.specs.add(ServerlessSpec(name="elsewhere"))
        with pytest.raises(SpecFileError) as caught:
            await client.serverless_endpoints.deploy("one", image="nginx", spec="elsewhere")
        with pytest.raises(SpecNotFoundError):
            await client.serverless_endpoints.deploy("one", image="nginx", spec="nobody")
    assert caught.value.problems[0].code == "no_novita_platform"
    assert sim.requests() == 0


@pytest.mark.case("SV-67")
async def test_a_deployment_whose_answer_was_lost_is_found_by_its_mark() -> None:
    sim = Simulator(quirks=Quirks(list_delay=3))
    sim.faults.add(Fault("lost_reply", operation="create_endpoint"))
    async with sim.async_client() as client:
        ref = await client.serverless_endpoints.deploy("one", image="nginx", product_id="p")
        assert ref.adopted
        assert len(await client.serverless_endpoints.list().collect()) == 1
    assert len(sent(sim)) == 1


@pytest.mark.case("SV-67")
async def test_a_deployment_nobody_carried_out_is_unknown_and_never_sent_again() -> None:
    sim = Simulator()
    sim.faults.add(Fault("reset_before_processing", operation="create_endpoint"))
    async with sim.async_client() as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.serverless_endpoints.deploy("one", image="nginx", product_id="p")
        assert len(sent(sim)) == 1
        assert caught.value.operation_id
        assert await caught.value.reconcile() is None


@pytest.mark.case("SV-68")
@pytest.mark.parametrize("body", [{}, {"id": ""}])
async def test_an_answer_without_an_id_is_settled_by_the_mark(body: dict[str, str]) -> None:
    sim = Simulator()
    sim.faults.add(Fault("status", operation="create_endpoint", status=200, body=body, processed=True))
    async with sim.async_client() as client:
        ref = await client.serverless_endpoints.deploy("one", image="nginx", product_id="p")
        assert ref.adopted
        assert (await client.serverless_endpoints.find("one")).id == ref.id


@pytest.mark.case("SV-68")
async def test_a_numeric_id_is_text() -> None:
    sim = Simulator()
    sim.faults.add(Fault("status", operation="create_endpoint", status=200, body={"id": 42}))
    async with sim.async_client() as client:
        assert (await client.serverless_endpoints.deploy("one", image="nginx", product_id="p")).id == "42"


@pytest.mark.case("SV-69")
async def test_a_foreign_endpoint_of_the_same_name_is_not_adopted() -> None:
    sim = Simulator()
    foreign = sim.add_endpoint("one", envs={"NOVITA_SDK_OPERATION_ID": "somebody-else"})
    sim.change_endpoint(foreign, appName="other")
    for index in range(120):
        sim.add_endpoint(f"e-{index}")
    sim.faults.add(Fault("lost_reply", operation="create_endpoint"))
    async with sim.async_client() as client:
        ref = await client.serverless_endpoints.deploy(
            "one", image="nginx", product_id="p", if_exists="create"
        )
    assert ref.adopted
    assert ref.id != foreign


@pytest.mark.case("SV-04")
async def test_numbers_can_be_sent_as_text() -> None:
    sim = Simulator(quirks=Quirks(ignore_unknown_names=True))
    async with sim.async_client(serverless=ServerlessOptions(numbers="text")) as client:
        plan = await client.serverless_endpoints.preview("one", image="nginx", product_id="p")
        one = sim.add_endpoint("two")
        await client.serverless_endpoints.update(await client.serverless_endpoints.get(one), image="new")
    assert plan.body["endpoint"]["workerConfig"]["freeTimeout"] == "300"
    (body,) = sent(sim, "update_endpoint")
    assert (body["workerConfig"]["freeTimeout"], body["policy"]["value"]) == ("300", "60")


async def test_settings_out_of_the_limits_are_refused_when_asked_for() -> None:
    sim = Simulator()
    async with sim.async_client() as client:
        with pytest.raises(ValidationError) as caught:
            await client.serverless_endpoints.deploy(
                "one", image="nginx", product_id="p", replicas=1000, cuda_version="9.0", validate=True
            )
        assert {problem.field for problem in caught.value.problems} == {
            "min_replicas",
            "max_replicas",
            "cuda_version",
        }
        sim.faults.add(Fault("status", operation="get_endpoint_limits", status=500, times=None))
        sim.clock.sleep(601)
        await client.serverless_endpoints.deploy("one", image="nginx", product_id="p", validate=True)


async def test_an_endpoint_can_be_created_with_every_setting() -> None:
    sim = Simulator()
    volume = EndpointVolumeMount(type=VolumeType.NETWORK, id="v-1", mount_path="/data")
    async with sim.async_client() as client:
        create = client.serverless_endpoints.create
        with pytest.raises(ValidationError, match="cluster_id"):
            await create(name="one", product_id="p", image="nginx", volume_mounts=[volume])
        ref = await create(
            name="one",
            product_id="p",
            image="nginx",
            volume_mounts=[volume],
            cluster_id="us-west-1",
            worker_config=WorkerConfig(min_num=0, max_num=2),
        )
        found = await client.serverless_endpoints.get(ref.id)
    assert found.volume_mounts == (volume,)
    assert found.worker_config is not None
    assert (found.worker_config.min_num, found.worker_config.max_num) == (0, 2)


def test_a_spec_is_found_among_others() -> None:
    spec = ServerlessSpec(name="a")
    assert spec_named({"a": spec}, "a") is spec


@pytest.mark.case("SV-69")
async def test_a_mark_that_two_endpoints_carry_is_never_adopted() -> None:
    sim = Simulator()
    sim.faults.add(Fault("lost_reply", operation="create_endpoint"))

    async def copy(request: Request, call_next: AsyncCallNext) -> Response:
        try:
            return await call_next(request)
        finally:
            if request.operation == "create_endpoint":
                sim.add_endpoint("copy", envs={"NOVITA_SDK_OPERATION_ID": "nightly-7"})

    async with sim.async_client(attempt_middleware=[copy]) as client:
        with pytest.raises(DuplicateCreateError) as caught:
            await client.serverless_endpoints.deploy(
                "one", image="nginx", product_id="p", operation_id="nightly-7"
            )
    assert len(caught.value.ids) == 2
    assert len(sent(sim)) == 1


@pytest.mark.case("SV-69")
async def test_a_mark_on_the_third_page_is_found() -> None:
    sim = Simulator()
    for index in range(210):
        sim.add_endpoint(f"e-{index}", replicas=0)
    sim.faults.add(Fault("lost_reply", operation="create_endpoint"))
    async with sim.async_client() as client:
        ref = await client.serverless_endpoints.deploy(
            "one", image="nginx", product_id="p", if_exists="create"
        )
    assert ref.adopted


@pytest.mark.case("SV-25")
async def test_values_are_sent_as_they_are() -> None:
    sim = Simulator()
    async with sim.async_client() as client:
        await client.serverless_endpoints.deploy(
            "one", image="nginx", product_id="p", envs={"Z": "<&>é", "A": "1"}
        )
    raw = next(entry.raw_body for entry in sim.journal if entry.operation == "create_endpoint")
    assert '"value":"<&>é"'.encode() in raw
    assert raw.index(b'"Z"') < raw.index(b'"A"') < raw.index(b"NOVITA_SDK_OPERATION_ID")
