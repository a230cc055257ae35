"""What the sender of webhooks counts and logs: names of targets and hosts, never a whole URL."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Final

import attrs

from novita_sdk._core.log_records import log
from novita_sdk._core.webhooks.delivery import Failure, Outcome, is_delivered
from novita_sdk._core.webhooks.destination import Destination

_LOGGER: Final = logging.getLogger("novita_sdk.webhooks")
NO_TARGET: Final = "-"
"""Where events are counted that came to no target."""

_REMEMBERED: Final = 1000
_THROTTLED: Final = 429


@attrs.frozen(kw_only=True)
class DeliveryStats:
    """What became of the messages to one target, in this process.

    Attributes:
        attempts: Requests that were tried.
        delivered: Messages that were taken.
        failed: Messages that were given up, by an error that somebody was told.
        retried: Attempts that failed and were followed by another one.
        throttled: Answers of 429.
        refused: Attempts that ended at the guard of addresses.
        dropped: Events that were not sent: no room for them, no secret to sign them with, nowhere to send them.
        lost: Events whose delivery was under way when the client closed.
        dead: Messages that became dead letters.
        fence_lost: Outcomes that were not booked, because another worker had the message by then.
        in_flight: Attempts under way.
        last_status: The last answer's status.
        last_success: When a message was taken last.
        latency_p50: Half of the last 1,000 attempts with an answer took at most so many seconds.
        latency_p95: Of 95 % of them the same.
    """

    attempts: int = 0
    delivered: int = 0
    failed: int = 0
    retried: int = 0
    throttled: int = 0
    refused: int = 0
    dropped: int = 0
    lost: int = 0
    dead: int = 0
    fence_lost: int = 0
    in_flight: int = 0
    last_status: int | None = None
    last_success: datetime | None = None
    latency_p50: float | None = None
    latency_p95: float | None = None


class _Numbers:
    """The numbers of one target."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.last_status: int | None = None
        self.last_success: datetime | None = None
        self.latencies: deque[float] = deque(maxlen=_REMEMBERED)

    def add(self, name: str, change: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + change

    def stats(self) -> DeliveryStats:
        ordered = sorted(self.latencies)
        return DeliveryStats(
            **self.counts,
            last_status=self.last_status,
            last_success=self.last_success,
            latency_p50=_quantile(ordered, 0.5),
            latency_p95=_quantile(ordered, 0.95),
        )


class DeliveryTally:
    """Counts and logs deliveries.

    Args:
        lock: Held for every change.
    """

    def __init__(self, lock: AbstractContextManager[object]) -> None:
        self._lock = lock
        self._numbers: dict[str, _Numbers] = {}

    def snapshot(self) -> dict[str, DeliveryStats]:
        """Return the numbers by the name of the target."""
        with self._lock:
            return {name: numbers.stats() for name, numbers in self._numbers.items()}

    def begun(self, destination: Destination) -> None:
        """An attempt begins."""
        with self._lock:
            numbers = self._of(destination.name)
            numbers.add("attempts")
            numbers.add("in_flight")

    def ended(self, destination: Destination, outcome: Outcome | None, elapsed: float, wall: float) -> None:
        """An attempt has ended, well or not; without an outcome it was interrupted."""
        with self._lock:
            numbers = self._of(destination.name)
            numbers.add("in_flight", -1)
            if outcome is Failure.REFUSED:
                numbers.add("refused")
            if outcome is None or isinstance(outcome, Failure):
                return
            numbers.last_status = outcome
            numbers.latencies.append(elapsed)
            if outcome == _THROTTLED:
                numbers.add("throttled")
            if is_delivered(outcome):
                numbers.last_success = datetime.fromtimestamp(wall, UTC)

    def delivered(self, destination: Destination, message_id: str, attempts: int) -> None:
        """A message was taken."""
        self._count(destination.name, "delivered")
        log(
            _LOGGER,
            logging.INFO,
            "webhook %(id)s delivered to %(host)s at attempt %(attempt)s",
            id=message_id,
            host=destination.url.host,
            attempt=attempts,
        )

    def retried(
        self, destination: Destination, message_id: str, attempts: int, cause: str, delay: float
    ) -> None:
        """An attempt failed, another will follow."""
        self._count(destination.name, "retried")
        log(
            _LOGGER,
            logging.WARNING,
            "webhook %(id)s to %(host)s: attempt %(attempt)s failed (%(cause)s), the next one in %(delay)s s",
            id=message_id,
            host=destination.url.host,
            attempt=attempts,
            cause=cause,
            delay=round(delay, 3),
        )

    def given_up(
        self, destination: Destination, message_id: str, attempts: int, cause: str, count: str = "failed"
    ) -> None:
        """A message was given up, became a dead letter, or was lost."""
        self._count(destination.name, count)
        log(
            _LOGGER,
            logging.ERROR,
            "webhook %(id)s to %(host)s was given up after %(attempt)s attempts: %(cause)s",
            id=message_id,
            host=destination.url.host,
            attempt=attempts,
            cause=cause,
        )

    def large(self, size: int) -> None:
        """A body is larger than some receivers take."""
        log(
            _LOGGER, logging.WARNING, "a webhook has %(bytes)s bytes, which some receivers refuse", bytes=size
        )

    def dropped(self, name: str, message_id: str, cause: str) -> None:
        """An event was not sent at all."""
        self._count(name, "dropped")
        log(
            _LOGGER,
            logging.WARNING,
            "webhook %(id)s to the target %(target)s was dropped: %(cause)s",
            id=message_id,
            target=name,
            cause=cause,
        )

    def lost(self, message_id: str, cause: str) -> None:
        """An event is lost that did not get as far as to a target."""
        self._count(NO_TARGET, "lost")
        log(_LOGGER, logging.ERROR, "webhook %(id)s is lost: %(cause)s", id=message_id, cause=cause)

    def fence_lost(self, destination: Destination, message_id: str) -> None:
        """Somebody else has the message by now."""
        self._count(destination.name, "fence_lost")
        log(
            _LOGGER,
            logging.WARNING,
            "webhook %(id)s to %(host)s: another worker has taken it over",
            id=message_id,
            host=destination.url.host,
        )

    def _count(self, name: str, count: str) -> None:
        with self._lock:
            self._of(name).add(count)

    def _of(self, name: str) -> _Numbers:
        return self._numbers.setdefault(name, _Numbers())


def _quantile(ordered: list[float], share: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
