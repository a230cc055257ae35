"""Events of stops and deletions, asked for or decided for an idle instance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Unpack

from novita_sdk._core.durations import Seconds
from novita_sdk._core.webhooks.events.making import EventFields, EventMaker, Subject, duration_in_seconds
from novita_sdk.models.json_types import JSON
from novita_sdk.models.webhook_event import WebhookEvent


class StopEvents(EventMaker):
    """Stops and deletions. A status in the past tense is only told once it was seen."""

    def stopping(self, instance: Subject, **fields: Unpack[EventFields]) -> WebhookEvent:
        """The stop was accepted."""
        return self._make("stopping", instance, fields)

    def stopped(self, instance: Subject, **fields: Unpack[EventFields]) -> WebhookEvent:
        """The instance was seen stopped."""
        return self._make("stopped", instance, fields)

    def deleting(self, instance: Subject, **fields: Unpack[EventFields]) -> WebhookEvent:
        """The deletion was accepted."""
        return self._make("deleting", instance, fields)

    def deleted(self, instance: Subject, **fields: Unpack[EventFields]) -> WebhookEvent:
        """The instance was seen gone."""
        return self._make("deleted", instance, fields)

    def auto_stop_warning(
        self,
        instance: Subject,
        *,
        idle: Seconds,
        threshold: Seconds,
        stop_at: datetime,
        signals: Mapping[str, JSON],
        **fields: Unpack[EventFields],
    ) -> WebhookEvent:
        """The instance is idle and will be stopped.

        Args:
            instance: The instance.
            idle: Seconds for which it has been idle, or a timedelta.
            threshold: Idle seconds after which it is stopped, or a timedelta.
            stop_at: When it will be stopped.
            signals: What each sign of use says.
            **fields: The same for all kinds.
        """
        data = {**_idleness(idle, threshold), "stopAt": stop_at, "signals": signals}
        return self._make("auto_stop_warning", instance, fields, data=data)

    def auto_stopping(
        self, instance: Subject, *, idle: Seconds, threshold: Seconds, **fields: Unpack[EventFields]
    ) -> WebhookEvent:
        """The stop of an idle instance was accepted.

        Args:
            instance: The instance.
            idle: Seconds for which it was idle, or a timedelta.
            threshold: Idle seconds after which it is stopped, or a timedelta.
            **fields: The same for all kinds.
        """
        return self._make("auto_stopping", instance, fields, data=_idleness(idle, threshold))

    def auto_stop_stopped(
        self, instance: Subject, *, idle: Seconds, threshold: Seconds, **fields: Unpack[EventFields]
    ) -> WebhookEvent:
        """The idle instance was seen stopped.

        Args:
            instance: The instance.
            idle: Seconds for which it was idle, or a timedelta.
            threshold: Idle seconds after which it is stopped, or a timedelta.
            **fields: The same for all kinds.
        """
        return self._make("auto_stop_stopped", instance, fields, data=_idleness(idle, threshold))


def _idleness(idle: Seconds, threshold: Seconds) -> dict[str, JSON]:
    return {
        "idleSeconds": duration_in_seconds(idle, "idle"),
        "thresholdSeconds": duration_in_seconds(threshold, "threshold"),
    }
