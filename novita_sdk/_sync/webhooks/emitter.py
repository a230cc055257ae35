# Generated from novita_sdk/_async/webhooks/emitter.py by tools/unasync.py; edit the source.
"""Events of operations: each made once, numbered, and handed on; no operation waits for one or fails by one."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import attrs

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Lock, limited
from novita_sdk._core.log_records import log
from novita_sdk._core.webhooks.delivery_stats import NO_TARGET
from novita_sdk._core.webhooks.events import Events
from novita_sdk._core.webhooks.kinds import KINDS
from novita_sdk._core.webhooks.message_ids import repeatable_id
from novita_sdk._core.webhooks.notify import Notify, check_notify
from novita_sdk._core.webhooks.target import WebhookTarget
from novita_sdk._core.webhooks.target_record import Kept, is_private, kept_from, key_of, record_of
from novita_sdk._sync.stores.protocol import StateStore
from novita_sdk._sync.webhooks.delivery import new_message_id
from novita_sdk._sync.webhooks.sender import Route, Sender
from novita_sdk._sync.webhooks.waiting_room import WaitingRoom
from novita_sdk.errors import StateStoreError, WebhookDeliveryError
from novita_sdk.models.instance import Instance
from novita_sdk.models.webhook_event import WebhookEvent

if TYPE_CHECKING:
    from novita_sdk._sync.lifecycle.background import BackgroundWorker

_LOGGER = logging.getLogger("novita_sdk.webhooks")

_STORE_TIME = 1.0  # seconds an operation lends to the store
_MOST_OPERATIONS = 1000  # of which the numbers of events are remembered
_MOST_EVENTS = 10_000  # of one operation that are told apart from copies
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds between two looks whether a store is back
_LAST_WORD = "startup_failed"
_ENDINGS = frozenset({"startup_completed", _LAST_WORD})  # of which an operation has one


@attrs.define(eq=False)
class _Told:
    """What was told of one operation."""

    ids: OrderedDict[str, None] = attrs.field(factory=OrderedDict[str, None])
    count: int = 0
    ending: str | None = None

    def allows(self, kind: str, event_id: str) -> bool:
        """Tell whether an event may still be told."""
        ended = self.ending == _LAST_WORD or (self.ending is not None and kind in _ENDINGS)
        return not ended and event_id not in self.ids

    def note(self, kind: str, event_id: str) -> int:
        """Remember an event; return its number."""
        self.ids[event_id] = None
        if len(self.ids) > _MOST_EVENTS:
            self.ids.popitem(last=False)
        self.ending = kind if kind in _ENDINGS else self.ending
        self.count += 1
        return self.count


class EventEmitter:
    """Makes the events of operations and hands them to the outbox or to the background worker.

    Args:
        sender: Finds the way, and sends.
        store: Gives the store, in which instances keep their targets.
        worker: Gives the background worker.
        clock: Where the time comes from.
    """

    def __init__(
        self,
        sender: Sender,
        store: Callable[[], StateStore],
        worker: Callable[[], BackgroundWorker],
        clock: Clock,
    ) -> None:
        self._sender = sender
        self._store = store
        self._worker = worker
        self._clock = clock
        self._events = Events(now=clock.time, new_id=new_message_id)
        self._lock = Lock()
        self._told: OrderedDict[str, _Told] = OrderedDict()
        self._private: dict[str, WebhookTarget] = {}
        self._unkept: dict[str, Kept] = {}  # what a store that was away could not note
        self._waiting = WaitingRoom(worker, clock, sender.tally)

    def operation(self, operation_id: str, notify: Notify = True) -> OperationEvents:
        """Give what an operation tells its events to. Call it before the operation's first request.

        Args:
            operation_id: The operation's id.
            notify: Where its events go; see `Notify`.

        Raises:
            ValidationError: `notify` is wrong, or names a target that nobody knows.
            ConfigurationError: Sending needs the client to be inside `with`.
            TargetRefusedError: Nothing is sent to such a URL.
        """
        wish = check_notify(notify)
        route = self._sender.route(wish)
        if route is not None and route.destination is not None:
            self._worker().require_open()
        return OperationEvents(self, operation_id, wish)

    def keep_target(self, instance_id: str, notify: Notify) -> None:
        """Remember where the events of an instance go. True remembers nothing; a failing store is logged.

        A secret or header given itself stays in this client's memory, and is in no store.

        Args:
            instance_id: The instance.
            notify: What its creation or start was given.
        """
        if notify is True:
            return
        kept = Kept(notify)
        if isinstance(notify, WebhookTarget):
            route = self._sender.route(notify)
            is_signed = route is not None and (route.destination is None or route.is_signed)
            kept = Kept(notify, "memory" if is_private(notify) else "named" if is_signed else None)
            if kept.signed_by == "memory":
                self._private[instance_id] = notify
        try:
            self._store().put(key_of(instance_id), record_of(kept))
            self._unkept.pop(instance_id, None)
        except StateStoreError as error:
            self._unkept[instance_id] = kept
            self._not_kept(instance_id, error)

    def forget_target(self, instance_id: str) -> None:
        """Forget where the events of an instance go, as it is gone; a failing store is logged."""
        self._private.pop(instance_id, None)
        self._unkept.pop(instance_id, None)
        try:
            self._store().delete(key_of(instance_id))
        except StateStoreError as error:
            self._not_kept(instance_id, error)

    def emit(
        self,
        operation_id: str,
        notify: Notify,
        kind: str,
        instance: str | Instance | None,
        step: str,
        words: dict[str, object],
    ) -> None:
        """Make an event and hand it on; see `OperationEvents.send`."""
        if notify is False:
            return
        instance_id = instance.id if isinstance(instance, Instance) else instance
        try:
            with limited(self._clock, _STORE_TIME):
                route = self.route(notify, instance_id)
            if route is None:
                return
        except (StateStoreError, TimeoutError):
            route = None
        event = self._next(operation_id, kind, instance, step, words)
        if event is None:
            return
        try:
            if route is None:  # the store is away
                raise TimeoutError  # noqa: TRY301 - as if it had just been seen
            self._hand_on(event, route)
        except (StateStoreError, TimeoutError):
            self._hold(event, lambda: self.route(notify, instance_id))

    def route(self, notify: Notify | None, instance_id: str | None) -> Route | None:
        """Find the way for an event; True and None stand for the usual target, that of its instance first.

        Raises:
            StateStoreError: The store does not tell where the events of the instance go.
            WebhookDeliveryError: The secret that the events of the instance are signed with is not known here.
        """
        if instance_id is None or (notify is not True and notify is not None):
            return self._sender.route(notify)
        kept = self._unkept.get(instance_id)
        if kept is None:
            entry = self._store().get(key_of(instance_id))
            if entry is None:
                return self._sender.route(True)
            kept = kept_from(entry.value)
        wish = kept.notify
        if kept.signed_by == "memory":
            found = self._private.get(instance_id)
            if found is None:
                raise WebhookDeliveryError(
                    "not sent: its secret is known to the client only that it was given to"
                )
            wish = found
        route = self._sender.route(wish)
        if kept.signed_by == "named" and route is not None and route.destination and not route.is_signed:
            raise WebhookDeliveryError(
                "not sent: no target of its name and no webhook_secret is known here to sign it with"
            )
        return route

    def failed(self, kind: str, error: Exception) -> None:
        """An event could not be made or handed on; the operation goes on."""
        self._sender.tally.dropped(NO_TARGET, kind, f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Count what is left as lost; whatever comes of it is not noted any more."""
        self._waiting.close()

    def _next(
        self,
        operation_id: str,
        kind: str,
        instance: str | Instance | None,
        step: str,
        words: dict[str, object],
    ) -> WebhookEvent | None:
        """Make an event; None if it was made before, or the operation has had its last word."""
        if kind not in KINDS:
            msg = f"{kind!r} is no kind of event"
            raise ValueError(msg)
        make: Callable[..., WebhookEvent] = getattr(self._events, kind)
        subject = () if instance is None else (instance,)
        event = make(*subject, operation_id=operation_id, **words)
        event_id = repeatable_id(operation_id, kind, step) if step else str(event.event_id)
        with self._lock:
            told = self._told.setdefault(operation_id, _Told())
            self._told.move_to_end(operation_id)
            if len(self._told) > _MOST_OPERATIONS:
                self._told.popitem(last=False)
            if not told.allows(kind, event_id):
                return None
            number = told.note(kind, event_id)
        numbered: WebhookEvent = attrs.evolve(cast("Any", event), event_id=event_id, sequence=number)
        return numbered

    def _hand_on(self, event: WebhookEvent, route: Route) -> None:
        if not route.wants(event):
            return
        if route.destination is None and self._sender.outbox is not None:
            with limited(self._clock, _STORE_TIME):
                self._sender.outbox.enqueue(event, route.name)
            return
        if route.destination is not None:
            body = self._sender.body(event, route.form)
            sending = self._sender.sending(route, str(event.event_id), body)
            self._waiting.admit(sending.message_id, sending.step, sending.lose)

    def _hold(self, event: WebhookEvent, find_route: Callable[[], Route | None]) -> None:
        """Keep an event in memory until the store is back."""
        message_id = str(event.event_id)
        pause = _FIRST_PAUSE

        def step() -> float | None:
            nonlocal pause
            try:
                route = find_route()
                if route is not None:
                    self._hand_on(event, route)
            except (StateStoreError, TimeoutError):
                pause = min(2 * pause, _LONGEST_PAUSE)
                return self._clock.monotonic() + pause
            return None

        self._waiting.admit(
            message_id, step, lambda reason: self._sender.tally.lost(message_id, reason), delay=pause
        )

    def _not_kept(self, instance_id: str, error: Exception) -> None:
        log(
            _LOGGER,
            logging.WARNING,
            "the store could not note where the events of instance %(id)s go: %(error)s",
            id=instance_id,
            error=type(error).__name__,
        )


class OperationEvents:
    """Where one operation tells its events.

    Args:
        emitter: Makes and hands on events.
        operation_id: The operation.
        notify: Where its events go.
    """

    def __init__(self, emitter: EventEmitter, operation_id: str, notify: Notify) -> None:
        self._emitter = emitter
        self._operation_id = operation_id
        self._notify = notify

    def send(self, kind: str, instance: str | Instance | None, *, step: str = "", **words: object) -> None:
        """Tell an event, unless it was told before. Raises no exception: what goes wrong is logged and counted.

        Args:
            kind: The kind of event, as in `webhooks.events`.
            instance: The instance, or its id; None for events of the account.
            step: What tells several events of one kind in this operation apart.
            **words: The words of the kind's constructor.
        """
        try:
            self._emitter.emit(self._operation_id, self._notify, kind, instance, step, words)
        except Exception as error:  # noqa: BLE001 - no operation fails because of its events
            self._emitter.failed(kind, error)
