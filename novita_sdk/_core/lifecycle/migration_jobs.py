"""What the jobs of an instance that is being moved say about the move: the newest one decides."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk.models.enums import JobState, JobType
from novita_sdk.models.job import Job

MIGRATION_TYPES: Final = (JobType.INSTANCE_MIGRATE, JobType.AUTO_INSTANCE_MIGRATE)
"""The jobs that move an instance."""

LOOK_BACK: Final = timedelta(days=1)
"""How old a job may be that still decides."""

_STUCK_AFTER: Final = timedelta(hours=2)
_UNDER_WAY: Final = frozenset({JobState.PENDING, JobState.PULLING, JobState.RUNNING, JobState.OPEN})

Move: TypeAlias = Literal["failed", "in_progress", "stuck", "settled", "unknown"]


@attrs.frozen(kw_only=True)
class MoveVerdict:
    """How the move of an instance stands.

    Attributes:
        move: `failed`; `in_progress`, or `stuck` if that lasts for over two hours; `settled` if the newest job
            succeeded or was cancelled; `unknown` if there is none or its state is a new word.
        job: The job that decided.
        reason: The same in words.
    """

    move: Move
    job: Job | None
    reason: str


def newest(jobs: Iterable[Job]) -> Job | None:
    """Return the newest job.

    Of equally old ones that is one which has not ended, as it may still change something. One whose age is not told
    may be the newest, unless it failed: a failure must be known to be the last word.
    """
    return max(jobs, key=_age_order, default=None)


def _age_order(job: Job) -> tuple[float, bool, str]:
    untold = -math.inf if job.status == JobState.FAIL else math.inf
    created = untold if job.created_at is None else job.created_at.timestamp()
    return created, not job.ended, job.id


def judge_move(jobs: Iterable[Job], instance_id: str, now: datetime) -> MoveVerdict:
    """Decide how the move of an instance stands.

    Args:
        jobs: Jobs of any instances and types, in any order.
        instance_id: The instance.
        now: The wall time, aware.
    """
    job = newest(
        found for found in jobs if found.instance_id == instance_id and found.type in MIGRATION_TYPES
    )
    if job is None:
        return MoveVerdict(move="unknown", job=None, reason="there is no job for its move")
    state = job.status
    if state == JobState.FAIL:
        return MoveVerdict(move="failed", job=job, reason=f"job {job.id} failed{_words(job)}")
    if state in _UNDER_WAY:
        stuck = job.created_at is not None and now - job.created_at > _STUCK_AFTER
        words = "for over two hours" if stuck else "still"
        return MoveVerdict(
            move="stuck" if stuck else "in_progress", job=job, reason=f"job {job.id} is {words} {state}"
        )
    if job.ended:
        return MoveVerdict(move="settled", job=job, reason=f"job {job.id} ended with {state}")
    return MoveVerdict(move="unknown", job=job, reason=f"job {job.id} is in the unknown state {state}")


def _words(job: Job) -> str:
    told = None if job.state is None else job.state.error_message or job.state.error
    return f": {told}" if told else ""
