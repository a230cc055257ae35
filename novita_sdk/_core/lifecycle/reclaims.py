"""Which reclaimed spot instances are to be moved, and what is remembered about each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk.models.enums import InstanceStatus, SpotStatus
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON

MIGRATION_PREFIX: Final = "migration:"
"""What the keys of the records begin with; the id of the instance follows."""

RECORD_TTL: Final = 7 * 86_400.0
"""Seconds for which an attempt is remembered."""

NO_ACTION_NEEDED: Final = "no action needed"
"""What is said of every instance that nobody reclaimed."""

ReclaimStep: TypeAlias = Literal["notified", "reclaiming", "reclaimed"]
Outcome: TypeAlias = Literal["", "sent", "migrated", "failed"]

LATER_RUN: Final = timedelta(minutes=10)
"""A start that comes so long after a reclaim began a run of its own."""

_TAKEN: Final = frozenset({SpotStatus.RECLAIMING, SpotStatus.TERMINATED})
_ANNOUNCED: Final[Mapping[str, ReclaimStep]] = {
    SpotStatus.NOTIFIED.value: "notified",
    SpotStatus.RECLAIMING.value: "reclaiming",
}
_HOUR: Final = 3600.0


@attrs.frozen(kw_only=True)
class ReclaimRules:
    """How often the move of a reclaimed instance is tried.

    Attributes:
        cooldown: Seconds between two attempts for one instance.
        max_attempts: Most attempts for one reclaim.
    """

    cooldown: float
    max_attempts: int


@attrs.frozen(kw_only=True)
class ReclaimRecord:
    """What is remembered about the moves of one instance.

    Attributes:
        instance_id: The instance.
        reclaim: Which reclaim `attempts`, `outcome` and `told` are about.
        attempts: How often a move was asked for since that reclaim.
        last_attempt: When one was asked for last, whatever the reclaim, in seconds since 1970; None for never.
        outcome: What became of it.
        new_id: The id the service said the instance would have.
        told: The steps of the reclaim that an event told of.
    """

    instance_id: str
    reclaim: str
    attempts: int = 0
    last_attempt: float | None = None
    outcome: Outcome = ""
    new_id: str | None = None
    told: tuple[ReclaimStep, ...] = ()

    @classmethod
    def read(cls, value: Mapping[str, JSON], reclaim: str) -> ReclaimRecord:
        """Read a stored record; of an earlier reclaim only the time of the last attempt still counts."""
        instance_id = value["instance_id"]
        if value["reclaim"] != reclaim:
            return cls(instance_id=instance_id, reclaim=reclaim, last_attempt=value["last_attempt"])
        return cls(
            instance_id=instance_id,
            reclaim=reclaim,
            attempts=value["attempts"],
            last_attempt=value["last_attempt"],
            outcome=value["outcome"],
            new_id=value["new_id"],
            told=tuple(value["told"]),
        )

    def written(self) -> dict[str, JSON]:
        """Return the record as it is stored."""
        return {"v": 1, **attrs.asdict(self), "told": list(self.told)}

    def tried(self, now: float) -> ReclaimRecord:
        """Return the record of one more attempt, as it is written before anything is sent."""
        return attrs.evolve(self, attempts=self.attempts + 1, last_attempt=now, outcome="sent", new_id=None)


@attrs.frozen(kw_only=True)
class ReclaimVerdict:
    """Whether an instance is to be moved, why in one word, and in several."""

    eligible: bool
    reason: Literal[
        "reclaimed", "no_action_needed", "later_run", "cooldown", "attempts_used", "already_migrated"
    ]
    detail: str


def reclaim_step(instance: Instance) -> ReclaimStep | None:
    """Tell how far the reclaim of an instance has come; None if there is none."""
    if instance.status == InstanceStatus.EXITED:
        taken = instance.spot_reclaim_time is not None or instance.spot_status in _TAKEN
        return "reclaimed" if taken else None
    if instance.status == InstanceStatus.RUNNING and instance.spot_status is not None:
        return _ANNOUNCED.get(instance.spot_status.value)
    return None


def reclaim_mark(instance: Instance) -> str:
    """Name the reclaim of an instance, so that a later one is told from it."""
    if instance.spot_reclaim_time is not None:
        return f"{instance.spot_reclaim_time.timestamp():.0f}"
    if instance.status == InstanceStatus.EXITED and instance.last_stopped_at is not None:
        return f"stopped-{instance.last_stopped_at.timestamp():.0f}"
    return "untimed"


def judge_reclaim(
    instance: Instance, record: ReclaimRecord, rules: ReclaimRules, now: datetime
) -> ReclaimVerdict:
    """Decide whether a reclaimed instance is to be moved now.

    Args:
        instance: The instance, in any status.
        record: What is remembered about it.
        rules: How often a move is tried.
        now: The wall time, aware.
    """
    if reclaim_step(instance) != "reclaimed":
        return ReclaimVerdict(eligible=False, reason="no_action_needed", detail=NO_ACTION_NEEDED)
    started, reclaimed = instance.last_started_at, instance.spot_reclaim_time
    if started is not None and reclaimed is not None and started > reclaimed + LATER_RUN:
        detail = "it ran again after the reclaim, so it was stopped on purpose"
        return ReclaimVerdict(eligible=False, reason="later_run", detail=detail)
    if record.last_attempt is not None:
        age = max(0.0, now.timestamp() - record.last_attempt)
        if age < rules.cooldown:
            detail = f"last attempt {_hours(age)} ago, the cooldown is {_hours(rules.cooldown)}"
            return ReclaimVerdict(eligible=False, reason="cooldown", detail=detail)
    if record.attempts >= rules.max_attempts:
        detail = f"all {rules.max_attempts} attempts for this reclaim are used"
        return ReclaimVerdict(eligible=False, reason="attempts_used", detail=detail)
    if record.outcome == "migrated":
        detail = "it was moved after this reclaim already"
        return ReclaimVerdict(eligible=False, reason="already_migrated", detail=detail)
    detail = f"reclaimed, attempt {record.attempts + 1} of {rules.max_attempts}"
    return ReclaimVerdict(eligible=True, reason="reclaimed", detail=detail)


def _hours(seconds: float) -> str:
    return f"{round(seconds / _HOUR, 1):g} h"
