"""One at a time for each endpoint: in this process by a queue, over several by a lease."""

from __future__ import annotations

from collections import deque
from types import TracebackType
from typing import Final, Self

from novita_sdk._async.client_state import AsyncClientState
from novita_sdk._async.lifecycle.held_lease import AsyncHeldLease
from novita_sdk._concurrency.aio import Event, Lock
from novita_sdk.errors import EndpointBusyError

_LEASE: Final = 60.0
_PATIENCE: Final = 65.0
_PAUSE: Final = 1.0


class AsyncEndpointLocks:
    """The queues of the endpoints that are being changed. One for a client and all its copies.

    Args:
        state: The client's state.
    """

    def __init__(self, state: AsyncClientState) -> None:
        self.state = state
        self.lock = Lock()
        self.queues: dict[str, deque[Event]] = {}

    def of(self, endpoint_id: str) -> AsyncEndpointTurn:
        """Return a turn at an endpoint, for `async with`."""
        return AsyncEndpointTurn(self, endpoint_id)


class AsyncEndpointTurn:
    """A turn at changing an endpoint, first come first served.

    Args:
        locks: The queues.
        endpoint_id: The endpoint.
    """

    def __init__(self, locks: AsyncEndpointLocks, endpoint_id: str) -> None:
        self._locks = locks
        self._id = endpoint_id
        self._ticket = Event()
        self._lease: AsyncHeldLease | None = None

    async def __aenter__(self) -> Self:
        """Wait for the turn.

        Raises:
            EndpointBusyError: Somebody else holds the endpoint's lease and goes on holding it.
        """
        state = self._locks.state
        with self._locks.lock:
            queue = self._locks.queues.setdefault(self._id, deque())
            queue.append(self._ticket)
            if queue[0] is self._ticket:
                self._ticket.set()
        try:
            await state.clock.wait_async(self._ticket, None)
            if state.store.capabilities.shared:
                await self._take_lease()
        except BaseException:
            self._leave()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._lease is not None:
                await self._lease.give_back()
        finally:
            self._leave()

    async def confirm(self) -> None:
        """Make sure of the turn just before something is written.

        Raises:
            EndpointBusyError: The lease was lost, so that somebody else may be at it.
        """
        if self._lease is not None and not await self._lease.keep():
            raise self._busy("its lease was lost")

    async def _take_lease(self) -> None:
        clock = self._locks.state.clock
        lease = AsyncHeldLease(self._locks.state, f"endpoint:{self._id}", _LEASE)
        until = clock.monotonic() + _PATIENCE
        while not await lease.acquire():
            if clock.monotonic() >= until:
                raise self._busy("somebody else is changing it")
            await clock.sleep_async(_PAUSE)
        self._lease = lease

    def _busy(self, why: str) -> EndpointBusyError:
        return EndpointBusyError(f"endpoint {self._id}: {why}; nothing was written", resource_id=self._id)

    def _leave(self) -> None:
        with self._locks.lock:
            queue = self._locks.queues[self._id]
            queue.remove(self._ticket)
            if queue:
                queue[0].set()
            else:
                del self._locks.queues[self._id]
