"""The tables of an SQLite store, as the steps that make them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

Migrations: TypeAlias = Sequence[Sequence[str]]
"""What leads from one schema to the next, the first step from an empty file; `user_version` counts them."""

APPLICATION_ID: Final = 0x4E564753
"""What tells a store from the databases of other programs: "NVGS"."""

# AUTOINCREMENT never gives a number twice, which is what a version and an item's number promise. All times are
# in microseconds. `held` items are in no index that a claim looks through, so that one group that waits for its
# oldest item costs the others nothing.
MIGRATIONS: Final[Migrations] = (
    (
        f"PRAGMA application_id = {APPLICATION_ID}",
        """
        CREATE TABLE records (
            version INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL,
            expires INTEGER
        )
        """,
        "CREATE INDEX records_by_end ON records (expires) WHERE expires IS NOT NULL",
        """
        CREATE TABLE leases (
            name TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            fence INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            lasting INTEGER NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE items (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            queue TEXT NOT NULL,
            id TEXT NOT NULL,
            payload TEXT NOT NULL,
            group_name TEXT,
            state TEXT NOT NULL,
            added INTEGER NOT NULL,
            due INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            claims INTEGER NOT NULL,
            owner TEXT NOT NULL,
            expires INTEGER NOT NULL,
            lasting INTEGER NOT NULL,
            reason TEXT NOT NULL,
            died INTEGER NOT NULL,
            UNIQUE (queue, id)
        )
        """,
        "CREATE INDEX items_to_claim ON items (queue, due, number) WHERE state = 'waiting'",
        "CREATE INDEX items_of_group ON items (queue, group_name, state, number) WHERE group_name IS NOT NULL",
        "CREATE INDEX items_by_state ON items (queue, state, number, added)",
        """
        CREATE TABLE done (
            queue TEXT NOT NULL,
            id TEXT NOT NULL,
            expires INTEGER NOT NULL,
            PRIMARY KEY (queue, id)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX done_by_end ON done (expires)",
    ),
)
