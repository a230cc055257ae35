"""Events: what each kind tells, and what no event ever tells."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from novita_sdk._core.codec import structure
from novita_sdk._core.webhooks.events import Events
from novita_sdk._core.webhooks.kinds import KINDS, kind_name
from novita_sdk._core.webhooks.payload import encode_payload
from novita_sdk.errors import ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.models.money import Money
from novita_sdk.models.open_enum import OpenEnum
from novita_sdk.models.unset import UNSET
from novita_sdk.webhooks import (
    HealthCheck,
    HealthEndpoint,
    StartupPhases,
    WebhookEvent,
    WebhookEventType,
    WebhookSigner,
)
from novita_sdk.webhooks import events as public_events
from tests.webhooks.messages import NOW, PLAIN, events, payload_of

AT = datetime(2024, 1, 1, tzinfo=UTC)
STARTED = AT - timedelta(seconds=180)
PHASES = StartupPhases(start_requested=STARTED, instance_running=AT)
HEALTHY = HealthCheck(
    status="completed",
    overall_status="healthy",
    endpoints=(
        HealthEndpoint(
            port=8888,
            endpoint="https://h:8888",
            type="http",
            status="healthy",
            last_checked=AT,
            response_time_ms=12,
        ),
    ),
)
INSTANCE = structure(
    Instance,
    {
        "id": "novita-1",
        "name": "box",
        "status": "running",
        "clusterName": "EU-1",
        "productId": "p1",
        "productName": "RTX 4090",
        "gpuNum": 2,
        "command": "run --token hunter2",
        "entrypoint": "hunter2",
        "imageAuthId": "hunter2",
        "createdAt": "1704067000",
        "envs": [{"key": "API_KEY", "value": "hunter2"}],
        "portMappings": [
            {"port": 8888, "type": "http", "endpoint": "https://u:hunter2@h:8888/lab?token=hunter2#hunter2"},
            {"port": 22, "type": "tcp", "endpoint": ""},
        ],
        "connectComponentSSH": {"sshCommand": "ssh root@h -p 2201", "password": "hunter2"},
        "imageAuth": "hunter2:hunter2",
    },
)
BUDGET: dict[str, Any] = {
    "limit": Money(125_000, 10_000),
    "spent": Money(100_000, 10_000),
    "projected": Money(200_000, 10_000),
    "ratio": Decimal("0.8"),
    "window_start": AT,
    "instance_ids": ["a", "b"],
    "action": "stop",
}
IDLE: dict[str, Any] = {"idle": timedelta(minutes=20), "threshold": 1200}

WORDS: dict[str, dict[str, Any]] = {
    "failure": {"error": "boom"},
    "timeout": {"after": 600},
    "health_check_failed": {"error": "boom"},
    "startup_initiated": {"operation_id": "op"},
    "running": {"operation_id": "op", "phases": PHASES},
    "health_checking": {"operation_id": "op", "phases": PHASES},
    "startup_completed": {"operation_id": "op", "phases": PHASES},
    "startup_failed": {"operation_id": "op", "phases": PHASES, "error": "boom", "phase": "timeout"},
    "auto_stop_warning": {**IDLE, "stop_at": AT, "signals": {"gpu": "idle"}},
    "auto_stopping": IDLE,
    "auto_stop_stopped": IDLE,
    "migration_started": {"attempt": 1},
    "migration_completed": {"attempt": 1, "status": "running"},
    "migration_failed": {"attempt": 1, "error": "boom", "repair": "none"},
    "spot_reclaimed": {"spot_status": "terminated", "status": "reclaimed"},
    "status_changed": {"status": "exited", "previous": "running"},
    "repair_failed": {"error": "boom"},
    "budget_warning": BUDGET,
    "budget_exceeded": BUDGET,
}
ACCOUNT = {"budget_warning", "budget_exceeded", "low_balance"}


def made(kind: str, subject: object = "inst_1", **fields: Any) -> WebhookEvent:
    """An event of a kind, with the words it cannot do without."""
    subjects = () if kind in ACCOUNT else (subject,)
    event: WebhookEvent = getattr(events(), kind)(*subjects, **{**WORDS.get(kind, {}), **fields})
    return event


# -------------------------------------------------------------------------------------- all kinds


def test_every_kind_has_its_constructor_and_its_type() -> None:
    constructors = {name for name, _ in inspect.getmembers(Events, inspect.isfunction) if name[0] != "_"}
    assert constructors == set(KINDS)
    assert {kind.event_type for kind in KINDS.values()} == set(WebhookEventType)
    assert [kind_name(kind.event_type) for kind in KINDS.values()] == list(KINDS)
    assert kind_name(None) is None
    assert kind_name(WebhookEventType("instance.new")) is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_tells_its_type_its_status_and_its_time(kind: str) -> None:
    event = made(kind)
    payload = payload_of(event)
    assert payload["eventType"] == KINDS[kind].event_type
    assert payload["status"] == (KINDS[kind].status or event.status)
    assert payload["timestamp"] == "2024-01-01T00:00:00.000Z"
    assert payload["eventId"] == event.event_id
    assert payload.get("instanceId") == (None if kind in ACCOUNT else "inst_1")
    assert "null" not in encode_payload(event).decode()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_back_as_it_was_made(kind: str) -> None:
    event = made(kind, INSTANCE)
    read = structure(WebhookEvent, json.loads(encode_payload(event), parse_float=Decimal))
    assert encode_payload(read) == encode_payload(event)
    assert read == event


@pytest.mark.case("WH-13")
@pytest.mark.parametrize("kind", KINDS)
def test_no_event_of_an_instance_holds_a_secret(kind: str) -> None:
    assert b"hunter2" not in encode_payload(made(kind, INSTANCE))


@pytest.mark.parametrize("kind", KINDS)
def test_the_keys_stand_in_their_order(kind: str) -> None:
    order = [
        *("instanceId", "status", "timestamp", "eventId", "eventType", "sequence", "novitaInstanceId"),
        *("operationId", "elapsedTime", "error", "reason", "data", "healthCheck", "startupOperation"),
    ]
    fields = {"operation_id": "op", "sequence": 3, "local_id": "mine", "elapsed": 1, "reason": "why"}
    keys = list(payload_of(made(kind, data={"more": 1}, **fields)))
    assert keys == [key for key in order if key in keys]
    assert {"sequence", "operationId", "elapsedTime", "reason", "data"} <= set(keys)


# ----------------------------------------------------------------------------------- shared words


@pytest.mark.case("WH-09")
def test_an_event_has_the_id_of_its_message() -> None:
    event = events().success("inst_1")
    assert event.event_id is not None
    headers = WebhookSigner(PLAIN).sign(encode_payload(event), message_id=event.event_id)
    assert headers["webhook-id"] == payload_of(event)["eventId"]


def test_an_event_of_an_operation_gets_the_same_id_again() -> None:
    maker = events()
    assert maker.ready("i", operation_id="op").event_id == maker.ready("i", operation_id="op").event_id
    assert maker.ready("i").event_id != maker.ready("i").event_id


def test_steps_of_one_operation_get_ids_of_their_own() -> None:
    ids = {
        made("spot_reclaimed", operation_id="op", status=step).event_id
        for step in ("notified", "reclaiming", "reclaimed")
    }
    ids |= {made("migration_started", operation_id="op", attempt=attempt).event_id for attempt in (1, 2)}
    assert len(ids) == 5


def test_your_own_id_of_the_instance_stands_first() -> None:
    payload = payload_of(events().success(INSTANCE, local_id="job-7"))
    assert (payload["instanceId"], payload["novitaInstanceId"]) == ("job-7", "novita-1")


def test_none_and_unset_are_the_same_as_leaving_out() -> None:
    left_out = made("failure")
    for nothing in (None, UNSET):
        names = ("at", "operation_id", "sequence", "local_id", "elapsed", "reason", "data")
        assert payload_of(made("failure", **dict.fromkeys(names, nothing))) == payload_of(left_out)


def test_your_data_wins_over_what_the_event_fills_in() -> None:
    data = payload_of(events().success(INSTANCE, data={"name": "mine", "cost": Money(5, 10), "no": None}))[
        "data"
    ]
    assert isinstance(data, dict)
    assert (data["name"], data["cost"], data["region"], "no" in data) == ("mine", "0.5000", "EU-1", False)


def test_your_reason_stands_in_place_of_the_usual_one() -> None:
    assert payload_of(events().ready("i", reason="because"))["reason"] == "because"
    assert "reason" in payload_of(events().ready("i"))


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"sequence": 0, "operation_id": "op"}, "sequence"),
        ({"sequence": 1}, "sequence"),
        ({"sequence": True, "operation_id": "op"}, "sequence"),
        ({"operation_id": " "}, "operation_id"),
        ({"local_id": ""}, "local_id"),
        ({"elapsed": "10"}, "elapsed"),
        ({"elapsed": float("nan")}, "elapsed"),
        ({"reason": 5}, "reason"),
        ({"error": 5}, "error"),
        ({"data": [1]}, "data"),
        ({"data": {"a": float("nan")}}, "finite"),
        ({"at": datetime(2024, 1, 1)}, "time zone"),  # noqa: DTZ001 - on purpose
        ({"at": "2024-01-01"}, "time zone"),
    ],
)
def test_a_wrong_word_is_told_by_its_name(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        encode_payload(made("failure", **fields))


@pytest.mark.parametrize("subject", ["", None, 5.5, {"id": "x"}])
def test_an_instance_is_an_id_or_an_instance(subject: Any) -> None:
    with pytest.raises(ValidationError, match="instance"):
        made("success", subject)


def test_a_misspelled_word_is_not_ignored() -> None:
    with pytest.raises(TypeError, match="'elapesd'"):
        made("success", elapesd=5)


def test_the_public_constructors_go_by_the_machines_clock() -> None:
    first, second = public_events.success("i"), public_events.success("i")
    assert first.timestamp is not None
    assert abs(datetime.now(UTC) - first.timestamp) < timedelta(minutes=1)
    assert first.event_id != second.event_id


# ----------------------------------------------------------------------------------- single kinds


@pytest.mark.case("WH-10")
def test_a_failure_tells_the_error_and_the_milliseconds() -> None:
    payload = payload_of(made("failure", elapsed=10))
    assert (payload["status"], payload["error"], payload["elapsedTime"]) == ("failed", "boom", 10_000)
    assert set(payload) == {
        *("instanceId", "status", "timestamp", "eventId", "eventType", "error", "elapsedTime")
    }


@pytest.mark.case("WH-11")
def test_a_timeout_names_its_milliseconds() -> None:
    assert "600000" in str(payload_of(made("timeout", after=timedelta(minutes=10)))["error"])
    assert payload_of(made("timeout", elapsed=0))["elapsedTime"] == 0
    assert payload_of(made("timeout", elapsed=-5))["elapsedTime"] == 0
    assert "elapsedTime" not in payload_of(made("timeout", elapsed=None))


@pytest.mark.case("WH-12")
def test_created_says_creating_and_what_is_made_of_what() -> None:
    assert payload_of(made("created", product_id="p", region="r"))["data"] == {
        "productId": "p",
        "region": "r",
        "createdAt": "2024-01-01T00:00:00.000Z",
        "event": "instance_created",
    }
    payload = payload_of(made("created", INSTANCE, region="mine"))
    assert payload["status"] == "creating"
    assert payload["data"] == {
        "productId": "p1",
        "region": "mine",
        "createdAt": "2023-12-31T23:56:40.000Z",
        "event": "instance_created",
    }


@pytest.mark.case("WH-12")
def test_monitoring_tells_the_status_that_was_seen() -> None:
    payload = payload_of(made("running", status="starting"))
    assert payload["status"] == "starting"
    assert "starting" in str(payload["reason"])
    assert payload["elapsedTime"] == 180_000
    assert payload_of(made("running", elapsed=1))["elapsedTime"] == 1000


@pytest.mark.case("WH-13")
def test_ready_tells_the_health_check_and_what_may_be_told_of_the_instance() -> None:
    payload = payload_of(made("ready", INSTANCE, health_check=HEALTHY))
    assert payload["healthCheck"] == {
        "status": "completed",
        "overallStatus": "healthy",
        "endpoints": [
            {
                "port": 8888,
                "endpoint": "https://h:8888",
                "type": "http",
                "status": "healthy",
                "lastChecked": "2024-01-01T00:00:00.000Z",
                "responseTime": 12,
            }
        ],
    }
    assert payload["data"] == {
        "id": "novita-1",
        "name": "box",
        "status": "running",
        "region": "EU-1",
        "productId": "p1",
        "productName": "RTX 4090",
        "gpuNum": 2,
        "portMappings": [
            {"port": 8888, "type": "http", "endpoint": "https://h:8888/lab"},
            {"port": 22, "type": "tcp"},
        ],
        "createdAt": "2023-12-31T23:56:40.000Z",
        "connectionDetails": {"host": "h", "port": 2201, "username": "root"},
    }


@pytest.mark.case("WH-13")
@pytest.mark.parametrize("kind", ["ready", "success", "startup_completed"])
def test_how_to_log_in_is_told_if_it_can_be_read(kind: str) -> None:
    def data(**wire: object) -> dict[str, Any]:
        told: Any = payload_of(made(kind, structure(Instance, {"id": "i", **wire})))["data"]
        return dict(told)

    expected = {"host": "h", "port": 22, "username": "root"}
    assert data(sshCommand="ssh root@h")["connectionDetails"] == expected
    assert data(connectComponentSSH={"sshCommand": "ssh root@h"})["connectionDetails"] == expected
    assert "connectionDetails" not in data(sshCommand="sshpass -p hunter2 ssh root@h")
    assert "connectionDetails" not in data()


@pytest.mark.case("WH-14")
def test_a_start_begins_with_when_it_should_be_ready() -> None:
    payload: Any = payload_of(made("startup_initiated"))
    assert payload["startupOperation"] == {
        "operationId": "op",
        "status": "initiated",
        "startedAt": "2024-01-01T00:00:00.000Z",
        "phases": {"startRequested": "2024-01-01T00:00:00.000Z"},
        "totalElapsedTime": 0,
    }
    assert payload["data"] == {"estimatedReadyTime": "2024-01-01T00:05:00.000Z"}


def test_a_start_may_have_begun_earlier_and_be_ready_at_another_time_or_none() -> None:
    payload: Any = payload_of(made("startup_initiated", started_at=STARTED, estimated_ready_at=AT))
    assert payload["startupOperation"]["startedAt"] == "2023-12-31T23:57:00.000Z"
    assert payload["data"] == {"estimatedReadyTime": "2024-01-01T00:00:00.000Z"}
    assert "data" not in payload_of(made("startup_initiated", estimated_ready_at=None))


@pytest.mark.case("WH-15")
def test_a_completed_start_tells_how_long_it_took_and_its_phases_in_order() -> None:
    phases = StartupPhases(
        start_requested=STARTED,
        instance_starting=STARTED - timedelta(seconds=1),  # a clock was set back meanwhile
        instance_running=STARTED + timedelta(seconds=50),
        health_check_started=STARTED + timedelta(seconds=40),
        ready=AT,
    )
    payload: Any = payload_of(made("startup_completed", INSTANCE, phases=phases, health_check=HEALTHY))
    operation = payload["startupOperation"]
    assert payload["elapsedTime"] == operation["totalElapsedTime"] == 180_000
    moments = list(operation["phases"].values())
    assert len(moments) == 5
    assert moments == sorted(moments)
    assert payload["data"]["healthCheckStatus"] == "completed"
    assert len(payload["data"]["portMappings"]) == 2
    assert payload_of(made("startup_completed"))["data"] == {"healthCheckStatus": "skipped"}


def test_the_monotonic_clock_wins_over_the_difference_of_two_times() -> None:
    payload: Any = payload_of(made("startup_completed", elapsed=179.5))
    assert payload["elapsedTime"] == payload["startupOperation"]["totalElapsedTime"] == 179_500
    payload = payload_of(made("startup_failed", elapsed=7))
    assert payload["elapsedTime"] == payload["startupOperation"]["totalElapsedTime"] == 7000


@pytest.mark.case("WH-16")
def test_a_failed_start_tells_its_error_twice_and_names_the_phase() -> None:
    payload: Any = payload_of(made("startup_failed"))
    assert payload["error"] == payload["startupOperation"]["error"] == "boom"
    assert "timeout" in payload["reason"]
    assert payload["elapsedTime"] == 180_000


def test_a_start_has_an_operation_and_a_beginning() -> None:
    maker: Any = events()
    with pytest.raises(ValidationError, match="operation_id"):
        maker.startup_initiated("i")
    with pytest.raises(ValidationError, match="start_requested"):
        maker.running("i", operation_id="op", phases=StartupPhases())


@pytest.mark.case("WH-18")
def test_a_change_by_somebody_else_tells_both_statuses() -> None:
    payload = payload_of(made("status_changed"))
    assert (payload["status"], payload["data"]) == ("exited", {"previous": "running"})


@pytest.mark.case("WH-19")
def test_an_auto_stop_warning_tells_the_grace_and_the_signals() -> None:
    payload = payload_of(made("auto_stop_warning", stop_at=AT + timedelta(seconds=300), idle=1200.5))
    assert payload["data"] == {
        "idleSeconds": 1200.5,
        "thresholdSeconds": 1200,
        "stopAt": "2024-01-01T00:05:00.000Z",
        "signals": {"gpu": "idle"},
    }


@pytest.mark.case("WH-19")
def test_migrations_tell_their_job_and_what_became_of_it() -> None:
    data = {
        kind: payload_of(made(kind, job_id="j", **words))["data"]
        for kind, words in {
            "migration_started": {},
            "migration_completed": {"new_instance_id": "n"},
            "migration_failed": {},
        }.items()
    }
    assert data == {
        "migration_started": {"jobId": "j", "attempt": 1},
        "migration_completed": {"jobId": "j", "newInstanceId": "n", "attempt": 1},
        "migration_failed": {"jobId": "j", "attempt": 1, "repair": "none"},
    }
    assert payload_of(made("migration_started"))["data"] == {"attempt": 1}


@pytest.mark.case("WH-19")
@pytest.mark.parametrize("kind", ["budget_warning", "budget_exceeded"])
def test_amounts_are_decimal_text(kind: str) -> None:
    payload = payload_of(made(kind))
    assert payload["data"] == {
        "limit": "12.5000",
        "spent": "10.0000",
        "projected": "20.0000",
        "currency": "USD",
        "ratio": 0.8,
        "windowStart": "2024-01-01T00:00:00.000Z",
        "instanceIds": ["a", "b"],
        "action": "stop",
    }
    assert "instanceId" not in payload


def test_a_reclaim_tells_the_services_word_and_time() -> None:
    payload = payload_of(made("spot_reclaimed", reclaim_time=AT))
    assert (payload["status"], payload["data"]) == (
        "reclaimed",
        {"spotStatus": "terminated", "spotReclaimTime": "2024-01-01T00:00:00.000Z"},
    )


def test_event_types_are_open_words() -> None:
    assert issubclass(WebhookEventType, OpenEnum)
    assert WebhookEventType.INSTANCE_READY == "instance.ready"


def test_time_goes_by_the_clock_that_was_given() -> None:
    assert events(lambda: NOW + 1).success("i").timestamp == AT + timedelta(seconds=1)
    assert made("success", at=AT - timedelta(days=1)).timestamp == AT - timedelta(days=1)
