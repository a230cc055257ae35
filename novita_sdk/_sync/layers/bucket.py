# Generated from novita_sdk/_async/layers/bucket.py by tools/unasync.py; edit the source.
"""Layer 8: the token bucket, first come, first served."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Event, Lock, SystemClock
from novita_sdk._core.answers import outcome_of, retry_after_of
from novita_sdk._core.http import Request, Response
from novita_sdk._core.observer import Observer
from novita_sdk._core.outcome import Outcome
from novita_sdk._core.ratelimit import Lane, TokenBucket, Waiter, WaiterState
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import CircuitOpenError, ClientClosedError, RateLimitQueueError
from novita_sdk.options import RateLimit

if TYPE_CHECKING:
    from novita_sdk._core.stats import BucketStats


class TokenBucketMiddleware:
    """Lets at most `limit` requests through in any 60 seconds, in order of arrival.

    User calls go before polls, yet polls are never starved. A throttled answer pauses everybody. Usable alone
    around any `call_next`, and in a client as `rate_limits={"public": TokenBucketMiddleware(policy)}`.

    Args:
        policy: How many requests, and how many of them at once.
        clock: Where the time comes from; the system's by default.

    Raises:
        RateLimitQueueError: On a call whose turn would come after its deadline. Nothing was sent.
        ClientClosedError: The client was closed while the call waited.
    """

    def __init__(self, policy: RateLimit | None = None, *, clock: Clock | None = None) -> None:
        self.policy = policy or RateLimit()
        self._clock = clock or SystemClock()
        self._lock = Lock()
        self._bucket = TokenBucket(self.policy, self._clock.monotonic())
        self._bells: dict[Waiter, Event] = {}  # what wakes each waiter; guarded by the lock
        self._family = "public"
        self._observer: Observer | None = None
        self._closed = False

    def attach(self, family: str, clock: Clock, observer: Observer) -> None:
        """Join the client of `family`: its clock and its observer are used from now on."""
        if clock is not self._clock:
            self._clock = clock
            self._bucket = TokenBucket(self.policy, clock.monotonic())
        self._family, self._observer = family, observer

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        """Send `request` on with a token."""
        waiter = self._take(request)
        sends = request.context.sends
        try:
            response = call_next(request)
        except CircuitOpenError:
            if request.context.sends == sends:
                self._give_back(waiter)  # the breaker opened while the call waited: nothing was sent
            raise
        if response.status >= 400:
            self._notice(response)
        return response

    def pause(self, seconds: float) -> None:
        """Let nothing through for `seconds`, at least 1 and at most 60, because the service asked for it."""
        now = self._clock.monotonic()
        with self._lock:
            before = self._bucket.snapshot(now).paused_for
            for waiter in self._bucket.pause(now, seconds):
                self._bells[waiter].set()
            self._wake_head()
            seen = self._bucket.snapshot(now)
        if self._observer is not None and seen.paused_for > before:
            waiting = seen.waiting_user + seen.waiting_poll
            self._observer.bucket_paused(self._family, seconds=seen.paused_for, waiting=waiting)

    def close(self) -> None:
        """Send everybody who waits home with `ClientClosedError`."""
        with self._lock:
            self._closed = True
            for bell in self._bells.values():
                bell.set()

    def stats(self) -> BucketStats:
        """Return its state and counters."""
        from novita_sdk._core.stats import BucketStats  # noqa: PLC0415 - a first call needs none of it

        with self._lock:
            seen = self._bucket.snapshot(self._clock.monotonic())
        return BucketStats(
            limit=seen.limit,
            burst=seen.burst,
            granted=seen.granted,
            available=seen.available,
            waiting_user=seen.waiting_user,
            waiting_poll=seen.waiting_poll,
            waited_total=seen.waited_total,
            paused_for=seen.paused_for,
        )

    def _take(self, request: Request) -> Waiter:
        context = request.context
        arrived = self._clock.monotonic()
        lane = Lane.POLL if context.options.priority == "poll" else Lane.USER
        with self._lock:
            waiter = self._bucket.arrive(arrived, lane, context.deadline.at)
            queued = waiter.state is WaiterState.WAITING
            if queued:
                self._bells[waiter] = Event()
        if queued:
            self._wait_for_turn(waiter)
            context.waited_bucket = self._clock.monotonic() - arrived
            if self._observer is not None:
                self._observer.bucket_waited(request, context.waited_bucket)
        if waiter.state is not WaiterState.GRANTED:
            raise RateLimitQueueError(
                f"the token bucket of {self._family} has a free place in {waiter.expected_wait:.1f} s only,"
                " after the call's deadline",
                expected_wait=waiter.expected_wait,
                retry_after=waiter.expected_wait,
            )
        return waiter

    def _wait_for_turn(self, waiter: Waiter) -> None:
        try:
            while waiter.state is WaiterState.WAITING:
                bell, patience = self._prepare(waiter)
                if patience > 0:
                    self._clock.wait(bell, None if patience == math.inf else patience)
        except BaseException:
            with self._lock:
                self._bucket.leave(waiter, self._clock.monotonic())
            raise
        finally:
            with self._lock:
                self._bells.pop(waiter, None)
                self._wake_head()

    def _prepare(self, waiter: Waiter) -> tuple[Event, float]:
        """Hand out what is due; return what wakes `waiter`, and after how many seconds it looks by itself."""
        now = self._clock.monotonic()
        with self._lock:
            if self._closed:
                raise ClientClosedError("the client was closed while the call waited for its token")
            for lucky in self._bucket.advance(now):
                self._bells[lucky].set()
            due = math.inf if waiter.deadline is None else waiter.deadline / 1e9
            if due <= now:
                self._bucket.leave(waiter, now)  # its time is up, wherever it stands
            if waiter.state is not WaiterState.WAITING:
                return self._bells[waiter], 0.0
            bell = self._bells[waiter] = Event()
            if self._bucket.head() is waiter:
                due = min(due, self._bucket.next_at(now) or now)
            return bell, due - now

    def _wake_head(self) -> None:
        head = self._bucket.head()
        if head is not None and head in self._bells:
            self._bells[head].set()

    def _give_back(self, waiter: Waiter) -> None:
        with self._lock:
            self._bucket.give_back(waiter, self._clock.monotonic())
            self._wake_head()

    def _notice(self, response: Response) -> None:
        if outcome_of(response) is Outcome.THROTTLED:
            self.pause(retry_after_of(response.headers, self._clock.time()) or 0.0)

    def __str__(self) -> str:
        bucket = self._bucket
        return f"token bucket: {bucket.limit} requests in 60 s, {bucket.burst} at once"
