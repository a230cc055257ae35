"""Put a new image into service beside the old one, switch over once it is healthy, and then remove the old one.

    python examples/blue_green_update.py

An update in place (`serverless_endpoints.update`) is shorter, but for a while nobody knows which image answers. Without
NOVITA_API_KEY it runs on a simulated cloud. With it, it asks before it spends money.
"""

from __future__ import annotations

import sys

import connect

from novita_sdk import Endpoint, EndpointFailedError, EndpointRef, Novita, NovitaError, WaitTimeoutError
from novita_sdk.testing import Simulator

BLUE, GREEN = "shop-blue", "shop-green"
OLD_IMAGE = "docker.io/library/nginx:1.26-alpine"
NEW_IMAGE = "docker.io/library/nginx:1.27-alpine"
PRODUCT = "SL-serverless-3"
LONGEST = 1800.0  # seconds until the new image must be healthy


def deploy(client: Novita, name: str, image: str) -> EndpointRef:
    """Deploy one colour; run again after a crash, this finds what is there."""
    return client.serverless_endpoints.deploy(
        name, image=image, product_id=PRODUCT, replicas=1, port=80, health_path="/", if_exists="adopt"
    )


def healthy(client: Novita, ref: EndpointRef) -> Endpoint | None:
    """Wait for an endpoint; None if nothing will come of it."""
    try:
        return client.serverless_endpoints.wait(ref, "healthy", timeout=LONGEST)
    except (EndpointFailedError, WaitTimeoutError) as error:
        print(f"{ref.name} does not come up: {error.message}")
        return None


def replace(client: Novita, old: EndpointRef, image: str) -> EndpointRef:
    """Put an image beside the old one; return the endpoint that is in service afterwards."""
    new = deploy(client, GREEN, image)
    found = healthy(client, new)
    if found is None or client.serverless_endpoints.invoke(found, "/", method="GET", retries=3).status != 200:
        client.serverless_endpoints.delete(new, missing_ok=True)
        print(f"rolled back: {old.name} stays in service")
        return old
    print(f"in service now: {found.name} with {image}")
    client.serverless_endpoints.scale(old, 0, drain="idle")  # what is at work there may end it
    client.serverless_endpoints.delete(old, missing_ok=True)
    client.serverless_endpoints.wait(old, "deleted")  # until then its name is in use
    return new


def run(client: Novita, sim: Simulator | None) -> None:
    """Replace an image by a good one, and fail to replace it by a broken one."""
    current = deploy(client, BLUE, OLD_IMAGE)
    if healthy(client, current) is None:
        raise SystemExit(1)
    print(f"in service: {current.name} with {OLD_IMAGE}")
    current = replace(client, current, NEW_IMAGE)
    client.serverless_endpoints.update(current, envs_merge={"RELEASE": "2"})
    print("a small change in place: RELEASE is set")
    client.serverless_endpoints.delete(current)
    client.serverless_endpoints.wait(current, "deleted")
    if sim is not None:  # a broken image, which only the simulated cloud can promise
        current = deploy(client, BLUE, OLD_IMAGE)
        healthy(client, current)
        sim.fail_next("worker", error="image_pull_failed", message="manifest unknown", times=20)
        replace(client, current, "nobody/broken:1")
        client.serverless_endpoints.delete(current)


def main() -> int:
    """Run the example and return its exit status."""
    sim = connect.simulator(needs_consent=True)
    connect.ask(sim, "Deploy two endpoints with one worker each for a while?")
    with connect.client(sim) as client:
        try:
            run(client, sim)
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            return 1
        finally:
            for endpoint in client.serverless_endpoints.list():
                if endpoint.name in {BLUE, GREEN}:
                    client.serverless_endpoints.delete(id=endpoint.id, missing_ok=True)
    if sim is not None:
        sim.clock.sleep(60)
        sim.assert_no_leaks()
    print("nothing is left billing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
