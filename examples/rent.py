"""Rent a GPU for the length of a `with` block: at its end it is deleted, whatever happened in it.

    python examples/rent.py

Without NOVITA_API_KEY it runs on a simulated cloud. With it, it asks before it spends money.
"""

from __future__ import annotations

import sys

import connect

from novita_sdk import Money, Novita, NovitaError, RentalExpiredError
from novita_sdk.testing import Simulator

IMAGE = "docker.io/library/nginx:1.27-alpine"
LONGEST = 1800.0  # seconds
MOST = Money.from_usd("0.50")


def work(client: Novita, sim: Simulator | None) -> None:
    """Rent, use, give back."""
    choice = client.products.cheapest(prefer="price")
    connect.ask(sim, f"Rent one {choice.product.name} at {choice.total_price} an hour for a moment?")
    with client.gpu_instances.rent(
        product=choice, image_url=IMAGE, name="rent-example", max_lifetime=LONGEST, max_cost=MOST
    ) as rental:
        print(
            f"{rental.id} is {rental.instance.status}, and ends by itself at {rental.expires_at:%H:%M:%S} UTC"
        )
        if sim is not None:
            sim.clock.sleep(600)
        cost = rental.cost_so_far
        print("cost so far:", "unknown" if cost is None else f"{cost.usd:.4f} USD")
    print("given back")


def overstay(client: Novita, sim: Simulator) -> None:
    """Stay for longer than was agreed on; only the simulated cloud has the time for it."""
    try:
        with client.gpu_instances.rent(
            product=client.products.cheapest(prefer="price"), image_url=IMAGE, max_lifetime=LONGEST
        ):
            sim.clock.sleep(2 * LONGEST)
    except RentalExpiredError as error:
        print(f"ended by its {error.limit}")


def main() -> int:
    """Run the example and return its exit status."""
    sim = connect.simulator(needs_consent=True)
    with connect.client(sim) as client:
        try:
            work(client, sim)
            if sim is not None:
                overstay(client, sim)
                sim.assert_no_leaks()
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            return 1
    print("nothing is left billing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
