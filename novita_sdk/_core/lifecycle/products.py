"""Choosing a product: what fits a query, what it costs, and what came of each region."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

import attrs

from novita_sdk._core.codec import DecodeFailure, structure
from novita_sdk._core.lifecycle.product_query import billing_of, limit_of
from novita_sdk._core.lifecycle.regions import ANY, Region, offered_in, same_region
from novita_sdk._core.narrowing import is_mapping
from novita_sdk.errors import CapacityError, NotFoundError, NovitaError, ResponseDecodeError
from novita_sdk.models.enums import BillingMode, InventoryState
from novita_sdk.models.item_problem import ItemProblem
from novita_sdk.models.json_types import JSON
from novita_sdk.models.money import Money
from novita_sdk.models.product import GpuProduct
from novita_sdk.models.product_choice import ProductChoice, ProductQuery, RegionOutcome, RegionTried

_PRICES: Final = ("price", "spotPrice", "monthlyPrice")

# ------------------------------------------------------------------------------------- single products


def without_odd_prices(odd: Iterable[ItemProblem]) -> list[GpuProduct]:
    """Return those products of a list that could not be read only because of a price."""
    found = (_without_odd_prices(item.raw) for item in odd)
    return [product for product in found if product is not None]


def _without_odd_prices(raw: JSON) -> GpuProduct | None:
    if not is_mapping(raw):
        return None
    rest: dict[str, JSON] = {str(key): value for key, value in raw.items()}
    for _ in range(len(_PRICES) + 1):
        try:
            return structure(GpuProduct, rest)
        except DecodeFailure as failure:
            key = re.split(r"[.\[]", failure.path.removeprefix("$."), maxsplit=1)[0]
            if key not in _PRICES:
                return None
            del rest[key]
    return None


def named(products: Iterable[GpuProduct], name: str | None) -> list[GpuProduct]:
    """Return the products of a name: those that are called just so, else those that have every word of it."""
    if name is None:
        return list(products)
    every = list(products)
    wanted = name.strip().casefold()
    exact = [product for product in every if (product.name or "").strip().casefold() == wanted]
    words = set(wanted.split())
    return exact or [product for product in every if words <= set((product.name or "").casefold().split())]


def price_of(product: GpuProduct, query: ProductQuery) -> Money | None:
    """Return what one GPU of a product costs the way it is wanted; None if it is not sold that way."""
    billing = billing_of(query)
    if billing is BillingMode.SPOT:
        price = product.spot_price
    elif billing is BillingMode.MONTHLY:
        price = next((term.price for term in product.monthly_price if term.month == query.months), None)
    else:
        price = product.price
    return price if price is not None and price.raw > 0 else None


def _why_unavailable(product: GpuProduct, query: ProductQuery) -> str | None:
    if product.billing_methods and billing_of(query) not in product.billing_methods:
        return f"sold as {', '.join(product.billing_methods)}"
    if product.available_deploy is not True or product.can_buy is False:
        return "cannot be deployed"
    return "no stock" if product.inventory_state == InventoryState.NONE else None


def _why_filtered(product: GpuProduct, query: ProductQuery, rootfs_size: int | None) -> str | None:
    for wanted, offered, words in (
        (query.min_memory, product.memory_per_gpu, "GB of memory"),
        (query.min_cpu, product.cpu_per_gpu, "cores"),
        (query.min_rootfs, product.max_root_fs, "GB of root disk"),
    ):
        if wanted is not None and offered is not None and offered < wanted:
            return f"{offered} {words}, not {wanted}"
    if rootfs_size is not None and not takes_rootfs(product, rootfs_size):
        return f"root disk of {product.min_root_fs}-{product.max_root_fs} GB, not {rootfs_size}"
    return "refused by where=" if query.where is not None and not query.where(product) else None


def takes_rootfs(product: GpuProduct, size: int) -> bool:
    """Tell whether a root disk of that many GB is within the product's bounds, as far as they are known."""
    return (product.min_root_fs or 0) <= size and not (product.max_root_fs and size > product.max_root_fs)


