"""Verification: what is accepted, and the one reason for which each other message is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from novita_sdk._core.webhooks.reasons import REASONS
from novita_sdk.errors import ConfigurationError, WebhookVerificationError
from novita_sdk.webhooks import WebhookEvent, WebhookEventType, WebhookSigner, WebhookVerifier
from tests.webhooks.messages import (
    B1,
    MESSAGE_ID,
    NEWER,
    NOW,
    PLAIN,
    STANDARD,
    signed,
    verifier,
    without_standard,
)


def reason_of(
    headers: object, body: object = B1, judge: WebhookVerifier | None = None, now: object = None
) -> str | None:
    """Why a message is refused; None if it is not."""
    found = None
    try:
        (judge or verifier()).verify(body, headers, now=now)  # type: ignore[arg-type]  # whatever a test wants
    except WebhookVerificationError as refusal:
        found = refusal
    assert found is None or found.status_hint == REASONS[found.reason or ""].status
    return None if found is None else found.reason


def changed(**changes: object) -> dict[str, object]:
    """Good headers with some replaced; a name is written with `_` for `-`, None leaves one out."""
    headers: dict[str, object] = {**signed()}
    headers.update({name.replace("_", "-"): value for name, value in changes.items()})
    return {name: value for name, value in headers.items() if value is not None}


# ------------------------------------------------------------------------------------- acceptance


@pytest.mark.case("WH-21")
@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda headers: {name.upper(): value for name, value in headers.items()},
        lambda headers: {name.encode(): value.encode() for name, value in headers.items()},
        lambda headers: list(headers.items()),
        lambda headers: ((name.title().encode(), value) for name, value in headers.items()),
        lambda headers: [["Host", "x"], *map(list, headers.items())],
    ],
)
def test_a_good_message_is_accepted_however_its_headers_come(
    form: Callable[[Mapping[str, str]], object],
) -> None:
    found = verifier().verify(B1, form(signed()))  # type: ignore[arg-type]  # several forms
    assert (found.id, found.timestamp, found.scheme, found.key_index, found.body) == (
        MESSAGE_ID,
        1_704_067_200,
        "standard",
        0,
        B1,
    )
    assert B1.decode() not in repr(found)


def test_a_bytearray_is_taken_as_the_bytes_it_holds() -> None:
    assert verifier().verify(bytearray(B1), signed()).body == B1  # type: ignore[arg-type]  # bytes-like


@pytest.mark.parametrize(("secrets", "index"), [([STANDARD, NEWER], 0), ([NEWER, STANDARD], 1)])
def test_the_secret_that_fits_is_told(secrets: list[str], index: int) -> None:
    assert WebhookVerifier(secrets, clock=lambda: NOW).verify(B1, signed()).key_index == index


@pytest.mark.case("WH-22")
@pytest.mark.parametrize(
    ("age", "reason"),
    [(300, None), (300.9, None), (301, "too_old"), (-300, None), (-300.5, "too_new"), (-301, "too_new")],
)
def test_freshness_is_two_sided(age: float, reason: str | None) -> None:
    assert reason_of(signed(), now=NOW + age) == reason


@pytest.mark.case("WH-23")
@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        (signed(), B1[:-1] + b" ", "no_match"),
        (signed(), json.dumps(json.loads(B1), indent=1).encode(), "no_match"),
        (signed(secret=NEWER), B1, "no_match"),
        (changed(webhook_id="msg_other"), B1, "no_match"),
        (changed(webhook_timestamp="1704067201"), B1, "no_match"),
        (changed(webhook_timestamp="01704067200"), B1, "no_match"),
        (signed(), B1.decode(), "body_type"),
        (signed(), {"test": "data"}, "body_type"),
        (signed(), None, "body_type"),
        (signed(), memoryview(B1), "body_type"),
    ],
)
def test_what_was_not_signed_is_refused(headers: object, body: object, reason: str) -> None:
    assert reason_of(headers, body) == reason


GOOD = signed()["webhook-signature"]
BAD = "v1," + base64.b64encode(bytes(32)).decode()


@pytest.mark.case("WH-24")
@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        (f"v2,x v1a,y garbage {GOOD}", None),
        (f"{BAD} {GOOD}", None),
        (f"{GOOD}  {BAD} ", None),
        (" ".join([BAD] * 15 + [GOOD]), None),
        (" ".join([BAD] * 16 + [GOOD]), "no_match"),
        (BAD, "no_match"),
        ("v1," + base64.b64encode(bytes(31)).decode(), "bad_signature_header"),
        (f"{GOOD},{GOOD}", "bad_signature_header"),
        (f"{GOOD}\n", "bad_signature_header"),
        ("", "bad_signature_header"),
        ("ü" * 20, "bad_signature_header"),
        ("x" * 4097, "bad_signature_header"),
        (None, "missing_header"),
        (5, "bad_signature_header"),
        ([GOOD], "bad_signature_header"),
        (GOOD.encode(), None),
    ],
)
def test_only_whole_entries_of_the_known_version_count(signature: object, reason: str | None) -> None:
    assert reason_of(changed(webhook_signature=signature)) == reason


@pytest.mark.case("WH-25")
@pytest.mark.parametrize(
    "timestamp",
    ["1704067200.9", " 1704067200", "+1", "١٧٠٤٠٦٧٢٠٠", "", "1_704", "1704067200\n", "9" * 13, "²"],
)
def test_a_timestamp_is_plain_digits(timestamp: str) -> None:
    assert reason_of(changed(webhook_timestamp=timestamp)) == "bad_timestamp"


@pytest.mark.case("WH-25")
@pytest.mark.parametrize("message_id", ["a.b", '{"x', "x" * 257, "", "ä", "a b", "a\n"])
def test_an_id_is_made_of_few_characters(message_id: str) -> None:
    assert reason_of(changed(webhook_id=message_id)) == "bad_id"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "no_signature"),
        ({"host": "x"}, "no_signature"),
        (changed(webhook_id=None), "missing_header"),
        (changed(webhook_timestamp=None), "missing_header"),
        ({"webhook-id": MESSAGE_ID}, "missing_header"),
        ({**without_standard(signed()), "Webhook-Attempt": "1"}, "missing_header"),
        ([*signed().items(), ("Webhook-Id", MESSAGE_ID)], "duplicate_header"),
        ([*signed().items(), (b"WEBHOOK-TIMESTAMP", b"1")], "duplicate_header"),
        ([*signed().items(), ("webhook-signature", "v2,x")], None),
        ([*changed(webhook_signature=5).items(), ("webhook-signature", GOOD)], "bad_signature_header"),
        ([*signed().items(), ("webhook-signature", 5)], "bad_signature_header"),
        ([*signed().items(), ("webhook-signature", "x" * 4090)], "bad_signature_header"),
        ([*signed().items(), ("x-webhook-timestamp", "1"), ("x-webhook-signature", 7)], None),
        (None, "bad_signature_header"),
        (5, "bad_signature_header"),
        ("webhook-id", "bad_signature_header"),
        ([("webhook-id",)], "bad_signature_header"),
        ({5: "x", **signed()}, "bad_signature_header"),
    ],
)
def test_headers_that_are_missing_doubled_or_none_at_all(headers: object, reason: str | None) -> None:
    assert reason_of(headers) == reason


def test_headers_whose_object_raises_are_refused() -> None:
    class Hostile(Mapping[str, str]):
        def __getitem__(self, key: str) -> str:
            raise OSError(key)

        def __iter__(self) -> object:  # type: ignore[override]  # on purpose
            raise OSError("hunter2")

        def __len__(self) -> int:
            return 1

    assert reason_of(Hostile()) == "bad_signature_header"


@pytest.mark.parametrize("now", [float("nan"), float("inf"), "soon"])
def test_a_now_that_is_no_time_is_refused(now: object) -> None:
    assert reason_of(signed(), now=now) == "bad_timestamp"


def test_the_largest_body_is_accepted_and_one_byte_more_refused() -> None:
    judge = verifier(max_body=15)
    assert reason_of(signed(), judge=judge) is None
    assert reason_of(signed(B1 + b" "), B1 + b" ", judge) == "body_too_large"


# ----------------------------------------------------------------------------------------- legacy


@pytest.mark.case("WH-27")
def test_a_legacy_message_is_only_taken_if_that_was_asked_for() -> None:
    headers = without_standard(signed(secret=PLAIN))
    assert reason_of(headers, judge=verifier(PLAIN)) == "legacy_refused"
    found = verifier(PLAIN, accept_legacy=True).verify(B1, headers)
    assert (found.id, found.scheme, found.timestamp) == (None, "legacy", 1_704_067_200)


@pytest.mark.case("WH-27")
@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ('"2024-01-01T00:00:00.000Z"', None),
        ('"2023-12-31T23:55:00.000Z"', None),
        ('"2023-12-31T23:54:59.000Z"', "too_old"),
        ('"2024-01-01T00:05:01.000Z"', "too_new"),
        ("1704067200", None),
        ("1704066899", "too_old"),
        ('"yesterday"', "bad_timestamp"),
        ("0", "bad_timestamp"),
        ("[]", "bad_timestamp"),
        ("null", None),
    ],
)
def test_a_legacy_body_has_to_be_as_fresh_as_it_says(told: str, reason: str | None) -> None:
    body = f'{{"timestamp":{told}}}'.encode()
    assert reason_of(without_standard(signed(body)), body, verifier(accept_legacy=True)) == reason


@pytest.mark.parametrize("body", [b"", b"[1]", b"\xff\xfe", b'"x"', b'{"timestamp":', b"{}"])
def test_a_legacy_body_without_a_time_is_judged_by_its_headers(body: bytes) -> None:
    assert reason_of(without_standard(signed(body)), body, verifier(accept_legacy=True)) is None


LEGACY = without_standard(signed())


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"X-Webhook-Signature": LEGACY["X-Webhook-Signature"]}, "missing_header"),
        ({"X-Webhook-Timestamp": "1704067200"}, "missing_header"),
        ([*LEGACY.items(), ("x-webhook-signature", "sha256=0")], "duplicate_header"),
        ({**LEGACY, "X-Webhook-Signature": LEGACY["X-Webhook-Signature"].upper()}, "bad_signature_header"),
        ({**LEGACY, "X-Webhook-Signature": "sha256=" + "0" * 63}, "bad_signature_header"),
        ({**LEGACY, "X-Webhook-Signature": b"\xff"}, "bad_signature_header"),
        ({**LEGACY, "X-Webhook-Signature": "sha256=" + "0" * 64}, "no_match"),
        ({**LEGACY, "X-Webhook-Timestamp": "1704066899"}, "too_old"),
        ({**LEGACY, "X-Webhook-Timestamp": "now"}, "bad_timestamp"),
    ],
)
def test_a_poor_legacy_message_is_refused(headers: object, reason: str) -> None:
    assert reason_of(headers, judge=verifier(accept_legacy=True)) == reason


def test_a_legacy_digest_may_be_written_in_capitals() -> None:
    digest = LEGACY["X-Webhook-Signature"].removeprefix("sha256=").upper()
    headers = {**LEGACY, "X-Webhook-Signature": f"sha256={digest}"}
    assert reason_of(headers, judge=verifier(accept_legacy=True)) is None


@pytest.mark.case("WH-28")
def test_a_good_legacy_digest_does_not_mend_a_wrong_standard_signature() -> None:
    assert reason_of(changed(webhook_signature=BAD), judge=verifier(accept_legacy=True)) == "no_match"


# ----------------------------------------------------------------------------------------- events


def test_an_event_keeps_what_this_release_does_not_know() -> None:
    body = b'{"instanceId":"i","eventType":"instance.new","timestamp":"2024-01-01T00:00:00.123Z","color":1}'
    event = verifier().verify(body, signed(body)).event()
    assert event.event_type == "instance.new"
    assert isinstance(event.event_type, WebhookEventType)
    assert not event.event_type.known
    assert event.timestamp == datetime(2024, 1, 1, 0, 0, 0, 123000, tzinfo=UTC)
    assert dict(event.extra) == {"color": 1}


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"5", b"null", b"\xff", b'{"a":NaN}', b'{"a":1', b"[" * 100_000, b"9" * 5000),
        *(b'{"sequence":"x"}', b'{"timestamp":"soon"}', b'{"healthCheck":5}', b'{"instanceId":{}}'),
    ],
)
def test_a_genuine_body_that_is_no_event_is_told_apart_without_being_shown(body: bytes) -> None:
    found = verifier().verify(body, signed(body))
    with pytest.raises(WebhookVerificationError) as caught:
        found.event()
    assert (caught.value.reason, caught.value.scheme) == ("bad_payload", "standard")
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)


def test_an_empty_object_is_an_event_that_tells_nothing() -> None:
    assert verifier().verify(b"{}", signed(b"{}")).event() == WebhookEvent()


# --------------------------------------------------------------------------------- the verifier


@pytest.mark.parametrize(
    "options",
    [
        {"tolerance": 0},
        {"tolerance": 3601},
        {"tolerance": float("nan")},
        {"tolerance": None},
        {"accept_legacy": 1},
        {"max_body": 0},
    ],
)
def test_a_verifier_is_set_up_within_its_limits(options: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        verifier(**options)


def test_a_verifier_needs_a_secret() -> None:
    with pytest.raises(ConfigurationError, match="secret"):
        WebhookVerifier(None)  # type: ignore[arg-type]  # on purpose


def test_an_error_carries_neither_secret_nor_signature_nor_body() -> None:
    headers = WebhookSigner(PLAIN).sign(B1, message_id=MESSAGE_ID, now=NOW)
    with pytest.raises(WebhookVerificationError) as caught:
        verifier(NEWER).verify(B1, headers)
    told = caught.value.explain() + repr(caught.value)
    assert caught.value.scheme == "standard"
    assert PLAIN not in told
    assert NEWER not in told
    assert "test" not in told
    assert headers["webhook-signature"] not in told
