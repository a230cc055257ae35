"""Deployments: what is sent, what is refused, and how every setting finds its place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from novita_sdk._core.serverless.deploy_request import DeployRequest
from novita_sdk._core.serverless.deployment import deployment_body, with_numbers_as_text
from novita_sdk._core.serverless.unsupported import REFUSED_BY_DEPLOY, refuse_unsupported
from novita_sdk._core.serverless.update_arguments import update_changes
from novita_sdk.errors import UnsupportedFeatureError, ValidationError
from novita_sdk.models.endpoint import ScalingPolicy, ScalingPolicyType
from novita_sdk.models.serverless_spec import ServerlessSpec

SPEC = ServerlessSpec(
    name="novita-5090-single",
    gpu_num=1,
    rootfs_size=100,
    product_id="SL-serverless-3",
    region="us-dallas-nas-2",
    cuda_version="any",
)
FULL_REQUEST: dict[str, Any] = {
    "endpoint": "base-test",
    "specName": "novita-5090-single",
    "image": "ubuntu:22.04",
    "replicas": 3,
    "taskTimeout": 1200,
    "maxPendingTasks": 10,
    "env": {"MODEL_NAME": "llama-3-70b", "MODEL_VERSION": "v1.0"},
    "minReplicas": 1,
    "maxReplicas": 10,
    "scaleUpThreshold": 2,
    "scaleDownIdleTime": 300,
    "scaleUpCooldown": 30,
    "scaleDownCooldown": 60,
    "priority": 50,
    "enableDynamicPrio": True,
    "highLoadThreshold": 10,
    "priorityBoost": 20,
}


def body(name: object = "base-test", **arguments: Any) -> dict[str, Any]:
    return deployment_body(name, {"image": "ubuntu:22.04", **arguments}, SPEC)


def problems(name: object = "base-test", **arguments: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        body(name, **arguments)
    return [problem.field for problem in caught.value.problems]


def scaling(**arguments: Any) -> tuple[int, int]:
    config = body(**arguments)["workerConfig"]
    return config["minNum"], config["maxNum"]


@pytest.mark.case("SV-17")
def test_a_deployment_from_a_spec_has_every_setting() -> None:
    assert body(replicas=3, envs={"A": "1"}) == {
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
        "envs": [{"key": "A", "value": "1"}],
        "healthy": {"path": "/health"},
    }


@pytest.mark.case("SV-18")
def test_the_number_of_workers_is_one_unless_it_is_said() -> None:
    assert scaling() == (1, 1)
    assert scaling(replicas=0) == (0, 0)


@pytest.mark.case("SV-18")
@pytest.mark.parametrize("value", [-1, True, 2.0, "3"])
def test_a_number_of_workers_is_a_whole_number(value: object) -> None:
    assert problems(replicas=value) == ["replicas"]


@pytest.mark.case("SV-19")
def test_a_task_timeout_is_the_idle_time_of_workers() -> None:
    config = body(task_timeout=timedelta(minutes=20))["workerConfig"]
    assert (config["freeTimeout"], config["requestTimeout"]) == (1200, 3600)
    assert problems(task_timeout=1200, idle_timeout=600) == ["idle_timeout"]
    with pytest.raises(ValidationError, match="request_timeout"):
        body(task_timeout=7200)


@pytest.mark.case("SV-20")
def test_bounds_are_taken_together() -> None:
    assert scaling(max_replicas=10) == (0, 10)
    assert scaling(min_replicas=1, max_replicas=10) == (1, 10)
    assert problems(min_replicas=2) == ["max_replicas"]
    assert problems(replicas=3, max_replicas=10) == ["replicas"]
    assert problems(min_replicas=5, max_replicas=2) == ["min_replicas"]


@pytest.mark.case("SV-21")
def test_a_threshold_is_a_policy() -> None:
    assert body(scale_up_threshold=2)["policy"] == {"type": "concurrency", "value": 2}
    policy = ScalingPolicy(type=ScalingPolicyType.QUEUE, value=5)
    assert body(policy=policy)["policy"] == {"type": "queue", "value": 5}
    assert problems(scale_up_threshold=2, policy=policy) == ["scale_up_threshold"]


@pytest.mark.case("SV-22")
def test_a_request_of_the_older_provider_names_all_it_cannot_have() -> None:
    with pytest.raises(UnsupportedFeatureError) as caught:
        DeployRequest.from_mapping(FULL_REQUEST)
    assert {problem.field for problem in caught.value.problems} == {
        *("scale_up_cooldown", "scale_down_cooldown", "max_pending_tasks"),
        *("priority", "enable_dynamic_prio", "high_load_threshold", "priority_boost"),
    }
    assert all("instead: " in problem.message for problem in caught.value.problems)


@pytest.mark.case("SV-22")
def test_a_request_of_the_older_provider_can_leave_out_what_it_cannot_have() -> None:
    request = DeployRequest.from_mapping(FULL_REQUEST, unsupported="warn")
    made = deployment_body(request.name, request.arguments, SPEC)
    config = made["workerConfig"]
    assert (config["minNum"], config["maxNum"]) == (1, 10)
    assert (config["freeTimeout"], config["requestTimeout"]) == (300, 1200)
    assert made["policy"] == {"type": "concurrency", "value": 2}
    assert len(request.warnings) == 7
    assert "llama" not in repr(request)


def test_an_unknown_key_of_a_request_is_told_with_the_nearest_one() -> None:
    with pytest.raises(ValidationError, match="did you mean replicas"):
        DeployRequest.from_mapping({"endpoint": "a", "replica": 1})


@pytest.mark.case("SV-23")
@pytest.mark.parametrize("feature", REFUSED_BY_DEPLOY)
def test_what_the_service_cannot_do_is_refused_with_what_helps_instead(feature: str) -> None:
    with pytest.raises(UnsupportedFeatureError) as caught:
        refuse_unsupported({feature: 1})
    assert caught.value.feature == feature
    assert caught.value.alternative


@pytest.mark.case("SV-25")
def test_arguments_are_not_changed_and_keep_their_order() -> None:
    envs = {"Z": "<&>", "A": "1"}
    assert [pair["key"] for pair in body(envs=envs)["envs"]] == ["Z", "A"]
    assert envs == {"Z": "<&>", "A": "1"}


@pytest.mark.case("SV-26")
def test_a_name_that_cannot_stand_in_a_url_needs_another_for_it() -> None:
    assert problems("My Model") == ["app_name"]
    assert "appName" not in body("My Model", app_name=None)
    assert body("My Model", app_name="my-model")["appName"] == "my-model"
    assert problems("My Model", app_name="-x") == ["app_name"]


@pytest.mark.case("SV-28")
def test_all_wrong_values_are_told_at_once() -> None:
    assert sorted(problems(rootfs_size=-1, port=2222, max_concurrent="two")) == [
        "max_concurrent",
        "port",
        "rootfs_size",
    ]


def test_an_argument_beats_the_spec() -> None:
    made = body(product_id=7, cluster_id="us-west-1", rootfs_size=50, gpu_count=2, cuda_version="12.4")
    assert made["products"] == [{"id": "7"}]
    assert (made["clusterID"], made["rootfsSize"]) == ("us-west-1", 50)
    assert (made["workerConfig"]["gpuNum"], made["workerConfig"]["cudaVersion"]) == (2, "12.4")


def test_without_a_spec_a_product_is_needed() -> None:
    with pytest.raises(ValidationError, match="product_id"):
        deployment_body("a", {"image": "nginx"}, None)


@pytest.mark.case("SV-04")
def test_numbers_can_be_spelled_as_text() -> None:
    made = with_numbers_as_text(body())
    assert made["workerConfig"]["freeTimeout"] == "300"
    assert made["workerConfig"]["maxConcurrent"] == "1"
    assert made["policy"]["value"] == "60"
    assert made["ports"] == [{"port": "8000"}]
    assert made["workerConfig"]["requestTimeout"] == 3600


def test_only_numbers_that_are_there_are_spelled_as_text() -> None:
    assert with_numbers_as_text({"id": "e", "workerConfig": {"maxConcurrent": 1}}) == {
        "id": "e",
        "workerConfig": {"maxConcurrent": "1"},
    }


@pytest.mark.parametrize(
    "policy", [ScalingPolicy(), ScalingPolicy(type=ScalingPolicyType.QUEUE), ScalingPolicy(value=2)]
)
def test_a_policy_is_given_whole(policy: ScalingPolicy) -> None:
    with pytest.raises(ValidationError, match="policy"):
        body(policy=policy)
    with pytest.raises(ValidationError, match="policy"):
        update_changes({"policy": policy})


def test_what_an_update_cannot_change_is_told_with_what_helps_instead() -> None:
    with pytest.raises(UnsupportedFeatureError) as caught:
        update_changes({"spec": "one", "app_name": "one"})
    assert caught.value.feature == "spec, app_name"
