"""Background jobs: saving images and moving instances, on the public and on the internal host."""

from __future__ import annotations

from collections.abc import Iterator

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud import lifecycle
from novita_sdk.testing.cloud.lookups import found, living
from novita_sdk.testing.cloud.pages import page
from novita_sdk.testing.cloud.records import Image, Instance, Job
from novita_sdk.testing.cloud.refusals import Refusal
from novita_sdk.testing.cloud.world import DOMAIN, USER, Args, Failure, World

_MIGRATIONS = frozenset({"instanceMigrate", "autoInstanceMigrate"})


def list_jobs(world: World, args: Args, now: int) -> JSON:
    """Answer list_jobs, newest first."""
    state = args.get("state")
    rows = [job for job in _selected(world, args) if not state or job.state(now) == state]
    rows = [job for job in rows if args.get("creators") in {None, "", USER}]
    return page(world.quirks, rows, args, lambda job: _show(job, now), key="jobs", total_required=True)


def query_internal_jobs(world: World, args: Args, now: int) -> JSON:
    """Answer query_internal_jobs: other words for states, other shapes."""
    state = args.get("state")
    rows = [job for job in _selected(world, args) if not state or _internal_state(job, now) == state]
    return page(
        world.quirks, rows, args, lambda job: _show_internal(job, now), key="jobs", total_required=True
    )


def break_job(world: World, args: Args, now: int) -> JSON:
    """Answer break_job; a broken migration leaves the instance as it was before."""
    job = found(world, world.jobs, args["jobId"], "job", "JOB_NOT_FOUND")
    if job.ended(now):
        raise Refusal("REQUEST", "the job has ended")
    _break(world, job, now)
    instance = world.instances[job.instance_id]
    if job.type in _MIGRATIONS and instance.timeline.at(now).status == "migrating":
        lifecycle.replan(world, instance, now, [job.before._replace(at=now)])
    return {"jobId": job.id}


def save_image(world: World, args: Args, now: int) -> JSON:
    """Answer save_image: a job, and at its success a private image."""
    instance = living(world, args["instanceId"], now)
    lifecycle.check(instance, now, "save")
    auth_id = args.get("registryAuthId")
    if auth_id:
        found(world, world.auths, auth_id, "registry auth")
    if next(saving(world, instance, now), None) is not None:
        raise Refusal("OPERATION_LIMIT", "an image of this instance is being saved")
    running_at = now + world.timings.draw("job_pulling", world.rng)
    ends_at = running_at + world.timings.draw("job_running", world.rng)
    job = start_job(world, instance, "saveImage", (now, running_at, ends_at))
    if job.state(job.states[-1][0]) == "success":
        name, _, tag = args["image"].rpartition(":")
        if not name or "/" in tag:
            name, tag = args["image"], "latest"
        job.image_id = world.number_id()
        world.images[job.image_id] = Image(
            id=job.image_id,
            type="private",
            name=name.rsplit("/", 1)[-1],
            url=name,
            tag=tag,
            created=job.states[-1][0],
        )
    return {"jobId": job.id}


def start_job(world: World, instance: Instance, kind: str, course: tuple[int, int, int]) -> Job:
    """Begin a job; a planned failure of its kind makes it fail.

    Args:
        world: The state.
        instance: Whom it concerns.
        kind: Its type.
        course: When it begins, when it runs, and when it ends.
    """
    begins, runs, ends = course
    failure = world.next_failure(kind) or Failure("", "")
    job = Job(
        id=world.long_id(16),
        type=kind,
        instance_id=instance.id,
        created=begins,
        states=[(begins, "pulling"), (runs, "running"), (ends, "fail" if failure.error else "success")],
        error=failure.error,
        message=failure.message,
        before=instance.timeline.at(begins),
    )
    register(world, instance, job)
    return job


def register(world: World, instance: Instance, job: Job) -> None:
    """Put a job on the list of all and on that of its instance."""
    world.jobs[job.id] = job
    instance.job_ids.append(job.id)


def saving(world: World, instance: Instance, now: int) -> Iterator[Job]:
    """Return the unfinished saveImage jobs of the instance."""
    for job_id in instance.job_ids:
        job = world.jobs[job_id]
        if job.type == "saveImage" and not job.ended(now):
            yield job


def break_jobs_of(world: World, instance: Instance, now: int) -> None:
    """Break what still works on an instance that is being deleted."""
    for job_id in instance.job_ids:
        if not world.jobs[job_id].ended(now):
            _break(world, world.jobs[job_id], now)


def _break(world: World, job: Job, now: int) -> None:
    job.finish(now, "break")
    world.images.pop(job.image_id, None)


def _selected(world: World, args: Args) -> list[Job]:
    since, until = args.get("startTime") or 0, args.get("endTime") or 0
    return [
        job
        for job in reversed(world.jobs.values())
        if args.get("jobId") in {None, "", job.id}
        and args.get("type") in {None, "", job.type}
        and job.created // 1000 >= since
        and (not until or job.created // 1000 <= until)
    ]


def _failed(job: Job, now: int) -> dict[str, JSON]:
    failed = job.state(now) == "fail"
    return {"error": job.error if failed else "", "errorMessage": job.message if failed else ""}


def _show(job: Job, now: int) -> JSON:
    return {
        "Id": job.id,
        "user": USER,
        "type": job.type,
        "envs": [],
        "state": {"state": job.state(now)} | _failed(job, now),
        "logAddress": f"https://log.{DOMAIN}/jobs/{job.id}",
        "createdAt": str(job.created // 1000),
        "instanceId": job.instance_id,
    }


def _internal_state(job: Job, now: int) -> str:
    word = job.state(now)
    return "pending" if word == "pulling" else word


def _show_internal(job: Job, now: int) -> JSON:
    return {
        "Id": job.id,
        "user": USER,
        "type": job.type,
        "envs": [],
        "maxRetry": 0,
        "timeout": "0",
        "state": {"state": _internal_state(job, now)} | _failed(job, now),
        "logAddress": "",
        "createdAt": str(job.created // 1000),
        "creator": USER,
        "uuid": job.id,
        "deletedTime": "0",
        "updateAt": str(job.changed(now) // 1000),
        "instanceId": job.instance_id,
    }
