"""The opt-in cache: a small, bounded store of answers with a time to live."""

from __future__ import annotations

from collections import OrderedDict

import attrs

from novita_sdk._core.http import Response
from novita_sdk._core.stats import CacheStats


@attrs.define(eq=False)
class ResponseCache:
    """Answers by request, each for its own time. Does no locking of its own and reads no clock.

    Attributes:
        max_entries: Most answers kept; the least recently used goes first.
        generation: Grows with every clearing: a read begun before it stores nothing.
    """

    max_entries: int
    generation: int = 0
    _entries: OrderedDict[str, tuple[str, float, Response]] = attrs.field(
        factory=OrderedDict[str, tuple[str, float, Response]], init=False
    )
    _hits: int = attrs.field(default=0, init=False)
    _misses: int = attrs.field(default=0, init=False)
    _evicted: int = attrs.field(default=0, init=False)
    _dropped: int = attrs.field(default=0, init=False)

    def get(self, key: str, now: float) -> Response | None:
        """Return the answer stored under `key` if it is still good at `now`."""
        entry = self._entries.get(key)
        if entry is None or entry[1] <= now:
            self._entries.pop(key, None)
            self._misses += 1
            return None
        self._entries.move_to_end(key)
        self._hits += 1
        return entry[2]

    def put(self, key: str, operation: str, response: Response, *, until: float, generation: int) -> None:
        """Store an answer until the instant `until`, unless the cache was cleared since `generation`."""
        if generation != self.generation:
            return
        self._entries[key] = (operation, until, response)
        self._entries.move_to_end(key)
        while len(self._entries) > self.max_entries:
            self._entries.popitem(last=False)
            self._evicted += 1

    def forget(self, key: str) -> None:
        """Drop the answer stored under `key`, if there is one: it proved unreadable."""
        if self._entries.pop(key, None) is not None:
            self._dropped += 1

    def clear(self, operation: str | None = None) -> int:
        """Drop every entry, or those of one operation; return how many."""
        self.generation += 1
        doomed = [key for key, entry in self._entries.items() if operation in (None, entry[0])]
        for key in doomed:
            del self._entries[key]
        self._dropped += len(doomed)
        return len(doomed)

    def stats(self) -> CacheStats:
        """Return its counters."""
        return CacheStats(
            hits=self._hits,
            misses=self._misses,
            entries=len(self._entries),
            evicted=self._evicted,
            dropped=self._dropped,
        )
