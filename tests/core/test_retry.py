"""Retry rules and the `Retry-After` header."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import backoff
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.breaker import Breaker, Permit, Refusal, State
from novita_sdk._core.budget import RetryBudget
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.outcome import OUTCOMES, Outcome
from novita_sdk._core.retry import RetryAfter, Stop, decide, parse_retry_after
from novita_sdk.options import BreakerPolicy, RetryPolicy

READ, IDEMPOTENT, UNSAFE = Safety.READ, Safety.IDEMPOTENT, Safety.UNSAFE


def ceiling(value: float) -> float:
    """Jitter pinned to its ceiling."""
    return value


def ceilings(policy: RetryPolicy) -> Iterator[float]:
    """The ceilings as the shell draws them; the generator's first value is a start signal."""
    drawn = backoff.expo(base=policy.base, factor=policy.factor, max_value=policy.max_delay)
    return itertools.islice(drawn, 1, None)


def verdict(
    *,
    policy: RetryPolicy | None = None,
    outcome: Outcome = Outcome.SERVER_ERROR,
    safety: Safety = READ,
    retries: int = 0,
    retry_after: float | None = None,
    drawn: float = 1.0,
    circuit: Refusal | None = None,
    deadline: Deadline | None = None,
    budget: RetryBudget | None = None,
) -> RetryAfter | Stop:
    """Ask for one decision at instant 0 with everything in favour of a retry."""
    policy = policy or RetryPolicy()
    return decide(
        policy=policy,
        outcome=outcome,
        safety=safety,
        retries=retries,
        retry_after=retry_after,
        ceilings=iter([drawn]),
        jitter=ceiling,
        circuit=circuit,
        deadline=deadline or Deadline(),
        budget=budget or RetryBudget(policy),
        now=0.0,
    )


class Caller:
    """Calls against a service that is scripted, in virtual time: the loop of the retry layer without I/O."""

    def __init__(self, policy: RetryPolicy | None = None, breaker: Breaker | None = None) -> None:
        self.policy = policy or RetryPolicy()
        self.budget = RetryBudget(self.policy)
        self.breaker = breaker
        self.now = 0.0
        self.sent: list[float] = []

    def call(
        self,
        answers: Iterator[Outcome],
        *,
        total: float | None = None,
        retry_after: float | None = None,
        jitter: Callable[[float], float] = ceiling,
    ) -> str | None:
        """Make one READ call; return why it was not retried, None if it succeeded."""
        drawn = ceilings(self.policy)
        deadline = Deadline.after(total, self.now)
        last_cost: int | None = None
        for retries in itertools.count():
            outcome = self.attempt(next(answers))
            if outcome is Outcome.SUCCESS:
                self.budget.succeeded(last_cost)
                return None
            step = decide(
                policy=self.policy,
                outcome=outcome,
                safety=READ,
                retries=retries,
                retry_after=retry_after,
                ceilings=drawn,
                jitter=jitter,
                circuit=None if self.breaker is None else self.breaker.peek(self.now),
                deadline=deadline,
                budget=self.budget,
                now=self.now,
            )
            if isinstance(step, Stop):
                return step.reason
            self.now += step.delay
            last_cost = step.cost
        raise AssertionError("a call ends")

    def attempt(self, outcome: Outcome) -> Outcome:
        permit = None if self.breaker is None else self.breaker.acquire(self.now, 65.0)
        if isinstance(permit, Refusal):
            return Outcome.LOCAL
        self.sent.append(self.now)
        if self.breaker is not None and isinstance(permit, Permit):
            self.breaker.report(permit, OUTCOMES[outcome].signal, self.now)
        return outcome

    def waits(self) -> list[float]:
        return [after - before for before, after in itertools.pairwise(self.sent)]


def test_delays_double_until_a_success() -> None:
    caller = Caller()
    assert caller.call(iter([Outcome.SERVER_ERROR, Outcome.SERVER_ERROR, Outcome.SUCCESS])) is None
    assert caller.waits() == [1, 2]


