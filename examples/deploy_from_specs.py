"""Deploy a serverless endpoint from a spec file, wait until it serves, send it a request, and delete it.

    python examples/deploy_from_specs.py

Reading YAML needs PyYAML: pip install "novita-gpu-sdk[yaml]". Without NOVITA_API_KEY it runs on a simulated cloud.
With it, it asks before it spends money.
"""

from __future__ import annotations

import sys
from pathlib import Path

import connect

from novita_sdk import EndpointRef, Novita, NovitaError
from novita_sdk.testing import Simulator

SPECS = Path(__file__).with_name("specs.yaml")
NAME = "specs-example"
IMAGE = "docker.io/library/nginx:1.27-alpine"


def show_specs(client: Novita) -> None:
    """Load the file and print what stands in it."""
    for spec in client.serverless_endpoints.specs.load(SPECS):
        print(f"spec {spec.name}: {spec.gpu_num} x {spec.gpu_type} in {spec.region}, {spec.rootfs_size} GB")


def deploy(client: Novita, sim: Simulator | None) -> EndpointRef:
    """Print what would be sent, ask, and send exactly that."""
    plan = client.serverless_endpoints.preview(
        NAME, spec="one-5090", image=IMAGE, replicas=1, port=80, health_path="/", envs={"GREETING": "hello"}
    )
    settings = plan.body["endpoint"]
    print(f"to be sent: {len(plan.to_bytes())} bytes, {settings['workerConfig']}")
    connect.ask(sim, f"Deploy {NAME} with one worker for a moment?")
    return client.serverless_endpoints.deploy(plan)


def use(client: Novita, ref: EndpointRef) -> None:
    """Wait until the endpoint serves, and send a request to the application in it."""
    endpoint = client.serverless_endpoints.wait(ref, "healthy")
    status = endpoint.status()
    print(f"{endpoint.name} serves at {endpoint.url}: {status.ready} of {status.desired} workers ready")
    answer = client.serverless_endpoints.invoke(endpoint, "/", method="GET", timeout=60)
    print(f"it answered {answer.status} with {len(answer.content)} bytes")


def main() -> int:
    """Run the example and return its exit status."""
    sim = connect.simulator(needs_consent=True)
    with connect.client(sim) as client:
        try:
            show_specs(client)
            ref = deploy(client, sim)
            try:
                use(client, ref)
            finally:
                client.serverless_endpoints.delete(ref, missing_ok=True)
            client.serverless_endpoints.wait(ref, "deleted")
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            return 1
    if sim is not None:
        sim.assert_no_leaks()
    print("nothing is left billing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
