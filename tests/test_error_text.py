"""What errors say: the line, the explanation, the hint."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk import errors
from novita_sdk.errors import (
    APIConnectionError,
    APITimeoutError,
    Attempt,
    AuthenticationError,
    CapacityError,
    CircuitOpenError,
    CleanupError,
    ConfigurationError,
    DeadlineExceededError,
    InvalidStateError,
    NotFoundError,
    NovitaError,
    OutcomeUnknownError,
    Problem,
    RateLimitQueueError,
    ResponseDecodeError,
    ServerError,
    SettingProblem,
    SpecFileError,
    SpecProblem,
    ValidationError,
    WaitTimeoutError,
)

NOW = datetime(2024, 4, 15, 12, 0, tzinfo=UTC)
ATTEMPTS = (
    Attempt(1, NOW, 0.25, "server_error", 503, "req-1", sent=True),
    Attempt(2, NOW, 0.5, "not_sent", waited_bucket=0.125, waited_retry=1.0),
)

# ------------------------------------------------------------------------------------------- text


def test_the_line_names_call_status_reason_message_and_effort() -> None:
    error = NotFoundError(
        "resource not found",
        status=400,
        reason="RESOURCE_NOT_FOUND",
        kind="INSTANCE",
        operation="get_instance",
        correlation_id="nvt-1",
        attempts=ATTEMPTS[:1],
        elapsed=0.123,
    )
    assert str(error) == (
        "get_instance: 400 RESOURCE_NOT_FOUND: resource not found (nvt-1, 1 attempt, 0.12 s)"
    )
    assert repr(error) == f"NotFoundError({str(error)!r})"


def test_the_line_of_an_error_without_an_answer_has_the_code() -> None:
    error = APIConnectionError("refused", operation="list_jobs", attempts=ATTEMPTS)
    assert str(error) == "list_jobs: NETWORK_ERROR: refused (2 attempts)"
    assert str(ConfigurationError("no store")) == "no store"


def test_an_authentication_error_says_to_check_the_key_even_behind_a_long_message() -> None:
    error = AuthenticationError("no " * 500, status=401, operation="get_balance", elapsed=1.0)
    assert str(error).endswith("; check the API key (1.00 s)")
    assert len(str(error)) <= 300


@given(
    message=st.text(),
    operation=st.none() | st.text(),
    reason=st.none() | st.text(),
    correlation_id=st.none() | st.text(min_size=100),
    status=st.none() | st.integers(100, 599),
)
def test_the_line_is_one_short_line_whatever_it_holds(
    message: str, operation: str | None, reason: str | None, correlation_id: str | None, status: int | None
) -> None:
    error = AuthenticationError(
        message, operation=operation, reason=reason, correlation_id=correlation_id, status=status, elapsed=1.0
    )
    assert len(str(error)) <= 300
    assert str(error).isprintable()


def test_the_explanation_tells_each_attempt_and_what_to_do() -> None:
    error = ServerError(
        "it failed",
        status=503,
        operation="get_instance",
        method="GET",
        path="/gpu/instance",
        resource_id="i-1",
        operation_id="op-1",
        correlation_id="nvt-1",
        attempts=ATTEMPTS,
        elapsed=1.875,
        retry_stopped="attempts",
        doc_url="https://docs.example.test/errors",
    )
    error.__cause__ = OSError("line is dead")
    lines = error.explain().splitlines()
    assert lines == [
        "get_instance: 503 SERVER_ERROR: it failed (nvt-1, 2 attempts, 1.88 s)",
        "operation: get_instance (GET /gpu/instance)",
        "resource: i-1",
        "operation id: op-1",
        "attempt 1: server_error, 503 in 0.25 s, after 0.00 s pause and 0.00 s in the queue",
        "attempt 2: not_sent in 0.50 s, after 1.00 s pause and 0.12 s in the queue",
        "no further attempt: all retries were made",
        "see: https://docs.example.test/errors",
        "cause: OSError: line is dead",
    ]


def test_an_unreadable_answer_is_explained_by_its_place_in_the_answer() -> None:
    error = ResponseDecodeError("not a number", path="$.gpuNum", model="Instance", operation="get_instance")
    error.add_context(method="GET", path="/gpu/instance")
    assert error.path == "$.gpuNum"
    assert error.explain().splitlines()[1:3] == [
        "where: $.gpuNum of Instance",
        "operation: get_instance (GET)",
    ]


def test_wrong_settings_are_all_named_in_the_line_and_told_in_the_explanation() -> None:
    problems = tuple(SettingProblem(f"NOVITA_SETTING_{n}", "too long " * 20, "less") for n in range(6))
    error = ConfigurationError(problems=problems)
    assert all(problem.name in str(error) for problem in problems)
    assert len(error.explain().splitlines()) == 7
    assert str(ConfigurationError(problems=problems[:1])).startswith("NOVITA_SETTING_0: too long")


def test_wrong_arguments_are_named_with_their_values_and_never_at_length() -> None:
    problem = Problem.of("gpu_num", "9" * 500, "must be 1-8")
    assert len(problem.value_repr) == 80
    error = ValidationError(problems=(Problem.of("name", "", "must not be empty"),))
    assert str(error) == "name='': must not be empty"
    both = ValidationError(problems=(problem, Problem.of("name", "", "must not be empty")))
    assert str(both).startswith("2 arguments are not valid: gpu_num, name (")
    assert "- name='': must not be empty" in both.explain()


def test_problems_of_a_spec_file_are_told_with_their_line() -> None:
    problem = SpecProblem("a.yaml", 0, "web", "image", "missing", "is missing", 7)
    assert str(SpecFileError(problems=(problem,))) == "a.yaml:7: web: image: is missing"


# ------------------------------------------------------------------------------------------ hints


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AuthenticationError("x"), "NOVITA_API_KEY"),
        (AuthenticationError("x", family="internal"), "NOVITA_INTERNAL_API_KEY"),
        (
            errors.PermissionDeniedError("x", family="gateway"),
            "permissions of the key in NOVITA_GATEWAY_API_KEY",
        ),
        (NotFoundError("x", kind="PRODUCT"), "region"),
        (NotFoundError("x", operation="create_endpoint"), "region"),
        (NotFoundError("x", kind="INSTANCE"), "check the id"),
        (APIConnectionError("x", family="internal"), "NOVITA_INTERNAL_API_BASE_URL"),
        (APITimeoutError("x"), "request_timeout"),
        (DeadlineExceededError("x"), "total_timeout"),
        (errors.RateLimitError("x"), "rate_limit"),
        (RateLimitQueueError("x"), "fewer calls"),
        (CircuitOpenError("x"), "wait_for_circuit"),
        (CapacityError("x", code="NO_AVAILABLE_PRODUCTS"), "watch_stock"),
        (errors.QuotaExceededError("x"), "quota"),
        (errors.InsufficientBalanceError("x"), "top up"),
        (InvalidStateError("x"), "state"),
        (OutcomeUnknownError("x"), "reconcile"),
        (ResponseDecodeError("x"), "correlation id"),
    ],
)
def test_a_code_brings_its_hint(error: NovitaError, words: str) -> None:
    assert words in (error.hint or "")


def test_a_wait_that_was_given_up_tells_that_costs_may_go_on() -> None:
    assert "may go on costing" in (
        WaitTimeoutError("i-1 is creating after 5 s", resource_id="i-1").hint or ""
    )


def test_a_hint_follows_the_family_that_becomes_known_later() -> None:
    error = AuthenticationError("x").add_context(family="internal")
    assert "NOVITA_INTERNAL_API_KEY" in (error.hint or "")
    assert ServerError("x", status=500).hint is None


def test_a_clean_up_that_failed_names_what_may_still_run() -> None:
    assert "resource: i-7" in CleanupError("delete failed", resource_id="i-7", action="delete").explain()
