"""Products: what can be rented, where, and for how much."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, overload

from novita_sdk._async.pager import AsyncPager
from novita_sdk._async.resources.resource import AsyncResource
from novita_sdk._core import operations
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk.models.enums import BillingMode
from novita_sdk.models.money import Money
from novita_sdk.models.product import CpuProduct, GpuProduct
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.watching import AsyncSubscription, StopEvent
    from novita_sdk.models.product_choice import (
        ProductChoice,
        RegionFallback,
        RegionPreference,
        StockEvent,
    )


class AsyncProducts(AsyncResource):
    """GPU and CPU products with prices and stock."""

    def list(
        self,
        *,
        cluster_id: str | None = None,
        gpu_num: int | None = None,
        product_name: str | None = None,
        min_cpu_per_gpu: int | None = None,
        min_memory_per_gpu: int | None = None,
        min_root_fs_size: int | None = None,
        billing_method: BillingMode | str | None = None,
        options: CallOptions | None = None,
    ) -> AsyncPager[GpuProduct]:
        """List GPU products. Operation `list_gpu_products`.

        Args:
            cluster_id: Only what this cluster offers.
            gpu_num: GPUs wanted, 0-8.
            product_name: Only names like this (fuzzy), such as `"4090"`.
            min_cpu_per_gpu: Least CPU cores per GPU.
            min_memory_per_gpu: Least main memory per GPU, GB.
            min_root_fs_size: Least root disk per GPU, GB.
            billing_method: Only what is sold this way; availability then refers to it, as far as is known.
            options: What this call does differently.

        Returns:
            A pager over one page.
        """
        values = {
            "clusterId": cluster_id,
            "gpuNum": gpu_num,
            "productName": product_name,
            "minCpuPerGpu": min_cpu_per_gpu,
            "minMemoryPerGpu": min_memory_per_gpu,
            "minRootFSSize": min_root_fs_size,
            "billingMethod": billing_method,
        }
        return self._pager(operations.LIST_GPU_PRODUCTS, values, DEFAULT_PAGE_SIZE, options)

    def list_cpu(
        self,
        *,
        cluster_id: str | None = None,
        product_name: str | None = None,
        options: CallOptions | None = None,
    ) -> AsyncPager[CpuProduct]:
        """List CPU products. Operation `list_cpu_products`.

        Args:
            cluster_id: Only what this cluster offers.
            product_name: Only names like this (fuzzy).
            options: What this call does differently.

        Returns:
            A pager over one page.
        """
        values = {"clusterId": cluster_id, "productName": product_name}
        return self._pager(operations.LIST_CPU_PRODUCTS, values, DEFAULT_PAGE_SIZE, options)

    async def cheapest(
        self,
        name: str | None = None,
        *,
        gpu_num: int = 1,
        billing: str | BillingMode = "on_demand",
        region: str | None = None,
        regions: Sequence[str] | None = None,
        fallback: RegionFallback = "list",
        prefer: RegionPreference = "region",
        max_price: Money | Decimal | int | str | None = None,
        min_memory: int | None = None,
        min_cpu: int | None = None,
        min_rootfs: int | None = None,
        months: int = 1,
        where: Callable[[GpuProduct], bool] | None = None,
        confirm: bool = True,
        options: CallOptions | None = None,
    ) -> ProductChoice:
        """Choose the cheapest GPU product that can be rented now, region by region.

        One request tells the products of all regions, one the clusters (kept for ten minutes), and each region that
        seems to have something is asked once for its own stock. What is sold out, not sold the wanted way or without
        a price is left out. Of equal prices the product with more memory, more cores, then the smaller id wins.
        Operations `list_gpu_products` and `list_clusters`.

        Args:
            name: Words that the product's name must have, such as `"RTX 4090"` (which is not `"RTX 4090D"`); a name
                that is equal but for capitals excludes all others. None for any product.
            gpu_num: GPUs wanted, 1-8.
            billing: `"on_demand"`, `"spot"` or `"monthly"`.
            region: Where to look first: a code such as `"US-CA-06"`, a display name or a cluster id; `"any"` for none
                in particular; left out, the setting `default_region`.
            regions: The regions to look in, in this order, and in no other.
            fallback: Where to look after `region`: `"list"` (the eight regions in turn), `"area"` (those with the same
                first part) or `"none"`.
            prefer: `"region"`: the first region that has something; `"price"`: the lowest price in all of them.
            max_price: Most US dollars for a GPU and hour (monthly: for the term as the service states it).
            min_memory: Least main memory per GPU, GB. Video memory is no field of the API but part of the name.
            min_cpu: Least CPU cores per GPU.
            min_rootfs: Least root disk, GB.
            months: Term of monthly billing.
            where: Further condition on a product.
            confirm: Whether the chosen region is asked for its own stock.
            options: What these calls do differently.

        Returns:
            The choice, with a table of what was tried. That it was made in another region than the wanted one is
            told there and logged as a warning.

        Raises:
            ValidationError: Arguments are wrong, or a region that was asked for is unknown.
            NotFoundError: No product has the name, `PRODUCT_NOT_FOUND`.
            CapacityError: Nothing fits, `NO_AVAILABLE_PRODUCTS`; `tried` tells about each region.
            ServerError: Nothing was found, and a region could not be asked; `tried` tells the rest.

        Example:
            ```python
            choice = await client.products.cheapest("RTX 4090", region="US-CA-06", max_price="0.40")
            created = await client.gpu_instances.create(product=choice, image_url="nginx")
            ```
        """
        from novita_sdk._async.lifecycle.product_choice import AsyncProductChooser  # noqa: PLC0415 - where it is used
        from novita_sdk.models.product_choice import ProductQuery  # noqa: PLC0415 - the same

        query = ProductQuery(
            name,
            gpu_num=gpu_num,
            billing=billing,
            region=region,
            regions=regions,
            fallback=fallback,
            prefer=prefer,
            max_price=max_price,
            min_memory=min_memory,
            min_cpu=min_cpu,
            min_rootfs=min_rootfs,
            months=months,
            where=where,
            confirm=confirm,
        )
        return (await AsyncProductChooser(self._caller, self._services, options).choices(query))[0]

    @overload
    def watch_stock(
        self,
        name: str | None = None,
        *,
        gpu_num: int = 1,
        billing: str | BillingMode = "on_demand",
        region: str | None = None,
        regions: Sequence[str] | None = None,
        fallback: RegionFallback = "list",
        max_price: Money | Decimal | int | str | None = None,
        min_memory: int | None = None,
        min_cpu: int | None = None,
        min_rootfs: int | None = None,
        months: int = 1,
        where: Callable[[GpuProduct], bool] | None = None,
        interval: float | timedelta = 60,
        replay: bool = True,
        options: CallOptions | None = None,
    ) -> AsyncSubscription[StockEvent]: ...

    @overload
    def watch_stock(
        self,
        name: str | None = None,
        *,
        gpu_num: int = 1,
        billing: str | BillingMode = "on_demand",
        region: str | None = None,
        regions: Sequence[str] | None = None,
        fallback: RegionFallback = "list",
        max_price: Money | Decimal | int | str | None = None,
        min_memory: int | None = None,
        min_cpu: int | None = None,
        min_rootfs: int | None = None,
        months: int = 1,
        where: Callable[[GpuProduct], bool] | None = None,
        interval: float | timedelta = 60,
        replay: bool = True,
        on_event: Callable[[StockEvent], object],
        stop: StopEvent | None = None,
        options: CallOptions | None = None,
    ) -> Awaitable[int]: ...

    def watch_stock(
        self,
        name: str | None = None,
        *,
        gpu_num: int = 1,
        billing: str | BillingMode = "on_demand",
        region: str | None = None,
        regions: Sequence[str] | None = None,
        fallback: RegionFallback = "list",
        max_price: Money | Decimal | int | str | None = None,
        min_memory: int | None = None,
        min_cpu: int | None = None,
        min_rootfs: int | None = None,
        months: int = 1,
        where: Callable[[GpuProduct], bool] | None = None,
        interval: float | timedelta = 60,
        replay: bool = True,
        on_event: Callable[[StockEvent], object] | None = None,
        stop: StopEvent | None = None,
        options: CallOptions | None = None,
    ) -> AsyncSubscription[StockEvent] | Awaitable[int]:
        """Watch what can be rented: told are products that become available, sell out or change their price.

        Nothing runs in the background: a look, which is one request, is made while the watcher waits for the next
        event. A failed look is an event too and stretches the pause up to 60 s. Operations `list_gpu_products` and
        `list_clusters`.

        Args:
            name: As for `cheapest`; so are the next ones.
            gpu_num: GPUs wanted, 1-8.
            billing: `"on_demand"`, `"spot"` or `"monthly"`.
            region: Where to look first.
            regions: The regions to look in, and in no other.
            fallback: Where to look besides `region`.
            max_price: Most US dollars for a GPU and hour.
            min_memory: Least main memory per GPU, GB.
            min_cpu: Least CPU cores per GPU.
            min_rootfs: Least root disk, GB.
            months: Term of monthly billing.
            where: Further condition on a product.
            interval: Seconds between two looks, at least 1; they swing by 10 %.
            replay: Whether what is available at the first look is told, marked `initial`.
            on_event: Called with each event; the call then lasts until `stop` is set, or until it raises.
            stop: Ends that loop: an event of `threading`, `asyncio`, `anyio` or `trio`.
            options: What these calls do differently.

        Returns:
            An iterator over `StockEvent`s, which is a context manager too; with `on_event` how many were told.

        Raises:
            ValidationError: Arguments are wrong, or (while it is iterated) a region is unknown.
            AuthenticationError: The key is refused, while it is iterated; so `PermissionDeniedError`.

        Example:
            ```python
            async with client.products.watch_stock("RTX 4090", max_price="0.40") as events:
                async for event in events:
                    if event.kind == "available":
                        break
            ```
        """
        from novita_sdk._async.lifecycle.stock_watch import watch_stock  # noqa: PLC0415 - only where it is used
        from novita_sdk.models.product_choice import ProductQuery  # noqa: PLC0415 - the same

        query = ProductQuery(
            name,
            gpu_num=gpu_num,
            billing=billing,
            region=region,
            regions=regions,
            fallback=fallback,
            max_price=max_price,
            min_memory=min_memory,
            min_cpu=min_cpu,
            min_rootfs=min_rootfs,
            months=months,
            where=where,
        )
        events = watch_stock(
            self._caller,
            self._services,
            query,
            interval=interval,
            replay=replay,
            on_event=on_event,
            stop=stop,
            options=options,
        )
        return events if on_event is None else events.tell(on_event, stop)
