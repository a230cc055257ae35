# Generated from novita_sdk/_async/webhooks/waiting_room.py by tools/unasync.py; edit the source.
"""Events that wait in memory: for an attempt to deliver them, or for a store that is away."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.webhooks.delivery_stats import NO_TARGET, DeliveryTally
from novita_sdk._sync.lifecycle.background import BackgroundWorker, Work

MOST_WAITING: Final = 1000

_CLOSED: Final = "the client was closed"


class WaitingRoom:
    """Hands events to the background worker, and counts as lost what is left when the client closes.

    Args:
        worker: Gives the background worker.
        clock: Where the time comes from.
        tally: Counts what finds no room.
    """

    def __init__(self, worker: Callable[[], BackgroundWorker], clock: Clock, tally: DeliveryTally) -> None:
        self._worker = worker
        self._clock = clock
        self._tally = tally
        self._inside: dict[object, Callable[[str], None]] = {}
        self._pid = os.getpid()

    def admit(self, message_id: str, step: Work, lose: Callable[[str], None], *, delay: float = 0.0) -> None:
        """Let an event wait.

        Args:
            message_id: Its id.
            step: Takes the next step with it; returns when another one is due, None if it need not wait any more.
            lose: Called with the reason if nobody will go on with it.
            delay: Seconds until the first step.
        """
        self._leave_the_parents_behind()
        if len(self._inside) >= MOST_WAITING:
            self._tally.dropped(NO_TARGET, message_id, f"{MOST_WAITING} events are waiting already")
            return
        place = object()

        def go_on() -> float | None:
            try:
                next_at = step()
            except Exception as error:  # noqa: BLE001 - logged and counted by whoever loses it
                self._leave(place, type(error).__name__)
                return None
            if next_at is None:
                self._inside.pop(place, None)
            return next_at

        self._inside[place] = lose
        try:
            self._worker().schedule(self._clock.monotonic() + delay, go_on)
        except Exception as error:  # noqa: BLE001 - no place for the worker, or a process that is about to end
            self._leave(place, str(error))

    def close(self) -> None:
        """Count those who are left as lost."""
        self._leave_the_parents_behind()
        for place in tuple(self._inside):
            self._leave(place, _CLOSED)

    def _leave(self, place: object, reason: str) -> None:
        lose = self._inside.pop(place, None)
        if lose is not None:
            lose(reason)

    def _leave_the_parents_behind(self) -> None:
        """Forget what waits in the process that this one was forked from, and is sent there."""
        if self._pid != os.getpid():
            self._pid, self._inside = os.getpid(), {}
