"""Watch serverless endpoints: first with a function that is told, then with an asynchronous iterator.

Run it with `python examples/watch_endpoints.py`. On the real cloud it only reads, a minute each way.
"""

from __future__ import annotations

import asyncio
import sys
import threading

import connect

from novita_sdk import EndpointEvent, NovitaError
from novita_sdk.testing import Simulator

NAME = "shop"
SECONDS = 60.0
WANTED = 2


def report(event: EndpointEvent) -> None:
    """Print what happened, and what can be done about a failure."""
    print(event)
    if event.kind == "worker_failed" and event.failure is not None:
        print(f"  advice: {event.failure.advice}")


def with_a_function(sim: Simulator | None) -> None:
    """Watch until a stop event is set: by a timer, or on the simulated cloud once a worker has recovered."""
    stop = threading.Event()

    def told(event: EndpointEvent) -> None:
        report(event)
        if sim is None or event.endpoint is None:
            return
        if event.kind == "appeared":
            worker = event.endpoint.workers[0].id
            sim.set_worker(worker, "crashed", error="oom_killed", message="it wanted more than 24 GB")
        elif event.kind == "worker_failed" and event.worker_id is not None:
            sim.set_worker(event.worker_id)
        elif event.kind == "worker_recovered":
            stop.set()

    with connect.client(sim) as client:
        if sim is None:
            timer = threading.Timer(SECONDS, stop.set)
            timer.daemon = True
            timer.start()
        count = client.serverless_endpoints.watch(on_event=told, stop=stop)
    print(f"the function was told of {count} events")


async def with_an_iterator(sim: Simulator | None) -> None:
    """Watch with `async for`; leaving the block ends the watch."""
    async with connect.async_client(sim) as client, client.serverless_endpoints.watch() as events:
        async for event in events:
            report(event)
            if sim is None or event.status is None:
                continue
            if event.kind == "appeared":
                await client.serverless_endpoints.scale(NAME, WANTED)
            if event.status.ready == WANTED:
                print(f"{NAME} has {WANTED} ready workers")
                return


def main() -> int:
    """Run the example and return its exit status."""
    sim = connect.simulator()
    if sim is not None:
        sim.add_endpoint(NAME)
    try:
        with_a_function(sim)
        asyncio.run(asyncio.wait_for(with_an_iterator(sim), SECONDS))
    except NovitaError as error:
        print(error.explain(), file=sys.stderr)
        return 1
    except (TimeoutError, KeyboardInterrupt):
        print("no longer watched; the endpoints go on")
    return 0


if __name__ == "__main__":
    sys.exit(main())
