"""Which running instances AutoStop stops, and why it leaves the others alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk._core.lifecycle.decisions import Decision
from novita_sdk._core.lifecycle.idleness import Base, Graces, Watch
from novita_sdk._core.lifecycle.reclaims import LATER_RUN
from novita_sdk.models.enums import BillingMode, InstanceStatus, SpotStatus, VolumeType
from novita_sdk.models.instance import Instance

DataLoss: TypeAlias = Literal["warn", "refuse", "accept"]

DATA_LOSS: Final[tuple[DataLoss, ...]] = ("warn", "refuse", "accept")

HOOK_TIMEOUT: Final = 30.0
"""Seconds that `pre_stop` may take."""

DISKS_AT_RISK: Final = (
    "no network volume is mounted: what is on the disks of the machine may be lost when it stops"
)

DOWN: Final = frozenset(
    {
        InstanceStatus.EXITED,
        InstanceStatus.TO_REMOVE,
        InstanceStatus.REMOVING,
        InstanceStatus.REMOVED,
    }
)
"""The states in which a run has ended."""

_TREMBLE: Final = 1.0  # seconds by which a stored time may differ from the same on another host
_RECLAIMED: Final = frozenset({SpotStatus.NOTIFIED, SpotStatus.RECLAIMING, SpotStatus.TERMINATED})
_GRACE_REASONS: Final[Mapping[Base, str]] = MappingProxyType(
    {
        "ready": "ready_grace",
        "started": "startup_grace",
        "created": "creation_grace",
        "first_seen": "creation_grace",
    }
)


@attrs.frozen(kw_only=True)
class AutoStopRules:
    """What an AutoStop was set to; durations in seconds.

    Attributes:
        threshold: Idle time after which an instance is stopped.
        graces: What it is given before its idleness counts.
        max_lifetime: Running time after which it is stopped anyway; None for never.
        warn_before: Time between a warning and the stop; 0 for no warning.
        data_loss: What is done about instances whose data may be lost.
        include_monthly: Whether prepaid instances are stopped too.
    """

    threshold: float
    graces: Graces
    max_lifetime: float | None
    warn_before: float
    data_loss: DataLoss
    include_monthly: bool


@attrs.frozen(kw_only=True)
class StopDecision(Decision):
    """What a pass of AutoStop decided about one instance.

    Attributes:
        idle_since: Since when it is idle; in the future while a grace lasts; None if that was not looked at.
        idle_for: For how many seconds; below 0 while a grace lasts.
        threshold: Idle seconds after which it is stopped.
        signals: What each sign of use said.
        run_start: When this run of the instance began, as far as that is known.
    """

    idle_since: datetime | None = None
    idle_for: float | None = None
    threshold: float | None = None
    signals: Mapping[str, str] = attrs.field(factory=dict[str, str])
    run_start: datetime | None = None


def why_never(instance: Instance, rules: AutoStopRules) -> str | None:
    """Return why an instance is no candidate at all; None if it is one."""
    if instance.status != InstanceStatus.RUNNING:
        return "not_running"
    if instance.billing_mode == BillingMode.MONTHLY and not rules.include_monthly:
        return "monthly"
    if _is_reclaimed(instance):
        return "spot_reclaim"
    return None


def _is_reclaimed(instance: Instance) -> bool:
    """Tell whether a reclaim is under way; one that this run outlived is over."""
    if instance.spot_status in _RECLAIMED:
        return True
    reclaimed, started = instance.spot_reclaim_time, instance.last_started_at or instance.started_at
    return reclaimed is not None and (started is None or started <= reclaimed + LATER_RUN)


def why_now(watch: Watch, threshold: float, rules: AutoStopRules, monotonic: float) -> str | None:
    """Return why an instance is to be stopped: `idle` or `max_lifetime`; None if it is not."""
    if rules.max_lifetime is not None and monotonic - watch.running_since > rules.max_lifetime:
        return "max_lifetime"
    return "idle" if monotonic - watch.idle_since > threshold else None


def warned_at(watch: Watch, why: str, rules: AutoStopRules) -> float | None:
    """Return when the owner of an instance was warned of a stop that still stands; None if that is to be done.

    Use takes back a warning of idleness, but not that of a lifetime, which ends whatever happens.

    Args:
        watch: Its run.
        why: Why it is to be stopped.
        rules: The rules.
    """
    if why != "max_lifetime" or rules.max_lifetime is None:
        return watch.warned_at
    over = watch.running_since + rules.max_lifetime
    at = watch.last_warning
    return at if at is not None and at >= over - _TREMBLE else None


def why_not_now(watch: Watch, monotonic: float) -> str:
    """Return why an instance that is not to be stopped yet is left alone."""
    in_grace = monotonic < watch.grace_until
    if watch.used_at is not None and not in_grace:
        return "in_use"
    return _GRACE_REASONS[watch.base] if in_grace else "not_idle_long_enough"


def disks_at_risk(instance: Instance) -> bool:
    """Tell whether a stop may lose what is on the disks: no shared volume is mounted."""
    return all(mount.type != VolumeType.NETWORK for mount in instance.volume_mounts)
