"""Shared volumes."""

from __future__ import annotations

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.money import PRICE_UNITS, Money


@model
class NetworkStorage(Model):
    """A shared volume of one cluster.

    Attributes:
        storage_id: Id of the volume.
        storage_name: Name.
        storage_size: Size in GB.
        cluster_id: Id of the cluster it belongs to.
        cluster_name: Its display name.
        price: What it costs. Doubtful: neither unit nor period is documented; it is read as 1/100000 USD.
    """

    storage_id: str
    storage_name: str | None = None
    storage_size: int | None = None
    cluster_id: str | None = None
    cluster_name: str | None = None
    price: Money | None = field(default=None, units_per_usd=PRICE_UNITS)
