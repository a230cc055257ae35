"""Rows in memory."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

import attrs

from novita_sdk._core.stores.ledger import Item, LeaseRow, Record
from novita_sdk._core.stores.moments import is_held, is_over
from novita_sdk.errors import StateStoreError

MOST_RECORDS: Final = 100_000
"""Records that a memory holds unless told otherwise."""


class MemoryLedger:
    """Rows in dictionaries. Does no locking of its own.

    Args:
        limit: Most records. One that is full refuses new ones rather than forgetting what somebody relies on.
    """

    def __init__(self, limit: int = MOST_RECORDS) -> None:
        self.limit = limit
        self._records: dict[str, Record] = {}
        self._leases: dict[str, LeaseRow] = {}
        self._queues: dict[str, dict[str, Item]] = {}
        self._done: dict[tuple[str, str], int] = {}
        self._version = 0
        self._number = 0

    def record(self, key: str) -> Record | None:
        """Look it up."""
        return self._records.get(key)

    def records(self, prefix: str, after: str, limit: int, now: int) -> list[Record]:
        """Look at all of them."""
        living = (
            row
            for key, row in self._records.items()
            if key.startswith(prefix) and key > after and not is_over(row.expires, now)
        )
        return heapq.nsmallest(limit, living, key=lambda row: row.key)

    def write_record(self, key: str, text: str, expires: int | None) -> int:
        """Replace it, or add it if there is room."""
        if self.is_full and key not in self._records:
            raise StateStoreError(
                f"the memory holds {self.limit} records already; a store in a file holds more"
            )
        self._version += 1
        self._records[key] = Record(key=key, text=text, version=self._version, expires=expires)
        return self._version

    @property
    def is_full(self) -> bool:
        """Whether no further record is taken."""
        return len(self._records) >= self.limit

    def erase_record(self, key: str) -> None:
        """Forget it."""
        self._records.pop(key, None)

    def lease(self, name: str) -> LeaseRow | None:
        """Look it up."""
        return self._leases.get(name)

    def write_lease(self, row: LeaseRow) -> None:
        """Replace it."""
        self._leases[row.name] = row

    def item(self, queue: str, item_id: str) -> Item | None:
        """Look it up."""
        return self._queues.get(queue, {}).get(item_id)

    def first_claimable(self, queue: str, now: int) -> Item | None:
        """Look at all of the queue."""
        claimable = (
            item
            for item in self._items(queue)
            if (item.state == "waiting" and item.due <= now)
            or (item.state == "claimed" and not is_held(item.expires, item.lasting, now))
        )
        return min(claimable, key=lambda item: (item.due, item.number), default=None)

    def first_held(self, queue: str, group: str) -> Item | None:
        """Look at all of the queue."""
        held = (item for item in self._items(queue) if item.group_name == group and item.state == "held")
        return min(held, key=lambda item: item.number, default=None)

    def is_busy(self, queue: str, group: str) -> bool:
        """Look at all of the queue."""
        return any(item.group_name == group and item.state != "dead" for item in self._items(queue))

    def add_item(self, item: Item) -> None:
        """Number and keep it."""
        self._number += 1
        self._queues.setdefault(item.queue, {})[item.id] = attrs.evolve(item, number=self._number)

    def change_item(self, item: Item) -> None:
        """Replace it."""
        self._queues[item.queue][item.id] = item

    def drop_item(self, item: Item) -> None:
        """Forget it."""
        del self._queues[item.queue][item.id]

    def dead_items(self, queue: str, after: int, limit: int) -> list[Item]:
        """Look at all of the queue."""
        dead = (item for item in self._items(queue) if item.state == "dead" and item.number > after)
        return heapq.nsmallest(limit, dead, key=lambda item: item.number)

    def count_items(self, queue: str) -> Mapping[str, tuple[int, int]]:
        """Look at all of the queue."""
        added: dict[str, list[int]] = {}
        for item in self._items(queue):
            added.setdefault(item.state, []).append(item.added)
        return {state: (len(moments), min(moments)) for state, moments in added.items()}

    def remember_done(self, queue: str, item_id: str, expires: int) -> None:
        """Keep the end."""
        self._done[queue, item_id] = expires

    def done_until(self, queue: str, item_id: str) -> int | None:
        """Look it up."""
        return self._done.get((queue, item_id))

    def erase_expired(self, now: int, limit: int) -> int:
        """Look at all of them until there are enough."""
        records = [key for key, row in self._records.items() if is_over(row.expires, now)][:limit]
        for key in records:
            del self._records[key]
        over = (key for key, expires in self._done.items() if is_over(expires, now))
        memories = list(islice(over, limit - len(records)))
        for memory in memories:
            del self._done[memory]
        return len(records) + len(memories)

    def _items(self, queue: str) -> Iterator[Item]:
        return iter(self._queues.get(queue, {}).values())
