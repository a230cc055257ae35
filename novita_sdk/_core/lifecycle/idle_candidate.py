"""An opted-in running instance while a pass judges it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import attrs

from novita_sdk._core.lifecycle.auto_stop_rules import AutoStopRules, StopDecision, why_not_now, why_now
from novita_sdk._core.lifecycle.decisions import DecisionVerdict
from novita_sdk._core.lifecycle.idle_signals import FAILING_AFTER, LastUsed, SignalAnswer
from novita_sdk._core.lifecycle.idleness import Instant, Watch
from novita_sdk._core.stores.answers import Lease
from novita_sdk.models.instance import Instance


@attrs.define(eq=False)
class Candidate:
    """One instance, and what is known of its use.

    Attributes:
        instance: The instance, as listed.
        watch: Its run.
        threshold: Idle seconds after which it is stopped.
        answers: What the signs of use said in this pass.
        was_loaded: Whether a sign that looks back over a window saw a use in it.
    """

    instance: Instance
    watch: Watch
    threshold: float
    answers: dict[str, SignalAnswer] = attrs.field(factory=dict[str, SignalAnswer])
    was_loaded: bool = False

    @property
    def unknown(self) -> str | None:
        """The first sign of use that said nothing."""
        return next((name for name, answer in self.answers.items() if answer.state == "unknown"), None)

    def take(self, answers: Mapping[str, SignalAnswer], now: Instant, *, momentary: bool) -> None:
        """Take what signs of use said.

        Args:
            answers: The answers.
            now: When they were given.
            momentary: Whether they tell of this moment only: then what is unknown counts as a use, since nobody will
                ever know.
        """
        for name, answer in answers.items():
            self.answers[name] = answer
            if answer.state == "active":
                self.watch.use(now.monotonic if answer.at is None else now.since(answer.at))
                self.was_loaded = self.was_loaded or not momentary
            if momentary and answer.state != "idle":
                at = now.wall if answer.at is None else min(answer.at, now.wall)
                self.watch.signs_used = max(at, self.watch.signs_used or at)
            if answer.state == "unknown":
                self.watch.unknown_since.setdefault(name, now.monotonic)
                if momentary:
                    self.watch.use(now.monotonic)
            else:
                self.watch.unknown_since.pop(name, None)
                self.watch.told_failing.discard(name)

    def newly_failing(self, monotonic: float) -> list[str]:
        """Return the signs of use that have said nothing for an hour, each of them once."""
        failing = [
            name
            for name, since in self.watch.unknown_since.items()
            if monotonic - since >= FAILING_AFTER and name not in self.watch.told_failing
        ]
        self.watch.told_failing.update(failing)
        return failing

    def why(self, rules: AutoStopRules, monotonic: float) -> str | None:
        """Return why it is to be stopped; None if it is not."""
        why = why_now(self.watch, self.threshold, rules, monotonic)
        return None if why == "idle" and (self.was_loaded or self.unknown is not None) else why

    def why_not(self, monotonic: float) -> str:
        """Return why it is left alone."""
        unknown = self.unknown
        return why_not_now(self.watch, monotonic) if unknown is None else f"signal_unknown:{unknown}"

    def decision(
        self,
        verdict: DecisionVerdict,
        reason: str,
        now: Instant,
        *,
        detail: str = "",
        warnings: tuple[str, ...] = (),
        lease: Lease | None = None,
    ) -> StopDecision:
        """Describe what was decided."""
        idle_for = now.monotonic - self.watch.idle_since
        unknown, used_at = self.unknown, self.watch.used_at
        was_used = used_at is not None and now.monotonic - used_at <= self.threshold
        signals = {name: answer.state for name, answer in self.answers.items()}
        return StopDecision(
            instance_id=self.instance.id,
            verdict=verdict,
            reason=reason,
            at=datetime.fromtimestamp(now.wall, UTC),
            detail=detail or ("" if unknown is None else self.answers[unknown].detail),
            warnings=warnings,
            holder=None if lease is None else lease.owner,
            fence=None if lease is None else lease.fence,
            idle_since=datetime.fromtimestamp(now.wall - idle_for, UTC),
            idle_for=idle_for,
            threshold=self.threshold,
            signals={LastUsed.name: "active" if was_used else "idle", **signals},
            run_start=datetime.fromtimestamp(self.watch.run, UTC),
        )
