"""Clusters, products and what is left of them."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.pages import matches
from novita_sdk.testing.cloud.records import Product
from novita_sdk.testing.cloud.world import Args, World


def list_clusters(world: World, _args: Args, _now: int) -> JSON:
    """Answer list_clusters."""
    return {
        "data": [
            {
                "id": cluster.id,
                "name": cluster.name,
                "availableGpuType": [
                    product.name
                    for product in world.products.values()
                    if product.kind == "gpu" and cluster.id in product.stock
                ],
                "supportNetworkStorage": cluster.storage,
                "supportInstanceNetwork": cluster.network,
            }
            for cluster in world.clusters.values()
        ]
    }


def list_gpu_products(world: World, args: Args, now: int) -> JSON:
    """Answer list_gpu_products."""
    billing = args.get("billingMethod", "onDemand")
    return {
        "data": [
            _show_gpu(world, product, args, now)
            for product in _offered(world, args, "gpu")
            if product.sold(billing)
            and product.cpu >= args.get("minCpuPerGpu", 0)
            and product.memory >= args.get("minMemoryPerGpu", 0)
            and product.max_rootfs >= args.get("minRootFSSize", 0)
        ]
    }


def list_cpu_products(world: World, args: Args, now: int) -> JSON:
    """Answer list_cpu_products."""
    return {
        "data": [
            {
                "id": product.id,
                "name": product.name,
                "cpuNum": product.cpu,
                "memorySize": product.memory,
                "rootfsSize": product.disk,
                "localVolumeSize": product.local_volume,
                "availableDeploy": most_free(product, args.get("clusterId"), now) >= 1,
                "price": _price(world, product.price),
            }
            for product in _offered(world, args, "cpu")
        ]
    }


def most_free(product: Product, cluster_id: str | None, now: int) -> float:
    """Return how many units are left in the named cluster, else in the one that has most."""
    return max(
        (
            stock.free(now)
            for cluster, stock in product.stock.items()
            if not cluster_id or cluster == cluster_id
        ),
        default=0,
    )


def _offered(world: World, args: Args, kind: str) -> list[Product]:
    cluster = args.get("clusterId")
    return [
        product
        for product in world.products.values()
        if product.kind == kind
        and (not cluster or cluster in product.stock)
        and matches(args.get("productName"), product.name)
    ]


def _show_gpu(world: World, product: Product, args: Args, now: int) -> JSON:
    free = most_free(product, args.get("clusterId"), now)
    body: dict[str, JSON] = {
        "id": product.id,
        "name": product.name,
        "cpuPerGpu": product.cpu,
        "memoryPerGpu": product.memory,
        "diskPerGpu": product.disk,
        "availableDeploy": free >= max(1, args.get("gpuNum", 1)),
        "minRootFS": product.min_rootfs,
        "maxRootFS": product.max_rootfs,
        "minLocalStorage": 0,
        "maxLocalStorage": 0,
        "regions": [world.clusters[cluster].name for cluster in product.stock],
        "price": _price(world, product.price),
        "monthlyPrice": [
            {"price": _price(world, price), "month": months} for months, price in product.monthly.items()
        ],
        "billingMethods": [mode for mode in ("onDemand", "monthly", "spot") if product.sold(mode)],
        "inventoryState": _inventory(free),
    }
    if product.spot_price is not None:
        body["spotPrice"] = str(product.spot_price)
    return body


def _price(world: World, price: int) -> JSON:
    return price if world.quirks.documented_spellings else str(price)


def _inventory(free: float) -> str:
    if free <= 0:
        return "none"
    if free <= 8:
        return "low"
    return "normal" if free <= 64 else "high"
