"""What this program remembers of the instances of an account, kept in step with what the service says."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from novita_sdk._async.client import AsyncNovita, services_of
from novita_sdk._async.lifecycle.held_lease import AsyncHeldLease
from novita_sdk._async.lifecycle.loop_helper import AsyncLoopHelper
from novita_sdk._async.lifecycle.operations_under_way import all_entries, operations_under_way
from novita_sdk._async.lifecycle.pass_loop import AsyncPassLoop
from novita_sdk._async.lifecycle.sync_pass import (
    LEASE_SECONDS,
    RUNNING_KEY,
    STATE_KEY,
    AsyncSweeper,
    AsyncSyncPass,
    SyncRules,
    complete_list,
    known_instances,
)
from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.lifecycle.inventory import INVENTORY_PREFIX
from novita_sdk._core.lifecycle.reclaims import MIGRATION_PREFIX
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.lifecycle.sync_report import InventoryItem, SyncReport, SyncStatus, shown_target
from novita_sdk._core.log_records import log
from novita_sdk._core.narrowing import is_number
from novita_sdk._core.stores.answers import Entry
from novita_sdk._core.wire import problem
from novita_sdk.errors import NovitaError, StateStoreError, ValidationError

if TYPE_CHECKING:
    from novita_sdk._core.webhooks.notify import Notify

_LOGGER = logging.getLogger("novita_sdk.lifecycle")

_USE, _TARGET = "use:", "target:"


class AsyncInventorySync(AsyncLoopHelper[SyncReport]):
    """Remembers the instances of an account in the state store, and notices what came, changed and went.

    It reads and remembers. It never starts, stops, creates or deletes an instance, never opts one in to anything, and
    never takes an incomplete list for the whole: what the list lacks is asked for by its id before it counts as gone.

    Args:
        client: The client.
        remove_gone: Whether instances that are gone are forgotten at once; left out, the setting
            `sync_remove_obsolete`.
        retention: Seconds for which they are remembered otherwise; the setting `sync_retention` if left out.
        interval: Seconds between two passes of `run`; the setting `sync_interval` if left out.
        notify: Where `status_changed` goes when a status changed that no operation of this account's programs
            accounts for; False for nowhere.
        sweeper: An `AsyncOrphanSweeper` that has a look after each pass; without it, what is left behind is counted.
        pass_timeout: Seconds after which a pass asks for nothing more.

    Raises:
        ValidationError: An argument is wrong.

    Example:
        ```python
        sync = AsyncInventorySync(client)
        print(await sync.check())
        ```
    """

    _begins_at_once = True

    def __init__(
        self,
        client: AsyncNovita,
        *,
        remove_gone: bool | None = None,
        retention: Seconds | None = None,
        interval: Seconds | None = None,
        notify: Notify = False,
        sweeper: AsyncSweeper | None = None,
        pass_timeout: Seconds = 240.0,
    ) -> None:
        self._services = services_of(client)
        settings = self._services.settings
        self._instances = client.gpu_instances
        kept_for = settings.sync_retention if retention is None else seconds(retention)
        if not is_number(kept_for) or kept_for < 0:
            message = "must be seconds from 0 on, or a timedelta"
            raise ValidationError(problems=(problem("retention", retention, message),))
        forget = settings.sync_remove_obsolete if remove_gone is None else remove_gone
        self._rules = SyncRules(forget_gone=forget, retention=kept_for)
        self._notify: Notify = notify
        self._sweeper = sweeper
        self._lease = AsyncHeldLease(self._services, "sync", LEASE_SECONDS)
        self._loop = AsyncPassLoop(
            "InventorySync",
            self._one_pass,
            interval=settings.sync_interval if interval is None else interval,
            pass_timeout=pass_timeout,
            clock=self._services.clock,
            rng=self._services.rng,
            lease=self._lease,
            observer=self._services.caller.observer,
            failure_of=_failure,
        )

    async def check(self, *, dry_run: bool = False) -> SyncReport:
        """Make one pass; join the one under way if there is one.

        Args:
            dry_run: Whether it only tells what it would do: nothing is written, sent or told.

        Returns:
            What it found and did. What went wrong is told in it, also that another pass is under way.

        Raises:
            ConfigurationError: Events are to be sent, and the client is not inside `async with`.
        """
        return await (self._pass(None) if dry_run else self._loop.check())

    async def status(self) -> SyncStatus:
        """Tell how the inventory stands, from the store alone.

        Raises:
            StateStoreError: The store fails.
        """
        store = self._services.store
        state, under_way = await store.get(STATE_KEY), await store.get(RUNNING_KEY)
        return SyncStatus(
            last_sync=None if state is None else _moment(state.value["last_sync"]),
            is_locked=under_way is not None,
            cache_size=len(await all_entries(store, INVENTORY_PREFIX)),
        )

    async def snapshot(self) -> list[InventoryItem]:
        """Return what the service lists and what is remembered, instance by instance. Writes nothing.

        Raises:
            PagingError: The list was not complete.
            StateStoreError: The store fails.
            NovitaError: The list cannot be read.
        """
        listed = {instance.id: instance for instance in await complete_list(self._instances)}
        known = await known_instances(self._services)
        store = self._services.store
        under_way = await operations_under_way(store, self._services.clock.time())
        uses, moves = await self._by_part(_USE), await self._by_part(MIGRATION_PREFIX)
        targets = {entry.key.removeprefix(_TARGET): entry for entry in await all_entries(store, _TARGET)}
        here = [one for one, record in known.items() if record.removed_at is None and one not in listed]
        items: list[InventoryItem] = []
        for instance_id in (*listed, *here):
            instance, part = listed.get(instance_id), key_part(instance_id)
            used, moved, target = uses.get(part), moves.get(part), targets.get(instance_id)
            remembered = instance_id in known
            items.append(
                InventoryItem(
                    id=instance_id,
                    instance=instance,
                    source="local" if instance is None else "both" if remembered else "remote",
                    last_used=None if used is None else _moment(used.value["last_used"]),
                    operation=under_way.by_instance.get(instance_id)
                    if instance is None
                    else under_way.about(instance),
                    migration=None if moved is None else moved.value["outcome"] or None,
                    target=None if target is None else shown_target(target.value),
                )
            )
        return items

    # ----------------------------------------------------------------------------------------- a pass

    async def _one_pass(self) -> SyncReport:
        if self._notify is not False:
            self._services.events.operation("sync", self._notify)  # raises before the first request
        try:
            if not await self._lease.acquire():
                return SyncReport(errors=("another synchronization is running",))
        except StateStoreError as error:
            return SyncReport(errors=(str(error),))
        try:
            return await self._pass(self._lease)
        finally:
            await self._release()

    async def _pass(self, lease: AsyncHeldLease | None) -> SyncReport:
        sweeper = None if lease is None else self._sweeper
        made = AsyncSyncPass(
            self._instances,
            self._services,
            lease,
            self._rules,
            self._notify,
            sweeper,
            self._loop.must_end,
        )
        return await made.run()

    async def _release(self) -> None:
        try:
            await self._services.store.delete(RUNNING_KEY, fence=self._lease.lease)
        except StateStoreError as error:  # it ends by itself; what the pass did must be told
            log(
                _LOGGER,
                logging.WARNING,
                "the mark of a sync under way was not taken away: %(error)s",
                error=str(error),
            )
        await self._lease.give_back()

    async def _by_part(self, prefix: str) -> dict[str, Entry]:
        entries = await all_entries(self._services.store, prefix)
        return {entry.key.removeprefix(prefix): entry for entry in entries}


def _failure(report: SyncReport) -> Exception | None:
    return NovitaError("; ".join(report.errors)) if report.errors else None


def _moment(wall: float) -> datetime:
    return datetime.fromtimestamp(wall, UTC)
