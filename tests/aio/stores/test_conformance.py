"""The stores keep the promises of the protocol, and the checks find those that do not."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from novita_sdk._async.stores.conformance.all_checks import STORE_CHECKS
from novita_sdk._async.stores.protocol import AsyncStateStore
from novita_sdk._core.stores.answers import Entry
from novita_sdk.errors import NovitaError
from novita_sdk.stores import AsyncMemoryStore, AsyncSQLiteStore
from novita_sdk.testing import VirtualClock
from novita_sdk.testing.store_conformance import AsyncStoreCheck, AsyncStoreTrial

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["memory", "sqlite", "scoped"])
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock
) -> AsyncIterator[AsyncStateStore]:
    made = (
        AsyncMemoryStore(clock=clock)
        if request.param == "memory"
        else AsyncSQLiteStore(tmp_path / "state.db", clock=clock)
    )
    async with contextlib.aclosing(made):
        yield made.scoped("account") if request.param == "scoped" else made


def trial_of(store: AsyncStateStore, clock: VirtualClock) -> AsyncStoreTrial:
    async def advance(seconds: float) -> None:
        clock.advance(seconds)

    return AsyncStoreTrial(store, advance)


@pytest.mark.case("K-01")
@pytest.mark.parametrize("check", STORE_CHECKS, ids=lambda check: check.__name__)
async def test_every_store_passes_every_check(
    store: AsyncStateStore, clock: VirtualClock, check: AsyncStoreCheck
) -> None:
    await check(trial_of(store, clock))


async def test_a_store_is_one_by_its_methods(store: AsyncStateStore) -> None:
    assert isinstance(store, AsyncStateStore)
    assert not isinstance(object(), AsyncStateStore)


# Stores that break one promise each


class AsyncGenerousStore(AsyncMemoryStore):
    """Lets everybody put."""

    async def put_if_absent(self, key: str, value: Any, **more: Any) -> bool:
        await super().put_if_absent(key, value, **more)
        return True


class AsyncStingyStore(AsyncMemoryStore):
    """Gives nobody a lease."""

    async def lease_acquire(self, *_arguments: object) -> None:
        return None


class AsyncIdleStore(AsyncMemoryStore):
    """Hands out no work."""

    async def claim(self, *_arguments: object, **_more: object) -> None:
        return None


class AsyncLaxStore(AsyncMemoryStore):
    """Knows no stale fence and no other version."""

    async def put(self, key: str, value: Any, **more: Any) -> int:
        return await super().put(key, value, ttl=more.get("ttl"))


class AsyncRestartingStore(AsyncMemoryStore):
    """Starts versions again."""

    async def put(self, key: str, value: Any, **more: Any) -> int:
        version = await super().put(key, value, **more)
        return version if version < 3 else 1


class AsyncUnorderedStore(AsyncMemoryStore):
    """Forgets groups."""

    async def enqueue(self, queue: str, item_id: str, payload: Any, **more: Any) -> bool:
        return await super().enqueue(queue, item_id, payload, due_in=more.get("due_in", 0))


class AsyncSharingStore(AsyncMemoryStore):
    """Keeps all accounts in one place."""

    def scoped(self, account: str) -> AsyncMemoryStore:
        assert account
        return self


class AsyncTimelessStore(AsyncMemoryStore):
    """Tells no ends."""

    async def get(self, key: str) -> Entry | None:
        entry = await super().get(key)
        return entry and attrs.evolve(entry, expires_at=None)


class AsyncObedientStore(AsyncMemoryStore):
    """Finishes items for anybody."""

    async def complete(self, claim: Any) -> bool:
        await super().complete(claim)
        return True


@pytest.mark.parametrize(
    "kind",
    [
        AsyncGenerousStore,
        AsyncStingyStore,
        AsyncIdleStore,
        AsyncLaxStore,
        AsyncRestartingStore,
        AsyncUnorderedStore,
        AsyncSharingStore,
        AsyncTimelessStore,
        AsyncObedientStore,
    ],
)
async def test_a_broken_promise_is_found(kind: type[AsyncMemoryStore]) -> None:
    broken = []
    for check in STORE_CHECKS:
        clock = VirtualClock()
        try:
            await check(trial_of(kind(clock=clock), clock))
        except (AssertionError, NovitaError) as error:
            broken.append(str(error))
    assert broken
    assert all(broken)
