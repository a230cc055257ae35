"""Stop the machines nobody uses: those that opted in by their own tag, and only after a dry run.

    python examples/auto_stop_nightly.py            tells what it would stop
    python examples/auto_stop_nightly.py --stop     stops it; fit for a nightly job

A machine opts in with the environment variable NOVITA_SDK_AUTO_STOP: on, or a threshold of its own such as 45m.
Whoever uses a machine says so with `touch`, from any process with the same state file.
"""

from __future__ import annotations

import sys

import connect

from novita_sdk import Novita
from novita_sdk.lifecycle import AutoStop, AutoStopResult
from novita_sdk.testing import Simulator

TAG = "NOVITA_SDK_AUTO_STOP"
HOUR = 3600


def main() -> None:
    """Look first; stop only if that was asked for, or on the simulated cloud."""
    sim = connect.simulator()
    with connect.client(sim) as client:
        auto_stop = AutoStop(client, tag=TAG, threshold=HOUR)
        if sim is not None:
            leave_machines_alone(client, auto_stop, sim)
        show("dry run", auto_stop.trigger(dry_run=True))
        if sim is None and "--stop" not in sys.argv[1:]:
            print("nothing was stopped; add --stop")
            return
        result = auto_stop.check()
        show("check", result)
        if sim is not None:
            give_back(client)


def show(what: str, result: AutoStopResult) -> None:
    """Print what a pass found, one line for each machine that it looked at."""
    print(
        f"{what}: {result.total_checked} checked, {result.eligible_for_stop} idle, {result.stopped} stopped"
    )
    for decision in result.decisions:
        print(f"  {decision.instance_id}: {decision.verdict}, {decision.reason}")
        for warning in decision.warnings:
            print(f"    {warning}")


def leave_machines_alone(client: Novita, auto_stop: AutoStop, sim: Simulator) -> None:
    """Rent three machines on the simulated cloud, and use one of them until the evening."""
    product = client.products.list(product_name="3090").one()
    for name, tag in (("forgotten", "on"), ("in-use", "on"), ("production", "off")):
        created = client.gpu_instances.create(
            product_id=product.id, image_url="nginx", name=name, envs={TAG: tag}
        )
        client.gpu_instances.wait(created.id)
    sim.clock.sleep(6 * HOUR)
    auto_stop.touch(name="in-use")


def give_back(client: Novita) -> None:
    """Delete what the simulated cloud still holds."""
    for instance in client.gpu_instances.list():
        client.gpu_instances.delete(instance)
        client.gpu_instances.wait(instance, until="gone")


if __name__ == "__main__":
    main()
