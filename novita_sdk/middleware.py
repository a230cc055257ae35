"""Middleware: the protocol `(request, call_next) -> Response`, and three ready layers, in both colours.

The ready layers are those of the client's own pipeline. Each works alone around any `call_next`, and each can
stand in a client where a policy is expected: `Novita(retry=RetryMiddleware(RetryPolicy(max_retries=5)))`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take this name for true; importing it would cost more than this package

if TYPE_CHECKING:
    from novita_sdk._async.layers.breaker import AsyncBreakerMiddleware
    from novita_sdk._async.layers.bucket import AsyncTokenBucketMiddleware
    from novita_sdk._async.layers.retry import AsyncRetryMiddleware
    from novita_sdk._async.middleware import (
        AsyncCallNext,
        AsyncMiddleware,
    )
    from novita_sdk._sync.layers.breaker import BreakerMiddleware
    from novita_sdk._sync.layers.bucket import TokenBucketMiddleware
    from novita_sdk._sync.layers.retry import RetryMiddleware
    from novita_sdk._sync.middleware import (
        CallNext,
        Middleware,
    )
else:
    _HOMES = {
        "AsyncBreakerMiddleware": "novita_sdk._async.layers.breaker",
        "AsyncCallNext": "novita_sdk._async.middleware",
        "AsyncMiddleware": "novita_sdk._async.middleware",
        "AsyncRetryMiddleware": "novita_sdk._async.layers.retry",
        "AsyncTokenBucketMiddleware": "novita_sdk._async.layers.bucket",
        "BreakerMiddleware": "novita_sdk._sync.layers.breaker",
        "CallNext": "novita_sdk._sync.middleware",
        "Middleware": "novita_sdk._sync.middleware",
        "RetryMiddleware": "novita_sdk._sync.layers.retry",
        "TokenBucketMiddleware": "novita_sdk._sync.layers.bucket",
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
