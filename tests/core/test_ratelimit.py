"""The token bucket and its two lanes."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novita_sdk._core.ratelimit import Lane, TokenBucket, Waiter, WaiterState
from novita_sdk.options import RateLimit

PUBLIC = RateLimit(limit=100)
INTERNAL = RateLimit(limit=50)
GRANTED, WAITING, REFUSED, LEFT = (
    WaiterState.GRANTED,
    WaiterState.WAITING,
    WaiterState.REFUSED,
    WaiterState.LEFT,
)


class Desk:
    """A bucket with the part of a shell: it advances at the right instants and notes every grant."""

    def __init__(self, policy: RateLimit, now: float = 0.0) -> None:
        self.bucket = TokenBucket(policy, now)
        self.now = now
        self.arrived: list[Waiter] = []
        self.grants: list[tuple[float, Waiter]] = []
        self.refunded: set[Waiter] = set()

    def arrive(self, lane: Lane = Lane.USER, deadline: float | None = None) -> Waiter:
        waiter = self.bucket.arrive(self.now, lane, deadline)
        self.arrived.append(waiter)
        if waiter.state is GRANTED:
            self.grants.append((self.now, waiter))
        return waiter

    def arrive_many(self, count: int, lane: Lane = Lane.USER, deadline: float | None = None) -> list[Waiter]:
        return [self.arrive(lane, deadline) for _ in range(count)]

    def leave(self, waiter: Waiter) -> None:
        spent = self.bucket.snapshot(self.now).granted
        self.bucket.leave(waiter, self.now)
        if self.bucket.snapshot(self.now).granted < spent:
            self.refunded.add(waiter)

    def advance(self) -> None:
        self.grants.extend((self.now, waiter) for waiter in self.bucket.advance(self.now))

    def run_until(self, end: float) -> None:
        while (due := self.bucket.next_at(self.now)) is not None and due <= end:
            self.now = max(self.now, due)
            self.advance()
        self.now = max(self.now, end)

    def drain(self) -> None:
        while (due := self.bucket.next_at(self.now)) is not None:
            self.run_until(due)

    def use_up(self) -> None:
        """Take every token that is there."""
        while self.bucket.snapshot(self.now).available:
            self.arrive()

    def instant(self, waiter: Waiter) -> float:
        """When a waiter got its token."""
        return next(at for at, granted in self.grants if granted is waiter)

    def waits(self, waiters: list[Waiter]) -> list[float]:
        return [self.instant(waiter) for waiter in waiters]


def most_in_a_minute(instants: list[float]) -> int:
    """The largest number of instants in any closed window of 60 s."""
    times = sorted(round(instant * 1e9) for instant in instants)
    first = 0
    most = 0
    for last, time in enumerate(times):
        while time - times[first] > 60 * 10**9:
            first += 1
        most = max(most, last - first + 1)
    return most


@pytest.mark.parametrize(
    ("policy", "interval", "numbers"), [(PUBLIC, 2 / 3, (11, 100, 120)), (INTERNAL, 1.5, (11, 50, 70))]
)
def test_a_burst_goes_at_once_and_the_rest_in_equal_steps(
    policy: RateLimit, interval: float, numbers: tuple[int, ...]
) -> None:
    desk = Desk(policy)
    waiters = desk.arrive_many(120)
    desk.drain()
    instants = desk.waits(waiters)
    assert instants[:10] == [0.0] * 10
    for number in numbers:
        assert instants[number - 1] == pytest.approx((number - 10) * interval, abs=0.001)
    assert most_in_a_minute(instants) <= policy.limit


def test_who_cannot_be_served_before_the_deadline_is_refused_on_arrival() -> None:
    desk = Desk(PUBLIC)
    waiters = desk.arrive_many(300, deadline=180.0)
    assert [waiter.state is REFUSED for waiter in waiters] == [False] * 279 + [True] * 21
    assert waiters[-1].expected_wait == pytest.approx(180.0, abs=0.001)
    desk.drain()
    assert len(desk.grants) == 279
    assert all(at < 180 for at, _ in desk.grants)


def test_a_call_whose_time_is_up_gets_no_token_even_when_there_is_one() -> None:
    desk = Desk(PUBLIC, now=5.0)
    assert desk.arrive(deadline=5.0).state is REFUSED
    assert desk.bucket.snapshot(5.0).available == 10


def test_one_poll_goes_after_every_four_users() -> None:
    desk = Desk(PUBLIC)
    desk.use_up()
    polls = desk.arrive_many(20, Lane.POLL)
    users = desk.arrive_many(8)
    desk.grants.clear()
    desk.drain()
    order = [waiter for _, waiter in desk.grants]
    assert "".join("u" if waiter.lane is Lane.USER else "p" for waiter in order) == "uuuupuuuu" + "p" * 19
    assert [waiter for waiter in order if waiter.lane is Lane.USER] == users
    assert [waiter for waiter in order if waiter.lane is Lane.POLL] == polls


def test_the_expected_wait_knows_whose_turn_is_next() -> None:
    desk = Desk(PUBLIC)
    desk.use_up()
    poll = desk.arrive(Lane.POLL)
    desk.arrive_many(4)
    desk.run_until(2.7)  # the four users were served
    newcomer = desk.arrive()
    desk.drain()
    assert desk.instant(poll) < desk.instant(newcomer)
    assert desk.instant(newcomer) == pytest.approx(2.7 + newcomer.expected_wait, abs=1e-8)


def test_users_served_while_no_poll_waits_do_not_count_towards_the_four() -> None:
    desk = Desk(PUBLIC)
    desk.use_up()
    users = desk.arrive_many(6)
    desk.run_until(2.1)  # three of them are served
    poll = desk.arrive(Lane.POLL)
    more = desk.arrive_many(2)
    desk.grants.clear()
    desk.drain()
    assert [waiter for _, waiter in desk.grants] == [*users[3:], more[0], poll, more[1]]


def test_a_poll_that_waited_over_five_seconds_queues_like_a_user() -> None:
    desk = Desk(RateLimit(limit=3, burst=1))  # one token in 30 s
    desk.use_up()
    poll = desk.arrive(Lane.POLL)
    desk.run_until(5.0)
    early = desk.arrive()
    desk.run_until(5.1)
    late = desk.arrive()
    desk.grants.clear()
    desk.drain()
    assert [waiter for _, waiter in desk.grants] == [early, poll, late]


def test_cancelled_waiters_leave_the_queue_as_if_they_had_never_come() -> None:
    for seed in range(20):
        rng = random.Random(seed)
        desk, twin = Desk(PUBLIC), Desk(PUBLIC)
        desk.use_up()
        twin.use_up()
        waiters = desk.arrive_many(50)
        gone = set(rng.sample(range(50), 25))
        for index in rng.sample(sorted(gone), 25):
            desk.bucket.leave(waiters[index], desk.now)
        rest = [waiter for index, waiter in enumerate(waiters) if index not in gone]
        undisturbed = twin.arrive_many(25)
        desk.drain()
        twin.drain()
        assert desk.waits(rest) == twin.waits(undisturbed)
        assert {waiters[index].state for index in gone} == {LEFT}


def test_a_pause_stops_everybody_and_restarts_with_a_single_token() -> None:
    desk = Desk(PUBLIC, now=100.0)
    assert desk.bucket.pause(100.0, 30.0) == []
    waiters = desk.arrive_many(5)
    desk.drain()
    steps = [130.0, *(130.0 + step * 2 / 3 for step in range(1, 5))]
    assert desk.waits(waiters) == pytest.approx(steps, abs=0.001)


def test_a_pause_refuses_at_once_who_would_now_come_too_late() -> None:
    desk = Desk(PUBLIC)
    desk.use_up()
    patient, hurried, last = desk.arrive(), desk.arrive(deadline=10.0), desk.arrive()
    assert desk.bucket.pause(0.0, 30.0) == [hurried]
    assert hurried.state is REFUSED
    assert hurried.expected_wait == pytest.approx(30 + 2 / 3, abs=0.001)
    desk.drain()
    assert desk.waits([patient, last]) == pytest.approx([30.0, 30 + 2 / 3], abs=0.001)


def test_the_place_of_a_refused_waiter_counts_for_those_behind_it() -> None:
    desk = Desk(PUBLIC)
    desk.use_up()
    desk.arrive_many(3, deadline=10.0)
    saved = desk.arrive(deadline=30.5)
    assert len(desk.bucket.pause(0.0, 30.0)) == 3
    desk.drain()
    assert desk.instant(saved) == 30.0


@pytest.mark.parametrize(("asked", "held"), [(0.0, 1.0), (0.2, 1.0), (7.0, 7.0), (60.0, 60.0), (61.0, 60.0)])
def test_a_pause_is_held_between_one_second_and_sixty(asked: float, held: float) -> None:
    desk = Desk(PUBLIC)
    desk.bucket.pause(0.0, asked)
    assert desk.bucket.snapshot(0.0).paused_for == held


def test_of_several_pauses_the_one_that_ends_last_counts() -> None:
    desk = Desk(PUBLIC)
    desk.bucket.pause(0.0, 30.0)
    desk.bucket.pause(1.0, 5.0)
    assert desk.bucket.snapshot(1.0).paused_for == 29.0
    waiter = desk.arrive()
    desk.drain()
    assert desk.instant(waiter) == 30.0


def test_a_token_given_back_unused_can_be_used_again() -> None:
    desk = Desk(PUBLIC)
    before = desk.bucket.snapshot(0.0)
    waiter = desk.arrive()
    desk.bucket.give_back(waiter, 0.0)
    assert waiter.state is LEFT
    assert desk.bucket.snapshot(0.0) == before


def test_a_token_given_back_wakes_the_next_in_line() -> None:
    desk = Desk(PUBLIC)
    *_, newest = desk.arrive_many(10)
    waiting = desk.arrive()
    desk.bucket.give_back(newest, 0.0)
    assert desk.bucket.next_at(0.0) == 0.0
    desk.advance()
    assert desk.instant(waiting) == 0.0


def test_a_token_given_back_after_another_grant_stays_spent() -> None:
    desk = Desk(PUBLIC)
    first = desk.arrive()
    desk.arrive()
    desk.bucket.give_back(first, 0.0)
    assert desk.bucket.snapshot(0.0).available == 8
    assert desk.bucket.snapshot(0.0).granted == 2


def test_a_token_cannot_be_given_back_twice() -> None:
    desk = Desk(PUBLIC)
    desk.arrive()
    waiter = desk.arrive()
    desk.bucket.give_back(waiter, 0.0)
    desk.bucket.give_back(waiter, 0.0)
    assert desk.bucket.snapshot(0.0).available == 9


def test_a_token_given_back_during_a_pause_does_not_shorten_it() -> None:
    desk = Desk(PUBLIC)
    waiter = desk.arrive()
    desk.bucket.pause(0.0, 30.0)
    desk.bucket.give_back(waiter, 1.0)
    assert desk.bucket.snapshot(1.0).available == 0
    later = desk.arrive()
    desk.drain()
    assert desk.instant(later) == 30.0


def test_leaving_with_a_token_in_hand_gives_it_back() -> None:
    desk = Desk(PUBLIC)
    waiter = desk.arrive()
    desk.bucket.leave(waiter, 0.0)
    assert (waiter.state, desk.bucket.snapshot(0.0).available) == (LEFT, 10)


def test_leaving_twice_or_after_a_refusal_changes_nothing() -> None:
    desk = Desk(PUBLIC)
    desk.use_up()
    waiter, refused = desk.arrive(), desk.arrive(deadline=0.1)
    for _ in range(2):
        desk.bucket.leave(waiter, 0.0)
        desk.bucket.leave(refused, 0.0)
    assert (waiter.state, refused.state) == (LEFT, REFUSED)


def test_a_waiter_found_past_its_deadline_spends_no_token() -> None:
    desk = Desk(PUBLIC)
    desk.use_up()
    expired, patient = desk.arrive(deadline=2.0), desk.arrive()
    desk.now = 2.0  # the shell woke up late
    desk.advance()
    assert expired.state is REFUSED
    assert desk.instant(patient) == 2.0
    assert desk.bucket.snapshot(2.0).granted == 11


def test_a_waiter_that_leaves_because_its_time_is_up_is_refused() -> None:
    desk = Desk(PUBLIC)
    desk.use_up()
    desk.arrive()
    waiter = desk.arrive(deadline=2.0)
    desk.bucket.leave(waiter, 2.0)
    assert waiter.state is REFUSED
    assert desk.bucket.snapshot(2.0).waiting_user == 1


def test_a_newcomer_does_not_take_the_token_of_those_who_wait() -> None:
    desk = Desk(PUBLIC)
    desk.use_up()
    first = desk.arrive()
    desk.now = 3.0  # four tokens are there, but nobody has handed them out yet
    newcomer = desk.arrive()
    assert newcomer.state is WAITING
    assert desk.bucket.head() is first
    assert desk.bucket.advance(3.0) == [first, newcomer]


@given(start=st.floats(0, 1e10))
def test_the_next_instant_is_neither_too_early_for_a_grant_nor_much_too_late(start: float) -> None:
    desk = Desk(PUBLIC, now=start)
    desk.use_up()
    for number, waiter in enumerate(desk.arrive_many(5), start=1):
        due = desk.bucket.next_at(desk.now)
        assert due is not None
        assert due == pytest.approx(start + number * 2 / 3, rel=1e-15, abs=1e-5)
        assert desk.bucket.advance(due) == [waiter]


def test_a_snapshot_counts_what_waits_and_what_was_waited() -> None:
    desk = Desk(INTERNAL)
    desk.use_up()
    desk.arrive_many(2)
    desk.arrive(Lane.POLL)
    desk.run_until(1.5)
    snapshot = desk.bucket.snapshot(1.5)
    assert (snapshot.limit, snapshot.burst, snapshot.granted, snapshot.available) == (50, 10, 11, 0)
    assert (snapshot.waiting_user, snapshot.waiting_poll) == (1, 1)
    assert (snapshot.waited_total, snapshot.paused_for) == (1.5, 0.0)


@pytest.mark.parametrize(("limit", "burst"), [(2, 1), (9, 1), (10, 2), (50, 10), (100, 10), (10000, 10)])
def test_the_burst_is_a_fifth_of_the_limit_and_ten_at_most(limit: int, burst: int) -> None:
    assert TokenBucket(RateLimit(limit=limit), 0.0).burst == burst


policies = st.sampled_from(
    [
        PUBLIC,
        INTERNAL,
        RateLimit(limit=2),
        RateLimit(limit=7, burst=6),
        RateLimit(limit=30, burst=29),
        RateLimit(limit=31, burst=1),
        RateLimit(limit=1000, burst=100),
    ]
)


def disturb(desk: Desk, rng: random.Random, *, load: float) -> Iterator[None]:
    """Two hundred random steps: arrivals in both lanes, cancellations, refunds, pauses and late wake-ups."""
    for _ in range(200):
        step = rng.random()
        if step < load:
            lane = rng.choice(list(Lane))
            patience = rng.choice([None, None, 0.5, 3.0, 30.0, 180.0])
            for _ in range(rng.choice([1, 1, 1, 5, 40])):
                desk.arrive(lane, None if patience is None else desk.now + patience)
        elif step < load + 0.1 and desk.arrived:
            desk.leave(rng.choice(desk.arrived))
        elif step < load + 0.15 and desk.grants:
            desk.leave(desk.grants[-1][1])
        elif step < load + 0.17:
            desk.bucket.pause(desk.now, rng.choice([0.0, 2.0, 10.0, 90.0]))
        elif rng.random() < 0.8:
            desk.run_until(desk.now + rng.expovariate(1.0))
        else:
            desk.now += rng.choice([0.001, 1.0, 20.0])
            desk.advance()
        yield


@settings(max_examples=40, deadline=None)
@given(policy=policies, seed=st.integers(0, 2**32), load=st.sampled_from([0.1, 0.4, 0.7]))
def test_nobody_is_lost_overtaken_or_served_too_late(policy: RateLimit, seed: int, load: float) -> None:
    desk = Desk(policy, now=1000.0)
    for _ in disturb(desk, random.Random(seed), load=load):
        snapshot = desk.bucket.snapshot(desk.now)
        waiting = [waiter for waiter in desk.arrived if waiter.state is WAITING]
        assert snapshot.waiting_user + snapshot.waiting_poll == len(waiting)
        assert (desk.bucket.head() in waiting) == bool(waiting)
    desk.drain()
    assert WAITING not in {waiter.state for waiter in desk.arrived}
    order = {waiter: place for place, waiter in enumerate(desk.arrived)}
    for lane in Lane:
        served = [order[waiter] for _, waiter in desk.grants if waiter.lane is lane]
        assert served == sorted(served)
    for at, waiter in desk.grants:
        assert waiter.deadline is None or at * 1e9 < waiter.deadline
    for waiter in desk.arrived:
        assert waiter.state in {GRANTED, LEFT} or waiter.deadline is not None


@settings(max_examples=40, deadline=None)
@given(policy=policies, seed=st.integers(0, 2**32), load=st.sampled_from([0.1, 0.4, 0.7]))
def test_no_closed_minute_holds_more_grants_than_the_limit(policy: RateLimit, seed: int, load: float) -> None:
    desk = Desk(policy, now=1000.0)
    for _ in disturb(desk, random.Random(seed), load=load):
        pass
    desk.drain()
    spent = [at for at, waiter in desk.grants if waiter not in desk.refunded]
    assert len(spent) == desk.bucket.snapshot(desk.now).granted
    assert most_in_a_minute(spent) <= policy.limit


@settings(max_examples=100, deadline=None)
@given(
    policy=policies,
    comers=st.lists(st.tuples(st.sampled_from(Lane), st.floats(min_value=0, max_value=8)), max_size=60),
    last=st.sampled_from(Lane),
    pause=st.sampled_from([None, 0.0, 20.0]),
)
def test_the_expected_wait_comes_true_if_nobody_comes_or_leaves_later(
    policy: RateLimit, comers: list[tuple[Lane, float]], last: Lane, pause: float | None
) -> None:
    desk = Desk(policy)
    for lane, gap in comers:
        desk.run_until(desk.now + gap)
        desk.arrive(lane)
    if pause is not None:
        desk.bucket.pause(desk.now, pause)
    came = desk.now
    waiter = desk.arrive(last)
    desk.drain()
    assert desk.instant(waiter) == pytest.approx(came + waiter.expected_wait, abs=1e-8)
