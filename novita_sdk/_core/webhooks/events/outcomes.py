"""Events about what has become of an instance."""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from novita_sdk._core.durations import Seconds
from novita_sdk._core.webhooks.events.making import EventFields, EventMaker, Subject
from novita_sdk._core.webhooks.instance_data import instance_data, region
from novita_sdk._core.webhooks.payload import milliseconds
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON
from novita_sdk.models.webhook_event import HealthCheck, WebhookEvent


class OutcomeEvents(EventMaker):
    """What has become of an instance, whoever brought it about."""

    def success(self, instance: Subject, **fields: Unpack[EventFields]) -> WebhookEvent:
        """The instance runs. Of an `Instance`, `data` tells what the allow-list lets through."""
        return self._make("success", instance, fields, data=_data_of(instance))

    def failure(self, instance: Subject, *, error: str, **fields: Unpack[EventFields]) -> WebhookEvent:
        """What was asked for failed.

        Args:
            instance: The instance.
            error: What went wrong.
            **fields: The same for all kinds.
        """
        return self._make("failure", instance, fields, error=error)

    def timeout(self, instance: Subject, *, after: Seconds, **fields: Unpack[EventFields]) -> WebhookEvent:
        """What was asked for did not happen in time.

        Args:
            instance: The instance.
            after: Seconds that were waited, or a timedelta.
            **fields: The same for all kinds.
        """
        error = f"not finished within {milliseconds(after, 'after')} ms"
        return self._make("timeout", instance, fields, error=error)

    def created(
        self,
        instance: Subject,
        *,
        product_id: str | None = None,
        region: str | None = None,
        created_at: datetime | None = None,
        **fields: Unpack[EventFields],
    ) -> WebhookEvent:
        """The instance exists and will start by itself.

        Args:
            instance: The instance.
            product_id: The product it is made from; left out: that of the `Instance`.
            region: Where it is; left out: the cluster of the `Instance`.
            created_at: When it was created; left out: the time of the `Instance`, else that of the event.
            **fields: The same for all kinds.
        """
        at = self._moment(fields)
        data: dict[str, JSON] = {
            "productId": product_id,
            "region": region,
            "createdAt": created_at,
            "event": "instance_created",
        }
        known: dict[str, JSON] = {"createdAt": at}
        if isinstance(instance, Instance):
            known = {
                "productId": instance.product_id,
                "region": _region(instance),
                "createdAt": instance.created_at or at,
            }
        data.update({key: value for key, value in known.items() if data[key] is None})
        return self._make("created", instance, fields, at=at, data=data)

    def health_check_started(
        self, instance: Subject, *, health_check: HealthCheck | None = None, **fields: Unpack[EventFields]
    ) -> WebhookEvent:
        """The first endpoint is being asked.

        Args:
            instance: The instance.
            health_check: The check so far.
            **fields: The same for all kinds.
        """
        return self._make("health_check_started", instance, fields, health_check=health_check)

    def ready(
        self, instance: Subject, *, health_check: HealthCheck | None = None, **fields: Unpack[EventFields]
    ) -> WebhookEvent:
        """The instance can be used. Of an `Instance`, `data` tells what the allow-list lets through.

        Args:
            instance: The instance.
            health_check: The check that proved it.
            **fields: The same for all kinds.
        """
        return self._make("ready", instance, fields, data=_data_of(instance), health_check=health_check)

    def health_check_failed(
        self,
        instance: Subject,
        *,
        error: str,
        health_check: HealthCheck | None = None,
        **fields: Unpack[EventFields],
    ) -> WebhookEvent:
        """The instance runs, but cannot be reached.

        Args:
            instance: The instance.
            error: What went wrong.
            health_check: The check that failed.
            **fields: The same for all kinds.
        """
        data = _data_of(instance)
        return self._make(
            "health_check_failed", instance, fields, error=error, data=data, health_check=health_check
        )


_region = region  # an argument of the constructors has this name


def _data_of(instance: Subject) -> dict[str, JSON] | None:
    return instance_data(instance) if isinstance(instance, Instance) else None
