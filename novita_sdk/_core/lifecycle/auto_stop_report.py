"""What AutoStop reports: the result of a pass, and its counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from novita_sdk._core.lifecycle.auto_stop_rules import StopDecision


@attrs.frozen(kw_only=True)
class AutoStopResult:
    """What one pass of AutoStop did.

    Attributes:
        total_checked: Opted-in running instances.
        eligible_for_stop: How many of them were idle long enough.
        stopped: How many stops were accepted.
        errors: What failed: the listing, a hook, a stop, a stop without effect.
        execution_time: Seconds the pass took.
        listed: Instances of the account.
        skipped: How many instances were left alone, by reason.
        dry_run: Whether nothing was done on purpose.
        skipped_pass: Why there was no pass: `lease_held` by another host, `store_unavailable` or `clock_jump`; else
            None.
        lease_lost: Whether it ended early, as another host may have taken over.
        ended_early: Whether it ended before it had looked at everything, as its time was over or it was told to stop.
        decisions: One for each instance.
        error: What made the whole pass fail; None if nothing did.
    """

    total_checked: int = 0
    eligible_for_stop: int = 0
    stopped: int = 0
    errors: int = 0
    execution_time: float = 0.0
    listed: int = 0
    skipped: Mapping[str, int] = attrs.field(factory=dict[str, int])
    dry_run: bool = False
    skipped_pass: str | None = None
    lease_lost: bool = False
    ended_early: bool = False
    decisions: tuple[StopDecision, ...] = attrs.field(default=(), repr=False)
    error: Exception | None = None

    def __str__(self) -> str:
        if self.skipped_pass is not None:
            return f"no pass: {self.skipped_pass}"
        return (
            f"{'dry run: ' if self.dry_run else ''}{self.total_checked} checked, {self.eligible_for_stop} idle, "
            f"{self.stopped} stopped, {self.errors} errors"
        )


@attrs.frozen(kw_only=True)
class AutoStopStats:
    """The settings and counts of an AutoStop.

    Attributes:
        scheduler_running: Whether `run()` is under way.
        check_interval: Seconds between two passes.
        default_inactivity_threshold: Idle seconds after which an instance is stopped, unless its tag says otherwise.
        startup_grace_period: Seconds given after a start.
        creation_grace_period: Seconds given after a creation.
        passes: Passes that ended.
        last_pass: When the last one ended.
        last_error: What the last failure was.
        stopped_total: Stops that were accepted.
    """

    scheduler_running: bool
    check_interval: float
    default_inactivity_threshold: float
    startup_grace_period: float
    creation_grace_period: float
    passes: int
    last_pass: datetime | None
    last_error: str | None
    stopped_total: int
