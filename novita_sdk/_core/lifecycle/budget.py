"""How much of a budget is spent, what that means, and what is remembered of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, TypeAlias, cast

import attrs

from novita_sdk._core.lifecycle.cost import NOTHING, Offers, charge, charged_since, rate_of
from novita_sdk._core.wire import problem
from novita_sdk.errors import NovitaError, StateStoreError, ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON
from novita_sdk.models.money import Money

BudgetPeriod: TypeAlias = Literal["month", "day", "total"]
"""How long a budget has to last; "total" is for as long as its record lives."""

PERIODS: Final[tuple[BudgetPeriod, ...]] = ("month", "day", "total")

BILLS_EVERY: Final = timedelta(hours=1)
"""Bills are not asked for more often: they are written hourly."""

_VERSION: Final = 1
_CLOCKS_DIFFER: Final = timedelta(minutes=10)  # the clocks of two hosts; more is a clock that was wrong
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,50}", re.ASCII)


@attrs.frozen(kw_only=True)
class BudgetTerms:
    """What a guard watches.

    Attributes:
        limit: The budget.
        period: How long it has to last.
        warn_at: Share of the limit from which on it warns.
        stop_at: Share of the limit from which on it acts.
        min_runway: For how long the balance should last.
        anticipate: How far ahead it looks; nothing unless it is asked to.
    """

    limit: Money
    period: BudgetPeriod = "month"
    warn_at: float = 0.8
    stop_at: float = 1.0
    min_runway: timedelta = timedelta(hours=24)
    anticipate: timedelta = timedelta()


def checked_terms(
    limit: object,
    period: object,
    warn_at: object,
    stop_at: object,
    *,
    min_runway: float,
    name: object,
    include: object,
    exclude: object,
) -> BudgetTerms:
    """Return the terms of a guard.

    Raises:
        ValidationError: Something is wrong with them; all problems at once.
    """
    problems = [
        problem(name, value, message)
        for name, value, right, message in (
            ("limit", limit, isinstance(limit, Money) and limit > NOTHING, "must be Money above 0 USD"),
            ("period", period, period in PERIODS, f"must be one of {', '.join(PERIODS)}"),
            ("warn_at", warn_at, _is_share(warn_at), "must be a number above 0 and at most 1"),
            ("stop_at", stop_at, _is_share(stop_at), "must be a number above 0 and at most 1"),
            ("min_runway", min_runway, min_runway >= 0, "must be seconds from 0 on, or a timedelta"),
            ("name", name, _is_name(name), "must be 1-50 letters, digits, '_' and '-'"),
            ("exclude", exclude, exclude is None or include is not None, "goes with include= only"),
        )
        if not right
    ]
    if problems:
        raise ValidationError(problems=tuple(problems))
    return BudgetTerms(
        limit=cast("Money", limit),
        period=cast("BudgetPeriod", period),
        warn_at=cast("float", warn_at),
        stop_at=cast("float", stop_at),
        min_runway=timedelta(seconds=min_runway),
    )


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1


# ------------------------------------------------------------------------------------------ periods


def window_of(period: BudgetPeriod, now: datetime) -> datetime | None:
    """Return when the period of a moment began, in UTC; None for one without a beginning of its own."""
    if period == "total":
        return None
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if period == "day" else midnight.replace(day=1)


def window_end(period: BudgetPeriod, start: datetime) -> datetime | None:
    """Return when a period ends; None for one without an end."""
    if period == "total":
        return None
    if period == "day":
        return start + timedelta(days=1)
    return (start + timedelta(days=32)).replace(day=1)


def period_name(period: BudgetPeriod, start: datetime) -> str:
    """Return the name of one period, such as `2026-03`."""
    return {"month": f"{start:%Y-%m}", "day": f"{start:%Y-%m-%d}", "total": "total"}[period]


# ------------------------------------------------------------------------------------------- record


@attrs.frozen(kw_only=True)
class BudgetState:
    """What is remembered from one pass to the next.

    Attributes:
        window_start: When the period began.
        spent: What was spent in it until `at`.
        rate_per_hour: The rate at that time.
        at: When the last pass was.
        warned: Whether its warning was given.
        exceeded: Whether it was told that it is spent.
        low_balance_on: The day of the last warning about the balance.
        bills: What the bills said.
        bills_at: When they were asked for.
    """

    window_start: datetime
    spent: Money
    rate_per_hour: Money
    at: datetime
    warned: bool = False
    exceeded: bool = False
    low_balance_on: str | None = None
    bills: Money = NOTHING
    bills_at: datetime | None = None


def write_state(state: BudgetState) -> dict[str, JSON]:
    """Return the value that is stored."""
    kept: dict[str, JSON] = {"v": _VERSION}
    for name, value in attrs.asdict(state, recurse=False).items():
        if isinstance(value, datetime):
            kept[name] = value.isoformat()
        else:
            kept[name] = str(value.usd) if isinstance(value, Money) else value
    return kept


def read_state(key: str, value: Mapping[str, JSON]) -> BudgetState:
    """Read a stored record.

    Raises:
        StateStoreError: It is none of a budget.
    """
    try:
        return BudgetState(
            window_start=_time(value["window_start"]),
            spent=_amount(value["spent"]),
            rate_per_hour=_amount(value["rate_per_hour"]),
            at=_time(value["at"]),
            warned=value["warned"] is True,
            exceeded=value["exceeded"] is True,
            low_balance_on=cast("str | None", value["low_balance_on"]),
            bills=_amount(value["bills"]),
            bills_at=None if value["bills_at"] is None else _time(value["bills_at"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        message = "this record of a budget cannot be read; it was left as it is"
        raise StateStoreError(message, key=key) from error


def _time(value: JSON) -> datetime:
    return datetime.fromisoformat(cast("str", value))


def _amount(value: JSON) -> Money:
    return Money.from_usd(cast("str", value))


# ---------------------------------------------------------------------------------------- a reading


@attrs.frozen(kw_only=True)
class Reading:
    """What was found at one moment.

    Attributes:
        at: The moment.
        rate_per_hour: The rate of all instances.
        since_start: What they cost since the period began, or since they were last started; what is assumed of the
            time for which nobody watched.
    """

    at: datetime
    rate_per_hour: Money
    since_start: Money


def advanced(state: BudgetState | None, reading: Reading, period: BudgetPeriod) -> BudgetState:
    """Carry a budget on to a new reading.

    For the time between two readings the larger of both rates counts. Where nobody has watched since the period
    began, what runs now is assumed to have run since it was started. After a clock that was ahead went back, time may
    count twice, so that none is left out.

    Args:
        state: What is remembered; None if nothing is.
        reading: What was found now.
        period: How long the budget has to last.
    """
    began = window_of(period, reading.at)
    if state is None or (began is not None and began < state.window_start):
        return BudgetState(
            window_start=began or reading.at,
            spent=NOTHING if began is None else reading.since_start,
            rate_per_hour=reading.rate_per_hour,
            at=reading.at,
        )
    if began is not None and began > state.window_start:
        state = BudgetState(
            window_start=began,
            spent=NOTHING,
            rate_per_hour=state.rate_per_hour,
            at=max(state.at, began),
            low_balance_on=state.low_balance_on,
        )
    rate = max(state.rate_per_hour, reading.rate_per_hour)
    was_ahead = state.at - reading.at > _CLOCKS_DIFFER
    return attrs.evolve(
        state,
        spent=state.spent + charge(rate, reading.at - state.at),
        rate_per_hour=reading.rate_per_hour,
        at=reading.at if was_ahead else max(state.at, reading.at),
    )


def spent_since(
    instances: Iterable[Instance], offers: Offers, began: datetime | None, now: datetime
) -> Money:
    """Return what instances cost at their present rates since they were started, or since `began`."""
    total = NOTHING
    for instance in instances:
        rate, since = rate_of(instance, offers), charged_since(instance, None)
        if began is not None and rate is not None and since is not None:
            total += charge(rate, now - max(began, since))
    return total


# --------------------------------------------------------------------------------------- what it means


@attrs.frozen(kw_only=True)
class BudgetReport:
    """What a pass of a `BudgetGuard` found and did.

    Attributes:
        spent: What was spent in this period.
        limit: The budget.
        fraction: Spent divided by limit.
        rate_per_hour: What all instances cost per hour now.
        projected: What will be spent at the end of the period if nothing changes.
        projected_end: When the budget will be spent if nothing changes; None if never.
        window_start: When the period began.
        balance: What is on the account; None if it could not be read.
        runway: For how long the balance will last at this rate; None if nobody knows, or for ever.
        warned: Whether the warning of this period was given, now or before.
        exceeded: Whether the budget is spent.
        stopped: Ids of the instances whose stop was accepted in this pass, the dearest first.
        to_stop: Ids of the instances that were to be stopped, also in a dry run.
        not_stopped: Ids of those that go on running although the budget is spent, because they are not included,
            or because their stop failed.
        unpriced: Ids of the instances whose price nobody knows.
        complete: Whether everything that costs money was counted.
        errors: What went wrong.
        dry_run: Whether nothing was done.
        skipped_pass: Whether another guard holds the lease, so that nothing was asked or done.
        lease_lost: Whether the lease was lost on the way, so that the rest was not done.
    """

    spent: Money
    limit: Money
    fraction: float
    rate_per_hour: Money
    projected: Money
    projected_end: datetime | None
    window_start: datetime
    balance: Money | None = None
    runway: timedelta | None = None
    warned: bool = False
    exceeded: bool = False
    stopped: tuple[str, ...] = ()
    to_stop: tuple[str, ...] = ()
    not_stopped: tuple[str, ...] = ()
    unpriced: tuple[str, ...] = ()
    complete: bool = True
    errors: tuple[NovitaError, ...] = ()
    dry_run: bool = False
    skipped_pass: bool = False
    lease_lost: bool = False

    def __str__(self) -> str:
        return (
            f"{self.spent.usd:.4f} of {self.limit.usd:.4f} USD spent ({self.fraction:.0%}), "
            f"{self.rate_per_hour.usd:.4f} USD per hour"
        )


def report_of(state: BudgetState, terms: BudgetTerms) -> BudgetReport:
    """Say what a state means under the terms of a guard."""
    spent = max(state.spent, state.bills)
    rate = state.rate_per_hour
    ahead = spent + charge(rate, terms.anticipate)
    share = Decimal(repr(float(terms.stop_at)))
    warn_share = Decimal(repr(float(terms.warn_at)))
    end = window_end(terms.period, state.window_start)
    left = terms.limit - spent
    return BudgetReport(
        spent=spent,
        limit=terms.limit,
        fraction=float(spent.usd / terms.limit.usd),
        rate_per_hour=rate,
        projected=spent if end is None else spent + charge(rate, end - state.at),
        projected_end=_moment_of(state.at, left, rate),
        window_start=state.window_start,
        warned=state.warned or ahead >= terms.limit * warn_share,
        exceeded=ahead >= terms.limit * share,
    )


def runway_of(balance: Money, rate_per_hour: Money) -> timedelta | None:
    """Return for how long a balance lasts; None for ever."""
    if rate_per_hour <= NOTHING:
        return None
    hours = max(balance, NOTHING).usd / rate_per_hour.usd
    return timedelta(hours=float(min(hours, _LONGEST_HOURS)))


_LONGEST_HOURS: Final = Decimal(24 * 36_500)  # a century is for ever


def _moment_of(now: datetime, left: Money, rate_per_hour: Money) -> datetime | None:
    runway = runway_of(left, rate_per_hour)
    return None if runway is None or runway >= timedelta(hours=float(_LONGEST_HOURS)) else now + runway
