"""Both ways with the public reference library of the standard scheme."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from novita_sdk.webhooks import WebhookSecret, WebhookSigner, WebhookVerifier, generate_secret
from tests.webhooks.messages import MESSAGE_ID, NEWER, PLAIN, STANDARD

BODIES = st.dictionaries(
    st.text(max_size=5), st.text(max_size=20) | st.integers() | st.booleans(), max_size=4
)


@pytest.mark.case("WH-08")
@given(payload=BODIES, secret=st.sampled_from([PLAIN, STANDARD, "x" * 8, generate_secret()]))
def test_the_reference_library_accepts_what_we_sign(payload: dict[str, object], secret: str) -> None:
    body = json.dumps(payload, ensure_ascii=False).encode()
    headers = WebhookSigner(secret).sign(body, now=time.time())
    assert Webhook(WebhookSecret(secret).as_standard()).verify(body, headers) == payload


@pytest.mark.case("WH-08")
@given(payload=BODIES, secret=st.sampled_from([PLAIN, STANDARD, "x" * 8, generate_secret()]))
def test_we_accept_what_the_reference_library_signs(payload: dict[str, object], secret: str) -> None:
    text = json.dumps(payload, ensure_ascii=False)
    now = datetime.now(UTC)
    signature = Webhook(WebhookSecret(secret).as_standard()).sign(MESSAGE_ID, now, text)
    headers = {
        "Webhook-Id": MESSAGE_ID,
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": signature,
    }
    assert WebhookVerifier(secret).verify(text.encode(), headers).body == text.encode()


@pytest.mark.case("WH-05")
@pytest.mark.parametrize("secret", [STANDARD, NEWER])
def test_the_reference_library_accepts_either_of_two_rotated_secrets(secret: str) -> None:
    headers = WebhookSigner([NEWER, STANDARD]).sign(b"{}", now=time.time())
    assert Webhook(secret).verify(b"{}", headers) == {}
