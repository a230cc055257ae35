"""Create several instances or none, watch what they cost, and stop them once a budget is spent.

    python examples/fleet_with_a_budget.py

It runs on a simulated cloud, where hours take no time; with NOVITA_API_KEY set it only tells what runs and costs.
"""

from __future__ import annotations

import sys

import connect

from novita_sdk import Money, Novita, NovitaError
from novita_sdk.lifecycle import BudgetGuard
from novita_sdk.testing import Simulator

IMAGE = "docker.io/library/nginx:1.27-alpine"


def tell(client: Novita) -> None:
    """Print what runs, the dearest first."""
    cost = client.gpu_instances.cost()
    for item in cost.items:
        print(f"  {item.name or item.id}: {item.status}, {item.rate_per_hour} an hour")
    print(f"together {cost}")


def spend(client: Novita, sim: Simulator) -> None:
    """Let a fleet run until its budget is spent."""
    fleet = client.gpu_instances.create_many(
        4, policy="at_least", minimum=3, product="RTX 3090", image_url=IMAGE, name="worker"
    )
    print(f"{fleet}: {', '.join(fleet.ids)}")
    for made in fleet:
        client.gpu_instances.wait(made.id)
    tell(client)

    guard = BudgetGuard(client, Money.from_usd(5), period="total", include="worker-*")
    for _ in range(12):
        report = guard.check()  # `guard.run(stop)` does this every five minutes
        if report.stopped:
            print(f"{report}: stopped {len(report.stopped)}")
            break
        print(report)
        sim.clock.sleep(3600)

    for made in fleet:
        client.gpu_instances.delete(made.id)
    for made in fleet:
        client.gpu_instances.wait(made.id, until="gone")
    sim.assert_no_leaks()
    print("nothing is left billing")


def main() -> int:
    """Run the example and return its exit status."""
    sim = connect.simulator()
    with connect.client(sim) as client:
        try:
            if sim is None:
                tell(client)
            else:
                spend(client, sim)
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
