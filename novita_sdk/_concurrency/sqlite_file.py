"""An SQLite file that several threads and processes use: the one place that runs SQL."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final, TypeVar

from novita_sdk._concurrency.patience import patience_ends
from novita_sdk._core.stores.database_failures import (
    closed,
    damaged,
    failure,
    foreign,
    too_new,
    unusable,
    without_wal,
)
from novita_sdk._core.stores.ledger import Step
from novita_sdk._core.stores.moments import ticks
from novita_sdk._core.stores.schema import APPLICATION_ID, MIGRATIONS, Migrations
from novita_sdk._core.stores.sql_ledger import Row, SQLLedger, SQLValue
from novita_sdk._core.stores.sweep import SWEEP_STEP, Sweep
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError

T = TypeVar("T")

_BUSY_TIMEOUT: Final = 5.0
_BUSY_PAUSE: Final = 0.001
_OWN_MODE: Final = 0o600

_preparing: dict[
    int, threading.Lock
] = {}  # by process id: a lock that was held at a fork stays locked for ever


class _Statements:
    """Runs statements on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, *values: SQLValue) -> list[Row]:
        return self._run(statement, *values).fetchall()

    def change(self, statement: str, *values: SQLValue) -> int:
        return self._run(statement, *values).rowcount

    def insert(self, statement: str, *values: SQLValue) -> int:
        return self._run(statement, *values).lastrowid or 0

    def _run(self, statement: str, *values: SQLValue) -> sqlite3.Cursor:
        return _run(self._connection, statement, *values)


class _CallersStatements(_Statements):
    """Runs statements on a connection of the caller's, who decides how long they wait for locks."""

    def _run(self, statement: str, *values: SQLValue) -> sqlite3.Cursor:
        cursor = self._connection.cursor()
        cursor.row_factory = None
        return cursor.execute(statement, values)


