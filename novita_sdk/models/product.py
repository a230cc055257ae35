"""Deployable GPU and CPU products with their prices and stock."""

from __future__ import annotations

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.enums import BillingMode, InventoryState
from novita_sdk.models.json_types import JSON
from novita_sdk.models.money import PRICE_UNITS, Money


@model
class SubscriptionPrice(Model):
    """Price of a prepaid term.

    Attributes:
        price: The price, read as 1/100000 USD. Doubtful: it is not documented whether it is per month or for
            the whole term, nor whether per GPU, and no live sample was ever seen.
        month: Length of the term in months.
    """

    price: Money | None = field(default=None, units_per_usd=PRICE_UNITS)
    month: int | None = None


@model
class GpuProduct(Model):
    """A kind of machine with GPUs.

    Attributes:
        id: Id to create instances with.
        name: Display name.
        cpu_per_gpu: CPU cores per GPU.
        memory_per_gpu: Main memory per GPU in GB.
        disk_per_gpu: Disk per GPU in GB.
        available_deploy: Whether it can be deployed now. That it speaks of the billing mode asked for is how
            watchers of spot prices read it, not something documented.
        min_root_fs: Smallest root disk in GB.
        max_root_fs: Largest root disk in GB.
        min_local_storage: Smallest local disk in GB.
        max_local_storage: Largest local disk in GB.
        regions: Clusters that offer it; empty means all, None that the service does not say. Display names with
            the place in brackets, such as `US-CA-06 (California)`, not ids; until about October 2025 they were
            bare codes.
        price: Pay-as-you-go price per GPU and hour.
        monthly_price: Subscription prices by term; often empty.
        billing_methods: Ways it is sold.
        spot_price: Spot price per GPU and hour.
        inventory_state: Stock, with the same reservation as `available_deploy`.
        can_buy: Undocumented; seen once in a live answer.
        prices: Undocumented; only ever seen empty.
    """

    id: str
    name: str | None = None
    cpu_per_gpu: int | None = None
    memory_per_gpu: int | None = None
    disk_per_gpu: int | None = None
    available_deploy: bool | None = None
    min_root_fs: int | None = field(default=None, wire="minRootFS")
    max_root_fs: int | None = field(default=None, wire="maxRootFS")
    min_local_storage: int | None = None
    max_local_storage: int | None = None
    regions: tuple[str, ...] | None = None
    price: Money | None = field(default=None, units_per_usd=PRICE_UNITS)
    monthly_price: tuple[SubscriptionPrice, ...] = ()
    billing_methods: tuple[BillingMode, ...] = ()
    spot_price: Money | None = field(default=None, units_per_usd=PRICE_UNITS)
    inventory_state: InventoryState | None = None
    can_buy: bool | None = None
    prices: tuple[JSON, ...] = field(default=(), hashed=False)


@model
class CpuProduct(Model):
    """A kind of machine without GPUs.

    Attributes:
        id: Id to create instances with.
        name: Display name.
        cpu_num: CPU cores.
        memory_size: Main memory in GB.
        rootfs_size: Root disk in GB.
        local_volume_size: Local disk in GB.
        available_deploy: Whether it can be deployed now.
        price: Pay-as-you-go price per hour, read as 1/100000 USD. Doubtful: that the unit is the one of GPU
            products is an assumption.
    """

    id: str
    name: str | None = None
    cpu_num: int | None = None
    memory_size: int | None = None
    rootfs_size: int | None = None
    local_volume_size: int | None = None
    available_deploy: bool | None = None
    price: Money | None = field(default=None, units_per_usd=PRICE_UNITS)
