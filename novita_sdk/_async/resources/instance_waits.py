"""Waiting for instances, and acting on them until it shows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, cast, overload

from novita_sdk._async.resources.awaited_actions import AsyncAwaitedActions
from novita_sdk._concurrency.aio import COLOUR
from novita_sdk._core.waiting import Progress
from novita_sdk.models.instance import Instance
from novita_sdk.models.unset import UNSET, Unset

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.bare_waits import AsyncBareWaits
    from novita_sdk._async.resources.gpu_instances import AsyncGpuInstances
    from novita_sdk._core.lifecycle.probes import Ready
    from novita_sdk._core.lifecycle.wait_plan import Until


class AsyncInstanceWaits(AsyncAwaitedActions):
    """Waits, and actions that last until they show."""

    @overload
    async def wait(
        self,
        instance: str | int | Instance | None = None,
        *,
        name: str | None = None,
        until: Literal["running", "ready", "exited"] | Callable[[Instance], bool] = "running",
        terminal: Collection[str] | None = None,
        ready: Ready | None = None,
        ready_timeout: float | timedelta | None = 300.0,
        target_port: int | None = None,
        successes: int = 1,
        timeout: float | timedelta | Unset | None = UNSET,  # noqa: ASYNC109 - on the client's clock
        poll: float | timedelta | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Instance: ...

    @overload
    async def wait(
        self,
        instance: str | int | Instance | None = None,
        *,
        name: str | None = None,
        until: Until,
        terminal: Collection[str] | None = None,
        ready: Ready | None = None,
        ready_timeout: float | timedelta | None = 300.0,
        target_port: int | None = None,
        successes: int = 1,
        timeout: float | timedelta | Unset | None = UNSET,  # noqa: ASYNC109 - on the client's clock
        poll: float | timedelta | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Instance | None: ...

    async def wait(
        self,
        instance: str | int | Instance | None = None,
        *,
        name: str | None = None,
        until: Until = "running",
        terminal: Collection[str] | None = None,
        ready: Ready | None = None,
        ready_timeout: float | timedelta | None = 300.0,
        target_port: int | None = None,
        successes: int = 1,
        timeout: float | timedelta | Unset | None = UNSET,  # noqa: ASYNC109 - on the client's clock
        poll: float | timedelta | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Instance | None:
        """Wait until an instance is running, usable, stopped or gone. Failed polls do not end the wait.

        All waits of a client poll together: one list serves them all. Stopping the wait, by Ctrl-C or
        cancellation, leaves the instance as it is.

        Args:
            instance: Its id or name, or the instance.
            name: Its name, and nothing else, in place of `instance`.
            until: `"running"`, `"ready"` (it also answers), `"exited"`, `"gone"`, or a function that is True of
                the instance wanted.
            terminal: With a function: the statuses at which the wait gives up, in place of the usual ones.
            ready: What must answer: `"auto"` for whatever it exposes, or probes. Giving it means `until="ready"`.
            ready_timeout: Seconds from running until it must answer; None for no limit of its own.
            target_port: The only port of the container that must answer.
            successes: Rounds in a row in which everything must answer.
            timeout: Seconds until it gives up; `startup_timeout` of the settings if left out, None for never.
            poll: Seconds between two polls; left out: 2 at first, later 15 % of the time waited, at most
                `poll_interval` of the settings.
            on_progress: Called with a `Progress` after each poll; in the asynchronous client it may be async.

        Returns:
            The instance with its `timeline`; None if it is gone and that was waited for.

        Raises:
            WaitTimeoutError: The time is up.
            WaitFailedError: What is waited for cannot happen any more; `reason` says why.
            ValidationError: Arguments are wrong; nothing was sent.
        """
        from novita_sdk._core.lifecycle.wait_plan import wait_plan  # noqa: PLC0415 - only where it is used

        plan = wait_plan(
            until,
            terminal=terminal,
            ready=ready,
            ready_timeout=ready_timeout,
            target_port=target_port,
            successes=successes,
            timeout=timeout,
            colour=COLOUR,
            default_timeout=self._settings.startup_timeout,
            poll=poll,
        )
        return await self._bare_waits().wait(instance, name, plan, on_progress)

    def _bare_waits(self) -> AsyncBareWaits:
        from novita_sdk._async.lifecycle.bare_waits import AsyncBareWaits  # noqa: PLC0415 - only where it is used

        return AsyncBareWaits(cast("AsyncGpuInstances", self))
