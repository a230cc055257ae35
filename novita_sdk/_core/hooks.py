"""Hooks: what a client tells its user's code about calls, attempts, retries, breaker, bucket and cache."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class CallEvent:
    """What every event of a call carries. No event holds a secret, a body or a query value.

    Attributes:
        correlation_id: Equal on all events of the call.
        operation: Name in the operation table.
        family: `public`, `internal` or `gateway`.
        method: HTTP method.
        path: Path template of the operation.
    """

    correlation_id: str
    operation: str
    family: str
    method: str
    path: str


@attrs.frozen(kw_only=True)
class CallStart(CallEvent):
    """A call begins; exactly one `CallEnd` follows."""


@attrs.frozen(kw_only=True)
class CallEnd(CallEvent):
    """A call ended: `error` is the code of what it raised, or None.

    Attributes:
        error: `code` of the error, the class name of a foreign exception, or None.
        attempts: Requests sent for the call, look-ups excluded.
        elapsed: Seconds from entry to end.
        cached: Whether the cache answered.
        settled: Whether the outcome was read back.
        resource_id: The resource concerned, where known.
    """

    error: str | None
    attempts: int
    elapsed: float
    cached: bool
    settled: bool
    resource_id: str | None


@attrs.frozen(kw_only=True)
class AttemptStart(CallEvent):
    """One request goes out.

    Attributes:
        attempt: Number of the attempt, from 1.
        host: Host and port it goes to.
        query_keys: Names of the query parameters.
        bytes_out: Size of the body.
    """

    attempt: int
    host: str
    query_keys: tuple[str, ...]
    bytes_out: int


@attrs.frozen(kw_only=True)
class AttemptEnd(AttemptStart):
    """One request ended: with a status, or with the outcome of an exception.

    Attributes:
        outcome: `answered`, or the class name of the exception.
        status: HTTP status, or None.
        elapsed: Seconds on the wire, waiting excluded.
        bytes_in: Size of the answer.
        waited_bucket: Seconds the attempt waited for its token.
    """

    outcome: str
    status: int | None
    elapsed: float
    bytes_in: int
    waited_bucket: float


@attrs.frozen(kw_only=True)
class Retry(CallEvent):
    """The call will be sent again after `delay` seconds.

    Attributes:
        attempt: Number of the attempt that failed.
        reason: Outcome that asks for the retry.
        delay: Seconds until the next attempt.
        cost: Units taken from the retry budget.
        budget_left: Units left in it.
    """

    attempt: int
    reason: str
    delay: float
    cost: int
    budget_left: int


@attrs.frozen(kw_only=True)
class RetryRefused(CallEvent):
    """A failed call is not sent again.

    Attributes:
        attempt: Number of the attempt that failed.
        outcome: What it ended in.
        reason: attempts, class, retry_after, deadline, circuit_open or budget.
    """

    attempt: int
    outcome: str
    reason: str


@attrs.frozen(kw_only=True)
class BreakerChange:
    """The breaker of a family moved.

    Attributes:
        family: Whose breaker.
        previous: State before: closed, open or half_open.
        state: State now.
        failures: Failures counted in a row.
        generation: Number of the new state.
    """

    family: str
    previous: str
    state: str
    failures: int
    generation: int


@attrs.frozen(kw_only=True)
class BucketWait(CallEvent):
    """An attempt had to wait for its token.

    Attributes:
        seconds: How long.
    """

    seconds: float


@attrs.frozen(kw_only=True)
class BucketPause:
    """A throttled answer stopped all requests of a family for a while.

    Attributes:
        family: Whose bucket.
        seconds: How long nothing is sent.
        waiting: How many attempts wait.
    """

    family: str
    seconds: float
    waiting: int


@attrs.frozen(kw_only=True)
class CacheHit(CallEvent):
    """The cache answered instead of the service."""


@attrs.frozen(kw_only=True)
class DecodeProblem(CallEvent):
    """One odd item of a list was left out of its page.

    Attributes:
        index: Place in the page, from 0.
        item_id: Its id, if that could be read.
        json_path: Where the trouble is.
        message: What it is.
    """

    index: int
    item_id: str | None
    json_path: str
    message: str


@attrs.frozen(kw_only=True)
class PassFailure:
    """A pass of a lifecycle helper failed; the next one happens nevertheless.

    Attributes:
        helper: The helper, such as `AutoStop`.
        error: `code` of the error, or the class name of a foreign exception.
        failures: Failed passes in a row.
    """

    helper: str
    error: str
    failures: int


class Hooks:
    """Subclass and override what interests you; give an instance as `Novita(hooks=[...])`.

    The methods are plain functions in both colours and run on the calling thread or task: keep them short. An
    exception in one is logged once for each kind of exception and changes nothing else. `on_call_end` always
    follows `on_call_start`, cancellation included.

    Example:
        >>> class Count(Hooks):
        ...     calls = 0
        ...     def on_call_end(self, event: CallEnd) -> None:
        ...         self.calls += 1
    """

    def on_call_start(self, event: CallStart) -> None:
        """A call begins."""

    def on_call_end(self, event: CallEnd) -> None:
        """A call ended."""

    def on_attempt_start(self, event: AttemptStart) -> None:
        """A request goes out."""

    def on_attempt_end(self, event: AttemptEnd) -> None:
        """A request ended."""

    def on_retry(self, event: Retry) -> None:
        """A call will be sent again."""

    def on_retry_refused(self, event: RetryRefused) -> None:
        """A failed call is not sent again."""

    def on_breaker(self, event: BreakerChange) -> None:
        """A breaker moved."""

    def on_bucket_wait(self, event: BucketWait) -> None:
        """An attempt waited for its token."""

    def on_bucket_pause(self, event: BucketPause) -> None:
        """A throttled answer paused a bucket."""

    def on_cache_hit(self, event: CacheHit) -> None:
        """The cache answered."""

    def on_decode_problem(self, event: DecodeProblem) -> None:
        """An odd item was left out of a page."""

    def on_pass_failure(self, event: PassFailure) -> None:
        """A pass of a lifecycle helper failed."""
