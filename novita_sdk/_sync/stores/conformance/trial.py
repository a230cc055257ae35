# Generated from novita_sdk/_async/stores/conformance/trial.py by tools/unasync.py; edit the source.
"""What a check gets: a store, a way to let time pass, and how to say what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import attrs

from novita_sdk._core.stores.answers import Claim, Lease
from novita_sdk._sync.stores.protocol import StateStore
from novita_sdk.errors import NovitaError
from novita_sdk.models.json_types import JSON


@attrs.frozen
class StoreTrial:
    """A store on trial.

    Attributes:
        store: The store; it is empty, and the check does not close it.
        advance: Lets seconds pass on the store's clock.
        unit: Seconds of the shortest time a check tells apart: 1 on a virtual clock; on a real one as few as the
            store's slowest operation allows, such as 0.1.
    """

    store: StateStore
    advance: Callable[[float], None]
    unit: float = 1.0

    def span(self, units: float) -> float:
        """Return so many units in seconds."""
        return units * self.unit

    def wait(self, units: float) -> None:
        """Let so many units pass."""
        self.advance(units * self.unit)

    def leased(self, name: str = "post", owner: str = "anna", units: float = 1000) -> Lease:
        """Take a lease that is free."""
        lease = self.store.lease_acquire(name, owner, self.span(units))
        if lease is None:
            raise AssertionError(f"the lease {name!r} is free, {owner!r} should have got it")
        return lease

    def claimed(self, queue: str = "jobs", owner: str = "anna", units: float = 1000) -> Claim:
        """Claim an item that is due."""
        claim = self.store.claim(queue, owner, lease=self.span(units))
        if claim is None:
            raise AssertionError(f"an item of {queue!r} is due, {owner!r} should have got it")
        return claim

    def value(self, key: str) -> JSON:
        """Read the value of a record, None if there is none."""
        entry = self.store.get(key)
        return None if entry is None else entry.value


StoreCheck: TypeAlias = Callable[[StoreTrial], None]
"""Raises AssertionError if the store does not do what the check's first line says."""


def expect(what: str, actual: object, wanted: object) -> None:
    """Raise an AssertionError unless a value is as wanted."""
    if actual != wanted:
        raise AssertionError(f"{what}: {actual!r}, not {wanted!r}")


def expect_refusal(what: str, kind: type[NovitaError], call: Callable[[], object]) -> None:
    """Raise an AssertionError unless a call raises an error of this kind."""
    try:
        answer = call()
    except kind:
        return
    raise AssertionError(f"{what}: answered {answer!r}, should have raised {kind.__name__}")
