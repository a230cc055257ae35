# Generated from novita_sdk/_async/stores/protocol.py by tools/unasync.py; edit the source.
"""What a state store is: everything that outlives a call, in operations that happen as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from novita_sdk._core.durations import Seconds
from novita_sdk._core.stores.answers import (
    Capabilities,
    Claim,
    DeadItem,
    Entry,
    Lease,
    QueueCounts,
    StorePage,
)
from novita_sdk.models.json_types import JSON


@runtime_checkable
class StateStore(Protocol):
    """Records, leases and queues.

    Every operation happens as a whole or not at all, whoever else uses the store. Keys, and the names of leases,
    owners, queues, items and groups, are 1-200 letters, digits, ":", "_", "." and "-". Values are JSON objects of
    at most 64 KiB with a schema number `v`; payloads of queues likewise, of at most 128 KiB. Durations count from
    now on the store's clock. A wrong argument is a ValidationError, a failing store a StateStoreError.

    `StoreConformance` in `novita_sdk.testing.store_conformance` checks a store of your own.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What the store is good for."""
        ...

    def scoped(self, account: str) -> StateStore:
        """Return a view in which every key and name stands under an account; closing it closes nothing.

        Args:
            account: 1-64 letters, digits, "_" and "-".
        """
        ...

    # ------------------------------------------------------------------------------------ records

    def get(self, key: str) -> Entry | None:
        """Return a record, None if there is none or its time is over."""
        ...

    def scan(self, prefix: str = "", *, cursor: str | None = None, limit: int = 200) -> StorePage[Entry]:
        """Return records in the order of their keys. One that lives all the while is seen exactly once.

        Args:
            prefix: What their keys begin with.
            cursor: Where to go on: that of the page before.
            limit: Most records, 1-1000.
        """
        ...

    def put(
        self,
        key: str,
        value: JSON,
        *,
        ttl: Seconds | None = None,
        if_version: int | None = None,
        fence: Lease | None = None,
    ) -> int:
        """Write a record.

        Args:
            key: Its key.
            value: Its value.
            ttl: Seconds it lives from now; None for ever.
            if_version: Only write over the record with this version.
            fence: Only write if this lease has had no newer holder since.

        Returns:
            Its new version, of 1 or more, which is higher than any the key ever had.

        Raises:
            VersionConflictError: The record has another version, or is absent.
            StaleFenceError: The lease has a newer holder.
        """
        ...

    def put_if_absent(
        self, key: str, value: JSON, *, ttl: Seconds | None = None, fence: Lease | None = None
    ) -> bool:
        """Write a record unless there is one: of many callers one gets True.

        Args:
            key: Its key.
            value: Its value.
            ttl: Seconds it lives from now; None for ever.
            fence: Only write if this lease has had no newer holder since.

        Raises:
            StaleFenceError: The lease has a newer holder.
        """
        ...

    def put_max(self, key: str, field: str, value: float, *, ttl: Seconds | None = None) -> float:
        """Raise a number in a record, which is made if need be; other fields stay.

        The record gets a new version, and `ttl` from now, also if the number was higher already.

        Args:
            key: The record's key.
            field: The field; not `v`.
            value: A finite number.
            ttl: Seconds the record lives from now; None for ever.

        Returns:
            The number that stands there now.
        """
        ...

    def delete(self, key: str, *, if_version: int | None = None, fence: Lease | None = None) -> bool:
        """Delete a record; False if there was none.

        Args:
            key: Its key.
            if_version: Only delete the record with this version.
            fence: Only delete if this lease has had no newer holder since.

        Raises:
            VersionConflictError: The record has another version, or is absent.
            StaleFenceError: The lease has a newer holder.
        """
        ...

    # ------------------------------------------------------------------------------------- leases

    def lease_acquire(self, name: str, owner: str, ttl: Seconds) -> Lease | None:
        """Take a lease, or prolong it if `owner` holds it; None while somebody else does.

        Each new holder, also the same one after the lease ran out or was given back, gets a fence that is higher
        by 1. Fences never start again.

        Args:
            name: What the lease is about.
            owner: Who takes it: random, and new for every start of a process.
            ttl: Seconds it lasts unless it is renewed.
        """
        ...

    def lease_renew(self, lease: Lease) -> bool:
        """Prolong a lease by its `ttl` from now; False if it ran out, was given back or has a newer holder."""
        ...

    def lease_release(self, lease: Lease) -> bool:
        """Give a lease back; False if it is no longer held."""
        ...

    # ------------------------------------------------------------------------------------- queues

    def enqueue(
        self,
        queue: str,
        item_id: str,
        payload: JSON,
        *,
        due_in: Seconds = 0,
        group: str | None = None,
    ) -> bool:
        """Add an item; False if there is one of this id, dead ones included, or was one done in the last 24 h.

        Args:
            queue: The queue.
            item_id: The item's id.
            payload: What is to be done.
            due_in: Seconds for which it cannot be claimed.
            group: Of a group, only the oldest item that is neither done nor dead can be claimed.
        """
        ...

    def claim(self, queue: str, owner: str, *, lease: Seconds = 60) -> Claim | None:
        """Take the item that is due first, by due time, then by age; None if none is due.

        Args:
            queue: The queue.
            owner: Who takes it.
            lease: Seconds after which somebody else may claim it, unless it is finished or extended.
        """
        ...

    def extend(self, claim: Claim, *, lease: Seconds = 60) -> bool:
        """Prolong a claim from now.

        False, from here as from `complete` and `fail`, means that the item is no longer this claim's: it was
        claimed anew, finished or given back. A claim that ran out holds until somebody else claims the item.
        """
        ...

    def complete(self, claim: Claim) -> bool:
        """Finish an item; its id is remembered for 24 h."""
        ...

    def fail(self, claim: Claim, *, due_in: Seconds = 0, dead: str | None = None) -> bool:
        """Give an item back, or up.

        Args:
            claim: The claim.
            due_in: Seconds until it can be claimed again; it keeps its place in its group.
            dead: Why it is given up instead, 1-200 characters; it then holds back nobody.
        """
        ...

    def dead(self, queue: str, *, cursor: str | None = None, limit: int = 200) -> StorePage[DeadItem]:
        """Return items that were given up, the oldest first; they stay until requeued or purged."""
        ...

    def requeue(self, queue: str, ids: Iterable[str]) -> int:
        """Make dead items due now, as if never tried and outside of any group; return how many there were."""
        ...

    def purge(self, queue: str, ids: Iterable[str]) -> int:
        """Delete dead items for good; return how many there were."""
        ...

    def count(self, queue: str) -> QueueCounts:
        """Count the items of a queue that are not done."""
        ...

    # ---------------------------------------------------------------------------------- the store

    def ping(self) -> None:
        """Do nothing but find out whether the store works.

        Raises:
            StateStoreError: It does not.
        """
        ...

    def close(self) -> None:
        """Close the store; what is called later raises StateStoreError. Closing twice is harmless."""
        ...
