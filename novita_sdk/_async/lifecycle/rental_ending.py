"""The end of a rental: what was agreed on is done, tried again, and seen to have happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from novita_sdk._async.lifecycle.instances import AsyncInstances
from novita_sdk._async.services import AsyncServices
from novita_sdk._core import operations
from novita_sdk._core.lifecycle.rental_records import OnExit
from novita_sdk._core.lifecycle.waiting_table import status_word
from novita_sdk.errors import Attempt, CleanupError, NotFoundError, NovitaError
from novita_sdk.models.instance import Instance
from novita_sdk.options import CallOptions

_PAUSES: Final[Sequence[float]] = (1.0, 2.0, 4.0, 8.0)  # seconds between the tries
_LOOK_EVERY: Final = 2.0  # seconds
_LONGEST_CALL: Final = 15.0  # seconds


class AsyncRentalEnding:
    """Ends one rental, step by step: whoever owns the time calls `step` until there is nothing left to do.

    Args:
        gpu_instances: Does what is to be done.
        services: The client's services.
        instance_id: The instance.
        on_exit: What becomes of it.
        timeout: Seconds from the first step on in which it has to be seen done.
        operation_id: The rental's operation id, for the error.
    """

    def __init__(
        self,
        gpu_instances: AsyncInstances,
        services: AsyncServices,
        *,
        instance_id: str,
        on_exit: OnExit,
        timeout: float,
        operation_id: str | None,
    ) -> None:
        self._gpu_instances = gpu_instances
        self._services = services
        self._instance_id = instance_id
        self._on_exit: OnExit = on_exit
        self._timeout = timeout
        self._operation_id = operation_id
        self._ends_at: float | None = None
        self._tries = 0
        self._attempts: tuple[Attempt, ...] = ()
        self._accepted = False
        self.done = on_exit == "keep"

    async def step(self) -> float | None:
        """Do what is next.

        Returns:
            Seconds until the next step; None if it is over.

        Raises:
            CleanupError: It cannot be done, or was not seen done in time.
        """
        if self._ends_at is None:
            self._ends_at = self._services.clock.monotonic() + self._timeout
        if not self.done and not self._accepted:
            pause = await self._act()
            if pause is not None:
                return pause
        return None if self.done else await self._look()

    async def finish(self) -> None:
        """Do all steps that are left.

        Raises:
            CleanupError: As `step`.
        """
        while (pause := await self.step()) is not None:
            await self._services.clock.sleep_async(pause)

    async def _act(self) -> float | None:
        self._tries += 1
        options = CallOptions(max_retries=0, total_timeout=self._time_for_a_call())
        try:
            if self._on_exit == "delete":
                await self._gpu_instances.delete(self._instance_id, missing_ok=True, options=options)
            else:
                await self._gpu_instances.stop(self._instance_id, options=options)
        except NotFoundError:  # the look that follows tells whether it is really gone
            self._accepted = True
        except NovitaError as error:
            self._attempts += error.attempts
            if self._tries > len(_PAUSES) or self._left() <= 0:
                raise self._failed(f"failed {self._tries} times") from error
            return min(_PAUSES[self._tries - 1], max(0.0, self._left()))
        else:
            self._accepted = True
        return None

    async def _look(self) -> float | None:
        options = CallOptions(max_retries=0, total_timeout=self._time_for_a_call(), cache="bypass")
        last: NovitaError | None = None
        try:
            found: Instance | None = await self._services.caller.single_or_none(
                operations.GET_INSTANCE, query={"instanceId": self._instance_id}, options=options
            )
            status = "removed" if found is None else status_word(found)
            self.done = status == "removed" or (self._on_exit == "stop" and status == "exited")
        except NovitaError as error:  # the next look may tell
            last, status = error, "unknown"
        if self.done:
            return None
        if self._left() <= 0:
            message = f"was accepted, but the instance is still {status} after {self._timeout:g} s"
            raise self._failed(message) from last
        return min(_LOOK_EVERY, self._left())

    def _left(self) -> float:
        return (self._ends_at or 0.0) - self._services.clock.monotonic()

    def _time_for_a_call(self) -> float:
        return min(_LONGEST_CALL, max(1.0, self._left()))

    def _failed(self, what: str) -> CleanupError:
        return CleanupError(
            f"the {self._on_exit} of {self._instance_id} {what}: it may still be running, and billing",
            resource_id=self._instance_id,
            operation_id=self._operation_id,
            action=self._on_exit,
            attempts=self._attempts,
        )
