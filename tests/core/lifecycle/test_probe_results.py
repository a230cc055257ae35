"""What answers and failures of probes mean."""

from __future__ import annotations

import errno
import pickle
import socket
import ssl
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.probe_results import (
    PASSING,
    ProbeCategory,
    ProbeResult,
    category_of,
    failure_of,
    judge_greeting,
    judge_round,
    judge_status,
)
from novita_sdk.errors import APIConnectionError, APITimeoutError, DeadlineExceededError

AT = datetime(2026, 1, 1, tzinfo=UTC)


def result(category: ProbeCategory | None = None, *, passed: bool = False) -> ProbeResult:
    return ProbeResult(kind="http", port=80, address="x", passed=passed, at=AT, category=category)


UP = result(passed=True)


@pytest.mark.parametrize("status", [200, 204, 301, 302, 399, 401])
def test_what_answers_at_all_is_up(status: int) -> None:
    assert judge_status(status, None) is None


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (400, "client_error"),
        (403, "client_error"),
        (404, "client_error"),
        (500, "server_error"),
        (501, "server_error"),
        (502, "bad_gateway"),
        (503, "service_unavailable"),
        (504, "bad_gateway"),
        (100, "unknown"),
    ],
)
def test_other_statuses_are_failures_of_a_kind(status: int, category: str) -> None:
    failure = judge_status(status, None)
    assert failure == (category, f"answered {status}", status)


def test_expected_statuses_replace_the_usual_ones() -> None:
    assert judge_status(503, frozenset({503})) is None
    assert judge_status(401, frozenset({200})) == ("client_error", "answered 401", 401)
    assert judge_status(200, frozenset({204})) == ("unknown", "answered 200", 200)


@given(st.integers(100, 599))
def test_a_status_is_up_or_has_a_category(status: int) -> None:
    failure = judge_status(status, None)
    assert failure is None or failure.category in get_args(ProbeCategory)


@pytest.mark.parametrize(
    ("received", "verdict"),
    [
        (b"", None),
        (b"SS", None),
        (b"SSH-2.0-OpenSSH_9.6\r\n", True),
        (b"SSH-", True),
        (b"Welcome\r\nSSH-2.0-x\r\n", True),
        (b"Welcome, SSH-2.0-x\r\n", None),
        (b"HTTP/1.1 400 Bad Request\r\n", None),
        (b"x" * 1024, False),
        (b"x" * 1023 + b"\nSSH-2.0-late", False),
    ],
)
def test_an_ssh_server_greets_with_a_line_of_its_own(received: bytes, verdict: bool | None) -> None:
    assert judge_greeting(received) is verdict


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_how_a_greeting_is_cut_up_does_not_change_what_it_means(parts: list[bytes]) -> None:
    received, verdict = b"", None
    for part in parts:
        received += part
        verdict = judge_greeting(received)
        if verdict is not None:
            break
    assert verdict is judge_greeting(received)


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def connection_error(phase: str) -> APIConnectionError:
    return APIConnectionError("lost", phase=phase, reached_server=None)


@pytest.mark.parametrize(
    ("error", "category"),
    [
        (TimeoutError(), "timeout"),
        (APITimeoutError("late", phase="read", reached_server=None), "timeout"),
        (DeadlineExceededError("late", phase="pool", reached_server=False), "timeout"),
        (socket.gaierror(socket.EAI_NONAME, "?"), "dns_resolution_failed"),
        (ConnectionRefusedError(), "connection_refused"),
        (ConnectionResetError(), "connection_reset"),
        (ConnectionAbortedError(), "connection_reset"),
        (BrokenPipeError(), "connection_reset"),
        (OSError(errno.ENETUNREACH, "?"), "network_unreachable"),
        (OSError(errno.EHOSTUNREACH, "?"), "network_unreachable"),
        (ssl.SSLCertVerificationError("?"), "ssl_error"),
        (OSError("?"), "unknown"),
        (RuntimeError("?"), "unknown"),
        (
            caused(connection_error("connect"), caused(OSError("all"), ConnectionRefusedError())),
            "connection_refused",
        ),
        (caused(connection_error("connect"), ssl.SSLError("?")), "ssl_error"),
        (
            caused(
                connection_error("connect"), ExceptionGroup("all", [OSError("?"), ConnectionRefusedError()])
            ),
            "connection_refused",
        ),
        (connection_error("connect"), "network_unreachable"),
        (connection_error("tls"), "ssl_error"),
        (connection_error("read"), "connection_reset"),
        (connection_error("protocol"), "connection_reset"),
    ],
)
def test_an_exception_has_the_category_of_what_led_to_it(error: Exception, category: str) -> None:
    assert category_of(error) == category


def test_a_chain_that_ends_where_it_began_is_no_trap() -> None:
    first, second = RuntimeError(), RuntimeError()
    first.__context__, second.__context__ = second, first
    assert category_of(first) == "unknown"


def test_the_text_of_an_exception_is_not_repeated() -> None:
    assert failure_of(ValueError("p@ssword")).detail == "ValueError"
    assert failure_of(OSError(errno.ENETUNREACH, "p@ssword")).detail == "cannot be reached"


def test_every_category_is_known_to_pass_or_to_stay() -> None:
    staying = {"client_error", "ssl_error", "invalid_response", "unknown"}
    assert PASSING | staying == set(get_args(ProbeCategory))


def test_a_round_passes_when_all_probes_pass() -> None:
    assert judge_round((UP, UP), "", 60).passed
    assert not judge_round((UP, result("timeout")), "", 60).passed


def test_nothing_to_ask_passes_and_says_that_it_was_skipped() -> None:
    outcome = judge_round((), "", 60)
    assert outcome.passed
    assert outcome.skipped
    assert not judge_round((UP,), "", 60).skipped


@pytest.mark.parametrize("category", get_args(ProbeCategory))
def test_only_what_is_unusable_ends_a_wait(category: ProbeCategory) -> None:
    fatal = judge_round((UP, result(category)), "", 0).fatal
    assert fatal == ("invalid_response" if category == "invalid_response" else None)


@pytest.mark.case("W-15")
def test_a_port_that_is_not_exposed_has_some_time() -> None:
    early = judge_round((), "port 9999 is not exposed", 59.5)
    assert (early.passed, early.fatal, early.decided_in) == (False, None, 59.5)
    late = judge_round((), "port 9999 is not exposed", 1e-13)
    assert (late.passed, late.fatal, late.decided_in) == (False, "port_not_mapped", None)
    assert late.message == "port 9999 is not exposed"


def test_a_round_tells_every_failure() -> None:
    outcome = judge_round((UP, result("timeout"), result()), "", 60)
    assert outcome.message == "http 80: timeout; http 80: not yet"


def test_results_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(result("timeout"))) == result("timeout")  # noqa: S301 - its own bytes
