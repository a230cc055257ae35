"""What an attempt can come to, and what follows from it for retries, breaker and budget: one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Literal, TypeAlias

import attrs

from novita_sdk._core.breaker import Signal
from novita_sdk._core.errormap import (
    ErrorBody,
    is_invalid_state_change,
    is_operation_limit,
    is_refusing,
    is_throttle,
)
from novita_sdk._core.operations.operation import Safety
from novita_sdk.errors import (
    ClientClosedError,
    DeadlineExceededError,
    LocalRejectionError,
    ResponseDecodeError,
    StateStoreError,
    TransportError,
)

# The server will answer a repeat in the same way, and did not carry out the request.
_FINAL_STATUSES = frozenset({501, 505})
_FINAL_REASONS = frozenset({"WALLET_NOT_FOUND"})


class Outcome(StrEnum):
    """What came of one attempt."""

    SUCCESS = "success"
    """2xx."""
    UNDECODABLE = "undecodable"
    """2xx whose body cannot be read."""
    NOT_SENT = "not_sent"
    """No connection: the server certainly got nothing."""
    POOL_TIMEOUT = "pool_timeout"
    """No free connection of our own in time."""
    BAD_CERTIFICATE = "bad_certificate"
    """The server's certificate is not valid."""
    UNANSWERED = "unanswered"
    """Sent, or maybe sent, and no whole answer came back."""
    DEADLINE_UNSENT = "deadline_unsent"
    """The call's own deadline passed before anything was sent."""
    DEADLINE_CUT = "deadline_cut"
    """The call's own deadline cut the attempt short after it may have been sent."""
    SERVER_ERROR = "server_error"
    """5xx that says nothing about the request."""
    FINAL_SERVER_ERROR = "final_server_error"
    """5xx by which nothing was done and a repeat is answered alike."""
    REFUSED = "refused"
    """5xx whose reason tells that the service works but would not do it."""
    REQUEST_TIMEOUT = "request_timeout"
    """408: the server asks for a repeat."""
    THROTTLED = "throttled"
    """The server asks all of us for fewer requests; nothing was done."""
    TOO_FAST = "too_fast"
    """One operation's own limit was met; nothing was done."""
    INVALID_STATE_CHANGE = "invalid_state_change"
    """The instance's state does not allow the action, maybe only for a moment."""
    REJECTED = "rejected"
    """Any other answer that is an error."""
    LOCAL = "local"
    """The client itself stopped the attempt before sending."""
    FOREIGN = "foreign"
    """An exception that is not the library's, such as one from a user's middleware."""


class Action(Enum):
    """What the call does next."""

    FINISH = "finish"
    """Return what came."""
    FINISH_UNREAD = "finish_unread"
    """Success if the operation needs nothing of the body, else raise."""
    RETRY = "retry"
    """Send again, if the retry rules allow."""
    REREAD = "reread"
    """Look whether it is done (where the operation has a re-read); if not, as `RETRY`."""
    SETTLE = "settle"
    """Find out what happened; never send again."""
    STATE_RULE = "state_rule"
    """Start, stop and restart wait and look; every other operation raises."""
    UNKNOWN = "unknown"
    """Raise OutcomeUnknownError: there is no time left to find out."""
    RAISE = "raise"
    """Raise what came."""


Cost: TypeAlias = Literal["transient", "throttled"]


@attrs.frozen
class Row:
    """What follows from an outcome.

    Attributes:
        read: The action of a READ operation.
        idempotent: The action of an IDEMPOTENT operation.
        unsafe: The action of an UNSAFE operation.
        signal: What the breaker is told, where a permit had been taken.
        cost: Which cost of the retry policy a retry pays; None if there is none.
    """

    read: Action
    idempotent: Action
    unsafe: Action
    signal: Signal
    cost: Cost | None = None

    def action(self, safety: Safety) -> Action:
        """Return the action for a safety class."""
        if safety is Safety.READ:
            return self.read
        return self.idempotent if safety is Safety.IDEMPOTENT else self.unsafe


def _always(action: Action, signal: Signal, cost: Cost | None = None) -> Row:
    return Row(action, action, action, signal, cost)


def _unclear(signal: Signal) -> Row:
    return Row(Action.RETRY, Action.REREAD, Action.SETTLE, signal, "transient")


