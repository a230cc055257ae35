# Generated from novita_sdk/_async/lifecycle/journal.py by tools/unasync.py; edit the source.
"""The intent journal: what a create was about to do, written down before it does it."""

from __future__ import annotations

import itertools
import logging
from typing import Final

import attrs

from novita_sdk._core.deadline import Deadline
from novita_sdk._core.lifecycle.intents import (
    PREFIX,
    Intent,
    IntentState,
    Standing,
    key_id_of,
    read_intent,
    standing,
    taken_over,
)
from novita_sdk._core.log_records import log
from novita_sdk._core.stores.answers import Entry, Lease
from novita_sdk._sync.client_state import ClientState
from novita_sdk.errors import OperationConflictError, StateStoreError, VersionConflictError
from novita_sdk.models.json_types import JSON

_LOGGER: Final = logging.getLogger("novita_sdk.lifecycle")

_READ_EVERY: Final = 1.0  # seconds between two looks at the record of another owner


class HeldIntent:
    """The record of one create, in the hands of the call that works on it.

    Args:
        state: The client's state.
        intent: The record.
        version: Its version in the store; None if the store does not have it.
        standing: What its finder may do.
        required: Whether nothing may be sent without it.
        owner: Who works on it here; empty if it was only read.

    Attributes:
        intent: The record as last written, or as it would be.
        standing: What its finder may do.
    """

    def __init__(
        self,
        state: ClientState,
        intent: Intent,
        version: int | None,
        standing: Standing,
        *,
        required: bool,
        owner: str = "",
    ) -> None:
        self._state = state
        self._version = version
        self._required = required
        self._owner = owner
        self._tried: dict[str, JSON] | None = (
            None  # the record of the last write, which may have been interrupted
        )
        self.intent = intent
        self.standing = standing

    @property
    def journaled(self) -> bool:
        """Whether the store remembers the create."""
        return self._version is not None

    def about_to_send(self) -> None:
        """Write down that the request goes out now.

        Raises:
            VersionConflictError: Somebody else has taken the operation over: nothing may be sent.
            StateStoreError: The store fails, and the record is required.
        """
        sent = attrs.evolve(
            self.intent, sends=self.intent.sends + 1, sent_at=self._state.clock.time(), state="open"
        )
        if self._version is None:
            self.intent = sent
            return
        try:
            self._write(sent)
        except VersionConflictError:
            raise
        except StateStoreError as error:
            if self._required:
                raise
            self.intent = sent
            _complain(sent, logging.WARNING, "is sent although the journal cannot be written", error)

    def close(
        self,
        state: IntentState,
        *,
        resource_id: str | None = None,
        duplicates: tuple[str, ...] = (),
        discarded: str | None = None,
        next_id: str | None = None,
    ) -> None:
        """Write down how it ended, and let go of it. Never raises an error: what happened, happened.

        Args:
            state: How it ended; `open` leaves it for others to find out.
            resource_id: What was made.
            duplicates: What was made more than once.
            discarded: What was made, and deleted again on purpose.
            next_id: The operation id under which another product is tried now: whoever waits for this one must
                learn of both at once.
        """
        ended = attrs.evolve(
            self.intent.left_behind(),
            state=state,
            resource_id=resource_id,
            duplicates=duplicates,
            discarded=self.intent.discarded + (() if discarded is None else (discarded,)),
            next_id=next_id or self.intent.next_id,
        )
        alive = not self._owner and self.intent.lives(self._state.clock.time())
        if alive and resource_id is None:
            return  # it was only read, and its owner is still at work
        self.intent = ended
        if self._version is None:
            return
        try:
            self._write(ended)
        except VersionConflictError as error:
            if self._owner:  # else it was only read, and whoever wrote since knows better
                _complain(ended, logging.WARNING, f"ended as {state!r}, but is somebody else's by now", error)
        except Exception as error:  # noqa: BLE001 - the outcome of the call must reach its caller whatever a store does
            level = logging.ERROR if resource_id is not None else logging.WARNING
            _complain(ended, level, f"ended as {state!r}, which the journal does not show", error)

    def continue_as(self, operation_id: str) -> None:
        """Make sure that it is written down under which id another product is tried now.

        Raises:
            StateStoreError: The store fails.
        """
        if self.intent.next_id != operation_id:
            self._write(attrs.evolve(self.intent, next_id=operation_id))

    def write(self, intent: Intent, *, fence: Lease | None) -> None:
        """Write the record anew, if nobody else has done so since it was read.

        Args:
            intent: The record; its owner is who works on it here from now on.
            fence: The lease under which that is done.

        Raises:
            VersionConflictError: Somebody else was quicker.
            StateStoreError: The store fails, or the lease was lost.
        """
        store = self._state.store
        self._version = store.put(
            intent.key, intent.record(), ttl=intent.ttl, if_version=self._version, fence=fence
        )
        self.intent, self._owner = intent, intent.owner

    def _write(self, intent: Intent) -> None:
        store, earlier = self._state.store, self._tried
        self._tried = intent.record()
        try:
            self._version = store.put(intent.key, self._tried, ttl=intent.ttl, if_version=self._version)
        except VersionConflictError:
            entry = store.get(intent.key)  # an earlier write may have failed after it was done
            if entry is None or not self._owner:
                raise
            if entry.value != earlier and read_intent(entry.value, entry.key).owner != self._owner:
                raise
            self._version = store.put(intent.key, intent.record(), ttl=intent.ttl, if_version=entry.version)
        self.intent = intent


