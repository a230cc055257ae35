"""One pass of the orphan sweeper: list once, find what carries a mark, act as told."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from novita_sdk._async.lifecycle.held_lease import AsyncHeldLease
from novita_sdk._async.lifecycle.journal import AsyncHeldIntent
from novita_sdk._async.lifecycle.operations_under_way import all_entries
from novita_sdk._async.lifecycle.rental_ending import AsyncRentalEnding
from novita_sdk._async.lifecycle.rental_keeping import AsyncRentalKeeping
from novita_sdk._async.lifecycle.swept import GONE_TIME, AnySwept, swept_endpoints, swept_instances
from novita_sdk._async.services import AsyncServices
from novita_sdk._concurrency.aio import completed
from novita_sdk._core.lifecycle.create_looks import LEAVING, Found
from novita_sdk._core.lifecycle.intents import PREFIX, Intent
from novita_sdk._core.lifecycle.rental_records import (
    RENTAL_PREFIX,
    RentalRecord,
    is_lapsed,
    may_be_finished,
    read_rental,
)
from novita_sdk._core.lifecycle.sweeping import (
    ACT_TTL,
    ORPHAN_ACTIONS,
    Orphan,
    OrphanAction,
    OrphanOutcome,
    SweepReport,
    after_empty_look,
    is_left_behind,
)
from novita_sdk._core.log_records import log
from novita_sdk._core.operations.endpoints import CREATE_ENDPOINT
from novita_sdk._core.operations.instances import CREATE_INSTANCE
from novita_sdk._core.stores.answers import Entry
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk.errors import NovitaError, OperationConflictError, StateStoreError, VersionConflictError
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.instance import Instance

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.instances import AsyncInstances
    from novita_sdk._async.resources.serverless_endpoints import AsyncServerlessEndpoints

_LOGGER: Final = logging.getLogger("novita_sdk.lifecycle")

OnOrphan: TypeAlias = OrphanAction | Callable[[Orphan, Instance | Endpoint], object]


@attrs.frozen(kw_only=True)
class SweepTerms:
    """What a sweeper is allowed to do.

    Attributes:
        on_orphan: What is done with a thing whose create nobody finished, or who decides that.
        find_foreign: Whether the instances are listed even if no create is open.
        finish_rentals: Whether lapsed rentals are ended.
        dry_run: Whether nothing is done or written.
        notify: Where events go.
    """

    on_orphan: OnOrphan
    find_foreign: bool
    finish_rentals: bool
    dry_run: bool
    notify: Notify


class AsyncSweepPass:
    """One pass.

    Args:
        instances: The client's instances.
        endpoints: The client's serverless endpoints.
        services: What the client shares.
        terms: What it is allowed to do.
        lease: The lease, held; None in a dry run.
        must_end: Tells whether to begin nothing more.
    """

    def __init__(
        self,
        instances: AsyncInstances,
        endpoints: AsyncServerlessEndpoints,
        services: AsyncServices,
        terms: SweepTerms,
        *,
        lease: AsyncHeldLease | None,
        must_end: Callable[[], bool],
    ) -> None:
        self._instances = instances
        self._services = services
        self._terms = terms
        self._lease = lease
        self._must_end = must_end
        self._swept: dict[str, AnySwept] = {
            CREATE_INSTANCE.name: swept_instances(instances, services),
            CREATE_ENDPOINT.name: swept_endpoints(endpoints, services),
        }
        self._orphans: list[Orphan] = []
        self._errors = self._lapsed = self._finished = 0
        self._ended_early = False

    async def run(self) -> SweepReport:
        """Make the pass.

        Raises:
            NovitaError: A listing or the store failed; nothing was done.
        """
        now = self._services.clock.time()
        entries = await all_entries(self._services.store, PREFIX)
        known = [held for held in map(self._opened, entries) if held is not None]
        known_ids = {entry.key.removeprefix(PREFIX) for entry in entries}
        left_behind = [
            held
            for held in known
            if held.intent.operation in self._swept and is_left_behind(held.intent, now)
        ]
        needed = {held.intent.operation for held in left_behind}
        if self._terms.find_foreign:
            needed.add(CREATE_INSTANCE.name)
        foreign: tuple[str, ...] = ()
        for name, swept in self._swept.items():
            if name in needed:
                await swept.list()
                foreign += swept.foreign(known_ids)
        failure: StateStoreError | None = None
        try:
            for held in left_behind:
                if not await self._may_go_on():
                    break
                await self._settle(held, self._swept[held.intent.operation])
            await self._rentals(now)
        except StateStoreError as error:  # what was done until then must be told
            failure, self._ended_early = error, True
            self._errors += 1
        outcomes: Counter[OrphanOutcome] = Counter(orphan.outcome for orphan in self._orphans)
        return SweepReport(
            checked_intents=len(self._orphans),
            adopted=outcomes["adopted"],
            deleted=outcomes["deleted"],
            still_unknown=outcomes["still_unknown"],
            not_created=outcomes["not_created"],
            duplicates=outcomes["duplicate"],
            foreign=foreign,
            rentals_lapsed=self._lapsed,
            rentals_finished=self._finished,
            errors=outcomes["error"] + self._errors,
            orphans=tuple(self._orphans),
            dry_run=self._terms.dry_run,
            ended_early=self._ended_early,
            error=failure,
        )

    def _opened(self, entry: Entry) -> AsyncHeldIntent | None:
        """Return the record of a create; None if it cannot be read, which must not keep the others from being."""
        try:
            return self._services.intents.opened(entry)
        except StateStoreError as error:
            self._complain(error)
            return None

    def _complain(self, error: StateStoreError) -> None:
        self._errors += 1
        log(_LOGGER, logging.WARNING, "a sweeper left a record as it is: %(error)s", error=str(error))

    async def _may_go_on(self) -> bool:
        """Tell whether the next action may begin: in time, and under the lease."""
        lost = self._lease is not None and not await self._lease.keep()
        if lost or self._must_end():
            self._ended_early = True
        return not self._ended_early

    # ---------------------------------------------------------------------------------------- acting

    async def _settle(self, held: AsyncHeldIntent, swept: AnySwept) -> None:
        """Look for what one create made, and do what is to be done about it."""
        ids: tuple[str, ...] = ()
        try:
            found = await swept.look(held.intent)
            ids = found.ids
            outcome = await self._dealt_with(held, found, swept)
        except VersionConflictError:
            return  # somebody else has gone on with it meanwhile
        except Exception as error:  # noqa: BLE001 - one create must not keep the others from being looked for
            self._note(held.intent, ids, "error", f"{type(error).__name__}: {error}")
        else:
            self._note(held.intent, ids, outcome)

    async def _dealt_with(self, held: AsyncHeldIntent, found: Found, swept: AnySwept) -> OrphanOutcome:
        if len(found.ids) > 1:
            await self._write(held, attrs.evolve(held.intent, state="duplicate", duplicates=found.ids))
            return "duplicate"
        if not found.ids:
            if not found.whole or found.candidates or held.intent.marker == "none":
                return "still_unknown"  # what nobody could recognise may be there all the same
            after = after_empty_look(held.intent, self._services.clock.time())
            await self._write(held, after)
            return "not_created" if after.state == "not_created" else "still_unknown"
        thing = swept.things[found.ids[0]]
        action = await self._wished(held.intent, thing)
        await self._tell(held.intent, thing)
        if action == "report":
            return "reported"
        if action == "adopt":
            adopted = attrs.evolve(
                held.intent.left_behind(), state="adopted", resource_id=thing.id, duplicates=()
            )
            await self._write(held, adopted)
            return "adopted"
        return await self._delete(held, thing.id, swept)

    async def _wished(self, intent: Intent, thing: Instance | Endpoint) -> OrphanAction:
        """Return what is to be done with an orphan.

        Raises:
            ValueError: The user's function answered something else.
        """
        wish = self._terms.on_orphan
        if callable(wish):
            asked = Orphan(
                operation_id=intent.operation_id,
                operation=intent.operation,
                ids=(thing.id,),
                outcome="reported",
            )
            answer = await completed(wish(asked, thing))
            if answer not in ORPHAN_ACTIONS:
                msg = f"on_orphan returned {answer!r}; it must return one of {', '.join(ORPHAN_ACTIONS)}"
                raise ValueError(msg)
            return next(action for action in ORPHAN_ACTIONS if action == answer)
        return wish

    async def _tell(self, intent: Intent, thing: Instance | Endpoint) -> None:
        if isinstance(thing, Instance) and not self._terms.dry_run:
            events = self._services.events.operation(intent.operation_id, self._terms.notify)
            await events.send("orphan_found", thing, step=thing.id)

    async def _delete(self, held: AsyncHeldIntent, thing_id: str, swept: AnySwept) -> OrphanOutcome:
        """Delete an orphan as its owner, so that nobody adopts it meanwhile, after one last look at its mark.

        Raises:
            NovitaError: It does not show the mark of its create (any more), or it cannot be deleted.
        """
        if self._terms.dry_run:
            return "deleted"
        services, operation_id = self._services, held.intent.operation_id
        own = attrs.evolve(
            held.intent,
            owner=services.intents.new_owner(),
            leased_at=services.clock.time(),
            lease_ttl=ACT_TTL,
        )
        await held.write(own, fence=None if self._lease is None else self._lease.lease)
        try:
            shown = await swept.read_again(thing_id)
            if shown is not None and not shown.bears(operation_id):
                raise NovitaError(f"{thing_id} does not show the mark {operation_id} any more")  # noqa: TRY301 - the record is let go of below
            if shown is not None and shown.status not in LEAVING:
                await swept.source.delete(thing_id, operation_id)
        except BaseException:
            await held.close(held.intent.state)  # let go of, for the next pass
            raise
        await held.close("not_created", discarded=thing_id)
        return "deleted"

    async def _write(self, held: AsyncHeldIntent, intent: Intent) -> None:
        if not self._terms.dry_run:
            await held.write(intent, fence=None if self._lease is None else self._lease.lease)

    def _note(self, intent: Intent, ids: tuple[str, ...], outcome: OrphanOutcome, detail: str = "") -> None:
        self._orphans.append(
            Orphan(
                operation_id=intent.operation_id,
                operation=intent.operation,
                ids=ids,
                outcome=outcome,
                detail=detail,
            )
        )

    # --------------------------------------------------------------------------------------- rentals

    async def _rentals(self, now: float) -> None:
        """Count the rentals that have lost their owner, and end them if that is wished."""
        for entry in await all_entries(self._services.store, RENTAL_PREFIX):
            try:
                record = read_rental(entry.key, entry.value)
            except StateStoreError as error:
                self._complain(error)
                continue
            if not is_lapsed(record, now):
                continue
            self._lapsed += 1
            if not self._terms.finish_rentals or self._terms.dry_run or not may_be_finished(record, now):
                continue
            if not await self._may_go_on():
                break
            try:
                self._finished += await self._finish(record.operation_id)
            except NovitaError as error:  # the record stays for the next pass
                self._errors += 1
                log(
                    _LOGGER,
                    logging.WARNING,
                    "a sweeper could not end the rental %(operation_id)s: %(error)s",
                    operation_id=record.operation_id,
                    resource_id=record.instance_id,
                    error=f"{type(error).__name__}: {error}",
                )

    async def _finish(self, operation_id: str) -> bool:
        """End a rental as its owner should have; False if somebody else does, or did.

        Raises:
            NovitaError: It could not be ended.
        """
        keeping = AsyncRentalKeeping(self._services, operation_id)
        try:
            record = await keeping.claim()
        except OperationConflictError:
            return False
        if record is None or not may_be_finished(record, self._services.clock.time()):
            await keeping.release()  # its owner has come back since the record was read first
            return False
        try:
            instance_id = record.instance_id or await self._rented_by(record)
            if instance_id is not None:
                await AsyncRentalEnding(
                    self._instances,
                    self._services,
                    instance_id=instance_id,
                    on_exit=record.on_exit,
                    timeout=GONE_TIME,
                    operation_id=record.operation_id,
                ).finish()
        except NovitaError:
            await keeping.release()
            raise
        await keeping.close()
        return instance_id is not None

    async def _rented_by(self, record: RentalRecord) -> str | None:
        """Return the instance of a rental whose owner died before it could write that down; None if there is none.

        Raises:
            NovitaError: That cannot be told now.
        """
        sent_at = datetime.fromtimestamp(record.started_at, UTC)
        found = await self._instances.reconcile(record.operation_id, sent_at=sent_at)
        return None if found is None else found.id
