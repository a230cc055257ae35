"""One instance: read it, start, stop, restart and delete it, and measure it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, cast

from novita_sdk._async.resources.resource import AsyncResource, as_told
from novita_sdk._core import operations
from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.requests.plain import query_values
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk._core.wire import check_id
from novita_sdk.errors import APIStatusError
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON
from novita_sdk.models.metrics import InstanceMetrics
from novita_sdk.models.results import ActionResult
from novita_sdk.options import CallOptions

_FIRST_SERVER_ERROR: Final = 500


def instance_id(instance: str | int | Instance) -> str:
    """Return the id of an instance, however it was given.

    Raises:
        ValidationError: It is none.
    """
    return check_id("instance", instance.id if isinstance(instance, Instance) else instance)


class AsyncInstanceActions(AsyncResource):
    """What is done with one instance that exists."""

    async def get(self, instance: str | int | Instance, *, options: CallOptions | None = None) -> Instance:
        """Read one instance, with its connection details. Operation `get_instance`.

        Args:
            instance: Its id.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such instance (any longer).
        """
        query: dict[str, JSON] = {"instanceId": instance_id(instance)}
        return cast(
            "Instance", await self._caller.single(operations.GET_INSTANCE, query=query, options=options)
        )

    async def start(
        self,
        instance: str | int | Instance,
        *,
        notify: Notify = True,
        options: CallOptions | None = None,
    ) -> ActionResult:
        """Start a stopped instance. Operation `start_instance`.

        Args:
            instance: The instance.
            notify: Where its webhook event goes: True for the usual target, False for nowhere, a URL, a target's name
                or a `WebhookTarget`, which is then kept for the later events of this instance.
            options: What this call does differently.

        Returns:
            What the service said. The instance is not running yet.

        Raises:
            InvalidStateError: Its state does not permit it, also after a short wait.
            CapacityError: The product is sold out.
        """
        return await self._acted(operations.START_INSTANCE, instance, options, notify)

    async def stop(
        self,
        instance: str | int | Instance,
        *,
        notify: Notify = True,
        options: CallOptions | None = None,
    ) -> ActionResult:
        """Stop a running instance; its disks are kept for a while, and charged. Operation `stop_instance`.

        Args:
            instance: The instance.
            notify: Where its webhook event goes: True for the usual target, False for nowhere, a URL, a target's name
                or a `WebhookTarget`.
            options: What this call does differently.

        Returns:
            What the service said. The instance is not stopped yet.

        Raises:
            InvalidStateError: Its state does not permit it, also after a short wait.
        """
        return await self._acted(operations.STOP_INSTANCE, instance, options, notify)

    async def restart(
        self,
        instance: str | int | Instance,
        *,
        notify: Notify = True,
        options: CallOptions | None = None,
    ) -> ActionResult:
        """Restart a running instance. Operation `restart_instance`.

        If the answer gets lost the instance is watched for ten seconds before anything is sent again: a second
        restart would kill what the first has just brought up.

        Args:
            instance: The instance.
            notify: Where its webhook event goes: True for the usual target, False for nowhere, a URL, a target's name
                or a `WebhookTarget`.
            options: What this call does differently.

        Raises:
            InvalidStateError: Its state does not permit it, also after a short wait.
        """
        return await self._acted(operations.RESTART_INSTANCE, instance, options, notify)

    async def delete(
        self,
        instance: str | int | Instance,
        *,
        missing_ok: bool = False,
        notify: Notify = True,
        options: CallOptions | None = None,
    ) -> ActionResult:
        """Delete an instance and its disks. Operation `delete_instance`.

        Args:
            instance: The instance.
            missing_ok: Whether it is fine if there is no such instance.
            notify: Where its webhook event goes: True for the usual target, False for nowhere, a URL, a target's name
                or a `WebhookTarget`.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such instance, and `missing_ok` is off.
            InvalidStateError: It is prepaid and its term has not ended.
        """
        return await self._acted(operations.DELETE_INSTANCE, instance, options, notify, missing_ok=missing_ok)

    async def metrics(
        self,
        instance: str | int | Instance,
        *,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        interval: int | timedelta | None = None,
        options: CallOptions | None = None,
    ) -> InstanceMetrics:
        """Read utilisation series of CPU, memory, disk and GPUs. Operation `get_instance_metrics`.

        The data lags by about a minute. Whether values are percent or fractions is not documented.

        Args:
            instance: The instance.
            start_time: First moment wanted, aware; the service's default is a minute ago.
            end_time: Last moment wanted, aware, at least 60 s later; default is now.
            interval: Seconds between two points, at least 15.
            options: What this call does differently.
        """
        values = {
            "instanceId": instance_id(instance),
            "startTime": start_time,
            "endTime": end_time,
            "interval": interval,
        }
        operation = operations.GET_INSTANCE_METRICS
        found = await self._caller.single(operation, query=query_values(operation, values), options=options)
        return cast("InstanceMetrics", found)

    async def _acted(
        self,
        operation: Operation,
        instance: str | int | Instance,
        options: CallOptions | None,
        notify: Notify,
        *,
        missing_ok: bool = False,
    ) -> ActionResult:
        """Act, and tell the webhook target of it."""
        from novita_sdk._async.lifecycle.action_events import AsyncActionEvents  # noqa: PLC0415 - of writes only

        subject = instance if isinstance(instance, Instance) else instance_id(instance)
        operation_id = self._services.mint_operation_id()
        events = AsyncActionEvents(self._services, operation.name.removesuffix("_instance"), notify)
        events.operation(operation_id)  # what cannot be told is refused before anything is sent
        result = await self._act(
            operation, instance, options, missing_ok=missing_ok, operation_id=operation_id
        )
        await events.accepted(subject, operation_id)
        await events.ended(subject)
        return result

    async def _act(
        self,
        operation: Operation,
        instance: str | int | Instance,
        options: CallOptions | None,
        *,
        missing_ok: bool = False,
        operation_id: str | None = None,
    ) -> ActionResult:
        wanted = instance_id(instance)
        body: dict[str, JSON] = {"instanceId": wanted}
        own = self._services.own_changes
        own.note(wanted, operation.name.removesuffix("_instance"), self._caller.clock.monotonic())
        try:
            answer, context = await self._caller.write(
                operation, body, options, missing_ok=missing_ok, operation_id=operation_id
            )
        except APIStatusError as error:
            if error.status is not None and error.status < _FIRST_SERVER_ERROR:
                own.refused(wanted)
            raise
        told = as_told(ActionResult, answer)
        return ActionResult(
            instance_id=wanted,
            status=told.status,
            operation_id=context.operation_id,
            settled=context.settled,
            extra=told.extra,
        )
