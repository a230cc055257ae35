"""Signatures and secrets: the published vectors, rotation, and what is refused."""

from __future__ import annotations

import base64
import hmac
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._concurrency import process
from novita_sdk._core.webhooks.message_ids import is_message_id, message_id_from, repeatable_id
from novita_sdk._core.webhooks.request_headers import check_extra_headers, request_headers
from novita_sdk._core.webhooks.secret import read_secrets
from novita_sdk._core.webhooks.signing import SigningKey
from novita_sdk.errors import ConfigurationError, ValidationError
from novita_sdk.models.secret import Secret
from novita_sdk.webhooks import WebhookSecret, WebhookSigner, WebhookVerifier, generate_secret
from tests.webhooks.messages import B1, MESSAGE_ID, NEWER, NOW, PLAIN, STANDARD, signed, verifier

B2 = '{"instanceId":"inst_1","status":"running","timestamp":"2024-01-01T00:00:00.000Z","reason":"prêt ✓"}'.encode()

VECTORS = {
    "V1": (
        "test-webhook-secret",
        B1,
        "f2562b08e1789abf461a08952a44df64be53827b9820c23580c2e3c0a4ff7738",
        "tgAbN9h5q6trx/Y2dRGauvjNZf6vx/eMsbkq83FR2YA=",
    ),
    "V2": (
        "s3cret-key",
        B2,
        "98ed3c4c4dcf95eabe674cbbcd99f30fbcbff9625a525efad66deb5f44830a8c",
        "NHIQbMakW8RZ7IP1txs2pVQv//69oU61ZYIMADOa0Xs=",
    ),
    "V3": (
        STANDARD,
        B1,
        "6271ad79401c074a43651a8a7a16dd203c0e75965194a25ed4d0dc304b15f7ef",
        "M2VoEV12M6UNocAx8R0vqorK3R4OOxO77QY62r42mtw=",
    ),
    "V4": (
        STANDARD,
        B2,
        "be8e0fc8ad174e40b037c54fd85a8763d74f333afa5d4d1b5c0ca8cee5385ee1",
        "pWpPZnST1G5CqE1AqQ/EyLIOYQrt0sQgIs3cARfvWEM=",
    ),
}
V5_NEWEST = "OU2Qq40Fi4TtvqOvBTEkwQFQVnaohJZsxBZqw8hasps="


@pytest.mark.case("WH-01")
@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_is_signed_as_published(name: str) -> None:
    secret, body, legacy, standard = VECTORS[name]
    assert WebhookSigner(secret).sign(body, message_id=MESSAGE_ID, now=NOW) == {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": "1704067200",
        "webhook-signature": f"v1,{standard}",
        "X-Webhook-Signature": f"sha256={legacy}",
        "X-Webhook-Timestamp": "1704067200",
    }


@pytest.mark.case("WH-01")
@pytest.mark.case("WH-05")
def test_a_rotated_pair_signs_with_both_secrets_and_the_legacy_header_with_the_older() -> None:
    headers = WebhookSigner([NEWER, STANDARD]).sign(B1, message_id=MESSAGE_ID, now=NOW)
    _, _, legacy, standard = VECTORS["V3"]
    assert headers["webhook-signature"] == f"v1,{V5_NEWEST} v1,{standard}"
    assert headers["X-Webhook-Signature"] == f"sha256={legacy}"
    assert verifier(NEWER).verify(B1, headers).key_index == 0
    assert verifier(STANDARD).verify(B1, headers).key_index == 0


@pytest.mark.case("WH-03")
def test_each_attempt_gets_its_own_timestamp_and_signature() -> None:
    attempts = [signed(now=NOW + after) for after in (0, 1, 3, 7)]
    assert {headers["webhook-id"] for headers in attempts} == {MESSAGE_ID}
    assert [int(headers["webhook-timestamp"]) - NOW for headers in attempts] == [0, 1, 3, 7]
    assert all(headers["webhook-timestamp"] == headers["X-Webhook-Timestamp"] for headers in attempts)
    assert len({headers["webhook-signature"] for headers in attempts}) == 4
    assert len({headers["X-Webhook-Signature"] for headers in attempts}) == 1


@pytest.mark.case("WH-04")
def test_without_a_secret_only_the_id_is_sent() -> None:
    assert WebhookSigner().sign(B1, message_id=MESSAGE_ID) == {"webhook-id": MESSAGE_ID}


@pytest.mark.parametrize("scheme", ["standard", "legacy"])
def test_one_scheme_may_be_dropped(scheme: str) -> None:
    headers = WebhookSigner(PLAIN, schemes={scheme}).sign(B1)  # type: ignore[arg-type]  # one of the words
    assert ("webhook-signature" in headers, "X-Webhook-Signature" in headers) == (
        scheme == "standard",
        scheme == "legacy",
    )


@pytest.mark.parametrize("schemes", [set(), {"standard", "md5"}, "standard"])
def test_unknown_schemes_are_refused(schemes: object) -> None:
    with pytest.raises(ConfigurationError, match="schemes"):
        WebhookSigner(PLAIN, schemes=schemes)  # type: ignore[arg-type]  # on purpose


def test_a_message_without_an_id_gets_a_random_one_and_the_time_of_the_clock() -> None:
    signer = WebhookSigner(PLAIN, clock=lambda: 7.9)
    first, second = signer.sign(B1), signer.sign(B1)
    assert first["webhook-timestamp"] == "7"
    assert first["webhook-id"] != second["webhook-id"]
    assert len(first["webhook-id"]) == 30


