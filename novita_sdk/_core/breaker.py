"""The circuit breaker: after several failures in a row nothing is sent for a while, then single probes."""

from __future__ import annotations

import math
from enum import Enum, StrEnum

import attrs

from novita_sdk.options import BreakerPolicy

# Used when attempts have no total limit of their own, so that a prober that died still makes room.
_LEASE_WITHOUT_LIMIT = 60.0
# A caller refused because another one probes need not wait out the whole lease: most probes end sooner.
_ASK_AGAIN = 1.0


class State(StrEnum):
    """The three states of a breaker."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Signal(Enum):
    """What the outcome of an attempt tells about the health of the service."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"


@attrs.frozen
class Transition:
    """A change of state, for the log and the hooks.

    Attributes:
        from_state: The state before.
        to_state: The state after.
        failures: Failures in a row that had been counted.
        generation: The number of this transition.
    """

    from_state: State
    to_state: State
    failures: int
    generation: int


@attrs.frozen
class Permit:
    """Leave to make one attempt; its holder reports the outcome with it.

    Attributes:
        generation: The generation it was given in. A report counts only while that lasts.
        probe: The number of the probe lease, None while the breaker is closed.
        transition: The opening of the half-open state, if asking for this permit caused it.
    """

    generation: int
    probe: int | None = None
    transition: Transition | None = None


@attrs.frozen
class Refusal:
    """No leave to send.

    Attributes:
        state: `OPEN`, or `HALF_OPEN` while another caller probes.
        retry_after: Seconds after which to ask again.
        retry_at: The same as a monotonic instant.
    """

    state: State
    retry_after: float
    retry_at: float


@attrs.frozen(kw_only=True)
class Snapshot:
    """The state of a breaker at one moment; all instants are monotonic seconds.

    Attributes:
        state: The state that was last entered.
        failures: Failures in a row while closed.
        successes: Successful probes while half-open.
        generation: Transitions so far.
        retry_after: Seconds after which a caller may ask again, 0 if one would be admitted now.
        opened: How often the breaker has opened.
        opened_at: When it last opened.
        last_failure_at: When the last failure that counted was reported.
        stale: Reports dropped because their permit was no longer good.
    """

    state: State
    failures: int
    successes: int
    generation: int
    retry_after: float
    opened: int
    opened_at: float | None
    last_failure_at: float | None
    stale: int


def probe_lease(attempt_limit: float | None, policy: BreakerPolicy) -> float:
    """Return how long a probe may stay unreported, in seconds, before another caller may probe.

    Args:
        attempt_limit: The longest an attempt can take, or None if it has no limit.
        policy: Its `probe_grace` is added.
    """
    return (_LEASE_WITHOUT_LIMIT if attempt_limit is None else attempt_limit) + policy.probe_grace


class Breaker:
    """One circuit, counting attempts. It does no locking of its own and reads no clock.

    Args:
        policy: After how many failures it opens, for how long, and how many probes close it.
    """

    __slots__ = (
        "_failures",
        "_generation",
        "_last_failure_at",
        "_leases",
        "_opened",
        "_opened_at",
        "_permit",
        "_policy",
        "_probe",
        "_probe_until",
        "_retry_at",
        "_stale",
        "_state",
        "_successes",
    )

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self._state = State.CLOSED
        self._generation = 0
        self._failures = 0
        self._successes = 0
        self._opened = 0
        self._opened_at: float | None = None
        self._retry_at = 0.0
        self._last_failure_at: float | None = None
        self._stale = 0
        self._leases = 0
        self._probe: int | None = None
        self._probe_until = 0.0
        self._permit = Permit(0)  # shared by all attempts of a closed generation: they need no telling apart

    def peek(self, now: float) -> Refusal | None:
        """Tell whether an attempt would be refused at `now`, without taking a permit or changing anything."""
        if self._state is State.CLOSED:
            return None
        if self._state is State.OPEN:
            retry_at = self._retry_at
        elif self._probe_alive(now):
            retry_at = min(now + _ASK_AGAIN, self._probe_until)
        else:
            return None
        if now >= retry_at:
            return None
        retry_after = retry_at - now
        while (
            now + retry_after < retry_at
        ):  # the subtraction was rounded down: a sleeper would come too early
            retry_after = math.nextafter(retry_after, math.inf)
        return Refusal(self._state, retry_after, retry_at)

    def acquire(self, now: float, lease: float) -> Permit | Refusal:
        """Ask for leave to make one attempt.

        Args:
            now: Monotonic seconds.
            lease: How long a probe blocks the others if it is never reported, in seconds (`probe_lease`).

        Returns:
            A permit, to be handed to `report` whatever comes of the attempt, or a refusal.
        """
        refusal = self.peek(now)
        if refusal is not None:
            return refusal
        if self._state is State.CLOSED:
            return self._permit
        transition = None
        if self._state is State.OPEN:
            transition = self._enter(State.HALF_OPEN, now)
        self._leases += 1
        self._probe = self._leases
        self._probe_until = now + lease
        return Permit(self._generation, self._probe, transition)

    def report(self, permit: Permit, signal: Signal, now: float) -> Transition | None:
        """Book the outcome of an attempt.

        A report with an outdated permit is counted as stale and changes nothing else: an attempt begun before
        the last transition says nothing about the service now.

        Args:
            permit: What `acquire` gave.
            signal: What the outcome tells.
            now: Monotonic seconds.

        Returns:
            The transition this caused, if any.
        """
        half_open = self._state is State.HALF_OPEN
        if permit.generation != self._generation or (
            half_open and not (permit.probe == self._probe and self._probe_alive(now))
        ):
            self._stale += 1
            return None
        self._probe = None
        if signal is Signal.NEUTRAL:
            return None
        if signal is Signal.FAILURE:
            self._last_failure_at = now
            if half_open:
                return self._enter(State.OPEN, now)
            self._failures += 1
            return self._enter(State.OPEN, now) if self._failures >= self._policy.failure_threshold else None
        if not half_open:
            self._failures = 0
            return None
        self._successes += 1
        return self._enter(State.CLOSED, now) if self._successes >= self._policy.success_threshold else None

    def reset(self, now: float) -> Transition | None:
        """Close the circuit by hand; return the transition, or None if it was closed already."""
        if self._state is State.CLOSED:
            self._failures = 0
            return None
        return self._enter(State.CLOSED, now)

    def snapshot(self, now: float) -> Snapshot:
        """Return the state at `now`."""
        refusal = self.peek(now)
        return Snapshot(
            state=self._state,
            failures=self._failures,
            successes=self._successes,
            generation=self._generation,
            retry_after=0.0 if refusal is None else refusal.retry_after,
            opened=self._opened,
            opened_at=self._opened_at,
            last_failure_at=self._last_failure_at,
            stale=self._stale,
        )

    def _probe_alive(self, now: float) -> bool:
        return self._probe is not None and now < self._probe_until

    def _enter(self, state: State, now: float) -> Transition:
        self._generation += 1
        transition = Transition(self._state, state, self._failures, self._generation)
        self._state = state
        self._successes = 0
        self._probe = None
        if state is State.OPEN:
            self._opened += 1
            self._opened_at = now
            self._retry_at = now + self._policy.open_for
        elif state is State.CLOSED:
            self._failures = 0
            self._permit = Permit(self._generation)
        return transition
