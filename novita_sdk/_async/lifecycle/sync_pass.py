"""One pass of the inventory sync: list, compare, confirm what is missing, write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from novita_sdk._async.lifecycle.fan_out import fan_out
from novita_sdk._async.lifecycle.held_lease import AsyncHeldLease
from novita_sdk._async.lifecycle.operations_under_way import (
    OperationsUnderWay,
    all_entries,
    operations_under_way,
)
from novita_sdk._async.lifecycle.recreate import read_or_none
from novita_sdk._async.services import AsyncServices
from novita_sdk._core.lifecycle.inventory import (
    INVENTORY_PREFIX,
    MAX_CONFIRMATIONS,
    InventoryRecord,
    compare,
    when_gone,
)
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.lifecycle.sync_report import SyncReport
from novita_sdk.errors import NovitaError, PagingError, StaleFenceError
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.instances import AsyncInstances
    from novita_sdk._core.webhooks.notify import Notify

STATE_KEY: Final = "sync:state"
"""The record that tells when a pass last went well."""

RUNNING_KEY: Final = "sync:pass"
"""The record that is there while a pass is under way."""

LEASE_SECONDS: Final = 300.0

_PAGE_SIZE: Final = 50
_AT_A_TIME: Final = 4
_FRESH: Final = CallOptions(priority="poll", cache="bypass")
_GONE: Final = "removed"


class AsyncSweeper(Protocol):
    """What finishes creates and rentals that were left behind, such as an `AsyncOrphanSweeper`."""

    def check(self) -> Awaitable[object]:
        """Make one pass."""
        ...


@attrs.frozen
class SyncRules:
    """How a sync keeps its records.

    Attributes:
        forget_gone: Whether instances that are gone are forgotten at once.
        retention: Seconds for which they are remembered otherwise.
    """

    forget_gone: bool
    retention: float


class AsyncSyncPass:
    """One pass.

    Args:
        instances: The client's instances.
        services: What the client shares.
        lease: The lease, held; None in a dry run.
        rules: How records are kept.
        notify: Who is told of changes.
        sweeper: Has a look after the pass; None for nobody.
        must_end: Tells it to ask for nothing more.
    """

    def __init__(
        self,
        instances: AsyncInstances,
        services: AsyncServices,
        lease: AsyncHeldLease | None,
        rules: SyncRules,
        notify: Notify,
        sweeper: AsyncSweeper | None,
        must_end: Callable[[], bool],
    ) -> None:
        self._instances = instances
        self._services = services
        self._lease = lease
        self._rules = rules
        self._notify: Notify = notify
        self._sweeper = sweeper
        self._must_end = must_end
        self._report = SyncReport(dry_run=lease is None)
        self._under_way = OperationsUnderWay()

    async def run(self) -> SyncReport:
        """Make the pass; whatever goes wrong is told in its report."""
        began = self._services.clock.monotonic()
        try:
            await self._sync()
        except NovitaError as error:
            self._went_wrong(str(error))
        return attrs.evolve(self._report, elapsed=self._services.clock.monotonic() - began)

    async def _sync(self) -> None:
        if self._lease is not None:
            await self._write(RUNNING_KEY, {"v": 1}, ttl=LEASE_SECONDS)
        listed = await complete_list(self._instances)
        now = self._services.clock.time()
        known = await known_instances(self._services)
        self._under_way = await operations_under_way(self._services.store, now)
        self._report = attrs.evolve(
            self._report,
            novita_instances=len(listed),
            local_instances=len(known),
            open_creates=len(self._under_way.open_creates),
            lapsed_rentals=self._under_way.lapsed_rentals,
        )
        rules = self._rules
        found = compare(listed, known, now=now, retention=rules.retention, forget_gone=rules.forget_gone)
        for instance in found.added:
            await self._keep(InventoryRecord.of(instance, now))
        for record, instance in found.changed:
            await self._update(record, instance)
        self._count(added=len(found.added), changed=len(found.changed), synchronized=len(listed))
        for record in found.forgotten:
            await self._forget(record)
        await self._confirm(found.absent)
        if self._sweeper is not None:
            await self._sweeper.check()
        if self._lease is not None and not self._report.errors:
            await self._write(STATE_KEY, {"v": 1, "last_sync": self._services.clock.time()}, ttl=None)

    async def _confirm(self, absent: Sequence[InventoryRecord]) -> None:
        """Ask for the instances that the list lacks, one by one: a list alone proves no absence."""
        asked = absent[:MAX_CONFIRMATIONS]
        self._count(unconfirmed=len(absent) - len(asked))
        calls = [partial(self._ask, record) for record in asked]
        answers = await fan_out(self._services.clock, calls, _AT_A_TIME)
        for record, answer in zip(asked, answers, strict=True):
            if isinstance(answer, NovitaError):
                self._count(unconfirmed=1)
                self._went_wrong(f"{record.id}: {answer}")
            elif answer is not None:
                self._count(kept_after_confirm=1)
                await self._update(record, answer)
            elif when_gone(record, forget_gone=self._rules.forget_gone) == "forget":
                await self._forget(record)
            else:
                await self._mark(record)

    async def _ask(self, record: InventoryRecord) -> Instance | NovitaError | None:
        if self._must_end():
            return NovitaError("the pass had to end before it was asked for")
        try:
            return await read_or_none(self._instances, record.id)
        except NovitaError as error:
            return error

    async def _update(self, record: InventoryRecord, instance: Instance) -> None:
        version = await self._keep(record.seen(instance))
        status = str(instance.status)
        if status != record.status and not self._accounted_for(instance, status):
            await self._tell(instance, status, record, version)

    async def _mark(self, record: InventoryRecord) -> None:
        version = await self._keep(attrs.evolve(record, removed_at=self._services.clock.time()))
        self._count(marked_removed=1)
        gone = Instance(id=record.id)
        if record.status != _GONE and not self._accounted_for(gone, _GONE):
            await self._tell(gone, _GONE, record, version)

    async def _forget(self, record: InventoryRecord) -> None:
        self._count(deleted=1)
        if self._lease is not None:
            await self._keep_lease()
            await self._services.store.delete(_key(record), fence=self._lease.lease)

    async def _keep(self, record: InventoryRecord) -> int:
        return await self._write(_key(record), record.written(), ttl=None)

    async def _write(self, key: str, value: dict[str, JSON], *, ttl: float | None) -> int:
        if self._lease is None:
            return 0
        await self._keep_lease()
        return await self._services.store.put(key, value, ttl=ttl, fence=self._lease.lease)

    async def _keep_lease(self) -> None:
        if self._lease is not None and not await self._lease.keep():
            raise StaleFenceError("another synchronization has taken over")

    # ------------------------------------------------------------------------------- what is told

    def _accounted_for(self, instance: Instance, status: str) -> bool:
        """Tell whether an operation under way explains a status."""
        own = self._services.own_changes.latest(instance.id)
        now = self._services.clock.monotonic()
        if own is not None and own.accounts_for(status, now):
            return True
        return self._under_way.about(instance) is not None

    async def _tell(self, instance: Instance, status: str, record: InventoryRecord, version: int) -> None:
        if self._lease is None or self._notify is False or record.status is None:
            return
        events = self._services.events.operation(f"status-{instance.id}-{version}", self._notify)
        subject = instance if instance.status is not None else instance.id
        await events.send("status_changed", subject, status=status, previous=record.status)

    def _count(self, **counts: int) -> None:
        more = {name: getattr(self._report, name) + number for name, number in counts.items()}
        self._report = attrs.evolve(self._report, **more)

    def _went_wrong(self, words: str) -> None:
        self._report = attrs.evolve(self._report, errors=(*self._report.errors, words))


async def complete_list(instances: AsyncInstances) -> list[Instance]:
    """Return all instances of the account, each once.

    Raises:
        PagingError: The list was not complete.
        NovitaError: It cannot be read.
    """
    pager = instances.list(page_size=_PAGE_SIZE, options=_FRESH)
    listed = await pager.collect()
    if not pager.complete:
        raise PagingError("the list of instances was not complete, so nothing was compared")
    if pager.problems:
        raise PagingError(f"{len(pager.problems)} listed instances cannot be read, so nothing was compared")
    return listed


async def known_instances(services: AsyncServices) -> Mapping[str, InventoryRecord]:
    """Return what is remembered, by the ids of the instances.

    Raises:
        StateStoreError: The store fails.
    """
    entries = await all_entries(services.store, INVENTORY_PREFIX)
    records = (InventoryRecord.read(entry.value) for entry in entries)
    return {record.id: record for record in records}


def _key(record: InventoryRecord) -> str:
    return INVENTORY_PREFIX + key_part(record.id)
