"""What became of each of several instances that were acted on together."""

from __future__ import annotations

import attrs

from novita_sdk.errors import NovitaError


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
