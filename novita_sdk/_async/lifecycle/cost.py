"""What instances cost: one listing, and one request for each kind of price."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from novita_sdk._async.resources.products import AsyncProducts
from novita_sdk._core.lifecycle.cost import (
    PriceQuery,
    Product,
    cost_of,
    is_gone,
    moment,
    price_query,
    second_query,
)
from novita_sdk._core.lifecycle.named_instances import NamedInstances, References
from novita_sdk._core.webhooks.payload import aware
from novita_sdk.models.cost import Cost
from novita_sdk.models.enums import InstanceKind
from novita_sdk.models.instance import Instance

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.instances import AsyncInstances
    from novita_sdk._async.services import AsyncServices


class AsyncPrices:
    """Asks for the prices that the rates of some instances need.

    Args:
        products: Where prices are asked for.
    """

    def __init__(self, products: AsyncProducts) -> None:
        self._products = products

    async def of(
        self, instances: Sequence[Instance], *, before_each: Callable[[], Awaitable[object]] | None = None
    ) -> Mapping[PriceQuery, Sequence[Product]]:
        """Return what is offered to each request for prices that the instances need.

        Args:
            instances: The instances.
            before_each: Awaited before each request, such as what keeps a lease.
        """
        offers: dict[PriceQuery, Sequence[Product]] = {}
        for instance in instances:
            first = price_query(instance)
            if first is not None and first not in offers:
                offers[first] = await self._ask(first, before_each)
        for instance in instances:
            second = second_query(instance, offers)
            if second is not None:
                offers[second] = await self._ask(second, before_each)
        return offers

    async def _ask(
        self, query: PriceQuery, before: Callable[[], Awaitable[object]] | None
    ) -> Sequence[Product]:
        if before is not None:
            await before()
        if query.kind is InstanceKind.CPU:
            return await self._products.list_cpu(product_name=query.name).collect()
        return await self._products.list(product_name=query.name, billing_method=query.billing).collect()


async def cost_now(
    gpu_instances: AsyncInstances,
    prices: AsyncPrices,
    services: AsyncServices,
    *,
    instances: References,
    since: datetime | None,
    until: datetime | None,
) -> Cost:
    """Work out what instances cost; see `gpu_instances.cost`."""
    named = NamedInstances(instances)
    began = None if since is None else aware(since, "since")
    ended = moment(services.clock.time()) if until is None else aware(until, "until")
    pager = gpu_instances.list()
    listed = await pager.collect()
    complete = pager.complete and not pager.problems
    wanted = (
        named.among(listed, complete=complete, name_lookup=services.settings.name_lookup)
        if named
        else _not_gone(listed)
    )
    return cost_of(
        wanted,
        await prices.of(wanted),
        since=began,
        until=ended,
        complete=complete or bool(named),
    )


def _not_gone(listed: Iterable[Instance]) -> list[Instance]:
    return [instance for instance in listed if not is_gone(instance)]
