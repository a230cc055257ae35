"""What the result codes of SQLite become."""

from __future__ import annotations

import sqlite3

import pytest

from novita_sdk._core.stores.database_failures import failure
from novita_sdk.errors import (
    ConfigurationError,
    StateStoreError,
    StoreCorruptError,
    StoreUnavailableError,
)


@pytest.mark.parametrize(
    ("code", "opening", "kind"),
    [
        (sqlite3.SQLITE_CORRUPT, False, StoreCorruptError),
        (sqlite3.SQLITE_CORRUPT_INDEX, False, StoreCorruptError),
        (sqlite3.SQLITE_NOTADB, True, StoreCorruptError),
        (sqlite3.SQLITE_BUSY, True, StoreUnavailableError),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, False, StoreUnavailableError),
        (sqlite3.SQLITE_LOCKED, False, StoreUnavailableError),
        (sqlite3.SQLITE_FULL, True, StateStoreError),
        (sqlite3.SQLITE_FULL, False, StateStoreError),
        (sqlite3.SQLITE_IOERR_SHMMAP, True, ConfigurationError),
        (sqlite3.SQLITE_IOERR_WRITE, False, StateStoreError),
        (sqlite3.SQLITE_CANTOPEN, True, ConfigurationError),
        (sqlite3.SQLITE_READONLY, True, ConfigurationError),
        (sqlite3.SQLITE_READONLY, False, StateStoreError),
        (sqlite3.SQLITE_PROTOCOL, True, ConfigurationError),
        (sqlite3.SQLITE_PERM, True, ConfigurationError),
        (sqlite3.SQLITE_ERROR, True, StateStoreError),
        (None, False, StateStoreError),
    ],
)
def test_a_result_code_has_its_exception(code: int | None, opening: bool, kind: type[Exception]) -> None:
    error = failure(code, "said the database", "state.db", opening=opening)
    assert type(error) is kind
    assert "state.db" in str(error)
    assert "said the database" in str(error)
