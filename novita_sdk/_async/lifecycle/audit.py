"""The trail of what a helper decided, so that somebody can ask why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic

from novita_sdk._async.stores.protocol import AsyncStateStore
from novita_sdk._core.lifecycle.decisions import D, decisions_in, extended, is_noteworthy, keepable
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.stores.answers import Lease

_KEPT_FOR = 30 * 86_400.0  # seconds


class AsyncAuditTrail(Generic[D]):
    """Keeps of each instance the last 20 decisions that changed something, for 30 days.

    Beside the store it remembers the newest decision of each instance, so that `why` also explains the instances
    which nothing ever happened to.

    Args:
        store: The store, in the view of the account.
        helper: The helper's name, part of the keys.
        kind: The class of its decisions.
    """

    def __init__(self, store: AsyncStateStore, helper: str, kind: type[D]) -> None:
        self._store = store
        self._prefix = f"audit:{helper}:"
        self._kind = kind
        self._newest: dict[str, D] = {}

    async def record(
        self, decisions: Iterable[D], *, dry_run: bool = False, fence: Lease | None = None
    ) -> None:
        """Keep what is worth it.

        Args:
            decisions: All decisions of a pass; instances that it does not mention are forgotten here, though not
                in the store.
            dry_run: Whether nothing may be written.
            fence: The lease under which they were made.

        Raises:
            StaleFenceError: The lease went to another host, which keeps the trail now.
            StateStoreError: The store fails.
        """
        newest = {decision.instance_id: keepable(decision) for decision in decisions}
        before, self._newest = self._newest, newest
        if dry_run:
            return
        for instance_id, decision in self._newest.items():
            last = before.get(instance_id)
            if is_noteworthy(decision, None if last is None else last.verdict):
                key = self._prefix + key_part(instance_id)
                entry = await self._store.get(key)
                record = extended(None if entry is None else entry.value, decision)
                await self._store.put(key, record, ttl=_KEPT_FOR, fence=fence)

    async def why(self, instance_id: str) -> list[D]:
        """Return the decisions about an instance, the newest first.

        Raises:
            StateStoreError: The store fails.
        """
        entry = await self._store.get(self._prefix + key_part(instance_id))
        kept = decisions_in(None if entry is None else entry.value, self._kind)
        newest = self._newest.get(instance_id)
        if newest is None or newest in kept:
            return kept
        return [newest, *kept]
