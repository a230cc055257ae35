"""Watch all instances: what happens to them, what they cost, and for how long their GPUs have done nothing.

Run it with `python examples/monitor.py`. It only reads; on the real cloud it runs until Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

import connect

from novita_sdk import Instance, InstanceEvent, Novita, NovitaError
from novita_sdk.testing import Simulator

IDLE_BELOW = 0.05
"""GPU utilisation below which an instance counts as idle. Whether it is percent is not documented."""

LOOK_BACK = timedelta(hours=1)


def idle_for(client: Novita, instance: Instance, now: datetime) -> timedelta | None:
    """Return for how long the GPUs have done nothing, as far as it was looked back; None if nobody knows."""
    series = client.gpu_instances.metrics(
        instance, start_time=now - LOOK_BACK, end_time=now, interval=timedelta(minutes=1)
    )
    points = series.gpu_utilization.avg if series.gpu_utilization else ()
    busy = [point.timestamp for point in points if point.timestamp and (point.value or 0) > IDLE_BELOW]
    known = [point.timestamp for point in points if point.timestamp]
    return now - max(busy or known[:1]) if known else None


def report(client: Novita, event: InstanceEvent) -> None:
    """Print one line for what happened, and one for what all of it costs."""
    print(event)
    instance = event.instance
    if instance is None:
        return
    if instance.status == "running":
        idle = idle_for(client, instance, event.at)
        told = "unknown" if idle is None else f"{idle.total_seconds() / 60:.0f} min"
        print(f"  idle for: {told}")
    print(f"  all instances: {client.gpu_instances.cost()}")


def watch(client: Novita, story: Iterator[None] | None) -> None:
    """Report each event; nothing runs in the background, the list is read while the loop waits."""
    with client.gpu_instances.watch(interval=30) as events:
        for event in events:
            report(client, event)
            if story is not None and next(story, "over") == "over":
                return


def acted(client: Novita, sim: Simulator) -> Iterator[None]:
    """Let things happen on the simulated cloud: half an hour of work, fifteen idle minutes, the end."""
    product = client.products.cheapest(prefer="price")
    created = client.gpu_instances.create_and_wait(product=product, image_url="nginx", name="busy")
    idle_from = sim.server_time() + 1800
    sim.set_utilisation(created.id, gpu=lambda at: 90.0 if at < idle_from else 0.0)
    sim.clock.sleep(2700)
    yield
    sim.set_status(created.id, "exited")
    yield
    client.gpu_instances.delete(created)
    yield
    while client.gpu_instances.exists(created):
        yield


def main() -> int:
    """Run the example and return its exit status."""
    sim = connect.simulator()
    with connect.client(sim) as client:
        try:
            story = None if sim is None else acted(client, sim)
            if story is not None:
                next(story)
            watch(client, story)
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("no longer watched; the instances go on")
    return 0


if __name__ == "__main__":
    sys.exit(main())
