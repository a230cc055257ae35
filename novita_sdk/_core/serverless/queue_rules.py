"""The rules of an endpoint's queue: what fits, what counts as over, what has expired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import attrs

from novita_sdk._core.narrowing import is_number
from novita_sdk._core.operations.gateway import MAX_BODY
from novita_sdk._core.wire import encode_body, problem
from novita_sdk.errors import (
    AsyncJobError,
    AsyncJobExpiredError,
    AsyncJobNotFoundError,
    NotFoundError,
    Problem,
    ValidationError,
)
from novita_sdk.models.async_job import RESULT_KEPT, AsyncJob
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions

SHORTEST_PAUSE: Final = 1.0
PAUSE_GROWTH: Final = 1.5
LONGEST_PAUSE: Final = 10.0
DEFAULT_TIMEOUT: Final = 3900.0
LAST_POLL: Final = 2.0
"""Seconds before the end of a wait at which the last poll begins, so that its answer is in by then."""

CANCEL_TIME: Final = 5.0
"""Seconds for which a job is being cancelled on the way out."""

_REMEMBERED: Final = 10_000


def run_body(job_input: JSON, others: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the body that queues a job.

    Args:
        job_input: What the handler gets.
        others: Further keys at the top.

    Raises:
        ValidationError: It is no JSON, or too large. What it holds is not shown.
    """
    if "input" in others:
        raise ValidationError(problems=(Problem("input", "given twice", "must be given once"),))
    body: dict[str, JSON] = {"input": job_input, **others}
    size = len(encode_body(body, "input"))
    if size > MAX_BODY:
        message = (
            f"makes a body of {size} bytes; at most {MAX_BODY} are taken: hand over a place to read from"
        )
        raise ValidationError(problems=(Problem("input", "too large", message),))
    return body


def within(options: CallOptions | None, left: float) -> CallOptions:
    """Return options under which a call ends with the wait that it belongs to.

    Args:
        options: What the caller wants to be different.
        left: Seconds left of the wait.
    """
    given = options or CallOptions()
    longest = given.total_timeout
    return attrs.evolve(given, total_timeout=min(left, longest) if is_number(longest) else left)


def gateway_name(endpoint_id: str, app_name: str | None) -> str:
    """Return how the gateway calls an endpoint.

    Args:
        endpoint_id: Its id.
        app_name: The part of its address that was chosen; None if it is not known.

    Raises:
        ValidationError: The app name is not known.
    """
    if not app_name:
        message = f"must be given, since the record of endpoint {endpoint_id} has no app name"
        raise ValidationError(problems=(problem("gateway_name", None, message),))
    return f"{endpoint_id}-{app_name}"


def ended_badly(job: AsyncJob, endpoint_id: str) -> AsyncJobError:
    """Return the error for a job that is over and brought nothing."""
    return AsyncJobError(
        f"job {job.id} of endpoint {endpoint_id} is {job.status}",
        resource_id=job.id,
        job_status=str(job.status),
        job=job,
    )


class JobMemory:
    """When jobs were made and ended, so that "not found" can be told from "expired"."""

    def __init__(self) -> None:
        self._made: dict[str, float] = {}
        self._ended: dict[str, float] = {}

    def made(self, job_id: str, now: float) -> None:
        """Note that a job was made.

        Args:
            job_id: The job.
            now: The time in seconds since 1970.
        """
        _remember(self._made, job_id, now)

    def seen(self, job: AsyncJob, job_id: str, now: float) -> AsyncJob:
        """Return a job with its id, and once it is over with the time at which that was first seen.

        Args:
            job: The job as it was read.
            job_id: The id that was asked for, since an answer may lack it.
            now: The time in seconds since 1970.
        """
        ended = _remember(self._ended, job_id, now) if job.status.is_final else None
        return AsyncJob(
            id=job.id or job_id,
            status=job.status,
            output=job.output,
            error=job.error,
            ended_at=None if ended is None else datetime.fromtimestamp(ended, UTC),
            extra=job.extra,
        )

    def absent(self, job_id: str, cause: NotFoundError, now: float) -> AsyncJobNotFoundError:
        """Return the error for a job that is not there."""
        since = self._ended.get(job_id, self._made.get(job_id))
        kind: type[AsyncJobNotFoundError]
        if since is not None and now - since > RESULT_KEPT.total_seconds():
            kind, why = AsyncJobExpiredError, "its result was kept for six hours and is gone"
        else:
            kind, why = AsyncJobNotFoundError, "there is no such job"
        return kind(
            f"job {job_id}: {why}",
            kind="JOB",
            status=cause.status,
            identifier=job_id,
            searched_by=("id",),
            resource_id=job_id,
        )


def _remember(moments: dict[str, float], job_id: str, now: float) -> float:
    """Note a moment unless one is noted; of very many the oldest are forgotten."""
    noted = moments.setdefault(job_id, now)
    while len(moments) > _REMEMBERED:
        del moments[next(iter(moments))]
    return noted
