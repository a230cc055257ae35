# Generated from novita_sdk/_async/serverless/endpoint_locks.py by tools/unasync.py; edit the source.
"""One at a time for each endpoint: in this process by a queue, over several by a lease."""

from __future__ import annotations

from collections import deque
from types import TracebackType
from typing import Final, Self

from novita_sdk._concurrency.threads import Event, Lock
from novita_sdk._sync.client_state import ClientState
from novita_sdk._sync.lifecycle.held_lease import HeldLease
from novita_sdk.errors import EndpointBusyError

_LEASE: Final = 60.0
_PATIENCE: Final = 65.0
_PAUSE: Final = 1.0


class EndpointLocks:
    """The queues of the endpoints that are being changed. One for a client and all its copies.

    Args:
        state: The client's state.
    """

    def __init__(self, state: ClientState) -> None:
        self.state = state
        self.lock = Lock()
        self.queues: dict[str, deque[Event]] = {}

    def of(self, endpoint_id: str) -> EndpointTurn:
        """Return a turn at an endpoint, for `with`."""
        return EndpointTurn(self, endpoint_id)


class EndpointTurn:
    """A turn at changing an endpoint, first come first served.

    Args:
        locks: The queues.
        endpoint_id: The endpoint.
    """

    def __init__(self, locks: EndpointLocks, endpoint_id: str) -> None:
        self._locks = locks
        self._id = endpoint_id
        self._ticket = Event()
        self._lease: HeldLease | None = None

    def __enter__(self) -> Self:
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
            state.clock.wait(self._ticket, None)
            if state.store.capabilities.shared:
                self._take_lease()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._lease is not None:
                self._lease.give_back()
        finally:
            self._leave()

    def confirm(self) -> None:
        """Make sure of the turn just before something is written.

        Raises:
            EndpointBusyError: The lease was lost, so that somebody else may be at it.
        """
        if self._lease is not None and not self._lease.keep():
            raise self._busy("its lease was lost")

    def _take_lease(self) -> None:
        clock = self._locks.state.clock
        lease = HeldLease(self._locks.state, f"endpoint:{self._id}", _LEASE)
        until = clock.monotonic() + _PATIENCE
        while not lease.acquire():
            if clock.monotonic() >= until:
                raise self._busy("somebody else is changing it")
            clock.sleep(_PAUSE)
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
