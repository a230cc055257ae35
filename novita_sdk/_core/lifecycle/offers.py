"""Whether a product that was rented once can be rented again."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from novita_sdk.models.enums import BillingMode, InventoryState
from novita_sdk.models.money import Money
from novita_sdk.models.product import GpuProduct


def is_on_offer(product: GpuProduct, billing: str) -> bool:
    """Tell whether a product can be deployed now.

    Args:
        product: The product, as listed for the cluster in question.
        billing: The billing mode wanted.
    """
    return (
        product.available_deploy is not False
        and product.can_buy is not False
        and product.inventory_state != InventoryState.NONE
        and (not product.billing_methods or billing in product.billing_methods)
    )


def cheapest_like(name: str, products: Iterable[GpuProduct], billing: str) -> GpuProduct | None:
    """Return the cheapest product of a name that can be deployed now; None if there is none.

    Args:
        name: The name, exactly.
        products: What is listed for the cluster in question.
        billing: The billing mode wanted.
    """
    found = [
        (price.usd, product.id, product)
        for product in products
        if product.name == name
        and is_on_offer(product, billing)
        and (price := _price(product, billing)) is not None
    ]
    return min(found, key=lambda row: row[:2])[2] if found else None


def _price(product: GpuProduct, billing: str) -> Money | None:
    price = product.spot_price if billing == BillingMode.SPOT else product.price
    return price if price is not None and price.usd > Decimal(0) else None
