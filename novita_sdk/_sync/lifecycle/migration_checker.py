# Generated from novita_sdk/_async/lifecycle/migration_checker.py by tools/unasync.py; edit the source.
"""A checker of instances that were reclaimed, or whose move to another machine failed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from novita_sdk._concurrency.threads import COLOUR
from novita_sdk._core.durations import Seconds
from novita_sdk._core.lifecycle.decisions import Decision
from novita_sdk._core.lifecycle.migration_jobs import MoveVerdict, judge_move
from novita_sdk._core.lifecycle.migration_report import (
    MigrationReport,
    ReclaimResult,
    Repair,
    migration_terms,
)
from novita_sdk._core.lifecycle.probes import check_ready
from novita_sdk._core.lifecycle.selection import Include, InstanceSelection
from novita_sdk._core.log_records import log
from novita_sdk._sync.client import Novita, services_of
from novita_sdk._sync.lifecycle.audit import AuditTrail
from novita_sdk._sync.lifecycle.held_lease import HeldLease
from novita_sdk._sync.lifecycle.loop_helper import DecidingHelper
from novita_sdk._sync.lifecycle.migration_turn import FRESH, MigrationTurn
from novita_sdk._sync.lifecycle.pass_loop import PassLoop
from novita_sdk._sync.lifecycle.reclaim_pass import ReclaimPass
from novita_sdk._sync.lifecycle.repair import MoveRepair
from novita_sdk._sync.lifecycle.repair_pass import RepairPass, migration_jobs
from novita_sdk.errors import NovitaError, PagingError, StateStoreError

if TYPE_CHECKING:
    from novita_sdk._core.lifecycle.probes import Ready
    from novita_sdk._core.webhooks.notify import Notify

_LOGGER = logging.getLogger("novita_sdk.lifecycle")

_LEASE_SECONDS = 120.0  # longer than a delete may take, tries and look included


class MigrationChecker(DecidingHelper[MigrationReport]):
    """Looks after spot instances that were reclaimed, and after instances whose move failed.

    A move loses the system disk and the local disk of an instance, and so does a copy. So by itself the checker only
    tells: it moves reclaimed instances with `migrate_reclaimed=True` (or the setting `migration_enabled`), and makes
    instances anew with `repair="recreate"`, `accept_data_loss=True` and an `include` that names them. It never touches
    what was stopped on purpose or what is not included, and never makes a second copy beside a first.

    Args:
        client: The client.
        migrate_reclaimed: Whether reclaimed spot instances are moved; left out, the setting `migration_enabled`.
        repair: What is done about a failed move: `"report"`, `"recreate"`, or `"off"` for not even looking.
        accept_data_loss: Whether the loss of the disks of an instance that is made anew is accepted.
        include: What it may touch: ids, globs over names, compiled patterns. None: all reclaimed instances, and
            nothing that would be made anew.
        interval: Seconds between two passes of `run`; the setting `migration_interval` if left out.
        cooldown: Seconds between two attempts for one instance; the setting `migration_cooldown` if left out.
        max_attempts: Most moves for one reclaim; 3, or 1 if the setting `migration_retry_failed` is off.
        max_actions: Most actions in one pass; the setting `migration_max_concurrent` if left out.
        allow_substitute: Whether a copy may use another product of the same name.
        ready: What must answer in a copy before the original is deleted: `"auto"`, probes, or None for nothing.
        dry_run: Whether it only looks: nothing is sent, written or told; the setting `migration_dry_run` if left out.
        notify: Where its events go; see the guide on webhooks.
        pass_timeout: Seconds after which a pass begins nothing more; the setting `migration_timeout` if left out.

    Raises:
        ValidationError: Arguments are wrong; all of them are named.

    Example:
        ```python
        checker = MigrationChecker(client, migrate_reclaimed=True, include="train-*")
        report = checker.check()
        print(report)
        ```
    """

    def __init__(
        self,
        client: Novita,
        *,
        migrate_reclaimed: bool | None = None,
        repair: Repair = "report",
        accept_data_loss: bool = False,
        include: Include = None,
        interval: Seconds | None = None,
        cooldown: Seconds | None = None,
        max_attempts: int | None = None,
        max_actions: int | None = None,
        allow_substitute: bool = False,
        ready: Ready | None = None,
        dry_run: bool | None = None,
        notify: Notify = True,
        pass_timeout: Seconds | None = None,
    ) -> None:
        self._services = services_of(client)
        settings = self._services.settings
        self._instances = client.gpu_instances
        self._jobs = client.jobs
        self._terms = migration_terms(
            settings,
            migrate_reclaimed=migrate_reclaimed,
            repair=repair,
            accept_data_loss=accept_data_loss,
            allow_substitute=allow_substitute,
            cooldown=cooldown,
            max_attempts=max_attempts,
            max_actions=max_actions,
            dry_run=dry_run,
        )
        self._selection = None if include is None else InstanceSelection(include)
        if ready is not None:
            check_ready(ready, COLOUR)
        self._ready: Ready | None = ready
        self._notify: Notify = notify
        self._lease = HeldLease(self._services, "migration", _LEASE_SECONDS)
        self._trail = AuditTrail(self._services.store, "migration", Decision)
        self._loop = PassLoop(
            "MigrationChecker",
            self._one_pass,
            interval=settings.migration_interval if interval is None else interval,
            pass_timeout=settings.migration_timeout if pass_timeout is None else pass_timeout,
            clock=self._services.clock,
            rng=self._services.rng,
            lease=self._lease,
            observer=self._services.caller.observer,
            failure_of=lambda report: report.error,
        )

    def check(self) -> MigrationReport:
        """Make one pass; join the one under way if there is one.

        Returns:
            What it found and did. What went wrong is told in it, also that there was no pass at all.

        Raises:
            ConfigurationError: Events are to be sent, and the client is not inside `with`.
        """
        return self._loop.check()

    # ----------------------------------------------------------------------------------------- a pass

    def _one_pass(self) -> MigrationReport:
        if self._terms.dry_run:
            return self._look(self._turn(None))
        self._services.events.operation("migration", self._notify)  # raises before the first request
        try:
            held = self._lease.acquire()
        except StateStoreError as error:
            return _skipped("store_unavailable", error)
        if not held:
            return _skipped("lease_held")
        try:
            return self._look(self._turn(self._lease))
        finally:
            self._lease.give_back()

    def _turn(self, lease: HeldLease | None) -> MigrationTurn:
        return MigrationTurn(self._services, lease, self._terms, self._selection, self._loop.must_end)

    def _look(self, turn: MigrationTurn) -> MigrationReport:
        pager = self._instances.list(options=FRESH)
        try:
            listed = pager.collect()
            if not pager.complete:
                raise PagingError("the list of instances was not complete, so nothing was done")
        except NovitaError as error:
            return MigrationReport(reclaimed=ReclaimResult(errors=1), dry_run=turn.dry_run, error=error)
        reclaims = ReclaimPass(self._instances, self._services, turn, self._notify)
        reclaimed = reclaims.run(listed)

        def look(instance_id: str) -> MoveVerdict:
            return judge_move(migration_jobs(self._jobs, turn), instance_id, turn.now)

        repair = MoveRepair(
            self._instances, self._services, turn, look, ready=self._ready, notify=self._notify
        )
        repairs = RepairPass(repair, self._jobs, self._services, turn, self._notify)
        failed = repairs.run(listed)
        self._remember((*reclaimed.decisions, *failed.decisions), turn)
        return MigrationReport(
            reclaimed=reclaimed,
            failed=failed,
            listed=len(listed),
            dry_run=turn.dry_run,
            lease_lost=turn.lease_lost,
            error=turn.error,
        )

    def _remember(self, decisions: Sequence[Decision], turn: MigrationTurn) -> None:
        try:
            self._trail.record(decisions, dry_run=turn.dry_run, fence=turn.fence)
        except StateStoreError as error:
            turn.store_failed(error)


def _skipped(
    reason: Literal["store_unavailable", "lease_held"], error: Exception | None = None
) -> MigrationReport:
    if error is not None:
        log(_LOGGER, logging.WARNING, "the migration checker cannot act: %(error)s", error=str(error))
    counted = ReclaimResult(errors=0 if error is None else 1)
    return MigrationReport(reclaimed=counted, skipped_pass=reason, error=error)
