# Generated from novita_sdk/_async/layers/cache.py by tools/unasync.py; edit the source.
"""Layer 3: the opt-in cache."""

from __future__ import annotations

from collections.abc import Mapping

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Lock
from novita_sdk._core.cache import ResponseCache
from novita_sdk._core.http import Request, Response
from novita_sdk._core.observer import Observer
from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.stats import CacheStats
from novita_sdk._core.wire import problem
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import ValidationError


class Cache:
    """Answers repeated reads of slowly changing things, and forgets them all at any write of this client.

    Args:
        ttls: Seconds for which an answer is good, by operation; operations not named are never cached.
        max_entries: Most answers kept; the least recently used goes first.
        clock: Where the time comes from.
        observer: Who is told of hits.
    """

    def __init__(self, ttls: Mapping[str, float], max_entries: int, clock: Clock, observer: Observer) -> None:
        self._ttls = ttls
        self._clock = clock
        self._observer = observer
        self._lock = Lock()
        self._store = ResponseCache(max_entries)

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        """Answer from the cache, or pass `request` on and keep the answer."""
        if request.safety is not Safety.READ:
            self.clear()
            try:
                return call_next(request)
            finally:
                self.clear()
        ttl = self._ttls.get(request.operation)
        mode = request.context.options.cache or "use"
        if ttl is None or mode == "bypass":
            return call_next(request)
        return self._through(request, call_next, ttl, fresh=mode == "refresh")

    def _through(self, request: Request, call_next: CallNext, ttl: float, *, fresh: bool) -> Response:
        with self._lock:
            generation = self._store.generation
            stored = None if fresh else self._store.get(request.url, self._clock.monotonic())
        if stored is not None:
            request.context.cached = True
            request.context.forget = lambda: self._forget(request.url)
            self._observer.cache_hit(request)
            return stored
        response = call_next(request)
        if 200 <= response.status < 300:
            until = self._clock.monotonic() + ttl
            with self._lock:
                self._store.put(request.url, request.operation, response, until=until, generation=generation)
            request.context.forget = lambda: self._forget(request.url)
        return response

    def clear(self, operation: str | None = None) -> int:
        """Drop every stored answer, or those of one operation.

        Args:
            operation: Name in the operation table, such as `list_gpu_products`.

        Returns:
            How many answers were dropped.

        Raises:
            ValidationError: Answers of this operation are never stored.
        """
        if operation is not None and operation not in self._ttls:
            message = f"must be one that is cached: {', '.join(sorted(self._ttls))}"
            raise ValidationError(problems=(problem("operation", operation, message),))
        with self._lock:
            return self._store.clear(operation)

    def _forget(self, key: str) -> None:
        with self._lock:
            self._store.forget(key)

    def stats(self) -> CacheStats:
        """Return its counters."""
        with self._lock:
            return self._store.stats()

    def __str__(self) -> str:
        return f"cache: {len(self._ttls)} operations, cleared by any write"
