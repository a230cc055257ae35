"""What a caller looks for among the products: checked, and as the arguments of a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from novita_sdk._core.lifecycle.regions import ANY
from novita_sdk._core.narrowing import is_array
from novita_sdk._core.operations.fields import BILLING_MODES, BILLING_SPELLINGS
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem
from novita_sdk.models.enums import BillingMode
from novita_sdk.models.money import Money
from novita_sdk.models.product_choice import ProductQuery

FALLBACKS: Final = ("list", "area", "none")
PREFERENCES: Final = ("region", "price")
MOST_GPUS: Final = 8

_LONGEST_NAME: Final = 255

_Check = Callable[[Any], bool]


def _whole(least: int, most: int | None = None) -> _Check:
    return lambda value: type(value) is int and value >= least and (most is None or value <= most)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_price(value: object) -> bool:
    try:
        return limit_of(value).raw > 0
    except (TypeError, ValueError):
        return False


# attribute -> whether a value is right, and what would be; None is right where it is the default
_RULES: Final[Mapping[str, tuple[_Check, str]]] = {
    "name": (
        lambda value: _is_text(value) and len(value) <= _LONGEST_NAME,
        f"must be 1-{_LONGEST_NAME} characters of text, or None for any product",
    ),
    "gpu_num": (_whole(1, MOST_GPUS), f"must be 1-{MOST_GPUS}"),
    "billing": (
        lambda value: isinstance(value, str) and dict(BILLING_SPELLINGS).get(value, value) in BILLING_MODES,
        'must be "on_demand", "spot" or "monthly"',
    ),
    "region": (_is_text, "must be a code, display name or cluster id, or 'any'"),
    "regions": (
        lambda value: is_array(value) and bool(value) and all(map(_is_text, value)),
        "must be a list of codes, display names or cluster ids",
    ),
    "fallback": (lambda value: value in FALLBACKS, f"must be one of {', '.join(FALLBACKS)}"),
    "prefer": (lambda value: value in PREFERENCES, f"must be one of {', '.join(PREFERENCES)}"),
    "max_price": (_is_price, "must be Money, or US dollars as Decimal, whole number or text, above 0"),
    "min_memory": (_whole(0), "must be a whole number of GB"),
    "min_cpu": (_whole(0), "must be a whole number"),
    "min_rootfs": (_whole(0), "must be a whole number of GB"),
    "months": (_whole(1), "must be a whole number of at least 1"),
    "where": (callable, "must be callable with a product"),
    "confirm": (lambda value: isinstance(value, bool), "must be True or False"),
}


def check_query(query: ProductQuery) -> list[Problem]:
    """Return every problem of a query."""
    problems: list[Problem] = []
    for attribute in attrs.fields(ProductQuery):
        value: object = getattr(query, attribute.name)
        is_right, words = _RULES[attribute.name]
        if not (value is None and attribute.default is None) and not is_right(value):
            problems.append(problem(attribute.name, value, words))
    if problems:
        return problems
    if query.region is not None and query.regions is not None:
        problems.append(problem("regions", query.regions, "must not be given beside region"))
    pinned = query.fallback != "list"
    if pinned and (query.regions is not None or (query.region or "").casefold() == ANY):
        problems.append(problem("fallback", query.fallback, "goes with one region only"))
    if query.months != 1 and billing_of(query) is not BillingMode.MONTHLY:
        problems.append(problem("months", query.months, "goes with billing='monthly' only"))
    return problems


def billing_of(query: ProductQuery) -> BillingMode:
    """Return the way of charging that a query asks for."""
    return BillingMode(dict(BILLING_SPELLINGS).get(query.billing, query.billing))


def limit_of(value: object) -> Money:
    """Read a price limit.

    Raises:
        TypeError: It is a float or another type.
        ValueError: It is no amount.
    """
    return value if isinstance(value, Money) else Money.from_usd(value)  # type: ignore[arg-type]  # checked there


def request_values(query: ProductQuery) -> dict[str, object]:
    """Return the filters of `list_gpu_products` that a query comes to, by wire name."""
    return {
        "productName": query.name,
        "gpuNum": query.gpu_num,
        "billingMethod": billing_of(query),
        "minMemoryPerGpu": query.min_memory,
        "minCpuPerGpu": query.min_cpu,
        "minRootFSSize": query.min_rootfs,
    }
