"""A store in an SQLite file."""

from __future__ import annotations

import os
import sqlite3
from typing import TypeVar

from novita_sdk._async.stores.engine import AsyncEngine
from novita_sdk._async.stores.ledger_store import AsyncLedgerStore
from novita_sdk._async.stores.protocol import AsyncStateStore
from novita_sdk._concurrency.aio import SystemClock, run_in_thread
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._concurrency.sqlite_file import SQLiteFile
from novita_sdk._core.stores.answers import Capabilities
from novita_sdk._core.stores.ledger import Step

T = TypeVar("T")


class _AsyncSQLiteEngine:
    """Runs steps on a file, where they may block."""

    def __init__(self, path: str | os.PathLike[str], clock: AsyncClock) -> None:
        self._clock = clock
        self._file = SQLiteFile(path, clock.time)
        self.kind = "sqlite"
        self.location = self._file.path
        self.capabilities = Capabilities(durable=True, shared=True)

    async def read(self, step: Step[T]) -> T:
        """Run a step of one question."""
        return await run_in_thread(self._clock, lambda: self._file.read(step))

    async def write(self, step: Step[T]) -> T:
        """Run a step that changes something."""
        return await run_in_thread(self._clock, lambda: self._file.write(step))

    def within(self, connection: sqlite3.Connection) -> AsyncEngine:
        """Return what runs steps in a transaction of the caller's."""
        return _AsyncTransactionEngine(self._file, connection, self)

    async def close(self) -> None:
        """Close the file."""
        await run_in_thread(self._clock, self._file.close)


class _AsyncTransactionEngine:
    """Runs steps in a transaction of the caller's, on the thread that calls."""

    def __init__(self, file: SQLiteFile, connection: sqlite3.Connection, like: AsyncEngine) -> None:
        self._file = file
        self._connection = connection
        self.kind = like.kind
        self.location = like.location
        self.capabilities = like.capabilities

    async def read(self, step: Step[T]) -> T:
        """Run a step of one question."""
        return self._file.within(self._connection, step)

    async def write(self, step: Step[T]) -> T:
        """Run a step that changes something, if the caller commits."""
        return self._file.within(self._connection, step)

    async def close(self) -> None:
        """Close nothing: the connection is the caller's."""


class AsyncSQLiteStore(AsyncLedgerStore):
    """A state store in a file on this machine: durable, and shared by all its threads and processes.

    What was accepted is on the disk (write-ahead log, `synchronous=FULL`). The file is opened, or made with mode
    0600, at the first operation, and checked then. One that is damaged, of a newer release or of another program
    is refused and left as it is; one of an older release is brought up to date after a copy `<path>.bak-v<n>`.

    Args:
        path: The file, on a local disk. A relative path is taken from the current folder, now.
        clock: Where the time comes from; all users of one file need the same.

    Raises:
        ConfigurationError: From the first operation: there can be no store at this path.
        StoreCorruptError: From any operation: the file cannot be read.
        StoreVersionError: From the first operation: a newer release wrote the file.
        StoreUnavailableError: From any operation: somebody else holds its lock for over 5 seconds.
    """

    def __init__(self, path: str | os.PathLike[str], *, clock: AsyncClock | None = None) -> None:
        self._on_file = _AsyncSQLiteEngine(path, clock or SystemClock())
        super().__init__(self._on_file)

    def within(self, connection: sqlite3.Connection) -> AsyncStateStore:
        """Return a view whose operations are part of a transaction of yours: they happen if you commit it.

        Args:
            connection: A connection to the same file, on which a transaction has begun, best by BEGIN IMMEDIATE. It is
                used by the thread that calls, and waits for locks as you set it up.
        """
        return AsyncLedgerStore(self._on_file.within(connection))

    async def aclose(self) -> None:
        """Close the file, for all views of it too; an operation at work still ends."""
        await self._engine.close()
