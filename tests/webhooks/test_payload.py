"""Bodies: which bytes a payload becomes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from novita_sdk._core.webhooks.payload import LARGE, LARGEST, encode_payload, is_large
from novita_sdk.errors import ValidationError
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.money import Money
from novita_sdk.models.unset import UNSET
from novita_sdk.webhooks import HealthCheck, HealthEndpoint, WebhookEvent
from tests.webhooks.messages import events, payload_of

B2 = {
    "instanceId": "inst_1",
    "status": "running",
    "timestamp": "2024-01-01T00:00:00.000Z",
    "reason": "prêt ✓",
}


@pytest.mark.case("WH-02")
def test_a_mapping_becomes_compact_json_in_utf_8() -> None:
    body = encode_payload(B2)
    assert len(body) == 102
    assert "prêt ✓" in body.decode()


@pytest.mark.case("WH-09")
def test_the_legacy_form_leaves_out_exactly_the_new_keys() -> None:
    event = events().success("inst_1", operation_id="operation", sequence=1)
    keys = list(json.loads(encode_payload(event, "legacy")))
    assert keys == ["instanceId", "status", "timestamp", "operationId"]
    assert list(payload_of(event)) == [
        *("instanceId", "status", "timestamp", "eventId", "eventType", "sequence", "operationId"),
    ]


def test_bytes_go_out_as_they_are() -> None:
    assert encode_payload(b"\xff anything") == b"\xff anything"


@pytest.mark.case("WH-11")
def test_what_is_absent_has_no_key_and_what_is_empty_keeps_it() -> None:
    given = {
        "a": None,
        "b": UNSET,
        "c": {"d": None, "e": 0},
        "f": "",
        "g": [],
        "h": False,
        "i": [{"j": None}],
    }
    assert encode_payload(given) == b'{"c":{"e":0},"f":"","g":[],"h":false,"i":[{}]}'


def test_values_of_this_package_are_spelled_for_the_wire() -> None:
    given = {
        "time": datetime(2024, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        "amount": Money(125_000, 10_000),
        "exact": Money(123_456, 100_000),
        "number": Decimal("0.80"),
        "status": InstanceStatus.RUNNING,
        "check": HealthCheck(status="completed", endpoints=(HealthEndpoint(port=80, response_time_ms=0),)),
    }
    assert json.loads(encode_payload(given)) == {
        "time": "2024-01-01T00:00:00.000Z",
        "amount": "12.5000",
        "exact": "1.23456",
        "number": 0.8,
        "status": "running",
        "check": {"status": "completed", "endpoints": [{"port": 80, "responseTime": 0}]},
    }


@pytest.mark.case("WH-20")
def test_times_are_cut_to_three_decimals_and_not_rounded() -> None:
    late = datetime(2024, 1, 1, 23, 59, 59, 999_600, tzinfo=UTC)
    assert encode_payload({"at": late}) == b'{"at":"2024-01-01T23:59:59.999Z"}'


@pytest.mark.case("WH-20")
@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (datetime(2024, 1, 1), "time zone"),  # noqa: DTZ001 - on purpose
        (float("nan"), "finite"),
        (float("inf"), "finite"),
        ("\ud800", "surrogate"),
        ([1, None], "None"),
        ([UNSET], "None"),
        (object(), "JSON"),
    ],
)
def test_what_json_cannot_carry_is_refused(value: object, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        encode_payload({"deep": {"value": value}})


@pytest.mark.parametrize("payload", ["text", 5, None, [1]])
def test_a_payload_is_an_object_or_bytes(payload: Any) -> None:
    with pytest.raises(ValidationError, match="payload"):
        encode_payload(payload)


def test_a_payload_that_holds_itself_is_refused() -> None:
    payload: dict[str, object] = {}
    payload["self"] = payload
    with pytest.raises(ValidationError, match="refer to itself"):
        encode_payload(payload)


def test_a_body_is_large_and_then_too_large() -> None:
    assert [is_large(bytes(size)) for size in (LARGE, LARGE + 1)] == [False, True]
    assert len(encode_payload(bytes(LARGEST))) == LARGEST
    with pytest.raises(ValidationError, match="262144 bytes, not 262145"):
        encode_payload(bytes(LARGEST + 1))
    with pytest.raises(ValidationError, match="262144 bytes"):
        encode_payload({"data": "x" * LARGEST})


def test_an_event_that_was_read_is_written_again_with_all_it_held() -> None:
    event = WebhookEvent(instance_id="i", extra={"color": [1, {"deep": "x"}]})
    assert payload_of(event) == {"instanceId": "i", "color": [1, {"deep": "x"}]}
