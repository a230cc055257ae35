"""Look after spot instances that were reclaimed, and tell of moves that failed.

Run it with `python examples/migration_checker.py`. On the real cloud it only looks: nothing is moved or copied. On the
simulated one an instance is rented, reclaimed, moved, and made anew after a move that fails.
"""

from __future__ import annotations

import connect

from novita_sdk import Novita
from novita_sdk.lifecycle import MigrationChecker
from novita_sdk.testing import Simulator


def main() -> None:
    """Report on the real cloud; act on the simulated one."""
    sim = connect.simulator()
    with connect.client(sim) as client:
        if sim is None:
            show(MigrationChecker(client, dry_run=True))
            return
        product = next(found for found in client.products.list() if found.spot_price is not None)
        created = client.gpu_instances.create(
            product_id=product.id, image_url="nginx", name="train", billing_mode="spot"
        )
        client.gpu_instances.wait(created.id, timeout=1800)
        reclaim_and_move(client, sim, created.id)
        copy_id = fail_and_recreate(client, sim, created.id)
        client.gpu_instances.delete(copy_id)
        client.gpu_instances.wait(copy_id, until="gone")
        sim.assert_no_leaks()
        print("nothing is left billing")


def reclaim_and_move(client: Novita, sim: Simulator, instance_id: str) -> None:
    """Move an instance that was taken away. `migrate_reclaimed=True` accepts that its disks are lost."""
    sim.reclaim(instance_id)
    client.gpu_instances.wait(instance_id, until="exited")
    show(MigrationChecker(client, migrate_reclaimed=True, include="train*"))
    client.gpu_instances.wait(instance_id, timeout=1800)


def fail_and_recreate(client: Novita, sim: Simulator, instance_id: str) -> str:
    """Let a move fail, and have a copy take the place of the instance."""
    sim.reclaim(instance_id)
    client.gpu_instances.wait(instance_id, until="exited")
    sim.fail_next("instanceMigrate", error="NO_NODE", message="no node has room")
    client.gpu_instances.migrate(instance_id)
    sim.clock.sleep(600)
    show(MigrationChecker(client, repair="recreate", accept_data_loss=True, include="train*"))
    (copy,) = client.gpu_instances.list(status="running")
    print(f"{copy.name} has taken its place")
    return copy.id


def show(checker: MigrationChecker) -> None:
    """Make one pass and print what it decided."""
    report = checker.check()
    print(report)
    for decision in report.decisions:
        print(f"  {decision.instance_id}: {decision.verdict}, {decision.detail or decision.reason}")


if __name__ == "__main__":
    main()
