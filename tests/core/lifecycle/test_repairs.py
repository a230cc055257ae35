"""Making an instance anew: what the copy is created with, its name, and the phases of a repair."""

from __future__ import annotations

from typing import Any, get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.codec import structure
from novita_sdk._core.lifecycle.copies import copy_name, copy_problems, merged, plan_copy
from novita_sdk._core.lifecycle.repairs import (
    COPY_SECONDS,
    UNFINISHED,
    Phase,
    RepairRecord,
    next_step,
    repair_operation_id,
    time_left,
)
from novita_sdk._core.requests.instances import create_cpu_instance_body, create_instance_body
from novita_sdk.models.instance import Instance

COMPLETE: dict[str, Any] = {
    "id": "i-1",
    "name": "train",
    "clusterId": "us-ca-06",
    "status": "migrating",
    "imageUrl": "registry.example.com/team/app:v1",
    "imageAuthId": "auth-1",
    "command": "serve --fast",
    "entrypoint": "/entry.sh",
    "gpuNum": "2",
    "portMappings": [{"port": 80, "type": "http", "endpoint": ""}, {"port": 22, "type": "tcp"}],
    "productId": "p-1",
    "productName": "RTX 4090 24GB",
    "rootfsSize": 80,
    "volumeMounts": [
        {"type": "network", "size": "10", "id": "v-1", "mountPath": "/data"},
        {"type": "local", "size": "30", "mountPath": "/scratch"},
    ],
    "envs": [{"key": "A", "value": "1"}, {"key": "NOVITA_SDK_OPERATION_ID", "value": "of-the-original"}],
    "kind": "gpu",
    "billingMode": "spot",
    "network": {"id": "n-1", "ip": "10.0.0.2"},
}


def shown(**wire: Any) -> Instance:
    return structure(Instance, {**COMPLETE, **wire})


@pytest.mark.case("M-08")
def test_a_copy_is_created_with_all_that_the_original_has() -> None:
    body = create_instance_body(**plan_copy(shown(), "train-r1").arguments)
    assert body == {
        "name": "train-r1",
        "productId": "p-1",
        "gpuNum": 2,
        "rootfsSize": 80,
        "imageUrl": "registry.example.com/team/app:v1",
        "imageAuthId": "auth-1",
        "ports": "80/http, 22/tcp",
        "envs": [{"key": "A", "value": "1"}],
        "command": "serve --fast",
        "entrypoint": "/entry.sh",
        "clusterId": "us-ca-06",
        "networkStorages": [{"Id": "v-1", "mountPoint": "/data"}],
        "networkId": "n-1",
        "localStorageMountPoint": "/scratch",
        "kind": "gpu",
        "billingMode": "spot",
    }


def test_a_machine_without_gpus_is_copied_without_what_it_cannot_have() -> None:
    plan = plan_copy(shown(kind="cpu", gpuNum="0"), "train-r1")
    body = create_cpu_instance_body(**plan.arguments)
    assert plan.cpu
    assert (body["kind"], body["productId"]) == ("cpu", "p-1")


def test_ports_of_tools_are_not_exposed_twice() -> None:
    instance = shown(tools=[{"name": "Jupyter", "port": 22, "type": "tcp"}])
    body = create_instance_body(**plan_copy(instance, "x").arguments)
    assert (body["ports"], body["tools"]) == ("80/http", [{"name": "Jupyter", "port": "22", "type": "tcp"}])


@pytest.mark.parametrize(
    ("wire", "field"),
    [
        ({"imageUrl": ""}, "image_url"),
        ({"productId": ""}, "product_id"),
        ({"clusterId": ""}, "cluster_id"),
        ({"kind": ""}, "kind"),
        ({"gpuNum": ""}, "gpu_num"),
        ({"rootfsSize": None}, "rootfs_size"),
        ({"billingMode": ""}, "billing_mode"),
        ({"billingMode": "monthly"}, "billing_mode"),
    ],
)
def test_what_cannot_be_copied_is_said(wire: dict[str, Any], field: str) -> None:
    assert [found.field for found in copy_problems(shown(**wire))] == [field]