# ------------------------------------------------------------------------------------------ regions


class Offer(NamedTuple):
    """A product that fits, and what one GPU of it costs."""

    product: GpuProduct
    price: Money

    @property
    def rank(self) -> tuple[Money, int, int, str]:
        """What offers of one region are ordered by."""
        product = self.product
        return self.price, -(product.memory_per_gpu or 0), -(product.cpu_per_gpu or 0), product.id


_STAGES: Final[tuple[RegionOutcome, ...]] = (
    "not_offered",
    "unavailable",
    "no_price",
    "over_max_price",
    "filtered",
)
"""How far a product can get, from the first hurdle to the last."""


@attrs.frozen(kw_only=True)
class Sieve:
    """What a region offers, sifted.

    Attributes:
        offers: What fits, best first.
        reason: Why nothing does; that of the product that got furthest.
        detail: More about it.
        lowest: Lowest price seen, also of what does not fit.
    """

    offers: tuple[Offer, ...]
    reason: RegionOutcome
    detail: str
    lowest: Money | None


def sift(products: Iterable[GpuProduct], query: ProductQuery, rootfs_size: int | None = None) -> Sieve:
    """Sift the products of a region.

    Args:
        products: What it offers of the wanted name.
        query: What is looked for.
        rootfs_size: GB of root disk that it must take; None where that is open.
    """
    limit = None if query.max_price is None else limit_of(query.max_price)
    offers: list[Offer] = []
    prices: list[Money] = []
    furthest, details = 0, list[str]()
    for product in products:
        price = price_of(product, query)
        if price is not None:
            prices.append(price)
        stage, why = 1, _why_unavailable(product, query)
        if why is None and price is None:
            stage, why = 2, f"no price for {billing_of(query)}"
        elif why is None and price is not None and limit is not None and price > limit:
            stage, why = 3, f"{price}"
        elif why is None and (why := _why_filtered(product, query, rootfs_size)) is not None:
            stage = 4
        if why is None and price is not None:
            offers.append(Offer(product, price))
            continue
        if stage > furthest:
            furthest, details = stage, []
        if stage == furthest:
            details.append(f"{product.name or product.id}: {why}")
    return Sieve(
        offers=tuple(sorted(offers, key=lambda offer: offer.rank)),
        reason=_STAGES[furthest],
        detail=", ".join(dict.fromkeys(details)),
        lowest=min(prices, default=None),
    )


def sift_regions(
    products: Sequence[GpuProduct],
    regions: Iterable[Region],
    query: ProductQuery,
    rootfs_size: int | None = None,
) -> list[Sieve]:
    """Sift the products of the wanted name, region by region."""
    return [
        sift(
            (product for product in products if region.known and offered_in(product, region)),
            query,
            rootfs_size,
        )
        for region in regions
    ]


