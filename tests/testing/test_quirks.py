"""The oddities a client must live with, each switched on alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from novita_sdk.testing import Quirks


def ids(bench: Any, **query: Any) -> list[str]:
    return [one["id"] for one in bench("list_instances", **query)["instances"]]


def test_a_new_instance_shows_up_in_lists_later(make_bench: Callable[..., Any]) -> None:
    bench = make_bench(Quirks(list_delay=30))
    instance_id = bench.create()
    bench.wait(29)
    assert (ids(bench), bench.status(instance_id)) == ([], "pulling")
    bench.wait(1)
    assert ids(bench) == [instance_id]


def test_a_new_instance_can_be_unreadable_for_a_while(make_bench: Callable[..., Any]) -> None:
    bench = make_bench(Quirks(get_delay=20))
    instance_id = bench.create()
    bench.wait(19)
    assert bench.refused("get_instance", instanceId=instance_id) == "RESOURCE_NOT_FOUND"
    bench.wait(1)
    assert bench.status(instance_id) == "pulling"


def test_statuses_in_the_list_can_be_out_of_date(make_bench: Callable[..., Any]) -> None:
    bench = make_bench(Quirks(list_lag=8))
    instance_id = bench.running()
    bench.wait(8)
    bench("restart_instance", instanceId=instance_id)
    shown = []
    for pause in (0, 7, 1, 1):
        bench.wait(pause)
        shown.append(bench("list_instances")["instances"][0]["status"])
    assert shown == ["running", "running", "toRestart", "restarting"]


def test_environments_can_be_hidden_in_the_list_and_alone(make_bench: Callable[..., Any]) -> None:
    bench = make_bench(Quirks(hide_envs_in_list=True))
    instance_id = bench.create(envs=[{"key": "A", "value": "1"}])
    assert "envs" not in bench("list_instances")["instances"][0]
    assert bench.get(instance_id)["envs"] == [{"key": "A", "value": "1"}]
    bench.sim.quirks = Quirks(hide_envs_in_get=True)
    assert "envs" not in bench.get(instance_id)


def test_page_0_and_page_1_are_the_same_first_page_by_default(bench: Any) -> None:
    made = [bench.create() for _ in range(5)][::-1]
    assert ids(bench, pageSize=2, pageNum=0) == ids(bench, pageSize=2, pageNum=1) == made[:2]
    assert ids(bench, pageSize=2, pageNum=3) == made[4:]
    assert ids(bench, pageSize=2, pageNum=4) == []


def test_pages_can_count_from_zero(make_bench: Callable[..., Any]) -> None:
    bench = make_bench(Quirks(zero_based_pages=True))
    made = [bench.create() for _ in range(5)][::-1]
    assert [ids(bench, pageSize=2, pageNum=number) for number in range(4)] == [
        made[:2], made[2:4], made[4:], []
    ]  # fmt: skip


def test_the_page_parameter_can_be_ignored(make_bench: Callable[..., Any]) -> None:
    bench = make_bench(Quirks(ignore_page=True))
    made = [bench.create() for _ in range(3)][::-1]
    assert ids(bench, pageSize=2, pageNum=1) == ids(bench, pageSize=2, pageNum=2) == made[:2]


def test_page_sizes_are_capped_silently(make_bench: Callable[..., Any]) -> None:
    bench = make_bench(Quirks(page_cap=2))
    for _ in range(3):
        bench.create()
    body = bench("list_instances", pageSize=50, pageNum=1)
    assert (len(body["instances"]), body["total"]) == (2, 3)


def test_pages_can_overlap(make_bench: Callable[..., Any]) -> None:
    bench = make_bench(Quirks(page_overlap=1))
    made = [bench.create() for _ in range(5)][::-1]
    pages = [ids(bench, pageSize=3, pageNum=number) for number in (1, 2, 3)]
    assert pages == [made[:3], made[2:], made[4:]]


def test_the_total_can_be_missing_or_wrong(make_bench: Callable[..., Any]) -> None:
    assert "total" not in make_bench(Quirks(omit_total=True))("list_instances")
    assert make_bench(Quirks(omit_total=True))("list_jobs")["total"] == 0
    assert make_bench(Quirks(wrong_total=7))("list_instances")["total"] == 7


def test_an_empty_list_can_be_answered_as_not_found(make_bench: Callable[..., Any]) -> None:
    bench = make_bench(Quirks(empty_list_is_not_found=True))
    assert bench.refused("list_instances") == "RESOURCE_NOT_FOUND"
    bench.create()
    assert len(ids(bench)) == 1


def test_not_found_comes_as_400_or_404(make_bench: Callable[..., Any], call_on: Any) -> None:
    assert call_on(make_bench().sim, "get_instance", instanceId="x").status == 400
    assert call_on(make_bench(Quirks(not_found_status=404)).sim, "get_instance", instanceId="x").status == 404


def test_wrong_names_can_be_ignored_instead_of_refused(make_bench: Callable[..., Any]) -> None:
    assert make_bench().refused("list_instances", page=2) == "VALIDATOR_PARAM"
    bench = make_bench(Quirks(ignore_unknown_names=True))
    bench.create(colour="red")
    assert len(ids(bench, page=2)) == 1


def test_the_documented_spellings_differ_from_the_running_service(make_bench: Callable[..., Any]) -> None:
    live, documented = make_bench(), make_bench(Quirks(documented_spellings=True))
    for bench in (live, documented):
        bench("create_network", clusterId="us-ca-06", name="lan")
    assert isinstance(live("list_gpu_products")["data"][0]["price"], str)
    assert isinstance(documented("list_gpu_products")["data"][0]["price"], int)
    assert "networks" in live("list_networks")
    assert isinstance(documented("list_networks")["network"][0]["state"], list)
    storage = {"clusterId": "5", "storageName": "d", "storageSize": 10}
    assert isinstance(live("create_network_storage", **storage), dict)
    assert isinstance(documented("create_network_storage", **storage), str)
    assert documented("stop_instance", instanceId=documented.running()) == {}


def test_a_filter_of_names_is_fuzzy_and_one_of_statuses_exact(bench: Any) -> None:
    one, ten = bench.create(name="job-1"), bench.create(name="job-10")
    assert set(ids(bench, name="JOB-1")) == {one, ten}
    bench.wait(30)
    bench("stop_instance", instanceId=one)
    bench.wait(5)
    assert ids(bench, status="exited") == [one]


def test_shown_values_cover_the_true_ones(bench: Any) -> None:
    instance_id = bench.create()
    bench.sim.show(instance_id, gpuNum="abc", futureField=1)
    assert bench.get(instance_id)["gpuNum"] == "abc"
    assert bench("list_instances")["instances"][0]["futureField"] == 1
