# Generated from novita_sdk/_async/serverless/job_wait.py by tools/unasync.py; edit the source.
"""Waiting for a queued job to end."""

from __future__ import annotations

from collections.abc import Callable

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.serverless.queue_rules import LONGEST_PAUSE, PAUSE_GROWTH, SHORTEST_PAUSE, ended_badly
from novita_sdk.errors import NovitaError, WaitTimeoutError
from novita_sdk.models.async_job import AsyncJob, AsyncJobStatus


def ended_job(
    job: AsyncJob,
    endpoint_id: str,
    ask: Callable[[float], AsyncJob],
    clock: Clock,
    *,
    until: float,
    reserved: float,
) -> AsyncJob:
    """Ask for a job until it is over; polls that fail for the moment do not end that.

    Args:
        job: The job as it was queued.
        endpoint_id: Where it was queued.
        ask: Reads it within so many seconds.
        clock: What it sleeps on.
        until: Monotonic time at which it gives up.
        reserved: Seconds before that at which the last poll begins.

    Returns:
        The job, completed.

    Raises:
        AsyncJobError: It ended badly.
        WaitTimeoutError: The time is up.
        NovitaError: A poll failed in a way that no later poll would mend.
    """
    last, pause, polls = job, SHORTEST_PAUSE, 0
    failures: list[NovitaError] = []
    while (left := until - clock.monotonic()) > 0:
        clock.sleep(min(pause, left - reserved if left > reserved else left))
        pause = min(pause * PAUSE_GROWTH, LONGEST_PAUSE)
        left = until - clock.monotonic()
        if left <= 0:
            break
        polls += 1
        try:
            last = ask(left)
        except NovitaError as error:
            if not error.retryable:
                raise
            failures.append(error)
            continue
        if last.status is AsyncJobStatus.COMPLETED:
            return last
        if last.status.is_final:
            raise ended_badly(last, endpoint_id)
    raise WaitTimeoutError(
        f"job {job.id} of endpoint {endpoint_id} is still {last.status}; it goes on",
        resource_id=job.id,
        last_seen=str(last.status),
        polls=polls,
        failed_polls=len(failures),
        last_error=failures[-1] if failures else None,
    )