@pytest.mark.parametrize("message_id", ["a.b", "", "x" * 257, "ä", 5, 'a"', "a\n"])
def test_an_id_that_cannot_be_sent_is_refused(message_id: object) -> None:
    with pytest.raises(ValidationError, match="message_id"):
        WebhookSigner(PLAIN).sign(B1, message_id=message_id)  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("body", ["{}", {"a": 1}, None, bytearray(b"{}")])
def test_only_bytes_are_signed(body: object) -> None:
    with pytest.raises(ValidationError, match="body"):
        WebhookSigner(PLAIN).sign(body)  # type: ignore[arg-type]  # on purpose


@given(key=st.binary(max_size=200), prefix=st.binary(max_size=50), body=st.binary(max_size=300))
def test_a_prepared_key_gives_the_digest_of_the_standard_library(
    key: bytes, prefix: bytes, body: bytes
) -> None:
    assert SigningKey(key).digest(prefix, body) == hmac.digest(key, prefix + body, "sha256")


# ---------------------------------------------------------------------------------------- secrets


def whsec(size: int) -> str:
    return f"whsec_{base64.b64encode(bytes(size)).decode()}"


@pytest.mark.case("WH-06")
@pytest.mark.parametrize("secret", [whsec(24), whsec(64), "x" * 8, "x" * 512, "pass word", Secret(PLAIN)])
def test_a_proper_secret_is_taken(secret: str | Secret) -> None:
    assert repr(WebhookSecret(secret)) == "[REDACTED]"


@pytest.mark.case("WH-06")
@pytest.mark.parametrize(
    ("secret", "fault"),
    [
        (whsec(23), "23 bytes"),
        (whsec(65), "65 bytes"),
        ("whsec_!!", "base64"),
        ("whsec_äöü", "base64"),
        (whsec(32).rstrip("="), "base64"),
        (whsec(32)[:-2] + "B=", "proper form"),
        ("whsec_", "0 bytes"),
        ("x" * 7, "7 characters"),
        ("x" * 513, "513 characters"),
        ("password\n", "white space"),
        (" password", "white space"),
        ("password\ud800", "surrogate"),
        (12345678, "int"),
        (b"password", "bytes"),
        (Secret("short"), "5 characters"),
    ],
)
def test_a_poor_secret_is_refused_and_not_shown(secret: object, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault) as caught:
        WebhookSecret(secret)  # type: ignore[arg-type]  # on purpose
    if isinstance(secret, str) and len(secret) > 10:
        assert secret not in caught.value.explain()


@pytest.mark.parametrize("secrets", [[], [PLAIN] * 6, 5, [PLAIN, None]])
def test_a_list_holds_one_to_five_secrets(secrets: object) -> None:
    with pytest.raises(ConfigurationError, match="secret"):
        WebhookSigner(secrets)  # type: ignore[arg-type]  # on purpose


def test_secrets_may_be_given_in_any_of_their_forms() -> None:
    given = read_secrets([PLAIN, Secret(PLAIN), WebhookSecret(PLAIN)])
    assert given[0] == given[1] == given[2]


@pytest.mark.parametrize(
    ("secret", "standard"),
    [
        ("test-webhook-secret", "whsec_dGVzdC13ZWJob29rLXNlY3JldA=="),
        ("s3cret-key", "whsec_czNjcmV0LWtleQ=="),
        (STANDARD, STANDARD),
    ],
)
def test_a_secret_is_shown_to_a_standard_receiver_on_demand(secret: str, standard: str) -> None:
    assert WebhookSecret(secret).as_standard() == standard


def test_a_generated_secret_is_strong_and_new() -> None:
    first, second = generate_secret(), generate_secret()
    assert first != second
    assert len(WebhookSecret(first).standard_key) == 32
    assert not WebhookSecret(first).is_weak


def test_a_short_secret_is_warned_of_once_in_a_process(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_made", {})
    WebhookSigner(PLAIN)
    assert caplog.records == []
    WebhookSigner("x" * 23)
    WebhookVerifier(["y" * 24, "y" * 8])
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "24 bytes" in caplog.text


# -------------------------------------------------------------------------------------------- ids


def test_the_id_of_an_operations_event_is_the_same_every_time() -> None:
    first = repeatable_id("operation", "ready")
    assert first == repeatable_id("operation", "ready")
    others = {repeatable_id("other", "ready"), repeatable_id("operation", "created")}
    assert len({first, *others, repeatable_id("operation", "ready", "2")}) == 4


@given(st.integers(min_value=0, max_value=2**130 - 1))
def test_a_random_id_is_thirty_characters_that_may_be_sent(bits: int) -> None:
    made = message_id_from(bits)
    assert made.startswith("msg_")
    assert len(made) == 30
    assert is_message_id(made)


# ---------------------------------------------------------------------------------------- headers


@pytest.mark.case("WH-07")
def test_extra_headers_are_sent_beside_the_signatures() -> None:
    sent = request_headers(signed(), {"X-Team": "a"}, "1.2.3")
    assert sent["X-Team"] == "a"
    assert sent["User-Agent"] == "novita-gpu-sdk/1.2.3"
    assert sent["Content-Type"] == "application/json"
    assert sent["webhook-id"] == MESSAGE_ID
    assert check_extra_headers({"X-Team": "a", "Authorization": "Bearer x"}) == []


@pytest.mark.case("WH-07")
@pytest.mark.parametrize(
    "name",
    ["Webhook-Id", "content-type", "HOST", "Content-Length", "x-webhook-timestamp", "Transfer-Encoding"],
)
def test_no_extra_header_may_replace_one_of_the_senders(name: str) -> None:
    (found,) = check_extra_headers({name: "hunter2"})
    assert name in found.value_repr
    assert "hunter2" not in repr(found)
