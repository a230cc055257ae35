"""What can be rented, where, and for how much. It only reads.

Run it with `python examples/products_and_clusters.py`.
"""

from __future__ import annotations

from operator import itemgetter

import connect

from novita_sdk import Money, Novita


def main() -> None:
    """Print clusters, GPU products by price, and CPU products."""
    sim = connect.simulator()
    with connect.client(sim) as client:
        show_clusters(client)
        show_gpus(client)
        show_cpus(client)


def show_clusters(client: Novita) -> None:
    """Print the data centres, and what can be had there besides GPUs."""
    print("clusters:")
    for cluster in client.clusters.list():
        extras = {"volumes": cluster.support_network_storage, "networks": cluster.support_instance_network}
        print(
            f"  {cluster.id:12} {cluster.name}: {', '.join(name for name in extras if extras[name]) or '-'}"
        )


def show_gpus(client: Novita) -> None:
    """Print GPU products, the cheapest first. Prices are exact: no float is involved."""
    offers = [(product.price, product) for product in client.products.list() if product.price is not None]
    print("GPUs, per card and hour:")
    for price, product in sorted(offers, key=itemgetter(0)):
        stock = product.inventory_state if product.available_deploy else "sold out"
        print(f"  {product.id:16} {product.name:20} {price}{spot_offer(price, product.spot_price)}, {stock}")
    fitting = client.products.list(product_name="4090", gpu_num=8, billing_method="onDemand")
    print(f"eight 4090s on demand: {', '.join(product.id for product in fitting) or 'nowhere'}")


def spot_offer(price: Money, spot_price: Money | None) -> str:
    """Say what a product costs as a spot instance, if it is sold as one."""
    return "" if spot_price is None else f" (spot {spot_price}, saves {price - spot_price})"


def show_cpus(client: Novita) -> None:
    """Print CPU products. That their price has the unit of GPU prices is an assumption."""
    print("CPUs, per hour:")
    for product in client.products.list_cpu():
        print(f"  {product.id:16} {product.cpu_num} cores, {product.memory_size} GB, {product.price}")


if __name__ == "__main__":
    main()