OUTCOMES: Mapping[Outcome, Row] = MappingProxyType(
    {
        Outcome.SUCCESS: _always(Action.FINISH, Signal.SUCCESS),
        Outcome.UNDECODABLE: Row(Action.RAISE, Action.FINISH_UNREAD, Action.SETTLE, Signal.SUCCESS),
        Outcome.NOT_SENT: _always(Action.RETRY, Signal.FAILURE, "transient"),
        Outcome.POOL_TIMEOUT: _always(Action.RETRY, Signal.NEUTRAL, "transient"),
        Outcome.BAD_CERTIFICATE: _always(Action.RAISE, Signal.NEUTRAL),
        Outcome.UNANSWERED: _unclear(Signal.FAILURE),
        Outcome.DEADLINE_UNSENT: _always(Action.RAISE, Signal.NEUTRAL),
        Outcome.DEADLINE_CUT: Row(Action.RAISE, Action.RAISE, Action.UNKNOWN, Signal.NEUTRAL),
        Outcome.SERVER_ERROR: _unclear(Signal.FAILURE),
        Outcome.FINAL_SERVER_ERROR: _always(Action.RAISE, Signal.SUCCESS),
        Outcome.REFUSED: Row(Action.RAISE, Action.RAISE, Action.SETTLE, Signal.SUCCESS),
        Outcome.REQUEST_TIMEOUT: _unclear(Signal.NEUTRAL),
        Outcome.THROTTLED: _always(Action.RETRY, Signal.NEUTRAL, "throttled"),
        Outcome.TOO_FAST: _always(Action.RETRY, Signal.NEUTRAL, "throttled"),
        Outcome.INVALID_STATE_CHANGE: Row(
            Action.RAISE, Action.STATE_RULE, Action.RAISE, Signal.SUCCESS, "throttled"
        ),
        Outcome.REJECTED: _always(Action.RAISE, Signal.SUCCESS),
        Outcome.LOCAL: _always(Action.RAISE, Signal.NEUTRAL),
        Outcome.FOREIGN: _always(Action.RAISE, Signal.NEUTRAL),
    }
)


def outcome_of_response(status: int, body: ErrorBody | None) -> Outcome:
    """Classify an answer.

    Args:
        status: HTTP status, or the status that the body of a 2xx answer names.
        body: The error the answer tells of. None if it is a success, or if nothing but the status is known.
    """
    if not 200 <= status < 600:
        return Outcome.UNANSWERED  # a final answer has none of these: what came is not HTTP
    if body is not None:
        if is_operation_limit(status, body):
            return Outcome.TOO_FAST
        if is_throttle(status, body):
            return Outcome.THROTTLED
        if is_invalid_state_change(status, body):
            return Outcome.INVALID_STATE_CHANGE
    if status >= 500:
        return _server_error(status, body)
    if status == 429:
        return Outcome.THROTTLED
    if status == 408:
        return Outcome.REQUEST_TIMEOUT
    return Outcome.SUCCESS if status < 300 and body is None else Outcome.REJECTED


def _server_error(status: int, body: ErrorBody | None) -> Outcome:
    if status in _FINAL_STATUSES or (body is not None and body.reason in _FINAL_REASONS):
        return Outcome.FINAL_SERVER_ERROR
    return Outcome.REFUSED if body is not None and is_refusing(status, body) else Outcome.SERVER_ERROR


def outcome_of_error(error: BaseException) -> Outcome:
    """Classify an exception that ended an attempt.

    A TLS failure counts as a bad certificate if the transport marked it as not `retryable`; every other one,
    such as a handshake that was cut, is a connection that could not be made.

    Args:
        error: What the layers below raised.
    """
    if isinstance(error, (LocalRejectionError, ClientClosedError, StateStoreError)):
        return Outcome.LOCAL
    if isinstance(error, ResponseDecodeError):
        # Of an answer that is itself an error, the status still tells what happened.
        outcome = Outcome.SUCCESS if error.status is None else outcome_of_response(error.status, None)
        return Outcome.UNDECODABLE if outcome is Outcome.SUCCESS else outcome
    if not isinstance(error, TransportError):
        return Outcome.FOREIGN
    unsent = error.reached_server is False
    if isinstance(error, DeadlineExceededError):
        return Outcome.DEADLINE_UNSENT if unsent else Outcome.DEADLINE_CUT
    if error.phase == "pool":
        return Outcome.POOL_TIMEOUT
    if error.phase == "tls" and not error.retryable:
        return Outcome.BAD_CERTIFICATE
    return Outcome.NOT_SENT if unsent else Outcome.UNANSWERED