def test_a_complete_instance_can_be_copied() -> None:
    assert copy_problems(shown()) == ()


def test_the_list_fills_the_gaps_of_the_single_answer_and_overrides_nothing() -> None:
    detail = shown(imageUrl="", envs=[], productId=None, name="as read alone")
    found = merged(detail, shown(name="as listed"))
    assert (found.name, found.product_id) == ("as read alone", "p-1")
    assert found.env["A"] == "1"
    assert merged(detail, None) is detail


def test_values_of_a_plan_do_not_show() -> None:
    plan = plan_copy(shown(envs=[{"key": "TOKEN", "value": "hidden-value"}]), "x")
    assert "hidden-value" not in repr(plan)


@pytest.mark.parametrize(
    ("base", "name"),
    [
        ("train", "train-r1"),
        ("train-r1", "train-r2"),
        ("train-r9", "train-r10"),
        ("train-recreated-1700000000000", "train-r1"),
        ("train-r3-recreated-1700000000000", "train-r4"),
        ("train-recreated-1-r2-r1", "train-r3"),
        ("r1", "r1-r1"),
        ("train-r0", "train-r0-r1"),
        ("-r1", "-r2"),
    ],
)
def test_copies_are_numbered_and_old_endings_go(base: str, name: str) -> None:
    assert copy_name(base) == name


@given(st.text("ar-1", max_size=8), st.integers(1, 6))
def test_names_grow_by_digits_only(base: str, copies: int) -> None:
    first = name = copy_name(base)
    for _ in range(copies):
        name = copy_name(name)
    assert name.rpartition("-r")[0] == first.rpartition("-r")[0]
    assert int(name.rpartition("-r")[2]) == int(first.rpartition("-r")[2]) + copies


# ------------------------------------------------------------------------------------------ phases


def record(**fields: Any) -> RepairRecord:
    return RepairRecord(**{"job": "j-1", "original": "i-1", **fields})


def test_every_phase_has_its_step_and_unfinished_ones_never_rest() -> None:
    for phase in get_args(Phase):
        step = next_step(record(phase=phase, attempt=2), 0, 14_400)
        assert (step == "rest") is (phase not in UNFINISHED and phase != "told")


@pytest.mark.parametrize(
    ("attempt", "age", "step"),
    [(1, 14_399, "rest"), (1, 14_400, "begin"), (2, 10**9, "rest")],
)
def test_a_second_copy_is_tried_after_the_cooldown_and_a_third_never(
    attempt: int, age: float, step: str
) -> None:
    assert next_step(record(phase="failed", attempt=attempt, since=100.0), 100.0 + age, 14_400) == step


@pytest.mark.case("M-07")
@pytest.mark.parametrize("phase", ["blocked", "recovered", "done"])
def test_after_the_end_there_is_no_further_copy(phase: Any) -> None:
    assert next_step(record(phase=phase, attempt=1), 10**10, 14_400) == "rest"


def test_the_time_of_a_copy_counts_from_its_creation() -> None:
    assert time_left(record(since=500.0, created=100.0), 200.0) == COPY_SECONDS - 100
    assert time_left(record(since=500.0), 600.0) == COPY_SECONDS - 100


@given(st.text(max_size=5), st.text(max_size=5), st.integers(1, 2))
def test_whoever_works_out_an_operation_id_gets_the_same(instance: str, job: str, attempt: int) -> None:
    made = repair_operation_id("account", instance, job, attempt)
    assert made == repair_operation_id("account", instance, job, attempt)
    assert len(made) == 26
    assert set(made) <= set("0123456789abcdefghjkmnpqrstvwxyz")
    others = {("account", instance, job, 3 - attempt), ("other", instance, job, attempt)}
    assert all(repair_operation_id(*other) != made for other in others)


def test_a_record_is_read_as_it_was_written() -> None:
    written = record(phase="created", attempt=1, operation_id="o", product_id="p", copy="i-2", created=5.0)
    assert RepairRecord.read(written.written()) == written
    assert written.entered("verified", 7.0) == attrs.evolve(written, phase="verified", since=7.0)
