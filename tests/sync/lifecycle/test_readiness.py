# Generated from tests/aio/lifecycle/test_readiness.py by tools/unasync.py; edit the source.
"""Waits until an instance can be used, with the real probes, on the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk.errors import WaitFailedError, WaitTimeoutError
from novita_sdk.lifecycle import HTTPProbe, ProbeResult, SSHProbe
from novita_sdk.testing import Simulator, Timings
from tests.sync.lifecycle.rented import INSTANT, Rented

PRODUCT = {"product_id": "4090.16c96g.v2", "image_url": "nginx"}


@pytest.mark.case("W-12")
def test_a_started_instance_is_ready_when_all_that_it_exposes_answers() -> None:
    with Rented("80/http", "22/tcp") as (sim, client, instance):
        client.gpu_instances.stop_and_wait(instance.id)
        found = client.gpu_instances.start_and_wait(instance.id, ready="auto")
        at = {step: moment for moment, step in found.timeline}
        assert 5 <= (at["ready"] - at["running"]).total_seconds() <= 10
        assert {visit.port for visit in sim.visits()} == {80, 22}


@pytest.mark.case("W-12")
def test_a_created_instance_is_ready_when_its_notebook_asks_for_a_password() -> None:
    sim = Simulator(seed=1, timings=Timings(**INSTANT))
    with sim.client() as client:
        created = client.gpu_instances.create(**PRODUCT, ports=["8888/http"])
        sim.set_port(created.id, 8888, status=401)
        found = client.gpu_instances.wait(created.id, ready="auto", target_port=8888)
        assert found.timeline[-1][1] == "ready"
        sim.set_port(created.id, 8888, status=503)
        with pytest.raises(WaitTimeoutError):
            client.gpu_instances.wait(created.id, ready="auto", target_port=8888)


@pytest.mark.case("W-14")
def test_a_name_that_is_new_is_found_in_the_third_round() -> None:
    with Rented("80/http") as (sim, client, instance):
        sim.clock.sleep(5)
        sim.set_port(instance.id, 80, failure="unknown_name", times=2)
        rounds: list[Any] = []
        client.gpu_instances.wait(
            instance.id,
            ready=HTTPProbe(80),
            on_progress=lambda seen: rounds.append(seen.probes) if seen.kind == "probe" else None,
        )
        assert [[result.category for result in probes] for probes in rounds] == [
            ["dns_resolution_failed"],
            ["dns_resolution_failed"],
            [None],
        ]


@pytest.mark.case("W-15")
def test_a_port_that_is_not_exposed_is_named_a_minute_after_running() -> None:
    with Rented("80/http") as (sim, client, instance):
        began = sim.clock.monotonic()
        with pytest.raises(WaitFailedError, match="port 9999 is not exposed; exposed: 80/http") as caught:
            client.gpu_instances.wait(instance.id, ready="auto", target_port=9999)
        assert caught.value.reason == "port_not_mapped"
        assert sim.clock.monotonic() - began == pytest.approx(60, abs=1)


@pytest.mark.case("W-15")
def test_an_instance_without_ports_is_ready_as_soon_as_it_runs() -> None:
    with Rented() as (sim, client, instance):
        sim.show(instance.id, connectComponentSSH=None)
        client.gpu_instances.wait(instance.id, ready="auto")
        assert sim.visits() == []


@pytest.mark.case("W-16")
def test_an_app_that_never_answers_leaves_the_instance_running() -> None:
    with Rented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, status=502)
        began = sim.clock.monotonic()
        with pytest.raises(WaitTimeoutError) as caught:
            client.gpu_instances.wait(
                instance.id, ready="auto", target_port=80, ready_timeout=60, timeout=600
            )
        assert sim.clock.monotonic() - began == pytest.approx(60, abs=1)
        (probe,) = caught.value.probes
        assert isinstance(probe, ProbeResult)
        assert (caught.value.phase, probe.category) == ("readiness", "bad_gateway")
        assert (client.gpu_instances.get(instance.id)).status == "running"


@pytest.mark.case("W-17")
def test_an_open_port_without_a_greeting_is_not_ready() -> None:
    with Rented("22/tcp") as (sim, client, instance):
        sim.set_port(instance.id, 22)
        with pytest.raises(WaitTimeoutError):
            client.gpu_instances.wait(instance.id, ready=SSHProbe(), ready_timeout=60)
        assert all(visit.headers == {} for visit in sim.visits())


@pytest.mark.case("W-17")
def test_an_unusable_ssh_command_ends_the_wait_at_once() -> None:
    with Rented("22/tcp") as (sim, client, instance):
        sim.show(instance.id, connectComponentSSH={"sshCommand": "ssh root@h -p 1; rm x", "isRunning": True})
        began = sim.clock.monotonic()
        with pytest.raises(WaitFailedError) as caught:
            client.gpu_instances.wait(instance.id, ready=SSHProbe())
        assert (caught.value.reason, sim.clock.monotonic()) == ("invalid_response", began)
        assert sim.visits() == []
