"""SQLite files as the tests of the stores need them."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from novita_sdk._concurrency.sqlite_file import SQLiteFile
from novita_sdk._core.stores.schema import MIGRATIONS
from novita_sdk.stores import SQLiteStore

NEXT = (*MIGRATIONS, ("ALTER TABLE leases ADD COLUMN note TEXT", "CREATE TABLE notes (text TEXT)"))
"""What a newer release might do."""


def new_file(path: Path, migrations: Any = MIGRATIONS) -> SQLiteFile:
    return SQLiteFile(path, lambda: 1_790_000_000.0, migrations)


def nothing(_ledger: object, _now: int) -> None:
    """A step that does nothing."""


@contextlib.contextmanager
def database(path: Path) -> Iterator[sqlite3.Connection]:
    """Look at a file without the store."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    with contextlib.closing(connection):
        yield connection


def pragma(path: Path, name: str) -> Any:
    with database(path) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def idle(store: SQLiteStore) -> list[sqlite3.Connection]:
    """The connections of a store that serve nobody just now."""
    return store._engine._file._pools[os.getpid()].idle  # type: ignore[attr-defined]


def hurry(store: SQLiteStore) -> None:
    """Let a store not wait for the disk, where the disk is not what is tested."""
    store.ping()
    (connection,) = idle(store)
    connection.execute("PRAGMA synchronous = OFF")


def filled(path: Path, records: int = 400) -> None:
    """Make a store with some pages of records."""
    with SQLiteStore(path) as store:
        hurry(store)
        for number in range(records):
            store.put(f"record-{number}", {"v": 1, "text": "x" * 100})
