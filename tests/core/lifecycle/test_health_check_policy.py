"""When a health check tries again, and what its results mean together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.health_checks import (
    HealthCheckPolicy,
    HealthReport,
    health_check,
    overall_of,
)
from novita_sdk._core.lifecycle.probe_results import ProbeResult
from novita_sdk.errors import ValidationError
from novita_sdk.models.webhook_event import HealthEndpoint

AT = datetime(2026, 1, 1, tzinfo=UTC)


def policy(**changes: Any) -> HealthCheckPolicy:
    usual: dict[str, Any] = {
        "timeout": 10.0,
        "retries": 3,
        "delay": 2.0,
        "max_wait": 300.0,
        "categories": False,
    }
    return HealthCheckPolicy(**{**usual, **changes})


def result(**changes: Any) -> ProbeResult:
    usual: dict[str, Any] = {"kind": "http", "port": 80, "address": "https://x/", "passed": False, "at": AT}
    return ProbeResult(**{**usual, **changes})


UP = result(passed=True, elapsed=0.0125)
DOWN = result(category="bad_gateway", detail="answered 502", status=502)


@pytest.mark.parametrize(
    ("tries", "swing", "pause"),
    [(1, 0.5, 1.0), (1, 1.4999, 2.999), (2, 1.0, 4.0), (3, 1.0, 8.0), (1, 0.50007, 1.0), (4, 1.0, None)],
)
def test_pauses_double_swing_and_are_whole_milliseconds(
    tries: int, swing: float, pause: float | None
) -> None:
    assert policy().pause(DOWN, tries, swing) == pause


def test_without_retries_there_is_one_try() -> None:
    assert policy(retries=0).pause(DOWN, 1, 1.0) is None


@pytest.mark.parametrize(
    ("category", "again"),
    [
        ("timeout", True),
        ("connection_refused", True),
        ("connection_reset", True),
        ("network_unreachable", True),
        ("bad_gateway", True),
        ("service_unavailable", True),
        ("server_error", True),
        ("dns_resolution_failed", True),
        ("client_error", False),
        ("ssl_error", False),
        ("invalid_response", False),
        ("unknown", False),
    ],
)
def test_by_category_only_what_may_pass_is_tried_again(category: str, again: bool) -> None:
    failed = result(category=category)
    assert policy().pause(failed, 1, 1.0) == 2.0
    assert (policy(categories=True).pause(failed, 1, 1.0) is not None) is again


@given(st.integers(1, 10), st.floats(0.5, 1.5, exclude_max=True), st.floats(0.5, 30))
def test_a_pause_is_never_longer_than_its_share(tries: int, swing: float, delay: float) -> None:
    pause = policy(retries=10, delay=delay).pause(DOWN, tries, swing)
    assert pause is not None
    assert delay * 2 ** (tries - 1) * swing - 0.0011 <= pause <= delay * 2 ** (tries - 1) * swing + 1e-9


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout", 0),
        ("timeout", 300.5),
        ("timeout", "10"),
        ("retries", -1),
        ("retries", 11),
        ("retries", 1.5),
        ("retries", True),
        ("delay", -1),
        ("delay", float("nan")),
        ("max_wait", 0),
        ("max_wait", float("inf")),
    ],
)
def test_a_wrong_figure_is_named(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=f"^{name}"):
        policy(**{name: value})


def test_all_wrong_figures_are_named_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        policy(timeout=0, retries=99)
    assert [problem.field for problem in caught.value.problems] == ["timeout", "retries"]


@pytest.mark.parametrize(
    ("results", "missing", "overall"),
    [
        ((UP, UP), "", "healthy"),
        ((UP, DOWN), "", "partial"),
        ((DOWN, DOWN), "", "unhealthy"),
        ((), "", "unhealthy"),
        ((UP,), "port 9999 is not exposed", "partial"),
        ((), "port 9999 is not exposed", "unhealthy"),
    ],
)
def test_all_some_or_none_are_up(results: tuple[ProbeResult, ...], missing: str, overall: str) -> None:
    assert overall_of(results, missing) == overall


def test_an_event_tells_the_same() -> None:
    early = result(detail="has no address yet", address="", port=22, kind="ssh")
    ended = AT + timedelta(seconds=3)
    check = health_check((UP, DOWN, early), started_at=AT, ended_at=ended)
    assert (check.status, check.overall_status, check.total_response_time_ms) == ("completed", "partial", 12)
    assert (check.started_at, check.completed_at) == (AT, ended)
    usual: dict[str, Any] = {"endpoint": "https://x/", "type": "http", "port": 80, "last_checked": AT}
    assert check.endpoints == (
        HealthEndpoint(status="healthy", response_time_ms=12, **usual),
        HealthEndpoint(status="unhealthy", response_time_ms=0, error="bad_gateway: answered 502", **usual),
        HealthEndpoint(
            port=22,
            type="tcp",
            status="pending",
            last_checked=AT,
            response_time_ms=0,
            error="has no address yet",
        ),
    )


def test_an_event_tells_whether_the_check_goes_on() -> None:
    assert health_check((UP,), started_at=AT).status == "in_progress"
    assert health_check((DOWN,), started_at=AT, ended_at=AT).status == "failed"
    report = HealthReport(overall="healthy", results=(UP,), started_at=AT, ended_at=AT)
    assert report.healthy
    assert report.as_event_part() == health_check((UP,), started_at=AT, ended_at=AT)
