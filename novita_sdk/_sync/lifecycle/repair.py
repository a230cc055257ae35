# Generated from novita_sdk/_async/lifecycle/repair.py by tools/unasync.py; edit the source.
"""Making an instance anew whose move failed, step by step, so that any later pass can go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from novita_sdk._core.lifecycle.decisions import Decision
from novita_sdk._core.lifecycle.intents import PREFIX as INTENT_PREFIX
from novita_sdk._core.lifecycle.intents import read_intent
from novita_sdk._core.lifecycle.migration_jobs import MoveVerdict
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.lifecycle.repairs import (
    MAX_COPIES,
    RECORD_TTL,
    REPAIR_PREFIX,
    Phase,
    RepairRecord,
    Step,
    next_step,
    repair_operation_id,
    time_left,
)
from novita_sdk._sync.lifecycle.migration_turn import MigrationTurn
from novita_sdk._sync.lifecycle.recreate import LEAVING, Recreation, is_refusal, read_or_none
from novita_sdk._sync.lifecycle.succession import carry_over, name_successor
from novita_sdk._sync.services import Services
from novita_sdk.errors import (
    CapacityError,
    DuplicateCreateError,
    NovitaError,
    OperationConflictError,
    StateStoreError,
    ValidationError,
    WaitFailedError,
    WaitTimeoutError,
)
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON

if TYPE_CHECKING:
    from novita_sdk._core.lifecycle.probes import Ready
    from novita_sdk._core.webhooks.notify import Notify
    from novita_sdk._sync.lifecycle.instances import Instances

MoveLook: TypeAlias = Callable[[str], MoveVerdict]
"""Tells how the move of an instance stands now."""

_LOOK_EVERY: Final = 10.0  # seconds between two looks at a copy that is coming up
_PROBE_SECONDS: Final = 20.0  # of one look that also probes: the lease is kept in between
_APPEARS_IN: Final = 60.0  # seconds in which a new copy can be read
_FAILED_COPY: Final = frozenset({"gone", InstanceStatus.EXITED, *LEAVING})

# the verdict and event at the end of a repair; None where the decision is not an end
_ENDS: Final[Mapping[Phase, tuple[Literal["act", "error"], str]]] = {
    "done": ("act", "repair_completed"),
    "recovered": ("act", "repair_failed"),
    "failed": ("error", "repair_failed"),
    "blocked": ("error", "repair_failed"),
}


class MoveRepair:
    """The steps of repairs in one pass.

    A copy is deleted only if it cannot take the place of the original; the original only if the copy runs and the
    move still counts as failed.

    Args:
        instances: The client's instances.
        services: What the client shares.
        turn: The pass.
        look: Tells how a move stands now.
        ready: What must answer in a copy; None for nothing.
        notify: Who is told.
    """

    def __init__(
        self,
        instances: Instances,
        services: Services,
        turn: MigrationTurn,
        look: MoveLook,
        *,
        ready: Ready | None,
        notify: Notify,
    ) -> None:
        self._instances = instances
        self._services = services
        self._turn = turn
        self._look = look
        self._ready: Ready | None = ready
        self._notify: Notify = notify
        self._recreation = Recreation(instances, services)
        self._steps: Mapping[Step, Callable[[RepairRecord], RepairRecord | Decision]] = {
            "begin": self._begin,
            "create": self._create,
            "verify": self._verify,
            "replace": self._replace,
            "drop": self._drop,
        }

    def rehearse(self, instance: Instance, reason: str) -> Decision:
        """Tell what would be done about a failed move; reads only."""
        try:
            plan = self._recreation.plan(self._instances.get(instance.id))
            self._recreation.offered(plan, "", allow_substitute=self._turn.terms.allow_substitute)
        except NovitaError as error:
            return self._cannot(instance.id, error)
        return self._turn.decided(instance.id, "act", "dry_run", f"{reason}; it would be made anew")

    def go_on(self, record: RepairRecord) -> Decision:
        """Take one step after the other until the repair is over or this pass is.

        Raises:
            StateStoreError: The store fails.
        """
        turn = self._turn
        while True:
            step = next_step(record, turn.now.timestamp(), turn.terms.rules.cooldown)
            if step == "rest":
                return self._ended(record)
            if not turn.may_go_on():
                return self._later(record)
            try:
                outcome = self._steps[step](record)
            except StateStoreError:
                raise
            except NovitaError as error:
                return self._failed(record, error)
            if isinstance(outcome, Decision):
                return outcome
            self.write(outcome)
            record = outcome

    def write(self, record: RepairRecord) -> None:
        """Write the record of a repair.

        Raises:
            StateStoreError: The store fails, or somebody else took over.
        """
        self._turn.write(REPAIR_PREFIX + key_part(record.job), record.written(), RECORD_TTL)

    # ---------------------------------------------------------------------------------- the steps

    def _begin(self, record: RepairRecord) -> RepairRecord | Decision:
        attempt = record.attempt + 1
        operation_id = repair_operation_id(self._services.account, record.original, record.job, attempt)
        original = self._instances.get(record.original)
        try:
            plan = self._recreation.plan(original)
            substitutes = self._turn.terms.allow_substitute
            plan = self._recreation.offered(plan, operation_id, allow_substitute=substitutes)
        except (ValidationError, CapacityError) as error:
            return self._cannot(record.original, error)
        fresh = RepairRecord(
            job=record.job,
            original=record.original,
            attempt=attempt,
            operation_id=operation_id,
            product_id=plan.product_id,
        )
        begun = self._entered(fresh, "validated")
        self.write(begun)  # before the first event, which a later pass would repeat
        self._send("repair_started", begun)
        return begun

    def _create(self, record: RepairRecord) -> RepairRecord | Decision:
        operation_id = record.operation_id or ""
        original = read_or_none(self._instances, record.original)
        if original is None:
            return self._without_original(record)
        try:
            plan = (self._recreation.plan(original)).changed(product_id=record.product_id)
            created = self._recreation.create(plan, operation_id, self._notify)
        except CapacityError as error:  # nothing was made, and the next pass may try
            self.write(self._entered(attrs.evolve(record, attempt=record.attempt - 1), "told", str(error)))
            return self._cannot(record.original, error)
        except DuplicateCreateError as error:
            return self._entered(record, "blocked", f"{error}: {', '.join(error.ids)}; none was touched")
        except OperationConflictError:  # the original has changed since: what was made then is the copy
            known = self._known_copy(record)
            if known is None:
                raise
            return known
        except NovitaError as error:
            if not is_refusal(error) and not isinstance(error, ValidationError):
                raise
            return self._entered(record, "failed", f"the create of the copy was refused: {error}")
        now = self._turn.now.timestamp()
        return self._entered(attrs.evolve(record, copy=created.id, created=now), "created")

    def _without_original(self, record: RepairRecord) -> RepairRecord:
        """Go on where the original vanished before the answer to the create was known."""
        last = attrs.evolve(record, attempt=MAX_COPIES)
        return self._known_copy(record) or self._entered(
            last, "failed", "the original is gone, and nothing shows a copy of it"
        )

    def _known_copy(self, record: RepairRecord) -> RepairRecord | None:
        """Return the record with the copy that the journal of creates knows; None if it knows none."""
        entry = self._services.store.get(f"{INTENT_PREFIX}{record.operation_id}")
        intent = None if entry is None else read_intent(entry.value, entry.key)
        if intent is None or not intent.fulfilled:
            return None
        return self._entered(attrs.evolve(record, copy=intent.resource_id), "created")

    def _verify(self, record: RepairRecord) -> RepairRecord | Decision:
        copy_id = _copy_of(record)
        while True:
            left = time_left(record, self._turn.now.timestamp())
            fault = "the copy was not there in time" if left <= 0 else None
            try:
                if fault is None and self._is_up(copy_id, record, left):
                    return self._entered(record, "verified")
            except WaitFailedError as error:
                fault = str(error)
            if fault is not None:
                return self._entered(attrs.evolve(record, after_drop="failed"), "dropping", fault)
            self._services.clock.sleep(_LOOK_EVERY)
            if not self._turn.may_go_on():
                return self._later(record)

    def _is_up(self, copy_id: str, record: RepairRecord, left: float) -> bool:
        """Tell whether a copy runs, and answers if that is wanted.

        Raises:
            WaitFailedError: It never will.
        """
        copy = read_or_none(self._instances, copy_id)
        age = self._turn.now.timestamp() - (record.created or 0.0)
        status = "gone" if copy is None else str(copy.status)
        if status in _FAILED_COPY and (copy is not None or age >= _APPEARS_IN):
            raise WaitFailedError(f"the copy is {status}", resource_id=copy_id, last_seen=status)
        if status != InstanceStatus.RUNNING:
            return False
        if self._ready is not None:
            try:
                self._instances.wait(copy_id, ready=self._ready, timeout=min(left, _PROBE_SECONDS))
            except WaitTimeoutError:
                return False
        return True

    def _replace(self, record: RepairRecord) -> RepairRecord | Decision:
        original = self._original(record)
        if original is None:
            return self._taken_over(record, "the original is gone")
        if original.status != InstanceStatus.MIGRATING:
            reason = f"the original is {original.status} by itself"
            return self._entered(attrs.evolve(record, after_drop="recovered"), "dropping", reason)
        verdict = self._look(record.original)
        if verdict.move != "failed":
            reason = f"the move of the original does not count as failed any more: {verdict.reason}"
            return self._entered(attrs.evolve(record, after_drop="recovered"), "dropping", reason)
        copy = read_or_none(self._instances, _copy_of(record))  # the pass that saw it run may be long ago
        if copy is None or copy.status != InstanceStatus.RUNNING:
            reason = f"the copy is {'gone' if copy is None else copy.status}"
            return self._entered(attrs.evolve(record, after_drop="failed"), "dropping", reason)
        pending = self._entered(record, "delete_pending")
        self.write(pending)
        if not self._turn.may_go_on():
            return self._later(pending)
        carry_over(self._services, record.original, _copy_of(record))
        removal = self._recreation.remove(record.original, self._turn.may_go_on)
        if removal.outcome == "unknown":
            raise removal.error or NovitaError(f"nothing tells whether {record.original} was deleted")
        if removal.outcome == "refused" and self._original(record) is not None:
            reason = f"the original could not be deleted: {removal.words}"
            return self._entered(attrs.evolve(pending, after_drop="blocked"), "dropping", reason)
        return self._taken_over(pending, f"{record.copy} has taken the place of {record.original}")

    def _taken_over(self, record: RepairRecord, reason: str) -> RepairRecord:
        carry_over(self._services, record.original, _copy_of(record))
        name_successor(self._services, record.original, _copy_of(record))
        return self._entered(record, "done", reason)

    def _drop(self, record: RepairRecord) -> RepairRecord | Decision:
        if self._original(record) is None:
            return self._taken_over(record, "the original is gone, so the copy is kept")
        removal = self._recreation.remove(_copy_of(record), self._turn.may_go_on)
        if removal.outcome != "gone":
            raise removal.error or NovitaError(f"nothing tells whether {record.copy} was deleted")
        return self._entered(record, record.after_drop or "failed", record.reason)

    def _original(self, record: RepairRecord) -> Instance | None:
        """Read the original; None if it is gone or about to be."""
        original = read_or_none(self._instances, record.original)
        return None if original is None or original.status in LEAVING else original

    # ------------------------------------------------------------------------------- what is told

    def _entered(self, record: RepairRecord, phase: Phase, reason: str = "") -> RepairRecord:
        return record.entered(phase, self._turn.now.timestamp(), reason)

    def _ended(self, record: RepairRecord) -> Decision:
        verdict, kind = _ENDS[record.phase]
        self._send(kind, record)
        return self._turn.decided(record.original, verdict, record.phase, _told(record))

    def _later(self, record: RepairRecord) -> Decision:
        return self._turn.decided(record.original, "keep", "later", _told(record))

    def _failed(self, record: RepairRecord, error: NovitaError) -> Decision:
        self._turn.error = error
        return self._turn.decided(record.original, "error", record.phase, f"{_told(record)}; {error}")

    def _cannot(self, instance_id: str, error: NovitaError) -> Decision:
        reason = "no_capacity" if isinstance(error, CapacityError) else "cannot_repair"
        return self._turn.decided(instance_id, "warn", reason, str(error))

    def _send(self, kind: str, record: RepairRecord) -> None:
        events = self._services.events.operation(record.operation_id or record.job, self._notify)
        words: dict[str, JSON] = {"data": {"copy": record.copy}}
        if kind == "repair_failed":
            words["error"] = record.reason
        events.send(kind, record.original, **words)


def _copy_of(record: RepairRecord) -> str:
    if record.copy is None or record.copy == record.original:  # what is deleted must be what was made here
        raise StateStoreError(f"the record of job {record.job} names no copy", key=REPAIR_PREFIX + record.job)
    return record.copy


def _told(record: RepairRecord) -> str:
    copy = "no copy yet" if record.copy is None else f"copy {record.copy}"
    reason = f": {record.reason}" if record.reason else ""
    return f"repair of {record.original} ({copy}) is in the phase {record.phase}{reason}"
