"""The kinds of events: one row for each, read by the constructors, by targets and by receivers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from novita_sdk.models.webhook_event import WebhookEventType as Type


class Kind(NamedTuple):
    """One kind of event.

    Attributes:
        name: Its constructor in `events`, and its name in `WebhookTarget(kinds=)`.
        event_type: Its type in the payload.
        status: The status in the payload; None where the observed one is told.
        reason: What the payload says about it to people, with places for what is known; None for nothing.
    """

    name: str
    event_type: Type
    status: str | None
    reason: str | None = None


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("success", Type.INSTANCE_RUNNING, "running"),
            Kind("failure", Type.INSTANCE_FAILED, "failed"),
            Kind("timeout", Type.INSTANCE_TIMEOUT, "timeout"),
            Kind("created", Type.INSTANCE_CREATED, "creating"),
            Kind(
                "health_check_started",
                Type.INSTANCE_HEALTH_CHECK_STARTED,
                "health_checking",
                "The endpoints of the instance are being checked",
            ),
            Kind("ready", Type.INSTANCE_READY, "ready", "The instance can be used"),
            Kind(
                "health_check_failed",
                Type.INSTANCE_HEALTH_CHECK_FAILED,
                "failed",
                "The instance runs, but what should answer in it does not",
            ),
            Kind(
                "startup_initiated",
                Type.INSTANCE_STARTUP_INITIATED,
                "startup_initiated",
                "The start of the instance was asked for",
            ),
            Kind("running", Type.INSTANCE_STARTUP_MONITORING, None, "The instance reads {status}"),
            Kind(
                "health_checking",
                Type.INSTANCE_STARTUP_HEALTH_CHECKING,
                "health_checking",
                "The instance runs, its endpoints are being checked",
            ),
            Kind(
                "startup_completed",
                Type.INSTANCE_STARTUP_COMPLETED,
                "startup_completed",
                "The start of the instance is complete",
            ),
            Kind(
                "startup_failed",
                Type.INSTANCE_STARTUP_FAILED,
                "startup_failed",
                "The start of the instance failed in the phase {phase}",
            ),
            Kind("stopping", Type.INSTANCE_STOPPING, "stopping", "The stop of the instance was accepted"),
            Kind("stopped", Type.INSTANCE_STOPPED, "stopped", "The instance was seen stopped"),
            Kind("deleting", Type.INSTANCE_DELETING, "deleting", "The deletion of the instance was accepted"),
            Kind("deleted", Type.INSTANCE_DELETED, "deleted", "The instance was seen gone"),
            Kind(
                "auto_stop_warning",
                Type.INSTANCE_AUTO_STOP_WARNING,
                "running",
                "The instance is idle and will be stopped",
            ),
            Kind(
                "auto_stopping",
                Type.INSTANCE_AUTO_STOP_STOPPING,
                "stopping",
                "The instance was idle for too long; its stop was accepted",
            ),
            Kind(
                "auto_stop_stopped",
                Type.INSTANCE_AUTO_STOP_STOPPED,
                "stopped",
                "The idle instance was seen stopped",
            ),
            Kind("migration_started", Type.INSTANCE_MIGRATION_STARTED, "migrating"),
            Kind("migration_completed", Type.INSTANCE_MIGRATION_COMPLETED, None),
            Kind("migration_failed", Type.INSTANCE_MIGRATION_FAILED, "migration_failed"),
            Kind("spot_reclaimed", Type.INSTANCE_SPOT_RECLAIMED, None),
            Kind("status_changed", Type.INSTANCE_STATUS_CHANGED, None),
            Kind("rent_expiring", Type.INSTANCE_RENT_EXPIRING, "rent_expiring"),
            Kind("rent_ended", Type.INSTANCE_RENT_ENDED, "rent_ended"),
            Kind("repair_started", Type.INSTANCE_REPAIR_STARTED, "repair_started"),
            Kind("repair_completed", Type.INSTANCE_REPAIR_COMPLETED, "repair_completed"),
            Kind("repair_failed", Type.INSTANCE_REPAIR_FAILED, "repair_failed"),
            Kind("orphan_found", Type.INSTANCE_ORPHAN_FOUND, "orphan_found"),
            Kind("signal_failing", Type.INSTANCE_SIGNAL_FAILING, "signal_failing"),
            Kind("budget_warning", Type.BUDGET_WARNING, "budget_warning"),
            Kind("budget_exceeded", Type.BUDGET_EXCEEDED, "budget_exceeded"),
            Kind("low_balance", Type.ACCOUNT_LOW_BALANCE, "low_balance"),
        )
    }
)
"""All kinds by name."""

_NAMES: Final = MappingProxyType({kind.event_type: kind.name for kind in KINDS.values()})


def kind_name(event_type: Type | None) -> str | None:
    """Give the name of an event type's kind; None if it is unknown to this release."""
    return None if event_type is None else _NAMES.get(event_type)
