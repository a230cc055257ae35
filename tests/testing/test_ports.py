"""What answers at the ports of simulated instances."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk import APIConnectionError, APITimeoutError, ClientClosedError, Novita
from novita_sdk.testing import Simulator, Timings
from novita_sdk.testing.cloud.ports import GREETING

INSTANT: dict[str, Any] = {"to_create": 0, "creating": 0, "pulling": 0}


def rented(sim: Simulator, *ports: str) -> str:
    with sim.client() as client:
        return rented_by(client, *ports)


def rented_by(client: Novita, *ports: str) -> str:
    return client.gpu_instances.create(product_id="4090.16c96g.v2", image_url="nginx", ports=list(ports)).id


def said(sim: Simulator, instance_id: str, port: int, read: int = 100) -> bytes:
    return sim.transport().connect(f"{instance_id}.simulated.test", 20_000 + port, read=read, timeout=10)


@pytest.mark.parametrize("seed", range(5))
def test_ports_answer_some_seconds_after_running(seed: int) -> None:
    sim = Simulator(seed, timings=Timings(**INSTANT, serving=(2, 8)))
    instance_id = rented(sim, "22/tcp")
    began = sim.clock.monotonic()
    while True:
        try:
            assert said(sim, instance_id, 22) == GREETING
            break
        except APIConnectionError:
            sim.clock.sleep(0.1)
    assert 2 <= sim.clock.monotonic() - began <= 8.1


def test_the_same_seed_gives_the_same_warm_up_and_disturbs_no_other_draw() -> None:
    def run(probed: bool) -> tuple[str, str]:
        sim = Simulator(3)
        first = rented(sim, "22/tcp")
        sim.clock.sleep(600)
        if probed:
            said(sim, first, 22)
        return first, rented(sim)

    assert run(probed=False) == run(probed=True)


def test_each_run_warms_up_anew() -> None:
    sim = Simulator(timings=Timings(**INSTANT, to_restart=0, restarting=1, serving=5))
    instance_id = rented(sim, "22/tcp")
    sim.clock.sleep(5)
    assert said(sim, instance_id, 22) == GREETING
    with sim.client() as client:
        client.gpu_instances.restart(instance_id)
    sim.clock.sleep(2)
    with pytest.raises(APIConnectionError):
        said(sim, instance_id, 22)
    sim.clock.sleep(5)
    assert said(sim, instance_id, 22) == GREETING


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("{id}.simulated.test", 20_080),
        ("{id}-81.simulated.test", 443),
        ("{id}-x.simulated.test", 443),
        ("nobody.simulated.test", 20_022),
        ("{id}.elsewhere.test", 20_022),
    ],
)
def test_addresses_that_nobody_has_lead_nowhere(host: str, port: int) -> None:
    sim = Simulator(timings=Timings(**INSTANT))
    instance_id = rented(sim, "80/http", "9000/tcp")
    sim.clock.sleep(60)
    with pytest.raises(APIConnectionError, match="unknown_name"):
        sim.transport().connect(host.format(id=instance_id), port, read=0, timeout=1)
    assert sim.visits() == []


def test_a_port_can_say_something_else_for_some_visits() -> None:
    sim = Simulator(timings=Timings(**INSTANT, serving=0))
    instance_id = rented(sim, "22/tcp")
    sim.set_port(instance_id, 22, greeting=b"hello\n", delay=3, times=1)
    began = sim.clock.monotonic()
    assert said(sim, instance_id, 22) == b"hello\n"
    assert sim.clock.monotonic() - began == 3
    assert said(sim, instance_id, 22, read=3) == b"SSH"
    assert said(sim, instance_id, 22, read=0) == b""


def test_silence_lasts_as_long_as_the_visitor_listens() -> None:
    sim = Simulator(timings=Timings(**INSTANT, serving=0))
    instance_id = rented(sim, "9000/tcp")
    assert said(sim, instance_id, 9000, read=0) == b""
    began = sim.clock.monotonic()
    with pytest.raises(APITimeoutError):
        said(sim, instance_id, 9000)
    assert sim.clock.monotonic() - began == 10


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"port": 81}, "81"),
        ({"failure": "sulking"}, "sulking"),
        ({"status": 99}, "status"),
        ({"delay": -1}, "delay"),
        ({"times": 0}, "times"),
    ],
)
def test_what_no_port_can_be_told_is_refused(wrong: dict[str, Any], words: str) -> None:
    sim = Simulator(timings=Timings(**INSTANT))
    instance_id = rented(sim, "80/http")
    with pytest.raises(ValueError, match=words):
        sim.set_port(instance_id, **{"port": 80, **wrong})


def test_a_closed_transport_connects_to_nobody() -> None:
    sim = Simulator()
    transport = sim.transport()
    transport.close()
    with pytest.raises(ClientClosedError):
        transport.connect("x", 1, read=0, timeout=1)
