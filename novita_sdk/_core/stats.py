"""Counters of a client: what `client.stats()` returns, and the tallies behind it."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from novita_sdk._core.tally import FamilyTally
from novita_sdk.models.json_types import JSON


@attrs.frozen(kw_only=True)
class LatencyStats:
    """Time on the wire of all attempts, in seconds."""

    count: int
    total: float
    maximum: float


@attrs.frozen(kw_only=True)
class BudgetStats:
    """The retry budget of a family, in units."""

    available: int
    capacity: int


@attrs.frozen(kw_only=True)
class BreakerStats:
    """The breaker of a family.

    Attributes:
        state: closed, open or half_open.
        failures: Failures in a row.
        successes: Successful probes in a row.
        generation: Grows with every change of state.
        retry_after: Seconds until it lets a request through, 0 if it does now.
        opened: How often it has opened.
        opened_at: Wall time of the last opening, seconds since 1970, or None.
        last_failure_at: Wall time of the last failure, or None.
        stale: Results of an older generation that were dropped.
    """

    state: str
    failures: int
    successes: int
    generation: int
    retry_after: float
    opened: int
    opened_at: float | None
    last_failure_at: float | None
    stale: int


@attrs.frozen(kw_only=True)
class BucketStats:
    """The token bucket of a family.

    Attributes:
        limit: Requests in any 60 seconds.
        burst: Requests at once after a pause.
        granted: Tokens given so far.
        available: Tokens free now.
        waiting_user: Calls in the user lane.
        waiting_poll: Calls in the poll lane.
        waited_total: Seconds all attempts waited together.
        paused_for: Seconds the bucket is still paused.
        degraded: Whether only a local share of a shared limit is used.
    """

    limit: int
    burst: int
    granted: int
    available: int
    waiting_user: int
    waiting_poll: int
    waited_total: float
    paused_for: float
    degraded: bool = False


@attrs.frozen(kw_only=True)
class CacheStats:
    """The opt-in cache of a client."""

    hits: int
    misses: int
    entries: int
    evicted: int
    dropped: int

    @property
    def hit_ratio(self) -> float:
        """Hits among all look-ups; 0.0 when idle."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0


@attrs.frozen(kw_only=True)
class FamilyStats:
    """What happened in one family.

    Attributes:
        calls: Calls begun.
        attempts: Requests sent, look-ups included.
        in_flight: Calls under way.
        succeeded: Calls that returned.
        failed: Calls that raised, by error code.
        retries: Requests that repeated an earlier one.
        retries_refused: Retries that were not made, by reason.
        latency: Time on the wire.
        budget: The retry budget, or None if a custom layer retries.
        breaker: The breaker, or None if switched off.
        bucket: The token bucket, or None if switched off.
    """

    calls: int
    attempts: int
    in_flight: int
    succeeded: int
    failed: Mapping[str, int]
    retries: int
    retries_refused: Mapping[str, int]
    latency: LatencyStats
    budget: BudgetStats | None
    breaker: BreakerStats | None
    bucket: BucketStats | None


@attrs.frozen(kw_only=True)
class ClientStats:
    """Everything a client counted since it was made. Building it does no I/O.

    Attributes:
        families: By family name.
        cache: The cache, or None if switched off.
        started_at: Wall time at which the client was made, seconds since 1970.
        closed: Whether it was closed.
    """

    families: Mapping[str, FamilyStats]
    cache: CacheStats | None
    started_at: float
    closed: bool

    def to_dict(self) -> dict[str, JSON]:
        """Return the same as plain JSON values."""
        plain: dict[str, JSON] = attrs.asdict(self)
        if self.cache is not None:
            plain["cache"]["hit_ratio"] = self.cache.hit_ratio
        return plain


def freeze(
    tally: FamilyTally,
    *,
    budget: BudgetStats | None,
    breaker: BreakerStats | None,
    bucket: BucketStats | None,
) -> FamilyStats:
    """Return the counters of a family, which nobody changes any more, as a value."""
    return FamilyStats(
        calls=tally.calls,
        attempts=tally.attempts,
        in_flight=tally.in_flight,
        succeeded=tally.succeeded,
        failed=tally.failed,
        retries=tally.retries,
        retries_refused=tally.retries_refused,
        latency=LatencyStats(
            count=tally.latency_count, total=tally.latency_total, maximum=tally.latency_maximum
        ),
        budget=budget,
        breaker=breaker,
        bucket=bucket,
    )
