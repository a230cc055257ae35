"""Whatever the builders let through, the contract lets through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from novita_sdk._core import operations
from novita_sdk._core.arguments import check_fields
from novita_sdk._core.requests.instances import (
    create_cpu_instance_body,
    create_instance_body,
    edit_instance_body,
    upgrade_body,
    upgrade_changes,
)
from novita_sdk._core.requests.templates import create_template_body, overlay_template, template_changes
from novita_sdk.models.secret import Secret

Faults = Callable[[str, object], list[str]]
STRICTER = {
    ("delete_image", "id"),
    ("update_network_storage", "storage_size"),
    # null would do too, but is never sent
    ("update_endpoint", "envs"),
    ("update_endpoint", "volume_mounts"),
}
"""Where the table asks for more than the contract; the list with reasons stands in test_table.py."""


def lenient(name: str, body: dict[str, Any]) -> bool:
    """Whether the table knows less than the contract: a key that is never sent, and "one of two" for an id."""
    return (name == "update_endpoint" and "workers" in body) or (name == "delete_endpoint" and not body)


CHECKED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ids = st.text("abcdef0123456789-", min_size=1, max_size=20) | st.integers(0, 10**9)
numbers = st.integers(1, 65535).filter(lambda port: port not in {2222, 2223, 2224})
ports = st.lists(numbers, unique=True, max_size=12).flatmap(
    lambda chosen: st.tuples(*(st.sampled_from([f"{port}/http", f"{port}/tcp"]) for port in chosen)).map(list)
)
envs = st.dictionaries(texts.filter(bool), texts | texts.map(Secret), max_size=8)
volumes = st.dictionaries(
    st.text("abc123", min_size=1), texts.map(lambda path: f"/{path}"), max_size=4
).filter(lambda chosen: len(set(chosen.values())) == len(chosen))
common = {
    "name": texts,
    "image_auth_id": ids,
    "ports": ports,
    "envs": envs,
    "tools": st.fixed_dictionaries({}, optional={"Jupyter": st.just("8888/http")}),
    "command": texts,
    "entrypoint": texts,
    "cluster_id": ids,
    "network_storages": volumes,
    "network_id": ids,
    "local_storage_mount_point": texts.map(lambda path: f"/{path}"),
}
needed = {"product_id": ids, "image_url": texts.filter(bool)}
gpu = {
    "gpu_num": st.integers(1, 8),
    "rootfs_size": st.integers(10, 6144),
    "billing_mode": st.sampled_from(["on_demand", "onDemand", "spot"]),
    "min_cuda_version": texts,
}


@CHECKED
@given(arguments=st.fixed_dictionaries(needed, optional=common | gpu))
def test_a_gpu_body_satisfies_the_contract(faults: Faults, arguments: dict[str, Any]) -> None:
    body = create_instance_body(**arguments)
    assert faults("CreateGpuInstanceRequest", body) == []


@CHECKED
@given(
    arguments=st.fixed_dictionaries(needed),
    month=st.integers(1, 36),
    renewal=st.none() | st.integers(1, 12),
)
def test_a_subscription_satisfies_the_contract(
    faults: Faults, arguments: dict[str, Any], month: int, renewal: int | None
) -> None:
    body = create_instance_body(
        **arguments, billing_mode="monthly", month=month, auto_renew=bool(renewal), auto_renew_month=renewal
    )
    assert faults("CreateGpuInstanceRequest", body) == []


@CHECKED
@given(arguments=st.fixed_dictionaries(needed, optional=common))
def test_a_cpu_body_satisfies_the_contract(faults: Faults, arguments: dict[str, Any]) -> None:
    assert faults("CreateCpuInstanceRequest", create_cpu_instance_body(**arguments)) == []


@CHECKED
@given(exposed=ports, grow=st.integers(1, 500))
def test_an_edit_satisfies_the_contract(faults: Faults, exposed: list[str], grow: int) -> None:
    body = edit_instance_body("i-1", ports=exposed, expand_root_disk=grow)
    assert faults("EditInstanceRequest", body) == []


@CHECKED
@given(
    changes=st.fixed_dictionaries(
        {"command": texts | st.none()},
        optional={"envs": envs, "volume_mounts": volumes, "image_auth_id": ids},
    )
)
def test_an_upgrade_of_the_documented_instance_satisfies_the_contract(
    faults: Faults, described: dict[str, Any], changes: dict[str, Any]
) -> None:
    current = described["get_instance"]["responses"]["200"]["content"]["application/json"]["example"]
    body = upgrade_body(current, upgrade_changes(**changes))
    assert faults("UpgradeInstanceRequest", body) == []


template = {
    "readme": texts,
    "image_auth": ids,
    "start_command": texts,
    "entrypoint": texts,
    "rootfs_size": st.integers(1, 6144),
    "ports": ports.filter(lambda chosen: len(chosen) <= 10),
    "envs": envs,
    "min_cuda_version": texts,
}


@CHECKED
@given(
    arguments=st.fixed_dictionaries(
        {"name": texts.filter(bool), "image": texts.filter(bool)}, optional=template
    )
)
def test_a_template_satisfies_the_contract(faults: Faults, arguments: dict[str, Any]) -> None:
    assert faults("CreateTemplateRequest", create_template_body(**arguments)) == []


@CHECKED
@given(changes=st.fixed_dictionaries({"name": texts.filter(bool)}, optional=template))
def test_an_update_of_the_documented_template_satisfies_the_contract(
    faults: Faults, described: dict[str, Any], changes: dict[str, Any]
) -> None:
    answer = described["get_template"]["responses"]["200"]["content"]["application/json"]["example"]
    body = overlay_template(answer["template"], template_changes(**changes))
    assert faults("UpdateTemplateRequest", body) == []


SHAPES = {"gpu": "CreateGpuInstanceRequest", "cpu": "CreateCpuInstanceRequest"}
JUNK: tuple[object, ...] = (None, True, -1, 0, 10**6, "", "2222", "x" * 10300, [], [""], [None], {}, {"a": 1})
MISSING = object()


def damaged(example: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every body that lacks one value of the example, or has junk in its place."""
    wrapper = next((key for key in ("template", "endpoint") if key in example), None)
    inner: dict[str, Any] = example if wrapper is None else example[wrapper]
    for key in inner:
        for value in (MISSING, *JUNK):
            broken = {**inner, key: value} if value is not MISSING else {**inner}
            if value is MISSING:
                del broken[key]
            yield broken if wrapper is None else {wrapper: broken}


@pytest.mark.parametrize("name", [name for name, row in operations.ALL.items() if row.body is not None])
def test_the_table_and_the_contract_refuse_the_same_bodies(
    faults: Faults, described: dict[str, Any], name: str
) -> None:
    content = described[name]["requestBody"]["content"]["application/json"]
    examples = [one["value"] for one in content.get("examples", {}).values()] or [content["example"]]
    for example in examples:
        kind = str(example.get("kind"))
        schema = SHAPES.get(kind) or content["schema"]["$ref"].rpartition("/")[2]
        fields = operations.ALL[name].body_fields({"kind": kind})
        for body in damaged(example):
            told, stated = check_fields(fields, body), faults(schema, body)
            if (name, told[0].field if told else "") not in STRICTER and not lenient(name, body):
                assert bool(told) == bool(stated), body
