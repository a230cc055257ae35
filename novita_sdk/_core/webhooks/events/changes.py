"""Events of migrations, reclaims, rentals, repairs, and of changes that nobody here asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Unpack

from novita_sdk._core.webhooks.events.making import EventFields, EventMaker, Subject
from novita_sdk.models.json_types import JSON
from novita_sdk.models.webhook_event import WebhookEvent


class ChangeEvents(EventMaker):
    """What happens to an instance besides starting and stopping."""

    def migration_started(
        self, instance: Subject, *, attempt: int, job_id: str | None = None, **fields: Unpack[EventFields]
    ) -> WebhookEvent:
        """The move to another machine was accepted.

        Args:
            instance: The instance.
            attempt: The number of the try, from 1.
            job_id: The job that moves it.
            **fields: The same for all kinds.
        """
        data: dict[str, JSON] = {"jobId": job_id, "attempt": attempt}
        return self._make("migration_started", instance, fields, step=f"{attempt}", data=data)

    def migration_completed(
        self,
        instance: Subject,
        *,
        status: str,
        attempt: int,
        job_id: str | None = None,
        new_instance_id: str | None = None,
        **fields: Unpack[EventFields],
    ) -> WebhookEvent:
        """The instance was moved.

        Args:
            instance: The instance.
            status: Its status, as it was seen.
            attempt: The number of the try, from 1.
            job_id: The job that moved it.
            new_instance_id: The instance it became, if that is another one.
            **fields: The same for all kinds.
        """
        data: dict[str, JSON] = {"jobId": job_id, "newInstanceId": new_instance_id, "attempt": attempt}
        return self._make(
            "migration_completed", instance, fields, status=status, step=f"{attempt}", data=data
        )

    def migration_failed(
        self,
        instance: Subject,
        *,
        error: str,
        attempt: int,
        repair: Literal["none", "planned", "done"],
        job_id: str | None = None,
        **fields: Unpack[EventFields],
    ) -> WebhookEvent:
        """The instance could not be moved.

        Args:
            instance: The instance.
            error: What went wrong.
            attempt: The number of the try, from 1.
            repair: Whether it is made anew.
            job_id: The job that failed.
            **fields: The same for all kinds.
        """
        data: dict[str, JSON] = {"jobId": job_id, "attempt": attempt, "repair": repair}
        return self._make("migration_failed", instance, fields, error=error, step=f"{attempt}", data=data)

    def spot_reclaimed(
        self,
        instance: Subject,
        *,
        spot_status: str,
        status: Literal["notified", "reclaiming", "reclaimed"],
        reclaim_time: datetime | None = None,
        **fields: Unpack[EventFields],
    ) -> WebhookEvent:
        """The cloud takes a spot instance back; one event for each step.

        Args:
            instance: The instance.
            spot_status: The service's word for the step.
            status: The step.
            reclaim_time: When the reclaim began.
            **fields: The same for all kinds.
        """
        data: dict[str, JSON] = {"spotStatus": spot_status, "spotReclaimTime": reclaim_time}
        return self._make("spot_reclaimed", instance, fields, status=status, step=status, data=data)

    def status_changed(
        self, instance: Subject, *, status: str, previous: str, **fields: Unpack[EventFields]
    ) -> WebhookEvent:
        """The status changed, and no operation of this program did it.

        Args:
            instance: The instance.
            status: The status now.
            previous: The status before.
            **fields: The same for all kinds.
        """
        return self._make("status_changed", instance, fields, status=status, data={"previous": previous})

    def rent_expiring(self, instance: Subject, **fields: Unpack[EventFields]) -> WebhookEvent:
        """A rental has used up most of its time or money."""
        return self._make("rent_expiring", instance, fields)

    def rent_ended(self, instance: Subject, **fields: Unpack[EventFields]) -> WebhookEvent:
        """A rental has ended."""
        return self._make("rent_ended", instance, fields)

    def repair_started(self, instance: Subject, **fields: Unpack[EventFields]) -> WebhookEvent:
        """An instance that could not be moved is being made anew."""
        return self._make("repair_started", instance, fields)

    def repair_completed(self, instance: Subject, **fields: Unpack[EventFields]) -> WebhookEvent:
        """The instance was made anew."""
        return self._make("repair_completed", instance, fields)

    def repair_failed(self, instance: Subject, *, error: str, **fields: Unpack[EventFields]) -> WebhookEvent:
        """The instance could not be made anew.

        Args:
            instance: The instance.
            error: What went wrong.
            **fields: The same for all kinds.
        """
        return self._make("repair_failed", instance, fields, error=error)

    def orphan_found(self, instance: Subject, **fields: Unpack[EventFields]) -> WebhookEvent:
        """An instance was found that no operation of this program accounts for any more."""
        return self._make("orphan_found", instance, fields)

    def signal_failing(self, instance: Subject, **fields: Unpack[EventFields]) -> WebhookEvent:
        """A sign of use cannot be read, so the instance will not be stopped by itself."""
        return self._make("signal_failing", instance, fields)
