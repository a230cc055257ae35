"""The outcomes of an attempt and what follows from each."""

from __future__ import annotations

from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.breaker import Signal
from novita_sdk._core.errormap import ErrorBody
from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.outcome import OUTCOMES, Action, Outcome, outcome_of_error, outcome_of_response
from novita_sdk.errors import (
    APIConnectionError,
    APITimeoutError,
    CircuitOpenError,
    ClientClosedError,
    DeadlineExceededError,
    RateLimitQueueError,
    ResponseDecodeError,
    StateStoreError,
)

Expected: TypeAlias = tuple[Action, Action, Action, Signal, str | None]

RETRY, REREAD, SETTLE, RAISE = Action.RETRY, Action.REREAD, Action.SETTLE, Action.RAISE
SUCCESS, FAILURE, NEUTRAL = Signal.SUCCESS, Signal.FAILURE, Signal.NEUTRAL

TABLE: dict[Outcome, Expected] = {
    Outcome.SUCCESS: (Action.FINISH, Action.FINISH, Action.FINISH, SUCCESS, None),
    Outcome.NOT_SENT: (RETRY, RETRY, RETRY, FAILURE, "transient"),
    Outcome.POOL_TIMEOUT: (RETRY, RETRY, RETRY, NEUTRAL, "transient"),
    Outcome.BAD_CERTIFICATE: (RAISE, RAISE, RAISE, NEUTRAL, None),
    Outcome.UNANSWERED: (RETRY, REREAD, SETTLE, FAILURE, "transient"),
    Outcome.DEADLINE_CUT: (RAISE, RAISE, Action.UNKNOWN, NEUTRAL, None),
    Outcome.DEADLINE_UNSENT: (RAISE, RAISE, RAISE, NEUTRAL, None),
    Outcome.SERVER_ERROR: (RETRY, REREAD, SETTLE, FAILURE, "transient"),
    Outcome.REQUEST_TIMEOUT: (RETRY, REREAD, SETTLE, NEUTRAL, "transient"),
    Outcome.FINAL_SERVER_ERROR: (RAISE, RAISE, RAISE, SUCCESS, None),
    Outcome.REFUSED: (RAISE, RAISE, SETTLE, SUCCESS, None),
    Outcome.THROTTLED: (RETRY, RETRY, RETRY, NEUTRAL, "throttled"),
    Outcome.TOO_FAST: (RETRY, RETRY, RETRY, NEUTRAL, "throttled"),
    Outcome.INVALID_STATE_CHANGE: (RAISE, Action.STATE_RULE, RAISE, SUCCESS, "throttled"),
    Outcome.REJECTED: (RAISE, RAISE, RAISE, SUCCESS, None),
    Outcome.UNDECODABLE: (RAISE, Action.FINISH_UNREAD, SETTLE, SUCCESS, None),
    Outcome.LOCAL: (RAISE, RAISE, RAISE, NEUTRAL, None),
    Outcome.FOREIGN: (RAISE, RAISE, RAISE, NEUTRAL, None),
}


def error_body(reason: str | None = None, message: str = "") -> ErrorBody:
    return ErrorBody(code=None, reason=reason, message=message, metadata={}, text="")


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_its_row(outcome: Outcome) -> None:
    row = OUTCOMES[outcome]
    actions = (row.action(Safety.READ), row.action(Safety.IDEMPOTENT), row.action(Safety.UNSAFE))
    assert (*actions, row.signal, row.cost) == TABLE[outcome]


@pytest.mark.parametrize("outcome", Outcome)
def test_an_unsafe_call_is_sent_again_only_if_nothing_was_done(outcome: Outcome) -> None:
    nothing_done = {Outcome.NOT_SENT, Outcome.POOL_TIMEOUT, Outcome.THROTTLED, Outcome.TOO_FAST}
    assert (OUTCOMES[outcome].unsafe is RETRY) == (outcome in nothing_done)


