"""What a pass of the migration checker found and did, and the arguments that decide what it may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, get_args

import attrs

from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.lifecycle.decisions import Decision
from novita_sdk._core.lifecycle.reclaims import ReclaimRules
from novita_sdk._core.narrowing import is_number, is_whole_number
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.options import Settings

Repair: TypeAlias = Literal["report", "recreate", "off"]
"""What is done about an instance whose move failed: it is told, made anew, or not looked for."""

_MOST_ATTEMPTS: Final = 3


@attrs.frozen(kw_only=True)
class ReclaimResult:
    """What became of the reclaimed spot instances.

    Attributes:
        total_processed: Stopped instances that were seen.
        migrated: How many of them are being moved now.
        skipped: How many were left alone.
        errors: How many could not be moved, or what else went wrong.
        would_migrate: How many would have been moved but for a dry run or the missing consent.
        execution_time: Seconds it took.
        decisions: One for each of them.
    """

    total_processed: int = 0
    migrated: int = 0
    skipped: int = 0
    errors: int = 0
    would_migrate: int = 0
    execution_time: float = 0.0
    decisions: tuple[Decision, ...] = ()


@attrs.frozen(kw_only=True)
class RepairResult:
    """What became of the instances that are being moved.

    Attributes:
        total_checked: Instances in the middle of a move that were seen.
        failed_jobs_found: How many of these moves failed.
        instances_recreated: How many instances were replaced by a copy in this pass.
        errors: What went wrong.
        would_recreate: How many would have been made anew but for a dry run or the missing consent.
        execution_time: Seconds it took.
        decisions: One for each of them.
    """

    total_checked: int = 0
    failed_jobs_found: int = 0
    instances_recreated: int = 0
    errors: int = 0
    would_recreate: int = 0
    execution_time: float = 0.0
    decisions: tuple[Decision, ...] = ()


@attrs.frozen(kw_only=True)
class MigrationReport:
    """What one pass of the migration checker found and did.

    Attributes:
        reclaimed: About reclaimed spot instances.
        failed: About moves that failed.
        listed: Instances that the account has.
        dry_run: Whether it only looked.
        skipped_pass: Why there was no pass: `lease_held` by somebody else, or `store_unavailable`.
        lease_lost: Whether somebody else took over in the middle.
        error: What ended the pass early, or the last thing that went wrong.
    """

    reclaimed: ReclaimResult = ReclaimResult()
    failed: RepairResult = RepairResult()
    listed: int = 0
    dry_run: bool = False
    skipped_pass: Literal["lease_held", "store_unavailable"] | None = None
    lease_lost: bool = False
    error: Exception | None = None

    @property
    def errors(self) -> int:
        """How many things went wrong."""
        return self.reclaimed.errors + self.failed.errors

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions of the pass."""
        return self.reclaimed.decisions + self.failed.decisions

    def __str__(self) -> str:
        if self.skipped_pass is not None:
            return f"skipped: {self.skipped_pass}"
        moved, made = self.reclaimed, self.failed
        return (
            f"{moved.total_processed} stopped: {moved.migrated} moved, {moved.would_migrate} would be; "
            f"{made.total_checked} moving: {made.failed_jobs_found} failed, {made.instances_recreated} made anew, "
            f"{made.would_recreate} would be; {self.errors} errors"
        )


@attrs.frozen(kw_only=True)
class MigrationTerms:
    """What a migration checker may do.

    Attributes:
        migrate_reclaimed: Whether reclaimed instances are moved.
        repair: What is done about failed moves.
        accept_data_loss: Whether the loss of system and local disk of an instance that is made anew is accepted.
        allow_substitute: Whether a copy may use another product of the same name.
        rules: How often a move is tried.
        max_actions: Most actions in one pass.
        dry_run: Whether it only looks.
    """

    migrate_reclaimed: bool
    repair: Repair
    accept_data_loss: bool
    allow_substitute: bool
    rules: ReclaimRules
    max_actions: int
    dry_run: bool


def migration_terms(
    settings: Settings,
    *,
    migrate_reclaimed: bool | None,
    repair: Repair,
    accept_data_loss: bool,
    allow_substitute: bool,
    cooldown: Seconds | None,
    max_attempts: int | None,
    max_actions: int | None,
    dry_run: bool | None,
) -> MigrationTerms:
    """Check the arguments of a migration checker and fill in what the settings say.

    Raises:
        ValidationError: Arguments are wrong; all of them are named.
    """
    usual = _MOST_ATTEMPTS if settings.migration_retry_failed else 1
    attempts = usual if max_attempts is None else max_attempts
    actions = settings.migration_max_concurrent if max_actions is None else max_actions
    pause = settings.migration_cooldown if cooldown is None else seconds(cooldown)
    problems = [
        *_flags(
            migrate_reclaimed=migrate_reclaimed,
            accept_data_loss=accept_data_loss,
            allow_substitute=allow_substitute,
            dry_run=dry_run,
        ),
        *_counts(max_attempts=attempts, max_actions=actions),
    ]
    if repair not in get_args(Repair):
        problems.append(problem("repair", repair, "must be one of 'report', 'recreate', 'off'"))
    if not is_number(pause) or pause < 0:
        problems.append(problem("cooldown", cooldown, "must be seconds from 0 on, or a timedelta"))
    if problems:
        raise ValidationError(problems=tuple(problems))
    return MigrationTerms(
        migrate_reclaimed=settings.migration_enabled if migrate_reclaimed is None else migrate_reclaimed,
        repair=repair,
        accept_data_loss=accept_data_loss,
        allow_substitute=allow_substitute,
        rules=ReclaimRules(cooldown=pause, max_attempts=attempts),
        max_actions=actions,
        dry_run=settings.migration_dry_run if dry_run is None else dry_run,
    )


def _flags(**flags: object) -> Iterator[Problem]:
    for name, value in flags.items():
        if value is not None and not isinstance(value, bool):
            yield problem(name, value, "must be True or False")


def _counts(**counts: int) -> Iterator[Problem]:
    for name, value in counts.items():
        if not is_whole_number(value) or value < 1:
            yield problem(name, value, "must be a whole number from 1 on")
