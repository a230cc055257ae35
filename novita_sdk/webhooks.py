"""Webhooks: sign and verify messages, and receive them in any Python web application."""

from __future__ import annotations

import time

from novita_sdk._core.webhooks.signing import Signer
from novita_sdk._core.webhooks.verification import Verifier


class WebhookSigner(Signer):
    def sign(self, body, *, message_id=None, now=None):
        return super().sign(body, message_id=message_id, now=time.time() if now is None else now)


class WebhookVerifier(Verifier):
    def __init__(self, secrets, clock=time.time):
        super().__init__(secrets, clock=clock)
