# Generated from novita_sdk/_async/lifecycle/readiness_loop.py by tools/unasync.py; edit the source.
"""From running to usable: rounds of probes, with an eye on the status all the while."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.lifecycle.wait_plan import WaitPlan
from novita_sdk._core.waiting import Verdict
from novita_sdk._sync.lifecycle.startup_events import PROBED, PROBING, READY
from novita_sdk._sync.waiting import Wait
from novita_sdk.models.instance import Instance
from novita_sdk.models.webhook_event import HealthCheck

if TYPE_CHECKING:
    from novita_sdk._core.lifecycle.probe_results import ProbeRound
    from novita_sdk._sync.lifecycle.probes import Readiness
    from novita_sdk._sync.lifecycle.startup_events import StartupEvents

_FIRST_PAUSE: Final = 2.0  # seconds between two rounds
_GROWTH: Final = 1.5
_LONGEST_PAUSE: Final = 10.0


class ReadinessLoop:
    """Asks a running instance until it answers.

    Args:
        wait: The wait that saw it running.
        readiness: Makes the rounds.
        plan: How often, and for how long.
        clock: What it sleeps on.
        rng: Where the swing of the pauses comes from.
        events: Told of the first round.

    Attributes:
        check: What the last round found, as events tell it.
    """

    def __init__(
        self,
        wait: Wait[Instance],
        readiness: Readiness,
        plan: WaitPlan,
        *,
        clock: Clock,
        rng: random.Random,
        events: StartupEvents | None,
    ) -> None:
        self.check: HealthCheck | None = None
        self._wait = wait
        self._readiness = readiness
        self._plan = plan
        self._clock = clock
        self._rng = rng
        self._events = events
        self._rounds = 0
        timeout = plan.ready_timeout
        self._until = None if timeout is None else clock.monotonic() + timeout
        self._pause = _FIRST_PAUSE

    def is_ready(self) -> bool:
        """Ask until it answers.

        Returns:
            False if it has left running, and may come back.

        Raises:
            WaitTimeoutError: It did not answer in time.
            WaitFailedError: It cannot answer any more.
        """
        passed = 0
        self._look_closely()
        while self._wait.status == "running" and self._wait.found is not None:
            outcome = self._round(self._wait.found)
            if outcome.fatal is not None:
                raise self._wait.impossible(outcome.fatal, outcome.message)
            passed = passed + 1 if outcome.passed else 0
            if outcome.skipped or passed >= self._plan.successes:
                self._note(PROBED, READY)
                return True
            self._until_next_round(outcome)
        return False

    def _look_closely(self) -> None:
        """Read the instance by itself: a list may leave out the SSH command."""
        self._wait.plan_now()
        self._wait.step(alone=True)

    def _round(self, instance: Instance) -> ProbeRound:
        self._rounds += 1
        outcome = self._readiness.round(instance, within=self._left())
        if outcome.results:
            self._note(PROBING)
            self.check = self._readiness.check_so_far(outcome)
            if self._rounds == 1 and self._events is not None:
                self._events.probing(instance, self.check)
        self._wait.tell_probes(self._rounds, outcome.results, outcome.message or None)
        return outcome

    def _until_next_round(self, outcome: ProbeRound) -> None:
        """Poll the status until the next round is due, or until there is none any more."""
        now = self._clock.monotonic()
        until = self._until
        if until is not None and now >= until:
            raise self._wait.timed_out()
        pause = self._pause * self._rng.uniform(0.9, 1.1)
        self._pause = min(_LONGEST_PAUSE, self._pause * _GROWTH)
        if outcome.decided_in is not None:
            pause = min(pause, outcome.decided_in)
        next_round = now + pause if until is None else min(now + pause, until)
        while self._wait.due <= next_round:
            verdict = self._wait.step(alone=True)
            if verdict is Verdict.GOES_ON:
                return
        self._wait.sleep_until(next_round)

    def _left(self) -> float | None:
        """Seconds that the probes of a round have, were it the last one; at least one."""
        ends = [end for end in (self._until, self._wait.until) if end is not None]
        return max(1.0, min(ends) - self._clock.monotonic()) if ends else None

    def _note(self, *steps: str) -> None:
        for step in steps:
            self._wait.timeline.note(step, self._clock.time())
