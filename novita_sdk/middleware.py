"""Middleware: the protocol `(request, call_next) -> Response`, and three ready layers, in both colours.

The ready layers are those of the client's own pipeline. Each works alone around any `call_next`, and each can
stand in a client where a policy is expected: `Novita(retry=RetryMiddleware(RetryPolicy(max_retries=5)))`.
"""

from __future__ import annotations

from novita_sdk._async.layers.breaker import AsyncBreakerMiddleware
from novita_sdk._async.layers.bucket import AsyncTokenBucketMiddleware
from novita_sdk._async.layers.retry import AsyncRetryMiddleware
from novita_sdk._async.middleware import AsyncCallNext, AsyncMiddleware
from novita_sdk._sync.layers.breaker import BreakerMiddleware
from novita_sdk._sync.layers.bucket import TokenBucketMiddleware
from novita_sdk._sync.layers.retry import RetryMiddleware
from novita_sdk._sync.middleware import CallNext, Middleware

__all__ = [
    "AsyncBreakerMiddleware",
    "AsyncCallNext",
    "AsyncMiddleware",
    "AsyncRetryMiddleware",
    "AsyncTokenBucketMiddleware",
    "BreakerMiddleware",
    "CallNext",
    "Middleware",
    "RetryMiddleware",
    "TokenBucketMiddleware",
]
