"""Workers of the simulated endpoints come and go as the bounds and the queue ask for."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.endpoint_records import QueuedJob, SimulatedEndpoint, SimulatedWorker
from novita_sdk.testing.cloud.world import World

JOB_KEPT = 6 * 3600 * 1000
"""Milliseconds for which the result of a job can be read."""


def settle(world: World, endpoint: SimulatedEndpoint, now: int) -> None:
    """Let everything happen that is due by `now`: workers leave, start and take jobs."""
    endpoint.workers = [worker for worker in endpoint.workers if worker.leaves is None or worker.leaves > now]
    if endpoint.deleted is not None:
        return
    _run_jobs(endpoint, now)
    most = endpoint.number("maxNum")
    wanted = min(most, max(endpoint.number("minNum"), len(_open_jobs(endpoint, now))))
    staying = _staying(endpoint)
    for _ in range(wanted - len(staying)):
        endpoint.workers.append(_new_worker(world, now))
    for worker in _staying(endpoint)[most:]:
        retire(world, worker, now)
    _retire_idle(world, endpoint, now)


def retire(world: World, worker: SimulatedWorker, now: int) -> None:
    """Let a worker end its work and go."""
    finished = max(worker.busy_until, default=now)
    worker.leaves = max(now, finished) + world.timings.draw("worker_leaving", world.rng)


def show_worker(worker: SimulatedWorker, now: int) -> dict[str, JSON]:
    """Return a worker as the service shows it."""
    return {
        "id": worker.id,
        "state": {"state": worker.word(now), "error": worker.error, "message": worker.message},
        "log": f"https://logs.simulated.test/{worker.id}",
        "metrics": "",
        "healthy": worker.is_healthy(now) and not worker.has_failed(),
    }


def _staying(endpoint: SimulatedEndpoint) -> list[SimulatedWorker]:
    """Return the workers that count towards the bounds."""
    return [
        one for one in endpoint.workers if one.leaves is None and one.drained is None and not one.has_failed()
    ]


def _new_worker(world: World, now: int) -> SimulatedWorker:
    draw = world.timings.draw
    creating = now + draw("worker_pending", world.rng)
    running = creating + draw("worker_creating", world.rng)
    failure = world.next_failure("worker")
    worker = SimulatedWorker(
        id=f"w-{world.long_id(8)}",
        creating=creating,
        running=running,
        ready=running + draw("worker_ready", world.rng),
    )
    if failure is not None:
        worker.state, worker.error, worker.message = "failed", failure.error, failure.message
    return worker


def _retire_idle(world: World, endpoint: SimulatedEndpoint, now: int) -> None:
    """Let workers beyond the least go that have had nothing to do for the idle time."""
    idle_for = endpoint.number("freeTimeout") * 1000
    least = endpoint.number("minNum")
    staying = _staying(endpoint)
    for worker in staying[least:]:
        since = max([worker.running, *worker.busy_until])
        if not _open_jobs(endpoint, now) and now - since >= idle_for:
            retire(world, worker, now)


def _open_jobs(endpoint: SimulatedEndpoint, now: int) -> list[QueuedJob]:
    return [
        job for job in endpoint.jobs.values() if job.status is None and (job.ended is None or job.ended > now)
    ]


def _run_jobs(endpoint: SimulatedEndpoint, now: int) -> None:
    """Hand waiting jobs to workers that are ready, first come first served."""
    slots = endpoint.number("maxConcurrent", 1)
    for job in endpoint.jobs.values():
        if job.started is None and job.status is None:
            free = _next_slot(endpoint, slots, now)
            if free is None:
                break
            worker, at = free
            job.started = max(at, job.queued)
            job.ended = job.started + job.takes
            worker.busy_until = [*(end for end in worker.busy_until if end > job.started), job.ended]
        if job.ended is not None and job.ended <= now and job.status is None:
            job.status = "FAILED" if job.fails else "COMPLETED"
            job.output = None if job.fails else {"echo": job.input}
            job.error = "the handler raised" if job.fails else None
    for job_id, job in list(endpoint.jobs.items()):
        if job.ended is not None and job.status is not None and now - job.ended > JOB_KEPT:
            del endpoint.jobs[job_id]


def _next_slot(endpoint: SimulatedEndpoint, slots: int, now: int) -> tuple[SimulatedWorker, int] | None:
    """Return the worker that can take a job first by `now`, and since when."""
    best: tuple[SimulatedWorker, int] | None = None
    for worker in endpoint.workers:
        if worker.leaves is not None or not worker.is_ready(now):
            continue
        ends = sorted(worker.busy_until)
        at = worker.ready if len(ends) < slots else ends[len(ends) - slots]
        if at <= now and (best is None or at < best[1]):
            best = (worker, at)
    return best
