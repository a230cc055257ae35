"""Tells the user's hooks what happened; loaded only by clients that have hooks."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TypedDict

from novita_sdk._core.described import host_of, path_of, query_keys_of
from novita_sdk._core.hooks import (
    AttemptEnd,
    AttemptStart,
    BreakerChange,
    BucketPause,
    BucketWait,
    CacheHit,
    CallEnd,
    CallStart,
    DecodeProblem,
    Hooks,
    PassFailure,
    Retry,
    RetryRefused,
)
from novita_sdk._core.http import Request, Response
from novita_sdk._core.log_records import log
from novita_sdk.models.item_problem import ItemProblem

_LOGGER = logging.getLogger("novita_sdk.hooks")


class _OfCall(TypedDict):
    correlation_id: str
    operation: str
    family: str
    method: str
    path: str


class _OfAttempt(_OfCall):
    attempt: int
    host: str
    query_keys: tuple[str, ...]
    bytes_out: int


class HookRunner:
    """Builds the events and calls the hooks, in order.

    Args:
        hooks: The user's hooks.
        lock: A `with` lock; never held while a hook runs.
    """

    def __init__(self, hooks: Sequence[Hooks], lock: AbstractContextManager[object]) -> None:
        self._hooks = tuple(hooks)
        self._lock = lock
        self._reported: set[tuple[int, str, type[Exception]]] = set()

    def call_started(self, request: Request) -> None:
        """A call begins."""
        self._tell("on_call_start", CallStart(**_of_call(request)))

    def call_ended(self, request: Request, error: str | None, elapsed: float) -> None:
        """A call ended, with the code `error` or well."""
        context = request.context
        event = CallEnd(
            **_of_call(request),
            error=error,
            attempts=len(context.attempts),
            elapsed=elapsed,
            cached=context.cached,
            settled=context.settled,
            resource_id=context.resource_id,
        )
        self._tell("on_call_end", event)

    def attempt_started(self, request: Request, attempt: int) -> None:
        """A request goes out."""
        self._tell("on_attempt_start", AttemptStart(**_of_attempt(request, attempt)))

    def attempt_ended(
        self, request: Request, attempt: int, response: Response | None, outcome: str, elapsed: float
    ) -> None:
        """A request ended."""
        event = AttemptEnd(
            **_of_attempt(request, attempt),
            outcome=outcome,
            status=None if response is None else response.status,
            elapsed=elapsed,
            bytes_in=0 if response is None else len(response.body),
            waited_bucket=request.context.waited_bucket,
        )
        self._tell("on_attempt_end", event)

    def retrying(self, request: Request, *, reason: str, delay: float, cost: int, budget_left: int) -> None:
        """A call will be sent again."""
        event = Retry(
            **_of_call(request),
            attempt=request.context.sends,
            reason=reason,
            delay=delay,
            cost=cost,
            budget_left=budget_left,
        )
        self._tell("on_retry", event)

    def retry_refused(self, request: Request, *, outcome: str, reason: str) -> None:
        """A failed call is not sent again."""
        attempt = request.context.sends
        self._tell(
            "on_retry_refused",
            RetryRefused(**_of_call(request), attempt=attempt, outcome=outcome, reason=reason),
        )

    def breaker_moved(
        self, family: str, previous: str, state: str, *, failures: int, generation: int
    ) -> None:
        """A breaker changed its state."""
        event = BreakerChange(
            family=family, previous=previous, state=state, failures=failures, generation=generation
        )
        self._tell("on_breaker", event)

    def bucket_waited(self, request: Request, seconds: float) -> None:
        """An attempt waited for its token."""
        self._tell("on_bucket_wait", BucketWait(**_of_call(request), seconds=seconds))

    def bucket_paused(self, family: str, *, seconds: float, waiting: int) -> None:
        """A throttled answer paused a bucket."""
        self._tell("on_bucket_pause", BucketPause(family=family, seconds=seconds, waiting=waiting))

    def cache_hit(self, request: Request) -> None:
        """The cache answered."""
        self._tell("on_cache_hit", CacheHit(**_of_call(request)))

    def items_left_out(self, request: Request, problems: Sequence[ItemProblem]) -> None:
        """Items of a page could not be read."""
        for problem in problems:
            event = DecodeProblem(
                **_of_call(request),
                index=problem.index,
                item_id=problem.id,
                json_path=problem.path,
                message=problem.message,
            )
            self._tell("on_decode_problem", event)

    def pass_failed(self, helper: str, error: str, failures: int) -> None:
        """A pass of a lifecycle helper failed."""
        self._tell("on_pass_failure", PassFailure(helper=helper, error=error, failures=failures))

    def _tell(self, method: str, event: object) -> None:
        for hook in self._hooks:
            try:
                getattr(hook, method)(event)
            except Exception as error:  # noqa: BLE001 - a hook must never change a call; it is reported
                self._report(hook, method, error)

    def _report(self, hook: Hooks, method: str, error: Exception) -> None:
        key = (id(hook), method, type(error))
        with self._lock:
            is_new = key not in self._reported
            self._reported.add(key)
        if is_new:
            log(
                _LOGGER,
                logging.WARNING,
                "hook %(hook)s.%(method)s raised %(error)s; it is not reported again",
                hook=type(hook).__name__,
                method=method,
                error=type(error).__name__,
            )


def _of_call(request: Request) -> _OfCall:
    return {
        "correlation_id": request.context.correlation_id,
        "operation": request.operation,
        "family": request.family,
        "method": request.method,
        "path": path_of(request),
    }


def _of_attempt(request: Request, attempt: int) -> _OfAttempt:
    return {
        **_of_call(request),
        "attempt": attempt,
        "host": host_of(request),
        "query_keys": query_keys_of(request),
        "bytes_out": len(request.body or b""),
    }
