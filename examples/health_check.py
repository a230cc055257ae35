"""Readiness: wait until what runs in an instance answers, then check each of its ports.

Run it with `python examples/health_check.py`.
"""

from __future__ import annotations

import connect

from novita_sdk import Novita
from novita_sdk.lifecycle import HealthChecker, HTTPProbe, SSHProbe

IMAGE = "docker.io/library/nginx:1.27-alpine"


def main() -> None:
    """Rent an instance, wait until it can be used, check it, and give it back."""
    sim = connect.simulator(needs_consent=True)
    connect.ask(sim, "Rent the first GPU in stock for some minutes?")
    with connect.client(sim) as client:
        product = next(found for found in client.products.list() if found.available_deploy)
        created = client.gpu_instances.create(
            product_id=product.id, image_url=IMAGE, ports=["80/http", "22/tcp"]
        )
        try:
            client.gpu_instances.wait(created.id, ready=[HTTPProbe(80), SSHProbe()], on_progress=print)
            check(client, created.id)
        finally:
            client.gpu_instances.delete(created.id, missing_ok=True)
            client.gpu_instances.wait(created.id, until="gone")


def check(client: Novita, instance_id: str) -> None:
    """Ask each port once, with one retry; nothing is logged in to and no key is sent."""
    report = HealthChecker(client, timeout=5, retries=1).check(instance_id)
    print(f"{report.overall}:")
    for result in report.results:
        print(f"  {result} at {result.address or 'no address'}, {result.tries} tries")


if __name__ == "__main__":
    main()
