"""What to look for among the products, what was chosen, and what became of the stock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

import attrs

from novita_sdk.models.enums import BillingMode
from novita_sdk.models.money import Money
from novita_sdk.models.product import GpuProduct

RegionOutcome: TypeAlias = Literal[
    "used",
    "not_offered",
    "unavailable",
    "no_price",
    "over_max_price",
    "filtered",
    "unknown_region",
    "error",
    "not_tried",
]
"""What came of a region: chosen; no such product there; sold out; not sold that way; too dear; refused by the other
conditions; a region nobody knows; the service failed; not needed."""

RegionFallback: TypeAlias = Literal["list", "area", "none"]
"""Where to look after the wanted region: the whole list, regions of the same area, nowhere."""

RegionPreference: TypeAlias = Literal["region", "price"]
"""Whether the first region or the lowest price wins."""


@attrs.frozen
class ProductQuery:
    """What to rent, and where: the arguments of `products.cheapest`, as a value for `create(product=...)`.

    Args:
        name: Words that the product's name must have, such as `"RTX 4090"`; None for any product. A name that is
            equal but for capitals excludes all others.
        gpu_num: GPUs wanted, 1-8.
        billing: `"on_demand"`, `"spot"` or `"monthly"`.
        region: Where to look first: a code such as `"US-CA-06"`, a display name or a cluster id; `"any"` for the list
            from its start; None for the setting `default_region`.
        regions: The regions to look in, in this order, instead of all that.
        fallback: Where to look after `region`: `"list"`, `"area"` (codes with the same first part) or `"none"`.
        prefer: `"region"`: the first region that has something; `"price"`: the lowest price in all of them.
        max_price: Most US dollars for a GPU and hour (monthly: for the term as the service states it).
        min_memory: Least main memory per GPU, GB. Video memory is no field of the API but part of the name.
        min_cpu: Least CPU cores per GPU.
        min_rootfs: Least root disk, GB.
        months: Term of monthly billing.
        where: Further condition on a product.
        confirm: Whether the chosen region is asked once more for its own stock.
    """

    name: str | None = None
    gpu_num: int = attrs.field(default=1, kw_only=True)
    billing: str | BillingMode = attrs.field(default="on_demand", kw_only=True)
    region: str | None = attrs.field(default=None, kw_only=True)
    regions: Sequence[str] | None = attrs.field(default=None, kw_only=True)
    fallback: RegionFallback = attrs.field(default="list", kw_only=True)
    prefer: RegionPreference = attrs.field(default="region", kw_only=True)
    max_price: Money | Decimal | int | str | None = attrs.field(default=None, kw_only=True)
    min_memory: int | None = attrs.field(default=None, kw_only=True)
    min_cpu: int | None = attrs.field(default=None, kw_only=True)
    min_rootfs: int | None = attrs.field(default=None, kw_only=True)
    months: int = attrs.field(default=1, kw_only=True)
    where: Callable[[GpuProduct], bool] | None = attrs.field(default=None, kw_only=True)
    confirm: bool = attrs.field(default=True, kw_only=True)


@attrs.frozen(kw_only=True)
class RegionTried:
    """What came of one region; `str()` gives one line.

    Attributes:
        region: Its code.
        reason: What came of it.
        detail: More about that, in words.
        lowest_price: Lowest price of a GPU seen there, also if it did not qualify; None if there was none.
    """

    region: str
    reason: RegionOutcome
    detail: str = ""
    lowest_price: Money | None = None

    def __str__(self) -> str:
        return f"{self.region} {self.reason}" + (f" ({self.detail})" if self.detail else "")


def _product(product: GpuProduct) -> str:
    return f"<{product.id}: {product.name}>"


@attrs.frozen(kw_only=True)
class ProductChoice:
    """The product that was chosen, and where. `str()` gives one line; `repr()` leaves the details of both out.

    Attributes:
        product: The product.
        region: Code of the region, such as `US-CA-06`.
        region_name: Its display name; the code where none is known.
        cluster_id: Its cluster; None if the service names none, and then nothing can be created there.
        billing: How it would be charged.
        gpu_num: GPUs wanted.
        months: Term; None unless it is monthly.
        unit_price: Price of one GPU: per hour, or for the term as the service states it.
        total_price: That price times `gpu_num`.
        requested_region: The region that was to be looked at first.
        fell_back: Whether it is another region than that.
        tried: What came of each region, in order.
    """

    product: GpuProduct = attrs.field(repr=_product)
    region: str
    region_name: str
    cluster_id: str | None
    billing: BillingMode
    gpu_num: int
    months: int | None
    unit_price: Money
    total_price: Money
    requested_region: str
    fell_back: bool
    tried: tuple[RegionTried, ...] = attrs.field(repr=False)

    def __str__(self) -> str:
        count = f"{self.gpu_num} x " if self.gpu_num > 1 else ""
        term = "an hour" if self.months is None else f"for {self.months} months"
        return f"{count}{self.product.name} in {self.region}, {self.total_price} {term}"

    @property
    def hourly(self) -> Money | None:
        """What it costs per hour; None for a prepaid term."""
        return None if self.billing == BillingMode.MONTHLY else self.total_price


StockEventKind: TypeAlias = Literal[
    "available", "price_changed", "unavailable", "poll_failed", "poll_recovered"
]
"""What a stock event tells."""


@attrs.frozen(kw_only=True)
class StockEvent:
    """A change of what can be rented, or a failed look at it.

    Attributes:
        kind: What happened.
        at: When it was seen, in UTC.
        product: The product as last seen; None for polls.
        region: Code of the region; None for polls.
        unit_price: Price of one GPU, per hour or for the term; None if it is not available, and for polls.
        previous: The price before; None where there was none.
        initial: Whether it was so already at the first look.
        error: Why a poll failed.
        consecutive: How many polls have failed in a row, up to now.
    """

    kind: StockEventKind
    at: datetime
    product: GpuProduct | None = None
    region: str | None = None
    unit_price: Money | None = None
    previous: Money | None = None
    initial: bool = False
    error: Exception | None = None
    consecutive: int = 0
