"""Receive webhooks: an ASGI application of its own that handles each message once, however often it comes.

Run it with `python examples/webhook_receiver.py`, which serves it on this machine and sends it a message twice, or
serve it for others with `uvicorn webhook_receiver:app` in this folder and NOVITA_WEBHOOK_SECRET set. It needs uvicorn.
"""

from __future__ import annotations

import os
import sys

from serving import served

from novita_sdk.stores import AsyncMemoryStore
from novita_sdk.webhooks import (
    AsyncWebhookReceiver,
    WebhookEvent,
    Webhooks,
    WebhookTarget,
    WebhookVerifier,
    events,
    generate_secret,
)

secret = os.environ.get("NOVITA_WEBHOOK_SECRET") or generate_secret()


async def handle(event: WebhookEvent) -> None:
    """Do what there is to do; raise, and the message comes again."""
    print(f"handled: {event.instance_id} is {event.status}")


# Several processes need a store that they share: AsyncSQLiteStore("received.db").
app = AsyncWebhookReceiver(WebhookVerifier(secret), handle, store=AsyncMemoryStore(), path="/novita")


def main() -> int:
    """Serve the receiver, and send it a message twice."""
    print("simulated: the message is sent and received on this machine, no cloud takes part")
    with served(app) as url, Webhooks(secret) as webhooks:
        here = WebhookTarget("here", f"{url}/novita", allow_http=True, allow_private=["127.0.0.1"])
        event = events.ready("inst-1", operation_id="op-1")
        for _ in range(2):
            report = webhooks.notify(event, here)
            print(f"status {report.status} after {report.attempts} attempt")
    seen = app.stats()
    print(f"accepted {seen.accepted}, duplicates {seen.duplicates}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
