# Generated from novita_sdk/_async/lifecycle/background.py by tools/unasync.py; edit the source.
"""The background worker of a client: what rentals and webhooks need done while the program goes on."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TypeAlias

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import COLOUR, Background, Event, Lock, Running, shielded
from novita_sdk._core.lifecycle.agenda import Agenda, Job
from novita_sdk._core.log_records import log
from novita_sdk.errors import ClientClosedError, ConfigurationError, SettingProblem

Work: TypeAlias = Callable[[], float | None]
"""Does one step, and returns when the next one is due in monotonic seconds, None if there is none."""

_LONGEST_WAIT = 3600.0  # seconds; threads cannot wait for just any time

_LOGGER = logging.getLogger("novita_sdk.background")


class ScheduledWork:
    """Work that was handed to the worker."""

    def __init__(self, desk: _Desk, job: Job[Work]) -> None:
        self._desk = desk
        self._job = job

    def cancel(self) -> None:
        """Do no further step; one under way goes on to its end."""
        with self._desk.lock:
            self._job.cancelled = True
            self._desk.wake.set()


class _Desk:
    """What a worker has in one process; a forked child gets its own."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.agenda: Agenda[Work] = Agenda()
        self.wake = Event()
        self.running: Running | None = None  # the last one, also when it has ended
        self.is_served = False
        self.finishing = False
        self.stopped = False


class BackgroundWorker:
    """Does steps as they fall due, one at a time: steps that a rental depends on go before others.

    There is no thread (no task) before there is work, one while there is, and none after `close`.

    Args:
        background: Where it may run.
        clock: What it goes by.
        at_exit: Called if the process ends while there is work.
    """

    def __init__(self, background: Background, clock: Clock, at_exit: Callable[[], None]) -> None:
        self._background = background
        self._clock = clock
        self._at_exit = at_exit
        self._desks: dict[int, _Desk] = {}

    def require_open(self) -> None:
        """Make sure that work can be scheduled.

        Raises:
            ConfigurationError: The client is not inside `with`, so its task has nowhere to live.
            ClientClosedError: The client is closed.
        """
        if self._desk.finishing:
            raise ClientClosedError("the client is closed; make a new one")
        if not self._background.is_open:
            problem = SettingProblem(
                "Novita",
                "is not inside `with`, which a rental and the sending of webhooks need",
                "with Novita(...) as client: ...",
            )
            raise ConfigurationError(problems=(problem,))

    def schedule(self, at_monotonic: float, run: Work, *, rental: bool = False) -> ScheduledWork:
        """Have a step done.

        Args:
            at_monotonic: When it is due, in monotonic seconds.
            run: Does the step. An exception is logged and ends the work.
            rental: Whether a rental depends on it.

        Raises:
            ConfigurationError: The client is not inside `with`.
            ClientClosedError: The client is closed.
        """
        self.require_open()
        desk = self._desk
        job = Job(run, rental)
        with desk.lock:
            desk.agenda.put(job, at_monotonic)
            if not desk.is_served:
                desk.running = self._background.start(lambda: self._serve(desk), self._at_exit)
                desk.is_served = True
            desk.wake.set()
        return ScheduledWork(desk, job)

    def close(self, drain: float) -> None:
        """Take no more work, and end what is left of it.

        Args:
            drain: Seconds that are waited for work on which no rental depends.
        """
        desk = self._desk
        with desk.lock:
            desk.finishing = True
            desk.wake.set()
            running = desk.running
        if running is None:
            return
        try:
            with shielded(self._clock, drain):
                self._clock.wait(running.ended, drain)
        finally:
            desk.stopped = True
            desk.wake.set()
            running.end()

    @property
    def _desk(self) -> _Desk:
        pid = os.getpid()
        found = self._desks.get(pid)
        return self._desks.setdefault(pid, _Desk()) if found is None else found

    def _serve(self, desk: _Desk) -> None:
        while True:
            with desk.lock:
                now = self._clock.monotonic()
                next_at = desk.agenda.next_at()
                nothing_left = next_at is None or (desk.finishing and not desk.agenda.has_others)
                if desk.stopped or nothing_left or next_at is None:
                    desk.is_served = False
                    return
                job = desk.agenda.take(now)
                wake = desk.wake = Event()
            if job is None:
                self._clock.wait(wake, min(next_at - now, _LONGEST_WAIT))
                continue
            again_at = self._step(job)
            if again_at is not None and not job.cancelled:
                with desk.lock:
                    desk.agenda.put(job, again_at)

    def _step(self, job: Job[Work]) -> float | None:
        try:
            return job.work()
        except Exception as error:  # noqa: BLE001 - the other work must go on
            log(
                _LOGGER,
                logging.ERROR,
                "work in the background of the %(colour)s client ended with %(error)s",
                colour=COLOUR,
                error=type(error).__name__,
            )
            return None
