"""What receivers of webhooks get while instances are started, stopped and watched; and that nothing waits for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.stores.memory import AsyncMemoryStore
from novita_sdk._async.webhooks.outbox import AsyncOutbox
from novita_sdk.errors import ConfigurationError
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import WebhookTarget
from tests.aio.hooks_network import HOOK, SECRET, AsyncHooksNetwork
from tests.aio.lifecycle.lives import Lives, Steady
from tests.aio.remote import KEY, Late

pytestmark = pytest.mark.anyio


def client_over(network: AsyncHooksNetwork, **arguments: Any) -> AsyncNovita:
    settings = {
        "api_key": KEY,
        "transport": network,
        "clock": network.clock,
        "rng": Steady(),
        "webhook_secret": SECRET,
        **arguments,
    }
    return AsyncNovita(**settings)


@pytest.mark.case("W-01")
async def test_a_receiver_is_told_each_step_of_a_start_once(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    network = AsyncHooksNetwork(clock, api=lives.remote)
    async with client_over(network, webhook_url=HOOK) as client:
        await client.gpu_instances.start_and_wait("i-1")
    assert network.kinds == [
        *("instance.startup.initiated", "instance.startup.monitoring", "instance.startup.completed")
    ]
    assert [received.json["sequence"] for received in network.received] == [1, 2, 3]
    first, last = network.received[0].json, network.received[-1].json
    assert first["data"]["estimatedReadyTime"] > first["timestamp"]
    phases = last["startupOperation"]["phases"]
    moments = [phases[name] for name in ("startRequested", "instanceStarting", "instanceRunning")]
    assert moments == sorted(moments)


@pytest.mark.case("W-18")
@pytest.mark.parametrize("has_outbox", [False, True])
async def test_a_receiver_that_hangs_slows_no_start(clock: VirtualClock, has_outbox: bool) -> None:
    lives = Lives(clock, i_1="exited")
    network = AsyncHooksNetwork(clock, Late(60), api=lives.remote)
    store = AsyncMemoryStore(clock=clock)
    team = WebhookTarget("team", HOOK, SECRET)
    outbox = AsyncOutbox(store, [team], transport=network, clock=clock) if has_outbox else None
    began = clock.monotonic()
    async with client_over(network, outbox=outbox, webhook_url=None if has_outbox else HOOK) as client:
        found = await client.gpu_instances.start_and_wait("i-1", notify="team" if has_outbox else True)
        took = clock.monotonic() - began
    quiet = Lives(VirtualClock(), i_1="exited")
    await quiet.client().gpu_instances.start_and_wait("i-1")
    assert found.status == "running"
    assert took == pytest.approx(quiet.remote.times[-1])


@pytest.mark.case("W-21")
async def test_a_target_given_to_a_start_gets_what_comes_later(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    network, store = AsyncHooksNetwork(clock, api=lives.remote), AsyncMemoryStore(clock=clock)
    team = WebhookTarget("team", "https://team.example/")
    async with client_over(network, store=store, account="a") as client:
        await client.gpu_instances.start("i-1", notify=team)
    lives.live("i_1", "running")
    async with client_over(network, store=store, account="a") as client:
        await client.gpu_instances.stop_and_wait("i-1")
    assert network.kinds == ["instance.startup.initiated", "instance.stopping", "instance.stopped"]
    assert {received.host for received in network.received} == {"team.example"}
    assert all(received.verify() for received in network.received)
    kept = await store.scoped("a").get("target:i-1")
    assert kept is not None
    assert SECRET not in json.dumps(kept.value)


@pytest.mark.case("W-21")
async def test_the_target_of_a_deleted_instance_is_forgotten(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    network, store = AsyncHooksNetwork(clock, api=lives.remote), AsyncMemoryStore(clock=clock)
    async with client_over(network, store=store, account="a") as client:
        await client.gpu_instances.start_and_wait("i-1", notify="https://team.example/")
        await client.gpu_instances.delete_and_wait("i-1")
    assert network.kinds[-2:] == ["instance.deleting", "instance.deleted"]
    assert await store.scoped("a").get("target:i-1") is None


@pytest.mark.case("W-21")
async def test_a_start_that_notifies_nobody_silences_its_instance(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    network = AsyncHooksNetwork(clock, api=lives.remote)
    async with client_over(network, webhook_url=HOOK) as client:
        await client.gpu_instances.start_and_wait("i-1", notify=False)
        await client.gpu_instances.stop_and_wait("i-1")
    assert network.received == []


@pytest.mark.case("W-20")
async def test_a_watch_tells_receivers_what_nobody_here_has_done(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "running"), (10, "exited")), i_2="running")
    network = AsyncHooksNetwork(clock, api=lives.remote)
    seen = 0
    async with (
        client_over(network, webhook_url=HOOK) as client,
        client.gpu_instances.watch(notify=True) as events,
    ):
        async for _ in events:
            seen += 1
            if seen == 2:
                await client.gpu_instances.stop("i-2", notify=False)
            if seen == 4:
                break
    assert network.kinds == ["instance.status_changed"]
    assert network.received[0].json["data"] == {"previous": "running"}


async def test_what_cannot_be_told_is_refused_before_anything_is_sent(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    network = AsyncHooksNetwork(clock, api=lives.remote)
    client = client_over(network, webhook_url="http://hooks.example/")
    with pytest.raises(ConfigurationError):
        await client.gpu_instances.start("i-1", notify=WebhookTarget("x", "nonsense"))
    assert not lives.remote.seen
