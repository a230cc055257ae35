"""A health check: when a failed probe is tried again, what all of them together mean, and how events tell it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk._core.lifecycle.probe_results import PASSING, ProbeResult
from novita_sdk._core.narrowing import is_number, is_whole_number
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.webhook_event import HealthCheck, HealthEndpoint

Overall: TypeAlias = Literal["healthy", "partial", "unhealthy"]
"""All endpoints answered, some of them, or none; also none if there are none."""

_LONGEST_TIMEOUT: Final = 300.0  # seconds
_MOST_RETRIES: Final = 10


@attrs.frozen(kw_only=True)
class HealthReport:
    """What a health check found.

    Attributes:
        overall: `healthy` if everything answered, `partial` if something did, else `unhealthy`; so is an instance
            of which there is nothing to ask.
        results: What came of each probe.
        started_at: When the check began.
        ended_at: When it ended.
        message: What is wrong, in words; empty if all is well.
    """

    overall: Overall
    results: tuple[ProbeResult, ...]
    started_at: datetime
    ended_at: datetime
    message: str = ""

    @property
    def healthy(self) -> bool:
        """Whether everything answered."""
        return self.overall == "healthy"

    def as_event_part(self) -> HealthCheck:
        """Return the same as webhooks tell it, for `health_check=` of an event."""
        return health_check(self.results, started_at=self.started_at, ended_at=self.ended_at)


@attrs.frozen(kw_only=True)
class HealthCheckPolicy:
    """How a health check asks.

    Attributes:
        timeout: Seconds for one try of one probe.
        retries: Further tries of a probe that failed.
        delay: Seconds before the first of them, on average; it doubles from try to try.
        max_wait: Seconds for the whole check.
        categories: Whether only failures are tried again that time may mend, instead of all.

    Raises:
        ValidationError: A value is wrong.
    """

    timeout: float
    retries: int
    delay: float
    max_wait: float
    categories: bool

    def __attrs_post_init__(self) -> None:
        checks = {
            "timeout": (0 < _number(self.timeout) <= _LONGEST_TIMEOUT, "must be seconds above 0, up to 300"),
            "retries": (
                is_whole_number(self.retries) and 0 <= self.retries <= _MOST_RETRIES,
                "must be a whole number from 0 to 10",
            ),
            "delay": (0 <= _number(self.delay) < math.inf, "must be seconds from 0 on"),
            "max_wait": (0 < _number(self.max_wait) < math.inf, "must be seconds above 0"),
        }
        problems = [
            problem(name, getattr(self, name), words) for name, (right, words) in checks.items() if not right
        ]
        if problems:
            raise ValidationError(problems=tuple(problems))

    def pause(self, result: ProbeResult, tries: int, swing: float) -> float | None:
        """Return the seconds until a failed probe is tried again; None if it is not.

        Args:
            result: What came of the last try.
            tries: How many there have been.
            swing: Factor between 0.5 and 1.5.
        """
        if tries > self.retries or (self.categories and result.category not in PASSING):
            return None
        return math.floor(self.delay * 1000 * 2.0 ** (tries - 1) * swing) / 1000


def _number(value: object) -> float:
    return value if is_number(value) else math.nan


def overall_of(results: Sequence[ProbeResult], missing: str = "") -> Overall:
    """Return what the results mean together.

    Args:
        results: What came of each probe.
        missing: What should have been asked and is not exposed; empty if all was.
    """
    passed = sum(result.passed for result in results)
    if not passed:
        return "unhealthy"
    return "healthy" if passed == len(results) and not missing else "partial"


def health_check(
    results: Sequence[ProbeResult], *, started_at: datetime, ended_at: datetime | None = None
) -> HealthCheck:
    """Tell results in the words of an event.

    Args:
        results: What came of each probe.
        started_at: When the check began.
        ended_at: When it ended; None while it lasts.
    """
    overall = overall_of(results)
    status = "failed" if overall == "unhealthy" else "completed"
    return HealthCheck(
        status="in_progress" if ended_at is None else status,
        overall_status=overall,
        endpoints=tuple(_endpoint(result) for result in results),
        started_at=started_at,
        completed_at=ended_at,
        total_response_time_ms=sum(map(_milliseconds, results)),
    )


def _endpoint(result: ProbeResult) -> HealthEndpoint:
    too_early = not result.passed and result.category is None
    return HealthEndpoint(
        port=result.port,
        endpoint=result.address or None,
        type={"http": "http", "custom": None}.get(result.kind, "tcp"),
        status="healthy" if result.passed else "pending" if too_early else "unhealthy",
        last_checked=result.at,
        error=": ".join(filter(None, (result.category, result.detail))) or None,
        response_time_ms=_milliseconds(result),
    )


def _milliseconds(result: ProbeResult) -> int:
    return round(result.elapsed * 1000)
