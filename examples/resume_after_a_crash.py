"""Rent under an operation id of your own, die in mid-request, and go on without renting twice.

Run it with `python examples/resume_after_a_crash.py`. On the simulated cloud a second process rents and is killed
before it gets its answer; on the real cloud nothing is killed, the same call is just made twice.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import connect

from novita_sdk import Novita, Settings
from novita_sdk.lifecycle import OrphanSweeper
from novita_sdk.models.results import CreatedInstance
from novita_sdk.testing import Fault, ScaledClock, Simulator, serve

OPERATION_ID = "nightly-training-2031-04-01"
IMAGE = "docker.io/library/nginx:1.27-alpine"
SPEED = 120.0  # simulated seconds in a real one


def rent(client: Novita) -> CreatedInstance:
    """Rent one instance for this night, however often and in however many processes this is called."""
    product = next(found for found in client.products.list() if found.available_deploy)
    return client.gpu_instances.create(
        product_id=product.id, image_url=IMAGE, name="nightly", operation_id=OPERATION_ID
    )


def main() -> None:
    """Rent, die, rent again: one instance."""
    sim = connect.simulator(needs_consent=True)
    connect.ask(sim, "Rent the first GPU in stock for a moment?")
    with tempfile.TemporaryDirectory() as folder:
        state = str(Path(folder, "state.db"))
        if sim is None:
            with Novita(state_path=state) as client:
                go_on(client)
            return
        cloud = Simulator(seed=7, clock=ScaledClock(SPEED))
        with serve(cloud) as server:
            die_in_mid_request(cloud, server.base_url, state)
            clock = ScaledClock(SPEED)
            settings = {"api_key": cloud.api_key, "base_url": server.base_url, "state_path": state}
            with Novita(**settings, clock=clock) as client:
                go_on(client)
        print(f"creates that the cloud got: {cloud.requests('create_instance')}")
        cloud.assert_no_leaks()
        print("nothing is left billing")


def die_in_mid_request(cloud: Simulator, base_url: str, state: str) -> None:
    """Let another process rent, and kill it while it waits for the answer."""
    cloud.faults.add(Fault("lost_reply", "create_instance"))
    environment = {
        **os.environ,
        "NOVITA_API_KEY": cloud.api_key,
        "NOVITA_API_BASE_URL": base_url,
        "NOVITA_STATE_PATH": state,
    }
    program = subprocess.Popen([sys.executable, __file__, "rent"], env=environment)  # noqa: S603 - this very file
    while cloud.requests("create_instance") == 0 and program.poll() is None:
        time.sleep(0.01)
    program.kill()
    program.wait()
    print("a process was killed between its request and the answer")


def go_on(client: Novita) -> None:
    """Call what the dead process called, twice, and give the instance back."""
    created = rent(client)
    print(f"{created.id}: {'found by its mark' if created.adopted else 'created'}")
    print(f"the same call again returns the same instance: {rent(client).id == created.id}")
    report = OrphanSweeper(client).check()
    print(f"open creates left for the sweeper: {report.checked_intents}")
    client.gpu_instances.delete(created.id)
    client.gpu_instances.wait(created.id, until="gone")


if __name__ == "__main__":
    if sys.argv[1:] == ["rent"]:
        rent(Novita(settings=Settings.from_env()))
    else:
        main()
