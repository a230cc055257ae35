"""Rent the cheapest GPU, watch it start, look at it, give it back, and prove that nothing is left billing.

    make demo        or        python examples/quickstart.py

Without NOVITA_API_KEY it runs on a simulated cloud. With it, it asks before it spends money.
"""

from __future__ import annotations

import sys
from datetime import timedelta

import connect

from novita_sdk import Instance, InstanceStatus, Novita, NovitaError, ProductChoice
from novita_sdk.lifecycle import HTTPProbe
from novita_sdk.progress import stderr_line
from novita_sdk.testing import Simulator

NAME = "novita-sdk-quickstart"
IMAGE = "docker.io/library/nginx:1.27-alpine"
ANSWERS = HTTPProbe(80)
LONGEST_BOOT = timedelta(minutes=30)
LONGEST = timedelta(hours=1)


def show_connection(instance: Instance) -> None:
    """Print where a running instance is reached. Passwords stay hidden until somebody calls `reveal()`."""
    for mapping in instance.port_mappings:
        print(f"  port {mapping.port}/{mapping.type}: {mapping.endpoint}")
    if instance.ssh is not None and instance.ssh.is_running:
        print(f"  ssh: {instance.ssh.ssh_command}  (password: {instance.ssh.password})")


def rent_and_give_back(client: Novita, choice: ProductChoice) -> str:
    """Rent one instance, show it once it answers, and return its id; the end of the block deletes it in any case."""
    print("renting, and waiting until it answers:")
    with client.gpu_instances.rent(
        product=choice,
        image_url=IMAGE,
        name=NAME,
        ports=["80/http", "22/tcp"],
        ready=ANSWERS,
        timeout=LONGEST_BOOT,
        max_lifetime=LONGEST,
        on_progress=stderr_line(sys.stdout),
    ) as rental:
        instance = rental.instance
        print(f"{choice.product.name} in {instance.cluster_name} is {instance.status}:")
        show_connection(instance)
        cost = client.gpu_instances.cost(instance, since=instance.created_at)
        print(f"cost so far: {cost.amount.usd:.5f} USD at {cost.rate_per_hour} an hour")
    print(f"given back: {instance.id}")
    return instance.id


def prove_nothing_is_left(client: Novita, sim: Simulator | None, instance_id: str) -> None:
    """Fail if the instance still exists; the simulated cloud also looks for anything else that costs money."""
    for other in client.gpu_instances.list():
        if other.id == instance_id and other.status != InstanceStatus.REMOVED:
            raise SystemExit(f"{instance_id} is still {other.status}: delete it by hand")
    if sim is not None:
        sim.assert_no_leaks()
        print(f"the simulated account was charged {sim.spent_usd()} USD in all")
    print("nothing is left billing")


def main() -> int:
    """Run the demonstration and return its exit status."""
    sim = connect.simulator(needs_consent=True)
    with connect.client(sim) as client:
        try:
            choice = client.products.cheapest(prefer="price")
            print(f"the cheapest in stock: {choice.product.name} in {choice.region_name}")
            offer = f"{choice.product.name} at {choice.total_price} an hour"
            connect.ask(sim, f"Rent one {offer}, until it has started?")
            instance_id = rent_and_give_back(client, choice)
            prove_nothing_is_left(client, sim, instance_id)
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
