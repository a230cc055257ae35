# Generated from novita_sdk/_async/stores/memory.py by tools/unasync.py; edit the source.
"""A store in the memory of the process."""

from __future__ import annotations

from typing import TypeVar

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Lock, SystemClock
from novita_sdk._core.stores.answers import Capabilities
from novita_sdk._core.stores.database_failures import closed
from novita_sdk._core.stores.ledger import Step
from novita_sdk._core.stores.memory_ledger import MemoryLedger
from novita_sdk._core.stores.moments import ticks
from novita_sdk._core.stores.sweep import SWEEP_STEP, Sweep
from novita_sdk._sync.stores.ledger_store import LedgerStore

T = TypeVar("T")


class _MemoryEngine:
    """Runs steps on rows in memory."""

    def __init__(self, clock: Clock) -> None:
        self.kind = "memory"
        self.location = None
        self.capabilities = Capabilities(durable=False, shared=False)
        self._clock = clock
        self._lock = Lock()
        self._ledger = MemoryLedger()
        self._sweep = Sweep()
        self._closed = False

    def read(self, step: Step[T]) -> T:
        """Run a step of one question."""
        with self._lock:
            return step(self._ledger, self._now())

    def write(self, step: Step[T]) -> T:
        """Run a step that changes something."""
        with self._lock:
            now = self._now()
            if self._sweep.is_due(now):
                while self._ledger.erase_expired(now, SWEEP_STEP) == SWEEP_STEP:
                    pass
            return step(self._ledger, now)

    def _now(self) -> int:
        if self._closed:
            raise closed(self.location)
        return ticks(self._clock.time())

    def close(self) -> None:
        """Refuse all further steps."""
        with self._lock:
            self._closed = True


class MemoryStore(LedgerStore):
    """A state store in the memory of this process, for scripts and tests: neither durable nor shared.

    Args:
        clock: Where the time comes from.
    """

    def __init__(self, *, clock: Clock | None = None) -> None:
        super().__init__(_MemoryEngine(clock or SystemClock()))

    def close(self) -> None:
        """Close the store, and with it all views of it."""
        self._engine.close()
