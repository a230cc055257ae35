"""What both parts of one pass of the migration checker share: the right to act, and the notes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from novita_sdk._async.lifecycle.held_lease import AsyncHeldLease
from novita_sdk._async.services import AsyncServices
from novita_sdk._core.lifecycle.decisions import Decision, DecisionVerdict
from novita_sdk._core.lifecycle.migration_report import MigrationTerms
from novita_sdk._core.lifecycle.selection import InstanceSelection
from novita_sdk._core.stores.answers import Lease
from novita_sdk.errors import StaleFenceError, StateStoreError
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions

FRESH: Final = CallOptions(priority="poll", cache="bypass")
"""How a pass reads lists: past any cache, and after what people wait for."""


class AsyncMigrationTurn:
    """One pass under way.

    Args:
        services: What the client shares.
        lease: The lease, held; None in a dry run.
        terms: What the checker may do.
        selection: Which instances it may touch; None for all that it is about.
        must_end: Tells whether the pass begins no further action.

    Attributes:
        terms: What the checker may do.
        lease_lost: Whether somebody else took over.
        error: The last thing that went wrong.
    """

    def __init__(
        self,
        services: AsyncServices,
        lease: AsyncHeldLease | None,
        terms: MigrationTerms,
        selection: InstanceSelection | None,
        must_end: Callable[[], bool],
    ) -> None:
        self.terms = terms
        self.lease_lost = False
        self.error: Exception | None = None
        self._services = services
        self._lease = lease
        self._selection = selection
        self._must_end = must_end
        self._actions_left = terms.max_actions

    @property
    def dry_run(self) -> bool:
        """Whether nothing may be sent, written or told."""
        return self._lease is None

    @property
    def fence(self) -> Lease | None:
        """The lease that all writes rely on; None in a dry run."""
        return None if self._lease is None else self._lease.lease

    @property
    def now(self) -> datetime:
        """The wall time."""
        return datetime.fromtimestamp(self._services.clock.time(), UTC)

    @property
    def broken(self) -> bool:
        """Whether the pass cannot go on."""
        return self.lease_lost or isinstance(self.error, StateStoreError)

    def store_failed(self, error: StateStoreError) -> None:
        """Note that the store failed, or that somebody else took over."""
        self.error = error
        self.lease_lost = isinstance(error, StaleFenceError)

    def covers(self, instance: Instance) -> bool:
        """Tell whether the checker may touch an instance."""
        return self._selection is None or self._selection.verdict(instance).selected

    @property
    def names_instances(self) -> bool:
        """Whether the caller said which instances may be touched."""
        return self._selection is not None

    def take_action(self) -> bool:
        """Use up one of the actions of this pass; False if there is none left."""
        if self._actions_left == 0 or self._must_end():
            return False
        self._actions_left -= 1
        return True

    async def may_go_on(self) -> bool:
        """Tell whether the next step may be taken: there is time, and the lease is held.

        Raises:
            StateStoreError: The store fails.
        """
        if self._lease is None or self._must_end():
            return False
        self.lease_lost = not await self._lease.keep()
        return not self.lease_lost

    async def write(self, key: str, value: dict[str, JSON], ttl: float) -> None:
        """Write a record, unless somebody else took over.

        Raises:
            StateStoreError: The store fails, or the lease has a newer holder.
        """
        await self._services.store.put(key, value, ttl=ttl, fence=self.fence)

    def decided(self, instance_id: str, verdict: DecisionVerdict, reason: str, detail: str = "") -> Decision:
        """Note what was decided about an instance."""
        held = self.fence
        return Decision(
            instance_id=instance_id,
            verdict=verdict,
            reason=reason,
            detail=detail,
            at=self.now,
            holder=None if held is None else held.owner,
            fence=None if held is None else held.fence,
        )
