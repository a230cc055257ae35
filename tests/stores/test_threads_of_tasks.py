"""An asynchronous SQLiteStore works in borrowed threads."""

from __future__ import annotations

import threading
from pathlib import Path

import anyio
import pytest

from novita_sdk._concurrency import aio, threads
from novita_sdk._concurrency.sqlite_file import SQLiteFile
from novita_sdk._core.stores.ledger import Step
from novita_sdk.stores import AsyncSQLiteStore, SQLiteStore
from novita_sdk.testing import VirtualClock


class Crew(VirtualClock):
    """A clock that remembers how many were at work."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[int] = []

    def crew(self, change: int) -> None:
        self.changes.append(change)


@pytest.mark.anyio
async def test_a_virtual_clock_is_told_of_a_thread_at_work() -> None:
    clock = Crew()
    assert await aio.run_in_thread(clock, lambda: [*clock.changes, threading.get_ident()]) != [
        1,
        threading.get_ident(),
    ]
    assert clock.changes == [1, -1]
    with pytest.raises(ZeroDivisionError):
        await aio.run_in_thread(clock, lambda: 1 // 0)
    assert clock.changes == [1, -1, 1, -1]


@pytest.mark.anyio
async def test_a_plain_clock_need_not_know_of_threads() -> None:
    assert await aio.run_in_thread(aio.SystemClock(), threading.get_ident) != threading.get_ident()


def test_the_synchronous_colour_blocks_where_it_is() -> None:
    assert threads.run_in_thread(threads.SystemClock(), threading.get_ident) == threading.get_ident()


@pytest.mark.anyio
async def test_a_cancelled_write_ends_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, leave = threading.Event(), threading.Event()
    whole = SQLiteFile.write

    def slow(self: SQLiteFile, step: Step[object]) -> object:
        entered.set()
        leave.wait()
        return whole(self, step)

    monkeypatch.setattr(SQLiteFile, "write", slow)
    store = AsyncSQLiteStore(tmp_path / "state.db")
    versions: list[int] = []
    async with anyio.create_task_group() as group:

        async def write() -> None:
            versions.append(await store.put("a", {"v": 1}))

        group.start_soon(write)
        await anyio.to_thread.run_sync(entered.wait)
        group.cancel_scope.cancel()
        leave.set()
    await store.aclose()
    with SQLiteStore(tmp_path / "state.db") as reader:
        entry = reader.get("a")
    assert entry is not None
    assert versions == [entry.version]
