"""The record of a rental, and the lease that shows that its owner lives."""

from __future__ import annotations

import attrs

from novita_sdk._async.services import AsyncServices
from novita_sdk._core.lifecycle.rental_records import (
    OWNER_TTL,
    RECORD_TTL,
    RentalRecord,
    read_rental,
    rental_key,
    write_rental,
)
from novita_sdk._core.stores.answers import Lease
from novita_sdk.errors import OperationConflictError


class AsyncRentalKeeping:
    """Keeps one rental known to other processes, in case that this one dies.

    Args:
        services: The client's services.
        operation_id: The rental's operation id.
    """

    def __init__(self, services: AsyncServices, operation_id: str) -> None:
        self._services = services
        self._operation_id = operation_id
        self._key = rental_key(operation_id)
        self._lease: Lease | None = None
        self._record: RentalRecord | None = None

    @property
    def record(self) -> RentalRecord:
        """The record as it was last written."""
        if self._record is None:
            raise RuntimeError("the rental has no record yet")
        return self._record

    async def claim(self) -> RentalRecord | None:
        """Become the owner, before anything is rented.

        Returns:
            The record of a process that had this rental and died; None if there was none.

        Raises:
            OperationConflictError: Another process has this rental.
            StateStoreError: The store fails.
        """
        if not await self._hold():
            message = (
                f"the rental {self._operation_id} belongs to another process, "
                f"which was alive less than {OWNER_TTL:g} s ago"
            )
            raise OperationConflictError(message, operation_id=self._operation_id)
        entry = await self._services.store.get(self._key)
        return None if entry is None else read_rental(self._key, entry.value)

    async def open(self, record: RentalRecord) -> None:
        """Write the record.

        Raises:
            StateStoreError: The store fails, or somebody else has become the owner.
        """
        await self._hold()  # the create may have taken longer than the lease lasts
        await self.change(record)

    async def renew(self) -> bool:
        """Show that the owner lives; False if somebody else has taken the rental over.

        Raises:
            StateStoreError: The store fails.
        """
        if not await self._hold():
            return False
        await self.change(self.record)
        return True

    async def change(self, record: RentalRecord) -> None:
        """Write a changed record.

        Raises:
            StateStoreError: The store fails; the record is what it was.
        """
        changed = attrs.evolve(record, renewed_at=self._services.clock.time())
        await self._services.store.put(self._key, write_rental(changed), ttl=RECORD_TTL, fence=self._lease)
        self._record = changed

    async def close(self) -> None:
        """Forget the rental: it is over.

        Raises:
            StateStoreError: The store fails.
        """
        await self._services.store.delete(self._key, fence=self._lease)
        await self.release()

    async def release(self) -> None:
        """Let others be the owner; the record, if there is one, stays.

        Raises:
            StateStoreError: The store fails.
        """
        lease, self._lease = self._lease, None
        if lease is not None:
            await self._services.store.lease_release(lease)

    async def _hold(self) -> bool:
        """Take the lease, or prolong it."""
        found = await self._services.store.lease_acquire(self._key, self._services.owner, OWNER_TTL)
        self._lease = found or self._lease
        return found is not None
