"""Mount a webhook receiver in a larger web application, beside its own pages.

Run it with `python examples/webhook_receiver_mounted.py`, or serve it for others with
`uvicorn webhook_receiver_mounted:app` in this folder and NOVITA_WEBHOOK_SECRET set. It needs Starlette and
uvicorn; in FastAPI the line is `app.mount("/hooks", receiver)`.
"""

from __future__ import annotations

import os
import sys
import urllib.request

from serving import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

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
receiver = AsyncWebhookReceiver(WebhookVerifier(secret), store=AsyncMemoryStore(), path="/novita")
states: dict[str, str] = {}


@receiver.on("instance.ready")
@receiver.on("instance.stopped")
async def note(event: WebhookEvent) -> None:
    """Remember how an instance is."""
    if event.instance_id is not None and event.status is not None:
        states[event.instance_id] = event.status


async def page(_request: Request) -> PlainTextResponse:
    """Show how all instances are."""
    return PlainTextResponse(", ".join(f"{name} {status}" for name, status in states.items()) or "none yet")


app = Starlette(routes=[Route("/", page), Mount("/hooks", app=receiver)])


def main() -> int:
    """Serve the application, send it two messages, and look at its page."""
    print("simulated: the messages are sent and received on this machine, no cloud takes part")
    with served(app) as url, Webhooks(secret) as webhooks:
        here = WebhookTarget("here", f"{url}/hooks/novita", allow_http=True, allow_private=["127.0.0.1"])
        webhooks.notify(events.ready("inst-1"), here)
        webhooks.notify(events.stopped("inst-2"), here)
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own page
            print(f"the page says: {answer.read().decode()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
