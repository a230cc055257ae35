"""Choosing a product: the cheapest in a region, elsewhere if it is sold out there; then create it from a template.

Run it with `python examples/cheapest_product.py`.

Without NOVITA_API_KEY it runs on a simulated cloud. With it, it asks before it spends money.
"""

from __future__ import annotations

import sys

import connect

from novita_sdk import CapacityError, Novita, NovitaError, ProductChoice, ProductQuery
from novita_sdk.testing import Simulator

NAME = "novita-sdk-cheapest"
QUERY = ProductQuery("RTX 4090", region="US-CA-06", max_price="0.80")


def compare(client: Novita) -> None:
    """Print what some ways of asking come to."""
    show("any GPU, the lowest price", client.products.cheapest(prefer="price"))
    show("spot in Europe", client.products.cheapest(billing="spot", region="EU-DE-01", fallback="area"))
    try:
        client.products.cheapest("RTX 4090", max_price="0.01", fallback="none")
    except CapacityError as error:
        print(f"for one cent: {error.tried[0]}, lowest price {error.tried[0].lowest_price}")


def show(what: str, choice: ProductChoice) -> None:
    """Print one choice."""
    print(f"{what}: {choice.product.name} in {choice.region_name} at {choice.unit_price}")


def find_elsewhere(client: Novita, sim: Simulator | None) -> None:
    """Choose again while the wanted region is sold out, which only a simulated cloud does on request."""
    if sim is None:
        return
    sim.set_stock("4090.16c96g.v2", 0, "us-ca-06")
    choice = client.products.cheapest("RTX 4090", region="US-CA-06")
    print(f"{choice.requested_region} is sold out: fell back to {choice.region}")
    for row in choice.tried:
        print(f"  {row}")


def create_from_template(client: Novita) -> None:
    """Rent what the query finds, as a published template says, with one variable more; give it back."""
    template = next(found for found in client.templates.list(channel="official") if found.ports)
    created = client.gpu_instances.create(
        product=QUERY, template=template.id, name=NAME, envs={"GREETING": "hello"}
    )
    try:
        instance = client.gpu_instances.find(NAME)  # by its name: an id would do, too
        print(f"created {instance.id} from {template.name}: {', '.join(map(str, instance.ports))}")
        if created.choice is not None:
            print(f"  {created.choice.product.name} in {created.choice.region}")
    finally:
        client.gpu_instances.delete(created.id, missing_ok=True)
        client.gpu_instances.wait(created.id, until="gone")
    print(f"still there: {client.gpu_instances.exists(NAME)}")


def main() -> int:
    """Compare, fall back, create; return the exit status."""
    sim = connect.simulator(needs_consent=True)
    connect.ask(sim, "Rent one RTX 4090 for a moment, for at most 0.80 USD an hour?")
    with connect.client(sim) as client:
        try:
            compare(client)
            find_elsewhere(client, sim)
            create_from_template(client)
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