class ProductSearch:
    """The search for a product over several regions: what was found out, and what is to be asked next.

    Args:
        query: What is looked for; it was checked.
        regions: Where, in order.
        products: What the service offers, in all regions.
        odd: Items of that list that could not be read.
        requested: The region that was asked for first; `any` for none.
        rootfs_size: GB of root disk that a product must take; None where that is open.

    Raises:
        NotFoundError: No product has the name.
        ResponseDecodeError: None has, but one cannot be read.
    """

    def __init__(
        self,
        query: ProductQuery,
        regions: Sequence[Region],
        products: Sequence[GpuProduct],
        odd: Sequence[ItemProblem],
        *,
        requested: str,
        rootfs_size: int | None = None,
    ) -> None:
        self._query = query
        self._regions = tuple(regions)
        self._requested = requested
        self._rootfs_size = rootfs_size
        self._failures: dict[int, NovitaError] = {}
        self._asked: set[int] = set()
        fitting = named(products, query.name)
        if not fitting and query.name is not None:
            raise _no_such_product(query.name, odd)
        self._sieves = sift_regions(fitting, self._regions, query, rootfs_size)

    def to_confirm(self) -> Region | None:
        """Return the region that has the best offer, if it was not yet asked for its own stock; None if settled."""
        best = min(self._ranked(), key=itemgetter(0), default=None)
        if best is None or not self._query.confirm or best[1] in self._asked:
            return None
        region = self._regions[best[1]]
        return None if region.cluster_id is None else region

    def confirmed(self, region: Region, products: Iterable[GpuProduct]) -> None:
        """Take in what a region itself has."""
        index = self._regions.index(region)
        self._asked.add(index)
        fitting = named(products, self._query.name)
        (self._sieves[index],) = sift_regions(fitting, (region,), self._query, self._rootfs_size)

    def failed(self, region: Region, error: NovitaError) -> None:
        """Take in that a region could not be asked."""
        index = self._regions.index(region)
        self._asked.add(index)
        self._failures[index] = error

    def choices(self, most: int = 1) -> list[ProductChoice]:
        """Return the best offers, best first.

        Args:
            most: How many.

        Raises:
            CapacityError: There is none.
            NovitaError: There is none, and one region could not be asked.
        """
        ranked = sorted(self._ranked(), key=itemgetter(0))[:most]
        if not ranked:
            raise self._nothing_left()
        return [self._choice(index, offer) for _, index, offer in ranked]

    def _ranked(self) -> Iterable[tuple[tuple[Any, ...], int, Offer]]:
        by_price = self._query.prefer == "price"
        for index, sieve in enumerate(self._sieves):
            for offer in () if index in self._failures else sieve.offers:
                rank = (offer.price, index, *offer.rank) if by_price else (index, *offer.rank)
                yield rank, index, offer

    def _choice(self, used: int, offer: Offer) -> ProductChoice:
        region, billing = self._regions[used], billing_of(self._query)
        fell_back = self._requested != ANY and not same_region(self._regions[0].code, region.code)
        return ProductChoice(
            product=offer.product,
            region=region.code,
            region_name=region.name,
            cluster_id=region.cluster_id,
            billing=billing,
            gpu_num=self._query.gpu_num,
            months=self._query.months if billing is BillingMode.MONTHLY else None,
            unit_price=offer.price,
            total_price=offer.price * self._query.gpu_num,
            requested_region=self._requested,
            fell_back=fell_back,
            tried=self._tried(used),
        )

    def _tried(self, used: int | None) -> tuple[RegionTried, ...]:
        return tuple(
            self._row(index, region, sieve, used=used)
            for index, (region, sieve) in enumerate(zip(self._regions, self._sieves, strict=True))
        )

    def _row(self, index: int, region: Region, sieve: Sieve, *, used: int | None) -> RegionTried:
        reason, detail = sieve.reason, sieve.detail
        if not region.known:
            reason = "unknown_region"
        elif index in self._failures:
            reason, detail = "error", self._failures[index].code
        elif index == used:
            reason, detail = "used", ""
        elif sieve.offers:
            reason, detail = "not_tried", "another one was preferred"
        return RegionTried(region=region.code, reason=reason, detail=detail, lowest_price=sieve.lowest)

    def _nothing_left(self) -> NovitaError:
        tried = self._tried(None)
        if self._failures:
            return next(iter(self._failures.values())).add_context(tried=tried)
        wanted = self._query.name or "GPU"
        told = ", ".join(f"{row.region} {row.reason}" for row in tried)
        return CapacityError(
            f"no {wanted} x{self._query.gpu_num} can be rented {billing_of(self._query)}: {told}",
            code="NO_AVAILABLE_PRODUCTS",
            tried=tried,
        )


def _no_such_product(name: str, odd: Sequence[ItemProblem]) -> NovitaError:
    if odd:
        path, message = odd[0].path, odd[0].message
        return ResponseDecodeError(
            f"no product is called {name!r}, but one cannot be read: {path}: {message}",
            path=path,
            model="GpuProduct",
            operation="list_gpu_products",
        )
    return NotFoundError(
        f"no GPU product is called {name!r}", kind="PRODUCT", identifier=name, searched_by=("name",)
    )