def test_a_service_that_stays_broken_is_asked_four_times() -> None:
    caller = Caller()
    assert caller.call(itertools.repeat(Outcome.SERVER_ERROR)) == "attempts"
    assert caller.waits() == [1, 2, 4]


def test_delays_are_capped_at_thirty_seconds() -> None:
    caller = Caller(RetryPolicy(max_retries=10))
    caller.call(itertools.repeat(Outcome.SERVER_ERROR))
    assert caller.waits() == [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]


def test_jittered_delays_stay_below_their_ceiling_and_average_half_of_it() -> None:
    shares: list[float] = []
    for seed in range(1000):
        caller = Caller(RetryPolicy(max_retries=10))
        jitter = partial(random.Random(seed).uniform, 0)
        caller.call(itertools.repeat(Outcome.SERVER_ERROR), jitter=jitter)
        tops = [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]
        shares.extend(wait / top for wait, top in zip(caller.waits(), tops, strict=True))
    assert min(shares) >= -1e-9
    assert max(shares) <= 1 + 1e-9
    assert sum(shares) / len(shares) == pytest.approx(0.5, rel=0.05)


def test_a_broken_service_gets_at_most_35_extra_requests() -> None:
    caller = Caller()
    for _ in range(3000):
        caller.call(itertools.repeat(Outcome.SERVER_ERROR))
    assert len(caller.sent) == 3035


def test_14_first_try_successes_later_exactly_one_more_retry_is_possible() -> None:
    caller = Caller()
    for _ in range(3000):
        caller.call(itertools.repeat(Outcome.SERVER_ERROR))
    for _ in range(14):
        caller.call(iter([Outcome.SUCCESS]))
    caller.sent.clear()
    assert caller.call(itertools.repeat(Outcome.SERVER_ERROR)) == "budget"
    assert len(caller.sent) == 2


def test_no_delay_passes_the_deadline() -> None:
    caller = Caller()
    assert caller.call(itertools.repeat(Outcome.SERVER_ERROR), total=5.0) == "deadline"
    assert caller.sent == [0, 1, 3]
    assert caller.now == 3.0


def test_a_call_that_opens_the_circuit_ends_with_its_own_outcome() -> None:
    caller = Caller(breaker=Breaker(BreakerPolicy()))
    reasons = [caller.call(itertools.repeat(Outcome.SERVER_ERROR)) for _ in range(2)]
    assert reasons == ["attempts", "circuit_open"]
    assert len(caller.sent) == 5


def test_retry_after_is_obeyed_to_the_second() -> None:
    caller = Caller()
    caller.call(iter([Outcome.THROTTLED, Outcome.SUCCESS]), retry_after=7.0)
    assert caller.sent == [0.0, 7.0]


def test_retry_after_up_to_a_minute_is_waited_for_and_beyond_ends_the_call() -> None:
    patient, hurried = Caller(), Caller()
    assert patient.call(itertools.repeat(Outcome.THROTTLED), retry_after=60.0) == "attempts"
    assert patient.waits() == [60, 60, 60]
    assert hurried.call(itertools.repeat(Outcome.THROTTLED), retry_after=60.5) == "retry_after"
    assert len(hurried.sent) == 1


@pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.TOO_FAST])
def test_a_throttled_call_without_retry_after_waits_at_least_a_second(outcome: Outcome) -> None:
    assert verdict(outcome=outcome, drawn=0.25) == RetryAfter(delay=1.0, cost=5)
    assert verdict(outcome=outcome, drawn=0.25, retry_after=0.0) == RetryAfter(delay=0.25, cost=5)


def test_the_longer_of_jitter_and_retry_after_counts() -> None:
    assert verdict(drawn=8.0, retry_after=3.0) == RetryAfter(delay=8.0, cost=14)
    assert verdict(drawn=2.0, retry_after=3.0) == RetryAfter(delay=3.0, cost=14)


