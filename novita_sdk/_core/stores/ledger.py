"""What a store keeps, row by row, and the few things it must be able to do with rows.

Everything a store promises is decided above this, once for all stores, in steps: a step gets the rows and the
time, and happens as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol, TypeAlias, TypeVar

import attrs

State: TypeAlias = Literal["waiting", "held", "claimed", "dead"]
"""Of an item: may be claimed once due; an older one of its group is unfinished; at work; given up."""


@attrs.frozen(kw_only=True)
class Record:
    """A value under a key; `text` is JSON, `expires` is in ticks, None for never."""

    key: str
    text: str
    version: int
    expires: int | None


@attrs.frozen(kw_only=True)
class LeaseRow:
    """The newest holder of a lease; `lasting` is how long it was granted for. Never deleted."""

    name: str
    owner: str
    fence: int
    expires: int
    lasting: int


@attrs.frozen(kw_only=True)
class Item:
    """One item of a queue.

    Attributes:
        number: Its place in the order of enqueueing; never given to another item.
        added: When it was enqueued or requeued.
        attempts: Claims since it was enqueued or requeued.
        claims: Claims ever.
        expires: End of the last claim, which was granted for `lasting`.
    """

    number: int = 0
    queue: str
    id: str
    payload: str
    group_name: str | None
    state: State
    added: int
    due: int
    attempts: int = 0
    claims: int = 0
    owner: str = ""
    expires: int = 0
    lasting: int = 0
    reason: str = ""
    died: int = 0


class Ledger(Protocol):
    """Rows. Keys are whole, their account included, and times are ticks; nothing is checked here."""

    def record(self, key: str) -> Record | None:
        """Return the record of a key, living or not."""
        ...

    def records(self, prefix: str, after: str, limit: int, now: int) -> list[Record]:
        """Return the first `limit` living records by key that begin with `prefix` and come behind `after`."""
        ...

    def write_record(self, key: str, text: str, expires: int | None) -> int:
        """Write a record and return its version: one more than any version ever given."""
        ...

    def erase_record(self, key: str) -> None:
        """Delete the record of a key."""
        ...

    def lease(self, name: str) -> LeaseRow | None:
        """Return the newest holder of a lease, holding or not."""
        ...

    def write_lease(self, row: LeaseRow) -> None:
        """Write the newest holder of a lease."""
        ...

    def item(self, queue: str, item_id: str) -> Item | None:
        """Return an item that is not done."""
        ...

    def first_claimable(self, queue: str, now: int) -> Item | None:
        """Return the first item by due time, then number, that waits and is due or whose claim ran out."""
        ...

    def first_held(self, queue: str, group: str) -> Item | None:
        """Return the oldest item that its group holds back."""
        ...

    def is_busy(self, queue: str, group: str) -> bool:
        """Tell whether a group has an item that is neither done nor dead."""
        ...

    def add_item(self, item: Item) -> None:
        """Add an item and number it."""
        ...

    def change_item(self, item: Item) -> None:
        """Write everything of an item but its payload."""
        ...

    def drop_item(self, item: Item) -> None:
        """Delete an item."""
        ...

    def dead_items(self, queue: str, after: int, limit: int) -> list[Item]:
        """Return the first `limit` dead items by number behind `after`."""
        ...

    def count_items(self, queue: str) -> Mapping[str, tuple[int, int]]:
        """Return how many items there are in each state, and when the oldest of them was added."""
        ...

    def remember_done(self, queue: str, item_id: str, expires: int) -> None:
        """Remember until `expires` that an item is done."""
        ...

    def done_until(self, queue: str, item_id: str) -> int | None:
        """Return until when it is remembered that an item is done, None if it is not."""
        ...

    def erase_expired(self, now: int, limit: int) -> int:
        """Delete at most `limit` records and memories whose time is over; return how many."""
        ...


T = TypeVar("T")

Step: TypeAlias = Callable[[Ledger, int], T]
"""A change or a question that happens as a whole: gets the rows and the time in ticks."""
