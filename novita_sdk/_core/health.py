"""The state of a client and of the services behind it: what `client.health()` returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk._core.stats import FamilyStats
from novita_sdk._core.tally import FamilyTally
from novita_sdk.errors import NovitaError
from novita_sdk.models.json_types import JSON

Status: TypeAlias = Literal["up", "degraded", "down", "unauthorized", "not_configured", "unknown"]

SLOW_PROBE: Final = 2.0
"""Seconds after which an answer still counts, but as degraded."""

_WORST_FIRST: Final[tuple[Status, ...]] = (
    "down",
    "unauthorized",
    "degraded",
    "up",
    "unknown",
    "not_configured",
)
_UNAUTHORIZED: Final = frozenset({"AUTHENTICATION_FAILED", "ACCESS_FORBIDDEN"})
# the service lives, but a request is held back: by its limit, by ours, or by the breaker
_HELD_BACK: Final = frozenset({"RATE_LIMIT_EXCEEDED", "RATE_LIMIT_QUEUE", "CIRCUIT_BREAKER_OPEN"})


@attrs.frozen(kw_only=True)
class FamilyHealth:
    """The state of one family.

    Attributes:
        status: up, degraded, down, unauthorized, not_configured or unknown.
        latency: Seconds the probe took, or None without one.
        error: Code of what went wrong, or None.
        breaker: State of the breaker, or None if there is none.
        last_success_at: Wall time of the last success, seconds since 1970, or None.
    """

    status: Status
    latency: float | None = None
    error: str | None = None
    breaker: str | None = None
    last_success_at: float | None = None


@attrs.frozen(kw_only=True)
class Health:
    """The state of everything a client talks to.

    Attributes:
        status: The worst of the configured families.
        families: By family name.
    """

    status: Status
    families: Mapping[str, FamilyHealth]

    def to_dict(self) -> dict[str, JSON]:
        """Return the same as plain JSON values."""
        plain: dict[str, JSON] = attrs.asdict(self)
        return plain


def judge(
    *,
    tally: FamilyTally,
    stats: FamilyStats,
    latency: float | None,
    error: Exception | None,
    probed: bool,
) -> FamilyHealth:
    """Judge a family by its probe, or without one by what its calls came to.

    Args:
        tally: Its counters.
        stats: Its breaker and bucket.
        latency: Seconds the probe took.
        error: What the probe raised.
        probed: Whether there was a probe.
    """
    breaker = None if stats.breaker is None else stats.breaker.state
    code = _code_of(error) if probed else tally.last_error
    paused = stats.bucket is not None and stats.bucket.paused_for > 0
    slow = latency is not None and latency > SLOW_PROBE
    held_back = code in _HELD_BACK
    status: Status
    if code in _UNAUTHORIZED:
        status = "unauthorized"
    elif breaker == "open" or not (code is None or held_back):
        status = "down"
    elif breaker == "half_open" or paused or slow or held_back:
        status = "degraded"
    elif probed or tally.last_success_at is not None:
        status = "up"
    else:
        status = "unknown"
    return FamilyHealth(
        status=status,
        latency=latency,
        error=code,
        breaker=breaker,
        last_success_at=tally.last_success_at,
    )


def _code_of(error: Exception | None) -> str | None:
    if error is None:
        return None
    return error.code if isinstance(error, NovitaError) else type(error).__name__


def overall(families: Mapping[str, FamilyHealth]) -> Health:
    """Put the families together."""
    statuses: list[Status] = [family.status for family in families.values()]
    return Health(status=min(statuses, key=_WORST_FIRST.index), families=families)
