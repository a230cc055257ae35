"""The receiver of webhooks that belongs to a simulated cloud: it answers by plan and keeps what it gets."""

from __future__ import annotations

import threading
from collections import deque

import attrs

from novita_sdk._core.codec import decode_json, structure
from novita_sdk._core.http import Headers, Request, Response
from novita_sdk._core.webhooks.verification import VerifiedWebhook, Verifier
from novita_sdk.models.webhook_event import WebhookEvent


@attrs.frozen(kw_only=True)
class ReceivedWebhook:
    """One request of a webhook.

    Attributes:
        at: The clock's monotonic reading when it was sent.
        url: Where it was sent.
        headers: Its headers.
        body: Its bytes.
        status: What was answered.
    """

    at: float
    url: str = attrs.field(repr=False)
    headers: Headers = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    status: int

    @property
    def id(self) -> str:
        """The message's id; the same at every attempt."""
        return self.headers["webhook-id"]

    def event(self) -> WebhookEvent:
        """Read it as an event.

        Raises:
            DecodeFailure: It is none.
        """
        return structure(WebhookEvent, decode_json(self.body))

    def verify(self, secret: str) -> VerifiedWebhook:
        """Check its signature as a receiver would have done when it came.

        Args:
            secret: The receiver's secret.

        Raises:
            WebhookVerificationError: A receiver with this secret refuses it.
        """
        sent_at = float(self.headers.get("webhook-timestamp", "0"))
        return Verifier(secret, clock=lambda: sent_at).verify(self.body, self.headers)


class Mailbox:
    """Takes every webhook, whatever its URL.

    Attributes:
        received: All requests, in order, also those that were answered by an error.
    """

    def __init__(self) -> None:
        self.received: list[ReceivedWebhook] = []
        self._plan: deque[int] = deque()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Mailbox, {len(self.received)} webhooks>"

    def answer(self, *statuses: int) -> None:
        """Answer the next requests with these statuses, and 200 after that.

        Args:
            *statuses: HTTP statuses, one for each request.
        """
        with self._lock:
            self._plan.extend(statuses)

    def take(self, request: Request, now: float) -> Response:
        """Receive a request.

        Args:
            request: The request.
            now: The clock's monotonic reading.
        """
        with self._lock:
            status = self._plan.popleft() if self._plan else 200
            self.received.append(
                ReceivedWebhook(
                    at=now,
                    url=request.url,
                    headers=Headers(request.headers),
                    body=request.body or b"",
                    status=status,
                )
            )
        return Response(status, Headers({}), b"")
