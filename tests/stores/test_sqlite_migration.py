"""A file of an older release is brought up to date, or stays as it is."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from novita_sdk._core.stores.schema import MIGRATIONS
from novita_sdk.errors import ConfigurationError, StateStoreError
from novita_sdk.stores import SQLiteStore
from tests.stores.files import NEXT, database, filled, new_file, nothing, pragma


def test_an_older_file_is_copied_and_brought_up_to_date(path: Path) -> None:
    filled(path, 3)
    file = new_file(path, NEXT)
    assert len(file.read(lambda ledger, now: ledger.records("", "", 10, now))) == 3
    file.close()
    copy = path.with_name("state.db.bak-v1")
    assert (pragma(path, "user_version"), pragma(copy, "user_version")) == (2, 1)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with database(copy) as connection:
        assert connection.execute("SELECT count(*) FROM records").fetchone() == (3,)
    assert sorted(file.name for file in path.parent.iterdir() if "part" in file.name) == []
    again = new_file(path, NEXT)
    again.write(nothing)
    again.close()
    assert pragma(path, "user_version") == 2


def test_a_copy_is_made_once_for_all_who_open_the_file(path: Path) -> None:
    filled(path, 3)
    files = [new_file(path, NEXT) for _ in range(4)]
    threads = [threading.Thread(target=file.write, args=(nothing,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for file in files:
        file.close()
    assert pragma(path, "user_version") == 2
    assert pragma(path.with_name("state.db.bak-v1"), "user_version") == 1


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    filled(path, 3)
    file = new_file(path, (*MIGRATIONS, ("DELETE FROM records", "CREATE TABLE records (text TEXT)")))
    with pytest.raises(StateStoreError, match="table records already exists"):
        file.write(nothing)
    file.close()
    assert pragma(path, "user_version") == 1
    with SQLiteStore(path) as store:
        assert len(store.scan().items) == 3


def test_a_migration_without_a_copy_does_not_begin(path: Path) -> None:
    filled(path, 3)
    path.with_name("state.db.bak-v1").mkdir()
    file = new_file(path, NEXT)
    with pytest.raises(ConfigurationError, match=r"state\.db\.bak-v1"):
        file.write(nothing)
    file.close()
    assert pragma(path, "user_version") == 1
