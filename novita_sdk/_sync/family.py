# Generated from novita_sdk/_async/family.py by tools/unasync.py; edit the source.
"""One API family: its own key, breaker, bucket, retry budget, and the chain of layers over them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.observer import Observer
from novita_sdk._core.stats import FamilyStats
from novita_sdk._sync.layers.attempt import AttemptLayer
from novita_sdk._sync.layers.auth import AuthLayer
from novita_sdk._sync.layers.breaker import BreakerGate, BreakerMiddleware
from novita_sdk._sync.layers.bucket import TokenBucketMiddleware
from novita_sdk._sync.layers.cache import Cache
from novita_sdk._sync.layers.deadline import DeadlineLayer
from novita_sdk._sync.layers.operation_id import OperationIdLayer
from novita_sdk._sync.layers.outcome import OutcomeLayer
from novita_sdk._sync.layers.retry import RetryMiddleware
from novita_sdk._sync.lookups import Lookups
from novita_sdk._sync.middleware import Middleware, compose
from novita_sdk._sync.settler import Settler
from novita_sdk._sync.transport_protocol import Transport
from novita_sdk.options import BreakerPolicy, RateLimit, RetryPolicy


class Family:
    """The pipeline of one family.

    Args:
        name: `public`, `internal` or `gateway`.
        clock: Where the time comes from.
        rng: Where jitter comes from, or None for the process's own.
        observer: Who is told.
        transport: What does the I/O.
        auth: Sets the credentials.
        lookups: How unclear outcomes are read back.
        cache: The client's cache, or None.
        mint_operation_id: Returns a new operation id.
        retry: A policy, a layer of one's own, or None for no retries.
        breaker: The same for the breaker.
        bucket: The same for the token bucket.
        middleware: The user's layers around each call.
        attempt_middleware: The user's layers around each attempt.

    Attributes:
        chain: All layers.
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
        lookups: Lookups,
        cache: Cache | None,
        mint_operation_id: Callable[[], str],
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
            self.retry.attach(
                clock=clock,
                rng=rng,
                observer=observer,
                circuit=None if self.breaker is None else self.breaker.refusal,
                pause=None if self.bucket is None else self.bucket.pause,
            )
        self.settler = Settler(clock, lookups)
        outcome = OutcomeLayer(
            clock=clock,
            lookups=lookups,
            settler=self.settler,
            pay=_free if self.retry is None else self.retry.pay,
            state_rule_cost=RetryPolicy().throttled_cost
            if self.retry is None
            else self.retry.policy.throttled_cost,
        )
        layers: list[Middleware | None] = [
            *middleware,
            cache,
            DeadlineLayer(clock),
            OperationIdLayer(mint_operation_id, lookups),
            retry_layer,
            outcome,
            None if self.breaker is None else BreakerGate(self.breaker, clock),
            bucket_layer,
            breaker_layer,
            auth,
            *attempt_middleware,
        ]
        present = [layer for layer in layers if layer is not None]
        attempt = AttemptLayer(transport, clock, observer)
        self.chain = compose(present, attempt)
        self.attempt_chain = compose(present[present.index(outcome) + 1 :], attempt)
        self.description = ("hooks: call start and end", *map(_described, present), str(attempt))

    def stats(self) -> FamilyStats:
        """Return its counters."""
        return self._observer.tally(self.name).freeze(
            budget=None if self.retry is None else self.retry.stats(),
            breaker=None if self.breaker is None else self.breaker.stats(),
            bucket=None if self.bucket is None else self.bucket.stats(),
        )

    def close(self) -> None:
        """Send home whoever waits for a token."""
        if self.bucket is not None:
            self.bucket.close()


def _free(_cost: int) -> bool:
    """Let repeats under the state rule happen where a foreign layer keeps no budget; they are three at most."""
    return True


def _described(layer: Middleware) -> str:
    name = getattr(layer, "__qualname__", type(layer).__qualname__)
    ours = type(layer).__module__.startswith("novita_sdk.")
    return str(layer) if ours else f"user middleware {name}"