class _Pool:
    """The connections of one process; each serves one thread at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.prepared = False
        self.idle: list[sqlite3.Connection] = []


class SQLiteFile:
    """Runs steps on a database file, each in a transaction of its own.

    The file is opened, and made if it is missing, at the first step. A process that was forked opens it anew: the
    connections of its parent are left alone.

    Args:
        path: The file.
        wall: Tells the wall time in seconds.
        migrations: What leads to the newest schema.
    """

    def __init__(
        self, path: str | os.PathLike[str], wall: Callable[[], float], migrations: Migrations = MIGRATIONS
    ) -> None:
        self.path = os.path.abspath(path)  # noqa: PTH100 - Path.resolve would follow links, which may change
        self._wall = wall
        self._migrations = migrations
        self._pools: dict[int, _Pool] = {}
        self._closed = False
        self._sweep = Sweep()

    def read(self, step: Step[T]) -> T:
        """Run a step of one statement that changes nothing.

        Raises:
            NovitaError: As `write`.
        """
        with self._connection() as connection:
            return step(SQLLedger(_Statements(connection)), ticks(self._wall()))

    def write(self, step: Step[T]) -> T:
        """Run a step that changes something; it is on the disk when this returns.

        The time is read once no other process can write any more.

        Raises:
            StoreUnavailableError: Somebody else holds the file's lock for over 5 seconds.
            StoreCorruptError: The file cannot be read; it is left as it is.
            StoreVersionError: A newer release wrote it.
            ConfigurationError: There can be no store at this path.
            StateStoreError: It failed otherwise, such as by a full disk.
        """
        if self._sweep.is_due(ticks(self._wall())):
            while self._change(lambda ledger, now: ledger.erase_expired(now, SWEEP_STEP)) == SWEEP_STEP:
                pass
        return self._change(step)

    def _change(self, step: Step[T]) -> T:
        with self._connection() as connection, _transaction(connection):
            return step(SQLLedger(_Statements(connection)), ticks(self._wall()))

    def within(self, connection: sqlite3.Connection, step: Step[T]) -> T:
        """Run a step in a transaction that the caller has begun, and ends.

        Raises:
            ValidationError: There is no transaction, or the connection is one to another file.
            NovitaError: As `write`.
        """
        if not isinstance(connection, sqlite3.Connection) or not connection.in_transaction:  # pyright: ignore[reportUnnecessaryIsInstance]
            words = "must be a connection of sqlite3 on which a transaction has begun"
            raise ValidationError(problems=(problem("connection", type(connection).__name__, words),))
        statements = _CallersStatements(connection)
        with self._connection():
            pass  # the file has been looked at, and is of this release
        with self._failures(opening=False):
            opened = next(path for _, name, path in statements.rows("PRAGMA database_list") if name == "main")
            if not opened or os.path.realpath(opened) != os.path.realpath(self.path):
                words = f"must be open on the file of the store, {self.path}"
                raise ValidationError(problems=(problem("connection", opened or "no file", words),))
            return step(SQLLedger(statements), ticks(self._wall()))

    def close(self) -> None:
        """Close the connections of this process; those at work close when their step ends."""
        pool = self._pool()
        with pool.lock:
            self._closed = True
            while pool.idle:
                pool.idle.pop().close()

    def _pool(self) -> _Pool:
        return self._pools.setdefault(os.getpid(), _Pool())

    @contextlib.contextmanager
    def _connection(self) -> Generator[sqlite3.Connection]:
        """Lend a connection to the calling thread."""
        pool = self._pool()
        with pool.lock:
            if self._closed:
                raise closed(self.path)
            if not pool.prepared:
                pool.idle.append(self._prepare())
                pool.prepared = True
            connection = pool.idle.pop() if pool.idle else None
        with self._failures(opening=connection is None):
            connection = connection or self._connect()
        try:
            with self._failures(opening=False):
                yield connection
        finally:
            with pool.lock:
                if self._closed:
                    connection.close()
                else:
                    pool.idle.append(connection)

    @contextlib.contextmanager
    def _failures(self, *, opening: bool) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as fault:
            code = getattr(fault, "sqlite_errorcode", None)  # absent where Python itself found the fault
            raise failure(code, str(fault), self.path, opening=opening) from fault

    # ------------------------------------------------------------------------------------ opening

    def _prepare(self) -> sqlite3.Connection:
        """Make the file or look whether it can be used, bring it to the newest schema, and return a connection."""
        # Closing any descriptor of a file ends all locks that its process has on it, so no other store of this
        # process may open the file between its making and the closing of that descriptor.
        with _preparing.setdefault(os.getpid(), threading.Lock()), self._failures(opening=True):
            try:
                try:
                    os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _OWN_MODE))
                except FileExistsError:
                    self._inspect()
                connection = self._connect()
                with _closed_on_failure(connection):
                    self._migrate(connection)
            except OSError as fault:
                raise unusable(str(fault), self.path) from fault
            return connection

    def _inspect(self) -> None:
        """Refuse a file that is damaged, foreign or too new, over a connection that cannot change a byte of it."""
        try:
            self._look("ro")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            self._look("rw")  # a process died while it made the file: what it left half done is undone first

    def _look(self, mode: str) -> None:
        with contextlib.closing(self._open(mode)) as connection:
            _run(connection, "BEGIN")  # all answers are about one state
            version = self._known_version(connection)
            (verdict,) = _run(connection, "PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise damaged(verdict, self.path)
            if version == 0 and _run(connection, "SELECT 1 FROM sqlite_master").fetchone():
                raise foreign(self.path)

    def _known_version(self, connection: sqlite3.Connection) -> int:
        (version,) = _run(connection, "PRAGMA user_version").fetchone()
        (application,) = _run(connection, "PRAGMA application_id").fetchone()
        if version and application != APPLICATION_ID:
            raise foreign(self.path)
        if version > len(self._migrations):
            raise too_new(version, len(self._migrations), self.path)
        return int(version)

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if self._known_version(connection) == len(self._migrations):
            return  # whoever writes at the moment need not be waited for
        with _transaction(connection):
            version = self._known_version(connection)  # once more, now that nobody else can change it
            if version == len(self._migrations):
                return
            if version:
                self._copy(f"{self.path}.bak-v{version}")
            for migration in self._migrations[version:]:
                for statement in migration:
                    _run(connection, statement)
            _run(connection, f"PRAGMA user_version = {len(self._migrations)}")

    def _copy(self, target: str) -> None:
        """Copy what is committed, so that `target` is whole or absent."""
        part = Path(f"{target}.part")
        part.unlink(missing_ok=True)
        part.touch(_OWN_MODE)
        with contextlib.closing(self._open("ro")) as source, contextlib.closing(_plain(part)) as copy:
            source.backup(copy)
        part.replace(target)

    def _connect(self) -> sqlite3.Connection:
        """Open a connection for work."""
        connection = self._open("rw")
        with _closed_on_failure(connection):
            (mode,) = _run(connection, "PRAGMA journal_mode = WAL").fetchone()
            if mode != "wal":
                raise without_wal(mode, self.path)
            _run(connection, "PRAGMA synchronous = FULL")
        return connection

    def _open(self, mode: str) -> sqlite3.Connection:
        return _plain(Path(self.path), mode)


def _plain(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """Open a connection that commits each statement by itself and may move between threads."""
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        timeout=0,  # `_run` waits
        isolation_level=None,
        check_same_thread=False,
    )


def _run(connection: sqlite3.Connection, statement: str, *values: SQLValue) -> sqlite3.Cursor:
    """Run a statement as soon as no lock of somebody else is in its way.

    SQLite could wait by itself, but it looks only ten times a second, so that one process that writes without a
    pause keeps others from ever finding the lock free; and it does not wait at all to switch to a log.
    """
    deadline = min(time.monotonic() + _BUSY_TIMEOUT, patience_ends())
    while True:
        try:
            return connection.execute(statement, values)
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
        time.sleep(_BUSY_PAUSE)


@contextlib.contextmanager
def _closed_on_failure(connection: sqlite3.Connection) -> Generator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Generator[None]:
    """Take the file's write lock, and commit or, whatever is raised, undo everything."""
    try:
        _run(connection, "BEGIN IMMEDIATE")
        yield
        _run(connection, "COMMIT")
    except BaseException:
        if connection.in_transaction:  # some failures end it by themselves
            _run(connection, "ROLLBACK")
        raise
