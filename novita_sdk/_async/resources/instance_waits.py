"""Waiting for instances, and acting on them until it shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, cast, overload

from novita_sdk._async.resources.awaited_actions import AsyncAwaitedActions
from novita_sdk._concurrency.aio import COLOUR
from novita_sdk._core.waiting import Progress
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk.models.instance import Instance
from novita_sdk.models.unset import UNSET, Unset

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.bare_waits import AsyncBareWaits
    from novita_sdk._async.lifecycle.instances import AsyncInstances
    from novita_sdk._async.lifecycle.watching import AsyncSubscription, StopEvent
    from novita_sdk._core.lifecycle.probes import Ready
    from novita_sdk._core.lifecycle.wait_plan import Until
    from novita_sdk.models.instance_event import InstanceEvent


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
            The instance with its `timeline`, as the list shows it where several waited; None if it is gone and
            that was waited for.

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

    @overload
    def watch(
        self,
        instances: str | int | Instance | Collection[str | int | Instance] | None = None,
        *,
        interval: float | timedelta | None = None,
        replay: bool = True,
        notify: Notify = False,
    ) -> AsyncSubscription[InstanceEvent]: ...

    @overload
    def watch(
        self,
        instances: str | int | Instance | Collection[str | int | Instance] | None = None,
        *,
        interval: float | timedelta | None = None,
        replay: bool = True,
        notify: Notify = False,
        on_event: Callable[[InstanceEvent], object],
        stop: StopEvent | None = None,
    ) -> Awaitable[int]: ...

    def watch(
        self,
        instances: str | int | Instance | Collection[str | int | Instance] | None = None,
        *,
        interval: float | timedelta | None = None,
        replay: bool = True,
        notify: Notify = False,
        on_event: Callable[[InstanceEvent], object] | None = None,
        stop: StopEvent | None = None,
    ) -> AsyncSubscription[InstanceEvent] | Awaitable[int]:
        """Watch instances: told are those that appear, change or go.

        Nothing runs in the background: the list is read while somebody waits for an event, and one reading serves
        all watches and waits of the client. That an instance is gone is only told once asking for it has proved it.
        A failed look is an event too and stretches the pause up to 60 s. Operations `list_instances` and
        `get_instance`.

        Args:
            instances: Ids, names or instances; left out: all of the account.
            interval: Seconds between two looks, at least 2; left out: `poll_interval` of the settings. They swing
                by 10 %.
            replay: Whether what is there at the first look is told, marked `initial`.
            notify: Where a webhook event goes for each change of status that no action of this client accounts for:
                True for the usual target, a URL, a target's name, a `WebhookTarget`, or False for nowhere.
            on_event: Called with each event; the call then lasts until `stop` is set, or until it raises.
            stop: Ends that loop: an event of `threading`, `asyncio`, `anyio` or `trio`.

        Returns:
            An iterator over `InstanceEvent`s, which is a context manager too; with `on_event` how many were told.

        Raises:
            ValidationError: Arguments are wrong.
            AuthenticationError: The key is refused, while it is iterated; so `PermissionDeniedError`.

        Example:
            ```python
            async with client.gpu_instances.watch() as events:
                async for event in events:
                    print(event)
            ```
        """
        from novita_sdk._async.lifecycle.instance_watch import (  # noqa: PLC0415 - only where it is used
            watch_instances,
        )

        events = watch_instances(
            self._services,
            instances,
            interval=interval,
            replay=replay,
            notify=notify,
            on_event=on_event,
            stop=stop,
        )
        return events if on_event is None else events.tell(on_event, stop)

    def _bare_waits(self) -> AsyncBareWaits:
        from novita_sdk._async.lifecycle.bare_waits import AsyncBareWaits  # noqa: PLC0415 - only where it is used

        return AsyncBareWaits(cast("AsyncInstances", self))
