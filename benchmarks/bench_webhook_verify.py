"""Verifying a received event: against the reference library, and against the bare hash it cannot do without.

The reference library is told not to parse the body, because ours parses it on demand; both see the headers of an
ordinary request behind a proxy.
"""

from __future__ import annotations

import hmac
import json
import os
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime

from measure import pairs, report, seconds
from standardwebhooks import Webhook

from novita_sdk.webhooks import WebhookSigner, WebhookVerifier

KEY = os.urandom(32)
SECRET = f"whsec_{b64encode(KEY).decode()}"
CALLS = 2000
ROUNDS = 25
MESSAGE_ID = "msg_01HZX3J8Y2M4N6P8Q0R2S4T6V8"
OTHER_HEADERS = {
    "Host": "hooks.example.com",
    "User-Agent": "novita-gpu-sdk/1.0.0",
    "Accept": "*/*",
    "Content-Type": "application/json",
    "Content-Length": "1000",
    "X-Forwarded-For": "203.0.113.7",
}


def _event(size: int) -> bytes:
    event = {
        "instanceId": "inst_1",
        "status": "running",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "reason": "",
    }
    event["reason"] = "x" * (size - len(json.dumps(event)))
    return json.dumps(event).encode()


def _repeated(work: Callable[[], object]) -> Callable[[], float]:
    def many() -> None:
        for _ in range(CALLS):
            work()

    return lambda: seconds(many)


def main() -> None:
    """Measure and print."""
    signer, verifier, rival = WebhookSigner(SECRET), WebhookVerifier(SECRET), Webhook(SECRET)

    small = _event(1_000)
    headers = {**OTHER_HEADERS, **signer.sign(small, message_id=MESSAGE_ID)}
    signature = rival.sign(
        MESSAGE_ID, datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC), small.decode()
    )
    assert headers["webhook-signature"] == signature
    mine, theirs, ratio = pairs(
        _repeated(lambda: verifier.verify(small, headers)),
        _repeated(lambda: rival.verify(small, headers, json_parse=False)),
        ROUNDS,
    )
    report(
        "verify a 1 kB event: times faster than standardwebhooks",
        f"{mine / CALLS * 1e6:.1f} us",
        f"{theirs / CALLS * 1e6:.1f} us",
        1 / ratio,
        1.5,
        more_is_better=True,
    )

    large = _event(20_000)
    headers = {**OTHER_HEADERS, **signer.sign(large, message_id=MESSAGE_ID, now=time.time())}
    mine, bare, _ = pairs(
        _repeated(lambda: verifier.verify(large, headers)),
        _repeated(lambda: hmac.digest(KEY, large, "sha256")),
        ROUNDS,
    )
    report(
        "verify a 20 kB event: microseconds over hmac.digest",
        f"{mine / CALLS * 1e6:.1f} us",
        f"{bare / CALLS * 1e6:.1f} us",
        (mine - bare) / CALLS * 1e6,
        25,
    )


if __name__ == "__main__":
    main()
