# Generated from novita_sdk/_async/serverless/health_page.py by tools/unasync.py; edit the source.
"""Asks the application behind an endpoint for the page of its health check."""

from __future__ import annotations

from datetime import UTC, datetime

from novita_sdk._core.lifecycle.probe_results import Failure, ProbeResult, failure_of, judge_status
from novita_sdk._core.redact import redact_url
from novita_sdk._core.serverless.invocation import invocation, target_of
from novita_sdk._core.serverless.wait_targets import LONGEST_PROBE
from novita_sdk._sync.serverless.invoker import Invoker
from novita_sdk._sync.services import Services
from novita_sdk.errors import (
    DeadlineExceededError,
    EndpointNotReadyError,
    ResponseDecodeError,
    TransportError,
)
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.unset import UNSET

_HEALTHY = frozenset({200})
_LARGEST_PAGE = 1024 * 1024  # bytes; only the status counts


def ask_health_page(services: Services, endpoint: Endpoint, until: float | None) -> ProbeResult:
    """Ask once, with the key of the client as any call of the application.

    Args:
        services: The client's parts.
        endpoint: The endpoint.
        until: Monotonic time at which the answer must be in; None for no limit but its own.

    Returns:
        Whether it was 200, and if not, why.

    Raises:
        ValidationError: The key may not be sent to that address.
    """
    began = services.clock.monotonic()
    failure = _failure(services, endpoint, began, until)
    return ProbeResult(
        kind="http",
        port=endpoint.ports[0].port if endpoint.ports else None,
        address=redact_url(endpoint.url or ""),
        passed=failure is None,
        category=None if failure is None else failure.category,
        detail="" if failure is None else failure.detail,
        status=None if failure is None else failure.status,
        elapsed=services.clock.monotonic() - began,
        at=datetime.fromtimestamp(services.clock.time(), UTC),
    )


def _failure(services: Services, endpoint: Endpoint, began: float, until: float | None) -> Failure | None:
    left = LONGEST_PROBE if until is None else min(LONGEST_PROBE, until - began)
    if left <= 0:
        return Failure("timeout", "there was no time left to ask")
    call = invocation(
        (endpoint.health and endpoint.health.path) or "/",
        method="GET",
        json=UNSET,
        content=None,
        headers=None,
        params=None,
        timeout=left,
        retries=0,
        max_bytes=_LARGEST_PAGE,
    )
    try:
        answer = Invoker(services).send(
            target_of(endpoint), call, began=began, trusted=False, raise_for_status=False
        )
    except EndpointNotReadyError:
        return Failure(None, "it has no address yet")
    except (TransportError, ResponseDecodeError, DeadlineExceededError) as error:
        return failure_of(error)
    return judge_status(answer.status, _HEALTHY)
