"""Messages that are put in as part of a transaction of the caller's: kept with it, and lost with it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from novita_sdk._async.stores.memory import AsyncMemoryStore
from novita_sdk._async.stores.sqlite import AsyncSQLiteStore
from novita_sdk._async.webhooks.outbox import AsyncOutbox
from novita_sdk.errors import StateStoreError, ValidationError
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import WebhookTarget, events
from tests.aio.hooks_network import HOOK, SECRET, AsyncHooksNetwork

pytestmark = pytest.mark.anyio

TEAM = WebhookTarget("team", HOOK, SECRET)
EVENT = events.stopped("i-1", operation_id="op-1")


@contextlib.contextmanager
def transaction(path: Path) -> Generator[sqlite3.Connection]:
    """Write an order, and leave the transaction open."""
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("CREATE TABLE IF NOT EXISTS orders (name TEXT)")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO orders VALUES ('one')")
        yield connection


async def made(path: Path, clock: VirtualClock) -> tuple[AsyncHooksNetwork, AsyncSQLiteStore, AsyncOutbox]:
    network = AsyncHooksNetwork(clock)
    async with AsyncSQLiteStore(path, clock=clock) as first:
        await first.ping()
    store = AsyncSQLiteStore(path, clock=clock)
    return network, store, AsyncOutbox(store, [TEAM], transport=network, clock=clock)


async def test_a_message_is_kept_with_the_transaction_it_is_part_of(
    clock: VirtualClock, tmp_path: Path
) -> None:
    network, store, outbox = await made(tmp_path / "shop.db", clock)
    async with store:
        with transaction(tmp_path / "shop.db") as connection:
            message_id = await outbox.enqueue(EVENT, "team", connection=connection)
            assert await outbox.enqueue(EVENT, "team", connection=connection) == message_id
            assert (connection.in_transaction, await outbox.pending()) == (True, 0)
            connection.commit()
            assert connection.execute("SELECT count(*) FROM orders").fetchone()[0] == 1
        assert await outbox.pending() == 1
        await outbox.drain()
    assert [received.id for received in network.received] == [message_id]


async def test_a_message_is_gone_with_the_transaction_it_is_part_of(
    clock: VirtualClock, tmp_path: Path
) -> None:
    network, store, outbox = await made(tmp_path / "shop.db", clock)
    async with store:
        with transaction(tmp_path / "shop.db") as connection:
            await outbox.enqueue(EVENT, "team", connection=connection)
            connection.rollback()
        assert await outbox.pending() == 0
        await outbox.drain()
        assert network.received == []
        await outbox.enqueue(EVENT, "team")
        await outbox.drain()
        assert (len(network.received), list(await outbox.stats())) == (1, ["team"])
        other = AsyncOutbox(store, clock=clock)
        assert list(await other.stats()) == ["team"]


async def test_a_connection_that_cannot_hold_the_message_is_told(clock: VirtualClock, tmp_path: Path) -> None:
    _, store, outbox = await made(tmp_path / "shop.db", clock)
    in_memory = AsyncOutbox(AsyncMemoryStore(clock=clock), [TEAM], clock=clock)
    async with store:
        with transaction(tmp_path / "other.db") as elsewhere, transaction(tmp_path / "shop.db") as right:
            wrong: Any = "shop.db"
            for given in (elsewhere, wrong):
                with pytest.raises(ValidationError, match="connection"):
                    await outbox.enqueue(EVENT, "team", connection=given)
            with pytest.raises(ValidationError, match="SQLiteStore"):
                await in_memory.enqueue(EVENT, "team", connection=right)
            right.rollback()
            with pytest.raises(ValidationError, match="transaction"):
                await outbox.enqueue(EVENT, "team", connection=right)
        assert await outbox.pending() == 0
    with transaction(tmp_path / "shop.db") as right, pytest.raises(StateStoreError):
        await outbox.enqueue(EVENT, "team", connection=right)
