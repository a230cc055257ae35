"""One wait for an instance as a state machine: it is shown sight after sight, and says how the wait stands."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

import attrs

from novita_sdk._core.lifecycle.waiting_table import Target, judge_status, status_word
from novita_sdk._core.waiting import APPEARANCE_GRACE, Judgement, Verdict
from novita_sdk.models.instance import Instance

EXITED_GRACE: Final = 60.0
"""Seconds for which `exited` may still be shown after a start, or between the steps of a restart or move."""

CONFIRM_AFTER: Final = 5.0
"""Seconds after which a second look confirms that an instance does not exist."""

_TROUBLE_LIMIT: Final = 120.0  # seconds of an unchanged statusError
_STALLED_AFTER: Final = 300.0  # seconds of an unchanged status
_STEADY_AFTER_RESTART: Final = 60.0  # seconds of unbroken running that prove a restart nobody saw
_THROUGH_EXITED: Final = frozenset({"toRestart", "restarting", "toReset", "resetting", "migrating"})


@attrs.frozen(kw_only=True)
class Sent:
    """The action that the operation itself has sent.

    Attributes:
        at: Monotonic time at which it was accepted.
        restart: Whether it was a restart, whose success must be told from the run before it.
        last_started_at: The instance's `last_started_at` before that.
    """

    at: float
    restart: bool = False
    last_started_at: datetime | None = None


class InstanceJudge:
    """Judges what a wait sees.

    Args:
        target: What is waited for.
        began: Monotonic time from which on a new instance has a minute to appear.
        sent: What the operation has sent, if it has.
        condition: What must hold, in place of a status.
        terminal: With a condition: the statuses that end the wait; None for those that end a wait for running.
        seen: Whether it was there before the wait, so that it is no new one that may still be hidden.
    """

    def __init__(
        self,
        target: Target,
        *,
        began: float,
        sent: Sent | None = None,
        condition: Callable[[Instance], bool] | None = None,
        terminal: Collection[str] | None = None,
        seen: bool = False,
    ) -> None:
        self._target: Target = target
        self._began = began
        self._sent = sent
        self._condition = condition
        self._terminal = terminal
        self._seen = seen
        self._confirming = self._told_stall = False
        self._only_exited = self._only_running = True
        self._passed_at: float | None = None
        self._status: str | None = None
        self._since = began
        self._trouble: str | None = None
        self._trouble_since = began

    def judge(self, found: Instance | None, now: float) -> Judgement:
        """Judge one sight.

        Args:
            found: The instance; None if the service says that there is none.
            now: The monotonic time.
        """
        if found is None:
            return self._absent(now)
        self._seen, self._confirming = True, False
        status = status_word(found)
        self._follow(status, found, now)
        verdict = self._verdict(status, found, now)
        if verdict is Verdict.IMPOSSIBLE:
            reclaimed = status == "exited" and found.spot_reclaim_time is not None
            reason = "spot_reclaimed" if reclaimed else status
            return Judgement(verdict=verdict, reason=reason, server_message=self._trouble)
        if verdict is Verdict.REACHED:
            return Judgement(verdict=verdict)
        if self._trouble is not None and now - self._trouble_since >= _TROUBLE_LIMIT:
            return Judgement(verdict=Verdict.IMPOSSIBLE, reason="status_error", server_message=self._trouble)
        return Judgement(verdict=verdict, server_message=self._trouble, stalled=self._stalls(now))

    def _absent(self, now: float) -> Judgement:
        if self._target == "gone":
            return Judgement(verdict=Verdict.REACHED)
        if not self._seen and now - self._began < APPEARANCE_GRACE:
            return Judgement(verdict=Verdict.GOES_ON)
        if self._confirming:
            return Judgement(verdict=Verdict.IMPOSSIBLE, reason="gone")
        self._confirming = True
        return Judgement(verdict=Verdict.GOES_ON, look_again=CONFIRM_AFTER)

    def _follow(self, status: str, found: Instance, now: float) -> None:
        if status in _THROUGH_EXITED:
            self._passed_at = now
        self._only_exited = self._only_exited and status == "exited"
        self._only_running = self._only_running and status == "running"
        trouble = status_error_text(found)
        if trouble != self._trouble or status != self._status:
            self._trouble, self._trouble_since = trouble, now
        if status != self._status:
            self._status, self._since, self._told_stall = status, now, False

    def _verdict(self, status: str, found: Instance, now: float) -> Verdict:
        if self._condition is not None:
            if self._condition(found):
                return Verdict.REACHED
            if self._terminal is not None:
                return Verdict.IMPOSSIBLE if status in self._terminal else Verdict.GOES_ON
        verdict = judge_status(status, self._target)
        if verdict is Verdict.REACHED and self._condition is not None:
            return Verdict.GOES_ON
        if status == "exited" and verdict is Verdict.IMPOSSIBLE and self._may_be_passing(now):
            return Verdict.GOES_ON
        if status == "running" and verdict is Verdict.REACHED and not self._ran_anew(found, now):
            return Verdict.GOES_ON
        return verdict

    def _may_be_passing(self, now: float) -> bool:
        """Tell whether `exited` may be the state before a start, or one within a restart."""
        if self._sent is not None and self._only_exited and now - self._sent.at < EXITED_GRACE:
            return True
        return self._passed_at is not None and now - self._passed_at < EXITED_GRACE

    def _ran_anew(self, found: Instance, now: float) -> bool:
        """Tell whether a running instance is one that has been restarted, where that was asked for."""
        sent = self._sent
        if sent is None or not sent.restart or not self._only_running:
            return True
        started, before = found.last_started_at, sent.last_started_at
        if started is not None and (before is None or started > before):
            return True
        return now - self._since >= _STEADY_AFTER_RESTART

    def _stalls(self, now: float) -> bool:
        stalls = now - self._since >= _STALLED_AFTER and not self._told_stall
        self._told_stall = self._told_stall or stalls
        return stalls


def status_error_text(instance: Instance) -> str | None:
    """Return what the service says is wrong with an instance; None while nothing is."""
    error = instance.status_error
    parts = [] if error is None else [part for part in (error.state, error.message) if part]
    return ": ".join(parts) or None
