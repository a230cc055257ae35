"""Rounds of probes on simulated instances."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita, services_of
from novita_sdk._async.lifecycle.probes import AsyncReadiness
from novita_sdk._core.lifecycle.probe_results import ProbeRound
from novita_sdk._core.lifecycle.probes import HTTPProbe, SSHProbe, TCPProbe
from novita_sdk.errors import ClientClosedError, ValidationError
from novita_sdk.models.instance import Instance
from tests.aio.lifecycle.rented import AsyncRented

pytestmark = pytest.mark.anyio


async def round_of(client: AsyncNovita, instance: Instance, ready: Any = "auto", **more: Any) -> ProbeRound:
    return await AsyncReadiness(services_of(client), ready, **more).round(instance)


@pytest.mark.case("W-12")
async def test_everything_exposed_must_answer() -> None:
    async with AsyncRented("80/http", "9000/tcp", "22/tcp") as (sim, client, instance):
        early = await round_of(client, instance)
        assert [(one.kind, one.category) for one in early.results] == [
            ("http", "bad_gateway"),
            ("tcp", "connection_refused"),
            ("ssh", "connection_refused"),
        ]
        assert not early.passed
        sim.clock.sleep(5)
        assert (await round_of(client, instance)).passed


@pytest.mark.case("W-12")
@pytest.mark.parametrize(("status", "passed"), [(401, True), (302, True), (503, False), (404, False)])
async def test_a_notebook_that_asks_for_a_password_is_up(status: int, passed: bool) -> None:
    async with AsyncRented("8888/http") as (sim, client, instance):
        sim.set_port(instance.id, 8888, status=status)
        assert (await round_of(client, instance, target_port=8888)).passed is passed


async def test_expected_statuses_replace_the_usual_ones() -> None:
    async with AsyncRented("8888/http") as (sim, client, instance):
        sim.set_port(instance.id, 8888, status=401)
        assert not (await round_of(client, instance, [HTTPProbe(8888, expect=200)])).passed
        assert (await round_of(client, instance, [HTTPProbe(8888, expect=[200, 401])])).passed


async def test_probes_never_carry_the_key_and_are_no_requests_to_the_api() -> None:
    async with AsyncRented("8888/http", "22/tcp") as (sim, client, instance):
        before = sim.requests()
        await round_of(client, instance)
        assert sim.requests() == before
        headers = {visit.port: visit.headers for visit in sim.visits(instance.id)}
        assert (headers.keys(), headers[22]) == ({8888, 22}, {})
        assert headers[8888].keys() == {"user-agent", "accept", "connection"}
        assert sim.api_key not in repr(sim.visits())


@pytest.mark.parametrize(
    ("failure", "category"),
    [
        ("refused", "connection_refused"),
        ("reset", "connection_reset"),
        ("unreachable", "network_unreachable"),
        ("unknown_name", "dns_resolution_failed"),
        ("bad_certificate", "ssl_error"),
        ("silent", "timeout"),
    ],
)
async def test_each_failure_has_its_category(failure: Any, category: str) -> None:
    async with AsyncRented("8888/http", "9000/tcp") as (sim, client, instance):
        for port in (8888, 9000):
            sim.set_port(instance.id, port, failure=failure)
        found = await round_of(client, instance, [HTTPProbe(), TCPProbe(9000)])
        assert [result.category for result in found.results] == [category, category]
        assert not any(result.elapsed for result in found.results)
        assert found.fatal is None


@pytest.mark.case("W-14")
async def test_a_hanging_probe_ends_its_round_at_10_seconds() -> None:
    async with AsyncRented("8888/http", "9000/tcp", "22/tcp") as (sim, client, instance):
        sim.set_port(instance.id, 8888, failure="silent")
        sim.set_port(instance.id, 9000, delay=3)
        sim.set_port(instance.id, 22, delay=60)
        began = sim.clock.monotonic()
        found = await round_of(client, instance)
        assert sim.clock.monotonic() - began == 10
        assert [(one.category, one.elapsed) for one in found.results] == [
            ("timeout", 0),
            (None, 3),
            ("timeout", 0),
        ]


async def test_the_limit_of_a_probe_is_a_setting() -> None:
    async with AsyncRented("8888/http") as (sim, _, instance):
        sim.set_port(instance.id, 8888, failure="silent")
        async with sim.async_client(probe_timeout=4) as client:
            began = sim.clock.monotonic()
            await round_of(client, instance, target_port=8888)
            assert sim.clock.monotonic() - began == 4


@pytest.mark.case("W-14")
async def test_a_name_that_comes_late_is_found_in_a_later_round() -> None:
    async with AsyncRented("8888/http") as (sim, client, instance):
        sim.clock.sleep(5)
        sim.set_port(instance.id, 8888, failure="unknown_name", times=2)
        readiness = AsyncReadiness(services_of(client), target_port=8888)
        rounds = [await readiness.round(instance) for _ in range(3)]
        assert [found.passed for found in rounds] == [False, False, True]


@pytest.mark.case("W-17")
async def test_an_open_port_without_a_greeting_is_no_ssh_server() -> None:
    async with AsyncRented("22/tcp") as (sim, client, instance):
        sim.set_port(instance.id, 22)
        assert (await round_of(client, instance, [TCPProbe()])).passed
        assert not (await round_of(client, instance, [SSHProbe()])).passed
        sim.set_port(instance.id, 22, greeting=b"220 FTP\r\n")
        found = await round_of(client, instance)
        assert [(one.kind, one.detail) for one in found.results] == [("ssh", "no SSH server greeted")]


@pytest.mark.case("W-17")
async def test_an_unusable_ssh_command_ends_the_wait_and_nobody_is_asked() -> None:
    async with AsyncRented("22/tcp") as (sim, client, instance):
        sim.show(instance.id, connectComponentSSH={"sshCommand": "ssh root@h -p 1; rm x", "isRunning": True})
        found = await round_of(client, await client.gpu_instances.get(instance.id))
        assert (found.passed, found.fatal) == (False, "invalid_response")
        assert "rm x" not in found.message
        assert sim.visits() == []


@pytest.mark.case("W-15")
async def test_a_port_that_is_not_exposed_is_given_a_minute() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        readiness = AsyncReadiness(services_of(client), target_port=9999)
        first = await readiness.round(instance)
        assert (first.passed, first.fatal, first.decided_in) == (False, None, 60)
        sim.clock.sleep(59)
        assert (await readiness.round(instance)).decided_in == pytest.approx(1)
        sim.clock.sleep(1)
        last = await readiness.round(instance)
        assert (last.fatal, last.message) == ("port_not_mapped", "port 9999 is not exposed; exposed: 80/http")


@pytest.mark.case("W-15")
async def test_an_instance_that_exposes_nothing_is_ready_at_once() -> None:
    async with AsyncRented() as (sim, client, instance):
        sim.show(instance.id, connectComponentSSH=None)
        bare = await client.gpu_instances.get(instance.id)
        found = await round_of(client, bare)
        assert (found.passed, found.skipped, found.results) == (True, True, ())


async def test_an_address_that_is_not_told_yet_is_not_asked_for() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        sim.show(instance.id, portMappings=[{"port": 80, "type": "http", "endpoint": ""}])
        found = await round_of(client, await client.gpu_instances.get(instance.id), target_port=80)
        assert (found.passed, found.fatal, found.message) == (
            False,
            None,
            "http 80: not yet (has no address yet)",
        )
        assert sim.visits() == []


async def test_a_function_of_the_callers_decides() -> None:
    def named(instance: Instance) -> bool:
        return instance.name == "right"

    def broken(instance: Instance) -> bool:
        raise ConnectionRefusedError

    async with AsyncRented() as (_, client, instance):
        assert not (await round_of(client, instance, named)).passed
        found = await round_of(client, instance, [named, broken])
        assert [result.category for result in found.results] == ["unknown", "connection_refused"]
        assert (await round_of(client, instance, lambda _: True)).passed


async def test_a_function_may_ask_the_client_itself() -> None:
    async with AsyncRented() as (_, client, instance):

        async def running(given: Instance) -> bool:
            return (await client.gpu_instances.get(given)).status == "running"

        assert (await round_of(client, instance, running)).passed


async def test_twenty_probes_are_under_way_at_once_and_the_others_follow() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, delay=1)
        began = sim.clock.monotonic()
        found = await round_of(client, instance, [HTTPProbe()] * 25)
        assert (len(found.results), found.passed) == (25, True)
        assert sim.clock.monotonic() - began == 2


async def test_a_stopped_instance_answers_nobody() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        sim.clock.sleep(10)
        sim.set_status(instance.id, "exited")
        found = await round_of(client, instance)
        assert {result.category for result in found.results} == {"connection_refused"}


async def test_what_a_round_found_can_be_told_in_an_event() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        readiness = AsyncReadiness(services_of(client), target_port=80)
        first = readiness.check_so_far(await readiness.round(instance))
        assert (first.status, first.overall_status, first.completed_at) == ("in_progress", "unhealthy", None)
        sim.clock.sleep(5)
        last = readiness.check_so_far(await readiness.round(instance))
        assert (last.status, last.overall_status, last.started_at) == (
            "completed",
            "healthy",
            first.started_at,
        )


async def test_a_closed_client_probes_nobody() -> None:
    async with AsyncRented("80/http") as (_, client, instance):
        await client.aclose()
        with pytest.raises(ClientClosedError):
            await round_of(client, instance)


async def test_what_is_no_probe_is_refused_before_anything_is_asked() -> None:
    async with AsyncRented() as (_, client, _instance):
        with pytest.raises(ValidationError, match="ready"):
            AsyncReadiness(services_of(client), ["ssh"])  # type: ignore[arg-type]  # that is the point
        with pytest.raises(ValidationError, match="target_port"):
            AsyncReadiness(services_of(client), target_port=0)
