"""Job queries over two hosts: the same filters on both, and when one stands in for the other."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from novita_sdk.errors import (
    APIStatusError,
    CircuitOpenError,
    NovitaError,
    RateLimitQueueError,
    ResponseDecodeError,
    TransportError,
)
from novita_sdk.models.job import ENDED_STATES, Job

NO_INTERNAL_KEY: Final = "no_internal_key"
"""Why the public list answered: there is no key for the internal host."""

AVOIDED_FOR: Final = 300.0
"""Seconds for which the internal host is left alone after it refused the key."""

_PREPARING: Final = frozenset({"pending", "pulling"})  # one state, under its name on either host
_FALLBACK_STATUSES: Final = frozenset({401, 403, 404, 429})


@attrs.frozen(kw_only=True)
class JobFilters:
    """What jobs are wanted, as the caller said it.

    Attributes:
        job_id: Only this job.
        type: Only this type.
        state: Only this state.
        instance_id: Only jobs of this instance.
        start_time: Created at or after.
        end_time: Created at or before.
    """

    job_id: str | None
    type: str | None
    state: str | None
    instance_id: str | None
    start_time: datetime | None
    end_time: datetime | None

    def internal_query(self) -> dict[str, object]:
        """Return the query of the internal host."""
        return {**self._common(), "state": "pending" if _is_preparing(self.state) else self.state}

    def public_query(self) -> dict[str, object]:
        """Return the query of the public host, which may know a preparing job under either name."""
        return {**self._common(), "state": None if _is_preparing(self.state) else self.state}

    def keeps(self, job: Job) -> bool:
        """Tell whether a job is wanted; asked on our side too, so that both hosts mean the same."""
        state = None if job.state is None else job.state.state
        return (
            self.job_id in (None, job.id)
            and self.type in (None, job.type)
            and (self.state in (None, state) or (_is_preparing(self.state) and _is_preparing(state)))
            and self.instance_id in (None, job.instance_id)
            and (self.start_time is None or job.created_at is None or job.created_at >= self.start_time)
            and (self.end_time is None or job.created_at is None or job.created_at <= self.end_time)
        )

    def _common(self) -> dict[str, object]:
        return {
            "jobId": self.job_id,
            "type": self.type,
            "startTime": self.start_time,
            "endTime": self.end_time,
        }


def _is_preparing(state: object) -> bool:
    return isinstance(state, str) and state in _PREPARING


def may_fall_back(error: NovitaError) -> bool:
    """Tell whether the public list may answer what the internal host did not."""
    if isinstance(error, APIStatusError):
        return error.status is not None and (error.status in _FALLBACK_STATUSES or error.status >= 500)
    return isinstance(error, TransportError | CircuitOpenError | RateLimitQueueError | ResponseDecodeError)


def is_refused_key(error: NovitaError) -> bool:
    """Tell whether the internal host does not accept the key."""
    return isinstance(error, APIStatusError) and error.status in {401, 403}


def has_ended(state: str) -> bool:
    """Tell whether a job in this state has ended."""
    return state in ENDED_STATES
