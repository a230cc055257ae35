"""Webhooks: make events, sign and verify messages, and receive them in any Python web application."""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take this name for true; importing it would cost more than this package

if TYPE_CHECKING:
    from novita_sdk._async.resources.webhooks import AsyncWebhooks
    from novita_sdk._async.webhooks.outbox import AsyncOutbox
    from novita_sdk._async.webhooks.receiver import AsyncWebhookReceiver
    from novita_sdk._core.webhooks.delivery_stats import DeliveryStats
    from novita_sdk._core.webhooks.events import Events
    from novita_sdk._core.webhooks.events.making import (
        EventFields,
        OperationFields,
    )
    from novita_sdk._core.webhooks.headers import ReceivedHeaders
    from novita_sdk._core.webhooks.notify import Notify
    from novita_sdk._core.webhooks.outbox_items import (
        DeadLetter,
        OutboxStats,
    )
    from novita_sdk._core.webhooks.receiver_stats import ReceiverStats
    from novita_sdk._core.webhooks.receiving import ReceiverResponse
    from novita_sdk._core.webhooks.report import DeliveryReport
    from novita_sdk._core.webhooks.secret import WebhookSecret
    from novita_sdk._core.webhooks.target import WebhookTarget
    from novita_sdk._core.webhooks.verification import VerifiedWebhook
    from novita_sdk._sync.resources.webhooks import Webhooks
    from novita_sdk._sync.webhooks.outbox import Outbox
    from novita_sdk._sync.webhooks.receiver import WebhookReceiver
    from novita_sdk._webhook_signing import (
        WebhookSigner,
        WebhookVerifier,
        events,
        generate_secret,
    )
    from novita_sdk.models.webhook_event import (
        HealthCheck,
        HealthEndpoint,
        StartupOperation,
        StartupPhases,
        WebhookEvent,
        WebhookEventType,
    )
else:
    _HOMES = {
        "AsyncOutbox": "novita_sdk._async.webhooks.outbox",
        "AsyncWebhookReceiver": "novita_sdk._async.webhooks.receiver",
        "AsyncWebhooks": "novita_sdk._async.resources.webhooks",
        "DeadLetter": "novita_sdk._core.webhooks.outbox_items",
        "DeliveryReport": "novita_sdk._core.webhooks.report",
        "DeliveryStats": "novita_sdk._core.webhooks.delivery_stats",
        "EventFields": "novita_sdk._core.webhooks.events.making",
        "Events": "novita_sdk._core.webhooks.events",
        "HealthCheck": "novita_sdk.models.webhook_event",
        "HealthEndpoint": "novita_sdk.models.webhook_event",
        "Notify": "novita_sdk._core.webhooks.notify",
        "OperationFields": "novita_sdk._core.webhooks.events.making",
        "Outbox": "novita_sdk._sync.webhooks.outbox",
        "OutboxStats": "novita_sdk._core.webhooks.outbox_items",
        "ReceivedHeaders": "novita_sdk._core.webhooks.headers",
        "ReceiverResponse": "novita_sdk._core.webhooks.receiving",
        "ReceiverStats": "novita_sdk._core.webhooks.receiver_stats",
        "StartupOperation": "novita_sdk.models.webhook_event",
        "StartupPhases": "novita_sdk.models.webhook_event",
        "VerifiedWebhook": "novita_sdk._core.webhooks.verification",
        "WebhookEvent": "novita_sdk.models.webhook_event",
        "WebhookEventType": "novita_sdk.models.webhook_event",
        "WebhookReceiver": "novita_sdk._sync.webhooks.receiver",
        "WebhookSecret": "novita_sdk._core.webhooks.secret",
        "WebhookSigner": "novita_sdk._webhook_signing",
        "WebhookTarget": "novita_sdk._core.webhooks.target",
        "WebhookVerifier": "novita_sdk._webhook_signing",
        "Webhooks": "novita_sdk._sync.resources.webhooks",
        "events": "novita_sdk._webhook_signing",
        "generate_secret": "novita_sdk._webhook_signing",
    }

    def __getattr__(name: str) -> object:
        """Load a public name at its first use."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  # costs more than this package

        value = globals()[name] = getattr(import_module(home), name)
        return value

    def __dir__() -> list[str]:
        """List the public names, loaded or not."""
        return sorted(globals().keys() | _HOMES.keys())


__all__ = [
    "AsyncOutbox",
    "AsyncWebhookReceiver",
    "AsyncWebhooks",
    "DeadLetter",
    "DeliveryReport",
    "DeliveryStats",
    "EventFields",
    "Events",
    "HealthCheck",
    "HealthEndpoint",
    "Notify",
    "OperationFields",
    "Outbox",
    "OutboxStats",
    "ReceivedHeaders",
    "ReceiverResponse",
    "ReceiverStats",
    "StartupOperation",
    "StartupPhases",
    "VerifiedWebhook",
    "WebhookEvent",
    "WebhookEventType",
    "WebhookReceiver",
    "WebhookSecret",
    "WebhookSigner",
    "WebhookTarget",
    "WebhookVerifier",
    "Webhooks",
    "events",
    "generate_secret",
]
