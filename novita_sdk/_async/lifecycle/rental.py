"""A rented instance that ends with its `with` block, whatever happens in it."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from novita_sdk._async.lifecycle.idle_records import AsyncIdleRecords
from novita_sdk._async.lifecycle.rental_block import AsyncRentalBlock
from novita_sdk._core.durations import Seconds
from novita_sdk._core.lifecycle.cost import moment
from novita_sdk._core.lifecycle.rental_limits import check_extension, ends_after
from novita_sdk.errors import LifecycleError
from novita_sdk.models.instance import Instance
from novita_sdk.models.money import Money


class AsyncRental(AsyncRentalBlock):
    """A rented instance; made by `gpu_instances.rent`, to be used in `async with`.

    It exists from the beginning of the block on and is deleted (or stopped, or kept) at its end, however that comes.
    """

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._operation_id} of {self._created.id if self._created else 'nothing yet'}>"

    @property
    def id(self) -> str:
        """The id of the instance."""
        return self._rented.id

    @property
    def operation_id(self) -> str:
        """The operation id of the rental, which the instance carries as its mark."""
        return self._operation_id

    @property
    def instance(self) -> Instance:
        """The instance as it was last seen; see `refresh`."""
        if self._instance is None:
            raise LifecycleError(
                "the rental has not begun: use it in a `with` block", operation_id=self._operation_id
            )
        return self._instance

    @property
    def expires_at(self) -> datetime | None:
        """When it ends by itself, aware; None for never."""
        after = ends_after(self._terms, self._rate)
        return None if after is None else moment(self._began_wall) + timedelta(seconds=after)

    @property
    def expired(self) -> bool:
        """Whether it has reached a limit and is ended, or was."""
        return self._expired is not None

    @property
    def cost_so_far(self) -> Money | None:
        """What it has cost until now: its price per hour times the time since it was accepted.

        Disks are not included. None if its price is not known.
        """
        return self._cost()

    async def refresh(self) -> Instance:
        """Read the instance anew. Operation `get_instance`.

        Raises:
            NotFoundError: It does not exist any more.
        """
        self._instance = await self._gpu_instances.get(self.id)
        return self._instance

    async def touch(self) -> None:
        """Note that the instance is in use, for an `AutoStop` that watches it. No request to the API.

        Raises:
            StateStoreError: The store fails.
        """
        await AsyncIdleRecords(self._services.store).touch(self.id, self._clock.time())

    async def extend(self, seconds: Seconds) -> None:
        """Let it live longer.

        Args:
            seconds: By how much `max_lifetime` grows: seconds, or a timedelta.

        Raises:
            ValidationError: It is no duration, or there is no `max_lifetime`.
            RentalExpiredError: It is too late.
            LifecycleError: The block has not begun, or is over.
            StateStoreError: The store fails; nothing has changed.
        """
        more = check_extension(seconds, self._terms)
        self._check_in_time()
        lifetime = (self._terms.max_lifetime or 0.0) + more
        await self._keeping.change(max_lifetime=lifetime)
        self._terms = attrs.evolve(self._terms, max_lifetime=lifetime)

    async def keep(self) -> None:
        """Leave the instance as it is at the end, whatever was agreed on.

        Raises:
            RentalExpiredError: It is too late.
            LifecycleError: The block has not begun, or is over.
            StateStoreError: The store fails; nothing has changed.
        """
        self._check_in_time()
        await self._keeping.change(on_exit="keep")
        self._terms = attrs.evolve(self._terms, on_exit="keep")

    def _check_in_time(self) -> None:
        rented = self._rented
        if self._expired is not None:
            raise self._expiry(self._expired)
        if self._leaving:
            message = "the rental is over: its block was left"
            raise LifecycleError(message, resource_id=rented.id, operation_id=self._operation_id)
