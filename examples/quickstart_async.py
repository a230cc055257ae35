"""The quickstart for asynchronous programs: the same story with `await`, on asyncio (trio works alike).

Run it with `python examples/quickstart_async.py`.

Without NOVITA_API_KEY it runs on a simulated cloud. With it, it asks before it spends money.
"""

from __future__ import annotations

import asyncio
import sys

import connect
from quickstart import ANSWERS, IMAGE, LONGEST, LONGEST_BOOT, NAME, show_connection

from novita_sdk import AsyncNovita, InstanceStatus, NovitaError, ProductChoice
from novita_sdk.progress import stderr_line
from novita_sdk.testing import Simulator


async def rent_and_give_back(client: AsyncNovita, choice: ProductChoice) -> str:
    """Rent one instance, show it once it answers, and return its id; the end of the block deletes it in any case."""
    print("renting, and waiting until it answers:")
    async with client.gpu_instances.rent(
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
        cost = await client.gpu_instances.cost(instance, since=instance.created_at)
        print(f"cost so far: {cost.amount.usd:.5f} USD at {cost.rate_per_hour} an hour")
    print(f"given back: {instance.id}")
    return instance.id


async def prove_nothing_is_left(client: AsyncNovita, sim: Simulator | None, instance_id: str) -> None:
    """Fail if the instance still exists; the simulated cloud also looks for anything else that costs money."""
    async for other in client.gpu_instances.list():
        if other.id == instance_id and other.status != InstanceStatus.REMOVED:
            raise SystemExit(f"{instance_id} is still {other.status}: delete it by hand")
    if sim is not None:
        sim.assert_no_leaks()
        print(f"the simulated account was charged {sim.spent_usd()} USD in all")
    print("nothing is left billing")


async def main() -> int:
    """Run the demonstration and return its exit status."""
    sim = connect.simulator(needs_consent=True)
    async with connect.async_client(sim) as client:
        try:
            choice = await client.products.cheapest(prefer="price")
            print(f"the cheapest in stock: {choice.product.name} in {choice.region_name}")
            offer = f"{choice.product.name} at {choice.total_price} an hour"
            connect.ask(sim, f"Rent one {offer}, until it has started?")
            instance_id = await rent_and_give_back(client, choice)
            await prove_nothing_is_left(client, sim, instance_id)
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
