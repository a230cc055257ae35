"""Utilisation of a running instance: CPU, memory, disk and each GPU. It only reads.

Run it with `python examples/metrics.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import connect

from novita_sdk import MetricPoint, Novita
from novita_sdk.testing import Simulator


def main() -> None:
    """Print the last half hour of the first instance that runs."""
    sim = connect.simulator()
    with connect.client(sim) as client:
        if sim is not None:
            keep_a_gpu_busy(client, sim)
        instance = client.gpu_instances.list(status="running").first()
        if instance is None:
            print("nothing is running")
            return
        now = datetime.now(UTC) if sim is None else datetime.fromtimestamp(sim.server_time(), UTC)
        show(client, instance.id, now)
        if sim is not None:
            client.gpu_instances.delete(instance)


def show(client: Novita, instance_id: str, now: datetime) -> None:
    """Print the mean of each series. Whether a value is percent or a fraction is not documented."""
    series = client.gpu_instances.metrics(
        instance_id, start_time=now - timedelta(minutes=30), end_time=now, interval=timedelta(minutes=5)
    )
    print(f"instance {instance_id}, {len(series.cpu_utilization)} points")
    print(f"  cpu {mean(series.cpu_utilization)}, memory {mean(series.mem_utilization)}")
    for gpu in series.gpu_utilization.gpu_ids if series.gpu_utilization else ():
        print(f"  gpu {gpu.gpu_id}: {mean(gpu.items)}")


def mean(points: tuple[MetricPoint, ...]) -> str:
    """Return the mean of the points that have a value."""
    values = [point.value for point in points if point.value is not None]
    return f"{sum(values) / len(values):.1f}" if values else "unknown"


def keep_a_gpu_busy(client: Novita, sim: Simulator) -> None:
    """Let half an hour pass on a busy instance of the simulated cloud."""
    product = client.products.list(product_name="3090").one()
    created = client.gpu_instances.create(product_id=product.id, image_url="nginx")
    client.gpu_instances.wait(created.id)
    sim.set_utilisation(created.id, gpu=93, cpu=41)
    sim.clock.sleep(1800)


if __name__ == "__main__":
    main()