@pytest.mark.parametrize("outcome", Outcome)
def test_whatever_is_retried_has_a_cost(outcome: Outcome) -> None:
    row = OUTCOMES[outcome]
    again = {RETRY, REREAD, Action.STATE_RULE} & {row.read, row.idempotent, row.unsafe}
    assert bool(again) == (row.cost is not None)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, None, Outcome.SUCCESS),
        (204, None, Outcome.SUCCESS),
        (200, error_body(message="migration refused"), Outcome.REJECTED),
        (302, error_body(), Outcome.REJECTED),
        (400, error_body("VALIDATOR_PARAM"), Outcome.REJECTED),
        (400, error_body("INSUFFICIENT_RESOURCE"), Outcome.REJECTED),
        (400, error_body(message="Invalid state change"), Outcome.INVALID_STATE_CHANGE),
        (400, error_body("LIST_BILL_TOO_FAST"), Outcome.TOO_FAST),
        (400, error_body("RATE_LIMIT_EXCEEDED"), Outcome.THROTTLED),
        (401, None, Outcome.REJECTED),
        (404, error_body("RESOURCE_NOT_FOUND"), Outcome.REJECTED),
        (408, None, Outcome.REQUEST_TIMEOUT),
        (408, error_body(), Outcome.REQUEST_TIMEOUT),
        (409, error_body("CONFLICT"), Outcome.REJECTED),
        (429, None, Outcome.THROTTLED),
        (429, error_body(), Outcome.THROTTLED),
        (429, error_body("LIST_BILL_TOO_FAST"), Outcome.TOO_FAST),
        (500, None, Outcome.SERVER_ERROR),
        (500, error_body("UNKNOWN"), Outcome.SERVER_ERROR),
        (500, error_body("INSUFFICIENT_RESOURCE"), Outcome.REFUSED),
        (500, error_body("WALLET_NOT_FOUND"), Outcome.FINAL_SERVER_ERROR),
        (501, error_body(), Outcome.FINAL_SERVER_ERROR),
        (501, error_body("INSUFFICIENT_RESOURCE"), Outcome.FINAL_SERVER_ERROR),
        (502, None, Outcome.SERVER_ERROR),
        (503, error_body("RATE_LIMIT_EXCEEDED"), Outcome.THROTTLED),
        (505, None, Outcome.FINAL_SERVER_ERROR),
        (599, error_body(), Outcome.SERVER_ERROR),
        (101, None, Outcome.UNANSWERED),
        (999, error_body(), Outcome.UNANSWERED),
    ],
)
def test_an_answer_is_classified_by_its_reason_and_then_by_its_status(
    status: int, body: ErrorBody | None, expected: Outcome
) -> None:
    assert outcome_of_response(status, body) is expected


@given(status=st.integers(200, 599))
def test_without_a_reason_only_408_and_429_and_the_unclear_5xx_are_retried(status: int) -> None:
    row = OUTCOMES[outcome_of_response(status, None)]
    expected = status in {408, 429} or (status >= 500 and status not in {501, 505})
    assert (row.read is RETRY) == expected


@given(status=st.integers(200, 499))
def test_no_status_below_500_is_a_failure_of_the_service(status: int) -> None:
    assert OUTCOMES[outcome_of_response(status, error_body())].signal is not FAILURE


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (APIConnectionError("refused", phase="connect", reached_server=False), Outcome.NOT_SENT),
        (APITimeoutError("connect", phase="connect", reached_server=False), Outcome.NOT_SENT),
        (APIConnectionError("handshake cut", phase="tls", reached_server=False), Outcome.NOT_SENT),
        (
            APIConnectionError("certificate", phase="tls", reached_server=False, retryable=False),
            Outcome.BAD_CERTIFICATE,
        ),
        (APITimeoutError("pool", phase="pool", reached_server=False), Outcome.POOL_TIMEOUT),
        (APITimeoutError("read", phase="read"), Outcome.UNANSWERED),
        (APITimeoutError("write", phase="send"), Outcome.UNANSWERED),
        (APIConnectionError("closed", phase="protocol"), Outcome.UNANSWERED),
        (APIConnectionError("foreign transport"), Outcome.UNANSWERED),
        (DeadlineExceededError("read", phase="read"), Outcome.DEADLINE_CUT),
        (DeadlineExceededError("queue", phase="pool", reached_server=False), Outcome.DEADLINE_UNSENT),
        (DeadlineExceededError("no time left", reached_server=False), Outcome.DEADLINE_UNSENT),
        (CircuitOpenError("open"), Outcome.LOCAL),
        (RateLimitQueueError("full"), Outcome.LOCAL),
        (ClientClosedError("closed"), Outcome.LOCAL),
        (StateStoreError("away"), Outcome.LOCAL),
        (ResponseDecodeError("too large", status=200), Outcome.UNDECODABLE),
        (ResponseDecodeError("too large"), Outcome.UNDECODABLE),
        (ResponseDecodeError("too large", status=502), Outcome.SERVER_ERROR),
        (KeyError("middleware"), Outcome.FOREIGN),
        (KeyboardInterrupt(), Outcome.FOREIGN),
    ],
    ids=str,
)
def test_an_exception_is_classified_by_what_the_server_may_have_seen(
    error: BaseException, expected: Outcome
) -> None:
    assert outcome_of_error(error) is expected


def test_an_attempt_cut_short_by_the_deadline_of_its_call_says_nothing_about_the_service() -> None:
    outcome = outcome_of_error(DeadlineExceededError("total_timeout=0.2", phase="read"))
    assert OUTCOMES[outcome].signal is NEUTRAL
