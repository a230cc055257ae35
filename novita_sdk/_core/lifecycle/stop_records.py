"""The record of a stop: written before it is sent, so that no idle period is answered by two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, cast

import attrs

from novita_sdk._core.lifecycle.auto_stop_rules import DOWN
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON

STOP_PREFIX: Final = "stop:"
"""What the keys of the records begin with; the id of the instance and the start of its run follow."""

STOP_TTL: Final = 30 * 86_400.0
"""Seconds for which a record is kept, unless the instance is seen stopped before."""

_SENDER_LOST: Final = 120.0  # seconds after which a stop without an outcome is taken up again
_OVERDUE: Final = 300.0  # seconds after which an accepted stop must have been seen

StopState: TypeAlias = Literal["sent", "accepted", "failed"]
StopFate: TypeAlias = Literal["stays", "seen", "over"]
StopStep: TypeAlias = Literal["stop", "under_way", "accepted", "overdue"]


@attrs.frozen(kw_only=True)
class StopRecord:
    """A stop of one run of an instance.

    Attributes:
        instance_id: The instance.
        run: The start of the run, in whole seconds since 1970.
        state: How far it has come.
        at: When that was, in seconds since 1970.
        idle: Seconds for which the instance was idle.
        threshold: Seconds of idleness after which it was to be stopped.
    """

    instance_id: str
    run: int
    state: StopState
    at: float
    idle: float
    threshold: float

    @property
    def key(self) -> str:
        """The key of the record."""
        return f"{STOP_PREFIX}{key_part(self.instance_id)}:{self.run}"

    @property
    def operation_id(self) -> str:
        """The operation that its events belong to."""
        return operation_id_of(self.instance_id, self.run)

    def to_json(self) -> dict[str, JSON]:
        """Return the stored form."""
        return {"v": 1, **attrs.asdict(self)}


def operation_id_of(instance_id: str, run: int) -> str:
    """Return the operation id of what AutoStop does to one run of an instance."""
    return f"autostop-{instance_id}-{run}"


def stop_record(stored: Mapping[str, JSON]) -> StopRecord:
    """Read the stored form."""
    return StopRecord(
        instance_id=cast("str", stored["instance_id"]),
        run=cast("int", stored["run"]),
        state=cast("StopState", stored["state"]),
        at=cast("float", stored["at"]),
        idle=cast("float", stored["idle"]),
        threshold=cast("float", stored["threshold"]),
    )


def fate_of(record: StopRecord, instance: Instance | None, run: int | None) -> StopFate:
    """Tell what becomes of a record once the instances were listed.

    Args:
        record: The record.
        instance: Its instance, as listed; None if it is gone.
        run: Which run of it is watched; None if none is.

    Returns:
        The record `stays`, the stop is `seen`, or it is `over`: the instance is gone, runs anew, or was stopped by
        somebody else.
    """
    if instance is not None and instance.status == InstanceStatus.EXITED:
        return "over" if record.state == "failed" else "seen"
    if instance is None or instance.status in DOWN:
        return "over"
    return "stays" if run is None or run == record.run else "over"


def next_step(record: StopRecord | None, wall: float) -> StopStep:
    """Tell what is to be done about an instance that is still idle.

    Args:
        record: The record of a stop of this run; None if there is none.
        wall: Now, in seconds since 1970.

    Returns:
        `stop` it; leave it, as its stop is `under_way` or `accepted`; or `overdue`: an accepted stop had no effect.
    """
    if record is None or record.state == "failed":
        return "stop"
    age = abs(wall - record.at)  # a record from before the clock went back grows old as well
    if record.state == "sent":
        return "stop" if age >= _SENDER_LOST else "under_way"
    return "overdue" if age >= _OVERDUE else "accepted"
