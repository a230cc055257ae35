"""The file of an SQLiteStore: how it is made, what is refused, and that a refused file stays as it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from novita_sdk._concurrency import sqlite_file
from novita_sdk._core.stores.schema import MIGRATIONS
from novita_sdk.errors import (
    ConfigurationError,
    StateStoreError,
    StoreCorruptError,
    StoreUnavailableError,
    StoreVersionError,
)
from novita_sdk.stores import SQLiteStore
from tests.stores.files import NEXT, database, filled, idle, new_file, nothing, pragma

# How it is made


def test_nothing_is_opened_before_the_first_operation(path: Path) -> None:
    store = SQLiteStore(path)
    assert not path.exists()
    store.ping()
    assert path.exists()
    store.close()


def test_the_file_and_its_companions_are_for_its_owner_only(path: Path) -> None:
    with SQLiteStore(path) as store:
        store.put("a", {"v": 1})
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.touch()
    filled(path, 1)
    assert pragma(path, "user_version") == len(MIGRATIONS)


def test_every_commit_waits_for_the_disk(path: Path) -> None:
    with SQLiteStore(path) as store:
        store.ping()
        (connection,) = idle(store)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_relative_path_is_taken_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    store = SQLiteStore("state.db")
    monkeypatch.chdir("/")
    store.ping()
    store.close()
    assert path.exists()


def test_any_name_will_do(tmp_path: Path) -> None:
    path = tmp_path / "a b#c?d%20e ü.db"
    filled(path, 1)
    assert pragma(path, "user_version") == len(MIGRATIONS)


def test_one_thread_needs_one_connection_and_two_never_share_one(path: Path) -> None:
    file = new_file(path)
    for _ in range(3):
        file.write(nothing)
    pool = file._pools[os.getpid()]
    assert len(pool.idle) == 1
    entered, leave = threading.Event(), threading.Event()

    def slow(_ledger: object, _now: int) -> None:
        entered.set()
        leave.wait()

    thread = threading.Thread(target=file.read, args=(slow,))
    thread.start()
    entered.wait()
    assert pool.idle == []
    file.write(nothing)
    assert len(pool.idle) == 1
    leave.set()
    thread.join()
    assert len(pool.idle) == 2
    file.close()
    assert pool.idle == []


def test_closing_lets_a_step_at_work_end(path: Path) -> None:
    file = new_file(path)
    entered, leave = threading.Event(), threading.Event()

    def slow(ledger: Any, _now: int) -> None:
        entered.set()
        leave.wait()
        ledger.write_record("a", "{}", None)

    thread = threading.Thread(target=file.write, args=(slow,))
    thread.start()
    entered.wait()
    file.close()
    leave.set()
    thread.join()
    with pytest.raises(StateStoreError, match="closed"):
        file.read(nothing)
    assert not path.with_name("state.db-wal").exists()
    with database(path) as connection:
        assert connection.execute("SELECT key FROM records").fetchall() == [("a",)]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ValueError])
def test_an_interrupted_step_leaves_nothing(path: Path, interruption: type[BaseException]) -> None:
    file = new_file(path)

    def interrupted(ledger: Any, _now: int) -> None:
        ledger.write_record("a", "{}", None)
        raise interruption

    with pytest.raises(interruption):
        file.write(interrupted)
    assert file.read(lambda ledger, _now: ledger.record("a")) is None
    file.write(nothing)
    file.close()


# What is refused


def refused(path: Path, kind: type[Exception]) -> Any:
    """Expect that a file is refused and that not a byte of it changes."""
    before = path.read_bytes()
    store = SQLiteStore(path)
    with pytest.raises(kind) as caught:
        store.put("a", {"v": 1})
    store.close()
    assert path.read_bytes() == before
    return caught.value


@pytest.mark.case("K-02")
@pytest.mark.parametrize(
    "content", [b"no database at all " * 100, b"x" * 20, b"SQLite format 3\x00" + b"\xff" * 4080]
)
def test_what_is_no_database_is_refused_and_stays(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    error = refused(path, StoreCorruptError)
    assert error.location == str(path)
    assert (error.store, error.detail, error.hint[:31]) == (
        "sqlite",
        "file is not a database",
        "The file was left as it is. Put",
    )


@pytest.mark.case("K-02")
def test_a_damaged_database_is_refused_and_stays(path: Path) -> None:
    filled(path)
    content = bytearray(path.read_bytes())
    content[3 * 4096 : 6 * 4096] = b"\xff" * (3 * 4096)
    path.write_bytes(content)
    assert refused(path, StoreCorruptError).detail


def test_a_truncated_database_is_refused_and_stays(path: Path) -> None:
    filled(path)
    path.write_bytes(path.read_bytes()[: 5 * 4096])
    refused(path, StoreCorruptError)


def test_a_value_somebody_else_wrote_is_told_with_its_key(path: Path) -> None:
    filled(path, 1)
    with database(path) as connection:
        connection.execute("UPDATE records SET text = 'no json'")
    with (
        SQLiteStore(path) as store,
        pytest.raises(StoreCorruptError, match="value of record-0 is no JSON") as caught,
    ):
        store.get("record-0")
    assert (caught.value.key, caught.value.location) == ("record-0", str(path))


@pytest.mark.case("K-03")
def test_a_file_of_a_newer_release_is_refused_and_stays(path: Path) -> None:
    file = new_file(path, NEXT)
    file.write(nothing)
    file.close()
    error = refused(path, StoreVersionError)
    assert "has schema 2, this release knows 1" in str(error)
    assert "Update novita-gpu-sdk" in error.hint


@pytest.mark.case("K-03")
def test_a_log_left_by_a_newer_release_is_not_touched_either(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    file = new_file(tmp_path / "open" / "state.db", NEXT)
    file.write(lambda ledger, _now: ledger.write_record("a", "{}", None))
    shutil.copytree(tmp_path / "open", tmp_path / "left")  # as after a kill: with the log
    file.close()
    path = tmp_path / "left" / "state.db"
    log = path.with_name("state.db-wal")
    before = log.read_bytes()
    assert before
    refused(path, StoreVersionError)
    assert log.read_bytes() == before


@pytest.mark.parametrize("version", [0, 1, 7])
def test_the_database_of_another_program_is_refused_and_stays(path: Path, version: int) -> None:
    with database(path) as connection:
        connection.execute("CREATE TABLE invoices (amount INTEGER)")
        connection.execute(f"PRAGMA user_version = {version}")
    assert "it is the database of another program" in str(refused(path, ConfigurationError))


def test_a_missing_folder_and_a_folder_are_no_place_for_a_store(path: Path) -> None:
    for place in (path / "deeper" / "state.db", path.parent):
        store = SQLiteStore(place)
        with pytest.raises(ConfigurationError, match="cannot be used") as caught:
            store.ping()
        assert str(place) in str(caught.value)


def test_a_disk_without_room_for_a_log_is_no_place_for_a_store(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sqlite3.connect

    def connect(database: str, **more: Any) -> sqlite3.Connection:
        return whole(f"{database}&vfs=unix-dotfile", **more)  # without shared memory, as on a network disk

    monkeypatch.setattr(sqlite3, "connect", connect)
    store = SQLiteStore(path)
    with pytest.raises(ConfigurationError, match="journal mode stays 'delete' where 'wal' is needed"):
        store.ping()
    store.close()


# What can happen later


def test_a_full_disk_leaves_nothing_half_written(path: Path) -> None:
    filled(path, 10)
    with SQLiteStore(path) as store:
        store.ping()
        (connection,) = idle(store)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StateStoreError, match=r"no space is left for .* nothing was written") as caught:
            store.put("large", {"v": 1, "text": "x" * 60_000})
        assert type(caught.value) is StateStoreError
        assert store.get("large") is None
        assert len(store.scan().items) == 10
        connection.execute("PRAGMA max_page_count = 1000000")
        store.put("large", {"v": 1, "text": "x" * 60_000})
    assert pragma(path, "integrity_check") == "ok"


def test_a_lock_held_too_long_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "_BUSY_TIMEOUT", 0.01)
    with SQLiteStore(path) as store:
        store.put("a", {"v": 1})
        with database(path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailableError, match="somebody else has held the lock"):
                store.put("a", {"v": 2})
            assert store.get("a") is not None
        store.put("a", {"v": 3})


def test_a_lock_held_while_the_file_is_opened_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "_BUSY_TIMEOUT", 0.0)
    path.touch()
    store = SQLiteStore(path)
    with database(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match="somebody else has held the lock"):
            store.ping()
    store.ping()
    store.close()


@pytest.mark.parametrize("new", [True, False], ids=["switch to the log", "write"])
def test_a_lock_of_somebody_else_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch, new: bool
) -> None:
    store = SQLiteStore(path)
    if new:
        path.touch()
    else:
        store.ping()
    pauses: list[float] = []
    with database(path) as connection:
        connection.execute("BEGIN IMMEDIATE")

        def sleep(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                connection.execute("ROLLBACK")

        monkeypatch.setattr(sqlite_file, "time", SimpleNamespace(monotonic=lambda: 0.0, sleep=sleep))
        store.put("a", {"v": 1})
    store.close()
    assert pauses == [0.001] * 3


def test_a_busy_lock_is_given_up_after_five_seconds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SQLiteStore(path)
    store.ping()
    now = [0.0]

    def sleep(_seconds: float) -> None:
        now[0] += 0.5

    monkeypatch.setattr(sqlite_file, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    with database(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError):
            store.put("a", {"v": 1})
    store.close()
    assert now == [5.0]


def test_a_process_that_died_while_it_made_the_file_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    with database(tmp_path / "open" / "state.db") as connection:
        connection.execute("PRAGMA cache_size = 5")  # so that it spills into the file before it commits
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE half (text TEXT)")
        for _ in range(500):
            connection.execute("INSERT INTO half VALUES (?)", ("x" * 500,))
        shutil.copytree(tmp_path / "open", tmp_path / "left")
    path = tmp_path / "left" / "state.db"
    assert path.with_name("state.db-journal").exists()
    filled(path, 1)
    assert pragma(path, "user_version") == len(MIGRATIONS)
