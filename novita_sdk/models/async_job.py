"""Jobs in the queue of a serverless endpoint."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.json_types import JSON
from novita_sdk.models.open_enum import OpenEnum

RESULT_KEPT: Final = timedelta(hours=6)
"""For how long a result can be read after the end of its job."""


class AsyncJobStatus(OpenEnum):
    """How far a queued job is; a word this release does not know is not final."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    CANCELLED = "CANCELLED"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self in _FINAL


_FINAL: Final = frozenset(
    {
        AsyncJobStatus.COMPLETED,
        AsyncJobStatus.FAILED,
        AsyncJobStatus.TIMED_OUT,
        AsyncJobStatus.CANCELLED,
    }
)


@model
class AsyncJob(Model):
    """A job in the queue of an endpoint. `repr` shows neither what went in nor what came out.

    Attributes:
        id: Its id; an answer about its status may lack it, then it is the one that was asked for.
        status: How far it is.
        output: What the handler returned.
        error: What went wrong.
        ended_at: When it was first seen to be over.
    """

    id: str = ""
    status: AsyncJobStatus = AsyncJobStatus.PENDING
    output: JSON = field(default=None, show="withheld", hashed=False)
    error: JSON = field(default=None, show="withheld", hashed=False)
    ended_at: datetime | None = field(default=None, local=True)

    @property
    def expires_at(self) -> datetime | None:
        """Until when its result can be read; None while it is not known to be over."""
        return None if self.ended_at is None else self.ended_at + RESULT_KEPT


@model
class QueueHealth(Model):
    """Counters of an endpoint's queue; the service documents none, so each may be absent.

    Attributes:
        workers: Counters of workers, as they came.
        jobs: Counters of jobs, as they came.
    """

    workers: JSON = field(default=None, hashed=False)
    jobs: JSON = field(default=None, hashed=False)


@model
class QueueStats(Model):
    """Counters of an endpoint's queue, as the older gateway tells them.

    Attributes:
        busy_workers: Workers at work.
        endpoint: The endpoint.
        in_progress: Jobs that are being worked on.
        pending: Jobs that wait.
        total_workers: All workers.
    """

    busy_workers: int | None = field(default=None, wire="busy_workers")
    endpoint: str | None = None
    in_progress: int | None = field(default=None, wire="in_progress")
    pending: int | None = None
    total_workers: int | None = field(default=None, wire="total_workers")
