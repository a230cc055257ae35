"""What an event tells about a round of probes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from novita_sdk._core.lifecycle.probe_results import ProbeResult
from novita_sdk.models.webhook_event import HealthCheck, HealthEndpoint


def health_check_of(results: Sequence[ProbeResult], began: datetime | None) -> HealthCheck:
    """Describe a round of probes for the receiver of an event.

    Args:
        results: What came of each probe.
        began: When the first round was made.
    """
    up = sum(result.passed for result in results)
    all_up = up == len(results)
    return HealthCheck(
        status="completed" if all_up else "in_progress",
        overall_status="healthy" if all_up else "partial" if up else "unhealthy",
        endpoints=tuple(
            HealthEndpoint(
                port=result.port,
                endpoint=result.address or None,
                type=result.kind,
                status="healthy" if result.passed else "unhealthy",
                last_checked=result.at,
                error=None if result.passed else result.category or "not_yet",
                response_time_ms=round(result.elapsed * 1000) if result.passed else 0,
            )
            for result in results
        ),
        started_at=began,
        completed_at=max((result.at for result in results), default=None) if all_up else None,
        total_response_time_ms=round(sum(result.elapsed for result in results if result.passed) * 1000),
    )
