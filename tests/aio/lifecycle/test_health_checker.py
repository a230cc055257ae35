"""The single check of all endpoints of an instance, with its retries."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from novita_sdk._async.lifecycle.health_checker import AsyncHealthChecker
from novita_sdk.errors import NotFoundError, ValidationError
from novita_sdk.lifecycle import HTTPProbe, TCPProbe
from novita_sdk.testing import Simulator
from tests.aio.lifecycle.rented import AsyncRented

pytestmark = pytest.mark.anyio


def tries_at(sim: Simulator, instance_id: str) -> list[float]:
    """When each try came, in seconds after the first."""
    visits = sim.visits(instance_id)
    return [round(visit.at - visits[0].at, 3) for visit in visits]


@pytest.mark.case("W-19")
async def test_with_2_retries_there_are_exactly_3_tries() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, status=502)
        report = await AsyncHealthChecker(client, retries=2).check(instance, target_port=80)
        assert len(sim.visits()) == 3
        (result,) = report.results
        assert (report.overall, result.tries, result.category, result.elapsed) == (
            "unhealthy",
            3,
            "bad_gateway",
            0,
        )
        assert report.message == "http 80: bad_gateway (answered 502)"


async def test_the_pauses_double_and_swing() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, status=502)
        await AsyncHealthChecker(client, retries=3).check(instance, target_port=80)
        at = tries_at(sim, instance.id)
        pauses = [after - before for before, after in itertools.pairwise(at)]
        for nominal, pause in zip((2, 4, 8), pauses, strict=True):
            assert 0.5 * nominal <= pause < 1.5 * nominal


async def test_what_comes_up_meanwhile_is_healthy() -> None:
    async with AsyncRented("80/http", "9000/tcp", "22/tcp") as (_, client, instance):
        report = await AsyncHealthChecker(client).check(instance)
        assert (report.overall, report.healthy, report.message) == ("healthy", True, "")
        assert all(result.tries > 1 for result in report.results)


async def test_what_is_up_is_asked_once() -> None:
    async with AsyncRented("80/http", "22/tcp") as (sim, client, instance):
        sim.clock.sleep(5)
        report = await AsyncHealthChecker(client).check(instance)
        assert [result.tries for result in report.results] == [1, 1]
        assert len(sim.visits()) == 2


async def test_some_endpoints_of_several_are_partial_health() -> None:
    async with AsyncRented("80/http", "9000/tcp") as (sim, client, instance):
        sim.clock.sleep(5)
        sim.set_port(instance.id, 9000, failure="refused")
        report = await AsyncHealthChecker(client).check(instance)
        assert (report.overall, report.healthy) == ("partial", False)
        assert report.message == "tcp 9000: connection_refused (connection refused)"


async def test_nothing_to_ask_is_no_health() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        sim.show(instance.id, portMappings=[], connectComponentSSH=None)
        report = await AsyncHealthChecker(client).check(instance.id)
        assert (report.overall, report.results, report.message) == (
            "unhealthy",
            (),
            "there is nothing to ask",
        )


async def test_a_port_that_is_not_exposed_is_no_health() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        began = sim.clock.monotonic()
        report = await AsyncHealthChecker(client).check(instance, target_port=9999)
        assert (report.overall, report.message) == ("unhealthy", "port 9999 is not exposed; exposed: 80/http")
        assert sim.clock.monotonic() == began


@pytest.mark.parametrize(("status", "tries"), [(502, 4), (503, 4), (500, 4), (404, 1), (403, 1)])
async def test_by_category_only_what_may_pass_is_tried_again(status: int, tries: int) -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, status=status)
        await AsyncHealthChecker(client, categories=True).check(instance, target_port=80)
        assert len(sim.visits()) == tries
        await AsyncHealthChecker(client, retries=1).check(instance, target_port=80)
        assert len(sim.visits()) == tries + 2


async def test_an_unusable_address_is_not_asked_again_and_again() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        sim.show(instance.id, portMappings=[{"port": 80, "type": "http", "endpoint": "nonsense"}])
        began = sim.clock.monotonic()
        report = await AsyncHealthChecker(client).check(instance.id, target_port=80)
        assert [(one.category, one.tries) for one in report.results] == [("invalid_response", 1)]
        assert sim.clock.monotonic() == began


async def test_the_whole_check_has_a_limit() -> None:
    async with AsyncRented("80/http", "9000/tcp") as (sim, client, instance):
        for port in (80, 9000):
            sim.set_port(instance.id, port, failure="silent")
        began = sim.clock.monotonic()
        checker = AsyncHealthChecker(client, retries=10, max_wait=25)
        report = await checker.check(instance, probes=[HTTPProbe(), TCPProbe(9000)])
        assert sim.clock.monotonic() - began <= 25
        assert {result.category for result in report.results} == {"timeout"}


async def test_what_there_is_no_time_for_is_not_asked() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, failure="silent")
        checker = AsyncHealthChecker(client, retries=0, max_wait=5)
        report = await checker.check(instance, probes=[HTTPProbe(80)] * 21)  # one more than go at once
        assert len(sim.visits()) == 20
        assert report.results[-1].detail == "there was no time left to ask"


async def test_one_try_may_take_up_to_5_minutes() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, delay=250)
        report = await AsyncHealthChecker(client, timeout=300, retries=0).check(instance, target_port=80)
        assert (report.overall, report.results[0].elapsed) == ("healthy", 250)
        assert report.as_event_part().total_response_time_ms == 250_000


async def test_the_settings_are_the_defaults() -> None:
    async with AsyncRented("80/http") as (sim, _, instance):
        sim.set_port(instance.id, 80, failure="silent")
        settings: dict[str, Any] = {
            "probe_timeout": 2,
            "probe_retries": 1,
            "probe_delay": 0.5,
            "probe_max_wait": 30,
        }
        async with sim.async_client(rng=random.Random(1), **settings) as client:
            began = sim.clock.monotonic()
            await AsyncHealthChecker(client).check(instance, target_port=80)
            assert len(sim.visits()) == 2
            assert 4.25 <= sim.clock.monotonic() - began < 4.75


async def test_an_instance_is_named_by_its_id_its_name_or_itself() -> None:
    async with AsyncRented("22/tcp") as (sim, client, instance):
        sim.clock.sleep(5)
        sim.show(instance.id, name="trainer")
        checker = AsyncHealthChecker(client)
        assert (await checker.check(instance.id)).healthy
        assert (await checker.check("trainer")).healthy
        before = sim.requests()
        assert (await checker.check(instance)).healthy
        assert sim.requests() == before
        with pytest.raises(NotFoundError):
            await checker.check("nobody")


async def test_a_check_changes_nothing() -> None:
    async with AsyncRented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, status=502)
        before = [entry for entry in sim.journal if entry.method == "POST"]
        await AsyncHealthChecker(client).check(instance.id)
        assert [entry for entry in sim.journal if entry.method == "POST"] == before


@pytest.mark.parametrize(
    "figures", [{"timeout": 301}, {"retries": 11}, {"retries": -1}, {"delay": -1}, {"max_wait": 0}]
)
async def test_a_wrong_figure_is_refused_at_once(figures: dict[str, Any]) -> None:
    async with AsyncRented() as (sim, client, _):
        before = sim.requests()
        with pytest.raises(ValidationError, match=next(iter(figures))):
            AsyncHealthChecker(client, **figures)
        with pytest.raises(ValidationError, match="target_port"):
            await AsyncHealthChecker(client).check("i", target_port=0)
        with pytest.raises(ValidationError, match="probes"):
            await AsyncHealthChecker(client).check("i", probes="ssh")  # type: ignore[arg-type]  # that is the point
        assert sim.requests() == before
