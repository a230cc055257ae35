# Generated from novita_sdk/_async/webhooks/claims.py by tools/unasync.py; edit the source.
"""Claims on received messages: of many copies, in whatever process, one is handled."""

from __future__ import annotations

import attrs

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import shielded
from novita_sdk._core.webhooks import dedupe
from novita_sdk._core.webhooks.dedupe import Keys, Lasting, Seen
from novita_sdk._sync.stores.protocol import StateStore
from novita_sdk.errors import VersionConflictError


@attrs.frozen
class Claim:
    """The right to handle a message.

    Attributes:
        versions: The versions of the marks that say so, by key.
    """

    versions: dict[str, int]


class Claims:
    """Marks in a state store.

    Args:
        store: Where they are kept.
        clock: What waiting goes by.
        lasting: How long they last.
    """

    def __init__(self, store: StateStore, clock: Clock, lasting: Lasting) -> None:
        self._store = store
        self._clock = clock
        self._lasting = lasting

    def take(self, keys: Keys) -> Claim | Seen:
        """Claim a message; while another copy is being handled, wait a little for what comes of it.

        Raises:
            StateStoreError: The store does not work.
        """
        give_up = self._clock.monotonic() + dedupe.PATIENCE
        while True:
            taken: Claim | Seen = Seen.RUNNING
            # who is cancelled between a mark and the handler would leave a mark that nobody gives back
            with shielded(self._clock, dedupe.STORE_TIME):
                taken = self._mark_all(keys)
            if taken is not Seen.RUNNING or self._clock.monotonic() >= give_up:
                return taken
            self._clock.sleep(dedupe.LOOK_EVERY)

    def done(self, claim: Claim) -> None:
        """Remember that the message was handled; changes nothing if the claim was lost.

        Raises:
            StateStoreError: The store does not work.
        """
        for key, version in claim.versions.items():
            try:
                self._store.put(key, dedupe.done(), ttl=self._lasting.done, if_version=version)
            except VersionConflictError:
                continue

    def release(self, claim: Claim) -> None:
        """Let another copy be handled; changes nothing if the claim was lost.

        Raises:
            StateStoreError: The store does not work.
        """
        for key, version in claim.versions.items():
            try:
                self._store.delete(key, if_version=version)
            except VersionConflictError:
                continue

    def _mark_all(self, keys: Keys) -> Claim | Seen:
        taken = self._mark(keys.first)
        if isinstance(taken, Seen):
            return taken
        versions = {keys.first: taken}
        if keys.also is not None:
            try:
                beside = self._mark(keys.also)
            except Exception:
                self.release(Claim(versions))  # else the next copy would find the message claimed
                raise
            if not isinstance(beside, Seen):  # else another message has the same body
                versions[keys.also] = beside
        return Claim(versions)

    def _mark(self, key: str) -> int | Seen:
        """Mark a key as being handled; give the version of the mark, or what stands there already."""
        while True:
            is_new = self._store.put_if_absent(key, dedupe.running(), ttl=self._lasting.claim)
            try:
                entry = self._store.get(key)
            except Exception:
                if is_new:
                    self._store.delete(key)  # the mark is ours: it lasts far longer than this takes
                raise
            if entry is not None:  # else it ended between the two
                return entry.version if is_new else dedupe.seen(entry.value)
