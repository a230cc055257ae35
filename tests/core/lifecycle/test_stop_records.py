"""Records of stops: what is done about an instance that is still idle."""

from __future__ import annotations

import attrs
import pytest

from novita_sdk._core.lifecycle.stop_records import StopRecord, StopState, fate_of, next_step, stop_record
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance

SENT = StopRecord(
    instance_id="i-1", run=1_790_000_000, state="sent", at=5000.0, idle=1500.0, threshold=1200.0
)


@pytest.mark.parametrize(
    ("state", "age", "step"),
    [
        ("sent", 0, "under_way"),
        ("sent", 119.9, "under_way"),
        ("sent", 120, "stop"),
        ("sent", -120, "stop"),  # the clock went back since
        ("accepted", 299.9, "accepted"),
        ("accepted", 300, "overdue"),
        ("failed", 0, "stop"),
    ],
)
def test_a_stop_is_taken_up_again_when_its_time_is_over(state: StopState, age: float, step: str) -> None:
    assert next_step(attrs.evolve(SENT, state=state), 5000.0 + age) == step


@pytest.mark.parametrize(
    ("state", "status", "run", "fate"),
    [
        ("accepted", "running", SENT.run, "stays"),
        ("accepted", "stopping", None, "stays"),
        ("accepted", "running", SENT.run + 1, "over"),
        ("accepted", "exited", None, "seen"),
        ("sent", "exited", None, "seen"),
        ("failed", "exited", None, "over"),  # somebody else stopped it
        ("accepted", "removing", None, "over"),
        ("accepted", None, None, "over"),
    ],
)
def test_a_record_stays_until_its_run_is_over(
    state: StopState, status: str | None, run: int | None, fate: str
) -> None:
    instance = None if status is None else Instance(id="i-1", status=InstanceStatus(status))
    assert fate_of(attrs.evolve(SENT, state=state), instance, run) == fate


def test_without_a_record_the_instance_is_stopped() -> None:
    assert next_step(None, 5000.0) == "stop"


def test_a_record_comes_back_as_it_was_stored() -> None:
    assert stop_record(SENT.to_json()) == SENT


def test_runs_and_instances_have_records_and_operations_of_their_own() -> None:
    others = [
        SENT,
        attrs.evolve(SENT, run=1_790_000_001),
        attrs.evolve(SENT, instance_id="i-2"),
        attrs.evolve(SENT, instance_id="ï" * 90),
    ]
    assert len({record.key for record in others}) == len({record.operation_id for record in others}) == 4
    assert SENT.operation_id == "autostop-i-1-1790000000"
    assert all(record.key.isascii() and len(record.key) < 150 for record in others)
