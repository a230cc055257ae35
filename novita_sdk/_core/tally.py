"""The running counters of one family; `client.stats()` makes values of them."""

from __future__ import annotations

from novita_sdk.errors import (
    APIStatusError,
    AuthenticationError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TransportError,
)

_TROUBLE = (TransportError, ServerError, AuthenticationError, PermissionDeniedError, RateLimitError)


class FamilyTally:
    """Plain counters, guarded by the observer's lock.

    Attributes:
        last_error: Code of what the last call told of trouble with the service itself; None if it works.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.attempts = 0
        self.in_flight = 0
        self.succeeded = 0
        self.failed: dict[str, int] = {}
        self.retries = 0
        self.retries_refused: dict[str, int] = {}
        self.latency_total = 0.0
        self.latency_count = 0
        self.latency_maximum = 0.0
        self.last_success_at: float | None = None
        self.last_error: str | None = None

    def copy(self) -> FamilyTally:
        """Return the counters as they are now."""
        copied = FamilyTally()
        vars(copied).update(vars(self))
        copied.failed, copied.retries_refused = dict(self.failed), dict(self.retries_refused)
        return copied

    def failed_with(self, error: BaseException, code: str) -> None:
        """Count a failed call. What it tells nothing about, such as a cancelled call, changes no verdict."""
        self.failed[code] = self.failed.get(code, 0) + 1
        if isinstance(error, _TROUBLE):
            self.last_error = code
        elif isinstance(error, APIStatusError):
            self.last_error = None  # it refused this call, so it is there