class IntentJournal:
    """The records of the creates of one account.

    Args:
        state: The client's state.
    """

    def __init__(self, state: ClientState) -> None:
        self._state = state
        self._calls = itertools.count(1)
        self._api_key = b"" if state.settings.api_key is None else state.settings.api_key.reveal().encode()

    @property
    def api_key(self) -> bytes:
        """What fingerprints are keyed with."""
        return self._api_key

    @property
    def key_id(self) -> str:
        """Which key that is."""
        return key_id_of(self._api_key)

    def new_owner(self) -> str:
        """Return who works on a create: a new one for every call."""
        return f"{self._state.owner}-{next(self._calls)}"

    def read(self, operation_id: str) -> HeldIntent | None:
        """Return the record of an operation, None if there is none; it is not taken over.

        Raises:
            StateStoreError: The store fails.
        """
        entry = self._state.store.get(f"{PREFIX}{operation_id}")
        return None if entry is None else self.opened(entry)

    def opened(self, entry: Entry) -> HeldIntent:
        """Return the record in an entry of the store; it is not taken over.

        Raises:
            StateStoreError: It cannot be read.
        """
        intent = read_intent(entry.value, entry.key)
        return HeldIntent(self._state, intent, entry.version, Standing.LOOK, required=False)

    def go_over(self, operation: str, operation_id: str, another_id: str, *, required: bool) -> None:
        """Write down that an operation which made nothing goes on under another id, with the next product.

        Args:
            operation: Name of the API operation.
            operation_id: The id under which nothing was made.
            another_id: The next one.
            required: Whether that has to be written.

        Raises:
            StateStoreError: The store fails, and it has to be written.
        """
        try:
            held = self.read(operation_id)
            if held is not None:
                held.continue_as(another_id)
        except StateStoreError as error:
            if required:
                raise
            what = f"goes on as {another_id} with the next product, which the journal does not show"
            _complain(_named(operation, operation_id), logging.WARNING, what, error)

    def discard(self, operation: str, operation_id: str, resource_id: str) -> None:
        """Write down that what an operation made was deleted on purpose. Never raises an error: it is deleted.

        Args:
            operation: Name of the API operation.
            operation_id: Its id.
            resource_id: What it made.
        """
        try:
            held = self.read(operation_id)
        except StateStoreError as error:
            what = f"was undone ({resource_id} is deleted), which the journal does not show"
            _complain(_named(operation, operation_id), logging.WARNING, what, error)
            return
        if held is not None:
            held.close("not_created", discarded=resource_id)

    def take(self, draft: Intent, *, required: bool, deadline: Deadline) -> HeldIntent:
        """Write the record of a new create, or take over the one that is there.

        Args:
            draft: The record of a new create.
            required: Whether it has to be written.
            deadline: Until when the owner of the record is waited for.

        Returns:
            The record, and what may be done about it.

        Raises:
            OperationConflictError: The operation id belongs to another request.
            StateStoreError: The store fails, and the record is required.
        """
        try:
            return self._take(draft, required=required, deadline=deadline)
        except StateStoreError as error:
            if required:
                raise
            _complain(draft, logging.WARNING, "is made without a record in the journal", error)
            return self._held(draft, None, Standing.FRESH, required=False)

    def _held(self, intent: Intent, version: int | None, how: Standing, *, required: bool) -> HeldIntent:
        return HeldIntent(self._state, intent, version, how, required=required, owner=intent.owner)

    def _take(self, draft: Intent, *, required: bool, deadline: Deadline) -> HeldIntent:
        store, clock = self._state.store, self._state.clock
        missing = True
        while True:
            if missing and store.put_if_absent(draft.key, draft.record(), ttl=draft.ttl):
                entry = store.get(draft.key)
                version = None if entry is None else entry.version
                return self._held(draft, version, Standing.FRESH, required=required)
            entry = store.get(draft.key)
            missing = entry is None
            if entry is None:
                continue
            found = read_intent(entry.value, entry.key)
            how = standing(found, draft, clock.time())
            if how is Standing.CONFLICT:
                raise OperationConflictError(
                    f"the operation id {draft.operation_id} was used before, for another request",
                    operation_id=draft.operation_id,
                )
            left = deadline.left(clock.monotonic())
            if how is Standing.HELD and left > 0:
                clock.sleep(min(_READ_EVERY, left))
                continue
            if how in {Standing.FRESH, Standing.LOOK}:
                found = taken_over(found, draft, how)
                try:
                    version = store.put(found.key, found.record(), ttl=found.ttl, if_version=entry.version)
                except VersionConflictError:
                    continue  # somebody else was quicker
                return self._held(found, version, how, required=required)
            return HeldIntent(self._state, found, entry.version, how, required=required)


def _named(operation: str, operation_id: str) -> Intent:
    """Stand in for a record that cannot be read."""
    return Intent(operation_id=operation_id, operation=operation, created_at=0.0)


def _complain(intent: Intent, level: int, what: str, error: Exception) -> None:
    log(
        _LOGGER,
        level,
        f"%(operation)s %(operation_id)s {what} (resource %(resource)s): %(error)s",
        operation=intent.operation,
        operation_id=intent.operation_id,
        resource=intent.resource_id or "unknown",
        error=f"{type(error).__name__}: {error}",
    )
