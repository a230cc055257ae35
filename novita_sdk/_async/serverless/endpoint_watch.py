"""Watching endpoints: one watcher of the many that a client may have."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from novita_sdk._async.lifecycle.watching import AsyncSubscription, StopEvent, check_watch
from novita_sdk._concurrency.aio import Event, Lock
from novita_sdk._core.serverless.endpoint_diff import merge_endpoint_changes
from novita_sdk._core.serverless.watch_filter import WatchFilter
from novita_sdk._core.serverless.watch_ticks import SHORTEST_INTERVAL
from novita_sdk._core.waiting import wait_timeout
from novita_sdk._core.wire import check_id, problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.endpoint_event import EndpointEvent
from novita_sdk.models.results import EndpointRef

if TYPE_CHECKING:
    from novita_sdk._async.serverless.endpoint_poller import AsyncEndpointPoller
    from novita_sdk._async.services import AsyncServices

Watched: TypeAlias = str | int | Endpoint | EndpointRef
"""An endpoint by its name or id, or itself."""


def watch_endpoints(
    services: AsyncServices,
    endpoints: Watched | Collection[Watched] | None,
    *,
    interval: float | timedelta,
    replay: bool,
    on_event: object,
    stop: StopEvent | None,
) -> AsyncSubscription[EndpointEvent]:
    """Begin to watch; see `serverless_endpoints.watch`."""
    check_watch(on_event, stop)
    pause = wait_timeout(interval, 0.0, "interval")
    if pause is None or pause < SHORTEST_INTERVAL:
        message = f"must be at least {SHORTEST_INTERVAL:g} seconds, or a timedelta"
        raise ValidationError(problems=(problem("interval", interval, message),))
    wanted = None if endpoints is None else _references(endpoints)
    watch = AsyncEndpointWatch(services.endpoint_poller, WatchFilter(wanted), pause, replay=replay)
    return AsyncSubscription(services.clock, watch.more, leave=watch.leave, fold=merge_endpoint_changes)


def _references(endpoints: Watched | Collection[Watched]) -> frozenset[str]:
    given = [endpoints] if isinstance(endpoints, str | int | Endpoint | EndpointRef) else list(endpoints)
    if not given:
        raise ValidationError(
            problems=(problem("endpoints", endpoints, "must name one, or be None for all"),)
        )
    return frozenset(
        check_id("endpoints", one.id if isinstance(one, Endpoint | EndpointRef) else one) for one in given
    )


class AsyncEndpointWatch:
    """One watcher of endpoints.

    Args:
        poller: What all watchers look through.
        allowed: What reaches this one.
        interval: Seconds between two looks, as it wishes.
        replay: Whether it is told what is there at its first look.

    Attributes:
        interval: The same.
        is_new: Whether it has seen no list yet.
    """

    def __init__(
        self, poller: AsyncEndpointPoller, allowed: WatchFilter, interval: float, *, replay: bool
    ) -> None:
        self.interval = interval
        self.is_new = True
        self._poller = poller
        self._filter = allowed
        self._replay = replay
        self._subscription: AsyncSubscription[EndpointEvent] | None = None
        self._lock = Lock()
        self._news = False
        self._bell = Event()

    async def more(self, subscription: AsyncSubscription[EndpointEvent]) -> None:
        """See to it that there are events: by doing what is due for all watchers, or by waiting for it.

        Raises:
            AuthenticationError: The key is refused.
            PermissionDeniedError: The key may not do this.
        """
        if self._subscription is None:
            self._subscription = subscription
            self._poller.join(self)
        with self._lock:
            had_news, self._news = self._news, False
            bell = self._bell = Event()
        pause = 0.0 if had_news else await self._poller.step()
        if pause > 0:
            await subscription.pause(pause, bell)

    def leave(self) -> None:
        """Stop watching."""
        if self._subscription is not None:
            self._poller.leave(self)

    def introduce(self, events: Iterable[EndpointEvent]) -> None:
        """Take in what is there at the first look."""
        self.is_new = False
        known = list(self._filter.passing(events))
        if self._replay:
            self._put(known)

    def take(self, events: Iterable[EndpointEvent]) -> None:
        """Take in events; before the first look only those about looks."""
        if self.is_new:
            events = [event for event in events if event.endpoint_id is None]
        self._put(list(self._filter.passing(events)))

    def wake(self) -> None:
        """Let it look whether there is something to do."""
        with self._lock:
            self._news = True
            bell = self._bell
        bell.set()

    def _put(self, events: list[EndpointEvent]) -> None:
        if events and self._subscription is not None:
            self._subscription.put(events)
            self.wake()
