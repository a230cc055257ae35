"""Tell a receiver what happens to an instance, through an outbox: a crash or a receiver that is down loses nothing.

Run it with `python examples/webhook_outbox.py`.

It always runs on a simulated cloud; the messages are real, and stay on this machine.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from novita_sdk.stores import MemoryStore, SQLiteStore
from novita_sdk.testing import Simulator
from novita_sdk.webhooks import (
    Outbox,
    WebhookEvent,
    WebhookReceiver,
    WebhookTarget,
    WebhookVerifier,
    generate_secret,
)


class Quiet(WSGIRequestHandler):
    """Prints no line for each request."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Print nothing."""


def handle(event: WebhookEvent) -> None:
    """Do what there is to do with an event."""
    print(f"  received {event.sequence}: {event.event_type}, {event.status}")


def main() -> int:
    """Start and stop an instance while nobody listens, then deliver what was told."""
    print("simulated: no real cloud takes part, and nothing is billed")
    secret, sim = generate_secret(), Simulator(seed=7)
    receiver = WebhookReceiver(WebhookVerifier(secret), handle, store=MemoryStore())
    with (
        tempfile.TemporaryDirectory() as folder,
        SQLiteStore(Path(folder, "outbox.db")) as store,
        make_server("127.0.0.1", 0, receiver, handler_class=Quiet) as server,
    ):
        url = f"http://127.0.0.1:{server.server_port}/"
        target = WebhookTarget("team", url, secret, allow_http=True, allow_private=["127.0.0.1"])
        with Outbox(store, [target]) as outbox, sim.client(outbox=outbox) as client:
            cheapest = client.products.cheapest()
            created = client.gpu_instances.create_and_wait(product=cheapest, image_url="nginx", notify="team")
            client.gpu_instances.stop_and_wait(created.id)  # the instance keeps its target
            client.gpu_instances.delete_and_wait(created.id)
            print(f"{outbox.pending()} messages wait, as nobody has delivered them yet")
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            outbox.drain()  # a program that goes on calls outbox.run(stop) in a thread of its own
            print(f"{outbox.pending()} messages wait, {len(outbox.dead_letters())} were given up")
            server.shutdown()
            thread.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())
