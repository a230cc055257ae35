"""Messages as a sender would make them, and the time and secrets of all webhook tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from novita_sdk._core.webhooks.events import Events
from novita_sdk._core.webhooks.payload import encode_payload
from novita_sdk.webhooks import WebhookEvent, WebhookSigner, WebhookVerifier

NOW = 1_704_067_200.0
MESSAGE_ID = "msg_01HZX3J8Y2M4N6P8Q0R2S4T6V8"
PLAIN = "test-webhook-secret-of-its-own"
STANDARD = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NEWER = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
B1 = b'{"test":"data"}'


def events(now: Callable[[], float] = lambda: NOW) -> Events:
    """Constructors whose random ids count up."""
    numbers = iter(range(1, 1_000_000))
    return Events(now=now, new_id=lambda: f"msg_{next(numbers)}")


def payload_of(event: WebhookEvent) -> dict[str, object]:
    """What a receiver of the event reads."""
    read: dict[str, object] = json.loads(encode_payload(event))
    return read


def signed(
    body: bytes = B1, *, now: float = NOW, message_id: str = MESSAGE_ID, secret: str = STANDARD
) -> dict[str, str]:
    """The headers of a message."""
    return WebhookSigner(secret).sign(body, message_id=message_id, now=now)


def verifier(secret: str = STANDARD, **options: object) -> WebhookVerifier:
    """A verifier to which it is `NOW`."""
    return WebhookVerifier(secret, **{"clock": lambda: NOW, **options})  # type: ignore[arg-type]  # forwarded


def without_standard(headers: Mapping[str, str]) -> dict[str, str]:
    """What is left when somebody strips the standard headers."""
    return {name: value for name, value in headers.items() if not name.startswith("webhook-")}
