"""Background jobs, as the public and the internal list describe them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.enums import JobState, JobType
from novita_sdk.models.env_var import EnvVar

ENDED_STATES: Final = frozenset({JobState.SUCCESS, JobState.FAIL, JobState.BREAK})


@model
class JobStateInfo(Model):
    """How a job is doing.

    Attributes:
        state: The state. The internal list says pending where the public one says pulling.
        error: Error code; may be empty.
        error_message: Error text; may be empty. (One file of the community calls the key `message`, which
            would then be found in `extra`.)
    """

    state: JobState | None = None
    error: str | None = None
    error_message: str | None = None


@model
class Job(Model):
    """Background work: saving an image, or moving an instance.

    Attributes:
        id: Id of the job.
        user: Who started it.
        type: What it does.
        envs: Its environment; pairs in the public list, `NAME=value` texts in the internal one.
        state: How it is doing; see also `ended`.
        log_address: URL of its log; `repr` cuts it at the query.
        created_at: When it was created; epoch seconds or an ISO time, depending on the list.
        instance_id: The instance it works on.
        max_retry: Internal list only: how often it is tried again.
        timeout: Internal list only, as text; the unit is not known.
        creator: Internal list only: who created it.
        uuid: Internal list only.
        deleted_time: Internal list only: when it was deleted; None if it was not.
        update_at: Internal list only: when it last changed.
    """

    id: str = field(wire="Id")
    user: str | None = None
    type: JobType | None = None
    envs: tuple[EnvVar, ...] = ()
    state: JobStateInfo | None = None
    log_address: str | None = field(default=None, show="url")
    created_at: datetime | None = None
    instance_id: str | None = None
    max_retry: int | None = None
    timeout: str | None = None
    creator: str | None = None
    uuid: str | None = None
    deleted_time: datetime | None = None
    update_at: datetime | None = None

    @property
    def status(self) -> JobState | None:
        """The word of `state`, None if the service told none."""
        return None if self.state is None else self.state.state

    @property
    def ended(self) -> bool:
        """Whether it has succeeded, failed or been cancelled; an unknown state counts as still going on."""
        return self.status in ENDED_STATES
