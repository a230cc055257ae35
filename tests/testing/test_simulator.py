"""The simulator as a whole: repeatable, thread-safe, big enough, and independent of the client's clock."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

import novita_sdk.testing
from novita_sdk.testing import Cloud, Limits, Simulator, Timings, VirtualClock
from novita_sdk.testing.simulator import _seeded

GPU = {"productId": "4090.16c96g.v2", "imageUrl": "nginx", "kind": "gpu", "gpuNum": 1, "rootfsSize": 60}


def run(sim: Simulator, call: Callable[..., Any]) -> list[Any]:
    """A little of everything that draws."""
    seen: list[Any] = []
    for number in range(10):
        instance_id = call(sim, "create_instance", **GPU, name=str(number)).body["id"]
        sim.clock.sleep(17)
        seen.append(call(sim, "get_instance", instanceId=instance_id).body)
        seen.append(call(sim, "save_image", instanceId=instance_id, image="docker.simulated.test/x:1").body)
        call(sim, "create_network_storage", clusterId="5", storageName="d", storageSize=10)
    seen.append(call(sim, "list_instances", pageSize=100).body)
    seen.append(call(sim, "list_network_storages").body)
    return seen


def test_the_same_seed_and_calls_give_the_same_run(call_on: Callable[..., Any]) -> None:
    first = run(Simulator(5), call_on)
    assert run(Simulator(5), call_on) == first
    assert run(Simulator(6), call_on) != first


def test_a_jump_of_the_clients_wall_clock_does_not_move_the_server(call_on: Callable[..., Any]) -> None:
    clock = VirtualClock()
    sim = Simulator(clock=clock)
    before = sim.server_time()
    clock.jump_wall(3600)
    assert sim.server_time() == before
    clock.sleep(10)
    assert sim.server_time() == before + 10


def test_the_cloud_takes_an_earlier_time_for_the_latest_one() -> None:
    cloud = Cloud(_seeded(0, "cloud"), 1000.0)
    assert cloud.at(2000.0) == cloud.at(1500.0) == 2_000_000


def test_32_threads_share_one_simulator(call_on: Callable[..., Any]) -> None:
    sim = Simulator(limits=Limits())
    sim.set_stock("4090.16c96g.v2", None)
    created: list[str] = []

    def work() -> None:
        for _ in range(25):
            instance_id = call_on(sim, "create_instance", **GPU).body["id"]
            created.append(instance_id)
            call_on(sim, "list_instances", pageSize=5)
            call_on(sim, "delete_instance", instanceId=instance_id)

    threads = [threading.Thread(target=work) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(created)) == sim.requests("create_instance") == 800
    assert sim.requests() == 2400
    assert [entry.number for entry in sim.journal] == list(range(1, 2401))
    sim.clock.sleep(60)
    sim.assert_no_leaks()


def filled(count: int) -> Cloud:
    cloud = Cloud(_seeded(0, "cloud"), 1_000.0, balance=10**12)
    for stock in cloud.world.products["4090.16c96g.v2"].stock.values():
        stock.limit = None
    for number in range(count):
        assert cloud.answer("create_instance", GPU, 1_000.0 + number).status == 200
    return cloud


def test_100_000_instances_are_made_charged_and_removed_in_seconds() -> None:
    cloud = filled(100_000)
    assert cloud.answer("get_balance", {}, 200_000.0).status == 200
    for instance_id in list(cloud.world.instances)[:1000]:
        assert cloud.answer("delete_instance", {"instanceId": instance_id}, 200_000.0).status == 200
    assert len(cloud.billing_resources(300_000.0)) == 99_000


def test_a_list_of_10_000_is_read_page_by_page() -> None:
    cloud = filled(10_000)
    seen = set()
    for number in range(1, 101):
        body = cloud.answer("list_instances", {"pageSize": 100, "pageNum": number}, 20_000.0).body
        seen.update(one["id"] for one in body["instances"])
    assert len(seen) == body["total"] == 10_000


def test_an_account_may_be_limited_in_instances(bench: Any) -> None:
    bench.sim.limits = Limits(instances=1)
    first = bench.running()
    assert bench.create_refused() == "CREATE_INSTANCE_LIMIT"
    bench("delete_instance", instanceId=first)
    bench.create()


def test_own_clusters_and_products_can_take_the_place_of_the_catalogue(bench: Any) -> None:
    bench.sim.remove_products()
    bench.sim.add_cluster("x1", "US-CA-060 (X)")
    bench.sim.add_product("p", "RTX 1", price=7, spot_price=3, stock={"x1": None})
    shown = bench("list_gpu_products")["data"]
    assert [(one["id"], one["price"], one["spotPrice"], one["regions"]) for one in shown] == [
        ("p", "7", "3", ["US-CA-060 (X)"])
    ]
    assert bench.running(productId="p")


@pytest.mark.parametrize("bad", [(-1, 2), (3, 2), -1])
def test_a_duration_that_makes_no_sense_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match="pulling"):
        Timings(pulling=bad)


def test_drawn_durations_stay_within_their_span() -> None:
    timings, rng = Timings(pulling=(10, 20)), _seeded(0, "x")
    drawn = [timings.draw("pulling", rng) for _ in range(1000)]
    assert 10_000 <= min(drawn) < 10_500
    assert 19_500 < max(drawn) <= 20_000


def test_every_public_name_of_the_kit_can_be_imported_and_is_listed() -> None:
    for name in novita_sdk.testing.__all__:
        assert getattr(novita_sdk.testing, name) is not None
        assert name in dir(novita_sdk.testing)
    with pytest.raises(AttributeError, match="nothing"):
        novita_sdk.testing.nothing  # noqa: B018 - the access is what is tested


def test_importing_the_kit_loads_none_of_it() -> None:
    code = (
        "import sys, json, novita_sdk.testing\n"
        "print(json.dumps([m for m in sys.modules if m.startswith('novita_sdk.testing.') or m == 'httpx']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
