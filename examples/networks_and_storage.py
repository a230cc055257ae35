"""Private networks and shared volumes: make one of each where both can be had, and delete them.

Run it with `python examples/networks_and_storage.py`.
"""

from __future__ import annotations

import connect

from novita_sdk import Novita

NAME = "novita-sdk-example"


def main() -> None:
    """Make a network and a volume in one cluster, change them, delete them."""
    sim = connect.simulator(needs_consent=True)
    connect.ask(sim, "Make a network and a volume of 10 GB (which is charged), and delete both again?")
    with connect.client(sim) as client:
        cluster = next(
            found
            for found in client.clusters.list()
            if found.support_instance_network and found.support_network_storage
        )
        print(f"in {cluster.name}:")
        use_network(client, cluster.id)
        use_volume(client, cluster.id)
    if sim is not None:
        sim.assert_no_leaks()
        print("nothing is left billing")


def use_network(client: Novita, cluster_id: str) -> None:
    """Instances join a network with `create(..., network_id=...)`."""
    network_id = client.networks.create(cluster_id=cluster_id, name=NAME)
    try:
        client.networks.update(network_id, name=f"{NAME}-renamed")
        network = client.networks.get(network_id)
        state = network.state.state if network.state else "unknown"
        print(f"  network {network.name}: {network.segment}, {state}, {len(network.addresses)} members")
    finally:
        client.networks.delete(network_id)


def use_volume(client: Novita, cluster_id: str) -> None:
    """Instances mount a volume with `create(..., network_storages={volume_id: "/data"})`."""
    volume_id = client.network_storages.create(cluster_id=cluster_id, storage_name=NAME, storage_size=10)
    try:
        client.network_storages.update(volume_id, storage_size=20)  # the name stays: it is read first
        volume = client.network_storages.get(volume_id)
        print(
            f"  volume {volume.storage_name}: {volume.storage_size} GB, price {volume.price} (doubtful unit)"
        )
    finally:
        client.network_storages.delete(volume_id)


if __name__ == "__main__":
    main()
