"""What stands before each host that webhooks go to: a circuit breaker, and a limit if the target has one."""

from __future__ import annotations

from typing import Final

from novita_sdk._core.breaker import Breaker, Permit, Refusal, Signal, probe_lease
from novita_sdk._core.ratelimit import Lane, TokenBucket, Waiter, WaiterState
from novita_sdk._core.webhooks.delivery import Failure, Outcome
from novita_sdk.options import BreakerPolicy, RateLimit

_POLICY: Final = BreakerPolicy(failure_threshold=5, open_for=60.0, success_threshold=1)
_TELLS_NOTHING: Final = frozenset({Failure.NAME, Failure.CERTIFICATE, Failure.REFUSED})


def host_breaker() -> Breaker:
    """Make the breaker of a host."""
    return Breaker(_POLICY)


class HostGate:
    """The gate of one host for targets with one limit. It does no locking of its own and reads no clock.

    Args:
        breaker: The breaker of the host, which all its gates share.
        rate_limit: Most requests; None for no limit.
        now: Monotonic seconds.
    """

    def __init__(self, breaker: Breaker, rate_limit: RateLimit | None, now: float) -> None:
        self._breaker = breaker
        self._bucket = None if rate_limit is None else TokenBucket(rate_limit, now)

    def ask(self, now: float, timeout: float) -> Permit | Refusal:
        """Ask for leave to send a message; while the breaker is open, there is none.

        Args:
            now: Monotonic seconds.
            timeout: The limit of one attempt, in seconds.
        """
        return self._breaker.acquire(now, probe_lease(timeout, _POLICY))

    def take_token(self, now: float) -> Waiter | float | None:
        """Take a token for one request.

        Returns:
            The token; seconds until there may be one; None if there is no limit.
        """
        if self._bucket is None:
            return None
        waiter = self._bucket.arrive(now, Lane.USER, None)
        if waiter.state is WaiterState.GRANTED:
            return waiter
        self._bucket.leave(waiter, now)
        return waiter.expected_wait

    def give_back(self, token: Waiter, now: float) -> None:
        """Return a token with which nothing was sent."""
        if self._bucket is not None:
            self._bucket.give_back(token, now)

    def report(self, permit: Permit, outcome: Outcome | None, now: float) -> None:
        """Book what came of an attempt; None if there was none."""
        self._breaker.report(permit, _signal(outcome), now)


def _signal(outcome: Outcome | None) -> Signal:
    if outcome is None or outcome in _TELLS_NOTHING:
        return Signal.NEUTRAL
    if isinstance(outcome, Failure) or outcome >= 500:
        return Signal.FAILURE
    return Signal.NEUTRAL if outcome == 429 else Signal.SUCCESS
