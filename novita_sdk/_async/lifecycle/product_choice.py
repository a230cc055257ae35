"""Asking for products, clusters and the stock of single regions, until a choice is made."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from novita_sdk._async.listing import pager_of
from novita_sdk._async.pager import AsyncPager
from novita_sdk._core import operations
from novita_sdk._core.lifecycle.product_query import check_query, request_values
from novita_sdk._core.lifecycle.products import (
    ProductSearch,
    without_odd_prices,
)
from novita_sdk._core.lifecycle.regions import ANY, Region, RegionMap, wanted_regions
from novita_sdk._core.log_records import log
from novita_sdk.errors import DeadlineExceededError, ServerError, TransportError, ValidationError
from novita_sdk.models.item_problem import ItemProblem
from novita_sdk.models.product import GpuProduct
from novita_sdk.models.product_choice import ProductChoice, ProductQuery
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from novita_sdk._async.caller import AsyncCaller
    from novita_sdk._async.services import AsyncServices

_LOGGER: Final = logging.getLogger("novita_sdk.lifecycle")


class AsyncProductChooser:
    """Chooses products.

    Args:
        caller: Makes the calls.
        services: What the client shares.
        options: What the calls do differently.
    """

    def __init__(self, caller: AsyncCaller, services: AsyncServices, options: CallOptions | None) -> None:
        self._caller = caller
        self._services = services
        self._options = options
        self._settings = services.settings

    async def choices(
        self, query: ProductQuery, *, most: int = 1, rootfs_size: int | None = None
    ) -> list[ProductChoice]:
        """Return the best offers, best first; the first was confirmed, unless the query says not to.

        Args:
            query: What is looked for.
            most: How many.
            rootfs_size: GB of root disk that a product must take.

        Raises:
            ValidationError: The query is wrong.
            NotFoundError: No product has the name.
            CapacityError: Nothing fits; `tried` tells about each region.
            NovitaError: A request failed.
        """
        check(query)
        products, odd = await self.listed(query)
        regions = await self.regions(query, products)
        search = ProductSearch(
            query, regions, products, odd, requested=self._requested(query), rootfs_size=rootfs_size
        )
        while (region := search.to_confirm()) is not None:
            try:
                confirmed, _ = await self.listed(query, region.cluster_id)
            except DeadlineExceededError:
                raise
            except (ServerError, TransportError) as error:
                search.failed(region, error)
            else:
                search.confirmed(region, confirmed)
        found = search.choices(most)
        if found[0].fell_back and query.prefer == "region":
            _tell_fallback(found[0])
        return found

    async def listed(
        self, query: ProductQuery, cluster_id: str | None = None
    ) -> tuple[Sequence[GpuProduct], Sequence[ItemProblem]]:
        """Return what the service offers for a query, and the items that could not be read."""
        filters = {"clusterId": cluster_id, **request_values(query)}
        pager: AsyncPager[GpuProduct] = pager_of(
            self._caller, operations.LIST_GPU_PRODUCTS, filters, self._options
        )
        readable = await pager.collect()
        odd = pager.problems or ()
        return [*readable, *without_odd_prices(odd)], odd

    async def regions(self, query: ProductQuery, products: Sequence[GpuProduct]) -> tuple[Region, ...]:
        """Return the regions to look at, in order.

        Raises:
            ValidationError: One that was asked for is unknown.
        """
        known = await self._known_regions(products)
        default = self._settings.default_region
        return known.order(query, default, default_is_wanted="default_region" in self._settings.given)

    async def cluster_of(self, region: str) -> str | None:
        """Return the id of a region's cluster; None for `any`.

        Raises:
            ValidationError: There is no such region.
        """
        if region.casefold() == ANY:
            return None
        known = await self._known_regions(())
        found = known.find(region)
        if found is None:
            raise ValidationError(problems=(known.unknown("region", region),))
        return found.cluster_id

    async def _known_regions(self, products: Sequence[GpuProduct]) -> RegionMap:
        clusters = await self._services.clusters.get(self._caller, self._options)
        return RegionMap(clusters, products)

    def _requested(self, query: ProductQuery) -> str:
        return next(iter(wanted_regions(query, self._settings.default_region)), ANY)


def check(query: ProductQuery) -> None:
    """Refuse a query that is wrong.

    Raises:
        ValidationError: All its problems.
    """
    problems = check_query(query)
    if problems:
        raise ValidationError(problems=tuple(problems))


def _tell_fallback(choice: ProductChoice) -> None:
    log(
        _LOGGER,
        logging.WARNING,
        "%(region)s was chosen instead of %(requested)s: %(reason)s",
        region=choice.region,
        requested=choice.requested_region,
        reason="; ".join(str(row) for row in choice.tried if row.reason not in {"used", "not_tried"}),
    )
