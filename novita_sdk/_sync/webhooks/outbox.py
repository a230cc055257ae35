# Generated from novita_sdk/_async/webhooks/outbox.py by tools/unasync.py; edit the source.
"""The outbox: webhooks that a state store keeps until they are delivered."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import COLOUR, Lock, SystemClock
from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.narrowing import is_number, is_whole_number
from novita_sdk._core.stores.answers import DeadItem
from novita_sdk._core.webhooks.delivery import TIMEOUT, check_timeout
from novita_sdk._core.webhooks.delivery_stats import DeliveryStats, DeliveryTally
from novita_sdk._core.webhooks.outbox_items import (
    MOST_PENDING,
    DeadLetter,
    OutboxStats,
    dead_letter,
    group_of,
    is_disabled,
    item_of,
    key_of,
    queue_of,
    target_record,
)
from novita_sdk._core.webhooks.payload import encode_payload
from novita_sdk._core.webhooks.receiving import check_part
from novita_sdk._core.webhooks.target import WebhookTarget
from novita_sdk._core.webhooks.target_record import is_private
from novita_sdk._core.wire import problem
from novita_sdk._sync.stores.protocol import StateStore
from novita_sdk._sync.stores.sqlite import SQLiteStore
from novita_sdk._sync.transport_protocol import Transport
from novita_sdk._sync.webhooks.outbox_worker import OutboxWorker, StopEvent
from novita_sdk.errors import ConfigurationError, OutboxFullError, SettingProblem, ValidationError
from novita_sdk.models.webhook_event import WebhookEvent

_ACCOUNT = "default"
_COUNT_EVERY = 5.0  # seconds for which a count of what waits is trusted
_PAGE = 200


class Outbox:
    """Keeps messages in a state store and delivers them, at least once each, for up to three and a half days.

    Any number of processes may put messages in and deliver them. A client that was given an outbox puts its events
    into it; somebody has to `run` it.

    Args:
        store: Where messages are kept. It has to be durable for them to outlive the process.
        targets: Where they go. Only names of targets are in the store; whoever delivers knows their secrets.
        timeout: Seconds of one attempt, 1-30.
        limit: Most messages that may wait.
        transport: What does the I/O instead of HTTP.
        clock: Where the time comes from.
        rng: Where the swing of pauses comes from.

    Raises:
        ConfigurationError: An argument is wrong.
    """

    def __init__(
        self,
        store: StateStore,
        targets: Iterable[WebhookTarget] = (),
        *,
        timeout: Seconds = TIMEOUT,
        limit: int = MOST_PENDING,
        transport: Transport | None = None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
    ) -> None:
        check_part("store", store, COLOUR, "enqueue")
        self.targets = _checked(targets)
        self._limit = _checked_limit(limit)
        self._clock = clock or SystemClock()
        self._given_store = store
        self._store = store.scoped(_ACCOUNT)
        self._given_transport = transport
        self._made_transport: Transport | None = None
        self._tally = DeliveryTally(Lock())
        self._lock = Lock()
        self._room = 0
        self._counted_at: float | None = None
        self._announced: set[str] = set()
        self._worker = OutboxWorker(
            self._store,
            self.targets,
            self._transport,
            clock=self._clock,
            rng=rng or random.Random(),  # noqa: S311 - the swing of pauses is no secret
            tally=self._tally,
            timeout=check_timeout(timeout),
        )

    def __repr__(self) -> str:
        return f"<Outbox, targets: {', '.join(target.name for target in self.targets) or 'none'}>"

    # ------------------------------------------------------------------------------------ putting in

    def enqueue(
        self,
        event: WebhookEvent,
        target: str | WebhookTarget,
        *,
        connection: sqlite3.Connection | None = None,
    ) -> str:
        """Keep a message until it is delivered. The same event again, for the same target, changes nothing.

        Args:
            event: What it says.
            target: The name of its target, or one of the outbox's targets. Messages to names that no worker knows
                are parked until one does.
            connection: Makes the message a part of a transaction of yours, so that it is kept if you commit it, and
                only then: a connection to the file of the outbox's SQLiteStore, on which BEGIN IMMEDIATE was run.

        Returns:
            The message's id. From now on the message is safe, as far as the store is durable; inside a transaction of
            yours, from its commit on.

        Raises:
            ValidationError: The event is too large, the target does not want its kind, or holds secrets or headers
                of its own, which are never written down.
            OutboxFullError: Too many messages wait.
            StateStoreError: The store does not work; nothing was kept.
        """
        name, known = self._target(target)
        if known is not None and not known.wants(event):
            words = f"is not one of the kinds that the target {name} gets"
            raise ValidationError(problems=(problem("event", event.event_type, words),))
        message_id = event.event_id
        if message_id is None:
            raise ValidationError(problems=(problem("event", None, "must have an event_id"),))
        item = item_of(encode_payload(event, "standard" if known is None else known.payload))
        in_order = known is None or known.ordering == "instance"
        store = self._store if connection is None else self._within(connection)
        self._announce(name, store)
        self._make_room()
        if store.enqueue(queue_of(name), message_id, item, group=group_of(event) if in_order else None):
            with self._lock:
                self._room -= 1
        self._worker.look()
        return message_id

    # ------------------------------------------------------------------------------------ delivering

    def run(self, stop: StopEvent) -> None:
        """Deliver messages as they fall due, up to eight at a time and four of a target, until `stop` is set.

        Attempts under way are ended first. A store that is away is waited for.

        Args:
            stop: Ends it: an event of threading, asyncio, anyio or trio.
        """
        self._worker.run(stop)

    def drain(self) -> None:
        """Deliver what is due now. What failed and is due later, or cannot be sent at the moment, stays."""
        self._worker.run(None)

    # ------------------------------------------------------------------------------------ looking after

    def pending(self, target: str | None = None) -> int:
        """Count the messages that are neither delivered nor dead.

        Args:
            target: Only those of this target.
        """
        counts = [self._store.count(queue_of(name)) for name in self._names(target)]
        return sum(count.waiting + count.claimed for count in counts)

    def dead_letters(self, target: str | None = None) -> list[DeadLetter]:
        """Return the messages that were given up, the oldest first for each target.

        Args:
            target: Only those of this target.
        """
        return [dead_letter(name, item) for name in self._names(target) for item in self._dead_items(name)]

    def replay(self, ids: Iterable[str] | None = None, *, target: str | None = None) -> int:
        """Try dead letters once more, from the start of the schedule, with the same ids and bodies.

        They keep no order; receivers see it by `operationId` and `sequence`.

        Args:
            ids: The ids of the messages.
            target: All of this target; exactly one of the two is given.

        Returns:
            How many there were.
        """
        if (ids is None) == (target is None):
            raise ValidationError(problems=(problem("ids", ids, "must be given, or target, and not both"),))
        wanted = None if ids is None else [ids] if isinstance(ids, str) else list(ids)
        count = 0
        for name in self._names(target):
            chosen = [item.id for item in self._dead_items(name)] if wanted is None else wanted
            for start in range(0, len(chosen), _PAGE):
                count += self._store.requeue(queue_of(name), chosen[start : start + _PAGE])
        self._worker.look()
        return count

    def enable(self, target: str) -> None:
        """Send to a target again whose receiver had answered 410.

        Args:
            target: Its name.
        """
        name, _ = self._target(target)
        self._store.put(key_of(name), target_record(disabled=False))
        self._worker.look()

    def purge_dead(self, older_than: Seconds = 0) -> int:
        """Delete dead letters for good.

        Args:
            older_than: Only those that died at least so many seconds ago.

        Returns:
            How many there were.
        """
        age = seconds(older_than)
        if not is_number(age) or age < 0:
            words = "must be a number of seconds of at least 0, or a timedelta"
            raise ValidationError(problems=(problem("older_than", older_than, words),))
        latest = self._clock.time() - age
        count = 0
        for name in self._names(None):
            old = [item.id for item in self._dead_items(name) if item.died_at <= latest]
            for start in range(0, len(old), _PAGE):
                count += self._store.purge(queue_of(name), old[start : start + _PAGE])
        return count

    def stats(self) -> Mapping[str, OutboxStats]:
        """Count by target: what the store holds, and what this process did."""
        known = {target.name for target in self.targets}
        deliveries = self._tally.snapshot()
        found: dict[str, OutboxStats] = {}
        for name in self._names(None):
            counts = self._store.count(queue_of(name))
            entry = self._store.get(key_of(name))
            found[name] = OutboxStats(
                pending=counts.waiting,
                claimed=counts.claimed,
                dead=counts.dead,
                oldest_pending_age=counts.oldest_age,
                disabled=entry is not None and is_disabled(entry.value),
                known=name in known,
                delivery=deliveries.get(name, DeliveryStats()),
            )
        return found

    def close(self) -> None:
        """Close the connections. The store stays open."""
        made, self._made_transport = self._made_transport, None
        if made is not None:
            made.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # ------------------------------------------------------------------------------------ inside

    def _target(self, given: str | WebhookTarget) -> tuple[str, WebhookTarget | None]:
        name = given.name if isinstance(given, WebhookTarget) else given
        known = next((target for target in self.targets if target.name == name), None)
        if isinstance(given, WebhookTarget):
            if known is None or (given != known and (is_private(given) or given.url != known.url)):
                words = "must be one of the outbox's targets: what others hold is never written down"
                raise ValidationError(problems=(problem("target", name, words),))
        elif not isinstance(name, str) or not name:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ValidationError(problems=(problem("target", name, "must be the name of a target"),))
        return name, known

    def _within(self, connection: sqlite3.Connection) -> StateStore:
        if not isinstance(self._given_store, SQLiteStore):
            words = "must be left out: only an SQLiteStore can be part of a transaction"
            raise ValidationError(problems=(problem("connection", type(connection).__name__, words),))
        return self._given_store.within(connection).scoped(_ACCOUNT)

    def _announce(self, name: str, store: StateStore) -> None:
        """Let everybody who looks into the store know the names of all targets."""
        if name not in self._announced:
            store.put_if_absent(key_of(name), target_record(disabled=False))
            if store is self._store:  # a transaction of the caller's may yet be undone
                self._announced.add(name)

    def _make_room(self) -> None:
        now = self._clock.monotonic()
        fresh = self._counted_at is not None and now - self._counted_at < _COUNT_EVERY
        if self._room > 0 and fresh:
            return
        room = self._limit - self.pending()
        with self._lock:
            self._room, self._counted_at = room, now
        if room <= 0:
            raise OutboxFullError(f"the outbox holds {self._limit} messages already", limit=self._limit)

    def _names(self, target: str | None) -> list[str]:
        if target is not None:
            return [self._target(target)[0]]
        return self._worker.names()

    def _dead_items(self, name: str) -> Sequence[DeadItem]:
        found: list[DeadItem] = []
        cursor: str | None = None
        while True:
            page = self._store.dead(queue_of(name), cursor=cursor, limit=_PAGE)
            found.extend(page.items)
            cursor = page.cursor
            if cursor is None:
                return found

    def _transport(self) -> Transport:
        if self._given_transport is not None:
            return self._given_transport
        with self._lock:
            if self._made_transport is None:
                from novita_sdk._sync.transport import HTTPTransport  # noqa: PLC0415 - where it is needed

                self._made_transport = HTTPTransport(clock=self._clock)
            return self._made_transport


def _checked(targets: Iterable[WebhookTarget]) -> tuple[WebhookTarget, ...]:
    given = tuple(targets)
    wrong = [type(target).__name__ for target in given if not isinstance(target, WebhookTarget)]  # pyright: ignore[reportUnnecessaryIsInstance]
    names = [target.name for target in given] if not wrong else []
    twice = sorted({name for name in names if names.count(name) > 1})
    if wrong or twice:
        shown = f"{', '.join(wrong)} is no target" if wrong else f"{', '.join(twice)} stands there twice"
        problem_ = SettingProblem("targets", shown, "WebhookTargets, each with a name of its own")
        raise ConfigurationError(problems=(problem_,))
    return given


def _checked_limit(limit: object) -> int:
    if not is_whole_number(limit) or limit < 1:
        problem_ = SettingProblem("limit", repr(limit), "a whole number of at least 1")
        raise ConfigurationError(problems=(problem_,))
    return limit
