# Generated from novita_sdk/_async/resources/instance_actions.py by tools/unasync.py; edit the source.
"""One instance: read it, start, stop, restart and delete it, and wait until that is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, cast, overload

from novita_sdk._core import operations
from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.requests.plain import query_values
from novita_sdk._core.waiting import TARGETS, Progress, Target, judge_status, wait_timeout
from novita_sdk._core.wire import check_id, problem
from novita_sdk._sync.resources.resource import Resource, as_told
from novita_sdk._sync.waiting import Wait
from novita_sdk.errors import ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON
from novita_sdk.models.metrics import InstanceMetrics
from novita_sdk.models.results import ActionResult
from novita_sdk.models.unset import UNSET, Unset
from novita_sdk.options import CallOptions


def instance_id(instance: str | int | Instance) -> str:
    """Return the id of an instance, however it was given.

    Raises:
        ValidationError: It is none.
    """
    return check_id("instance", instance.id if isinstance(instance, Instance) else instance)


class InstanceActions(Resource):
    """What is done with one instance that exists."""

    def get(self, instance: str | int | Instance, *, options: CallOptions | None = None) -> Instance:
        """Read one instance, with its connection details. Operation `get_instance`.

        Args:
            instance: Its id.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such instance (any longer).
        """
        query: dict[str, JSON] = {"instanceId": instance_id(instance)}
        return cast("Instance", self._caller.single(operations.GET_INSTANCE, query=query, options=options))

    def start(self, instance: str | int | Instance, *, options: CallOptions | None = None) -> ActionResult:
        """Start a stopped instance. Operation `start_instance`.

        Args:
            instance: The instance.
            options: What this call does differently.

        Returns:
            What the service said. The instance is not running yet.

        Raises:
            InvalidStateError: Its state does not permit it, also after a short wait.
            CapacityError: The product is sold out.
        """
        return self._act(operations.START_INSTANCE, instance, options)

    def stop(self, instance: str | int | Instance, *, options: CallOptions | None = None) -> ActionResult:
        """Stop a running instance; its disks are kept for a while, and charged. Operation `stop_instance`.

        Args:
            instance: The instance.
            options: What this call does differently.

        Returns:
            What the service said. The instance is not stopped yet.

        Raises:
            InvalidStateError: Its state does not permit it, also after a short wait.
        """
        return self._act(operations.STOP_INSTANCE, instance, options)

    def restart(self, instance: str | int | Instance, *, options: CallOptions | None = None) -> ActionResult:
        """Restart a running instance. Operation `restart_instance`.

        If the answer gets lost the instance is watched for ten seconds before anything is sent again: a second
        restart would kill what the first has just brought up.

        Args:
            instance: The instance.
            options: What this call does differently.

        Raises:
            InvalidStateError: Its state does not permit it, also after a short wait.
        """
        return self._act(operations.RESTART_INSTANCE, instance, options)

    def delete(
        self,
        instance: str | int | Instance,
        *,
        missing_ok: bool = False,
        options: CallOptions | None = None,
    ) -> ActionResult:
        """Delete an instance and its disks. Operation `delete_instance`.

        Args:
            instance: The instance.
            missing_ok: Whether it is fine if there is no such instance.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such instance, and `missing_ok` is off.
            InvalidStateError: It is prepaid and its term has not ended.
        """
        return self._act(operations.DELETE_INSTANCE, instance, options, missing_ok=missing_ok)

    def metrics(
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
        found = self._caller.single(operation, query=query_values(operation, values), options=options)
        return cast("InstanceMetrics", found)

    @overload
    def wait(
        self,
        instance: str | int | Instance,
        *,
        until: Literal["running", "exited"] = "running",
        timeout: float | timedelta | Unset | None = UNSET,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Instance: ...

    @overload
    def wait(
        self,
        instance: str | int | Instance,
        *,
        until: Target,
        timeout: float | timedelta | Unset | None = UNSET,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Instance | None: ...

    def wait(
        self,
        instance: str | int | Instance,
        *,
        until: Target = "running",
        timeout: float | timedelta | Unset | None = UNSET,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Instance | None:
        """Wait until an instance is running, stopped or gone. Failed polls do not end the wait.

        Stopping the wait, by Ctrl-C or cancellation, leaves the instance as it is.

        Args:
            instance: The instance.
            until: `"running"`, `"exited"` or `"gone"`.
            timeout: Seconds until it gives up; `startup_timeout` of the settings if left out, None for never.
            on_progress: Called with a `Progress` after each poll.

        Returns:
            The instance; None if it is gone and that was waited for.

        Raises:
            WaitTimeoutError: The time is up.
            WaitFailedError: The instance went where the target cannot be reached any more.
        """
        if until not in TARGETS:
            raise ValidationError(problems=(problem("until", until, f"must be one of {', '.join(TARGETS)}"),))
        wanted = instance_id(instance)
        wait = Wait(
            wanted,
            clock=self._caller.clock,
            timeout=wait_timeout(timeout, self._settings.startup_timeout),
            longest_pause=self._settings.poll_interval,
            rng=self._rng,
            on_progress=on_progress,
        )
        return wait.until(
            lambda options: self._caller.single_or_none(
                operations.GET_INSTANCE, query={"instanceId": wanted}, options=options
            ),
            lambda found: str(found.status),
            lambda status: judge_status(status, until),
        )

    def _act(
        self,
        operation: Operation,
        instance: str | int | Instance,
        options: CallOptions | None,
        *,
        missing_ok: bool = False,
    ) -> ActionResult:
        wanted = instance_id(instance)
        body: dict[str, JSON] = {"instanceId": wanted}
        answer, context = self._caller.write(operation, body, options, missing_ok=missing_ok)
        told = as_told(ActionResult, answer)
        return ActionResult(
            instance_id=wanted,
            status=told.status,
            operation_id=context.operation_id,
            settled=context.settled,
            extra=told.extra,
        )
