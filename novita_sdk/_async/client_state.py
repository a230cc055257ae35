"""What a client knows of itself and keeps: settings, clock, whose state it is, and the store it lies in."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk.options import Settings

if TYPE_CHECKING:
    from novita_sdk._async.stores.protocol import AsyncStateStore

T = TypeVar("T")

_ACCOUNT_DIGITS = 12
_OWNER_BYTES = 16


class AsyncClientState:
    """Settings, clock and store of a client: what everything that keeps records stands on.

    Parts are made when they are first asked for. Making one has no effect on anything else, so that it does no harm
    if two threads make the same one.

    Args:
        settings: The client's settings.
        clock: Where the time comes from.
        store: The user's state store, None for one that the settings name, or one in memory.
    """

    def __init__(self, settings: Settings, *, clock: AsyncClock, store: AsyncStateStore | None) -> None:
        self.settings = settings
        self.clock = clock
        self._given_store = store
        self._parts: dict[str, object] = {}

    @property
    def account(self) -> str:
        """Whose state it is: the settings' `account`, else a digest of the API key."""
        return self._part("account", lambda: self.settings.account or _account_of(self.settings))

    @property
    def owner(self) -> str:
        """Who holds leases and claims for this client: new for every client, and in a forked child."""
        return self._part(f"owner {os.getpid()}", lambda: os.urandom(_OWNER_BYTES).hex())

    @property
    def store(self) -> AsyncStateStore:
        """The state store, in the view that belongs to the account."""
        return self._part("store", lambda: self._whole_store.scoped(self.account))

    async def aclose(self) -> None:
        """Close what was made here; a store that the user gave stays open."""
        made = self._parts.get("whole store")
        if made is not None and self._given_store is None:
            await cast("AsyncStateStore", made).aclose()

    @property
    def _whole_store(self) -> AsyncStateStore:
        return self._part("whole store", self._make_store)

    def _make_store(self) -> AsyncStateStore:
        if self._given_store is not None:
            return self._given_store
        if self.settings.state_path is None:
            from novita_sdk._async.stores.memory import AsyncMemoryStore  # noqa: PLC0415 - only where it is used

            return AsyncMemoryStore(clock=self.clock)
        from novita_sdk._async.stores.sqlite import AsyncSQLiteStore  # noqa: PLC0415 - the same

        return AsyncSQLiteStore(self.settings.state_path, clock=self.clock)

    def _part(self, name: str, make: Callable[[], T]) -> T:
        found = self._parts.get(name)
        if found is None:
            found = self._parts.setdefault(name, make())
        return cast("T", found)


def _account_of(settings: Settings) -> str:
    import hashlib  # noqa: PLC0415 - a first call needs none of it

    key = settings.api_key
    digest = hashlib.sha256(b"" if key is None else key.reveal().encode())
    return digest.hexdigest()[:_ACCOUNT_DIGITS]
