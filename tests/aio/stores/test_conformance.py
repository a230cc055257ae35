"""The stores keep the promises of the protocol, and the checks find the ones that do not."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from novita_sdk._async.stores.conformance.all_checks import STORE_CHECKS
from novita_sdk._async.stores.protocol import AsyncStateStore
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


@pytest.mark.parametrize("check", STORE_CHECKS, ids=lambda check: check.__name__)
async def test_every_store_passes_every_check(
    store: AsyncStateStore, clock: VirtualClock, check: AsyncStoreCheck
) -> None:
    async def advance(seconds: float) -> None:
        clock.advance(seconds)

    await check(AsyncStoreTrial(store, advance))
