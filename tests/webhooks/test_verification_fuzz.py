"""Whatever arrives, verification ends with success or with its one error."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk.errors import WebhookVerificationError
from tests.webhooks.messages import NOW, STANDARD, signed, verifier

PER_SEED = 200  # 100 seeds in an ordinary run are 20,000 messages; `make fuzz` draws 10,000 seeds

JUDGES = (verifier(STANDARD), verifier(STANDARD, accept_legacy=True))
NAMES = (
    *("webhook-id", "Webhook-ID", "webhook-timestamp", "webhook-signature", "WEBHOOK-SIGNATURE"),
    *("x-webhook-signature", "X-Webhook-Timestamp", "webhook-new", "host", "", "\u212awebhook-id", "\ud800"),
)
FIELDS = (
    *("instanceId", "status", "timestamp", "eventId", "eventType", "sequence", "elapsedTime", "data"),
    *("healthCheck", "startupOperation", "error", "reason", "novitaInstanceId", "operationId", "other"),
)


def some_value(draw: random.Random) -> object:
    """A header value such as nobody should send."""
    return draw.choice(
        (
            *(
                "",
                " ",
                "v1,",
                "v1,====",
                "v1 v1 v1",
                "sha256=",
                "sha256=" + "a" * 64,
                "\x00",
                "ü" * 9,
                "٣" * 5,
            ),
            *("9" * draw.randrange(30), str(int(NOW) + draw.randrange(-700, 700)), "-1", "1e3", "\ud800"),
            *("v1," + "A" * draw.randrange(60) + "=", "msg_" + "x" * draw.randrange(600), "," * 5000),
            *(draw.randbytes(draw.randrange(40)), None, 5, 1.5, [], {}, object(), b"", bytearray(b"x")),
        )
    )


def some_json(draw: random.Random, depth: int = 3) -> object:
    """A JSON value of any kind."""
    kind = draw.randrange(10 if depth else 7)
    if kind >= 8:
        return {draw.choice(FIELDS): some_json(draw, depth - 1) for _ in range(draw.randrange(6))}
    if kind == 7:
        return [some_json(draw, depth - 1) for _ in range(draw.randrange(4))]
    return draw.choice(
        (
            *(
                None,
                True,
                0,
                -1,
                2**70,
                1.5,
                float("nan"),
                float("inf"),
                "",
                "x",
                "\ud800",
                "2024-01-01T00:00:00Z",
            ),
            *(
                "9999-12-31T23:59:59+23:59",
                "0001-01-01T00:00:00-14:00",
                10**400,
                1e300,
                "instance.ready",
                "running",
            ),
        )
    )


def some_body(draw: random.Random) -> object:
    """A body: an event, half an event, or anything."""
    event = json.dumps({draw.choice(FIELDS): some_json(draw) for _ in range(draw.randrange(8))}).encode()
    return draw.choice(
        (
            *(event, event, event, event[: draw.randrange(len(event))], b"\xef\xbb\xbf" + event),
            *(draw.randbytes(draw.randrange(60)), b"[" * draw.randrange(3000), b"9" * draw.randrange(6000)),
            *(b"", None, "text", 5, {}, [], object(), memoryview(b"x"), bytearray(event)),
        )
    )


def some_headers(draw: random.Random, body: object) -> object:
    """Headers: good ones, good ones with something wrong, or anything."""
    good: list[tuple[object, object]] = list(signed(body).items()) if isinstance(body, bytes) else []
    for _ in range(draw.randrange(4) if draw.random() < 0.5 else 0):
        name: object = draw.choice(NAMES)
        odd = name.encode("utf-8", "replace") if isinstance(name, str) and draw.random() < 0.3 else name
        good.insert(draw.randrange(len(good) + 1), (odd, some_value(draw)))
        if draw.random() < 0.3:
            del good[draw.randrange(len(good))]
    if draw.random() < 0.1:
        return draw.choice(
            (None, 5, "x", b"x", [5], [("a",)], [("a", "b", "c")], {5: 5}, {"webhook-id": 5}, good[0:1])
        )
    return dict(good) if draw.random() < 0.7 else iter(good)


def outcome(draw: random.Random, body: object, headers: object) -> str:
    """What comes of one message; any other exception than the one that is promised ends the test."""
    try:
        found = draw.choice(JUDGES).verify(body, headers)  # type: ignore[arg-type]  # anything
        found.event()
    except WebhookVerificationError as refusal:
        return refusal.reason or ""
    return "event"


@pytest.mark.case("WH-26")
@given(seed=st.integers(min_value=0, max_value=2**64))
def test_no_message_raises_anything_but_the_one_error(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(PER_SEED):
        body = some_body(draw)
        assert outcome(draw, body, some_headers(draw, body))


@pytest.mark.case("WH-26")
@pytest.mark.parametrize(
    "body", [b"[" * 262_144, b'{"sequence":' + b"9" * 5000 + b"}", bytes(range(256)) * 1024]
)
def test_hostile_bodies_are_refused_as_payloads(body: bytes) -> None:
    assert outcome(random.Random(1), body, signed(body)) == "bad_payload"


def test_the_generated_messages_meet_every_refusal_that_time_does_not_bring() -> None:
    draw = random.Random(7)
    seen = set()
    for _ in range(20_000):
        body = some_body(draw)
        seen.add(outcome(draw, body, some_headers(draw, body)))
    expected = {
        *(
            "event",
            "body_type",
            "no_signature",
            "missing_header",
            "duplicate_header",
            "bad_id",
            "bad_timestamp",
        ),
        *("bad_signature_header", "no_match", "legacy_refused", "bad_payload"),
    }
    assert expected <= seen
