"""One place that counts, logs and tells the hooks; the layers only say what happened."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from novita_sdk._core.described import attempt_fields_of, fields_of
from novita_sdk._core.http import Request, Response
from novita_sdk._core.log_records import log
from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.redact import body_for_log
from novita_sdk._core.tally import FamilyTally
from novita_sdk.errors import NovitaError

if TYPE_CHECKING:
    from novita_sdk._core.breaker import Transition
    from novita_sdk._core.hook_runner import HookRunner
    from novita_sdk._core.hooks import Hooks
    from novita_sdk.models.item_problem import ItemProblem

_HTTP = logging.getLogger("novita_sdk.http")
_RETRY = logging.getLogger("novita_sdk.retry")
_BREAKER = logging.getLogger("novita_sdk.breaker")
_RATELIMIT = logging.getLogger("novita_sdk.ratelimit")
_CACHE = logging.getLogger("novita_sdk.cache")
_DECODE = logging.getLogger("novita_sdk.decode")

_LONG_BUCKET_WAIT = 1.0  # seconds of waiting for a token that are worth an INFO record
_REQUEST_SHOWN, _RESPONSE_SHOWN = 500, 1000  # characters of a body in a DEBUG record
_JOB_PAYLOADS = ("input", "output")  # what the user's own jobs are given and give back


class Observer:
    """Counts, logs and tells hooks; never changes a call.

    Args:
        hooks: The user's hooks, in order.
        lock: A `with` lock for the counters.
        wall: Wall clock in seconds since 1970.
        slow_request: Seconds after which one attempt is worth a warning, or None.
        secrets: Texts that never appear in a record.
    """

    def __init__(
        self,
        *,
        hooks: Sequence[Hooks],
        lock: AbstractContextManager[object],
        wall: Callable[[], float],
        slow_request: float | None,
        secrets: frozenset[str],
    ) -> None:
        self._runner = _runner_for(hooks, lock)
        self._lock = lock
        self._wall = wall
        self._slow_request = slow_request
        self._secrets = secrets
        self._tallies: dict[str, FamilyTally] = {}

    def tally(self, family: str) -> FamilyTally:
        """Return the counters of `family`."""
        found = self._tallies.get(family)
        return self._tallies.setdefault(family, FamilyTally()) if found is None else found

    def snapshot(self, family: str) -> FamilyTally:
        """Return the counters of `family` as they are now, in step with each other."""
        with self._lock:
            return self.tally(family).copy()

    # ------------------------------------------------------------------------------------ calls

    def call_started(self, request: Request) -> None:
        """A call begins."""
        tally = self.tally(request.family)
        with self._lock:
            tally.calls += 1
            tally.in_flight += 1
        if self._runner is not None:
            self._runner.call_started(request)

    def call_ended(self, request: Request, error: BaseException | None, elapsed: float) -> None:
        """A call ended, with `error` or well."""
        context = request.context
        code = None if error is None else _code_of(error)
        tally = self.tally(request.family)
        with self._lock:
            tally.in_flight -= 1
            if error is not None:
                tally.failed_with(error, _code_of(error))
            else:
                tally.succeeded += 1
            if error is None and not context.cached:
                tally.last_success_at = self._wall()
                tally.last_error = None
        level = logging.INFO if error is None and request.safety is not Safety.READ else logging.DEBUG
        if _HTTP.isEnabledFor(level):
            log(
                _HTTP,
                level,
                "%(operation)s ended, attempts: %(attempts)d",
                **fields_of(request),
                attempts=len(context.attempts),
                elapsed_ms=round(elapsed * 1000, 1),
                cached=context.cached,
                settled=context.settled,
                error=code,
                resource_id=context.resource_id,
            )
        if self._runner is not None:
            self._runner.call_ended(request, code, elapsed)

    # --------------------------------------------------------------------------------- attempts

    def attempt_started(self, request: Request, attempt: int) -> None:
        """A request goes out."""
        tally = self.tally(request.family)
        with self._lock:
            tally.attempts += 1
            if attempt > 1:
                tally.retries += 1
        if _HTTP.isEnabledFor(logging.DEBUG):
            log(
                _HTTP,
                logging.DEBUG,
                "%(method)s %(path)s attempt %(attempt)d",
                **attempt_fields_of(request, attempt),
                bucket_ms=round(request.context.waited_bucket * 1000, 1),
                body=self._shown(request, request.body, request.headers.get("Content-Type"), _REQUEST_SHOWN),
            )
        if self._runner is not None:
            self._runner.attempt_started(request, attempt)

    def attempt_ended(
        self,
        request: Request,
        attempt: int,
        response: Response | None,
        error: BaseException | None,
        elapsed: float,
    ) -> None:
        """A request ended."""
        tally = self.tally(request.family)
        with self._lock:
            tally.latency_count += 1
            tally.latency_total += elapsed
            tally.latency_maximum = max(tally.latency_maximum, elapsed)
        outcome = "answered" if error is None else type(error).__name__
        if _HTTP.isEnabledFor(logging.DEBUG):
            self._log_end(request, attempt, response, outcome, elapsed)
        if self._slow_request is not None and elapsed > self._slow_request:
            log(
                _HTTP,
                logging.WARNING,
                "slow attempt of %(operation)s: %(elapsed_ms)d ms",
                **fields_of(request),
                attempt=attempt,
                elapsed_ms=round(elapsed * 1000, 1),
            )
        if self._runner is not None:
            self._runner.attempt_ended(request, attempt, response, outcome, elapsed)

    def _log_end(
        self, request: Request, attempt: int, response: Response | None, outcome: str, elapsed: float
    ) -> None:
        answered: dict[str, object] = {"status": None, "bytes_in": 0}
        if response is not None:
            content_type = response.headers.get("content-type")
            answered = {
                "status": response.status,
                "bytes_in": len(response.body),
                "content_type": content_type,
                "request_id": response.headers.get("x-request-id"),
                "retry_after": response.headers.get("retry-after"),
                "body": self._shown(request, response.body, content_type, _RESPONSE_SHOWN),
            }
        log(
            _HTTP,
            logging.DEBUG,
            "%(method)s %(path)s attempt %(attempt)d: %(outcome)s %(status)s",
            **attempt_fields_of(request, attempt),
            outcome=outcome,
            elapsed_ms=round(elapsed * 1000, 1),
            **answered,
        )

    # ----------------------------------------------------------------------------------- layers

    def retrying(self, request: Request, *, reason: str, delay: float, cost: int, budget_left: int) -> None:
        """The call will be sent again."""
        log(
            _RETRY,
            logging.WARNING,
            "%(operation)s is sent again in %(delay).3f s: %(reason)s",
            **fields_of(request),
            attempt=request.context.sends,
            reason=reason,
            delay=delay,
            cost=cost,
            budget_left=budget_left,
        )
        if self._runner is not None:
            self._runner.retrying(request, reason=reason, delay=delay, cost=cost, budget_left=budget_left)

    def retry_refused(self, request: Request, *, outcome: str, reason: str) -> None:
        """A failed call is not sent again."""
        tally = self.tally(request.family)
        with self._lock:
            tally.retries_refused[reason] = tally.retries_refused.get(reason, 0) + 1
        log(
            _RETRY,
            logging.WARNING if reason == "budget" else logging.DEBUG,
            "%(operation)s is not sent again: %(reason)s",
            **fields_of(request),
            outcome=outcome,
            reason=reason,
        )
        if self._runner is not None:
            self._runner.retry_refused(request, outcome=outcome, reason=reason)

    def breaker_moved(self, family: str, transition: Transition) -> None:
        """A breaker changed its state."""
        previous, state = transition.from_state.value, transition.to_state.value
        log(
            _BREAKER,
            logging.WARNING,
            "breaker of %(family)s: %(previous)s -> %(state)s",
            family=family,
            previous=previous,
            state=state,
            failures=transition.failures,
            generation=transition.generation,
        )
        if self._runner is not None:
            self._runner.breaker_moved(
                family, previous, state, failures=transition.failures, generation=transition.generation
            )

    def bucket_waited(self, request: Request, seconds: float) -> None:
        """An attempt waited for its token."""
        if seconds <= 0:
            return
        if seconds > _LONG_BUCKET_WAIT:
            log(
                _RATELIMIT,
                logging.INFO,
                "%(operation)s waited %(seconds).3f s for its token",
                **fields_of(request),
                seconds=seconds,
            )
        if self._runner is not None:
            self._runner.bucket_waited(request, seconds)

    def bucket_paused(self, family: str, *, seconds: float, waiting: int) -> None:
        """A throttled answer paused a bucket."""
        log(
            _RATELIMIT,
            logging.WARNING,
            "%(family)s is throttled: nothing is sent for %(seconds).3f s",
            family=family,
            seconds=seconds,
            waiting=waiting,
        )
        if self._runner is not None:
            self._runner.bucket_paused(family, seconds=seconds, waiting=waiting)

    def cache_hit(self, request: Request) -> None:
        """The cache answered."""
        log(_CACHE, logging.DEBUG, "%(operation)s was answered by the cache", **fields_of(request))
        if self._runner is not None:
            self._runner.cache_hit(request)

    def items_left_out(self, request: Request, problems: Sequence[ItemProblem]) -> None:
        """Items of a page could not be read."""
        log(
            _DECODE,
            logging.WARNING,
            "%(operation)s: items that could not be read: %(count)d; the first: %(first)s",
            **fields_of(request),
            count=len(problems),
            first=f"{problems[0].path}: {problems[0].message}",
        )
        if self._runner is not None:
            self._runner.items_left_out(request, problems)

    def page_parameter_ignored(self, request: Request) -> None:
        """The service answered page 2 with page 1."""
        log(
            _DECODE,
            logging.WARNING,
            "page parameter ignored: %(operation)s answered page 2 with page 1",
            **fields_of(request),
        )

    def pass_failed(self, helper: str, error: Exception, *, failures: int) -> None:
        """A pass of a lifecycle helper failed; its loop writes the log."""
        if self._runner is not None:
            self._runner.pass_failed(helper, _code_of(error), failures)

    def _shown(
        self, request: Request, body: bytes | None, content_type: str | None, limit: int
    ) -> str | None:
        omit = _JOB_PAYLOADS if request.family == "gateway" else ()
        return body_for_log(body, content_type, limit, self._secrets, omit=omit) if body else None


def _runner_for(hooks: Sequence[Hooks], lock: AbstractContextManager[object]) -> HookRunner | None:
    if not hooks:
        return None
    from novita_sdk._core.hook_runner import HookRunner  # noqa: PLC0415 - a dozen event classes

    return HookRunner(hooks, lock)


def _code_of(error: BaseException) -> str:
    return error.code if isinstance(error, NovitaError) else type(error).__name__
