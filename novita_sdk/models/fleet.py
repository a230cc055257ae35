"""What became of each of several instances that were acted on together."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from novita_sdk.errors import NovitaError
from novita_sdk.models.results import CreatedInstance


@attrs.frozen(kw_only=True)
class StopResult:
    """What became of one instance that was to be stopped.

    Attributes:
        id: The instance.
        success: Whether its stop was accepted; None in a dry run.
        error: Why not.
    """

    id: str
    success: bool | None
    error: NovitaError | None = None


@attrs.frozen(kw_only=True)
class StopAllReport:
    """What became of all instances that were to be stopped.

    Attributes:
        results: One for each of them.
        dry_run: Whether nothing was done.
    """

    results: tuple[StopResult, ...]
    dry_run: bool

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.results)

    @property
    def failed(self) -> int:
        """How many could not be stopped."""
        return sum(result.success is False for result in self.results)

    def __str__(self) -> str:
        if self.dry_run:
            return f"{self.count} would be stopped"
        return f"{self.count - self.failed} of {self.count} stopped"


@attrs.frozen(kw_only=True)
class FleetReport:
    """What became of several instances that were to be created; iterate it for those that exist.

    Attributes:
        operation_id: The identity of the whole; that of each create is this with its index.
        requested: How many were wanted.
        created: Those that were made, in the order of their indexes; also those that were taken back.
        failed: Index and error of those that certainly were not made.
        unknown: Operation ids of the creates of which nobody knows.
        duplicates: Ids of instances of which one create made several; none of them was touched.
        rolled_back: Ids of those that were deleted again.
        rollback_failed: Id and error of those that could not be: they may still be billing.
    """

    operation_id: str
    requested: int
    created: tuple[CreatedInstance, ...] = ()
    failed: tuple[tuple[int, NovitaError], ...] = ()
    unknown: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    rolled_back: tuple[str, ...] = ()
    rollback_failed: tuple[tuple[str, NovitaError], ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the instances that exist, as far as is known."""
        return tuple(made.id for made in self.created if made.id not in self.rolled_back)

    def __iter__(self) -> Iterator[CreatedInstance]:
        return (made for made in self.created if made.id not in self.rolled_back)

    def __len__(self) -> int:
        return len(self.ids)

    def __bool__(self) -> bool:
        return True  # a report, however empty

    def __str__(self) -> str:
        told = [f"{len(self.created)} of {self.requested} created"]
        for what, some in (
            ("failed", self.failed),
            ("unknown", self.unknown),
            ("made more than once", self.duplicates),
            ("taken back", self.rolled_back),
            ("could not be taken back", self.rollback_failed),
        ):
            if some:
                told.append(f"{len(some)} {what}")
        return ", ".join(told)
