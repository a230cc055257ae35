"""State stores: records, leases and queues that outlive a call, in both colours.

`MemoryStore` is for one process, `SQLiteStore` for one machine. Anything with the methods of `StateStore` will do;
`novita_sdk.testing.store_conformance` checks a store of your own.
"""

from __future__ import annotations

from novita_sdk._async.stores.memory import AsyncMemoryStore
from novita_sdk._async.stores.protocol import AsyncStateStore
from novita_sdk._async.stores.sqlite import AsyncSQLiteStore
from novita_sdk._core.stores.answers import (
    Capabilities,
    Claim,
    DeadItem,
    Entry,
    Lease,
    QueueCounts,
    StorePage,
)
from novita_sdk._sync.stores.memory import MemoryStore
from novita_sdk._sync.stores.protocol import StateStore
from novita_sdk._sync.stores.sqlite import SQLiteStore

__all__ = [
    "AsyncMemoryStore",
    "AsyncSQLiteStore",
    "AsyncStateStore",
    "Capabilities",
    "Claim",
    "DeadItem",
    "Entry",
    "Lease",
    "MemoryStore",
    "QueueCounts",
    "SQLiteStore",
    "StateStore",
    "StorePage",
]
