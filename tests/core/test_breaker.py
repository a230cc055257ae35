"""The circuit breaker."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from novita_sdk._core.breaker import Breaker, Permit, Refusal, Signal, State, Transition, probe_lease
from novita_sdk.options import BreakerPolicy

LEASE = 65.0


def admit(breaker: Breaker, now: float) -> Permit:
    """Ask for a permit and insist on getting it."""
    permit = breaker.acquire(now, LEASE)
    assert isinstance(permit, Permit)
    return permit


def attempt(breaker: Breaker, signal: Signal, now: float) -> Transition | None:
    """Make one attempt that ends at once."""
    return breaker.report(admit(breaker, now), signal, now)


def opened(at: float = 0.0) -> Breaker:
    """A breaker that opened at the given instant."""
    breaker = Breaker(BreakerPolicy())
    for _ in range(5):
        attempt(breaker, Signal.FAILURE, at)
    assert breaker.snapshot(at).state is State.OPEN
    return breaker


def test_five_failures_in_a_row_open_it_and_the_sixth_caller_is_refused() -> None:
    breaker = Breaker(BreakerPolicy())
    moves = [attempt(breaker, Signal.FAILURE, float(second)) for second in range(5)]
    assert moves == [None, None, None, None, Transition(State.CLOSED, State.OPEN, failures=5, generation=1)]
    assert breaker.acquire(14.0, LEASE) == Refusal(State.OPEN, retry_after=50.0, retry_at=64.0)


def test_a_success_between_failures_starts_the_count_again() -> None:
    breaker = Breaker(BreakerPolicy())
    for signal in [Signal.FAILURE] * 4 + [Signal.SUCCESS] + [Signal.FAILURE] * 4:
        assert attempt(breaker, signal, 0.0) is None
    assert breaker.snapshot(0.0).state is State.CLOSED


@pytest.mark.parametrize("harmless", [Signal.SUCCESS, Signal.NEUTRAL])
def test_outcomes_that_are_no_failures_never_open_it(harmless: Signal) -> None:
    breaker = Breaker(BreakerPolicy())
    for _ in range(10):
        assert attempt(breaker, harmless, 0.0) is None
    assert breaker.snapshot(0.0).failures == 0


def test_a_neutral_outcome_does_not_break_a_row_of_failures() -> None:
    breaker = Breaker(BreakerPolicy())
    for signal in [Signal.FAILURE] * 4 + [Signal.NEUTRAL]:
        attempt(breaker, signal, 0.0)
    assert attempt(breaker, Signal.FAILURE, 0.0) is not None


def test_three_successful_probes_close_it() -> None:
    breaker = opened()
    first = admit(breaker, 60.0)
    assert first.transition == Transition(State.OPEN, State.HALF_OPEN, failures=5, generation=2)
    assert breaker.report(first, Signal.SUCCESS, 60.0) is None
    assert attempt(breaker, Signal.SUCCESS, 61.0) is None
    assert attempt(breaker, Signal.SUCCESS, 62.0) == Transition(State.HALF_OPEN, State.CLOSED, 5, 3)
    assert breaker.snapshot(62.0).failures == 0


def test_one_failed_probe_opens_it_again_for_a_fresh_minute() -> None:
    breaker = opened()
    attempt(breaker, Signal.SUCCESS, 60.0)
    move = attempt(breaker, Signal.FAILURE, 70.0)
    assert move is not None
    assert move.to_state is State.OPEN
    assert breaker.acquire(129.0, LEASE) == Refusal(State.OPEN, retry_after=1.0, retry_at=130.0)
    attempt(breaker, Signal.SUCCESS, 130.0)
    assert breaker.snapshot(130.0).successes == 1


def test_of_a_hundred_callers_at_half_open_one_probes_and_the_rest_wait_a_second_at_most() -> None:
    breaker = opened()
    assert all(breaker.peek(60.0) is None for _ in range(100))
    answers = [breaker.acquire(60.0, LEASE) for _ in range(100)]
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    assert len(refusals) == 99
    assert all(refusal.retry_after <= 1.0 for refusal in refusals)
    assert {refusal.state for refusal in refusals} == {State.HALF_OPEN}


def test_a_refused_caller_is_told_of_the_end_of_the_lease_when_that_is_nearer() -> None:
    breaker = opened()
    admit(breaker, 60.0)
    assert breaker.acquire(124.75, LEASE) == Refusal(State.HALF_OPEN, retry_after=0.25, retry_at=125.0)


def test_a_cancelled_probe_makes_room_at_once() -> None:
    breaker = opened()
    assert attempt(breaker, Signal.NEUTRAL, 60.0) is None
    admit(breaker, 60.0)
    assert breaker.snapshot(60.0).successes == 0


def test_a_probe_that_is_never_reported_blocks_no_longer_than_its_lease() -> None:
    breaker = opened()
    lost = admit(breaker, 60.0)
    assert isinstance(breaker.acquire(124.9, LEASE), Refusal)
    admit(breaker, 125.0)
    before = breaker.snapshot(126.0)
    assert breaker.report(lost, Signal.SUCCESS, 126.0) is None
    after = breaker.snapshot(126.0)
    assert (after.successes, after.stale) == (before.successes, before.stale + 1)


def test_a_lease_ends_at_its_last_instant() -> None:
    breaker = opened()
    admit(breaker, 60.0)
    admit(breaker, 125.0)


def test_a_probe_reported_after_its_lease_is_stale_even_if_nobody_took_its_place() -> None:
    breaker = opened()
    late = admit(breaker, 60.0)
    assert breaker.report(late, Signal.FAILURE, 125.0) is None
    snapshot = breaker.snapshot(125.0)
    assert (snapshot.state, snapshot.stale) == (State.HALF_OPEN, 1)


def test_a_call_begun_before_the_trip_cannot_close_it() -> None:
    breaker = Breaker(BreakerPolicy())
    early = admit(breaker, 0.0)
    for _ in range(5):
        attempt(breaker, Signal.FAILURE, 1.0)
    assert breaker.report(early, Signal.SUCCESS, 2.0) is None
    snapshot = breaker.snapshot(2.0)
    assert (snapshot.state, snapshot.stale) == (State.OPEN, 1)


def test_a_failure_from_before_the_trip_does_not_reopen_a_closed_circuit() -> None:
    breaker = Breaker(BreakerPolicy())
    early = admit(breaker, 0.0)
    for _ in range(5):
        attempt(breaker, Signal.FAILURE, 1.0)
    for _ in range(3):
        attempt(breaker, Signal.SUCCESS, 61.0)
    breaker.report(early, Signal.FAILURE, 62.0)
    snapshot = breaker.snapshot(62.0)
    assert (snapshot.state, snapshot.failures, snapshot.stale) == (State.CLOSED, 0, 1)


def test_peeking_takes_no_probe_and_changes_nothing() -> None:
    breaker = opened()
    before = breaker.snapshot(60.0)
    assert breaker.peek(60.0) is None
    assert breaker.snapshot(60.0) == before


def test_reset_closes_by_hand_and_outdates_what_is_under_way() -> None:
    breaker = opened()
    probe = admit(breaker, 60.0)
    assert breaker.reset(61.0) == Transition(State.HALF_OPEN, State.CLOSED, failures=5, generation=3)
    breaker.report(probe, Signal.FAILURE, 61.0)
    snapshot = breaker.snapshot(61.0)
    assert (snapshot.state, snapshot.failures, snapshot.stale) == (State.CLOSED, 0, 1)


def test_reset_of_a_closed_breaker_forgets_its_failures_without_a_transition() -> None:
    breaker = Breaker(BreakerPolicy())
    attempt(breaker, Signal.FAILURE, 0.0)
    assert breaker.reset(1.0) is None
    assert breaker.snapshot(1.0).failures == 0


def test_a_snapshot_tells_of_openings_and_of_the_last_failure() -> None:
    breaker = opened(at=7.0)
    attempt(breaker, Signal.FAILURE, 67.0)
    snapshot = breaker.snapshot(100.0)
    assert (snapshot.opened, snapshot.opened_at, snapshot.last_failure_at) == (2, 67.0, 67.0)
    assert snapshot.retry_after == 27.0


def test_a_lease_is_the_longest_attempt_plus_grace_even_where_attempts_have_no_limit() -> None:
    policy = BreakerPolicy()
    assert probe_lease(60.0, policy) == 65.0
    assert probe_lease(20.0, policy) == 25.0
    assert probe_lease(None, policy) == 65.0


@example(at=1.1, waited=15.773235816962963)
@given(at=st.floats(min_value=0, max_value=1e7), waited=st.floats(min_value=0, max_value=59.9))
def test_who_sleeps_exactly_retry_after_is_admitted(at: float, waited: float) -> None:
    breaker = opened(at)
    now = at + waited
    refusal = breaker.peek(now)
    assert refusal is not None
    assert isinstance(breaker.acquire(now + refusal.retry_after, LEASE), Permit)


class BreakerMachine(RuleBasedStateMachine):
    """Random attempts that end late, out of order or never."""

    def __init__(self) -> None:
        super().__init__()
        self.policy = BreakerPolicy(failure_threshold=2, open_for=10.0, success_threshold=2)
        self.breaker = Breaker(self.policy)
        self.now = 0.0
        self.out: list[tuple[Permit, float]] = []
        self.transitions = 0

    def watch(self, change: Callable[[], Transition | None]) -> None:
        """Run a step and check what it says of the state against the state itself."""
        before = self.breaker.snapshot(self.now)
        move = change()
        after = self.breaker.snapshot(self.now)
        if move is None:
            assert after.state is before.state
            assert after.generation == before.generation
        else:
            self.transitions += 1
            assert (move.from_state, move.to_state) == (before.state, after.state)
            assert move.to_state is not move.from_state
            assert move.generation == after.generation == before.generation + 1

    @rule(seconds=st.sampled_from([0.0, 0.5, 1.0, 4.0, 10.0, 20.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def ask(self) -> None:
        def acquire() -> Transition | None:
            refused = self.breaker.peek(self.now)
            answer = self.breaker.acquire(self.now, 5.0)
            if isinstance(answer, Refusal):
                assert answer == refused
                assert answer.retry_after > 0
                return None
            assert refused is None
            self.out.append((answer, self.now))
            return answer.transition

        self.watch(acquire)

    @precondition(lambda self: self.out)
    @rule(data=st.data(), signal=st.sampled_from(Signal))
    def end(self, data: st.DataObject, signal: Signal) -> None:
        permit, _ = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        self.watch(lambda: self.breaker.report(permit, signal, self.now))

    @rule()
    def close_by_hand(self) -> None:
        self.watch(lambda: self.breaker.reset(self.now))

    @invariant()
    def every_transition_is_numbered(self) -> None:
        assert self.breaker.snapshot(self.now).generation == self.transitions

    @invariant()
    def one_live_probe_at_most(self) -> None:
        snapshot = self.breaker.snapshot(self.now)
        live = [
            permit
            for permit, since in self.out
            if permit.probe is not None
            and permit.generation == snapshot.generation
            and self.now < since + 5.0
        ]
        assert len(live) <= 1
        if snapshot.state is State.HALF_OPEN:
            assert (self.breaker.peek(self.now) is not None) == (len(live) == 1)

    @invariant()
    def counts_stay_below_their_thresholds(self) -> None:
        snapshot = self.breaker.snapshot(self.now)
        if snapshot.state is State.CLOSED:
            assert snapshot.failures < self.policy.failure_threshold
        assert snapshot.successes < self.policy.success_threshold

    @invariant()
    def nobody_waits_for_ever(self) -> None:
        assert self.breaker.peek(self.now + self.policy.open_for) is None


TestBreakerMachine = BreakerMachine.TestCase
