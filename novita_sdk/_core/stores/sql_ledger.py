"""Rows in an SQL database, as statements; who runs them is not decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeAlias

import attrs

from novita_sdk._core.stores.ledger import Item, LeaseRow, Record

SQLValue: TypeAlias = str | int | None

Row: TypeAlias = tuple[Any, ...]
"""One row of an answer; its types are those of the schema."""


class SQL(Protocol):
    """Runs statements inside a transaction that somebody else began."""

    def rows(self, statement: str, *values: SQLValue) -> list[Row]:
        """Run a statement and return its rows."""
        ...

    def change(self, statement: str, *values: SQLValue) -> int:
        """Run a statement and return how many rows it changed."""
        ...

    def insert(self, statement: str, *values: SQLValue) -> int:
        """Run a statement that inserts one row, and return the number of that row."""
        ...


_RECORD: Final = "SELECT key, text, version, expires FROM records"
_ITEM_COLUMNS: Final = tuple(column.name for column in attrs.fields(Item))
_ITEM: Final = f"SELECT {', '.join(_ITEM_COLUMNS)} FROM items"  # noqa: S608 - our own names
_NEW: Final = tuple(name for name in _ITEM_COLUMNS if name != "number")
_CHANGING: Final = tuple(name for name in _NEW if name not in {"queue", "id", "payload"})
_BEHIND_ALL: Final = "\x7f"  # sorts behind every character of a key


class SQLLedger:
    """Rows in the tables of `schema`.

    Args:
        sql: Runs the statements.
    """

    def __init__(self, sql: SQL) -> None:
        self._sql = sql

    def record(self, key: str) -> Record | None:
        """Select it."""
        rows = self._sql.rows(f"{_RECORD} WHERE key = ?", key)
        return _record(rows[0]) if rows else None

    def records(self, prefix: str, after: str, limit: int, now: int) -> list[Record]:
        """Select them by the index on the key, from the higher bound on; "+" keeps the other one off the index."""
        rows = self._sql.rows(
            f"{_RECORD} WHERE key >= ? AND key < ? AND +key > ? AND (expires IS NULL OR expires > ?)"
            " ORDER BY key LIMIT ?",
            *(max(prefix, after), prefix + _BEHIND_ALL, after, now, limit),
        )
        return [_record(row) for row in rows]

    def write_record(self, key: str, text: str, expires: int | None) -> int:
        """Replace the row, which gives it a new version."""
        return self._sql.insert(
            "INSERT OR REPLACE INTO records (key, text, expires) VALUES (?, ?, ?)", key, text, expires
        )

    def erase_record(self, key: str) -> None:
        """Delete it."""
        self._sql.change("DELETE FROM records WHERE key = ?", key)

    def lease(self, name: str) -> LeaseRow | None:
        """Select it."""
        rows = self._sql.rows("SELECT name, owner, fence, expires, lasting FROM leases WHERE name = ?", name)
        for name_, owner, fence, expires, lasting in rows:
            return LeaseRow(name=name_, owner=owner, fence=fence, expires=expires, lasting=lasting)
        return None

    def write_lease(self, row: LeaseRow) -> None:
        """Replace it."""
        self._sql.change(
            "INSERT OR REPLACE INTO leases (name, owner, fence, expires, lasting) VALUES (?, ?, ?, ?, ?)",
            *(row.name, row.owner, row.fence, row.expires, row.lasting),
        )

    def item(self, queue: str, item_id: str) -> Item | None:
        """Select it."""
        return self._one_item("WHERE queue = ? AND id = ?", queue, item_id)

    def first_claimable(self, queue: str, now: int) -> Item | None:
        """Select the first that waits and the first whose claim no longer holds, each by its index."""
        waiting = self._one_item(
            "WHERE queue = ? AND state = 'waiting' AND due <= ? ORDER BY due, number LIMIT 1", queue, now
        )
        lapsed = self._one_item(  # as `is_held` has it
            "WHERE queue = ? AND state = 'claimed' AND (expires <= ? OR expires - ? > lasting)"
            " ORDER BY due, number LIMIT 1",
            *(queue, now, now),
        )
        if waiting is None or lapsed is None:
            return waiting or lapsed
        return min(waiting, lapsed, key=lambda item: (item.due, item.number))

    def first_held(self, queue: str, group: str) -> Item | None:
        """Select it."""
        return self._one_item(
            "WHERE queue = ? AND group_name = ? AND state = 'held' ORDER BY number LIMIT 1", queue, group
        )

    def is_busy(self, queue: str, group: str) -> bool:
        """Select one such item."""
        return bool(
            self._sql.rows(
                "SELECT 1 FROM items WHERE queue = ? AND group_name = ?"
                " AND state IN ('waiting', 'claimed', 'held') LIMIT 1",
                *(queue, group),
            )
        )

    def add_item(self, item: Item) -> None:
        """Insert it."""
        places = ", ".join("?" * len(_NEW))
        self._sql.insert(
            f"INSERT INTO items ({', '.join(_NEW)}) VALUES ({places})",  # noqa: S608 - our own names
            *(getattr(item, name) for name in _NEW),
        )

    def change_item(self, item: Item) -> None:
        """Update the columns that can change."""
        columns = ", ".join(f"{name} = ?" for name in _CHANGING)
        self._sql.change(
            f"UPDATE items SET {columns} WHERE number = ?",  # noqa: S608 - our own names
            *(getattr(item, name) for name in _CHANGING),
            item.number,
        )

    def drop_item(self, item: Item) -> None:
        """Delete it."""
        self._sql.change("DELETE FROM items WHERE number = ?", item.number)

    def dead_items(self, queue: str, after: int, limit: int) -> list[Item]:
        """Select them."""
        rows = self._sql.rows(
            f"{_ITEM} WHERE queue = ? AND state = 'dead' AND number > ? ORDER BY number LIMIT ?",
            *(queue, after, limit),
        )
        return [_item(row) for row in rows]

    def count_items(self, queue: str) -> Mapping[str, tuple[int, int]]:
        """Count them by an index that holds all it takes."""
        rows = self._sql.rows(
            "SELECT state, count(*), min(added) FROM items WHERE queue = ? GROUP BY state", queue
        )
        return {state: (count, oldest) for state, count, oldest in rows}

    def remember_done(self, queue: str, item_id: str, expires: int) -> None:
        """Replace the row."""
        self._sql.change(
            "INSERT OR REPLACE INTO done (queue, id, expires) VALUES (?, ?, ?)", queue, item_id, expires
        )

    def done_until(self, queue: str, item_id: str) -> int | None:
        """Select it."""
        rows = self._sql.rows("SELECT expires FROM done WHERE queue = ? AND id = ?", queue, item_id)
        return rows[0][0] if rows else None

    def erase_expired(self, now: int, limit: int) -> int:
        """Delete them by the indexes on ends."""
        gone = self._sql.change(
            "DELETE FROM records WHERE version IN (SELECT version FROM records WHERE expires <= ? LIMIT ?)",
            *(now, limit),
        )
        return gone + self._sql.change(
            "DELETE FROM done WHERE (queue, id) IN (SELECT queue, id FROM done WHERE expires <= ? LIMIT ?)",
            *(now, limit - gone),
        )

    def _one_item(self, condition: str, *values: SQLValue) -> Item | None:
        rows = self._sql.rows(f"{_ITEM} {condition}", *values)
        return _item(rows[0]) if rows else None


def _record(row: Row) -> Record:
    key, text, version, expires = row
    return Record(key=key, text=text, version=version, expires=expires)


def _item(row: Row) -> Item:
    return Item(**dict(zip(_ITEM_COLUMNS, row, strict=True)))
