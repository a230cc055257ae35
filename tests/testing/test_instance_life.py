"""The life of an instance: what each action leads through, and when it is refused."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_new_instance_comes_up_by_the_documented_steps(bench: Any) -> None:
    instance_id = bench.create()
    seen = bench.statuses(instance_id, 0, 1, 4, 25, 10_000)
    assert seen == ["toCreate", "creating", "pulling", "running", "running"]


def test_a_stop_and_a_start_lead_through_their_own_steps(bench: Any) -> None:
    instance_id = bench.running()
    assert bench("stop_instance", instanceId=instance_id) == {"instanceId": instance_id, "state": "toStop"}
    assert bench.statuses(instance_id, 0, 1, 4) == ["toStop", "stopping", "exited"]
    assert bench("start_instance", instanceId=instance_id)["state"] == "toStart"
    assert bench.statuses(instance_id, 0, 1, 9) == ["toStart", "starting", "running"]


def test_a_restart_shows_in_the_time_of_the_last_start(bench: Any) -> None:
    instance_id = bench.running()
    before = int(bench.get(instance_id)["lastStartedAt"])
    bench.wait(100)
    bench("restart_instance", instanceId=instance_id)
    assert bench.statuses(instance_id, 0, 1, 9) == ["toRestart", "restarting", "running"]
    assert int(bench.get(instance_id)["lastStartedAt"]) == before + 110


def test_an_upgrade_replaces_image_environment_and_command(bench: Any) -> None:
    instance_id = bench.running(envs=[{"key": "A", "value": "1"}])
    bench(
        "upgrade_instance",
        instanceId=instance_id,
        imageUrl="redis",
        envs=[{"key": "B", "value": "2"}],
        command="serve",
        entrypoint="",
        save=True,
        networkVolume={"volumeMounts": []},
    )
    assert bench.statuses(instance_id, 0, 1, 9, 25) == ["toReset", "resetting", "pulling", "running"]
    shown = bench.get(instance_id)
    assert (shown["imageUrl"], shown["command"], shown["envs"]) == (
        "redis",
        "serve",
        [{"key": "B", "value": "2"}],
    )


def test_a_deleted_instance_is_shown_as_removed_for_a_while_and_then_unknown(bench: Any) -> None:
    instance_id = bench.running()
    bench("delete_instance", instanceId=instance_id)
    assert bench.statuses(instance_id, 0, 1, 4, 59) == ["toRemove", "removing", "removed", "removed"]
    assert bench.get(instance_id)["productName"] == ""
    bench.wait(1)
    assert bench.refused("get_instance", instanceId=instance_id) == "RESOURCE_NOT_FOUND"
    assert bench.refused("delete_instance", instanceId=instance_id) == "RESOURCE_NOT_FOUND"
    assert bench("list_instances")["instances"] == []


def test_a_second_delete_changes_nothing(bench: Any) -> None:
    instance_id = bench.running()
    bench("delete_instance", instanceId=instance_id)
    bench.wait(3)
    bench("delete_instance", instanceId=instance_id)
    assert bench.statuses(instance_id, 2) == ["removed"]


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        ("creating", ("start", "stop", "restart", "migrate")),
        ("running", ("start",)),
        ("exited", ("stop", "restart")),
        ("migrating", ("start", "stop", "restart", "migrate")),
        ("removing", ("start", "stop", "restart", "migrate")),
        ("freezing", ("start", "stop", "restart", "migrate")),
    ],
)
def test_an_action_at_the_wrong_time_is_an_invalid_state_change(
    bench: Any, status: str, refused: tuple[str, ...]
) -> None:
    instance_id = bench.create()
    bench.sim.set_status(instance_id, status)
    for action in refused:
        assert bench.refused(f"{action}_instance", instanceId=instance_id) == "invalid state change"


def test_ports_are_replaced_and_the_root_disk_grows(bench: Any) -> None:
    instance_id = bench.running(ports="80/http")
    bench("edit_instance", instanceId=instance_id, ports=[{"port": 22, "type": "tcp"}], expandRootDisk=10)
    bench("edit_instance", instanceId=instance_id, expandRootDisk=5)
    shown = bench.get(instance_id)
    assert [(one["port"], one["type"]) for one in shown["portMappings"]] == [(22, "tcp")]
    assert shown["rootfsSize"] == 75
    assert bench.refused("edit_instance", instanceId=instance_id, expandRootDisk=6144) == "VALIDATOR_PARAM"


def test_endpoints_are_empty_until_the_instance_runs(bench: Any) -> None:
    instance_id = bench.create(ports="80/http, 22/tcp")
    assert [one["endpoint"] for one in bench.get(instance_id)["portMappings"]] == ["", ""]
    bench.wait(30)
    assert all(one["endpoint"] for one in bench.get(instance_id)["portMappings"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"productId": "nothing"}, "RESOURCE_NOT_FOUND"),
        ({"productId": "cpu.4c8g"}, "RESOURCE_NOT_FOUND"),
        ({"imageAuthId": "nobody"}, "RESOURCE_NOT_FOUND"),
        ({"clusterId": "moon"}, "RESOURCE_NOT_FOUND"),
        ({"networkId": "9"}, "NETWORK_NOT_FOUND"),
        ({"networkStorages": [{"Id": "9"}]}, "NETWORK_STORAGE_NOT_FOUND"),
        ({"ports": "2222/tcp"}, "VALIDATOR_PARAM"),
        ({"ports": "0/tcp"}, "VALIDATOR_PARAM"),
        ({"ports": ", ".join(f"{80 + n}/http" for n in range(16))}, "VALIDATOR_PARAM"),
        ({"productId": "l40s.16c120g", "billingMode": "spot"}, "UNSUPPORTED_BILLING_MODE"),
        ({"month": 2}, "UNSUPPORTED_BILLING_MODE"),
        ({"productId": "3090.12c48g", "rootfsSize": 3000}, "VALIDATOR_PARAM"),
        ({"productId": "h200.28c400g"}, "INSUFFICIENT_RESOURCE"),
        ({"clusterId": "au-1"}, "INSUFFICIENT_RESOURCE"),
    ],
)
def test_a_create_that_cannot_be_carried_out_names_the_reason(
    bench: Any, changes: dict[str, Any], reason: str
) -> None:
    assert bench.create_refused(**changes) == reason
    assert bench.sim.billing_resources() == []


def test_a_create_without_money_is_refused(bench: Any) -> None:
    bench.sim.set_balance(0)
    assert bench.create_refused() == "BALANCE_NOT_ENOUGH"


def test_stock_is_taken_while_an_instance_lives_and_given_back_when_it_stops(bench: Any) -> None:
    bench.sim.set_stock("4090.16c96g.v2", 0)
    bench.sim.set_stock("4090.16c96g.v2", 2, "eu-de-01")
    first = bench.create(gpuNum=2)
    assert bench.get(first)["clusterId"] == "eu-de-01"
    assert bench.create_refused() == "INSUFFICIENT_RESOURCE"
    bench.wait(30)
    bench("stop_instance", instanceId=first)
    bench.wait(5)
    second = bench.create()
    assert bench.refused("start_instance", instanceId=first) == "INSUFFICIENT_RESOURCE"
    bench("delete_instance", instanceId=second)
    bench.wait(5)
    bench("start_instance", instanceId=first)


def test_products_show_what_is_left(bench: Any) -> None:
    def offer() -> tuple[bool, str]:
        shown = bench("list_gpu_products", productName="4090 24", clusterId="17")["data"][0]
        return shown["availableDeploy"], shown["inventoryState"]

    assert offer() == (True, "normal")
    bench.sim.set_stock("4090.16c96g.v2", 1, "17")
    assert offer() == (True, "low")
    bench.create(clusterId="17")
    assert offer() == (False, "none")


def test_a_planned_boot_failure_hangs_in_pulling_and_says_why(bench: Any) -> None:
    bench.sim.fail_next("boot", error="ImagePullBackOff", message="manifest unknown")
    instance_id = bench.create()
    assert bench.get(instance_id)["statusError"] == {"state": "", "message": ""}
    bench.wait(5000)
    shown = bench.get(instance_id)
    assert shown["status"] == "pulling"
    assert shown["statusError"] == {"state": "ImagePullBackOff", "message": "manifest unknown"}
    assert bench.status(bench.running()) == "running"


def test_a_prewarmed_image_is_pulled_faster(bench: Any) -> None:
    bench.sim.timings = type(bench.sim.timings)(pulling=600, prewarmed_pulling=1, to_create=1, creating=1)
    bench("create_image_prewarm", imageUrl="big:1", clusterId="us-ca-06")
    bench.wait(300)
    warm = bench.create(imageUrl="big:1", clusterId="us-ca-06")
    cold = bench.create(imageUrl="big:2", clusterId="us-ca-06")
    bench.wait(10)
    assert (bench.status(warm), bench.status(cold)) == ("running", "pulling")


def test_a_cpu_instance_has_no_gpus_but_a_local_disk(bench: Any) -> None:
    created = bench("create_instance", kind="cpu", productId="cpu.4c8g", imageUrl="nginx")
    shown = bench.get(created["id"])
    assert (shown["kind"], shown["gpuNum"], shown["cpuNum"]) == ("cpu", "0", "4")
    assert shown["volumeMounts"] == [{"type": "local", "size": 30, "mountPath": "/workspace"}]
