"""Bodies of instance creation, edit and upgrade."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from novita_sdk._core.marker import MARKER_ENV
from novita_sdk._core.requests.instances import (
    create_cpu_instance_body,
    create_instance_body,
    edit_instance_body,
    upgrade_body,
    upgrade_changes,
)
from novita_sdk.errors import ValidationError
from novita_sdk.models.enums import BillingMode
from novita_sdk.models.port import Port
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import UNSET


def create(**more: Any) -> dict[str, Any]:
    return create_instance_body(product_id="p", image_url="nginx", **more)


def names(**more: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        create(**more)
    return [problem.field for problem in caught.value.problems]


# ------------------------------------------------------------ creation

BARE = {
    "productId": "p",
    "imageUrl": "nginx",
    "kind": "gpu",
    "gpuNum": 1,
    "rootfsSize": 60,
    "billingMode": "onDemand",
}


def test_a_bare_create_has_one_gpu_60_gb_and_pay_as_you_go() -> None:
    assert create() == BARE


def test_what_is_unset_none_or_empty_is_left_out() -> None:
    assert create(ports=[], envs={}, tools={}, network_storages=None, command=None, name=UNSET) == BARE


def test_every_argument_has_its_place_in_the_body() -> None:
    body = create(
        name="trainer",
        gpu_num=8,
        rootfs_size=6144,
        billing_mode="monthly",
        month=3,
        auto_renew=True,
        auto_renew_month=12,
        image_auth=Secret("someone:s3:cr3t"),
        ports=["80/http", Port(22, "tcp")],
        envs={"A": "b", "TOKEN": Secret("s3cr3t")},
        tools={"Jupyter": "8888/http"},
        command="run",
        entrypoint="sh",
        cluster_id=5,
        network_storages={"v-1": "/data"},
        network_id="n-1",
        min_cuda_version="12.4",
        local_storage_mount_point="/workspace",
    )
    assert body == {
        "name": "trainer",
        "productId": "p",
        "imageUrl": "nginx",
        "imageAuth": "someone:s3:cr3t",
        "ports": "80/http, 22/tcp",
        "envs": [{"key": "A", "value": "b"}, {"key": "TOKEN", "value": "s3cr3t"}],
        "tools": [{"name": "Jupyter", "port": "8888", "type": "http"}],
        "command": "run",
        "entrypoint": "sh",
        "clusterId": "5",
        "networkStorages": [{"Id": "v-1", "mountPoint": "/data"}],
        "networkId": "n-1",
        "kind": "gpu",
        "gpuNum": 8,
        "rootfsSize": 6144,
        "month": 3,
        "billingMode": "monthly",
        "autoRenew": True,
        "autoRenewMonth": 12,
        "minCudaVersion": "12.4",
        "localStorageMountPoint": "/workspace",
    }


def test_a_cpu_instance_has_no_gpu_disk_or_billing_keys() -> None:
    assert create_cpu_instance_body(product_id="c", image_url="nginx") == {
        "productId": "c",
        "imageUrl": "nginx",
        "kind": "cpu",
    }


@pytest.mark.parametrize("call", [create_instance_body, create_cpu_instance_body, upgrade_changes])
def test_a_misspelled_argument_is_a_type_error(call: Any) -> None:
    with pytest.raises(TypeError, match="gpu_count"):
        call(product_id="p", image_url="i", gpu_count=1)


def test_a_cpu_instance_takes_no_gpu_arguments() -> None:
    with pytest.raises(TypeError, match="gpu_num"):
        create_cpu_instance_body(product_id="c", image_url="i", gpu_num=1)  # type: ignore[call-arg]  # what is tested


def test_all_problems_come_in_one_error() -> None:
    with pytest.raises(ValidationError) as caught:
        create_instance_body(
            product_id="..",
            image_url="",
            name="n" * 256,
            gpu_num=9,
            rootfs_size=9,
            month=1,
            ports=[8888],  # type: ignore[list-item]  # what is tested
            envs={"": "x"},
            image_auth="nobody",
            cluster_id="",
            network_storages={"v": "relative"},
            min_cuda_version=11.8,  # type: ignore[arg-type]  # what is tested
        )
    assert {problem.field for problem in caught.value.problems} == {
        "product_id",
        "image_url",
        "name",
        "gpu_num",
        "rootfs_size",
        "month",
        "ports[0]",
        "envs['']",
        "image_auth",
        "cluster_id",
        "network_storages['v']",
        "min_cuda_version",
    }


@pytest.mark.parametrize("mode", ["on_demand", "onDemand", "spot", BillingMode.SPOT, UNSET])
def test_a_term_needs_a_subscription(mode: Any) -> None:
    assert names(billing_mode=mode, month=1) == ["month"]
    assert create(billing_mode=mode, month=0)["month"] == 0


@pytest.mark.parametrize("month", [0, None, UNSET])
def test_a_subscription_needs_a_term(month: Any) -> None:
    assert names(billing_mode="monthly", month=month) == ["month"]


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ({"auto_renew": True}, "auto_renew"),
        ({"billing_mode": "monthly", "month": 1, "auto_renew_month": 2}, "auto_renew_month"),
        (
            {"billing_mode": "monthly", "month": 1, "auto_renew": True, "auto_renew_month": 13},
            "auto_renew_month",
        ),
        ({"billing_mode": "weekly", "month": 1}, "billing_mode"),
        ({"billing_mode": "", "auto_renew": True}, "billing_mode"),
        ({"billing_mode": 5, "month": 1}, "billing_mode"),
        ({"billing_mode": "monthly", "month": "one"}, "month"),
        ({"billing_mode": "monthly", "month": -1}, "month"),
    ],
)
def test_a_contradiction_about_money_is_told_once(arguments: dict[str, Any], wrong: str) -> None:
    assert names(**arguments) == [wrong]


@pytest.mark.parametrize("login", ["", "someone", ":secret", "someone:", 5, b"a:b", Secret("someone")])
def test_a_registry_login_is_user_and_password(login: Any) -> None:
    assert names(image_auth=login) == ["image_auth"]


def test_one_registry_login_is_enough() -> None:
    assert names(image_auth="a:b", image_auth_id="c") == ["image_auth_id"]


def test_no_secret_is_part_of_an_error() -> None:
    with pytest.raises(ValidationError) as caught:
        create(
            image_auth="s3cr3t",
            envs={"A": "s3cr3t" * 1000, "B": 5, "C": Secret("s3cr3t\ud800")},
            command="run --token s3cr3t" + "x" * 2048,
            entrypoint=["s3cr3t"],
        )
    error = caught.value
    assert len(error.problems) == 6
    assert "s3cr3t" not in f"{error}{error!r}{error.explain()}{error.problems}"


# ------------------------------------------------------------ edit


def test_an_edit_sends_ports_as_objects() -> None:
    assert edit_instance_body(7, ports=["80/http", Port(22, "tcp")]) == {
        "instanceId": "7",
        "ports": [{"port": 80, "type": "http"}, {"port": 22, "type": "tcp"}],
    }


@pytest.mark.parametrize("ports", [None, []])
def test_an_edit_can_close_all_ports(ports: Any) -> None:
    assert edit_instance_body("i", ports=ports) == {"instanceId": "i", "ports": []}


def test_an_edit_leaves_ports_alone_that_are_not_given() -> None:
    assert edit_instance_body("i", expand_root_disk=10) == {"instanceId": "i", "expandRootDisk": 10}


def test_0_gb_more_are_not_sent() -> None:
    assert edit_instance_body("i", ports=["80/http"], expand_root_disk=0).keys() == {"instanceId", "ports"}


@pytest.mark.parametrize("grow", [None, -1, 1.5, "10", True])
def test_a_disk_grows_by_a_whole_number(grow: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        edit_instance_body("i", expand_root_disk=grow)
    assert [problem.field for problem in caught.value.problems] == ["expand_root_disk"]


def test_all_problems_of_an_edit_come_in_one_error() -> None:
    with pytest.raises(ValidationError) as caught:
        edit_instance_body("", ports=["80"], expand_root_disk=-1)
    assert {problem.field for problem in caught.value.problems} == {
        "instance_id",
        "ports[0]",
        "expand_root_disk",
    }


# ------------------------------------------------------------ upgrade

CURRENT = {
    "id": "i-1",
    "imageUrl": "nginx:1",
    "imageAuthId": "auth-1",
    "command": "old",
    "entrypoint": "",
    "envs": [{"key": "A", "value": "1"}, {"key": MARKER_ENV, "value": "op-12345"}],
    "volumeMounts": [
        {"type": "network", "size": "10", "id": "v-1", "mountPath": "/network"},
        {"type": "local", "size": 30, "mountPath": "/workspace"},
    ],
    "status": "running",
}
UNCHANGED = {
    "instanceId": "i-1",
    "imageUrl": "nginx:1",
    "imageAuthId": "auth-1",
    "command": "old",
    "entrypoint": "",
    "envs": CURRENT["envs"],
    "save": True,
    "networkVolume": {"volumeMounts": [{"type": "network", "id": "v-1", "mountPath": "/network"}]},
}


def test_an_upgrade_sends_everything_with_the_change_laid_over() -> None:
    before = copy.deepcopy(CURRENT)
    assert upgrade_body(CURRENT, upgrade_changes(image_url="nginx:2")) == UNCHANGED | {"imageUrl": "nginx:2"}
    assert before == CURRENT


def test_an_upgrade_clears_what_is_given_as_none() -> None:
    changes = upgrade_changes(command=None, image_auth_id=None, volume_mounts=None)
    body = upgrade_body(CURRENT, changes, save=False)
    assert body == UNCHANGED | {
        "command": "",
        "imageAuthId": "",
        "networkVolume": {"volumeMounts": []},
        "save": False,
    }


def test_a_replaced_environment_keeps_the_instances_own_marker() -> None:
    changes = upgrade_changes(envs={"B": "2", MARKER_ENV: "of another create"})
    assert upgrade_body(CURRENT, changes)["envs"] == [
        {"key": "B", "value": "2"},
        {"key": MARKER_ENV, "value": "op-12345"},
    ]


def test_a_cleared_environment_of_an_unmarked_instance_is_empty() -> None:
    current = CURRENT | {"envs": [{"key": "A", "value": "1"}]}
    assert upgrade_body(current, upgrade_changes(envs=None))["envs"] == []


def test_a_volume_is_mounted_by_id_and_path() -> None:
    body = upgrade_body(CURRENT, upgrade_changes(volume_mounts={"v-2": "/data"}))
    assert body["networkVolume"] == {"volumeMounts": [{"type": "network", "id": "v-2", "mountPath": "/data"}]}


def test_what_an_instance_does_not_show_counts_as_empty() -> None:
    body = upgrade_body({"id": "i-1", "imageUrl": "nginx"}, upgrade_changes(command="run"))
    assert body == {
        "instanceId": "i-1",
        "imageUrl": "nginx",
        "envs": [],
        "command": "run",
        "entrypoint": "",
        "save": True,
        "networkVolume": {"volumeMounts": []},
    }


def test_an_upgrade_is_refused_if_the_image_is_not_known() -> None:
    with pytest.raises(ValidationError) as caught:
        upgrade_body({"id": "i-1"}, upgrade_changes(command="run"))
    assert [problem.field for problem in caught.value.problems] == ["image_url"]


def test_an_upgrade_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="nothing to change"):
        upgrade_changes()
    with pytest.raises(ValidationError, match="nothing to change"):
        upgrade_changes(image_url=UNSET, envs=UNSET)


def test_all_problems_of_an_upgrade_are_told_before_anything_is_read() -> None:
    with pytest.raises(ValidationError) as caught:
        upgrade_changes(image_url=None, command="x" * 2048, envs={"": "x"}, volume_mounts={"v": "rel"})
    assert {problem.field for problem in caught.value.problems} == {
        "image_url",
        "command",
        "envs['']",
        "volume_mounts['v']",
    }


def test_101_variables_with_the_marker_are_too_many_for_an_upgrade() -> None:
    changes = upgrade_changes(envs={f"K{number}": "" for number in range(100)})
    with pytest.raises(ValidationError) as caught:
        upgrade_body(CURRENT, changes)
    assert [problem.field for problem in caught.value.problems] == ["envs"]
