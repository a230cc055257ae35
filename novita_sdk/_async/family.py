"""One API family: its own key, breaker, bucket, retry budget, and the chain of layers over them."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from novita_sdk._async.layers.attempt import AsyncAttemptLayer
from novita_sdk._async.layers.auth import AsyncAuthFence, AsyncAuthLayer
from novita_sdk._async.layers.breaker import AsyncBreakerGate, AsyncBreakerMiddleware
from novita_sdk._async.layers.bucket import AsyncTokenBucketMiddleware
from novita_sdk._async.layers.deadline import AsyncDeadlineLayer
from novita_sdk._async.layers.retry import AsyncRetryMiddleware
from novita_sdk._async.middleware import AsyncCallNext, AsyncMiddleware, compose
from novita_sdk._async.transport_protocol import AsyncTransport
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.observer import Observer
from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.request_builder import RequestBuilder
from novita_sdk._core.results import Reader
from novita_sdk.options import BreakerPolicy, RateLimit, RetryPolicy

if TYPE_CHECKING:
    from novita_sdk._async.layers.cache import AsyncCache
    from novita_sdk._async.writes import AsyncWrites
    from novita_sdk._core.stats import FamilyStats


class AsyncFamily:
    """The pipeline of one family.

    Args:
        name: `public`, `internal` or `gateway`.
        clock: Where the time comes from.
        rng: Where jitter comes from, or None for the process's own.
        observer: Who is told.
        transport: What does the I/O.
        auth: Sets the credentials.
        builder: Builds look-ups.
        reader: Reads their answers.
        cache: The client's cache, or None.
        mint_operation_id: Returns a new operation id.
        guard: Raises if the client is closed or used from a foreign event loop.
        retry: A policy, a layer of one's own, or None for no retries.
        breaker: The same for the breaker.
        bucket: The same for the token bucket.
        middleware: The user's layers around each call.
        attempt_middleware: The user's layers around each attempt.

    Attributes:
        read_chain: The layers of a call that changes nothing.
        attempt_chain: The layers of a single attempt, which look-ups go through.
    """

    def __init__(
        self,
        name: str,
        *,
        clock: AsyncClock,
        rng: random.Random | None,
        observer: Observer,
        transport: AsyncTransport,
        auth: AsyncAuthLayer,
        builder: RequestBuilder,
        reader: Reader,
        cache: AsyncCache | None,
        mint_operation_id: Callable[[], str],
        guard: Callable[[], None],
        retry: RetryPolicy | AsyncMiddleware | None,
        breaker: BreakerPolicy | AsyncMiddleware | None,
        bucket: RateLimit | AsyncMiddleware | None,
        middleware: Sequence[AsyncMiddleware],
        attempt_middleware: Sequence[AsyncMiddleware],
    ) -> None:
        self.name = name
        self._observer = observer
        bucket_layer = (
            AsyncTokenBucketMiddleware(bucket, clock=clock) if isinstance(bucket, RateLimit) else bucket
        )
        breaker_layer = AsyncBreakerMiddleware(breaker) if isinstance(breaker, BreakerPolicy) else breaker
        if retry is None:
            retry = RetryPolicy(max_retries=0)
        retry_layer = AsyncRetryMiddleware(retry) if isinstance(retry, RetryPolicy) else retry
        self.bucket = bucket_layer if isinstance(bucket_layer, AsyncTokenBucketMiddleware) else None
        self.breaker = breaker_layer if isinstance(breaker_layer, AsyncBreakerMiddleware) else None
        self.retry = retry_layer if isinstance(retry_layer, AsyncRetryMiddleware) else None
        if self.bucket is not None:
            self.bucket.attach(name, clock, observer)
        if self.breaker is not None:
            self.breaker.attach(name, clock, observer)
        if self.retry is not None:
            self.retry = retry_layer = copy.copy(self.retry)  # one layer may be given for all families
            self.retry.attach(
                clock=clock,
                rng=rng,
                observer=observer,
                circuit=None if self.breaker is None else self.breaker.refusal,
                pause=None if self.bucket is None else self.bucket.pause,
            )
        self._clock = clock
        self._builder = builder
        self._reader = reader
        self._mint_operation_id = mint_operation_id
        self._guard = guard
        self._retry_layer = retry_layer
        outer = [*middleware, cache, AsyncDeadlineLayer(clock)]
        inner = [
            None if self.breaker is None else AsyncBreakerGate(self.breaker, clock),
            bucket_layer,
            breaker_layer,
            auth,
            *attempt_middleware,
            AsyncAuthFence(auth) if attempt_middleware else None,
        ]
        self._outer: list[AsyncMiddleware] = [layer for layer in outer if layer is not None]
        self._inner: list[AsyncMiddleware] = [layer for layer in inner if layer is not None]
        self._attempt = AsyncAttemptLayer(transport, clock, observer)
        self.attempt_chain = compose(self._inner, self._attempt)
        self.read_chain = compose([*self._outer, retry_layer], self.attempt_chain)

    @cached_property
    def writes(self) -> AsyncWrites:
        """What only calls that change something go through; loaded at the first of them."""
        from novita_sdk._async.writes import AsyncWrites  # noqa: PLC0415 - a first read needs none of it

        return AsyncWrites(
            clock=self._clock,
            builder=self._builder,
            reader=self._reader,
            mint_operation_id=self._mint_operation_id,
            guard=self._guard,
            pay=_free if self.retry is None else self.retry.pay,
            state_rule_cost=(self.retry or AsyncRetryMiddleware()).policy.throttled_cost,
        )

    @cached_property
    def write_chain(self) -> AsyncCallNext:
        """All layers, those that keep a write from happening twice included."""
        return compose(self._middle(), self.attempt_chain)

    def chain_for(self, safety: Safety) -> AsyncCallNext:
        """Return the layers a call of this safety goes through."""
        return self.read_chain if safety is Safety.READ else self.write_chain

    @property
    def description(self) -> tuple[str, ...]:
        """What each layer says of itself, outermost first."""
        layers = [*self._middle(), *self._inner]
        return ("hooks: call start and end", *map(_described, layers), str(self._attempt))

    def _middle(self) -> list[AsyncMiddleware]:
        return [*self._outer, self.writes.identity, self._retry_layer, self.writes.outcome]

    def stats(self) -> FamilyStats:
        """Return its counters."""
        from novita_sdk._core.stats import freeze  # noqa: PLC0415 - a first call needs none of it

        return freeze(
            self._observer.snapshot(self.name),
            budget=None if self.retry is None else self.retry.stats(),
            breaker=None if self.breaker is None else self.breaker.stats(),
            bucket=None if self.bucket is None else self.bucket.stats(),
        )

    def close(self) -> None:
        """Send home whoever waits for a token, and let nothing out any more."""
        self._attempt.close()
        if self.bucket is not None:
            self.bucket.close()


def _free(_cost: int) -> bool:
    """Let repeats under the state rule happen where a foreign layer keeps no budget; they are three at most."""
    return True


def _described(layer: AsyncMiddleware) -> str:
    name = getattr(layer, "__qualname__", type(layer).__qualname__)
    ours = type(layer).__module__.startswith("novita_sdk.")
    return str(layer) if ours else f"user middleware {name}"
