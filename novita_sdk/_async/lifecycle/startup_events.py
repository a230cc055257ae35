"""The webhook events of one start, in their order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.timeline import TimelineRecord
from novita_sdk.models.instance import Instance
from novita_sdk.models.webhook_event import HealthCheck, StartupPhases

if TYPE_CHECKING:
    from novita_sdk._async.webhooks.emitter import AsyncOperationEvents

FailedPhase: TypeAlias = Literal["startup", "health_check", "timeout", "api_call"]
"""In which part a start failed."""

REQUESTED = "requested"
ACCEPTED = "accepted"
PROBING = "health_started"
PROBED = "health_completed"
READY = "ready"

_STARTING = ("toCreate", "creating", "pending", "pulling", "toStart", "starting", "toRestart", "restarting")


class AsyncStartupEvents:
    """Tells the webhook target of an operation how its start goes.

    Args:
        operation: The events of the operation.
        clock: Where the time comes from.
        timeline: When each step was first seen.
    """

    def __init__(self, operation: AsyncOperationEvents, clock: AsyncClock, timeline: TimelineRecord) -> None:
        self._operation = operation
        self._clock = clock
        self._timeline = timeline

    async def running(self, instance: Instance) -> None:
        """It was seen running."""
        await self._operation.send("running", instance, phases=self._phases())

    async def probing(self, instance: Instance, check: HealthCheck | None) -> None:
        """It was asked for the first time whether it answers."""
        await self._operation.send("health_check_started", instance, health_check=check)
        await self._operation.send("health_checking", instance, phases=self._phases(), health_check=check)

    async def completed(self, instance: Instance, check: HealthCheck | None) -> None:
        """It can be used; without probes there is no check."""
        if check is not None:
            await self._operation.send("ready", instance, health_check=check)
        await self._operation.send("startup_completed", instance, phases=self._phases(), health_check=check)

    async def failed(
        self, instance: Instance | str, error: str, phase: FailedPhase, check: HealthCheck | None = None
    ) -> None:
        """The start failed."""
        await self._operation.send(
            "startup_failed",
            instance,
            phases=self._phases(),
            error=error,
            phase=phase,
            health_check=check,
        )

    def _phases(self) -> StartupPhases:
        at = self._timeline.at
        return StartupPhases(
            start_requested=at(REQUESTED) or datetime.fromtimestamp(self._clock.time(), UTC),
            instance_starting=at(*_STARTING),
            instance_running=at("running"),
            health_check_started=at(PROBING),
            health_check_completed=at(PROBED),
            ready=at(READY),
        )
