# Generated from novita_sdk/_async/lifecycle/auto_stop_pass.py by tools/unasync.py; edit the source.
"""One pass of AutoStop: list, judge, ask, and only then stop."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from novita_sdk._concurrency.threads import gather
from novita_sdk._core.lifecycle.auto_stop_report import AutoStopResult
from novita_sdk._core.lifecycle.auto_stop_rules import DOWN, StopDecision, why_never
from novita_sdk._core.lifecycle.idle_candidate import Candidate
from novita_sdk._core.lifecycle.idle_signals import SignalAnswer
from novita_sdk._core.lifecycle.idleness import NO_MARKS, Instant, Marks, begin_watch, go_on, run_key
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.lifecycle.stop_records import operation_id_of
from novita_sdk._core.log_records import log
from novita_sdk._sync.lifecycle.auto_stop_books import AutoStopBooks
from novita_sdk._sync.lifecycle.auto_stop_parts import AutoStopParts
from novita_sdk._sync.lifecycle.auto_stop_reading import AutoStopReading, ListingError
from novita_sdk._sync.lifecycle.idle_stop import IdleStop, KnownStop
from novita_sdk.errors import (
    StaleFenceError,
    StoreUnavailableError,
)
from novita_sdk.models.instance import Instance

T = TypeVar("T")

_LOGGER = logging.getLogger("novita_sdk.lifecycle")

_JUMP: Final = 120.0  # seconds by which the wall clock may move against the monotonic one between two passes
_AT_ONCE: Final = 8  # questions side by side


class AutoStopPass:
    """One pass.

    Args:
        parts: What the passes share.
        dry_run: Whether nothing may be done or written.
        must_end: Tells it to begin nothing new.
    """

    def __init__(self, parts: AutoStopParts, *, dry_run: bool, must_end: Callable[[], bool]) -> None:
        self._parts = parts
        self._dry_run = dry_run
        self._must_end = must_end
        self._clock = parts.services.clock
        self._began = self._clock.monotonic()
        self._stop = IdleStop(parts, dry_run=dry_run, may_go_on=self._may_go_on)
        self._decisions: list[StopDecision] = []
        self._listed = self._checked = self._eligible = 0
        self._lease_lost = self._ended_early = False

    def run(self) -> AutoStopResult:
        """Make the pass.

        Raises:
            ConfigurationError: Events are to be sent, which needs the client to be inside `with`.
            StateStoreError: The store fails, other than by being away.
        """
        if not self._dry_run:
            self._parts.services.events.operation("autostop")  # refuses what could not be told later
        try:
            if self._clock_jumped():
                return self._result("clock_jump")
            if not self._dry_run and not self._parts.lease.acquire():
                return self._result("lease_held")
            try:
                self._work()
            finally:
                if not self._dry_run:
                    self._parts.lease.give_back()
        except StaleFenceError:
            self._lease_lost = True
        except StoreUnavailableError as error:
            return self._result("store_unavailable", error=error)
        except ListingError as failure:
            return self._result(error=failure.error)
        return self._result()

    def _work(self) -> None:
        marks = self._parts.records.load()
        stops = self._parts.records.stops()
        reading = AutoStopReading(self._parts, self._may_go_on, self._each)
        listed = reading.instances()
        if listed is None:
            return
        self._listed = len(listed)
        hidden = reading.hidden_environments(listed)
        candidates, down = self._judge(listed, marks, hidden=hidden)
        self._checked = len(candidates)
        if not self._dry_run:
            books = AutoStopBooks(self._parts, marks)
            books.settle(stops, listed)
            books.end_runs(down)
            books.begin_runs(candidates)
        known = {(record.instance_id, record.run): (record, version) for record, version in stops.values()}
        self._act(self._ask(candidates), known)
        if not self._lease_lost:
            fence = None if self._dry_run else self._parts.lease.lease
            self._parts.audit.record(self._decisions, dry_run=self._dry_run, fence=fence)

    # ---------------------------------------------------------------------------------- judging

    def _judge(
        self, listed: Sequence[Instance], marks: Mapping[str, Marks], *, hidden: bool
    ) -> tuple[list[Candidate], list[Instance]]:
        """Judge by what is known without asking.

        Returns:
            The opted-in running instances, still to be decided, and the opted-in ones that are down.
        """
        parts, memory, now = self._parts, self._parts.memory, self._parts.now()
        candidates: list[Candidate] = []
        down: list[Instance] = []
        with memory.lock:
            before, memory.watches = memory.watches, {}
            for instance in listed:
                kept = memory.environments.get(instance.id) if hidden else None
                if hidden and kept is None and parts.selection.asks_for_env(instance):
                    self._leave(instance, "tag_unknown", now)
                    continue
                chosen = parts.selection.verdict(instance, env=None if kept is None else kept[1])
                if chosen.reason == "tag_unreadable":
                    self._tell_tag(instance)
                if chosen.selected and instance.status in DOWN:
                    down.append(instance)
                never = why_never(instance, parts.rules) if chosen.selected else chosen.reason
                if never is not None:
                    self._leave(instance, never, now)
                    continue
                mark = marks.get(key_part(instance.id), NO_MARKS)
                watch = before.get(instance.id)
                if watch is None or watch.key != run_key(instance) or watch.ended_unseen(mark, now.wall):
                    watch = begin_watch(instance, mark, parts.rules.graces, now)
                else:
                    go_on(watch, mark, parts.rules.graces, now)
                memory.watches[instance.id] = watch
                candidates.append(Candidate(instance, watch, chosen.threshold or parts.rules.threshold))
        return candidates, down

    def _ask(self, candidates: Sequence[Candidate]) -> list[tuple[Candidate, str]]:
        """Ask the signs of use; return whom to stop, and why. The others are decided then."""
        rules, signals = self._parts.rules, self._parts.signals

        def ask_now(candidate: Candidate) -> None:
            self._take(candidate, signals.now(candidate.instance), momentary=True)

        def ask_before(candidate: Candidate) -> None:
            answers = signals.before(candidate.instance, candidate.threshold)
            self._take(candidate, answers, momentary=False)

        if signals.asks_now:
            began = self._clock.monotonic()
            beyond_grace = [
                one
                for one in candidates
                if one.watch.grace_until <= began and one.why(rules, began) != "max_lifetime"
            ]
            self._each(beyond_grace, ask_now, otherwise=_not_asked)
        if signals.looks_back:
            began = self._clock.monotonic()
            idle = [one for one in candidates if one.why(rules, began) == "idle"]
            self._each(idle, ask_before, otherwise=_not_asked)
        now = self._parts.now()
        due: list[tuple[Candidate, str]] = []
        for one in candidates:
            why = one.why(rules, now.monotonic)
            if why is None:
                self._decisions.append(one.decision("keep", one.why_not(now.monotonic), now))
            else:
                due.append((one, why))
        self._eligible = len(due)
        return due

    def _take(self, candidate: Candidate, answers: Mapping[str, SignalAnswer], *, momentary: bool) -> None:
        candidate.take(answers, self._parts.now(), momentary=momentary)
        if self._dry_run:
            return
        for name in candidate.newly_failing(self._clock.monotonic()):
            detail = candidate.answers[name].detail if name in candidate.answers else ""
            operation = operation_id_of(candidate.instance.id, candidate.watch.run)
            self._parts.services.events.operation(operation).send(
                "signal_failing",
                candidate.instance,
                step=name,
                reason=f"The sign of use {name} has said nothing for an hour, so the instance is not stopped",
                data={"signal": name, "detail": detail},
            )
        signs = candidate.watch.new_signs(self._parts.now())
        if signs is not None:
            fence = self._parts.lease.lease
            self._parts.records.remember_signs(candidate.instance.id, signs, fence=fence)
            candidate.watch.signs_noted = signs

    def _leave(self, instance: Instance, reason: str, now: Instant) -> None:
        self._decisions.append(
            StopDecision(instance_id=instance.id, verdict="keep", reason=reason, at=now.moment)
        )

    def _tell_tag(self, instance: Instance) -> None:
        told = self._parts.memory.told_tags
        if instance.id not in told:
            told.add(instance.id)
            log(
                _LOGGER,
                logging.WARNING,
                "the value of %(tag)s of %(resource_id)s is none of on, off, 45m, 2h, 900s (2 min or more): "
                "it is not stopped",
                tag=self._parts.selection.tag,
                resource_id=instance.id,
            )

    # ----------------------------------------------------------------------------------- acting

    def _act(self, due: Sequence[tuple[Candidate, str]], known: Mapping[tuple[str, int], KnownStop]) -> None:
        for candidate, why in due:
            if self._may_go_on():
                record = known.get((candidate.instance.id, candidate.watch.run))
                decision = self._stop.decide(candidate, why, record)
            else:
                decision = candidate.decision("keep", "not_reached", self._parts.now())
            self._decisions.append(decision)

    # ---------------------------------------------------------------------------------- the frame

    def _each(
        self,
        items: Sequence[T],
        ask: Callable[[T], None],
        *,
        otherwise: Callable[[T], None] | None = None,
    ) -> None:
        """Ask about some items at a time; for those that are not reached call `otherwise`."""
        for first in range(0, len(items), _AT_ONCE):
            some = items[first : first + _AT_ONCE]
            if self._may_go_on():
                gather(self._clock, [_bound(ask, item) for item in some])
            elif otherwise is not None:
                for item in some:
                    otherwise(item)

    def _may_go_on(self) -> bool:
        """Tell whether another action may begin."""
        self._ended_early = self._ended_early or self._must_end()
        if self._ended_early or self._lease_lost:
            return False
        if not self._dry_run:
            self._lease_lost = not self._parts.lease.keep()
        return not self._lease_lost

    def _clock_jumped(self) -> bool:
        now, memory = self._parts.now(), self._parts.memory
        ahead = now.wall - now.monotonic
        before, memory.wall_ahead = memory.wall_ahead, ahead
        return before is not None and abs(ahead - before) > _JUMP

    def _result(self, skipped_pass: str | None = None, *, error: Exception | None = None) -> AutoStopResult:
        kept = Counter(made.reason for made in self._decisions if made.verdict == "keep")
        failed = sum(made.verdict == "error" for made in self._decisions)
        done = 0 if self._dry_run else sum(made.verdict == "stop" for made in self._decisions)
        return AutoStopResult(
            total_checked=self._checked,
            eligible_for_stop=self._eligible,
            stopped=done,
            errors=failed + self._stop.overdue + (error is not None),
            execution_time=self._clock.monotonic() - self._began,
            listed=self._listed,
            skipped=dict(kept),
            dry_run=self._dry_run,
            skipped_pass=skipped_pass,
            lease_lost=self._lease_lost,
            ended_early=self._ended_early,
            decisions=tuple(self._decisions),
            error=error,
        )


def _not_asked(candidate: Candidate) -> None:
    candidate.answers["signals"] = SignalAnswer("unknown", detail="the pass ended before they were asked")


def _bound(ask: Callable[[T], None], item: T) -> Callable[[], None]:
    def call() -> None:
        ask(item)

    return call
