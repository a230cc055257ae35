# Generated from tests/aio/stores/test_stores.py by tools/unasync.py; edit the source.
"""What both stores do beyond the promises of the protocol: time, errors, closing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from novita_sdk._core.stores.memory_ledger import MemoryLedger
from novita_sdk._core.stores.sql_ledger import SQLLedger
from novita_sdk.errors import (
    ConfigurationError,
    StaleFenceError,
    StateStoreError,
    ValidationError,
    VersionConflictError,
)
from novita_sdk.stores import Capabilities, MemoryStore, SQLiteStore
from novita_sdk.testing import VirtualClock

DAY = 86_400


@pytest.fixture(params=["memory", "sqlite"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock
) -> Iterator[MemoryStore | SQLiteStore]:
    made = (
        MemoryStore(clock=clock)
        if request.param == "memory"
        else SQLiteStore(tmp_path / "state.db", clock=clock)
    )
    with contextlib.closing(made):
        yield made


@pytest.mark.case("K-04")
def test_an_unreleased_lease_is_free_exactly_at_its_end(store: MemoryStore, clock: VirtualClock) -> None:
    old = store.lease_acquire("autostop", "a", timedelta(minutes=1))
    assert old is not None
    clock.advance(59.999)
    assert store.lease_acquire("autostop", "b", 60) is None
    clock.advance(0.001)
    new = store.lease_acquire("autostop", "b", 60)
    assert new is not None
    assert (old.fence, new.fence) == (1, 2)
    with pytest.raises(StaleFenceError, match="lease autostop has fence 2"):
        store.put("stop:1", {"v": 1}, fence=old)


@pytest.mark.parametrize("back", [-1.0, -3600.0])
def test_a_lease_from_before_the_clock_went_back_is_free(
    store: MemoryStore, clock: VirtualClock, back: float
) -> None:
    store.lease_acquire("post", "a", 60)
    clock.jump_wall(back)
    lease = store.lease_acquire("post", "b", 60)
    assert lease is not None
    assert lease.fence == 2


def test_a_claim_from_before_the_clock_went_back_is_free(store: MemoryStore, clock: VirtualClock) -> None:
    clock.advance(2 * 3600)
    store.enqueue("jobs", "1", {"v": 1})
    clock.advance(3600)
    store.claim("jobs", "a", lease=60)
    clock.jump_wall(-1800)
    claim = store.claim("jobs", "b", lease=60)
    assert claim is not None
    assert claim.attempt == 2


def test_a_done_id_is_free_again_after_a_day(store: MemoryStore, clock: VirtualClock) -> None:
    store.enqueue("jobs", "1", {"v": 1})
    claim = store.claim("jobs", "a")
    assert claim is not None
    store.complete(claim)
    clock.advance(DAY - 1)
    assert not store.enqueue("jobs", "1", {"v": 1})
    clock.advance(1)
    assert store.enqueue("jobs", "1", {"v": 1})


def test_ends_are_told_in_seconds_of_the_wall_clock(store: MemoryStore, clock: VirtualClock) -> None:
    now = clock.time()
    store.put("a", {"v": 1}, ttl=90.5)
    entry = store.get("a")
    assert entry is not None
    assert entry.expires_at == now + 90.5
    store.enqueue("jobs", "1", {"v": 1})
    claim = store.claim("jobs", "a")
    assert claim is not None
    store.fail(claim, dead="gone")
    (item,) = (store.dead("jobs")).items
    assert item.died_at == now


def test_what_expired_is_deleted_in_small_steps_and_at_most_once_a_minute(
    store: MemoryStore, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(620):
        store.put(f"short-{number}", {"v": 1}, ttl=10)
    store.enqueue("jobs", "1", {"v": 1})
    claim = store.claim("jobs", "a")
    assert claim is not None
    store.complete(claim)
    steps: list[int] = []
    for ledger in (MemoryLedger, SQLLedger):
        whole = ledger.erase_expired

        def erase(self: Any, now: int, limit: int, whole: Callable[..., int] = whole) -> int:
            steps.append(whole(self, now, limit))
            return steps[-1]

        monkeypatch.setattr(ledger, "erase_expired", erase)
    clock.advance(59)
    store.put("a", {"v": 1})
    assert steps == []
    clock.advance(1)
    store.put("a", {"v": 1})
    assert steps == [500, 120]
    clock.advance(DAY)
    store.put("a", {"v": 1})
    store.put("a", {"v": 1})
    assert steps == [500, 120, 1]
    clock.jump_wall(-DAY)
    store.put("a", {"v": 1})
    assert steps == [500, 120, 1, 0]


def test_a_failure_names_the_store_and_the_key(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(VersionConflictError, match="one:a is absent, the write expected version 7") as caught:
        store.scoped("one").put("a", {"v": 1}, if_version=7)
    where = {"memory": None, "sqlite": str(tmp_path / "state.db")}
    assert caught.value.key == "one:a"
    assert caught.value.store in where
    assert caught.value.location == where[caught.value.store]
    version = store.put("a", {"v": 1})
    with pytest.raises(VersionConflictError, match=f"a has version {version}, the write expected version 7"):
        store.delete("a", if_version=7)


def test_a_wrong_argument_is_named_with_its_value(store: MemoryStore) -> None:
    with pytest.raises(ValidationError, match="ttl=0: must be more than 0 seconds"):
        store.put("a", {"v": 1}, ttl=0)
    with pytest.raises(ValidationError, match="key=None: must be text of at most 200 letters"):
        store.get(None)  # type: ignore[arg-type]  # what callers without a type checker give
    with pytest.raises(ValidationError, match="lease='post': must be a Lease of this store"):
        store.lease_release("post")  # type: ignore[arg-type]  # the same
    store.put("a", {"v": 1, "on": True})
    with pytest.raises(ValidationError, match="field='on': must hold a number in a, not a bool"):
        store.put_max("a", "on", 1)
    with pytest.raises(ValidationError, match="value=inf: must be a finite number"):
        store.put_max("a", "on", float("inf"))


def test_a_secret_value_is_not_shown(store: MemoryStore) -> None:
    with pytest.raises(ValidationError) as caught:
        store.put("a", {"v": 1, "password": b"hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_closed_store_says_so_and_so_do_its_views(store: MemoryStore) -> None:
    view = store.scoped("one")
    store.ping()
    store.close()
    store.close()
    for part in (store, view):
        with pytest.raises(StateStoreError, match="the store is closed"):
            part.get("a")
        with pytest.raises(StateStoreError, match="the store is closed"):
            part.put("a", {"v": 1})
        with pytest.raises(StateStoreError, match="the store is closed"):
            part.ping()


def test_a_with_block_closes_the_store(tmp_path: Path) -> None:
    with SQLiteStore(tmp_path / "state.db") as store:
        store.put("a", {"v": 1})
    with pytest.raises(StateStoreError, match="closed"):
        store.get("a")
    with SQLiteStore(str(tmp_path / "state.db")) as store:
        assert store.get("a") is not None


def test_only_the_file_is_durable_and_shared(tmp_path: Path) -> None:
    with SQLiteStore(tmp_path / "state.db") as store:
        assert store.capabilities == Capabilities(durable=True, shared=True)
    assert MemoryStore().capabilities == Capabilities(durable=False, shared=False)


def test_a_full_memory_takes_no_new_record_until_one_ends_or_goes(clock: VirtualClock) -> None:
    with MemoryStore(clock=clock, limit=3) as store:
        for key in ("a", "b", "c"):
            store.put(key, {"v": 1}, ttl=60 if key == "a" else None)
        with pytest.raises(StateStoreError, match="3 records"):
            store.put_if_absent("d", {"v": 1})
        store.put("b", {"v": 1, "again": True})
        store.delete("b")
        assert store.put_if_absent("d", {"v": 1})
        clock.advance(60)
        assert store.put_if_absent("e", {"v": 1})
        with pytest.raises(StateStoreError, match="3 records"):
            store.put("a", {"v": 1})


def test_a_memory_holds_a_hundred_thousand_records_unless_told_otherwise() -> None:
    assert MemoryLedger().limit == 100_000
    for limit in (0, -1, 2.5, True):
        with pytest.raises(ConfigurationError, match="limit"):
            MemoryStore(limit=limit)  # type: ignore[arg-type]  # what callers without a type checker give
