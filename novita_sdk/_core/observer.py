"""One place that counts, logs and tells the hooks; the layers only say what happened."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from novita_sdk._core.context import CallContext
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
    Retry,
    RetryRefused,
)
from novita_sdk._core.http import Request, Response
from novita_sdk._core.redact import body_for_log
from novita_sdk._core.stats import FamilyTally
from novita_sdk.errors import NovitaError

ROOT = logging.getLogger("novita_sdk")
ROOT.addHandler(logging.NullHandler())
_HTTP = logging.getLogger("novita_sdk.http")
_RETRY = logging.getLogger("novita_sdk.retry")
_BREAKER = logging.getLogger("novita_sdk.breaker")
_RATELIMIT = logging.getLogger("novita_sdk.ratelimit")
_DECODE = logging.getLogger("novita_sdk.decode")
_HOOKS = logging.getLogger("novita_sdk.hooks")

_LONG_BUCKET_WAIT = 1.0  # seconds of waiting for a token that are worth an INFO record
_REQUEST_SHOWN, _RESPONSE_SHOWN = 500, 1000  # characters of a body in a DEBUG record


def log(logger: logging.Logger, level: int, message: str, **fields: object) -> None:
    """Write one record whose fields also stand in `record.novita`."""
    if logger.isEnabledFor(level):
        logger.log(level, message, fields, extra={"novita": fields})


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
        self._hooks = tuple(hooks)
        self._lock = lock
        self._wall = wall
        self._slow_request = slow_request
        self._secrets = secrets
        self._reported: set[tuple[int, str, type[Exception]]] = set()
        self._tallies: dict[str, FamilyTally] = {}

    def tally(self, family: str) -> FamilyTally:
        """Return the counters of `family`."""
        found = self._tallies.get(family)
        return self._tallies.setdefault(family, FamilyTally()) if found is None else found

    # ------------------------------------------------------------------------------------ calls

    def call_started(self, request: Request) -> None:
        """A call begins."""
        tally = self.tally(request.family)
        with self._lock:
            tally.calls += 1
            tally.in_flight += 1
        if self._hooks:
            self._tell("on_call_start", CallStart(**_of_call(request)))

    def call_ended(self, request: Request, error: BaseException | None, elapsed: float) -> None:
        """A call ended, with `error` or well."""
        context = request.context
        code = _code_of(error)
        tally = self.tally(request.family)
        with self._lock:
            tally.in_flight -= 1
            if code is None:
                tally.succeeded += 1
                tally.last_success_at = self._wall()
                tally.last_error = None
            else:
                tally.failed[code] = tally.failed.get(code, 0) + 1
                tally.last_error = code
        level = logging.INFO if code is None and _writes(context) else logging.DEBUG
        if _HTTP.isEnabledFor(level):
            log(
                _HTTP,
                level,
                "%(operation)s ended after %(attempts)d attempts",
                **_of_call(request),
                attempts=len(context.attempts),
                elapsed_ms=round(elapsed * 1000, 1),
                cached=context.cached,
                settled=context.settled,
                error=code,
                resource_id=context.resource_id,
            )
        if self._hooks:
            self._tell(
                "on_call_end",
                CallEnd(
                    **_of_call(request),
                    error=code,
                    attempts=len(context.attempts),
                    elapsed=elapsed,
                    cached=context.cached,
                    settled=context.settled,
                    resource_id=context.resource_id,
                ),
            )

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
                **_of_attempt(request, attempt),
                correlation_id=request.context.correlation_id,
                bucket_ms=round(request.context.waited_bucket * 1000, 1),
                body=self._shown(request.body, request, _REQUEST_SHOWN),
            )
        if self._hooks:
            self._tell("on_attempt_start", AttemptStart(**_of_call(request), **_sizes(request, attempt)))

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
        status = None if response is None else response.status
        outcome = "answered" if error is None else type(error).__name__
        if _HTTP.isEnabledFor(logging.DEBUG):
            log(
                _HTTP,
                logging.DEBUG,
                "%(method)s %(path)s attempt %(attempt)d: %(outcome)s %(status)s",
                **_of_attempt(request, attempt),
                correlation_id=request.context.correlation_id,
                outcome=outcome,
                status=status,
                elapsed_ms=round(elapsed * 1000, 1),
                bytes_in=0 if response is None else len(response.body),
                content_type=None if response is None else response.headers.get("content-type"),
                request_id=None if response is None else response.headers.get("x-request-id"),
                retry_after=None if response is None else response.headers.get("retry-after"),
                body=None
                if response is None
                else self._shown(response.body, request, _RESPONSE_SHOWN, response),
            )
        if self._slow_request is not None and elapsed > self._slow_request:
            log(
                _HTTP,
                logging.WARNING,
                "slow attempt of %(operation)s: %(elapsed_ms)d ms",
                **_of_call(request),
                attempt=attempt,
                elapsed_ms=round(elapsed * 1000, 1),
            )
        if self._hooks:
            self._tell(
                "on_attempt_end",
                AttemptEnd(
                    **_of_call(request),
                    **_sizes(request, attempt),
                    outcome=outcome,
                    status=status,
                    elapsed=elapsed,
                    bytes_in=0 if response is None else len(response.body),
                    waited_bucket=request.context.waited_bucket,
                ),
            )

    # ----------------------------------------------------------------------------------- layers

    def retrying(self, request: Request, *, reason: str, delay: float, cost: int, budget_left: int) -> None:
        """The call will be sent again."""
        attempt = request.context.sends
        log(
            _RETRY,
            logging.WARNING,
            "%(operation)s is sent again in %(delay).3f s: %(reason)s",
            **_of_call(request),
            attempt=attempt,
            reason=reason,
            delay=delay,
            cost=cost,
            budget_left=budget_left,
        )
        if self._hooks:
            self._tell(
                "on_retry",
                Retry(
                    **_of_call(request),
                    attempt=attempt,
                    reason=reason,
                    delay=delay,
                    cost=cost,
                    budget_left=budget_left,
                ),
            )

    def retry_refused(self, request: Request, *, outcome: str, reason: str) -> None:
        """A failed call is not sent again."""
        tally = self.tally(request.family)
        with self._lock:
            tally.retries_refused[reason] = tally.retries_refused.get(reason, 0) + 1
        log(
            _RETRY,
            logging.WARNING if reason == "budget" else logging.DEBUG,
            "%(operation)s is not sent again: %(reason)s",
            **_of_call(request),
            outcome=outcome,
            reason=reason,
        )
        if self._hooks:
            event = RetryRefused(
                **_of_call(request), attempt=request.context.sends, outcome=outcome, reason=reason
            )
            self._tell("on_retry_refused", event)

    def breaker_moved(self, change: BreakerChange) -> None:
        """A breaker changed its state."""
        log(
            _BREAKER,
            logging.WARNING,
            "breaker of %(family)s: %(previous)s -> %(state)s",
            family=change.family,
            previous=change.previous,
            state=change.state,
            failures=change.failures,
            generation=change.generation,
        )
        self._tell("on_breaker", change)

    def bucket_waited(self, request: Request, seconds: float) -> None:
        """An attempt waited for its token."""
        tally = self.tally(request.family)
        with self._lock:
            tally.waited_total += seconds
        if seconds > _LONG_BUCKET_WAIT:
            log(
                _RATELIMIT,
                logging.INFO,
                "%(operation)s waited %(seconds).3f s for its token",
                **_of_call(request),
                seconds=seconds,
            )
        if self._hooks:
            self._tell("on_bucket_wait", BucketWait(**_of_call(request), seconds=seconds))

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
        if self._hooks:
            self._tell("on_bucket_pause", BucketPause(family=family, seconds=seconds, waiting=waiting))

    def cache_hit(self, request: Request) -> None:
        """The cache answered."""
        if self._hooks:
            self._tell("on_cache_hit", CacheHit(**_of_call(request)))

    def items_left_out(self, request: Request, problems: Sequence[DecodeProblem]) -> None:
        """Items of a page could not be read."""
        log(
            _DECODE,
            logging.WARNING,
            "%(count)d items of %(operation)s could not be read; the first: %(first)s",
            **_of_call(request),
            count=len(problems),
            first=f"{problems[0].json_path}: {problems[0].message}",
        )
        for problem in problems:
            self._tell("on_decode_problem", problem)

    def page_parameter_ignored(self, request: Request) -> None:
        """The service answered page 2 with page 1."""
        log(
            _DECODE,
            logging.WARNING,
            "page parameter ignored: %(operation)s answered page 2 with page 1",
            **_of_call(request),
        )

    # ----------------------------------------------------------------------------------- inside

    def _tell(self, method: str, event: object) -> None:
        for hook in self._hooks:
            try:
                getattr(hook, method)(event)
            except Exception as error:  # noqa: BLE001 - a hook must never change a call; it is reported
                key = (id(hook), method, type(error))
                if key not in self._reported:
                    self._reported.add(key)
                    log(
                        _HOOKS,
                        logging.WARNING,
                        "hook %(hook)s.%(method)s raised %(error)s; it is not reported again",
                        hook=type(hook).__name__,
                        method=method,
                        error=type(error).__name__,
                    )

    def _shown(
        self, body: bytes | None, request: Request, limit: int, response: Response | None = None
    ) -> str | None:
        if not body:
            return None
        headers: Mapping[str, str] = request.headers if response is None else response.headers
        content_type = next(
            (value for name, value in headers.items() if name.lower() == "content-type"), None
        )
        return body_for_log(body, content_type, limit, self._secrets)


def _code_of(error: BaseException | None) -> str | None:
    if error is None:
        return None
    return error.code if isinstance(error, NovitaError) else type(error).__name__


def _writes(context: CallContext) -> bool:
    return context.operation is not None and context.operation.method != "GET"


def _path(request: Request) -> str:
    operation = request.context.operation
    return "" if operation is None else operation.path


def _of_call(request: Request) -> dict[str, str]:
    return {
        "correlation_id": request.context.correlation_id,
        "operation": request.operation,
        "family": request.family,
        "method": request.method,
        "path": _path(request),
    }


def _sizes(request: Request, attempt: int) -> dict[str, object]:
    host = request.url.split("/", 3)[2] if request.url.count("/") > 1 else request.url
    query = request.url.partition("?")[2]
    return {
        "attempt": attempt,
        "host": host.rpartition("@")[2],
        "query_keys": tuple(pair.partition("=")[0] for pair in query.split("&") if pair),
        "bytes_out": len(request.body or b""),
    }


def _of_attempt(request: Request, attempt: int) -> dict[str, object]:
    of_call: dict[str, object] = {**_of_call(request), **_sizes(request, attempt)}
    del of_call["correlation_id"]
    return of_call
