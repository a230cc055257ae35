"""Templates, images, prewarms, registry logins, networks, shared volumes and metrics."""

from __future__ import annotations

from typing import Any

import pytest

TEMPLATE = {"name": "mine", "type": "instance", "channel": "private", "image": "nginx", "rootfsSize": 20}


def test_a_template_can_be_made_read_replaced_and_deleted(bench: Any) -> None:
    template_id = bench("create_template", template={**TEMPLATE, "readme": "old"})["templateId"]
    assert bench("get_template", templateId=template_id)["template"]["readme"] == "old"
    bench("update_template", template={**TEMPLATE, "Id": template_id, "name": "yours"})
    shown = bench("get_template", templateId=template_id)["template"]
    assert (shown["name"], "readme" in shown) == ("yours", False)
    bench("delete_template", templateId=template_id)
    assert bench.refused("get_template", templateId=template_id) == "TEMPLATE_NOT_FOUND"


def test_templates_are_filtered_by_channel_and_name(bench: Any) -> None:
    bench("create_template", template=TEMPLATE)
    assert [one["name"] for one in bench("list_templates", channel="private")["template"]] == ["mine"]
    assert [one["name"] for one in bench("list_templates", name="pytorch")["template"]] == ["PyTorch 2.6"]


def test_official_templates_cannot_be_changed(bench: Any) -> None:
    assert bench.refused("delete_template", templateId="50") == "FORBIDDEN"
    assert bench.refused("update_template", template={**TEMPLATE, "Id": "50"}) == "FORBIDDEN"


def test_a_template_with_an_unknown_login_is_refused(bench: Any) -> None:
    assert bench.refused("create_template", template={**TEMPLATE, "imageAuth": "x"}) == "RESOURCE_NOT_FOUND"


def test_a_saved_image_appears_when_its_job_succeeds_and_can_be_deleted(bench: Any) -> None:
    instance_id = bench.running()
    image = "docker.simulated.test/team/app:v1"
    job_id = bench("save_image", instanceId=instance_id, image=image)["jobId"]
    assert bench.get(instance_id)["jobs"] == [{"id": job_id, "type": "saveImage"}]
    assert bench.refused("save_image", instanceId=instance_id, image=image) == "OPERATION_LIMIT"
    seen = []
    for pause in (0, 5, 54, 1):
        bench.wait(pause)
        state = bench("list_jobs", jobId=job_id)["jobs"][0]["state"]["state"]
        seen.append((state, len(bench("list_images", type="private")["data"])))
    assert seen == [("pulling", 0), ("running", 0), ("running", 0), ("success", 1)]
    saved = bench("list_images", type="private")["data"][0]
    assert saved["tags"] == [{"name": "v1", "url": image}]
    bench("delete_image", id=saved["id"])
    assert bench.refused("delete_image", id=saved["id"]) == "IMAGE_NOT_FOUND"


def test_a_planned_failure_of_a_job_leaves_no_image(bench: Any) -> None:
    bench.sim.fail_next("saveImage", error="UNKNOWN", message="push refused")
    bench("save_image", instanceId=bench.running(), image="docker.simulated.test/a:1")
    bench.wait(100)
    state = bench("list_jobs")["jobs"][0]["state"]
    assert state == {"state": "fail", "error": "UNKNOWN", "errorMessage": "push refused"}
    assert bench("list_images", type="private")["data"] == []


def test_a_broken_job_stays_broken_and_cannot_be_broken_again(bench: Any) -> None:
    job_id = bench("save_image", instanceId=bench.running(), image="docker.simulated.test/a:1")["jobId"]
    bench("break_job", jobId=job_id)
    bench.wait(1000)
    assert bench("list_jobs", jobId=job_id)["jobs"][0]["state"]["state"] == "break"
    assert bench("list_images", type="private")["data"] == []
    assert bench.refused("break_job", jobId=job_id) == "REQUEST"
    assert bench.refused("break_job", jobId="nothing") == "JOB_NOT_FOUND"


def test_an_unknown_kind_of_work_cannot_be_planned_to_fail(bench: Any) -> None:
    with pytest.raises(ValueError, match="saveImage"):
        bench.sim.fail_next("coffee")


def test_a_prewarm_task_runs_through_its_states(bench: Any) -> None:
    task_id = bench("create_image_prewarm", imageUrl="team/nginx:1", clusterId="5", note="first")["id"]
    seen = []
    for pause in (0, 2, 58):
        bench.wait(pause)
        shown = bench("list_image_prewarms")["data"][0]
        seen.append((shown["state"], shown["imageSize"] != "", shown["completeTime"] != "0"))
    assert seen == [("Pending", False, False), ("Running", False, False), ("Succeeded", True, True)]
    bench("update_image_prewarm", id=task_id, note="second")
    shown = bench("list_image_prewarms", name="second")["data"][0]
    assert (shown["imageName"], shown["note"]) == ("nginx", "second")
    bench("delete_image_prewarms", ids=[task_id])
    assert bench("list_image_prewarms")["total"] == 0


