"""Who starts an instance that is being started by this client already joins that start."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import attrs

from novita_sdk._concurrency.aio import Event, Lock
from novita_sdk._concurrency.clock import AsyncClock

if TYPE_CHECKING:
    from novita_sdk._core.lifecycle.instance_judge import Sent
    from novita_sdk.errors import NovitaError


@attrs.define(eq=False)
class Start:
    """A start that is under way.

    Attributes:
        operation_id: Its operation.
        sending_is_over: Set once the request was answered, or given up.
        is_on: Whether the instance is on its way, or need not be started.
        sent: What was sent, if anything had to be.
        failure: Why it failed, if it did.
    """

    operation_id: str
    sending_is_over: Event = attrs.field(factory=Event)
    is_on: bool = False
    sent: Sent | None = None
    failure: NovitaError | None = None


class AsyncStartsUnderWay:
    """The starts of a client, one for each instance at most.

    Args:
        clock: What those who join wait on.
    """

    def __init__(self, clock: AsyncClock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._starts: dict[str, Start] = {}

    def enter(self, instance_id: str, operation_id: str) -> tuple[Start, bool]:
        """Return the start of an instance, and whether it is a new one that the caller is to make."""
        with self._lock:
            found = self._starts.get(instance_id)
            if found is None:
                found = self._starts[instance_id] = Start(operation_id)
                return found, True
            return found, False

    def leave(self, instance_id: str, start: Start) -> None:
        """End a start; the next one is a new one."""
        with self._lock:
            if self._starts.get(instance_id) is start:
                del self._starts[instance_id]
        start.sending_is_over.set()

    async def join(self, start: Start, seconds: float | None) -> bool:
        """Wait until somebody else's start is on its way.

        Args:
            start: The start.
            seconds: For how long; None for no limit.

        Returns:
            False if it was given up without a result, and must be made anew.

        Raises:
            NovitaError: It failed.
        """
        await self._clock.wait_async(start.sending_is_over, seconds)
        if start.failure is not None:
            raise copy.copy(start.failure) from start.failure
        return start.is_on
