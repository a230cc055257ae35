"""When a rental ends by itself: its arguments, its limits, and when to look at them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, cast

import attrs

from novita_sdk._core.durations import Seconds, optional_seconds
from novita_sdk._core.lifecycle.cost import NOTHING
from novita_sdk._core.lifecycle.rental_records import ON_EXIT, RENEW_EVERY, OnExit
from novita_sdk._core.narrowing import is_number
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.enums import BillingMode
from novita_sdk.models.money import Money
from novita_sdk.models.unset import UNSET

LimitName: TypeAlias = Literal["max_lifetime", "max_cost"]

_WARN_AT: Final = 0.8  # of a limit
_COST_MARGIN: Final = 60.0  # seconds of price that the end itself may cost
_SECONDS_PER_HOUR: Final = 3600
_SHORTEST_PAUSE: Final = 0.001  # seconds


@attrs.frozen(kw_only=True)
class RentalTerms:
    """What was agreed on when an instance was rented.

    Attributes:
        on_exit: What becomes of it.
        max_lifetime: Seconds; None for no limit.
        max_cost: The most it may cost; None for no limit.
        cleanup_timeout: Seconds that ending it may take.
    """

    on_exit: OnExit
    max_lifetime: float | None
    max_cost: Money | None
    cleanup_timeout: float


def checked_rental(
    *,
    on_exit: object,
    max_lifetime: Seconds | None,
    max_cost: object,
    cleanup_timeout: Seconds,
    create_arguments: Mapping[str, object],
) -> RentalTerms:
    """Return the terms of a rental.

    Args:
        on_exit: As given.
        max_lifetime: As given.
        max_cost: As given.
        cleanup_timeout: As given.
        create_arguments: What is handed on to the create.

    Raises:
        ValidationError: Something is wrong, or is a promise that cannot be kept; all problems at once.
    """
    lifetime, patience = optional_seconds(max_lifetime), optional_seconds(cleanup_timeout)
    problems = list(
        _problems(on_exit, max_lifetime, lifetime, max_cost, cleanup_timeout, patience, create_arguments)
    )
    if problems:
        raise ValidationError(problems=tuple(problems))
    return RentalTerms(
        on_exit=cast("OnExit", on_exit),
        max_lifetime=lifetime,
        max_cost=cast("Money | None", max_cost),
        cleanup_timeout=cast("float", patience),
    )


def _problems(
    on_exit: object,
    max_lifetime: object,
    lifetime: object,
    max_cost: object,
    cleanup_timeout: object,
    patience: object,
    create_arguments: Mapping[str, object],
) -> Iterator[Problem]:
    if on_exit not in ON_EXIT:
        yield problem("on_exit", on_exit, f"must be one of {', '.join(ON_EXIT)}")
    if lifetime is not None and not _is_duration(lifetime):
        message = "must be seconds above 0, a timedelta, or None for no limit"
        yield problem("max_lifetime", max_lifetime, message)
    if not _is_duration(patience):
        yield problem("cleanup_timeout", cleanup_timeout, "must be seconds above 0, or a timedelta")
    product = create_arguments.get("product", UNSET)
    billing = getattr(product, "billing", None) or create_arguments.get("billing_mode")
    if on_exit == "delete" and billing == BillingMode.MONTHLY:
        message = (
            "goes with on_exit='stop' or 'keep': a prepaid instance cannot be deleted before its term ends"
        )
        yield problem("billing_mode", BillingMode.MONTHLY, message)
    if max_cost is None:
        return
    if not isinstance(max_cost, Money) or max_cost <= NOTHING:
        yield problem("max_cost", max_cost, "must be Money above 0 USD, or None for no limit")
    elif product is UNSET or product is None:
        message = "needs product= instead of product_id=: without a known price nobody can keep to it"
        yield problem("max_cost", str(max_cost), message)
    elif billing == BillingMode.MONTHLY:
        message = "goes with a price per hour, which a prepaid instance does not have"
        yield problem("max_cost", str(max_cost), message)


def _is_duration(value: object) -> bool:
    return is_number(value) and 0 < value < math.inf


def check_extension(given: Seconds, terms: RentalTerms) -> float:
    """Return the seconds by which a rental is prolonged.

    Raises:
        ValidationError: They are none, or it has no limit of time.
    """
    more = optional_seconds(given)
    if not is_number(more) or not _is_duration(more):
        raise ValidationError(
            problems=(problem("seconds", given, "must be seconds above 0, or a timedelta"),)
        )
    if terms.max_lifetime is None:
        message = "cannot prolong a rental without max_lifetime"
        raise ValidationError(problems=(problem("seconds", given, message),))
    return more


# ------------------------------------------------------------------------------------------- limits


def ends_after(terms: RentalTerms, rate_per_hour: Money | None) -> float | None:
    """Return the seconds after which a rental ends by itself; None for never.

    Args:
        terms: What was agreed on.
        rate_per_hour: What it costs; None if nobody knows, and then nothing is limited by it.
    """
    return min((limit.after for limit in _limits(terms, rate_per_hour)), default=None)


def warns_after(terms: RentalTerms, rate_per_hour: Money | None) -> float | None:
    """Return the seconds after which most of a limit is used up; None for never."""
    lifetime = terms.max_lifetime
    found = [] if lifetime is None else [lifetime * _WARN_AT]
    if terms.max_cost is not None and rate_per_hour is not None:
        found.append(_seconds_for(terms.max_cost, rate_per_hour) * _WARN_AT)
    return min(found, default=None)


def reached_limit(terms: RentalTerms, rate_per_hour: Money | None, elapsed: float) -> LimitName | None:
    """Return which limit a rental has reached after `elapsed` seconds; None while it may go on."""
    reached = [limit for limit in _limits(terms, rate_per_hour) if elapsed >= limit.after]
    return min(reached, key=lambda limit: limit.after).name if reached else None


def next_look(elapsed: float, *moments: float | None) -> float:
    """Return the seconds after which a rental is looked at again.

    Args:
        elapsed: Seconds since it began.
        moments: Seconds after its beginning that must not be missed; those that are past do not count.
    """
    renewal = (math.floor(elapsed / RENEW_EVERY) + 1) * RENEW_EVERY
    due = min([renewal, *(moment for moment in moments if moment is not None and moment > elapsed)])
    return max(due, elapsed + _SHORTEST_PAUSE)  # else rounding could let one moment come again and again


class _Limit(NamedTuple):
    """A limit, and the seconds after which it is reached."""

    name: LimitName
    after: float


def _limits(terms: RentalTerms, rate_per_hour: Money | None) -> Iterator[_Limit]:
    if terms.max_lifetime is not None:
        yield _Limit("max_lifetime", terms.max_lifetime)
    if terms.max_cost is not None and rate_per_hour is not None:
        yield _Limit("max_cost", max(0.0, _seconds_for(terms.max_cost, rate_per_hour) - _COST_MARGIN))


def _seconds_for(amount: Money, rate_per_hour: Money) -> float:
    return math.inf if rate_per_hour <= NOTHING else float(amount.usd / rate_per_hour.usd * _SECONDS_PER_HOUR)
