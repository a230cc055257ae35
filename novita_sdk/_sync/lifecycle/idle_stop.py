# Generated from novita_sdk/_async/lifecycle/idle_stop.py by tools/unasync.py; edit the source.
"""Stopping one idle instance: warn, ask, look again, write it down, stop."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, cast

import attrs

from novita_sdk._concurrency.threads import completed, shielded, within
from novita_sdk._core.lifecycle.auto_stop_rules import (
    DISKS_AT_RISK,
    HOOK_TIMEOUT,
    StopDecision,
    disks_at_risk,
    warned_at,
    why_never,
)
from novita_sdk._core.lifecycle.decisions import DecisionVerdict
from novita_sdk._core.lifecycle.idle_candidate import Candidate
from novita_sdk._core.lifecycle.idleness import run_key
from novita_sdk._core.lifecycle.stop_records import (
    STOP_TTL,
    StopRecord,
    StopState,
    next_step,
    operation_id_of,
)
from novita_sdk._core.log_records import log
from novita_sdk._sync.lifecycle.auto_stop_parts import AutoStopParts
from novita_sdk._sync.lifecycle.auto_stop_reading import READ
from novita_sdk.errors import (
    APIStatusError,
    LocalRejectionError,
    NotFoundError,
    NovitaError,
    ServerError,
    StateStoreError,
)
from novita_sdk.models.instance import Instance
from novita_sdk.options import CallOptions

_LOGGER = logging.getLogger("novita_sdk.lifecycle")


_STOP: Final = CallOptions(total_timeout=30.0)
_SHIELD: Final = 35.0  # seconds that a stop under way has left when the pass is cancelled

KnownStop = tuple[StopRecord, int]
"""The record of a stop, and its version."""


class IdleStop:
    """Stops instances that a pass found idle.

    Args:
        parts: What the passes share.
        dry_run: Whether nothing may be done or written.
        may_go_on: Tells whether another action may begin: the lease is held, and there is time.
    """

    def __init__(self, parts: AutoStopParts, *, dry_run: bool, may_go_on: Callable[[], bool]) -> None:
        self._parts = parts
        self._dry_run = dry_run
        self._may_go_on = may_go_on
        self._clock = parts.services.clock
        self.overdue = 0
        """Accepted stops that had no effect."""

    def decide(self, candidate: Candidate, why: str, known: KnownStop | None) -> StopDecision:
        """Stop an instance, or say why not.

        Args:
            candidate: The instance.
            why: Why it is to be stopped.
            known: The record of a stop of the same run.
        """
        step = next_step(None if known is None else known[0], self._clock.time())
        if step in {"under_way", "accepted"}:
            return self._decided(candidate, "keep", f"stop_{step}")
        if step == "overdue":
            self.overdue += 1
            if candidate.watch.key is None:
                return self._begin_run(candidate, known)
        at_risk = self._parts.rules.data_loss != "accept" and disks_at_risk(candidate.instance)
        if at_risk and self._parts.rules.data_loss == "refuse":
            return self._decided(candidate, "keep", "data_loss_refused", detail=DISKS_AT_RISK)
        planned = self._decided(candidate, "stop", why, warnings=(DISKS_AT_RISK,) if at_risk else ())
        waiting = self._warned(candidate, planned)
        if waiting is not None or self._dry_run:
            return waiting or planned
        hindrance = self._asked(candidate.instance, planned) or self._changed(candidate, why)
        if hindrance is not None:
            verdict, reason, detail = hindrance
            return attrs.evolve(planned, verdict=verdict, reason=reason, detail=detail)
        if not self._may_go_on():
            return attrs.evolve(planned, verdict="keep", reason="not_reached")
        with shielded(self._clock, _SHIELD):
            return self._stop(candidate, planned, known)
        return attrs.evolve(planned, verdict="error", reason="stop_failed", detail="it took too long")

    # ---------------------------------------------------------------------------------- the warning

    def _warned(self, candidate: Candidate, planned: StopDecision) -> StopDecision | None:
        """Warn, or wait until the warning is old enough; None if the stop may come."""
        delay = self._parts.rules.warn_before
        if not delay:
            return None
        watch, now = candidate.watch, self._parts.now()
        warned = warned_at(watch, planned.reason, self._parts.rules)
        if warned is not None:
            if now.monotonic - warned >= delay:
                return None
            return attrs.evolve(planned, verdict="keep", reason="warned")
        if not self._dry_run:
            if not self._may_go_on():
                return attrs.evolve(planned, verdict="keep", reason="not_reached")
            self._parts.records.remember_run(
                candidate.instance.id,
                first_seen=float(watch.run) if watch.from_sight else None,
                warned_at=now.wall,
                warned_run=watch.run,
                fence=self._parts.lease.lease,
            )
            watch.warn(now.monotonic, now.wall)
            self._tell(
                "auto_stop_warning",
                candidate,
                step=str(int(now.wall)),
                stop_at=datetime.fromtimestamp(now.wall + delay, UTC),
                signals=dict(planned.signals),
            )
        return attrs.evolve(planned, verdict="warn")

    # ------------------------------------------------------------------------------------ the doubts

    def _asked(self, instance: Instance, planned: StopDecision) -> tuple[DecisionVerdict, str, str] | None:
        """Ask the user's hook; return what keeps the instance running."""
        hook = self._parts.pre_stop
        if hook is None:
            return None

        def ask() -> object:
            return completed(hook(instance, planned))

        began = self._clock.monotonic()
        try:
            answer = within(self._clock, HOOK_TIMEOUT, ask)
        except Exception as error:  # noqa: BLE001 - what failed there forbids the stop; it is told
            return "error", "pre_stop_failed", f"{type(error).__name__}: {error}"
        if self._clock.monotonic() - began > HOOK_TIMEOUT:  # a thread cannot be ended from outside
            return "error", "pre_stop_failed", f"answered after more than {HOOK_TIMEOUT:g} s"
        return ("keep", "vetoed", "") if answer is False else None

    def _changed(self, candidate: Candidate, why: str) -> tuple[DecisionVerdict, str, str] | None:
        """Look again; return what has changed since the pass began."""
        try:
            fresh = self._parts.instances.get(candidate.instance.id, options=READ)
        except NotFoundError:
            return "keep", "gone", ""
        except NovitaError as error:
            return "error", "read_failed", f"{type(error).__name__}: {error}"
        never = why_never(fresh, self._parts.rules)
        if never is not None:
            return "keep", never, ""
        key = run_key(fresh)
        if key is not None and candidate.watch.key is not None and key != candidate.watch.key:
            return "keep", "restarted", ""
        left = self._left(candidate, fresh)
        if left is not None:
            return "keep", left, ""
        version = self._parts.records.use_version(fresh.id)
        unused = version == candidate.watch.use_version
        is_due = candidate.why(self._parts.rules, self._clock.monotonic()) is not None
        return None if is_due and (unused or why != "idle") else ("keep", "in_use", "")

    def _left(self, candidate: Candidate, fresh: Instance) -> str | None:
        """Return why an instance is opted out by now; None if it is not."""
        parts, listed = self._parts, candidate.instance
        now: Instance = fresh if fresh.name else attrs.evolve(cast("Any", fresh), name=listed.name)
        chosen = parts.selection.verdict(now)
        if not chosen.selected:
            return chosen.reason
        candidate.threshold = chosen.threshold or parts.rules.threshold
        return None

    # -------------------------------------------------------------------------------------- the stop

    def _stop(self, candidate: Candidate, planned: StopDecision, known: KnownStop | None) -> StopDecision:
        records, instance = self._parts.records, candidate.instance
        record = StopRecord(
            instance_id=instance.id,
            run=candidate.watch.run,
            state="sent",
            at=self._clock.time(),
            idle=max(0.0, planned.idle_for or 0.0),
            threshold=candidate.threshold,
        )
        fence = self._parts.lease.lease
        version = records.claim_stop(record, None if known is None else known[1], ttl=STOP_TTL, fence=fence)
        if version is None:
            return attrs.evolve(planned, verdict="keep", reason="stop_under_way")
        try:
            self._parts.instances.stop(instance.id, notify=False, options=_STOP)
        except NovitaError as error:
            if _is_certain(error):
                records.write_stop(self._now(record, "failed"), version, ttl=STOP_TTL)
            told = f"{type(error).__name__}: {error}"
            return attrs.evolve(planned, verdict="error", reason="stop_failed", detail=told)
        self._parts.memory.stopped_total += 1
        log(
            _LOGGER,
            logging.WARNING if planned.warnings else logging.INFO,
            "AutoStop stopped %(resource_id)s (%(reason)s), idle for %(idle).0f s%(warnings)s",
            resource_id=instance.id,
            reason=planned.reason,
            idle=record.idle,
            warnings="".join(f"; {warning}" for warning in planned.warnings),
        )
        try:
            records.write_stop(self._now(record, "accepted"), version, ttl=STOP_TTL)
        except StateStoreError as error:  # the stop is made: that must not read as a failure
            log(
                _LOGGER,
                logging.ERROR,
                "the stop of %(resource_id)s could not be recorded: %(error)s",
                resource_id=instance.id,
                error=type(error).__name__,
            )
        data = {"warnings": list(planned.warnings)} if planned.warnings else None
        self._tell("auto_stopping", candidate, data=data)
        return planned

    def _begin_run(self, candidate: Candidate, known: KnownStop | None) -> StopDecision:
        """Take an instance that runs although its stop was accepted for one that was started again since."""
        if not self._dry_run and known is not None:
            self._parts.records.remember_run(
                candidate.instance.id, was_down=True, fence=self._parts.lease.lease
            )
            self._parts.records.forget_stop(known[0].key, known[1])
            self._parts.memory.watches.pop(candidate.instance.id, None)
        return self._decided(candidate, "keep", "restarted")

    def _tell(self, kind: str, candidate: Candidate, *, step: str = "", **words: object) -> None:
        operation = operation_id_of(candidate.instance.id, candidate.watch.run)
        self._parts.services.events.operation(operation).send(
            kind,
            candidate.instance,
            step=step,
            idle=max(0.0, self._clock.monotonic() - candidate.watch.idle_since),
            threshold=candidate.threshold,
            **words,
        )

    def _now(self, record: StopRecord, state: StopState) -> StopRecord:
        return attrs.evolve(record, state=state, at=self._clock.time())

    def _decided(
        self,
        candidate: Candidate,
        verdict: DecisionVerdict,
        reason: str,
        *,
        detail: str = "",
        warnings: tuple[str, ...] = (),
    ) -> StopDecision:
        return candidate.decision(
            verdict,
            reason,
            self._parts.now(),
            detail=detail,
            warnings=warnings,
            lease=None if self._dry_run else self._parts.lease.lease,
        )


def _is_certain(error: NovitaError) -> bool:
    """Tell whether a failed stop certainly had no effect."""
    refused = isinstance(error, APIStatusError) and not isinstance(error, ServerError)
    return refused or isinstance(error, LocalRejectionError)
