"""A lease while it is held: renewed in time, given up in time."""

from __future__ import annotations

import logging
from itertools import count
from typing import Final

from novita_sdk._async.client_state import AsyncClientState
from novita_sdk._concurrency.aio import shielded
from novita_sdk._core.log_records import log
from novita_sdk._core.stores.answers import Lease
from novita_sdk.errors import StateStoreError

_LOGGER: Final = logging.getLogger("novita_sdk.lifecycle")

_RENEWED_AFTER: Final = 1 / 3  # of its length
_GIVE_BACK: Final = 5.0  # seconds that a holder which is cancelled may take for it
_MARGIN: Final = 5.0  # seconds before its end at which its holder stops acting

_numbers = count(1)


class AsyncHeldLease:
    """One holder of one lease. It acts only between two calls of `keep` that returned True.

    Args:
        state: The client's state: the store, the owner, the clock.
        name: What the lease is about.
        ttl: Seconds it lasts without being renewed; at least 15.
    """

    def __init__(self, state: AsyncClientState, name: str, ttl: float = 60.0) -> None:
        self._state = state
        self._name = name
        self._ttl = ttl
        self._number = next(_numbers)  # two holders in one client must not both be granted it
        self._lease: Lease | None = None
        self._since = 0.0  # when it was last taken or renewed, before the request: the store's time is later
        self._granted: bool | None = None

    @property
    def granted(self) -> bool | None:
        """Whether it was granted when last asked for; None if it never was asked for."""
        return self._granted

    @property
    def lease(self) -> Lease | None:
        """The lease, for `fence=`; still there after it was lost, so that its writes are refused."""
        return self._lease

    async def acquire(self) -> bool:
        """Take the lease; False if somebody else holds it.

        Raises:
            StateStoreError: The store fails.
        """
        self._since = self._state.clock.monotonic()
        owner = f"{self._state.owner}-{self._number}"
        self._lease = await self._state.store.lease_acquire(self._name, owner, self._ttl)
        self._granted = self._lease is not None
        return self._granted

    async def keep(self) -> bool:
        """Renew the lease if a third of its time is over.

        Returns:
            Whether the holder may act now. False for good once it is lost: by its own clock, on which it may have
            slept, or by the word of the store.

        Raises:
            StateStoreError: The store fails; the holder may not act.
        """
        if self._lease is None or not self._granted:
            return False
        now = self._state.clock.monotonic()
        if self._is_fresh() and now - self._since >= self._ttl * _RENEWED_AFTER:
            self._granted = await self._state.store.lease_renew(self._lease)
            self._since = now
        self._granted = self._granted and self._is_fresh()  # it may have slept while it renewed
        return self._granted

    def _is_fresh(self) -> bool:
        """Tell whether it was taken or renewed so lately that nobody else can hold it."""
        return self._state.clock.monotonic() - self._since < self._ttl - _MARGIN

    async def give_back(self) -> None:
        """Give the lease back, if it is still held.

        Raises no error of the store: the lease ends by itself, and what its holder did must be told.
        """
        lease, held = self._lease, self._granted
        self._lease = None
        if lease is None or not held:
            return
        try:
            with shielded(self._state.clock, _GIVE_BACK):
                await self._state.store.lease_release(lease)
        except StateStoreError as error:
            log(
                _LOGGER,
                logging.WARNING,
                "the lease %(lease)s was not given back: %(error)s",
                lease=self._name,
                error=str(error),
            )
