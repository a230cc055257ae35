"""Remember the instances of an account, and see what came, changed and went.

Run it with `python examples/inventory_sync.py`. It reads the service and writes a state store, and touches no instance.
"""

from __future__ import annotations

import connect

from novita_sdk import Novita
from novita_sdk.lifecycle import InventorySync


def main() -> None:
    """Make some passes; on the simulated cloud instances come and go in between."""
    sim = connect.simulator()
    with connect.client(sim) as client:
        sync = InventorySync(client)
        print(sync.check())
        if sim is not None:
            product = next(found for found in client.products.list() if found.available_deploy)
            created = client.gpu_instances.create(product_id=product.id, image_url="nginx", name="web")
            client.gpu_instances.wait(created.id, timeout=1800)
            print(sync.check())
            show(sync)
            go(client, created.id)
            sim.clock.sleep(120)
            print(sync.check())
        status = sync.status()
        print(f"last sync: {status.last_sync:%H:%M}, {status.cache_size} remembered")


def show(sync: InventorySync) -> None:
    """Print what is known here and there."""
    for item in sync.snapshot():
        name = item.instance.name if item.instance is not None else item.id
        print(f"  {name}: {item.source}")


def go(client: Novita, instance_id: str) -> None:
    """Give an instance back."""
    client.gpu_instances.delete(instance_id)
    client.gpu_instances.wait(instance_id, until="gone")


if __name__ == "__main__":
    main()
