# Generated from novita_sdk/_async/resources/instance_waits.py by tools/unasync.py; edit the source.
"""Waiting for instances, and acting on them until it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal, overload

from novita_sdk._core import operations
from novita_sdk._core.waiting import TARGETS, Progress, Target, judge_status, wait_timeout
from novita_sdk._core.wire import problem
from novita_sdk._sync.resources.instance_actions import instance_id
from novita_sdk._sync.resources.instance_creation import InstanceCreation
from novita_sdk._sync.waiting import Wait
from novita_sdk.errors import ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.models.unset import UNSET, Unset


class InstanceWaits(InstanceCreation):
    """Waits, and actions that last until they show."""

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
