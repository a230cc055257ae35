"""Events of a start, from asking for it to the instance that can be used."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, Unpack

from novita_sdk._core.durations import Seconds
from novita_sdk._core.webhooks.events.making import EventMaker, OperationFields, Subject
from novita_sdk._core.webhooks.instance_data import connection_details, port_mappings
from novita_sdk._core.webhooks.payload import aware, milliseconds
from novita_sdk._core.wire import check_id
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON
from novita_sdk.models.unset import UNSET, Unset
from novita_sdk.models.webhook_event import HealthCheck, StartupOperation, StartupPhases, WebhookEvent

USUAL_START: Final = timedelta(minutes=5)
"""After what time a start is expected to be complete."""

_PHASES: Final = (
    "start_requested",
    "instance_starting",
    "instance_running",
    "health_check_started",
    "health_check_completed",
    "ready",
)


class StartupEvents(EventMaker):
    """The start of an instance. All of these belong to an operation and name it."""

    def startup_initiated(
        self,
        instance: Subject,
        *,
        started_at: datetime | None = None,
        estimated_ready_at: datetime | Unset | None = UNSET,
        **fields: Unpack[OperationFields],
    ) -> WebhookEvent:
        """The start was asked for.

        Args:
            instance: The instance.
            started_at: When; left out: the time of the event.
            estimated_ready_at: When it should be ready; left out: five minutes after it was asked for. None
                tells nothing.
            **fields: The same for all kinds.
        """
        at = self._moment(fields)
        begun = at if started_at is None else aware(started_at, "started_at")
        ready_at = begun + USUAL_START if isinstance(estimated_ready_at, Unset) else estimated_ready_at
        operation = _operation(fields, StartupPhases(start_requested=begun), "initiated", elapsed=0)
        data = None if ready_at is None else {"estimatedReadyTime": ready_at}
        return self._make(
            "startup_initiated", instance, fields, at=at, data=data, startup_operation=operation
        )

    def running(
        self,
        instance: Subject,
        *,
        phases: StartupPhases,
        status: str = "running",
        **fields: Unpack[OperationFields],
    ) -> WebhookEvent:
        """The start goes on: the instance was seen on its way, as a rule running.

        Args:
            instance: The instance.
            phases: The phases reached so far, `start_requested` among them.
            status: The status that was seen.
            **fields: The same for all kinds.
        """
        at = self._moment(fields)
        return self._make(
            "running",
            instance,
            fields,
            at=at,
            status=status,
            elapsed=_since(phases, at),
            startup_operation=_operation(fields, phases, "monitoring"),
        )

    def health_checking(
        self,
        instance: Subject,
        *,
        phases: StartupPhases,
        health_check: HealthCheck | None = None,
        **fields: Unpack[OperationFields],
    ) -> WebhookEvent:
        """The start goes on: the endpoints are being asked.

        Args:
            instance: The instance.
            phases: The phases reached so far, `start_requested` among them.
            health_check: The check so far.
            **fields: The same for all kinds.
        """
        at = self._moment(fields)
        return self._make(
            "health_checking",
            instance,
            fields,
            at=at,
            elapsed=_since(phases, at),
            health_check=health_check,
            startup_operation=_operation(fields, phases, "health_checking"),
        )

    def startup_completed(
        self,
        instance: Subject,
        *,
        phases: StartupPhases,
        health_check: HealthCheck | None = None,
        **fields: Unpack[OperationFields],
    ) -> WebhookEvent:
        """The start is complete. Of an `Instance`, `data` tells the ports and how to log in.

        Args:
            instance: The instance.
            phases: The phases that were reached, `start_requested` among them.
            health_check: The check that proved it; left out: it counts as skipped.
            **fields: The same for all kinds.
        """
        at = self._moment(fields)
        took = fields.get("elapsed")
        elapsed = _since(phases, at) if took is None else took
        data: dict[str, JSON] = {"healthCheckStatus": "skipped" if health_check is None else "completed"}
        if isinstance(instance, Instance):
            data["portMappings"] = port_mappings(instance)
            data["connectionDetails"] = connection_details(instance)
        return self._make(
            "startup_completed",
            instance,
            fields,
            at=at,
            elapsed=elapsed,
            data=data,
            health_check=health_check,
            startup_operation=_operation(fields, phases, "completed", elapsed=elapsed),
        )

    def startup_failed(
        self,
        instance: Subject,
        *,
        phases: StartupPhases,
        error: str,
        phase: Literal["startup", "health_check", "timeout", "api_call"],
        health_check: HealthCheck | None = None,
        **fields: Unpack[OperationFields],
    ) -> WebhookEvent:
        """The start failed; nothing follows for its operation.

        Args:
            instance: The instance.
            phases: The phases that were reached, `start_requested` among them.
            error: What went wrong.
            phase: In which part of the start.
            health_check: The check that failed, if one did.
            **fields: The same for all kinds.
        """
        at = self._moment(fields)
        took = fields.get("elapsed")
        elapsed = _since(phases, at) if took is None else took
        return self._make(
            "startup_failed",
            instance,
            fields,
            at=at,
            error=error,
            elapsed=elapsed,
            health_check=health_check,
            startup_operation=_operation(fields, phases, "failed", elapsed=elapsed, error=error),
            phase=phase,
        )


def _operation(
    fields: OperationFields,
    phases: StartupPhases,
    status: str,
    *,
    elapsed: Seconds | None = None,
    error: str | None = None,
) -> StartupOperation:
    ordered = _ordered(phases)
    return StartupOperation(
        operation_id=check_id("operation_id", fields.get("operation_id")),
        status=status,
        started_at=ordered.start_requested,
        phases=ordered,
        total_elapsed_ms=None if elapsed is None else milliseconds(elapsed, "elapsed"),
        error=error,
    )


def _ordered(phases: StartupPhases) -> StartupPhases:
    """Let no phase lie before the one ahead of it, though the clock was set back meanwhile."""
    reached: dict[str, datetime] = {}
    latest: datetime | None = None
    for name in _PHASES:
        moment: datetime | None = getattr(phases, name)
        if moment is not None:
            latest = aware(moment, name) if latest is None else max(latest, aware(moment, name))
            reached[name] = latest
    return StartupPhases(**reached, extra=phases.extra)


def _since(phases: StartupPhases, at: datetime) -> timedelta:
    """Tell how long ago the start was asked for."""
    return at - aware(phases.start_requested, "phases.start_requested")
