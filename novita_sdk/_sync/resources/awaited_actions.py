# Generated from novita_sdk/_async/resources/awaited_actions.py by tools/unasync.py; edit the source.
"""Creating, starting, restarting, stopping and deleting instances until it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, Unpack, cast

from novita_sdk._concurrency.threads import COLOUR
from novita_sdk._core.durations import Seconds
from novita_sdk._core.lifecycle.create_terms import DEFAULT_SETTLE, Journaling, OnCancel
from novita_sdk._core.marker import Marker
from novita_sdk._core.requests.instances import GpuInstanceArguments
from novita_sdk._core.waiting import Progress
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk._sync.resources.instance_creation import InstanceCreation
from novita_sdk.models.instance import Instance
from novita_sdk.models.unset import UNSET, Unset
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._core.lifecycle.probes import Ready
    from novita_sdk._sync.lifecycle.instances import Instances

_END_TIMEOUT: Final = 300.0  # seconds for a stop or a delete


class AwaitedActions(InstanceCreation):
    """Actions that last until they show."""

    def create_and_wait(
        self,
        *,
        ready: Ready | None = None,
        ready_timeout: float | timedelta | None = 300.0,
        target_port: int | None = None,
        successes: int = 1,
        timeout: float | timedelta | Unset | None = UNSET,
        poll: float | timedelta | None = None,
        on_progress: Callable[[Progress], object] | None = None,
        operation_id: str | None = None,
        marker: Marker = "env",
        settle: Seconds = DEFAULT_SETTLE,
        journal: Journaling = "required",
        on_cancel: OnCancel = "keep",
        notify: Notify = True,
        options: CallOptions | None = None,
        **arguments: Unpack[GpuInstanceArguments],
    ) -> Instance:
        """Rent a GPU instance and wait until it runs, or can be used. Operations `create_instance`, `get_instance`.

        An instance that does not come up is left as it is, and charged: `resource_id` of the error names it.

        Args:
            ready: What must answer, as for `wait`; left out, running is enough.
            ready_timeout: Seconds from running until it must answer; None for no limit of its own.
            target_port: The only port of the container that must answer.
            successes: Rounds in a row in which everything must answer.
            timeout: Seconds for all of it; left out: 1800 (pulling an image can take 25 minutes), or
                `startup_timeout` where the settings name one. None for no limit. A create is not cut short by it, but
                has the time that `options` give it, so that its outcome is known.
            poll: Seconds between two polls, as for `wait`.
            on_progress: Called with a `Progress` after each poll.
            operation_id: As for `create`.
            marker: As for `create`.
            settle: As for `create`.
            journal: As for `create`.
            on_cancel: As for `create`: what becomes of a request that is interrupted. Interrupting the wait
                leaves the instance running.
            notify: Where the webhook events go; a target is kept for the later events of the instance.
            options: What the request that creates does differently.
            **arguments: As for `create`.

        Returns:
            The instance with its `timeline`.

        Raises:
            WaitTimeoutError: The time is up.
            WaitFailedError: It will not come up; `reason` and `server_message` say why.
            NovitaError: As `create`.
        """
        from novita_sdk._core.lifecycle.wait_plan import CREATE_TIMEOUT, wait_plan  # noqa: PLC0415 - the same
        from novita_sdk._sync.lifecycle.create_and_wait import CreateAndWait  # noqa: PLC0415 - only here

        known = (
            self._settings.startup_timeout if "startup_timeout" in self._settings.given else CREATE_TIMEOUT
        )
        plan = wait_plan(
            "running",
            ready=ready,
            ready_timeout=ready_timeout,
            target_port=target_port,
            successes=successes,
            timeout=timeout,
            colour=COLOUR,
            default_timeout=known,
            poll=poll,
        )
        sequence = CreateAndWait(self._services, plan, notify=notify, on_progress=on_progress)
        return sequence.run(
            lambda: self.create(
                operation_id=operation_id,
                marker=marker,
                settle=settle,
                journal=journal,
                on_cancel=on_cancel,
                notify=notify,
                options=options,
                **arguments,
            )
        )

    def start_and_wait(
        self,
        instance: str | int | Instance | None = None,
        *,
        name: str | None = None,
        ready: Ready | None = None,
        ready_timeout: float | timedelta | None = 300.0,
        target_port: int | None = None,
        successes: int = 1,
        timeout: float | timedelta | Unset | None = UNSET,
        poll: float | timedelta | None = None,
        on_progress: Callable[[Progress], object] | None = None,
        strict: bool = False,
        on_stopping: Literal["wait", "error"] = "wait",
        capacity_wait: float | timedelta | None = None,
        notify: Notify = True,
    ) -> Instance:
        """Start an instance and wait until it runs, or can be used. Operations `get_instance`, `start_instance`.

        It looks first: what runs or is on its way is not started again, and what is just stopping is started once
        it has stopped. A second call for the same instance in the same client joins the first. Nothing is ever
        deleted because a start failed.

        Args:
            instance: Its id or name, or the instance.
            name: Its name, and nothing else, in place of `instance`.
            ready: What must answer, as for `wait`; left out, running is enough.
            ready_timeout: Seconds from running until it must answer; None for no limit of its own.
            target_port: The only port of the container that must answer.
            successes: Rounds in a row in which everything must answer.
            timeout: Seconds for all of it; `startup_timeout` of the settings if left out, None for no limit.
            poll: Seconds between two polls, as for `wait`.
            on_progress: Called with a `Progress` after each poll.
            strict: Whether to refuse every instance that is not stopped.
            on_stopping: `"error"` refuses an instance that is just stopping.
            capacity_wait: Seconds for which to ask again, every 30 seconds, if the product is sold out.
            notify: Where the webhook events go; a target is kept for the later events of the instance.

        Returns:
            The instance with its `timeline`.

        Raises:
            InvalidStateError: It is being removed, or `strict` or `on_stopping` refuse its status.
            CapacityError: The product is sold out.
            WaitTimeoutError: The time is up. The instance was left as it is.
            WaitFailedError: It will not come up.
            NotFoundError: There is no such instance.
        """
        from novita_sdk._sync.lifecycle.wishes import Wishes  # noqa: PLC0415 - only where it is used

        return Wishes(cast("Instances", self), notify, on_progress).come_up(
            "start",
            instance,
            name,
            strict=strict,
            on_stopping=on_stopping,
            capacity_wait=capacity_wait,
            ready=ready,
            ready_timeout=ready_timeout,
            target_port=target_port,
            successes=successes,
            timeout=timeout,
            poll=poll,
        )

    def restart_and_wait(
        self,
        instance: str | int | Instance | None = None,
        *,
        name: str | None = None,
        ready: Ready | None = None,
        ready_timeout: float | timedelta | None = 300.0,
        target_port: int | None = None,
        successes: int = 1,
        timeout: float | timedelta | Unset | None = UNSET,
        poll: float | timedelta | None = None,
        on_progress: Callable[[Progress], object] | None = None,
        notify: Notify = True,
    ) -> Instance:
        """Restart a running instance and wait until it runs anew. Operations `get_instance`, `restart_instance`.

        That it still reads running proves nothing: it must have been seen otherwise, show a later time of its last
        start, or stay running for a minute.

        Args:
            instance: Its id or name, or the instance.
            name: Its name, and nothing else, in place of `instance`.
            ready: What must answer, as for `wait`; left out, running is enough.
            ready_timeout: Seconds from running until it must answer; None for no limit of its own.
            target_port: The only port of the container that must answer.
            successes: Rounds in a row in which everything must answer.
            timeout: Seconds for all of it; `startup_timeout` of the settings if left out, None for no limit.
            poll: Seconds between two polls, as for `wait`.
            on_progress: Called with a `Progress` after each poll.
            notify: Where the webhook events go.

        Returns:
            The instance with its `timeline`.

        Raises:
            InvalidStateError: It is stopped or being removed.
            WaitTimeoutError: The time is up.
            WaitFailedError: It will not come up.
            NotFoundError: There is no such instance.
        """
        from novita_sdk._sync.lifecycle.wishes import Wishes  # noqa: PLC0415 - only where it is used

        return Wishes(cast("Instances", self), notify, on_progress).come_up(
            "restart",
            instance,
            name,
            ready=ready,
            ready_timeout=ready_timeout,
            target_port=target_port,
            successes=successes,
            timeout=timeout,
            poll=poll,
        )

    def stop_and_wait(
        self,
        instance: str | int | Instance | None = None,
        *,
        name: str | None = None,
        timeout: float | timedelta | None = _END_TIMEOUT,
        poll: float | timedelta | None = None,
        on_progress: Callable[[Progress], object] | None = None,
        notify: Notify = True,
    ) -> Instance:
        """Stop an instance and wait until it has stopped. Operations `get_instance`, `stop_instance`.

        What is stopped or stopping is not stopped again; what is just starting is stopped once it runs.

        Args:
            instance: Its id or name, or the instance.
            name: Its name, and nothing else, in place of `instance`.
            timeout: Seconds for all of it, None for no limit.
            poll: Seconds between two polls, as for `wait`.
            on_progress: Called with a `Progress` after each poll.
            notify: Where the webhook events go.

        Returns:
            The instance with its `timeline`.

        Raises:
            InvalidStateError: It is being removed.
            WaitTimeoutError: The time is up.
            WaitFailedError: It was removed meanwhile.
            NotFoundError: There is no such instance.
        """
        from novita_sdk._sync.lifecycle.wishes import Wishes  # noqa: PLC0415 - only where it is used

        wishes = Wishes(cast("Instances", self), notify, on_progress)
        return cast("Instance", wishes.end("stop", instance, name, timeout=timeout, poll=poll))

    def delete_and_wait(
        self,
        instance: str | int | Instance | None = None,
        *,
        name: str | None = None,
        timeout: float | timedelta | None = _END_TIMEOUT,
        poll: float | timedelta | None = None,
        on_progress: Callable[[Progress], object] | None = None,
        notify: Notify = True,
    ) -> Instance | None:
        """Delete an instance and its disks, and wait until it is gone. Operations `get_instance`, `delete_instance`.

        That there is no such instance is a success.

        Args:
            instance: Its id or name, or the instance.
            name: Its name, and nothing else, in place of `instance`.
            timeout: Seconds for all of it, None for no limit.
            poll: Seconds between two polls, as for `wait`.
            on_progress: Called with a `Progress` after each poll.
            notify: Where the webhook events go.

        Returns:
            The instance as removed, or None if the service does not know it any more.

        Raises:
            InvalidStateError: It is prepaid and its term has not ended.
            WaitTimeoutError: The time is up.
        """
        from novita_sdk._sync.lifecycle.wishes import Wishes  # noqa: PLC0415 - only where it is used

        wishes = Wishes(cast("Instances", self), notify, on_progress)
        return wishes.end("delete", instance, name, timeout=timeout, poll=poll)
