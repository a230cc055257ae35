"""What is in stock, and what has changed since the last look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from novita_sdk._core.lifecycle.products import Offer, named, sift_regions
from novita_sdk._core.lifecycle.regions import Region
from novita_sdk.models.product import GpuProduct
from novita_sdk.models.product_choice import ProductQuery, StockEvent

Stock: TypeAlias = Mapping[tuple[str, str], Offer]
"""Offers by product id and region code, in order."""

LONGEST_BACK_OFF: Final = 60.0
"""Seconds up to which failed looks stretch the pause."""


def stock_of(products: Iterable[GpuProduct], regions: Sequence[Region], query: ProductQuery) -> Stock:
    """Return what fits a query: by region in their order, in each the best first."""
    sieves = sift_regions(named(products, query.name), regions, query)
    return {
        (offer.product.id, region.code): offer
        for region, sieve in zip(regions, sieves, strict=True)
        for offer in sieve.offers
    }


def first_events(stock: Stock, at: datetime) -> list[StockEvent]:
    """Tell the first look: everything is available."""
    return [
        StockEvent(
            kind="available",
            at=at,
            product=offer.product,
            region=region,
            unit_price=offer.price,
            initial=True,
        )
        for (_, region), offer in stock.items()
    ]


def events_between(before: Stock, now: Stock, at: datetime) -> list[StockEvent]:
    """Tell what has changed: first what is gone, then other prices, then what is new."""
    gone = [
        StockEvent(kind="unavailable", at=at, product=offer.product, region=key[1], previous=offer.price)
        for key, offer in before.items()
        if key not in now
    ]
    changed = [
        StockEvent(
            kind="price_changed",
            at=at,
            product=offer.product,
            region=key[1],
            unit_price=offer.price,
            previous=before[key].price,
        )
        for key, offer in now.items()
        if key in before and before[key].price != offer.price
    ]
    new = [
        StockEvent(kind="available", at=at, product=offer.product, region=key[1], unit_price=offer.price)
        for key, offer in now.items()
        if key not in before
    ]
    return gone + changed + new


def pause_after(interval: float, failures: int) -> float:
    """Return the seconds between two looks after so many failed ones in a row."""
    return max(interval, min(LONGEST_BACK_OFF, interval * float(2 ** min(failures, 16))))
