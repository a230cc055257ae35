# Generated from novita_sdk/_async/lifecycle/auto_stop_pass.py by tools/unasync.py; edit the source.
"""One pass of AutoStop: list, judge, ask, and only then stop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from novita_sdk._concurrency.threads import Lock, gather
from novita_sdk._core.lifecycle.auto_stop_report import AutoStopResult
from novita_sdk._core.lifecycle.auto_stop_rules import (
    AutoStopRules,
    StopDecision,
    why_never,
    why_not_now,
    why_now,
)
from novita_sdk._core.lifecycle.idle_signals import SignalAnswer
from novita_sdk._core.lifecycle.idleness import NO_MARKS, Instant, Marks, Watch, begin_watch, go_on, run_key
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.lifecycle.selection import InstanceSelection
from novita_sdk._core.log_records import log
from novita_sdk._sync.lifecycle.audit import AuditTrail
from novita_sdk._sync.lifecycle.held_lease import HeldLease
from novita_sdk._sync.lifecycle.idle_records import IdleRecords
from novita_sdk._sync.lifecycle.idle_stop import Candidate
from novita_sdk._sync.lifecycle.signal_round import SignalRound
from novita_sdk._sync.services import Services
from novita_sdk.errors import NovitaError, PagingError, StoreUnavailableError
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._sync.resources.gpu_instances import GpuInstances

_LOGGER = logging.getLogger("novita_sdk.lifecycle")

_READ: Final = CallOptions(priority="poll", cache="bypass")
_JUMP: Final = 120.0  # seconds between wall and monotonic time that make a pass unsafe
_AT_ONCE: Final = 8  # questions side by side
_MOST_GETS: Final = 50  # a pass, for environments that the list hides
_ENV_KEPT: Final = 3600.0  # seconds
_DOWN: Final = frozenset(
    {
        InstanceStatus.EXITED,
        InstanceStatus.TO_REMOVE,
        InstanceStatus.REMOVING,
        InstanceStatus.REMOVED,
    }
)


class Memory:
    """What an AutoStop remembers from pass to pass; all of it can be lost."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.watches: dict[str, Watch] = {}
        self.environments: dict[str, tuple[float, dict[str, str]]] = {}
        self.told_tags: set[str] = set()
        self.ahead: float | None = None  # how far the wall clock was ahead of the monotonic one
        self.stopped_total = 0