def test_the_prewarm_quota_counts_and_limits(bench: Any) -> None:
    for number in range(10):
        bench("create_image_prewarm", imageUrl=f"nginx:{number}", clusterId="5")
    assert bench("get_image_prewarm_quota") == {"total": 10, "limit": 10, "perImageSize": 50}
    assert bench.refused("create_image_prewarm", imageUrl="nginx", clusterId="5") == "OPERATION_LIMIT"


def test_a_failing_prewarm_says_why(bench: Any) -> None:
    bench.sim.fail_next("imagePrewarm", message="image too large")
    bench("create_image_prewarm", imageUrl="nginx", clusterId="5")
    bench.wait(100)
    shown = bench("list_image_prewarms", state="Failed")["data"][0]
    assert shown["reason"] == ["image too large"]


def test_several_prewarms_are_deleted_together_or_not_at_all(bench: Any) -> None:
    task_id = bench("create_image_prewarm", imageUrl="nginx", clusterId="5")["id"]
    assert bench.refused("delete_image_prewarms", ids=[task_id, "nothing"]) == "RESOURCE_NOT_FOUND"
    assert bench("list_image_prewarms")["total"] == 1


def test_a_login_is_found_by_listing_and_kept_while_in_use(bench: Any) -> None:
    assert bench("save_repository_auth", name="hub", username="u", password="p") is None
    auth = bench("list_repository_auths")["data"][0]
    assert (auth["name"], auth["username"], auth["password"]) == ("hub", "u", "p")
    instance_id = bench.running(imageAuthId=auth["id"])
    assert bench.refused("delete_repository_auth", id=auth["id"]) == "IMAGE_AUTH_IN_USE"
    bench("delete_instance", instanceId=instance_id)
    bench.wait(100)
    bench("delete_repository_auth", id=auth["id"])
    assert bench("list_repository_auths")["data"] == []


def test_a_network_becomes_ready_and_gives_its_members_addresses(bench: Any) -> None:
    assert bench("create_network", clusterId="us-ca-06", name="lan") == {}
    network = bench("list_networks", name="lan")["networks"][0]
    assert network["state"] == {"state": "creating"}
    bench.wait(5)
    one, two = (bench.create(networkId=network["Id"]) for _ in range(2))
    shown = bench("get_network", networkId=network["Id"])["network"]
    prefix = network["segment"].removesuffix("0/24")
    assert shown["state"] == {"state": "ready"}
    assert shown["Addresses"] == [{"Id": one, "Ip": f"{prefix}2"}, {"Id": two, "Ip": f"{prefix}3"}]
    assert bench.get(one)["network"] == {"id": network["Id"], "ip": f"{prefix}2"}
    assert bench.refused("delete_network", networkId=network["Id"]) == "NETWORK_IN_USE"


def test_networks_need_a_cluster_that_has_them_and_are_limited(bench: Any) -> None:
    assert bench.refused("create_network", clusterId="5") == "CLUSTER_STATUS"
    for _ in range(10):
        bench("create_network", clusterId="us-ca-06")
    assert bench.refused("create_network", clusterId="us-ca-06") == "NETWORK_MAX_LIMIT"


def test_a_renamed_network_keeps_its_id(bench: Any) -> None:
    bench("create_network", clusterId="us-ca-06", name="lan")
    network_id = bench("list_networks")["networks"][0]["Id"]
    bench("update_network", networkId=network_id, name="wan")
    assert bench("get_network", networkId=network_id)["network"]["name"] == "wan"
    bench("delete_network", networkId=network_id)
    assert bench.refused("get_network", networkId=network_id) == "NETWORK_NOT_FOUND"


def test_a_shared_volume_grows_but_never_shrinks(bench: Any) -> None:
    made = bench("create_network_storage", clusterId="5", storageName="data", storageSize=10)
    change = {"storageId": made["storageId"], "storageName": "data"}
    bench("update_network_storage", **change, storageSize="20")
    assert bench("list_network_storages", storageId=made["storageId"])["data"][0]["storageSize"] == 20
    assert bench.refused("update_network_storage", **change, storageSize=15) == "VALIDATOR_PARAM"
    assert bench.refused("update_network_storage", **change, storageSize=99999) == "NETWORK_STORAGE_TOO_LARGE"


