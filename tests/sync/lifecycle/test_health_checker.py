# Generated from tests/aio/lifecycle/test_health_checker.py by tools/unasync.py; edit the source.
"""The single check of all endpoints of an instance, with its retries."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from novita_sdk._sync.lifecycle.health_checker import HealthChecker
from novita_sdk.errors import NotFoundError, ValidationError
from novita_sdk.lifecycle import HTTPProbe, TCPProbe
from novita_sdk.testing import Simulator
from tests.sync.lifecycle.rented import Rented


def tries_at(sim: Simulator, instance_id: str) -> list[float]:
    """When each try came, in seconds after the first."""
    visits = sim.visits(instance_id)
    return [round(visit.at - visits[0].at, 3) for visit in visits]


@pytest.mark.case("W-19")
def test_with_2_retries_there_are_exactly_3_tries() -> None:
    with Rented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, status=502)
        report = HealthChecker(client, retries=2).check(instance, target_port=80)
        assert len(sim.visits()) == 3
        (result,) = report.results
        assert (report.overall, result.tries, result.category, result.elapsed) == (
            "unhealthy",
            3,
            "bad_gateway",
            0,
        )
        assert report.message == "http 80: bad_gateway (answered 502)"


def test_the_pauses_double_and_swing() -> None:
    with Rented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, status=502)
        HealthChecker(client, retries=3).check(instance, target_port=80)
        at = tries_at(sim, instance.id)
        pauses = [after - before for before, after in itertools.pairwise(at)]
        for nominal, pause in zip((2, 4, 8), pauses, strict=True):
            assert 0.5 * nominal <= pause < 1.5 * nominal


def test_what_comes_up_meanwhile_is_healthy() -> None:
    with Rented("80/http", "9000/tcp", "22/tcp") as (_, client, instance):
        report = HealthChecker(client).check(instance)
        assert (report.overall, report.healthy, report.message) == ("healthy", True, "")
        assert all(result.tries > 1 for result in report.results)


def test_what_is_up_is_asked_once() -> None:
    with Rented("80/http", "22/tcp") as (sim, client, instance):
        sim.clock.sleep(5)
        report = HealthChecker(client).check(instance)
        assert [result.tries for result in report.results] == [1, 1]
        assert len(sim.visits()) == 2


def test_some_endpoints_of_several_are_partial_health() -> None:
    with Rented("80/http", "9000/tcp") as (sim, client, instance):
        sim.clock.sleep(5)
        sim.set_port(instance.id, 9000, failure="refused")
        report = HealthChecker(client).check(instance)
        assert (report.overall, report.healthy) == ("partial", False)
        assert report.message == "tcp 9000: connection_refused (connection refused)"


def test_nothing_to_ask_is_no_health() -> None:
    with Rented("80/http") as (sim, client, instance):
        sim.show(instance.id, portMappings=[], connectComponentSSH=None)
        report = HealthChecker(client).check(instance.id)
        assert (report.overall, report.results, report.message) == (
            "unhealthy",
            (),
            "there is nothing to ask",
        )


def test_a_port_that_is_not_exposed_is_no_health() -> None:
    with Rented("80/http") as (sim, client, instance):
        began = sim.clock.monotonic()
        report = HealthChecker(client).check(instance, target_port=9999)
        assert (report.overall, report.message) == ("unhealthy", "port 9999 is not exposed; exposed: 80/http")
        assert sim.clock.monotonic() == began


@pytest.mark.parametrize(("status", "tries"), [(502, 4), (503, 4), (500, 4), (404, 1), (403, 1)])
def test_by_category_only_what_may_pass_is_tried_again(status: int, tries: int) -> None:
    with Rented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, status=status)
        HealthChecker(client, categories=True).check(instance, target_port=80)
        assert len(sim.visits()) == tries
        HealthChecker(client, retries=1).check(instance, target_port=80)
        assert len(sim.visits()) == tries + 2


def test_an_unusable_address_is_not_asked_again_and_again() -> None:
    with Rented("80/http") as (sim, client, instance):
        sim.show(instance.id, portMappings=[{"port": 80, "type": "http", "endpoint": "nonsense"}])
        began = sim.clock.monotonic()
        report = HealthChecker(client).check(instance.id, target_port=80)
        assert [(one.category, one.tries) for one in report.results] == [("invalid_response", 1)]
        assert sim.clock.monotonic() == began


def test_the_whole_check_has_a_limit() -> None:
    with Rented("80/http", "9000/tcp") as (sim, client, instance):
        for port in (80, 9000):
            sim.set_port(instance.id, port, failure="silent")
        began = sim.clock.monotonic()
        checker = HealthChecker(client, retries=10, max_wait=25)
        report = checker.check(instance, probes=[HTTPProbe(), TCPProbe(9000)])
        assert sim.clock.monotonic() - began <= 25
        assert {result.category for result in report.results} == {"timeout"}


def test_what_there_is_no_time_for_is_not_asked() -> None:
    with Rented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, failure="silent")
        checker = HealthChecker(client, retries=0, max_wait=5)
        report = checker.check(instance, probes=[HTTPProbe(80)] * 21)  # one more than go at once
        assert len(sim.visits()) == 20
        assert report.results[-1].detail == "there was no time left to ask"


def test_one_try_may_take_up_to_5_minutes() -> None:
    with Rented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, delay=250)
        report = HealthChecker(client, timeout=300, retries=0).check(instance, target_port=80)
        assert (report.overall, report.results[0].elapsed) == ("healthy", 250)
        assert report.as_event_part().total_response_time_ms == 250_000


def test_the_settings_are_the_defaults() -> None:
    with Rented("80/http") as (sim, _, instance):
        sim.set_port(instance.id, 80, failure="silent")
        settings: dict[str, Any] = {
            "probe_timeout": 2,
            "probe_retries": 1,
            "probe_delay": 0.5,
            "probe_max_wait": 30,
        }
        with sim.client(rng=random.Random(1), **settings) as client:
            began = sim.clock.monotonic()
            HealthChecker(client).check(instance, target_port=80)
            assert len(sim.visits()) == 2
            assert 4.25 <= sim.clock.monotonic() - began < 4.75


def test_an_instance_is_named_by_its_id_its_name_or_itself() -> None:
    with Rented("22/tcp") as (sim, client, instance):
        sim.clock.sleep(5)
        sim.show(instance.id, name="trainer")
        checker = HealthChecker(client)
        assert (checker.check(instance.id)).healthy
        assert (checker.check("trainer")).healthy
        before = sim.requests()
        assert (checker.check(instance)).healthy
        assert sim.requests() == before
        with pytest.raises(NotFoundError):
            checker.check("nobody")


def test_a_check_changes_nothing() -> None:
    with Rented("80/http") as (sim, client, instance):
        sim.set_port(instance.id, 80, status=502)
        before = [entry for entry in sim.journal if entry.method == "POST"]
        HealthChecker(client).check(instance.id)
        assert [entry for entry in sim.journal if entry.method == "POST"] == before


@pytest.mark.parametrize(
    "figures", [{"timeout": 301}, {"retries": 11}, {"retries": -1}, {"delay": -1}, {"max_wait": 0}]
)
def test_a_wrong_figure_is_refused_at_once(figures: dict[str, Any]) -> None:
    with Rented() as (sim, client, _):
        before = sim.requests()
        with pytest.raises(ValidationError, match=next(iter(figures))):
            HealthChecker(client, **figures)
        with pytest.raises(ValidationError, match="target_port"):
            HealthChecker(client).check("i", target_port=0)
        with pytest.raises(ValidationError, match="probes"):
            HealthChecker(client).check("i", probes="ssh")  # type: ignore[arg-type]  # that is the point
        assert sim.requests() == before
