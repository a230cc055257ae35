# Generated from novita_sdk/_async/webhooks/outbox_worker.py by tools/unasync.py; edit the source.
"""Delivering the messages of an outbox: claims one that is due, makes an attempt, and books what came of it."""

from __future__ import annotations

import logging
import math
import os
import random
from collections.abc import Callable, Sequence
from typing import Protocol

import attrs

from novita_sdk._concurrency.clock import Clock, Waitable
from novita_sdk._concurrency.threads import Event, Lock, gather, shielded
from novita_sdk._core.breaker import Permit, Refusal
from novita_sdk._core.log_records import log
from novita_sdk._core.ratelimit import Waiter
from novita_sdk._core.stores.answers import Claim
from novita_sdk._core.webhooks.delivery import Delivered
from novita_sdk._core.webhooks.delivery_stats import DeliveryTally
from novita_sdk._core.webhooks.destination import Destination
from novita_sdk._core.webhooks.outbox_items import (
    IN_FLIGHT,
    IN_FLIGHT_PER_TARGET,
    LOOK_EVERY,
    PARKED_EVERY,
    TARGETS,
    body_of,
    is_disabled,
    key_of,
    queue_of,
    target_record,
)
from novita_sdk._core.webhooks.outbox_schedule import Later, after_outbox_attempt, lease_for
from novita_sdk._core.webhooks.target import WebhookTarget
from novita_sdk._sync.admission import Admission
from novita_sdk._sync.stores.protocol import StateStore
from novita_sdk._sync.transport_protocol import Transport
from novita_sdk._sync.webhooks.delivery import Attempted, Delivery
from novita_sdk.errors import StateStoreError
from novita_sdk.models.json_types import JSON

_LOGGER = logging.getLogger("novita_sdk.webhooks")

_GONE = "target_gone"
_BOOKING_TIME = 15.0  # seconds in which the outcome of an attempt is written down, also by who was cancelled
_BOOKING_PAUSES = (0.0, 1.0, 3.0)  # seconds before each try to do so
_OWNER_BYTES = 16
_LONGEST_PAUSE = 30.0  # seconds between two looks at a store that is away


class StopEvent(Protocol):
    """What ends a worker: an event of threading, asyncio, anyio or trio."""

    def is_set(self) -> bool:
        """Tell whether it shall end."""
        ...


@attrs.define(eq=False)
class _Line:
    """One target, as this worker sees it."""

    target: WebhookTarget
    destination: Destination
    in_flight: int = 0
    paused_until: float = 0.0
    disabled: bool = False
    looked_at: float | None = None


