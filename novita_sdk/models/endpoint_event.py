"""What a watch tells about serverless endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias

import attrs

from novita_sdk.models.endpoint import Endpoint, Worker
from novita_sdk.models.endpoint_status import EndpointStatus
from novita_sdk.models.worker_failure import WorkerFailure

EndpointEventKind: TypeAlias = Literal[
    "appeared",
    "changed",
    "gone",
    "worker_changed",
    "worker_failed",
    "worker_recovered",
    "poll_failed",
    "poll_recovered",
]
"""What an endpoint event tells."""


@attrs.frozen(kw_only=True)
class EndpointEvent:
    """A change of an endpoint or of one of its workers, or a failed look at all of them.

    Attributes:
        kind: What happened.
        at: When it was seen, in UTC.
        endpoint_id: Id of the endpoint; None for polls.
        name: Its name.
        endpoint: The endpoint as it was seen last.
        status: How it is doing; its failures tell since when.
        worker_id: Of events about a worker: its id. A failure of the endpoint itself has none.
        worker: That worker as it was seen last.
        failure: Of `worker_failed` and `worker_recovered`: what is, or was, wrong.
        fields: Of `changed` and `worker_changed`: the old and the new value of each attribute. A worker that came
            has None for its old values, one that went None for its new ones.
        sequence: Number of the event among those of this endpoint, rising; 0 for polls.
        initial: Whether it was there already at the first look.
        missed: How many earlier events of this kind this one stands for, because the watcher was slow.
        error: Why a poll failed.
        consecutive: How many polls have failed in a row, up to now.
        since: When the first of them failed.
    """

    kind: EndpointEventKind
    at: datetime
    endpoint_id: str | None = None
    name: str | None = None
    endpoint: Endpoint | None = None
    status: EndpointStatus | None = None
    worker_id: str | None = None
    worker: Worker | None = None
    failure: WorkerFailure | None = None
    fields: Mapping[str, tuple[object, object]] = attrs.field(factory=dict[str, tuple[object, object]])
    sequence: int = 0
    initial: bool = False
    missed: int = 0
    error: Exception | None = None
    consecutive: int = 0
    since: datetime | None = None

    def __str__(self) -> str:
        if self.endpoint_id is None:
            return f"{self.kind}: {self.error}" if self.error else self.kind
        parts = [self.name or self.endpoint_id, self.worker_id or "", f"{self.kind}:"]
        if self.failure is not None:
            parts += [str(self.failure.failure_class), self.failure.message]
        elif self.fields:
            parts.append(", ".join(self.fields))
        elif self.status is not None:
            parts.append(str(self.status.state))
        return " ".join(part for part in parts if part)
