"""Which instances the stored records of operations are about."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from novita_sdk._async.stores.protocol import AsyncStateStore
from novita_sdk._core.lifecycle.intents import PREFIX as INTENT_PREFIX
from novita_sdk._core.lifecycle.intents import UNSETTLED, read_intent
from novita_sdk._core.lifecycle.rental_records import OWNER_TTL, RENTAL_PREFIX, read_rental
from novita_sdk._core.lifecycle.repairs import REPAIR_PREFIX, UNFINISHED, RepairRecord
from novita_sdk._core.lifecycle.stop_records import STOP_PREFIX, stop_record
from novita_sdk._core.marker import MARKER_ENV
from novita_sdk._core.stores.answers import Entry
from novita_sdk.models.instance import Instance

_PAGE = 1000


@attrs.define
class OperationsUnderWay:
    """What the store says about operations that may still change something.

    Attributes:
        by_instance: The key of the record of an operation, by the instance it is about.
        open_creates: Operation ids of creates whose outcome is unknown.
        lapsed_rentals: How many rentals have lost their owner.
    """

    by_instance: dict[str, str] = attrs.field(factory=dict[str, str])
    open_creates: set[str] = attrs.field(factory=set[str])
    lapsed_rentals: int = 0

    def about(self, instance: Instance) -> str | None:
        """Return the key of the record of an operation that an instance is part of; None if there is none."""
        found = self.by_instance.get(instance.id)
        marked = instance.env.get(MARKER_ENV)
        if found is None and marked in self.open_creates:
            return f"{INTENT_PREFIX}{marked}"
        return found

    def note(self, key: str, instance_ids: Iterable[str | None]) -> None:
        """Note that a record is about some instances."""
        self.by_instance.update({one: key for one in instance_ids if one})


async def all_entries(store: AsyncStateStore, prefix: str) -> list[Entry]:
    """Return all records under a prefix.

    Raises:
        StateStoreError: The store fails.
    """
    found: list[Entry] = []
    cursor: str | None = None
    while True:
        page = await store.scan(prefix, cursor=cursor, limit=_PAGE)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            return found


async def operations_under_way(store: AsyncStateStore, now: float) -> OperationsUnderWay:
    """Read the records of all operations.

    Args:
        store: The store, in the view of the account.
        now: The wall time in seconds since 1970.

    Raises:
        StateStoreError: The store fails, or a record cannot be read.
    """
    found = OperationsUnderWay()
    for entry in await all_entries(store, INTENT_PREFIX):
        intent = read_intent(entry.value, entry.key)
        if intent.state in UNSETTLED:
            found.open_creates.add(intent.operation_id)
            found.note(entry.key, (intent.resource_id, *intent.duplicates))
    for entry in await all_entries(store, STOP_PREFIX):
        found.note(entry.key, (stop_record(entry.value).instance_id,))
    for entry in await all_entries(store, RENTAL_PREFIX):
        rental = read_rental(entry.key, entry.value)
        found.note(entry.key, (rental.instance_id,))
        found.lapsed_rentals += now - rental.renewed_at > OWNER_TTL
    for entry in await all_entries(store, REPAIR_PREFIX):
        repair = RepairRecord.read(entry.value)
        if repair.phase in UNFINISHED:
            found.note(entry.key, (repair.original, repair.copy))
    return found
