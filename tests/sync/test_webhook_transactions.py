# Generated from tests/aio/test_webhook_transactions.py by tools/unasync.py; edit the source.
"""Messages that are put in as part of a transaction of the caller's: kept with it, and lost with it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from novita_sdk._sync.stores.memory import MemoryStore
from novita_sdk._sync.stores.sqlite import SQLiteStore
from novita_sdk._sync.webhooks.outbox import Outbox
from novita_sdk.errors import StateStoreError, ValidationError
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import WebhookTarget, events
from tests.sync.hooks_network import HOOK, SECRET, HooksNetwork

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


def made(path: Path, clock: VirtualClock) -> tuple[HooksNetwork, SQLiteStore, Outbox]:
    network = HooksNetwork(clock)
    with SQLiteStore(path, clock=clock) as first:
        first.ping()
    store = SQLiteStore(path, clock=clock)
    return network, store, Outbox(store, [TEAM], transport=network, clock=clock)


def test_a_message_is_kept_with_the_transaction_it_is_part_of(clock: VirtualClock, tmp_path: Path) -> None:
    network, store, outbox = made(tmp_path / "shop.db", clock)
    with store:
        with transaction(tmp_path / "shop.db") as connection:
            message_id = outbox.enqueue(EVENT, "team", connection=connection)
            assert outbox.enqueue(EVENT, "team", connection=connection) == message_id
            assert (connection.in_transaction, outbox.pending()) == (True, 0)
            connection.commit()
            assert connection.execute("SELECT count(*) FROM orders").fetchone()[0] == 1
        assert outbox.pending() == 1
        outbox.drain()
    assert [received.id for received in network.received] == [message_id]


def test_a_message_is_gone_with_the_transaction_it_is_part_of(clock: VirtualClock, tmp_path: Path) -> None:
    network, store, outbox = made(tmp_path / "shop.db", clock)
    with store:
        with transaction(tmp_path / "shop.db") as connection:
            outbox.enqueue(EVENT, "team", connection=connection)
            connection.rollback()
        assert outbox.pending() == 0
        outbox.drain()
        assert network.received == []
        outbox.enqueue(EVENT, "team")
        outbox.drain()
        assert (len(network.received), list(outbox.stats())) == (1, ["team"])
        other = Outbox(store, clock=clock)
        assert list(other.stats()) == ["team"]


def test_a_connection_that_cannot_hold_the_message_is_told(clock: VirtualClock, tmp_path: Path) -> None:
    _, store, outbox = made(tmp_path / "shop.db", clock)
    in_memory = Outbox(MemoryStore(clock=clock), [TEAM], clock=clock)
    with store:
        with transaction(tmp_path / "other.db") as elsewhere, transaction(tmp_path / "shop.db") as right:
            wrong: Any = "shop.db"
            for given in (elsewhere, wrong):
                with pytest.raises(ValidationError, match="connection"):
                    outbox.enqueue(EVENT, "team", connection=given)
            with pytest.raises(ValidationError, match="SQLiteStore"):
                in_memory.enqueue(EVENT, "team", connection=right)
            right.rollback()
            with pytest.raises(ValidationError, match="transaction"):
                outbox.enqueue(EVENT, "team", connection=right)
        assert outbox.pending() == 0
    with transaction(tmp_path / "shop.db") as right, pytest.raises(StateStoreError):
        outbox.enqueue(EVENT, "team", connection=right)