@pytest.mark.parametrize(
    ("outcome", "safety", "again"),
    [
        (Outcome.SERVER_ERROR, READ, True),
        (Outcome.SERVER_ERROR, IDEMPOTENT, True),
        (Outcome.SERVER_ERROR, UNSAFE, False),
        (Outcome.UNANSWERED, UNSAFE, False),
        (Outcome.NOT_SENT, UNSAFE, True),
        (Outcome.THROTTLED, UNSAFE, True),
        (Outcome.REJECTED, READ, False),
        (Outcome.LOCAL, READ, False),
    ],
)
def test_the_class_of_the_operation_decides_what_is_sent_again(
    outcome: Outcome, safety: Safety, again: bool
) -> None:
    step = verdict(outcome=outcome, safety=safety)
    assert isinstance(step, RetryAfter) if again else step == Stop("class")


OPEN = Refusal(State.OPEN, retry_after=50.0, retry_at=50.0)


def test_the_first_rule_that_says_no_names_the_reason() -> None:
    policy = RetryPolicy(budget=10)
    against = {
        "retries": 3,
        "outcome": Outcome.REJECTED,
        "retry_after": 61.0,
        "deadline": Deadline(0.5),
        "circuit": OPEN,
    }
    reasons: list[str] = []
    for _ in range(len(against) + 1):
        step = verdict(policy=policy, **against)  # type: ignore[arg-type]  # a different value for each name
        assert isinstance(step, Stop)
        reasons.append(step.reason)
        if against:
            del against[next(iter(against))]
    assert reasons == ["attempts", "class", "retry_after", "deadline", "circuit_open", "budget"]


@pytest.mark.parametrize(
    "circuit",
    [
        None,
        Refusal(State.OPEN, retry_after=1.0, retry_at=1.0),
        Refusal(State.HALF_OPEN, retry_after=30.0, retry_at=30.0),
    ],
)
def test_a_circuit_that_is_not_open_after_the_delay_does_not_stop_a_retry(circuit: Refusal | None) -> None:
    assert isinstance(verdict(circuit=circuit), RetryAfter)


def test_a_delay_as_long_as_the_time_left_is_too_long() -> None:
    assert verdict(deadline=Deadline(1.0)) == Stop("deadline")
    assert isinstance(verdict(deadline=Deadline(1.001)), RetryAfter)


def test_a_call_that_is_stopped_by_another_rule_pays_nothing() -> None:
    budget = RetryBudget(RetryPolicy())
    for step in (
        verdict(budget=budget, retries=3),
        verdict(budget=budget, outcome=Outcome.REJECTED),
        verdict(budget=budget, retry_after=99.0),
        verdict(budget=budget, deadline=Deadline(0.5)),
        verdict(budget=budget, circuit=OPEN),
    ):
        assert isinstance(step, Stop)
    assert budget.available == 500


def test_no_delay_is_drawn_for_a_call_that_ends_anyway() -> None:
    policy = RetryPolicy()
    step = decide(
        policy=policy,
        outcome=Outcome.REJECTED,
        safety=READ,
        retries=0,
        retry_after=None,
        ceilings=iter(()),
        jitter=ceiling,
        circuit=None,
        deadline=Deadline(),
        budget=RetryBudget(policy),
        now=0.0,
    )
    assert step == Stop("class")


@given(
    retries=st.integers(0, 5),
    retry_after=st.none() | st.floats(0, 100),
    drawn=st.floats(0, 30),
    left=st.none() | st.floats(0, 100),
    outcome=st.sampled_from(Outcome),
    safety=st.sampled_from(Safety),
    available=st.integers(0, 30),
)
def test_a_retry_keeps_every_promise(
    *,
    retries: int,
    retry_after: float | None,
    drawn: float,
    left: float | None,
    outcome: Outcome,
    safety: Safety,
    available: int,
) -> None:
    policy = RetryPolicy(budget=available)
    budget = RetryBudget(policy)
    step = verdict(
        policy=policy,
        outcome=outcome,
        safety=safety,
        retries=retries,
        retry_after=retry_after,
        drawn=drawn,
        deadline=Deadline(left),
        budget=budget,
    )
    if isinstance(step, Stop):
        assert budget.available == available
        return
    assert retries < 3
    assert step.delay >= drawn
    assert retry_after is None or retry_after <= min(step.delay, 60)
    assert left is None or step.delay < left
    assert budget.available == available - step.cost


# ---------------------------------------------------------------------------- the Retry-After header

MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
FORMS = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0.0), ("7", 7.0), ("007", 7.0), ("61", 61.0), ("1.5", 1.5), (" 7\t", 7.0)],
)
def test_retry_after_reads_decimal_seconds(text: str, seconds: float) -> None:
    assert parse_retry_after([text], None, 0.0) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-5",
        "+5",
        "abc",
        "1e3",
        "0x10",
        "1_0",
        "1.",
        ".5",
        "1,5",
        "5s",
        "5, 7",
        "inf",
        "nan",
        "\N{ARABIC-INDIC DIGIT THREE}",
        "\N{FULLWIDTH DIGIT SEVEN}",
        "9" * 400,
    ],
)
def test_other_text_counts_as_absent(text: str) -> None:
    assert parse_retry_after([text], None, 0.0) is None


def test_an_absent_or_repeated_header_counts_as_absent() -> None:
    assert parse_retry_after([], None, 0.0) is None
    assert parse_retry_after(["5", "5"], None, 0.0) is None


@pytest.mark.parametrize("form", FORMS)
def test_a_date_is_measured_against_the_date_of_the_answer(form: str) -> None:
    sent = format_datetime(MOMENT - timedelta(seconds=7), usegmt=True)
    wrong_clock = MOMENT.timestamp() + 3600
    assert parse_retry_after([form], sent, wrong_clock) == 7.0


@pytest.mark.parametrize("date", [None, "", "yesterday", "Sun, 06 Nov 1994 08:49:37 +0200"])
@pytest.mark.parametrize("form", FORMS)
def test_without_a_readable_date_the_wall_clock_is_taken(form: str, date: str | None) -> None:
    assert parse_retry_after([form], date, MOMENT.timestamp() - 2.5) == 2.5


@pytest.mark.parametrize("form", FORMS)
def test_a_date_in_the_past_means_now(form: str) -> None:
    assert parse_retry_after([form], None, MOMENT.timestamp() + 1) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "06 Nov 1994 08:49:37 GMT",
        "Thu, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun Nov  0 08:49:37 1994",
        "1994-11-06T08:49:37Z",
    ],
)
def test_a_date_in_no_form_of_http_counts_as_absent(text: str) -> None:
    assert parse_retry_after([text], None, 0.0) is None


def test_a_leap_second_is_the_second_after() -> None:
    before = datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
    assert parse_retry_after(["Sat, 31 Dec 2016 23:59:60 GMT"], None, before) == 1.0


@pytest.mark.parametrize(
    ("digits", "year"), [("76", 2076), ("77", 1977), ("26", 2026), ("00", 2000), ("99", 1999)]
)
def test_two_digits_of_a_year_lie_fifty_years_ahead_at_most(digits: str, year: int) -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
    distance = datetime(year, 1, 1, tzinfo=UTC).timestamp() - now
    assert parse_retry_after([f"Friday, 01-Jan-{digits} 00:00:00 GMT"], None, now) == max(0.0, distance)


@given(
    moment=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001  # made aware below
    ahead=st.integers(0, 86400),
)
def test_every_form_of_one_moment_reads_alike(moment: datetime, ahead: int) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    fixed = format_datetime(moment, usegmt=True)
    day, month = fixed[5:7], fixed[8:11]
    longhand = fixed[:3] + {"Tue": "s", "Wed": "nes", "Thu": "rs", "Sat": "ur"}.get(fixed[:3], "") + "day"
    unpadded = day.replace("0", " ") if day.startswith("0") else day
    forms = [
        fixed,
        f"{longhand}, {day}-{month}-{fixed[14:16]} {fixed[17:25]} GMT",
        f"{fixed[:3]} {month} {unpadded} {fixed[17:25]} {fixed[12:16]}",
    ]
    wall = moment.timestamp() - ahead
    assert {parse_retry_after([form], None, wall) for form in forms} == {float(ahead)}


@given(text=st.text(), date=st.none() | st.text())
def test_any_text_is_read_or_counts_as_absent(text: str, date: str | None) -> None:
    seconds = parse_retry_after([text], date, 1e9)
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))
