"""Start a stopped instance and go on once it answers; then stop and delete it, and see that too.

Run it with `python examples/start_and_wait.py`.
"""

from __future__ import annotations

import sys

import connect

from novita_sdk import Novita, NovitaError, WaitFailedError, WaitTimeoutError
from novita_sdk.lifecycle import HTTPProbe
from novita_sdk.progress import Progress

IMAGE = "docker.io/library/nginx:1.27-alpine"


def tell(progress: Progress) -> None:
    """Print what has changed; `novita_sdk.progress` has ready-made functions for terminals, logs and notebooks."""
    if progress.kind != "poll":
        print(f"  {progress}")


def stopped_instance(client: Novita) -> str:
    """Rent an instance and stop it, to have one that can be started."""
    found = client.gpu_instances.create_and_wait(
        product=client.products.cheapest(prefer="price"), image_url=IMAGE, name="start-me", ports=["80/http"]
    )
    client.gpu_instances.stop_and_wait(found)
    return found.id


def start(client: Novita) -> None:
    """Start by name; a page must be there on port 80 before it counts as started."""
    try:
        instance = client.gpu_instances.start_and_wait(
            name="start-me", ready=[HTTPProbe(80)], ready_timeout=120, timeout=900, on_progress=tell
        )
    except WaitTimeoutError as error:
        print(f"not ready: {error.phase}, last seen {error.last_seen}", *error.probes, sep="\n  ")
        raise
    except WaitFailedError as error:
        print(f"it will not come up: {error.reason} {error.server_message or ''}")
        raise
    began = instance.timeline[0][0]
    for at, step in instance.timeline:
        print(f"  {(at - began).total_seconds():6.1f} s {step}")


def main() -> int:
    """Run the example and return its exit status."""
    sim = connect.simulator(needs_consent=True)
    connect.ask(sim, "Rent the cheapest GPU in stock for some minutes?")
    with connect.client(sim) as client:
        instance_id = None
        try:
            instance_id = stopped_instance(client)
            print("starting:")
            start(client)
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            instance_id = instance_id or error.resource_id
            return 1
        finally:
            if instance_id is not None:
                client.gpu_instances.delete_and_wait(instance_id)
                print(f"{instance_id} is gone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
