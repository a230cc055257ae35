# Generated from novita_sdk/_async/stores/memory.py by tools/unasync.py; edit the source.
"""A store in the memory of the process."""

from __future__ import annotations

from typing import TypeVar

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Lock, SystemClock
from novita_sdk._core.narrowing import is_whole_number
from novita_sdk._core.stores.answers import Capabilities
from novita_sdk._core.stores.database_failures import closed
from novita_sdk._core.stores.ledger import Step
from novita_sdk._core.stores.memory_ledger import MOST_RECORDS, MemoryLedger
from novita_sdk._core.stores.moments import ticks
from novita_sdk._core.stores.sweep import SWEEP_STEP, Sweep
from novita_sdk._sync.stores.ledger_store import LedgerStore
from novita_sdk.errors import ConfigurationError, SettingProblem

T = TypeVar("T")


class _MemoryEngine:
    """Runs steps on rows in memory."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self.kind = "memory"
        self.location = None
        self.capabilities = Capabilities(durable=False, shared=False)
        self._clock = clock
        self._lock = Lock()
        self._ledger = MemoryLedger(limit)
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
            if self._sweep.is_due(now) or self._ledger.is_full:
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
        limit: Most records. A full store raises StateStoreError for a new one, as it forgets nothing that still counts.

    Raises:
        ConfigurationError: `limit` is no whole number of at least 1.
    """

    def __init__(self, *, clock: Clock | None = None, limit: int = MOST_RECORDS) -> None:
        if not is_whole_number(limit) or limit < 1:
            problem = SettingProblem("limit", repr(limit), "a whole number of at least 1")
            raise ConfigurationError(problems=(problem,))
        super().__init__(_MemoryEngine(clock or SystemClock(), limit))

    def close(self) -> None:
        """Close the store, and with it all views of it."""
        self._engine.close()
