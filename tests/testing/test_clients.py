"""Both clients on the simulator: the same cloud, the same faults, no real time."""

from __future__ import annotations

import threading
import time

import pytest

from novita_sdk import AsyncNovita, Novita, Settings
from novita_sdk.errors import AuthenticationError, ServerError
from novita_sdk.testing import Fault, Quirks, ScaledClock, Simulator, Timings, serve

pytestmark = pytest.mark.anyio

GPU = {"product_id": "4090.16c96g.v2", "image_url": "nginx", "gpu_num": 1, "rootfs_size": 60}


def test_a_client_of_the_simulator_needs_no_settings() -> None:
    sim = Simulator()
    with sim.client() as client:
        assert isinstance(client, Novita)
        assert {cluster.id for cluster in client.clusters.list()} == sim.cloud.world.clusters.keys()


async def test_an_asynchronous_client_of_the_simulator_needs_no_settings() -> None:
    sim = Simulator()
    async with sim.async_client() as client:
        assert isinstance(client, AsyncNovita)
        found = {cluster.id async for cluster in client.clusters.list()}
    assert found == sim.cloud.world.clusters.keys()


def test_a_boot_of_25_minutes_takes_no_real_time() -> None:
    sim = Simulator(timings=Timings(pulling=1500))
    started = time.monotonic()
    with sim.client() as client:
        created = client.gpu_instances.create(**GPU)
        sim.clock.sleep(1600)
        assert client.gpu_instances.get(created.id).status == "running"
    assert time.monotonic() - started < 5


def test_a_lost_reply_to_a_create_is_settled_by_looking() -> None:
    sim = Simulator(quirks=Quirks(list_delay=3))
    sim.faults.add(Fault("lost_reply", "create_instance"))
    with sim.client() as client:
        created = client.gpu_instances.create(**GPU)
    assert sim.requests("create_instance") == 1
    assert list(sim.cloud.world.instances) == [created.id]


async def test_a_server_error_is_retried_on_the_virtual_clock() -> None:
    sim = Simulator()
    sim.faults.add(Fault("status", "get_balance", status=503, times=2))
    async with sim.async_client() as client:
        assert (await client.billing.balance()).available_balance.usd > 0
    assert [entry.retry_count for entry in sim.journal] == [0, 1, 2]
    assert {entry.correlation_id for entry in sim.journal} == {sim.journal[0].correlation_id}


def test_faults_without_end_end_in_an_error() -> None:
    sim = Simulator()
    sim.faults.add(Fault("status", status=500, times=None))
    with sim.client() as client, pytest.raises(ServerError):
        client.billing.balance()
    assert sim.requests("get_balance") == 4


def test_settings_given_by_the_caller_win() -> None:
    sim = Simulator()
    with sim.client(api_key="another-key-000") as client, pytest.raises(AuthenticationError):
        client.billing.balance()


def test_the_same_seed_gives_the_same_requests_at_the_same_times() -> None:
    def run() -> list[tuple[float, str, int | None]]:
        sim = Simulator(4)
        sim.faults.add(Fault("status", status=503, times=None, probability=0.3))
        with sim.client(max_retries=8) as client:
            for _ in range(20):
                client.clusters.list().collect()
        return [(entry.at, entry.operation, entry.status) for entry in sim.journal]

    assert run() == run()


def test_threads_may_share_a_client_and_its_simulator() -> None:
    sim = Simulator()
    seen: list[int] = []
    with sim.client(rate_limit=None) as client:

        def work() -> None:
            seen.extend(len(client.clusters.list().collect()) for _ in range(5))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seen) == sim.requests() == 40


def test_a_client_over_real_sockets_sees_the_same_cloud() -> None:
    sim = Simulator(clock=ScaledClock(60))
    with serve(sim) as server, Novita(api_key=sim.api_key, base_url=server.base_url) as client:
        created = client.gpu_instances.create(**GPU)
        assert [instance.id for instance in client.gpu_instances.list()] == [created.id]
        client.gpu_instances.delete(created.id)


async def test_an_asynchronous_client_over_real_sockets_sees_the_same_cloud() -> None:
    sim = Simulator(clock=ScaledClock(60))
    with serve(sim) as server:
        async with AsyncNovita(api_key=sim.api_key, base_url=server.base_url) as client:
            created = await client.gpu_instances.create(**GPU)
            assert [one.id async for one in client.gpu_instances.list()] == [created.id]


def test_a_whole_settings_object_takes_the_place_of_the_keys() -> None:
    sim = Simulator()
    with sim.client(settings=Settings(api_key=sim.api_key)) as client:
        assert client.billing.balance().available_balance.usd > 0
    assert repr(sim) == "<Simulator seed=0, 1 requests>"