@attrs.frozen(kw_only=True)
class AutoStopParts:
    """What the passes of one AutoStop share."""

    services: Services
    instances: GpuInstances
    rules: AutoStopRules
    selection: InstanceSelection
    signals: SignalRound
    records: IdleRecords
    lease: HeldLease
    audit: AuditTrail[StopDecision]
    pre_stop: Callable[[Instance, StopDecision], object] | None
    memory: Memory


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
        self._decisions: list[StopDecision] = []
        self._lease_lost = False
        self._ended_early = False

    def run(self) -> AutoStopResult:
        """Make the pass."""
        try:
            if self._clock_jumped():
                return self._skipped("clock_jump")
            if self._dry_run:
                return self._work()
            if not self._parts.lease.acquire():
                return self._skipped("lease_held")
            try:
                return self._work()
            finally:
                self._release()
        except StoreUnavailableError as error:
            return attrs.evolve(self._skipped("store_unavailable"), error=error)

    def _work(self) -> AutoStopResult:
        marks = self._parts.records.load()
        stops = self._parts.records.stops()
        try:
            listed = self._list()
        except NovitaError as error:
            return self._result(errors=1, error=error)
        if self._lease_lost:
            return self._result(listed=len(listed))
        self._read_environments(listed)
        now = self._now()
        candidates = self._judge(listed, marks, now)
        checked = len(candidates)
        self._keep_books(listed, candidates, marks, stops)
        due = self._ask(candidates)
        stopped = self._act(due, stops)
        if not self._lease_lost:
            self._parts.audit.record(self._decisions, dry_run=self._dry_run)
        return self._result(
            listed=len(listed), total_checked=checked, eligible_for_stop=len(due), stopped=stopped
        )

    # ---------------------------------------------------------------------------------- reading

    def _list(self) -> list[Instance]:
        """Return all instances; a listing that may lack some raises."""
        pager = self._parts.instances.list(options=_READ)
        found: dict[str, Instance] = {}
        for page in pager.pages():
            found.update((instance.id, instance) for instance in page.items)
            if not self._may_go_on():
                return list(found.values())
        if not pager.complete:
            raise PagingError("the list of instances is incomplete, so nothing was stopped")
        return list(found.values())

    def _read_environments(self, listed: Sequence[Instance]) -> None:
        """Read the environment of instances whose tag is wanted, if the list hides all environments."""
        selection, kept = self._parts.selection, self._parts.memory.environments
        if selection.tag is None or any(instance.envs for instance in listed):
            return
        now = self._clock.monotonic()
        wanted = [
            instance.id
            for instance in listed
            if instance.status == InstanceStatus.RUNNING
            and selection.asks_for_env(instance)
            and (instance.id not in kept or now - kept[instance.id][0] >= _ENV_KEPT)
        ]
        for some in _chunks(wanted[:_MOST_GETS]):
            if not self._may_go_on():
                return
            gather(self._clock, [lambda name=name: self._read_environment(name) for name in some])

    def _read_environment(self, instance_id: str) -> None:
        try:
            found = self._parts.instances.get(instance_id, options=_READ)
        except NovitaError as error:
            log(
                _LOGGER,
                logging.WARNING,
                "AutoStop could not read the tag of %(resource_id)s: %(error)s",
                resource_id=instance_id,
                error=f"{type(error).__name__}: {error}",
            )
            return
        self._parts.memory.environments[instance_id] = (self._clock.monotonic(), found.env)

    # ---------------------------------------------------------------------------------- judging

    def _judge(self, listed: Sequence[Instance], marks: dict[str, Marks], now: Instant) -> list[Candidate]:
        """Judge all instances by what is known so far; the decision of each candidate is still open."""
        parts, memory = self._parts, self._parts.memory
        hidden = parts.selection.tag is not None and not any(instance.envs for instance in listed)
        candidates: list[Candidate] = []
        with memory.lock:
            before, memory.watches = memory.watches, {}
            for instance in listed:
                env = memory.environments.get(instance.id) if hidden else None
                if hidden and env is None and parts.selection.asks_for_env(instance):
                    self._keep(instance, "tag_unknown", now)
                    continue
                chosen = parts.selection.verdict(instance, env=None if env is None else env[1])
                if chosen.reason == "tag_unreadable":
                    self._tell_tag(instance)
                never = why_never(instance, parts.rules) if chosen.selected else chosen.reason
                if never is not None:
                    self._keep(instance, never, now)
                    continue
                mark = marks.get(key_part(instance.id), NO_MARKS)
                watch = before.get(instance.id)
                if watch is None or watch.key != run_key(instance):
                    watch = begin_watch(instance, mark, parts.rules.graces, now)
                else:
                    go_on(watch, mark, parts.rules.graces, now)
                memory.watches[instance.id] = watch
                threshold = chosen.threshold or parts.rules.threshold
                candidates.append(Candidate(instance, watch, threshold))
        return candidates

    def _ask(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Ask the signs of use, and return those that are to be stopped; the others are decided."""
        signals, rules = self._parts.signals, self._parts.rules
        monotonic = self._clock.monotonic()
        asked = [
            candidate
            for candidate in candidates
            if signals.asks_now
            and candidate.watch.grace_until <= monotonic
            and why_now(candidate.watch, candidate.threshold, rules, monotonic) != "max_lifetime"
        ]
        self._ask_all(asked, lambda candidate: signals.now(candidate.instance), momentary=True)
        idle = [
            candidate
            for candidate in candidates
            if signals.looks_back and not candidate.unknown and self._why(candidate) == "idle"
        ]
        self._ask_all(
            idle,
            lambda candidate: signals.before(candidate.instance, candidate.threshold),
            momentary=False,
        )
        due: list[Candidate] = []
        for candidate in candidates:
            why = self._why(candidate)
            if why is None or (why == "idle" and candidate.unknown):
                self._decide(candidate, self._why_not(candidate))
            else:
                candidate.why = why
                due.append(candidate)
        return due

    def _ask_all(self, candidates: Sequence[Candidate], ask: Any, *, momentary: bool) -> None:
        for some in _chunks(candidates):
            if not self._may_go_on():
                for candidate in some:
                    candidate.answers["signals"] = SignalAnswer("unknown", detail="not asked in time")
                continue
            answers = gather(self._clock, [lambda one=one: ask(one) for one in some])
            for candidate, answered in zip(some, answers, strict=True):
                candidate.take(answered, self._now(), momentary=momentary)
                self._tell_failing(candidate)

    def _why(self, candidate: Candidate) -> str | None:
        return why_now(candidate.watch, candidate.threshold, self._parts.rules, self._clock.monotonic())

    def _why_not(self, candidate: Candidate) -> str:
        if candidate.unknown:
            return f"signal_unknown:{candidate.unknown[0]}"
        return why_not_now(candidate.watch, self._clock.monotonic())
