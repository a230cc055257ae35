# Generated from tests/aio/stores/test_conformance.py by tools/unasync.py; edit the source.
"""The stores keep the promises of the protocol, and the checks find those that do not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from novita_sdk._core.stores.answers import Entry
from novita_sdk._sync.stores.conformance.all_checks import STORE_CHECKS
from novita_sdk._sync.stores.protocol import StateStore
from novita_sdk.errors import NovitaError
from novita_sdk.stores import MemoryStore, SQLiteStore
from novita_sdk.testing import VirtualClock
from novita_sdk.testing.store_conformance import StoreCheck, StoreTrial


@pytest.fixture(params=["memory", "sqlite", "scoped"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> Iterator[StateStore]:
    made = (
        MemoryStore(clock=clock)
        if request.param == "memory"
        else SQLiteStore(tmp_path / "state.db", clock=clock)
    )
    with contextlib.closing(made):
        yield made.scoped("account") if request.param == "scoped" else made


def trial_of(store: StateStore, clock: VirtualClock) -> StoreTrial:
    def advance(seconds: float) -> None:
        clock.advance(seconds)

    return StoreTrial(store, advance)


@pytest.mark.case("K-01")
@pytest.mark.parametrize("check", STORE_CHECKS, ids=lambda check: check.__name__)
def test_every_store_passes_every_check(store: StateStore, clock: VirtualClock, check: StoreCheck) -> None:
    check(trial_of(store, clock))


def test_a_store_is_one_by_its_methods(store: StateStore) -> None:
    assert isinstance(store, StateStore)
    assert not isinstance(object(), StateStore)


# Stores that break one promise each


class GenerousStore(MemoryStore):
    """Lets everybody put."""

    def put_if_absent(self, key: str, value: Any, **more: Any) -> bool:
        super().put_if_absent(key, value, **more)
        return True


class StingyStore(MemoryStore):
    """Gives nobody a lease."""

    def lease_acquire(self, *_arguments: object) -> None:
        return None


class IdleStore(MemoryStore):
    """Hands out no work."""

    def claim(self, *_arguments: object, **_more: object) -> None:
        return None


class LaxStore(MemoryStore):
    """Knows no stale fence and no other version."""

    def put(self, key: str, value: Any, **more: Any) -> int:
        return super().put(key, value, ttl=more.get("ttl"))


class RestartingStore(MemoryStore):
    """Starts versions again."""

    def put(self, key: str, value: Any, **more: Any) -> int:
        version = super().put(key, value, **more)
        return version if version < 3 else 1


class UnorderedStore(MemoryStore):
    """Forgets groups."""

    def enqueue(self, queue: str, item_id: str, payload: Any, **more: Any) -> bool:
        return super().enqueue(queue, item_id, payload, due_in=more.get("due_in", 0))


class SharingStore(MemoryStore):
    """Keeps all accounts in one place."""

    def scoped(self, account: str) -> MemoryStore:
        assert account
        return self


class TimelessStore(MemoryStore):
    """Tells no ends."""

    def get(self, key: str) -> Entry | None:
        entry = super().get(key)
        return entry and attrs.evolve(entry, expires_at=None)


class ObedientStore(MemoryStore):
    """Finishes items for anybody."""

    def complete(self, claim: Any) -> bool:
        super().complete(claim)
        return True


@pytest.mark.parametrize(
    "kind",
    [
        GenerousStore,
        StingyStore,
        IdleStore,
        LaxStore,
        RestartingStore,
        UnorderedStore,
        SharingStore,
        TimelessStore,
        ObedientStore,
    ],
)
def test_a_broken_promise_is_found(kind: type[MemoryStore]) -> None:
    broken = []
    for check in STORE_CHECKS:
        clock = VirtualClock()
        try:
            check(trial_of(kind(clock=clock), clock))
        except (AssertionError, NovitaError) as error:
            broken.append(str(error))
    assert broken
    assert all(broken)
