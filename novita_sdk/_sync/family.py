# Generated from novita_sdk/_async/family.py by tools/unasync.py; edit the source.
"""One API family: its own key, breaker, bucket, retry budget, and the chain of layers over them."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.observer import Observer
from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.request_builder import RequestBuilder
from novita_sdk._core.results import Reader
from novita_sdk._sync.layers.attempt import AttemptLayer
from novita_sdk._sync.layers.auth import AuthFence, AuthLayer
from novita_sdk._sync.layers.breaker import BreakerGate, BreakerMiddleware
from novita_sdk._sync.layers.bucket import TokenBucketMiddleware
from novita_sdk._sync.layers.deadline import DeadlineLayer
from novita_sdk._sync.layers.retry import RetryMiddleware
from novita_sdk._sync.middleware import CallNext, Middleware, compose
from novita_sdk._sync.transport_protocol import Transport
from novita_sdk.options import BreakerPolicy, RateLimit, RetryPolicy

if TYPE_CHECKING:
    from novita_sdk._core.stats import FamilyStats
    from novita_sdk._sync.layers.cache import Cache
    from novita_sdk._sync.writes import Writes


class Family:
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
        clock: Clock,
        rng: random.Random | None,
        observer: Observer,
        transport: Transport,
        auth: AuthLayer,
        builder: RequestBuilder,
        reader: Reader,
        cache: Cache | None,
        mint_operation_id: Callable[[], str],
        guard: Callable[[], None],
        retry: RetryPolicy | Middleware | None,
        breaker: BreakerPolicy | Middleware | None,
        bucket: RateLimit | Middleware | None,
        middleware: Sequence[Middleware],
        attempt_middleware: Sequence[Middleware],
    ) -> None:
        self.name = name
        self._observer = observer
        bucket_layer = TokenBucketMiddleware(bucket, clock=clock) if isinstance(bucket, RateLimit) else bucket
        breaker_layer = BreakerMiddleware(breaker) if isinstance(breaker, BreakerPolicy) else breaker
        if retry is None:
            retry = RetryPolicy(max_retries=0)
        retry_layer = RetryMiddleware(retry) if isinstance(retry, RetryPolicy) else retry
        self.bucket = bucket_layer if isinstance(bucket_layer, TokenBucketMiddleware) else None
        self.breaker = breaker_layer if isinstance(breaker_layer, BreakerMiddleware) else None
        self.retry = retry_layer if isinstance(retry_layer, RetryMiddleware) else None
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
        outer = [*middleware, cache, DeadlineLayer(clock)]
        inner = [
            None if self.breaker is None else BreakerGate(self.breaker, clock),
            bucket_layer,
            breaker_layer,
            auth,
            *attempt_middleware,
            AuthFence(auth) if attempt_middleware else None,
        ]
        self._outer: list[Middleware] = [layer for layer in outer if layer is not None]
        self._inner: list[Middleware] = [layer for layer in inner if layer is not None]
        self._attempt = AttemptLayer(transport, clock, observer)
        self.attempt_chain = compose(self._inner, self._attempt)
        self.read_chain = compose([*self._outer, retry_layer], self.attempt_chain)

    @cached_property
    def writes(self) -> Writes:
        """What only calls that change something go through; loaded at the first of them."""
        from novita_sdk._sync.writes import Writes  # noqa: PLC0415 - a first read needs none of it

        return Writes(
            clock=self._clock,
            builder=self._builder,
            reader=self._reader,
            mint_operation_id=self._mint_operation_id,
            guard=self._guard,
            pay=_free if self.retry is None else self.retry.pay,
            state_rule_cost=(self.retry or RetryMiddleware()).policy.throttled_cost,
        )

    @cached_property
    def write_chain(self) -> CallNext:
        """All layers, those that keep a write from happening twice included."""
        return compose(self._middle(), self.attempt_chain)

    def chain_for(self, safety: Safety) -> CallNext:
        """Return the layers a call of this safety goes through."""
        return self.read_chain if safety is Safety.READ else self.write_chain

    @property
    def description(self) -> tuple[str, ...]:
        """What each layer says of itself, outermost first."""
        layers = [*self._middle(), *self._inner]
        return ("hooks: call start and end", *map(_described, layers), str(self._attempt))

    def _middle(self) -> list[Middleware]:
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


def _described(layer: Middleware) -> str:
    name = getattr(layer, "__qualname__", type(layer).__qualname__)
    ours = type(layer).__module__.startswith("novita_sdk.")
    return str(layer) if ours else f"user middleware {name}"
