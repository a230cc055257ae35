# Generated from novita_sdk/_async/lifecycle/repair_pass.py by tools/unasync.py; edit the source.
"""The second part of a pass of the migration checker: instances whose move failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from novita_sdk._core.lifecycle.decisions import Decision, DecisionVerdict
from novita_sdk._core.lifecycle.migration_jobs import (
    LOOK_BACK,
    MIGRATION_TYPES,
    MoveVerdict,
    judge_move,
)
from novita_sdk._core.lifecycle.migration_report import RepairResult
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.lifecycle.repairs import REPAIR_PREFIX, UNFINISHED, RepairRecord, next_step
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._sync.lifecycle.migration_turn import FRESH, MigrationTurn
from novita_sdk._sync.lifecycle.repair import MoveRepair
from novita_sdk._sync.services import Services
from novita_sdk.errors import NovitaError, PagingError, StateStoreError
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.models.job import Job

if TYPE_CHECKING:
    from novita_sdk._core.webhooks.notify import Notify
    from novita_sdk._sync.resources.jobs import Jobs


def migration_jobs(jobs: Jobs, turn: MigrationTurn) -> list[Job]:
    """Read all jobs of the last day that move instances.

    There is no upper limit of time: a server whose clock is ahead must not hide its newest job, as an older one
    would then decide.

    Raises:
        PagingError: The list was not complete, so that the newest job may be missing.
        NovitaError: No host answers.
    """
    found: list[Job] = []
    for kind in MIGRATION_TYPES:
        pager = jobs.query(
            type=kind, start_time=turn.now - LOOK_BACK, page_size=DEFAULT_PAGE_SIZE, options=FRESH
        )
        found += pager.collect()
        if not pager.complete:
            raise PagingError(
                f"the list of {kind} jobs was not complete, so nothing tells which is the newest"
            )
        if pager.problems:
            raise PagingError(
                f"{len(pager.problems)} {kind} jobs cannot be read, so nothing tells which is the newest"
            )
    return found


class RepairPass:
    """Tells of failed moves, and makes instances anew that were opted in.

    Args:
        repair: The steps of a repair.
        jobs: The client's jobs.
        services: What the client shares.
        turn: The pass.
        notify: Who is told.
    """

    def __init__(
        self,
        repair: MoveRepair,
        jobs: Jobs,
        services: Services,
        turn: MigrationTurn,
        notify: Notify,
    ) -> None:
        self._repair = repair
        self._jobs = jobs
        self._services = services
        self._turn = turn
        self._notify = notify
        self._result = RepairResult()

    def run(self, listed: Sequence[Instance]) -> RepairResult:
        """Look at every instance in the middle of a move, and go on with what earlier passes began.

        Args:
            listed: All instances of the account.

        Returns:
            What was found and done; also if the pass ended early.
        """
        if self._turn.terms.repair == "off" or self._turn.broken:
            return self._result
        began = self._services.clock.monotonic()
        try:
            self._look(listed)
        except StateStoreError as error:
            self._turn.store_failed(error)
            self._count("errors")
        except NovitaError as error:
            self._turn.error = error
            self._count("errors")
        took = self._services.clock.monotonic() - began
        return attrs.evolve(self._result, execution_time=took)

    def _look(self, listed: Sequence[Instance]) -> None:
        migrating = [instance for instance in listed if instance.status == InstanceStatus.MIGRATING]
        self._result = attrs.evolve(self._result, total_checked=len(migrating))
        unfinished = self._unfinished()
        if not migrating and not unfinished:
            return
        jobs = migration_jobs(self._jobs, self._turn)
        by_id = {instance.id: instance for instance in listed}
        for record in unfinished.values():
            self._add(self._go_on(record, by_id.get(record.original)))
        for instance in migrating:
            verdict = judge_move(jobs, instance.id, self._turn.now)
            if verdict.move == "failed":
                self._count("failed_jobs_found")
            if instance.id not in unfinished:
                self._add(self._judge(instance, verdict))

    def _judge(self, instance: Instance, verdict: MoveVerdict) -> Decision:
        turn, job = self._turn, verdict.job
        if verdict.move != "failed" or job is None:
            loudness: DecisionVerdict = "warn" if verdict.move == "stuck" else "keep"
            return turn.decided(instance.id, loudness, verdict.move, verdict.reason)
        record = self._record(job)
        obstacle = self._obstacle(instance)
        if not turn.dry_run and record is None:
            record = self._tell(instance, job, verdict, planned=obstacle is None)
        record = record or RepairRecord(job=job.id, original=instance.id)
        if next_step(record, turn.now.timestamp(), turn.terms.rules.cooldown) == "rest":
            return turn.decided(instance.id, "keep", record.phase, record.reason)
        if obstacle is not None:
            return turn.decided(instance.id, "warn", "consent_needed", f"{verdict.reason}; {obstacle}")
        if turn.dry_run:
            return self._repair.rehearse(instance, verdict.reason)
        if not turn.take_action():
            return turn.decided(instance.id, "keep", "later", "no action is left in this pass")
        return self._repair.go_on(record)

    def _go_on(self, record: RepairRecord, original: Instance | None) -> Decision:
        turn = self._turn
        obstacle = self._obstacle(original)
        if obstacle is not None:
            detail = (
                f"a repair is left unfinished in the phase {record.phase}, copy {record.copy}; {obstacle}"
            )
            return turn.decided(record.original, "warn", "consent_needed", detail)
        if turn.dry_run or not turn.take_action():
            return turn.decided(record.original, "keep", "later", f"a repair is in the phase {record.phase}")
        return self._repair.go_on(record)

    def _obstacle(self, instance: Instance | None) -> str | None:
        """Say what keeps an instance from being made anew; None if nothing does."""
        terms = self._turn.terms
        if terms.repair != "recreate":
            return 'it would be made anew with repair="recreate"'
        if not terms.accept_data_loss:
            return "it would be made anew with accept_data_loss=True"
        if not self._turn.names_instances or (instance is not None and not self._turn.covers(instance)):
            return "it would be made anew if include= named it"
        return None

    def _add(self, decision: Decision) -> None:
        if decision.verdict == "error":
            self._count("errors")
        if decision.reason == "done":
            self._count("instances_recreated")
        if decision.reason in {"consent_needed", "dry_run"}:
            self._count("would_recreate")
        self._result = attrs.evolve(self._result, decisions=(*self._result.decisions, decision))

    def _count(self, name: str) -> None:
        self._result = attrs.evolve(self._result, **{name: getattr(self._result, name) + 1})

    # --------------------------------------------------------------------------------- memory

    def _unfinished(self) -> dict[str, RepairRecord]:
        """Return the repairs that earlier passes began, by the original."""
        found: dict[str, RepairRecord] = {}
        cursor: str | None = None
        while True:
            page = self._services.store.scan(REPAIR_PREFIX, cursor=cursor)
            for entry in page.items:
                record = RepairRecord.read(entry.value)
                if record.phase in UNFINISHED:
                    found[record.original] = record
            cursor = page.cursor
            if cursor is None:
                return found

    def _record(self, job: Job) -> RepairRecord | None:
        entry = self._services.store.get(REPAIR_PREFIX + key_part(job.id))
        return None if entry is None else RepairRecord.read(entry.value)

    def _tell(self, instance: Instance, job: Job, verdict: MoveVerdict, *, planned: bool) -> RepairRecord:
        """Send the event of a failed move, once."""
        record = RepairRecord(
            job=job.id, original=instance.id, since=self._turn.now.timestamp(), reason=verdict.reason
        )
        self._repair.write(record)
        self._services.events.operation(f"migration-{job.id}", self._notify).send(
            "migration_failed",
            instance,
            error=verdict.reason,
            attempt=1,
            repair="planned" if planned else "none",
            job_id=job.id,
        )
        return record
