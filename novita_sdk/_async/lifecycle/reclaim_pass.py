"""The first part of a pass of the migration checker: spot instances that were reclaimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from novita_sdk._async.lifecycle.migration_turn import AsyncMigrationTurn
from novita_sdk._async.services import AsyncServices
from novita_sdk._core.lifecycle.decisions import Decision
from novita_sdk._core.lifecycle.migration_report import ReclaimResult
from novita_sdk._core.lifecycle.reclaims import (
    MIGRATION_PREFIX,
    RECORD_TTL,
    ReclaimRecord,
    ReclaimVerdict,
    judge_reclaim,
    reclaim_mark,
    reclaim_step,
)
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.stores.answers import Entry
from novita_sdk.errors import CapacityError, NovitaError, OutcomeUnknownError, StateStoreError
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.instances import AsyncInstances
    from novita_sdk._async.webhooks.emitter import AsyncOperationEvents
    from novita_sdk._core.webhooks.notify import Notify

_THREE_TRIES: Final = CallOptions(max_retries=2)  # where the service is too busy; nothing else is sent again
_SENDS: Final = 2
_SETTLES_IN: Final = 600.0  # seconds after which an instance that is stopped as before was not moved


class AsyncReclaimPass:
    """Moves reclaimed spot instances, or tells which it would move.

    Args:
        instances: The client's instances.
        services: What the client shares.
        turn: The pass.
        notify: Who is told.
    """

    def __init__(
        self,
        instances: AsyncInstances,
        services: AsyncServices,
        turn: AsyncMigrationTurn,
        notify: Notify,
    ) -> None:
        self._instances = instances
        self._services = services
        self._turn = turn
        self._notify = notify
        self._result = ReclaimResult()

    async def run(self, listed: Sequence[Instance]) -> ReclaimResult:
        """Look at every instance, one after the other.

        Args:
            listed: All instances of the account.

        Returns:
            What was found and done; also if the pass ended early.
        """
        began = self._services.clock.monotonic()
        try:
            await self._look(listed)
        except StateStoreError as error:
            self._turn.store_failed(error)
            self._count("errors")
        took = self._services.clock.monotonic() - began
        return attrs.evolve(self._result, execution_time=took)

    async def _look(self, listed: Sequence[Instance]) -> None:
        if not self._turn.dry_run:
            await self._follow_up({instance.id: instance for instance in listed})
        for instance in listed:
            if reclaim_step(instance) in {"notified", "reclaiming"} and self._turn.covers(instance):
                await self._tell(instance, await self._record(instance))
        for instance in listed:
            if instance.status == InstanceStatus.EXITED:
                self._add(await self._judge(instance))

    def _add(self, decision: Decision) -> None:
        count = {"act": "migrated", "error": "errors"}.get(decision.verdict, "skipped")
        if decision.reason in {"consent_needed", "dry_run"}:
            count = "skipped"
            self._count("would_migrate")
        self._count("total_processed")
        self._count(count)
        self._result = attrs.evolve(self._result, decisions=(*self._result.decisions, decision))

    def _count(self, name: str) -> None:
        self._result = attrs.evolve(self._result, **{name: getattr(self._result, name) + 1})

    async def _judge(self, instance: Instance) -> Decision:
        turn = self._turn
        if not turn.covers(instance):
            return turn.decided(instance.id, "keep", "not_included")
        record = await self._record(instance)
        verdict = judge_reclaim(instance, record, turn.terms.rules, turn.now)
        if reclaim_step(instance) == "reclaimed":
            record = await self._tell(instance, record)
        if not verdict.eligible:
            if verdict.reason in {"attempts_used", "already_migrated"} and not turn.dry_run:
                await self._write(record)  # it must not be forgotten while the instance stays as it is
            return turn.decided(instance.id, "keep", verdict.reason, verdict.detail)
        if not turn.terms.migrate_reclaimed:
            detail = f"{verdict.detail}; it would be moved with migrate_reclaimed=True"
            return turn.decided(instance.id, "warn", "consent_needed", detail)
        if turn.dry_run:
            return turn.decided(instance.id, "act", "dry_run", verdict.detail)
        if not turn.take_action() or not await turn.may_go_on():
            return turn.decided(instance.id, "keep", "later", "no action is left in this pass")
        return await self._move(instance.id, record, verdict)

    async def _move(self, instance_id: str, record: ReclaimRecord, verdict: ReclaimVerdict) -> Decision:
        turn = self._turn
        try:
            instance = await self._instances.get(instance_id)
        except NovitaError as error:
            return self._failed(instance_id, "unreadable", error)
        if reclaim_step(instance) != "reclaimed" or reclaim_mark(instance) != record.reclaim:
            return turn.decided(instance_id, "keep", "changed", "it is no longer what the list showed")
        if not await turn.may_go_on():  # the look may have taken long
            return turn.decided(instance_id, "keep", "later", "the right to act was lost")
        tried = record.tried(turn.now.timestamp())
        await self._write(tried)
        try:
            new_id = await self._send(instance_id)
        except CapacityError as error:  # no attempt was made, and the next pass may try
            await self._write(record)
            return turn.decided(instance_id, "warn", "no_capacity", str(error))
        except OutcomeUnknownError as error:  # it stays "sent": later passes see what came of it
            return self._failed(instance_id, "unknown_outcome", error)
        except NovitaError as error:
            await self._write(attrs.evolve(tried, outcome="failed"))
            await self._events(instance, record).send(
                "migration_failed",
                instance,
                step=f"{tried.attempts}",
                error=str(error),
                attempt=tried.attempts,
                repair="none",
            )
            return self._failed(instance_id, "refused", error)
        await self._write(attrs.evolve(tried, new_id=new_id))
        await self._events(instance, record).send(
            "migration_started", instance, step=f"{tried.attempts}", attempt=tried.attempts
        )
        return turn.decided(instance_id, "act", verdict.reason, verdict.detail)

    async def _send(self, instance_id: str) -> str | None:
        """Ask for the move; once more only if it certainly was not carried out."""
        for sends in range(1, _SENDS + 1):
            try:
                answer = await self._instances.migrate(instance_id, options=_THREE_TRIES)
            except OutcomeUnknownError as error:
                if sends == _SENDS or not error.verified or not await self._is_untouched(instance_id):
                    raise
            else:
                return answer.new_instance_id or answer.instance_id
        return None

    async def _is_untouched(self, instance_id: str) -> bool:
        if not await self._turn.may_go_on():
            return False
        return reclaim_step(await self._instances.get(instance_id)) == "reclaimed"

    # --------------------------------------------------------------------------- what came of it

    async def _follow_up(self, by_id: Mapping[str, Instance]) -> None:
        """See what became of the moves that earlier passes asked for."""
        cursor: str | None = None
        while True:
            page = await self._services.store.scan(MIGRATION_PREFIX, cursor=cursor)
            for entry in page.items:
                if entry.value["outcome"] == "sent":
                    await self._follow_up_one(entry, by_id)
            cursor = page.cursor
            if cursor is None:
                return

    async def _follow_up_one(self, entry: Entry, by_id: Mapping[str, Instance]) -> None:
        record = ReclaimRecord.read(entry.value, entry.value["reclaim"])
        found = by_id.get(record.new_id or record.instance_id) or by_id.get(record.instance_id)
        if found is None:
            return
        step = f"{record.attempts}"
        events = self._events(found, record)
        if found.status == InstanceStatus.RUNNING:
            await self._write(attrs.evolve(record, outcome="migrated"))
            await events.send(
                "migration_completed",
                found,
                step=step,
                status=str(found.status),
                attempt=record.attempts,
                new_instance_id=None if found.id == record.instance_id else found.id,
            )
        elif self._came_to_nothing(found, record):
            await self._write(attrs.evolve(record, outcome="failed"))
            await events.send(
                "migration_failed",
                found,
                step=step,
                error="the instance is stopped as before",
                attempt=record.attempts,
                repair="none",
            )

    def _came_to_nothing(self, found: Instance, record: ReclaimRecord) -> bool:
        age = self._turn.now.timestamp() - (record.last_attempt or 0.0)
        return (
            age >= _SETTLES_IN
            and reclaim_step(found) == "reclaimed"
            and reclaim_mark(found) == record.reclaim
        )

    # --------------------------------------------------------------------------------- memory

    async def _record(self, instance: Instance) -> ReclaimRecord:
        mark = reclaim_mark(instance)
        entry = await self._services.store.get(MIGRATION_PREFIX + key_part(instance.id))
        fresh = ReclaimRecord(instance_id=instance.id, reclaim=mark)
        return fresh if entry is None else ReclaimRecord.read(entry.value, mark)

    async def _write(self, record: ReclaimRecord) -> None:
        key = MIGRATION_PREFIX + key_part(record.instance_id)
        await self._turn.write(key, record.written(), RECORD_TTL)

    async def _tell(self, instance: Instance, record: ReclaimRecord) -> ReclaimRecord:
        """Send the event of a step of a reclaim, once."""
        step = reclaim_step(instance)
        if step is None or step in record.told or self._turn.dry_run:
            return record
        told = attrs.evolve(record, told=(*record.told, step))
        await self._write(told)
        await self._events(instance, record).send(
            "spot_reclaimed",
            instance,
            step=step,
            spot_status=str(instance.spot_status or ""),
            status=step,
            reclaim_time=instance.spot_reclaim_time,
        )
        return told

    def _events(self, instance: Instance, record: ReclaimRecord) -> AsyncOperationEvents:
        operation_id = f"migration-{instance.id}-{record.reclaim}"
        return self._services.events.operation(operation_id, self._notify)

    def _failed(self, instance_id: str, reason: str, error: NovitaError) -> Decision:
        self._turn.error = error
        return self._turn.decided(instance_id, "error", reason, str(error))
