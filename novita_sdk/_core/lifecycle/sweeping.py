"""What becomes of creates that nobody finished: which are looked for, and what a look makes of them."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

import attrs

from novita_sdk._core.lifecycle.intents import UNSETTLED, Intent

OrphanAction: TypeAlias = Literal["report", "adopt", "delete"]
"""What is done with an instance or endpoint whose create nobody finished: told, accepted as created, deleted."""

OrphanOutcome: TypeAlias = Literal[
    "reported", "adopted", "deleted", "still_unknown", "not_created", "duplicate", "error"
]

ORPHAN_ACTIONS: Final = get_args(OrphanAction)

ACT_TTL: Final = 120.0
"""Seconds for which the sweeper owns an intent that it acts on."""

_LEAST_AGE: Final = 120.0
_LEAST_LOOKS: Final = 3
_LEAST_SPAN: Final = 86_400.0  # seconds between the first and the last look that found nothing


@attrs.frozen(kw_only=True)
class Orphan:
    """What a pass found out about one create.

    Attributes:
        operation_id: The identity of the create.
        operation: Its operation: `create_instance` or `create_endpoint`.
        ids: What carries its mark.
        outcome: What was done.
        detail: What went wrong.
    """

    operation_id: str
    operation: str
    ids: tuple[str, ...] = ()
    outcome: OrphanOutcome
    detail: str = ""


@attrs.frozen(kw_only=True)
class SweepReport:
    """What one pass of the sweeper did.

    Attributes:
        checked_intents: Creates that were looked for.
        adopted: How many instances and endpoints were accepted as created.
        deleted: How many were deleted, and seen to go.
        still_unknown: How many creates show nothing, and may show something later.
        not_created: How many creates are known by now to have made nothing.
        duplicates: How many creates made several; these are only reported.
        foreign: Ids of what carries a mark that no record knows; never touched.
        rentals_lapsed: How many rentals have lost their owner.
        rentals_finished: How many of them were ended as they should have been.
        errors: How many things failed.
        orphans: One for each create that was looked for.
        dry_run: Whether nothing was done on purpose.
        elapsed: Seconds the pass took.
        skipped_pass: Why there was no pass: `lease_held` by another host or `store_unavailable`; else None.
        ended_early: Whether it ended before it was through, as its time was over or its lease was lost.
        error: What made the whole pass fail; None if nothing did.
    """

    checked_intents: int = 0
    adopted: int = 0
    deleted: int = 0
    still_unknown: int = 0
    not_created: int = 0
    duplicates: int = 0
    foreign: tuple[str, ...] = ()
    rentals_lapsed: int = 0
    rentals_finished: int = 0
    errors: int = 0
    orphans: tuple[Orphan, ...] = ()
    dry_run: bool = False
    elapsed: float = 0.0
    skipped_pass: str | None = None
    ended_early: bool = False
    error: Exception | None = None

    def __str__(self) -> str:
        if self.skipped_pass is not None:
            return f"no pass: {self.skipped_pass}"
        return (
            f"{self.checked_intents} creates looked for: {self.adopted} adopted, {self.deleted} deleted, "
            f"{self.still_unknown} still unknown; {self.rentals_finished} of {self.rentals_lapsed} lapsed rentals "
            f"ended; {self.errors} errors"
        )


def is_left_behind(intent: Intent, now: float) -> bool:
    """Tell whether nobody works on a create any more although nobody knows what came of it."""
    return intent.state in UNSETTLED and now - intent.created_at >= _LEAST_AGE and not intent.lives(now)


def after_empty_look(intent: Intent, now: float) -> Intent:
    """Return the record after one more complete look that found nothing; absence is believed after a day."""
    first = now if intent.first_look_at is None else intent.first_look_at
    looks = intent.looks + 1
    gone = looks >= _LEAST_LOOKS and now - first >= _LEAST_SPAN
    return attrs.evolve(
        intent, looks=looks, first_look_at=first, state="not_created" if gone else intent.state
    )
