# Generated from novita_sdk/_async/lifecycle/wishes.py by tools/unasync.py; edit the source.
"""From the arguments of an action that waits to the operation that carries it out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack, cast

from novita_sdk._concurrency.threads import COLOUR
from novita_sdk._core.lifecycle.first_look import TARGET_OF
from novita_sdk._core.lifecycle.wait_plan import wait_plan
from novita_sdk._core.waiting import Progress, wait_timeout
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk._core.wire import problem
from novita_sdk._sync.lifecycle.instance_operation import InstanceOperation, OnStopping, OperationWish
from novita_sdk.errors import ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.models.unset import Unset

if TYPE_CHECKING:
    from novita_sdk._core.lifecycle.probes import Ready
    from novita_sdk._sync.lifecycle.instances import Instances


class _ReadyArguments(TypedDict):
    ready: Ready | None
    ready_timeout: float | timedelta | None
    target_port: int | None
    successes: int
    timeout: float | timedelta | Unset | None
    poll: float | timedelta | None


class Wishes:
    """Carries out what callers of the actions that wait want.

    Args:
        gpu_instances: The instances of a client.
        notify: Where the events go.
        on_progress: Told while it waits.
    """

    def __init__(
        self,
        gpu_instances: Instances,
        notify: Notify,
        on_progress: Callable[[Progress], object] | None,
    ) -> None:
        self._instances = gpu_instances
        self._notify: Notify = notify
        self._on_progress = on_progress

    def come_up(
        self,
        action: Literal["start", "restart"],
        instance: str | int | Instance | None,
        name: str | None,
        *,
        strict: bool = False,
        on_stopping: OnStopping = "wait",
        capacity_wait: float | timedelta | None = None,
        **arguments: Unpack[_ReadyArguments],
    ) -> Instance:
        """Start or restart an instance and wait; see `gpu_instances.start_and_wait`."""
        settings = self._instances._settings  # noqa: SLF001 - this is a part of the resource
        plan = wait_plan("running", colour=COLOUR, default_timeout=settings.startup_timeout, **arguments)
        if on_stopping not in {"wait", "error"}:
            message = 'must be "wait" or "error"'
            raise ValidationError(problems=(problem("on_stopping", on_stopping, message),))
        wish = OperationWish(
            action=action,
            plan=plan,
            notify=self._notify,
            on_progress=self._on_progress,
            strict=strict,
            on_stopping=on_stopping,
            capacity_wait=wait_timeout(capacity_wait, 0.0, "capacity_wait") or 0.0,
        )
        return cast("Instance", InstanceOperation(self._instances, wish).run(instance, name))

    def end(
        self,
        action: Literal["stop", "delete"],
        instance: str | int | Instance | None,
        name: str | None,
        *,
        timeout: float | timedelta | None,
        poll: float | timedelta | None,
    ) -> Instance | None:
        """Stop or delete an instance and wait; see `gpu_instances.stop_and_wait`."""
        plan = wait_plan(TARGET_OF[action], colour=COLOUR, default_timeout=0.0, timeout=timeout, poll=poll)
        wish = OperationWish(action=action, plan=plan, notify=self._notify, on_progress=self._on_progress)
        return InstanceOperation(self._instances, wish).run(instance, name)
