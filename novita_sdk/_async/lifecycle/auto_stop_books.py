"""The books of AutoStop: which stops were seen, which runs ended, which began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from novita_sdk._async.lifecycle.auto_stop_parts import AsyncAutoStopParts
from novita_sdk._async.lifecycle.idle_stop import KnownStop
from novita_sdk._core.lifecycle.idle_candidate import Candidate
from novita_sdk._core.lifecycle.idleness import NO_MARKS, Marks, run_key
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.lifecycle.stop_records import fate_of
from novita_sdk.models.instance import Instance


class AsyncAutoStopBooks:
    """The books of one pass, which holds the lease.

    Args:
        parts: What the passes share.
        marks: What was stored, by the part of the keys that stands for the instance.
    """

    def __init__(self, parts: AsyncAutoStopParts, marks: Mapping[str, Marks]) -> None:
        self._parts = parts
        self._marks = marks
        self._fence = parts.lease.lease

    async def settle(self, stops: Mapping[str, KnownStop], listed: Sequence[Instance]) -> None:
        """Tell of stops that have come true, and forget the records that are of no use any more."""
        instances = {instance.id: instance for instance in listed}
        for key, (record, version) in stops.items():
            instance = instances.get(record.instance_id)
            watch = self._parts.memory.watches.get(record.instance_id)
            fate = fate_of(record, instance, None if watch is None else watch.run)
            if fate == "stays":
                continue
            if fate == "seen" and instance is not None:
                await self._parts.services.events.operation(record.operation_id).send(
                    "auto_stop_stopped", instance, idle=record.idle, threshold=record.threshold
                )
            await self._parts.records.forget_stop(key, version)

    async def end_runs(self, down: Sequence[Instance]) -> None:
        """Forget the runs of instances that are down."""
        for instance in down:
            part = key_part(instance.id)
            await self._parts.records.end_run(
                part,
                self._marks.get(part, NO_MARKS),
                start_unknown=run_key(instance) is None,
                fence=self._fence,
            )

    async def begin_runs(self, candidates: Sequence[Candidate]) -> None:
        """Note since when instances run whose start nobody tells."""
        for candidate in candidates:
            if candidate.watch.unstored:
                await self._parts.records.remember_run(
                    candidate.instance.id, first_seen=float(candidate.watch.run), fence=self._fence
                )
                candidate.watch.unstored = False
