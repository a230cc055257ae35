# Generated from novita_sdk/_async/layers/retry.py by tools/unasync.py; edit the source.
"""Layer 6: failed attempts are made again, within a schedule, a budget and the deadline."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Lock, SystemClock
from novita_sdk._core.answers import outcome_of, retry_after_of
from novita_sdk._core.breaker import Refusal
from novita_sdk._core.budget import RetryBudget
from novita_sdk._core.call_options import retry_policy_for
from novita_sdk._core.http import Request, Response
from novita_sdk._core.observer import Observer
from novita_sdk._core.outcome import Outcome, outcome_of_error
from novita_sdk._core.retry import RetryAfter, Stop, decide
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import NovitaError
from novita_sdk.options import RetryPolicy

if TYPE_CHECKING:
    from novita_sdk._core.stats import BudgetStats


class RetryMiddleware:
    """Sends a failed request again if that is safe, useful and affordable.

    Usable alone around any `call_next`, and in a client as `retry=RetryMiddleware(policy)`. Whether a repeat
    is safe is read from the request's context; without one only `GET` and `HEAD` are.

    Args:
        policy: How often, how long, and what retries cost.
        clock: What it sleeps on; the system's by default.
        rng: Where the jitter comes from; the process's own by default.
    """

    def __init__(
        self,
        policy: RetryPolicy | None = None,
        *,
        clock: Clock | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.policy = policy or RetryPolicy()
        self._clock = clock or SystemClock()
        self._rng = rng
        self._lock = Lock()
        self._budget = RetryBudget(self.policy)
        self._observer: Observer | None = None
        self._circuit: Callable[[], Refusal | None] = _no_circuit
        self._pause: Callable[[float], None] | None = None

    def attach(
        self,
        *,
        clock: Clock,
        rng: random.Random | None,
        observer: Observer,
        circuit: Callable[[], Refusal | None] | None,
        pause: Callable[[float], None] | None,
    ) -> None:
        """Join one family of a client: its clock, randomness and observer are used from now on, and a new budget.

        Args:
            clock: What it sleeps on.
            rng: Where the jitter comes from.
            observer: Who is told.
            circuit: Tells whether the breaker below would refuse now.
            pause: Holds the bucket below while a throttled call waits.
        """
        self._clock, self._observer = clock, observer
        self._rng = rng or self._rng
        self._lock, self._budget = Lock(), RetryBudget(self.policy)
        self._circuit = circuit or _no_circuit
        self._pause = pause

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        """Send `request` on until it succeeds or a rule says stop; the last outcome is returned or raised."""
        policy = retry_policy_for(self.policy, request.context.options)
        ceilings: Iterator[float] | None = None
        paid: int | None = None
        retries = 0
        while True:
            response: Response | None = None
            error: NovitaError | None = None
            try:
                response = call_next(request)
            except NovitaError as caught:
                error = caught
                outcome = outcome_of_error(caught)
            else:
                if response.status < 300:
                    if not request.context.settled:  # what was read back earns nothing
                        with self._lock:
                            self._budget.succeeded(paid)
                    return response
                outcome = outcome_of(response)
            if ceilings is None:
                ceilings = _ceilings(policy)
            decision = self._decide(request, policy, outcome, retries, response, ceilings)
            if isinstance(decision, Stop):
                return self._stopped(request, outcome, decision, response, error)
            self._sleep(request, outcome, decision)
            paid = decision.cost
            retries += 1

    def stats(self) -> BudgetStats:
        """Return what the retry budget holds."""
        from novita_sdk._core.stats import BudgetStats  # noqa: PLC0415 - a first call needs none of it

        with self._lock:
            return BudgetStats(available=self._budget.available, capacity=self._budget.capacity)

    def pay(self, cost: int) -> bool:
        """Take `cost` units for a repeat that another layer decides on; False if there are too few."""
        with self._lock:
            return self._budget.pay(cost)

    def _decide(
        self,
        request: Request,
        policy: RetryPolicy,
        outcome: Outcome,
        retries: int,
        response: Response | None,
        ceilings: Iterator[float],
    ) -> RetryAfter | Stop:
        retry_after = None if response is None else retry_after_of(response.headers, self._clock.time())
        circuit = self._circuit()
        with self._lock:
            return decide(
                policy=policy,
                outcome=outcome,
                safety=request.safety,
                retries=retries,
                retry_after=retry_after,
                ceilings=ceilings,
                jitter=_jitter(policy, self._rng),
                circuit=circuit,
                deadline=request.context.deadline,
                budget=self._budget,
                now=self._clock.monotonic(),
            )

    def _stopped(
        self,
        request: Request,
        outcome: Outcome,
        stop: Stop,
        response: Response | None,
        error: NovitaError | None,
    ) -> Response:
        request.context.retry_stopped = stop.reason
        if self._observer is not None:
            self._observer.retry_refused(request, outcome=outcome.value, reason=stop.reason)
        if error is not None:
            raise error
        assert response is not None  # noqa: S101 - one of the two came
        return response

    def _sleep(self, request: Request, outcome: Outcome, decision: RetryAfter) -> None:
        if self._observer is not None:
            with self._lock:
                left = self._budget.available
            self._observer.retrying(
                request, reason=outcome.value, delay=decision.delay, cost=decision.cost, budget_left=left
            )
        if outcome is Outcome.THROTTLED and self._pause is not None:
            self._pause(decision.delay)
        try:
            self._clock.sleep(decision.delay)
        except BaseException:
            with self._lock:
                self._budget.refund(decision.cost)  # the retry was never made
            raise
        request.context.waited_retry = decision.delay

    def __str__(self) -> str:
        policy = self.policy
        return (
            f"retry: up to {policy.max_retries}, {policy.jitter} jitter, at most {policy.max_delay:g} s apart,"
            f" budget {policy.budget}"
        )


def _no_circuit() -> Refusal | None:
    return None


def _ceilings(policy: RetryPolicy) -> Iterator[float]:
    """Return the longest delay of each retry in turn. `backoff` is loaded at the first retry only."""
    import backoff  # noqa: PLC0415 - it loads asyncio, which most programs never need

    ceilings = backoff.expo(base=policy.base, factor=policy.factor, max_value=policy.max_delay)
    return filter(None, ceilings)  # it opens with a None


def _jitter(policy: RetryPolicy, rng: random.Random | None) -> Callable[[float], float]:
    if callable(policy.jitter):
        return policy.jitter
    if policy.jitter == "none":
        return float
    if rng is not None:
        return lambda ceiling: rng.uniform(0, ceiling)
    import backoff  # noqa: PLC0415 - loaded already by the schedule

    return backoff.full_jitter
