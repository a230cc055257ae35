"""Counting and logging what a receiver does."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Final

import attrs

from novita_sdk._core.log_records import log
from novita_sdk._core.webhooks.receiving import Ending
from novita_sdk._core.webhooks.verification import VerifiedWebhook
from novita_sdk.models.webhook_event import WebhookEvent

_LOGGER: Final = logging.getLogger("novita_sdk.webhooks")


@attrs.frozen(kw_only=True)
class ReceiverStats:
    """What a receiver has done so far.

    Attributes:
        accepted: Messages that a handler took.
        duplicates: Copies of messages that had been taken already.
        ignored: Messages that no handler is for.
        handler_errors: Runs of handlers that raised or took too long.
        rejected: Refused requests, by reason.
    """

    accepted: int
    duplicates: int
    ignored: int
    handler_errors: int
    rejected: Mapping[str, int]


class ReceiverTally:
    """Counts what happens and writes it into the log; never a header, a body or a path.

    Args:
        lock: A `with` lock for the counters.
    """

    def __init__(self, lock: AbstractContextManager[object]) -> None:
        self._lock = lock
        self._counts: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()

    def snapshot(self) -> ReceiverStats:
        """Give the counters as they are now, in step with each other."""
        with self._lock:
            return ReceiverStats(
                accepted=self._counts["accepted"],
                duplicates=self._counts["duplicates"],
                ignored=self._counts["ignored"],
                handler_errors=self._counts["handler_errors"],
                rejected=dict(self._rejected),
            )

    def rejected(self, reason: str) -> None:
        """A request was refused."""
        with self._lock:
            self._rejected[reason] += 1
        log(_LOGGER, logging.WARNING, "webhook refused: %(reason)s", reason=reason)

    def store_failed(self, action: str, error: Exception) -> None:
        """The store did not do what it was asked for."""
        log(
            _LOGGER,
            logging.WARNING,
            "the store of received webhooks could not %(action)s: %(error)s",
            action=action,
            error=type(error).__name__,
        )

    def duplicate(self, message: VerifiedWebhook) -> None:
        """A copy of a message came that was handled already."""
        self._count("duplicates")
        log(_LOGGER, logging.INFO, "webhook %(id)s came again", id=message.id)

    def ignored(self, message: VerifiedWebhook, event: WebhookEvent) -> None:
        """A message came that no handler is for."""
        self._count("ignored")
        log(
            _LOGGER,
            logging.INFO,
            "webhook %(id)s of type %(type)s has no handler",
            id=message.id,
            type=event.event_type,
        )

    def handled(
        self,
        message: VerifiedWebhook,
        event: WebhookEvent,
        ending: Ending,
        elapsed: float,
        error: Exception | None,
    ) -> None:
        """A handler ended, well or not."""
        level, count = (logging.INFO, "accepted") if ending.succeeded else (logging.ERROR, "handler_errors")
        self._count(count)
        fields = {"id": message.id, "type": event.event_type, "elapsed": round(elapsed, 3)}
        if error is not None:
            # the traceback is the handler's own, and the only way to learn what is wrong with it
            text = "the handler of webhook %(id)s of type %(type)s raised"
            _LOGGER.error(text, fields, exc_info=error, extra={"novita": fields})
            return
        words = ending.reason or ("handled, but late" if ending.late else "handled")
        level = logging.WARNING if ending.late else level
        log(
            _LOGGER,
            level,
            "webhook %(id)s of type %(type)s: %(outcome)s after %(elapsed)s s",
            outcome=words,
            **fields,
        )

    def _count(self, name: str) -> None:
        with self._lock:
            self._counts[name] += 1
