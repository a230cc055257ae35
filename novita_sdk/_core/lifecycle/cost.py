"""What an instance costs per hour, and what it cost in a stretch of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

import attrs

from novita_sdk._core.lifecycle.waiting_table import status_word
from novita_sdk.models.cost import Cost, CostItem
from novita_sdk.models.enums import BillingMode, InstanceKind
from novita_sdk.models.instance import Instance
from novita_sdk.models.money import PRICE_UNITS, Money
from novita_sdk.models.product import CpuProduct, GpuProduct

Product: TypeAlias = GpuProduct | CpuProduct

NOTHING: Final = Money(0, PRICE_UNITS)

_STOPPED: Final = "exited"
_GONE: Final = frozenset({"toRemove", "removing", "removed"})
_UNCHARGED: Final = _GONE | {"toCreate", "creating", "pending", "failed"}

_FINEST: Final = 10**9  # parts of a dollar to which an amount is worked out
_MICROSECONDS_PER_HOUR: Final = 3_600_000_000


@attrs.frozen
class PriceQuery:
    """One request for prices.

    Attributes:
        kind: Whether GPU or CPU products are asked for.
        name: The product name; None for all of them.
        billing: The way of charging, None where the request knows none.
    """

    kind: InstanceKind
    name: str | None
    billing: BillingMode | None


Offers: TypeAlias = Mapping[PriceQuery, Sequence[Product]]
"""What was answered to each request for prices."""


def is_gone(instance: Instance) -> bool:
    """Tell whether an instance is on its way out or a remnant in the list: it costs nothing any more."""
    return status_word(instance) in _GONE


def price_query(instance: Instance) -> PriceQuery | None:
    """Return the request that tells the price of an instance; None if its rate needs no product."""
    if _needs_no_product(instance):
        return None
    name = instance.product_name or None
    if instance.kind == InstanceKind.CPU:
        return PriceQuery(InstanceKind.CPU, name, None)
    return PriceQuery(InstanceKind.GPU, name, _billing(instance))


def second_query(instance: Instance, offers: Offers) -> PriceQuery | None:
    """Return the request that is worth making if the first told no price: a spot price is not always shown.

    Args:
        instance: The instance.
        offers: What was answered so far.
    """
    first = price_query(instance)
    if first is None or first.billing is not BillingMode.SPOT or _unit_price(instance, offers) is not None:
        return None
    second = attrs.evolve(first, billing=BillingMode.ON_DEMAND)
    return None if second in offers else second


def rate_of(instance: Instance, offers: Offers) -> Money | None:
    """Return what an instance costs per hour as it is now; None if nobody knows.

    The product's price for the way of charging counts, times the GPUs; if the service also shows a price of the
    instance, the larger of both. Without a price for that way of charging the product's ordinary price stands in,
    then the highest of any product of that name.

    Args:
        instance: The instance.
        offers: What was answered to the `price_query` and the `second_query` of it.
    """
    status = status_word(instance)
    if instance.billing_mode == BillingMode.MONTHLY or status in _UNCHARGED:
        return NOTHING
    if status == _STOPPED:
        return instance.exited_local_storage_price or NOTHING
    units = 1 if instance.kind == InstanceKind.CPU else instance.gpu_num
    unit_price = _unit_price(instance, offers)
    known = [
        price
        for price in (
            None if unit_price is None or not units else unit_price * units,
            instance.instance_price,
        )
        if price is not None and price > NOTHING
    ]
    return max(known, default=None)


def _needs_no_product(instance: Instance) -> bool:
    status = status_word(instance)
    return instance.billing_mode == BillingMode.MONTHLY or status in _UNCHARGED or status == _STOPPED


def _billing(instance: Instance) -> BillingMode:
    """Tell how an instance is charged; what is not known is charged as what costs most."""
    return BillingMode.SPOT if instance.billing_mode == BillingMode.SPOT else BillingMode.ON_DEMAND


def _unit_price(instance: Instance, offers: Offers) -> Money | None:
    query = price_query(instance)
    if query is None:
        return None
    others = (attrs.evolve(query, billing=BillingMode.ON_DEMAND),) if query.billing else ()
    offered = [product for asked in (query, *others) for product in offers.get(asked, ())]
    same = [product for product in offered if product.id == instance.product_id]
    alike = [product for product in offered if product.name == instance.product_name]
    candidates = (
        (_spot_price(product) for product in same if query.billing is BillingMode.SPOT),
        (product.price for product in same),
        (product.price for product in alike),
    )
    for prices in candidates:
        known = [price for price in prices if price is not None and price > NOTHING]
        if known:
            return max(known)
    return None


def _spot_price(product: Product) -> Money | None:
    return product.spot_price if isinstance(product, GpuProduct) else None


def charge(rate_per_hour: Money, duration: timedelta) -> Money:
    """Return what a rate comes to in a stretch of time, to the billionth of a dollar and never too low.

    Args:
        rate_per_hour: The rate.
        duration: How long; nothing is charged for a negative one.
    """
    microseconds = max(timedelta(), duration) // timedelta(microseconds=1)
    parts = rate_per_hour.raw * microseconds * _FINEST
    raw, units = -(-parts // (rate_per_hour.units_per_usd * _MICROSECONDS_PER_HOUR)), _FINEST
    while units > PRICE_UNITS and raw % 10 == 0:
        raw, units = raw // 10, units // 10
    return Money(raw, units)


def charged_since(instance: Instance, since: datetime | None) -> datetime | None:
    """Return from when on an instance is charged at its present rate; None if nobody knows.

    Args:
        instance: The instance.
        since: The moment from which on it is asked for; None for that of the last start or stop.
    """
    if since is not None:
        return since if instance.created_at is None else max(since, instance.created_at)
    stopped = status_word(instance) == _STOPPED
    last = instance.last_stopped_at if stopped else instance.last_started_at
    return last or instance.created_at


def cost_of(
    instances: Iterable[Instance],
    offers: Offers,
    *,
    since: datetime | None,
    until: datetime,
    complete: bool,
) -> Cost:
    """Add up what instances cost.

    Args:
        instances: The instances.
        offers: The prices.
        since: From when on; None for each one's last start or stop.
        until: Until when.
        complete: Whether these are certainly all of them.
    """
    items, unpriced, monthly = list[CostItem](), list[str](), list[str]()
    for instance in instances:
        rate = rate_of(instance, offers)
        if rate is None:
            unpriced.append(instance.id)
            continue
        if instance.billing_mode == BillingMode.MONTHLY:
            monthly.append(instance.id)
        began = charged_since(instance, since)
        if rate == NOTHING:
            amount: Money | None = NOTHING
        else:
            amount = None if began is None else charge(rate, until - began)
        items.append(
            CostItem(
                id=instance.id,
                name=instance.name,
                status=instance.status,
                billing=instance.billing_mode,
                rate_per_hour=rate,
                amount=amount,
            )
        )
    items.sort(key=lambda item: (-item.rate_per_hour.usd, item.id))
    return Cost(
        rate_per_hour=sum((item.rate_per_hour for item in items), NOTHING),
        amount=sum((item.amount for item in items if item.amount is not None), NOTHING),
        items=tuple(items),
        unpriced=tuple(unpriced),
        monthly=tuple(monthly),
        complete=complete and not unpriced and all(item.amount is not None for item in items),
    )


def moment(wall: float) -> datetime:
    """Return a wall time in seconds as an aware datetime."""
    return datetime.fromtimestamp(wall, UTC)
