# Generated from novita_sdk/_async/lifecycle/instance_watch.py by tools/unasync.py; edit the source.
"""Watching instances: what changed between two lists, whoever has read them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from novita_sdk._concurrency.threads import Event, Lock
from novita_sdk._core.lifecycle.own_changes import OwnChange
from novita_sdk._core.lifecycle.stock import pause_after
from novita_sdk._core.lifecycle.waiting_table import status_word
from novita_sdk._core.lifecycle.watch_diff import WatchDiff, fold_changes
from novita_sdk._core.waiting import wait_timeout
from novita_sdk._core.webhooks.notify import Notify, check_notify
from novita_sdk._core.wire import check_id, problem
from novita_sdk._sync.lifecycle.watching import StopEvent, Subscription, check_watch
from novita_sdk._sync.waiting import Poll
from novita_sdk.errors import (
    AuthenticationError,
    ClientClosedError,
    NovitaError,
    PermissionDeniedError,
    ValidationError,
)
from novita_sdk.models.instance import Instance
from novita_sdk.models.instance_event import InstanceEvent

if TYPE_CHECKING:
    from novita_sdk._sync.services import Services
    from novita_sdk._sync.shared_poller import Listing
    from novita_sdk._sync.webhooks.emitter import OperationEvents

# no later look would go better
_FATAL: Final = (AuthenticationError, PermissionDeniedError, ClientClosedError)
_SHORTEST_INTERVAL: Final = 2.0


def watch_instances(
    services: Services,
    instances: str | int | Instance | Collection[str | int | Instance] | None,
    *,
    interval: float | timedelta | None,
    replay: bool,
    notify: Notify,
    on_event: object,
    stop: StopEvent | None,
) -> Subscription[InstanceEvent]:
    """Begin to watch; see `gpu_instances.watch`."""
    check_watch(on_event, stop)
    pause = wait_timeout(interval, 0.0, "interval")
    if pause is not None and pause < _SHORTEST_INTERVAL:
        message = f"must be at least {_SHORTEST_INTERVAL:g} seconds, a timedelta, or None"
        raise ValidationError(problems=(problem("interval", interval, message),))
    wanted = None if instances is None else _references(instances)
    diff = WatchDiff(wanted, by_name=services.settings.name_lookup, replay=replay)
    watch = InstanceWatch(services, diff, services.settings.poll_interval if pause is None else pause, notify)
    subscription: Subscription[InstanceEvent] = Subscription(
        services.clock, watch.more, leave=watch.leave, fold=fold_changes
    )
    return subscription


def _references(
    instances: str | int | Instance | Collection[str | int | Instance],
) -> frozenset[str]:
    given = [instances] if isinstance(instances, str | int | Instance) else list(instances)
    if not given:
        raise ValidationError(
            problems=(problem("instances", instances, "must name one, or be None for all"),)
        )
    return frozenset(
        check_id("instances", reference.id if isinstance(reference, Instance) else reference)
        for reference in given
    )


class InstanceWatch:
    """One watcher of instances.

    Args:
        services: What the client's parts share.
        diff: What it knows.
        interval: Seconds between two looks, swinging by 10 %.
        notify: Where a webhook event goes for each change that nobody here has made.

    Raises:
        ValidationError: There is no such place.
        ConfigurationError: Sending needs the client to be inside `with`.
    """

    def __init__(self, services: Services, diff: WatchDiff, interval: float, notify: Notify) -> None:
        self._services = services
        self._clock = services.clock
        self._diff = diff
        self._interval = interval
        self._due = self._clock.monotonic()
        self._failures = 0
        self._failing_since: datetime | None = None
        self._subscription: Subscription[InstanceEvent] | None = None
        self._lock = Lock()
        self._news = False
        self._bell = Event()
        self._accounted: dict[str, OwnChange] = {}  # own actions whose last status this watcher has seen
        self._events: OperationEvents | None = None
        if check_notify(notify) is not False:  # what cannot be told is refused before anything is sent
            self._events = services.events.operation(services.mint_operation_id(), notify)

    def more(self, subscription: Subscription[InstanceEvent]) -> None:
        """See to it that there are events: by a look of one's own when it is due, or by somebody else's list.

        Raises:
            AuthenticationError: The key is refused.
            PermissionDeniedError: The key may not do this.
        """
        if self._subscription is None:
            self._subscription = subscription
            self._services.poller.listen(self._take_in)
        with self._lock:
            had_news, self._news = self._news, False
            bell = self._bell = Event()
        pause = self._due - self._clock.monotonic()
        if had_news:
            return
        if pause > 0:
            subscription.pause(pause, bell)
            return
        try:
            self._look()
        except _FATAL:
            raise
        except NovitaError as error:
            self._note_failure(subscription, error)

    def leave(self) -> None:
        """Stop watching."""
        if self._subscription is not None:
            self._services.poller.unlisten(self._take_in)

    def _look(self) -> None:
        """Look for those that the last list lacked, or read the list."""
        suspects = self._diff.suspects
        for instance_id in suspects:
            now = self._clock.monotonic()
            found = self._services.poller.look(instance_id, Poll(now, None, alone=True))
            with self._lock:
                events = self._diff.confirm(instance_id, found, self._now())
            self._put(events)
        if suspects:
            self._plan_next()
        else:
            self._services.poller.look_at_all(Poll(self._clock.monotonic(), None))

    def _take_in(self, listing: Listing[Instance]) -> None:
        """Compare a list with the one before; whoever has read it calls this."""
        now = self._now()
        with self._lock:
            events = self._diff.feed(listing.items, listing.unreadable, complete=listing.complete, at=now)
            if self._failures:
                recovered = InstanceEvent(
                    kind="poll_recovered",
                    at=now,
                    consecutive=self._failures,
                    since=self._failing_since,
                )
                events.insert(0, recovered)
                self._failures, self._failing_since = 0, None
        self._plan_next()
        if self._diff.suspects:
            self._due = self._clock.monotonic()
        self._put(events)

    def _put(self, events: list[InstanceEvent]) -> None:
        if not events or self._subscription is None:
            return
        self._subscription.put(events)
        with self._lock:
            self._news = True
            bell = self._bell
        bell.set()
        for event in events:
            if event.kind == "status_changed":
                self._tell(event)

    def _tell(self, event: InstanceEvent) -> None:
        """Send a webhook event of a change, unless an action of this client accounts for it."""
        instance = event.instance
        if self._events is None or instance is None or self._is_own(instance):
            return
        self._events.send(
            "status_changed",
            instance,
            step=f"{instance.id}-{event.sequence}",
            status=status_word(instance),
            previous=event.previous or "unknown",
        )

    def _is_own(self, instance: Instance) -> bool:
        own = self._services.own_changes.latest(instance.id)
        status = status_word(instance)
        if own is None or own == self._accounted.get(instance.id):
            return False
        if not own.accounts_for(status, self._clock.monotonic()):
            return False
        if own.is_over_with(status):
            self._accounted[instance.id] = own
        return True

    def _note_failure(self, subscription: Subscription[InstanceEvent], error: NovitaError) -> None:
        now = self._now()
        self._failures += 1
        self._failing_since = self._failing_since or now
        self._plan_next(error.retry_after or 0.0)
        event = InstanceEvent(
            kind="poll_failed",
            at=now,
            error=error,
            consecutive=self._failures,
            since=self._failing_since,
        )
        subscription.put([event])

    def _plan_next(self, not_before: float = 0.0) -> None:
        swing = self._services.rng.uniform(0.9, 1.1)
        pause = pause_after(self._interval, self._failures) * swing
        self._due = self._clock.monotonic() + max(pause, not_before)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.time(), UTC)
