"""The queue of the simulated endpoints: jobs that wait, work, end, and are forgotten after six hours."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.endpoint_records import QueuedJob, SimulatedEndpoint
from novita_sdk.testing.cloud.endpoints import living_endpoint
from novita_sdk.testing.cloud.lookups import found, missing
from novita_sdk.testing.cloud.workers import settle
from novita_sdk.testing.cloud.world import Args, World


def async_run(world: World, args: Args, now: int) -> JSON:
    """Answer async_run."""
    endpoint = _endpoint(world, args, now)
    failure = world.next_failure("job")
    job = QueuedJob(
        id=world.uuid(),
        input=args["input"],
        queued=now,
        takes=world.timings.draw("queue_job", world.rng),
        fails=failure is not None,
    )
    endpoint.jobs[job.id] = job
    settle(world, endpoint, now)
    return {"id": job.id, "status": "PENDING"}


def async_status(world: World, args: Args, now: int) -> JSON:
    """Answer async_status."""
    job = _job(world, args, now)
    shown: dict[str, JSON] = {"id": job.id, "status": _word(job, now)}
    if job.status == "COMPLETED":
        shown["output"] = job.output
    if job.error is not None:
        shown["error"] = job.error
    return shown


def async_cancel(world: World, args: Args, now: int) -> JSON:
    """Answer async_cancel; a finished job stays finished."""
    job = _job(world, args, now)
    if job.status is None:
        job.status, job.ended = "CANCELLED", now
    return {}


def async_health(world: World, args: Args, now: int) -> JSON:
    """Answer async_health."""
    endpoint = _endpoint(world, args, now)
    words = [_word(job, now) for job in endpoint.jobs.values()]
    return {
        "workers": {
            "ready": sum(worker.is_ready(now) for worker in endpoint.workers),
            "total": len(endpoint.workers),
        },
        "jobs": {
            word.lower(): words.count(word) for word in ("PENDING", "IN_PROGRESS", "COMPLETED", "FAILED")
        },
    }


def async_stats(world: World, args: Args, now: int) -> JSON:
    """Answer async_stats, which only the older gateway has: it calls endpoints by their bare id."""
    endpoint = living_endpoint(world, args["endpoint_name"], now)
    words = [_word(job, now) for job in endpoint.jobs.values()]
    return {
        "busy_workers": words.count("IN_PROGRESS"),
        "endpoint": endpoint.id,
        "in_progress": words.count("IN_PROGRESS"),
        "pending": words.count("PENDING"),
        "total_workers": len(endpoint.workers),
    }


def async_purge_queue(world: World, args: Args, now: int) -> JSON:
    """Answer async_purge_queue: jobs that wait are dropped."""
    endpoint = _endpoint(world, args, now)
    for job in endpoint.jobs.values():
        if _word(job, now) == "PENDING":
            job.status, job.ended = "CANCELLED", now
    return {}


def _endpoint(world: World, args: Args, now: int) -> SimulatedEndpoint:
    wanted = args["endpoint_name"]
    for endpoint in world.endpoints.values():
        if wanted == f"{endpoint.id}-{endpoint.app_name}":
            return living_endpoint(world, endpoint.id, now)
    raise missing(world, "endpoint", "SERVERLESS_ENDPOINT_NOT_FOUND")


def _job(world: World, args: Args, now: int) -> QueuedJob:
    return found(world, _endpoint(world, args, now).jobs, args["job_id"], "job", "JOB_NOT_FOUND")


def _word(job: QueuedJob, now: int) -> str:
    if job.status is not None:
        return job.status
    return "PENDING" if job.started is None or job.started > now else "IN_PROGRESS"
