# Generated from novita_sdk/_async/layers/breaker.py by tools/unasync.py; edit the source.
"""Layers 7 and 9: the circuit breaker, asked before the queue and again after it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Lock, SystemClock
from novita_sdk._core.answers import outcome_of
from novita_sdk._core.breaker import Breaker, Permit, Refusal, Signal, Transition, probe_lease
from novita_sdk._core.context import CallContext
from novita_sdk._core.http import Request, Response
from novita_sdk._core.observer import Observer
from novita_sdk._core.outcome import OUTCOMES, outcome_of_error
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import CircuitOpenError, NovitaError
from novita_sdk.options import BreakerPolicy

if TYPE_CHECKING:
    from novita_sdk._core.stats import BreakerStats


class BreakerMiddleware:
    """Stops sending to a family that keeps failing, and probes it with one request at a time.

    Usable alone around any `call_next`, and in a client as `breakers={"public": BreakerMiddleware(policy)}`.

    Args:
        policy: When it opens, for how long, and what closes it.
        clock: Where the time comes from; the system's by default.

    Raises:
        CircuitOpenError: On a call while it is open. Nothing was sent.
    """

    def __init__(self, policy: BreakerPolicy | None = None, *, clock: Clock | None = None) -> None:
        self.policy = policy or BreakerPolicy()
        self._clock = clock or SystemClock()
        self._lock = Lock()
        self._breaker = Breaker(self.policy)
        self._family = "public"
        self._observer: Observer | None = None

    def attach(self, family: str, clock: Clock, observer: Observer) -> None:
        """Join the client of `family`: its clock and its observer are used from now on."""
        self._family, self._clock, self._observer = family, clock, observer

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        """Send `request` on with a permit, and book what came of it."""
        lease = probe_lease(request.timeouts.attempt, self.policy)
        with self._lock:
            permit = self._breaker.acquire(self._clock.monotonic(), lease)
        if isinstance(permit, Refusal):
            raise self.refused(permit)
        self._tell(permit.transition)
        signal = Signal.NEUTRAL
        try:
            response = call_next(request)
            signal = _signal_of(response)
        except NovitaError as error:
            signal = OUTCOMES[outcome_of_error(error)].signal
            raise
        finally:
            self._report(permit, signal)
        return response

    def refusal(self) -> Refusal | None:
        """Return why nothing can be sent now, or None; takes no permit."""
        with self._lock:
            return self._breaker.peek(self._clock.monotonic())

    def reset(self) -> None:
        """Close the breaker by hand."""
        with self._lock:
            transition = self._breaker.reset(self._clock.monotonic())
        self._tell(transition)

    def refused(self, refusal: Refusal) -> CircuitOpenError:
        """Return the error for `refusal`."""
        return CircuitOpenError(
            f"the breaker of {self._family} is {refusal.state.value}: it lets a request through"
            f" in {refusal.retry_after:.1f} s",
            retry_after=refusal.retry_after,
            retry_at=datetime.fromtimestamp(self._clock.time() + refusal.retry_after, UTC),
        )

    def stats(self) -> BreakerStats:
        """Return its state and counters."""
        from novita_sdk._core.stats import BreakerStats  # noqa: PLC0415 - a first call needs none of it

        now = self._clock.monotonic()
        with self._lock:
            seen = self._breaker.snapshot(now)
        wall = self._clock.time() - now
        return BreakerStats(
            state=seen.state.value,
            failures=seen.failures,
            successes=seen.successes,
            generation=seen.generation,
            retry_after=seen.retry_after,
            opened=seen.opened,
            opened_at=None if seen.opened_at is None else seen.opened_at + wall,
            last_failure_at=None if seen.last_failure_at is None else seen.last_failure_at + wall,
            stale=seen.stale,
        )

    def _report(self, permit: Permit, signal: Signal) -> None:
        with self._lock:
            transition = self._breaker.report(permit, signal, self._clock.monotonic())
        self._tell(transition)

    def _tell(self, transition: Transition | None) -> None:
        if transition is not None and self._observer is not None:
            self._observer.breaker_moved(self._family, transition)

    def __str__(self) -> str:
        policy = self.policy
        return (
            f"breaker: opens after {policy.failure_threshold} failures for {policy.open_for:g} s,"
            f" {policy.success_threshold} successes close it"
        )


class BreakerGate:
    """Refuses a request while the breaker is open, before it takes a token. Takes no permit.

    Args:
        breaker: The breaker asked.
        clock: What a call that agreed to wait for the breaker sleeps on.
    """

    def __init__(self, breaker: BreakerMiddleware, clock: Clock) -> None:
        self._breaker = breaker
        self._clock = clock

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        """Pass `request` on unless the breaker is open."""
        while True:
            try:
                refusal = self._breaker.refusal()
                if refusal is not None:
                    raise self._breaker.refused(refusal)
                return call_next(request)
            except CircuitOpenError as error:
                pause = error.retry_after
                if pause is None or not self._may_wait(request.context, pause):
                    raise
            self._clock.sleep(pause)

    def _may_wait(self, context: CallContext, seconds: float) -> bool:
        """Tell whether a call that has sent nothing yet agreed to wait, and has the time."""
        patient = context.options.wait_for_circuit is True and not context.sends
        return patient and seconds < context.deadline.left(self._clock.monotonic())

    def __str__(self) -> str:
        return "gate of the breaker below: a peek that takes no permit"


def _signal_of(response: Response) -> Signal:
    return Signal.SUCCESS if response.status < 300 else OUTCOMES[outcome_of(response)].signal
