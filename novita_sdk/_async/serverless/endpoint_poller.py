"""The one poller of a client for endpoints: one list serves all waits, and one comparison all watchers."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Protocol

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.shared_poller import AsyncSharedPoller, Listing
from novita_sdk._async.waiting import Poll
from novita_sdk._concurrency.aio import Lock
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core import operations
from novita_sdk._core.lifecycle.poll_plan import PollPlan
from novita_sdk._core.serverless.endpoint_diff import EndpointDiff
from novita_sdk._core.serverless.watch_ticks import WatchTicks, page_pause
from novita_sdk.errors import AuthenticationError, ClientClosedError, NovitaError, PermissionDeniedError
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.endpoint_event import EndpointEvent, EndpointEventKind

# no later look would go better
_FATAL: Final = (AuthenticationError, PermissionDeniedError, ClientClosedError)


class EndpointWatcher(Protocol):
    """Who is told of events.

    Attributes:
        interval: Seconds between two looks, as it wishes.
        is_new: Whether it has seen no list yet.
    """

    interval: float
    is_new: bool

    def introduce(self, events: Iterable[EndpointEvent]) -> None:
        """Take in what is there at its first look."""
        ...

    def take(self, events: Iterable[EndpointEvent]) -> None:
        """Take in events."""
        ...

    def wake(self) -> None:
        """Look whether there is something to do."""
        ...


class AsyncEndpointPoller(AsyncSharedPoller[Endpoint]):
    """Serves everybody who waits for endpoints or watches them.

    Nothing runs in the background: the watcher that waits for an event when a look is due makes it for all.

    Args:
        caller: Makes the calls.
        clock: What everybody sleeps on.
        rng: Where the swing of the pauses comes from.
        rate_limit: Requests allowed in 60 seconds, of which polling takes at most half; None for no limit.
    """

    def __init__(
        self, caller: AsyncCaller, clock: AsyncClock, rng: random.Random, rate_limit: int | None
    ) -> None:
        super().__init__(
            caller,
            clock,
            listing=operations.LIST_ENDPOINTS,
            getting=operations.GET_ENDPOINT,
            id_key="id",
            plan=PollPlan(page_pause(rate_limit)),
        )
        self._rng = rng
        self._watch_lock = Lock()  # what follows is the same for all watchers
        self._watchers: list[EndpointWatcher] = []
        self._diff = EndpointDiff()
        self._ticks = WatchTicks()
        self.listen(self._take_in, self._note_failure)

    def join(self, watcher: EndpointWatcher) -> None:
        """Tell a watcher of events from now on; its first look is due at once."""
        with self._watch_lock:
            self._watchers.append(watcher)
            self._ticks.hurry()

    def leave(self, watcher: EndpointWatcher) -> None:
        """Tell it no more. After the last one nothing is remembered."""
        with self._watch_lock:
            self._watchers.remove(watcher)
            if not self._watchers:
                self._diff, self._ticks = EndpointDiff(), WatchTicks()

    async def step(self) -> float:
        """Do for all watchers what is due now.

        Returns:
            Seconds until the next look; 0 if something was done.

        Raises:
            AuthenticationError: The key is refused.
            PermissionDeniedError: The key may not do this.
        """
        with self._watch_lock:
            if not self._watchers:  # the last one has left in another thread
                return 0.0
            suspect = self._diff.next_suspect()
            wished = self._ticks.due(watcher.interval for watcher in self._watchers)
            due = max(wished, self._plan.next_list_at)
        now = self._clock.monotonic()
        if suspect is None and due > now:
            return due - now
        try:
            if suspect is None:
                await self.look_at_all(Poll(now, None))
            else:
                await self._confirm(suspect)
        except _FATAL:
            raise
        except NovitaError as error:
            if suspect is not None:  # of a list that failed all watchers have been told already
                self._note_failure(error)
        return 0.0

    async def _confirm(self, suspect: str) -> None:
        self._plan.asked()
        found = await self.look(suspect, Poll(self._clock.monotonic(), None, alone=True))
        with self._watch_lock:
            self._tell(self._diff.confirm(suspect, found, self._now()))

    async def _take_in(self, listing: Listing[Endpoint]) -> None:
        """Compare a list with the one before; whoever has read it calls this."""
        now = self._now()
        with self._watch_lock:
            if not self._watchers:
                return
            if self._ticks.failures:
                self._tell([self._poll_event("poll_recovered", now)])
            self._ticks.looked(self._clock.monotonic(), self._rng.uniform(0.9, 1.1))
            events = self._diff.feed(listing.items, listing.unreadable, complete=listing.complete, at=now)
            newcomers = [watcher for watcher in self._watchers if watcher.is_new]
            self._tell(events)
            present = self._diff.present(now) if newcomers else []
            for watcher in newcomers:
                watcher.introduce(present)
            if self._diff.has_suspects:
                for watcher in self._watchers:
                    watcher.wake()

    def _note_failure(self, error: NovitaError) -> None:
        if isinstance(error, _FATAL):
            return  # everybody gets it by a look of their own
        now = self._now()
        with self._watch_lock:
            if not self._watchers:
                return
            swing = self._rng.uniform(0.9, 1.1)
            self._ticks.failed(self._clock.monotonic(), swing, wait=error.retry_after or 0.0, at=now)
            self._tell([self._poll_event("poll_failed", now, error)])

    def _tell(self, events: list[EndpointEvent]) -> None:
        if events:
            for watcher in self._watchers:
                watcher.take(events)

    def _poll_event(
        self, kind: EndpointEventKind, at: datetime, error: NovitaError | None = None
    ) -> EndpointEvent:
        return EndpointEvent(
            kind=kind,
            at=at,
            error=error,
            consecutive=self._ticks.failures,
            since=self._ticks.failing_since,
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.time(), UTC)