def test_a_mounted_volume_cannot_be_deleted_and_ties_the_instance_to_its_cluster(bench: Any) -> None:
    storage_id = bench("create_network_storage", clusterId="eu-de-01", storageName="d", storageSize=10)[
        "storageId"
    ]
    mounts = [{"Id": storage_id, "mountPoint": "/data"}]
    assert bench.create_refused(networkStorages=mounts, clusterId="17") == "VALIDATOR_PARAM"
    instance_id = bench.running(networkStorages=mounts)
    shown = bench.get(instance_id)
    assert shown["clusterId"] == "eu-de-01"
    assert shown["volumeMounts"] == [{"type": "network", "size": 10, "id": storage_id, "mountPath": "/data"}]
    assert bench.refused("delete_network_storage", storageId=storage_id) == "NETWORK_STORAGE_IN_USE"
    bench("delete_instance", instanceId=instance_id)
    bench.wait(5)
    bench("delete_network_storage", storageId=storage_id)


def test_a_cluster_without_volumes_refuses_them(bench: Any) -> None:
    reason = bench.refused("create_network_storage", clusterId="au-1", storageName="d", storageSize=10)
    assert reason == "CUR_CLUSTER_NETWORK_STORAGE_NOT_SUPPORT"


def window(bench: Any, seconds: int) -> dict[str, int]:
    now = int(bench.sim.server_time())
    return {"startTime": now - seconds, "endTime": now, "interval": 60}


def test_metrics_cover_the_running_time_and_lag_by_a_minute(bench: Any) -> None:
    instance_id = bench.running(gpuNum=2)
    started = bench.sim.server_time()
    bench.wait(600)
    body = bench("get_instance_metrics", instanceId=instance_id, **window(bench, 3600))
    times = [int(point["timestamp"]) for point in body["cpuUtilization"]]
    assert started <= times[0] < started + 60
    assert started + 480 < times[-1] <= started + 540
    assert len(times) == len(set(times)) == 9
    assert [one["gpuId"] for one in body["gpuUtilization"]["gpuIds"]] == ["0", "1"]


def test_utilisation_can_be_set_by_number_function_and_gap(bench: Any) -> None:
    instance_id = bench.running()
    bench.wait(600)
    bench.sim.set_utilisation(instance_id, gpu=0, cpu=lambda at: at % 100, memory=lambda _: None)
    body = bench("get_instance_metrics", instanceId=instance_id, **window(bench, 300))
    assert {point["value"] for point in body["gpuUtilization"]["avg"]} == {0}
    assert all(point["value"] == int(point["timestamp"]) % 100 for point in body["cpuUtilization"])
    assert body["memUtilization"] == []


def test_an_unknown_metric_cannot_be_set(bench: Any) -> None:
    with pytest.raises(ValueError, match="gpu_memory"):
        bench.sim.set_utilisation(bench.create(), noise=1)


def test_a_window_of_metrics_out_of_range_is_replaced_by_the_last_minute(bench: Any) -> None:
    instance_id = bench.running()
    bench.wait(600)
    now = int(bench.sim.server_time())
    body = bench("get_instance_metrics", instanceId=instance_id, startTime=now + 50, endTime=now + 500)
    assert all(now - 60 <= int(point["timestamp"]) <= now for point in body["cpuUtilization"])


def test_a_base_image_and_one_still_being_saved_cannot_be_deleted(bench: Any) -> None:
    assert bench.refused("delete_image", id="1") == "FORBIDDEN"
    bench("save_image", instanceId=bench.running(), image="docker.simulated.test:5000/app")
    (pending,) = [image.id for image in bench.sim.cloud.world.images.values() if image.type == "private"]
    assert bench.refused("delete_image", id=pending) == "IMAGE_NOT_FOUND"
    bench.wait(100)
    saved = bench("list_images", type="private")["data"][0]
    assert saved["tags"] == [{"name": "latest", "url": "docker.simulated.test:5000/app:latest"}]


def test_unknown_logins_and_products_are_refused_wherever_they_are_named(bench: Any) -> None:
    save = {"instanceId": bench.running(), "image": "docker.simulated.test/a:1", "registryAuthId": "x"}
    warm = {"imageUrl": "nginx", "clusterId": "5"}
    assert bench.refused("save_image", **save) == "RESOURCE_NOT_FOUND"
    assert bench.refused("create_image_prewarm", **warm, repositoryAuth="x") == "RESOURCE_NOT_FOUND"
    assert bench.refused("create_image_prewarm", **warm, productIds=["x"]) == "RESOURCE_NOT_FOUND"


def test_a_network_has_no_more_addresses_than_its_segment(bench: Any) -> None:
    bench("create_network", clusterId="us-ca-06", name="lan")
    bench.sim.set_stock("4090.16c96g.v2", None)
    network_id = bench("list_networks")["networks"][0]["Id"]
    for _ in range(253):
        bench.create(networkId=network_id)
    assert bench.create_refused(networkId=network_id) == "OPERATION_LIMIT"