@attrs.define(eq=False)
class _Shift:
    """One call of `run`, by several threads or tasks.

    Attributes:
        owner: Who claims the messages.
        stop: What ends it; None for "when nothing is due".
        ended: Whether one of them failed, or the caller was interrupted: then all end.
    """

    owner: str
    stop: StopEvent | None
    ended: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be claimed."""
        return self.ended or (self.stop is not None and self.stop.is_set())


@attrs.frozen(eq=False)
class _Taken:
    """One message in hand; without a permit it is not to be sent."""

    line: _Line
    claim: Claim
    permit: Permit | None = None


class OutboxWorker:
    """Delivers messages, several at a time.

    Args:
        store: Where they are kept.
        targets: Where they go.
        transport: Gives what does the I/O.
        clock: Where the time comes from.
        rng: Where the swing of pauses comes from.
        tally: Counts and logs.
        timeout: Seconds of one attempt.
    """

    def __init__(
        self,
        store: StateStore,
        targets: Sequence[WebhookTarget],
        transport: Callable[[], Transport],
        *,
        clock: Clock,
        rng: random.Random,
        tally: DeliveryTally,
        timeout: float,
    ) -> None:
        self._store = store
        self._clock = clock
        self._rng = rng
        self._tally = tally
        self._timeout = timeout
        self._delivery = Delivery(transport, clock, tally)
        self._lines = [
            _Line(target, self._delivery.destinations.of_target(target, target.secrets)) for target in targets
        ]
        self._turn = Admission(1, clock)  # one looks at a time: the others would find the same
        self._lock = Lock()
        self._wake = Event()
        self._has_lookout = False
        self._idle_until = 0.0
        self._pause = LOOK_EVERY
        self._first = 0
        self._reported: set[str] = set()
        self._report_at = 0.0

    def look(self) -> None:
        """Look for messages now: something may have become due."""
        with self._lock:
            self._idle_until = 0.0
            woken, self._wake = self._wake, Event()
        woken.set()

    def run(self, stop: StopEvent | None) -> None:
        """Deliver until `stop` is set; without it, until nothing is due."""
        tells = stop if isinstance(stop, Waitable) else None
        shift = _Shift(os.urandom(_OWNER_BYTES).hex(), stop)
        self._idle_until = 0.0
        if tells is not None:
            tells.add_listener(self.look)
        try:
            at_once = min(IN_FLIGHT, IN_FLIGHT_PER_TARGET * len(self._lines) or 1)
            gather(self._clock, [lambda: self._serve(shift)] * at_once)
        finally:
            shift.ended = True
            self.look()
            if tells is not None:
                tells.remove_listener(self.look)

    def names(self) -> list[str]:
        """Return the names of all targets: those known here, and those in the store."""
        found = {line.target.name for line in self._lines}
        cursor: str | None = None
        while True:
            page = self._store.scan(TARGETS, cursor=cursor)
            found.update(entry.key.removeprefix(TARGETS) for entry in page.items)
            cursor = page.cursor
            if cursor is None:
                return sorted(found)

    def _serve(self, shift: _Shift) -> None:
        try:
            while not shift.is_over:
                wake = self._wake
                taken = self._next(shift)
                if taken is not None:
                    self.look()  # somebody else may go on looking
                    self._deliver(taken)
                    self.look()  # its successor, or another message of its target, may go now
                elif shift.stop is None and not any(line.in_flight for line in self._lines):
                    break
                else:
                    self._rest(wake)
        except BaseException:
            shift.ended = True
            raise
        finally:
            self.look()  # the others are to see that it is over

    def _rest(self, wake: Event) -> None:
        """Wait until it is time to look again, if nobody else does, or until woken."""
        with self._lock:
            is_lookout = not self._has_lookout
            self._has_lookout = True
        pause = max(0.0, self._idle_until - self._clock.monotonic()) if is_lookout else None
        try:
            self._clock.wait(wake, pause)
        finally:
            if is_lookout:
                self._has_lookout = False

    def _next(self, shift: _Shift) -> _Taken | None:
        """Take a message that may be sent now; None if there is none before `_idle_until`."""
        self._turn.enter(math.inf)
        try:
            now = self._clock.monotonic()
            if now < self._idle_until:
                return None
            self._report_parked(now)
            until = now + LOOK_EVERY
            for offset in range(len(self._lines)):
                place = (self._first + offset) % len(self._lines)
                found = self._claim(self._lines[place], shift.owner, now)
                if isinstance(found, _Taken):
                    self._first = place + 1
                    return found
                until = min(until, found)
            self._idle_until = until
        except StateStoreError as error:
            if shift.stop is None:
                raise
            self._idle_until = self._clock.monotonic() + self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            self._failed("look for messages", error)
            return None
        else:
            self._pause = LOOK_EVERY
            return None
        finally:
            self._turn.leave()

    def _claim(self, line: _Line, owner: str, now: float) -> _Taken | float:
        """Take a message for one target; else tell when to look again in monotonic seconds."""
        if line.in_flight >= IN_FLIGHT_PER_TARGET:
            return math.inf  # until one of them has ended
        if now < line.paused_until:
            return line.paused_until
        # what was disabled may be enabled at any moment, and its messages must not be buried then
        if line.disabled or line.looked_at is None or now - line.looked_at >= LOOK_EVERY:
            entry = self._store.get(key_of(line.target.name))
            line.disabled, line.looked_at = entry is not None and is_disabled(entry.value), now
        permit: Permit | None = None
        token: Waiter | None = None
        if not line.disabled:
            answer = self._delivery.ask(line.destination, self._timeout)
            if isinstance(answer, Refusal):
                return now + answer.retry_after
            permit, taken = answer, self._delivery.take_token(line.destination)
            if taken is not None and not isinstance(taken, Waiter):
                self._delivery.give_back(line.destination, permit, None)
                return now + taken
            token = taken
        claim = None
        try:
            claim = self._store.claim(queue_of(line.target.name), owner, lease=lease_for(self._timeout))
        finally:
            if claim is None and permit is not None:
                self._delivery.give_back(line.destination, permit, token)
        if claim is None:
            return now + LOOK_EVERY
        if line.disabled and permit is not None:  # since the look at it, by the message ahead of this one
            self._delivery.give_back(line.destination, permit, token)
            permit = None
        with self._lock:
            line.in_flight += 1
        return _Taken(line, claim, permit)

    def _deliver(self, taken: _Taken) -> None:
        line, claim = taken.line, taken.claim
        try:
            if taken.permit is None:
                self._bury(taken, _GONE, "its target is gone")
                return
            attempted = self._delivery.attempt(
                line.destination,
                taken.permit,
                message_id=claim.id,
                body=body_of(claim.payload),
                timeout=self._timeout,
            )
            self._settle(taken, attempted)
        finally:
            with self._lock:
                line.in_flight -= 1

    def _settle(self, taken: _Taken, attempted: Attempted) -> None:
        line, claim = taken.line, taken.claim
        next_step = after_outbox_attempt(
            attempted.outcome, made=claim.attempt, retry_after=attempted.retry_after, draw=self._rng.random()
        )
        if isinstance(next_step, Delivered):
            if self._book(taken, lambda: self._store.complete(claim)):
                self._tally.delivered(line.destination, claim.id, claim.attempt)
        elif isinstance(next_step, Later):
            delay = next_step.delay
            if next_step.pause:
                line.paused_until = self._clock.monotonic() + next_step.pause
            if self._book(taken, lambda: self._store.fail(claim, due_in=delay)):
                self._tally.retried(line.destination, claim.id, claim.attempt, attempted.words, delay)
        else:
            if next_step.reason == _GONE:
                record = target_record(disabled=True)
                self._book(taken, lambda: self._written(line, record))
                line.disabled = True
            self._bury(taken, next_step.reason, attempted.words)

    def _written(self, line: _Line, record: dict[str, JSON]) -> bool:
        self._store.put(key_of(line.target.name), record)
        return True

    def _bury(self, taken: _Taken, reason: str, words: str) -> None:
        """Make a message a dead letter."""
        claim = taken.claim
        if self._book(taken, lambda: self._store.fail(claim, dead=reason)):
            self._tally.given_up(
                taken.line.destination, claim.id, claim.attempt, f"{reason}, {words}", "dead"
            )

    def _book(self, taken: _Taken, change: Callable[[], bool]) -> bool:
        """Write down what came of an attempt, unless another worker has the message by now."""
        written: bool | None = None
        with shielded(self._clock, _BOOKING_TIME):
            for pause in _BOOKING_PAUSES:
                self._clock.sleep(pause)
                try:
                    written = change()
                except StateStoreError as error:
                    self._failed("book an attempt", error)
                else:
                    break
        if written is False:
            self._tally.fence_lost(taken.line.destination, taken.claim.id)
        return bool(written)

    def _report_parked(self, now: float) -> None:
        if now < self._report_at:
            return
        self._report_at = now + PARKED_EVERY
        known = {line.target.name for line in self._lines}
        for name in self.names():
            if name in known or name in self._reported:
                continue
            waiting = (self._store.count(queue_of(name))).waiting
            if waiting:
                self._reported.add(name)
                log(
                    _LOGGER,
                    logging.WARNING,
                    "%(count)s webhooks wait for the target %(target)s, which this outbox does not know",
                    count=waiting,
                    target=name,
                )

    def _failed(self, action: str, error: Exception) -> None:
        log(
            _LOGGER,
            logging.WARNING,
            "the store of the outbox could not %(action)s: %(error)s",
            action=action,
            error=type(error).__name__,
        )
