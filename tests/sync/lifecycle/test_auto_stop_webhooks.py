# Generated from tests/aio/lifecycle/test_auto_stop_webhooks.py by tools/unasync.py; edit the source.
"""What receivers of webhooks get of AutoStop, on a simulated cloud."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from novita_sdk._concurrency.threads import COLOUR
from novita_sdk._sync.client import Novita
from novita_sdk._sync.lifecycle.auto_stop import AutoStop
from novita_sdk.errors import ConfigurationError
from novita_sdk.lifecycle import GpuUtilization
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.testing import Simulator, VirtualClock
from tests.sync.hooks_network import HOOK, SECRET, HooksNetwork, Received

HOUR = 3600.0
WANTED: Any = {"product_id": "4090.16c96g.v2", "image_url": "nginx", "name": "job"}


class World:
    """A simulated cloud whose webhooks are received."""

    def __init__(self) -> None:
        self.simulator = Simulator(seed=1)
        assert isinstance(self.simulator.clock, VirtualClock)
        self.clock = self.simulator.clock
        transport = "async_transport" if COLOUR == "async" else "transport"
        self.network = HooksNetwork(self.clock, api=getattr(self.simulator, transport)())

    def client(self, **settings: Any) -> Novita:
        return Novita(
            api_key=self.simulator.api_key,
            transport=self.network,
            clock=self.clock,
            webhook_url=HOOK,
            webhook_secret=SECRET,
            **settings,
        )

    def told(self, *kinds: str) -> list[Received]:
        return [one for one in self.network.received if one.kind in kinds]


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.case("WH-19")
def test_a_receiver_is_told_before_while_and_after_an_idle_instance_is_stopped() -> None:
    world = World()
    with world.client() as client:
        created = client.gpu_instances.create_and_wait(**WANTED)
        auto_stop = AutoStop(client, "job", warn_before=300)
        world.clock.sleep(2 * HOUR)
        for _ in range(4):
            auto_stop.check()
            world.clock.sleep(300)
        found = client.gpu_instances.get(created.id)
        assert found.status == InstanceStatus.EXITED
    kinds = [f"instance.auto_stop.{word}" for word in ("warning", "stopping", "stopped")]
    received = world.told(*kinds)
    assert [one.kind for one in received] == kinds
    assert [one.json["sequence"] for one in received] == [1, 2, 3]
    assert len({one.json["operationId"] for one in received}) == 1
    assert all(one.verify() for one in received)
    warning = received[0].json
    assert moment(warning["data"]["stopAt"]) - moment(warning["timestamp"]) == pytest.approx(300, abs=1)
    assert received[1].json["data"]["thresholdSeconds"] == 1200
    assert "instance.stopping" not in world.network.kinds  # the stop is told as AutoStop's own


@pytest.mark.case("A-04")
def test_a_receiver_is_told_of_a_sign_of_use_that_says_nothing() -> None:
    world = World()
    with world.client() as client:
        created = client.gpu_instances.create_and_wait(**WANTED)
        world.simulator.set_utilisation(created.id, gpu=lambda _at: None)
        auto_stop = AutoStop(client, "job", signals=[GpuUtilization()])
        world.clock.sleep(2 * HOUR)
        for _ in range(20):
            auto_stop.check()
            world.clock.sleep(300)
    [received] = world.told("instance.signal.failing")
    assert received.json["data"]["signal"] == "gpu_utilization"


def test_a_receiver_that_cannot_be_told_is_refused_before_any_request() -> None:
    world = World()
    client = world.client()
    auto_stop = AutoStop(client, "*")
    auto_stop.trigger()  # a dry run tells nobody
    seen = world.simulator.requests()
    if COLOUR == "async":
        with pytest.raises(ConfigurationError, match="with"):
            auto_stop.check()
        assert world.simulator.requests() == seen
    else:  # threads need no place to live in
        auto_stop.check()
        assert world.simulator.requests() > seen
    client.close()
