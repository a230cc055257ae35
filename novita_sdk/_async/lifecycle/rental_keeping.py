"""The record of a rental, and the lease that shows that its owner lives."""

from __future__ import annotations

import logging
from typing import Final

import attrs

from novita_sdk._async.services import AsyncServices
from novita_sdk._core.lifecycle.rental_records import (
    OWNER_TTL,
    RECORD_TTL,
    OnExit,
    RentalRecord,
    read_rental,
    rental_key,
    write_rental,
)
from novita_sdk._core.log_records import log
from novita_sdk._core.stores.answers import Lease
from novita_sdk.errors import OperationConflictError, StateStoreError, VersionConflictError

_LOGGER: Final = logging.getLogger("novita_sdk.lifecycle")


class AsyncRentalKeeping:
    """Keeps one rental known to other processes, in case that this one dies.

    Args:
        services: The client's services.
        operation_id: The rental's operation id.
        create_seconds: How long its create may take, in which nothing is renewed.
    """

    def __init__(self, services: AsyncServices, operation_id: str, *, create_seconds: float = 0.0) -> None:
        self._services = services
        self._operation_id = operation_id
        self._create_seconds = create_seconds
        self._owner = services.intents.new_owner()  # two blocks of one client are two owners
        self._version: int | None = None
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
        if not await self._hold(self._create_seconds + OWNER_TTL):
            message = f"the rental {self._operation_id} belongs to another process, which seems to be alive"
            raise OperationConflictError(message, operation_id=self._operation_id)
        try:
            entry = await self._services.store.get(self._key)
            return None if entry is None else read_rental(self._key, entry.value)
        except StateStoreError:
            await self.let_go()
            raise

    async def announce(self, record: RentalRecord) -> None:
        """Write the record while nothing has been rented yet.

        Raises:
            StateStoreError: The store fails, or somebody else has become the owner.
        """
        self._record = record
        await self.change()

    async def open(self, record: RentalRecord) -> None:
        """Write the record of what has been rented.

        Raises:
            StateStoreError: The store fails, or somebody else has become the owner.
        """
        await self._hold()  # from here on it is renewed
        await self.announce(record)

    async def renew(self) -> bool:
        """Show that the owner lives; False if somebody else has taken the rental over.

        Raises:
            StateStoreError: The store fails.
        """
        if not await self._hold():
            return False
        await self.change()
        return True

    async def change(self, *, on_exit: OnExit | None = None, max_lifetime: float | None = None) -> None:
        """Write the record anew, and leave alone what somebody else has changed in it meanwhile.

        Args:
            on_exit: What becomes of the instance from now on; None for what was agreed on before.
            max_lifetime: The new limit; None for the one before.

        Raises:
            StateStoreError: The store fails; the record is what it was.
        """
        while True:
            record, version = self.record, self._version
            changed = attrs.evolve(
                record,
                renewed_at=self._services.clock.time(),
                on_exit=on_exit or record.on_exit,
                max_lifetime=max_lifetime or record.max_lifetime,
            )
            try:
                self._version = await self._services.store.put(
                    self._key, write_rental(changed), ttl=RECORD_TTL, if_version=version, fence=self._lease
                )
            except VersionConflictError:
                await self._read_again()
            else:
                self._record = changed
                return

    async def _read_again(self) -> None:
        """Take in what another flow of this process has written.

        Raises:
            StateStoreError: The store fails, or the record is gone: somebody has ended the rental.
        """
        entry = await self._services.store.get(self._key)
        if entry is None:
            raise StateStoreError("the record of this rental is gone: somebody has ended it", key=self._key)
        self._record, self._version = read_rental(self._key, entry.value), entry.version

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

    async def let_go(self, *, forget: bool = False) -> None:
        """Let others be the owner of a rental of which nothing came. Never raises an error: another one tells why.

        Args:
            forget: Whether the record goes as well.
        """
        try:
            await (self.close() if forget else self.release())
        except StateStoreError as error:  # the lease ends by itself
            log(
                _LOGGER,
                logging.WARNING,
                "the rental %(operation_id)s, of which nothing came, was not let go of: %(error)s",
                operation_id=self._operation_id,
                error=str(error),
            )

    async def _hold(self, seconds: float = OWNER_TTL) -> bool:
        """Take the lease, or prolong it."""
        found = await self._services.store.lease_acquire(self._key, self._owner, seconds)
        self._lease = found or self._lease
        return found is not None
