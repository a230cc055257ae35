# Generated from novita_sdk/_async/stores/sqlite.py by tools/unasync.py; edit the source.
"""A store in an SQLite file."""

from __future__ import annotations

import os
from typing import TypeVar

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.sqlite_file import SQLiteFile
from novita_sdk._concurrency.threads import SystemClock, run_in_thread
from novita_sdk._core.stores.answers import Capabilities
from novita_sdk._core.stores.ledger import Step
from novita_sdk._sync.stores.ledger_store import LedgerStore

T = TypeVar("T")


class _SQLiteEngine:
    """Runs steps on a file, where they may block."""

    def __init__(self, path: str | os.PathLike[str], clock: Clock) -> None:
        self._clock = clock
        self._file = SQLiteFile(path, clock.time)
        self.kind = "sqlite"
        self.location = self._file.path
        self.capabilities = Capabilities(durable=True, shared=True)

    def read(self, step: Step[T]) -> T:
        """Run a step of one question."""
        return run_in_thread(self._clock, lambda: self._file.read(step))

    def write(self, step: Step[T]) -> T:
        """Run a step that changes something."""
        return run_in_thread(self._clock, lambda: self._file.write(step))

    def close(self) -> None:
        """Close the file."""
        run_in_thread(self._clock, self._file.close)


class SQLiteStore(LedgerStore):
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

    def __init__(self, path: str | os.PathLike[str], *, clock: Clock | None = None) -> None:
        super().__init__(_SQLiteEngine(path, clock or SystemClock()))

    def close(self) -> None:
        """Close the file, for all views of it too; an operation at work still ends."""
        self._engine.close()
