# Generated from tests/aio/lifecycle/test_waits_webhooks.py by tools/unasync.py; edit the source.
"""What receivers of webhooks get while instances are started, stopped and watched; and that nothing waits for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from novita_sdk._sync.client import Novita
from novita_sdk._sync.stores.memory import MemoryStore
from novita_sdk._sync.webhooks.outbox import Outbox
from novita_sdk.errors import ConfigurationError
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import WebhookTarget
from tests.sync.hooks_network import HOOK, SECRET, HooksNetwork
from tests.sync.lifecycle.lives import Lives, Steady
from tests.sync.remote import KEY, Late


def client_over(network: HooksNetwork, **arguments: Any) -> Novita:
    settings = {
        "api_key": KEY,
        "transport": network,
        "clock": network.clock,
        "rng": Steady(),
        "webhook_secret": SECRET,
        **arguments,
    }
    return Novita(**settings)


@pytest.mark.case("W-01")
def test_a_receiver_is_told_each_step_of_a_start_once(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    network = HooksNetwork(clock, api=lives.remote)
    with client_over(network, webhook_url=HOOK) as client:
        client.gpu_instances.start_and_wait("i-1")
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
def test_a_receiver_that_hangs_slows_no_start(clock: VirtualClock, has_outbox: bool) -> None:
    lives = Lives(clock, i_1="exited")
    network = HooksNetwork(clock, Late(60), api=lives.remote)
    store = MemoryStore(clock=clock)
    team = WebhookTarget("team", HOOK, SECRET)
    outbox = Outbox(store, [team], transport=network, clock=clock) if has_outbox else None
    began = clock.monotonic()
    with client_over(network, outbox=outbox, webhook_url=None if has_outbox else HOOK) as client:
        found = client.gpu_instances.start_and_wait("i-1", notify="team" if has_outbox else True)
        took = clock.monotonic() - began
    quiet = Lives(VirtualClock(), i_1="exited")
    quiet.client().gpu_instances.start_and_wait("i-1")
    assert found.status == "running"
    assert took == pytest.approx(quiet.remote.times[-1])


@pytest.mark.case("W-21")
def test_a_target_given_to_a_start_gets_what_comes_later(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    network, store = HooksNetwork(clock, api=lives.remote), MemoryStore(clock=clock)
    team = WebhookTarget("team", "https://team.example/")
    with client_over(network, store=store, account="a") as client:
        client.gpu_instances.start("i-1", notify=team)
    lives.live("i_1", "running")
    with client_over(network, store=store, account="a") as client:
        client.gpu_instances.stop_and_wait("i-1")
    assert network.kinds == ["instance.startup.initiated", "instance.stopping", "instance.stopped"]
    assert {received.host for received in network.received} == {"team.example"}
    assert all(received.verify() for received in network.received)
    kept = store.scoped("a").get("target:i-1")
    assert kept is not None
    assert SECRET not in json.dumps(kept.value)


@pytest.mark.case("W-21")
def test_the_target_of_a_deleted_instance_is_forgotten(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    network, store = HooksNetwork(clock, api=lives.remote), MemoryStore(clock=clock)
    with client_over(network, store=store, account="a") as client:
        client.gpu_instances.start_and_wait("i-1", notify="https://team.example/")
        client.gpu_instances.delete_and_wait("i-1")
    assert network.kinds[-2:] == ["instance.deleting", "instance.deleted"]
    assert store.scoped("a").get("target:i-1") is None


@pytest.mark.case("W-21")
def test_a_start_that_notifies_nobody_silences_its_instance(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    network = HooksNetwork(clock, api=lives.remote)
    with client_over(network, webhook_url=HOOK) as client:
        client.gpu_instances.start_and_wait("i-1", notify=False)
        client.gpu_instances.stop_and_wait("i-1")
    assert network.received == []


@pytest.mark.case("W-20")
def test_a_watch_tells_receivers_what_nobody_here_has_done(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "running"), (10, "exited")), i_2="running")
    network = HooksNetwork(clock, api=lives.remote)
    seen = 0
    with (
        client_over(network, webhook_url=HOOK) as client,
        client.gpu_instances.watch(notify=True) as events,
    ):
        for _ in events:
            seen += 1
            if seen == 2:
                client.gpu_instances.stop("i-2", notify=False)
            if seen == 4:
                break
    assert network.kinds == ["instance.status_changed"]
    assert network.received[0].json["data"] == {"previous": "running"}


def test_what_cannot_be_told_is_refused_before_anything_is_sent(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    network = HooksNetwork(clock, api=lives.remote)
    client = client_over(network, webhook_url="http://hooks.example/")
    with pytest.raises(ConfigurationError):
        client.gpu_instances.start("i-1", notify=WebhookTarget("x", "nonsense"))
    assert not lives.remote.seen
