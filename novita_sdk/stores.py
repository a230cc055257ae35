"""State stores: records, leases and queues that outlive a call, in both colours.

`MemoryStore` is for one process, `SQLiteStore` for one machine. Anything with the methods of `StateStore` will do;
`novita_sdk.testing.store_conformance` checks a store of your own.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take this name for true; importing it would cost more than this package

if TYPE_CHECKING:
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
else:
    _HOMES = {
        "AsyncMemoryStore": "novita_sdk._async.stores.memory",
        "AsyncSQLiteStore": "novita_sdk._async.stores.sqlite",
        "AsyncStateStore": "novita_sdk._async.stores.protocol",
        "Capabilities": "novita_sdk._core.stores.answers",
        "Claim": "novita_sdk._core.stores.answers",
        "DeadItem": "novita_sdk._core.stores.answers",
        "Entry": "novita_sdk._core.stores.answers",
        "Lease": "novita_sdk._core.stores.answers",
        "MemoryStore": "novita_sdk._sync.stores.memory",
        "QueueCounts": "novita_sdk._core.stores.answers",
        "SQLiteStore": "novita_sdk._sync.stores.sqlite",
        "StateStore": "novita_sdk._sync.stores.protocol",
        "StorePage": "novita_sdk._core.stores.answers",
    }

    def __getattr__(name: str) -> object:
        """Load a public name at its first use."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  # costs more than this package

        value = globals()[name] = getattr(import_module(home), name)
        return value

    def __dir__() -> list[str]:
        """List the public names, loaded or not."""
        return sorted(globals().keys() | _HOMES.keys())


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
