"""The outbox: webhooks that a state store keeps until they are delivered."""

from __future__ import annotations

from novita_sdk._core.webhooks.target import WebhookTarget
from novita_sdk.models.webhook_event import WebhookEvent


class AsyncOutbox:
    """Keeps messages in a state store, and delivers them."""

    targets: tuple[WebhookTarget, ...] = ()

    async def enqueue(self, event: WebhookEvent, target: str) -> str:
        """Keep a message."""
        raise NotImplementedError
