"""Failures of an endpoint and its workers over several looks: one report for each, from its beginning to its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal, NamedTuple

import attrs

from novita_sdk.models.endpoint import Endpoint, Worker
from novita_sdk.models.endpoint_state import EndpointState, State
from novita_sdk.models.endpoint_status import is_ready, worker_failed
from novita_sdk.models.worker_failure import FailureClass, WorkerFailure, failure_of, has_failed

UNHEALTHY_AFTER: Final = 3
"""Looks in a row at which a running worker must be unhealthy to count as failed."""


class FailureChange(NamedTuple):
    """A step in the life of a failure.

    Attributes:
        kind: Whether it began, ended, or is now of another class.
        failure: The failure.
        previous: Of another class: the class before.
    """

    kind: Literal["failed", "recovered", "reclassified"]
    failure: WorkerFailure
    previous: FailureClass | None = None


class FailureEpisodes:
    """The failures of one endpoint. It ends one of them only when the worker takes requests again."""

    def __init__(self) -> None:
        self._open: dict[str | None, WorkerFailure] = {}
        self._streaks: dict[str, int] = {}

    @property
    def open(self) -> tuple[WorkerFailure, ...]:
        """What has failed and not recovered, the endpoint itself first."""
        ordered = sorted(self._open, key=lambda worker_id: worker_id is not None)
        return tuple(self._open[worker_id] for worker_id in ordered)

    @property
    def is_calm(self) -> bool:
        """Whether nothing has failed or is about to, so that an unchanged record needs no further look."""
        return not self._open and not self._streaks

    def feed(self, endpoint: Endpoint, at: datetime) -> list[FailureChange]:
        """Take in a look.

        Args:
            endpoint: The record.
            at: The time.

        Returns:
            What has begun, changed and ended: the endpoint itself first, then its workers in their order.
        """
        runs = endpoint.state.state is EndpointState.RUNNING
        failed = has_failed(endpoint.state, None)
        own = failure_of(endpoint.state, None) if failed else None
        changes = list(self._follow(None, own, recovered=runs and not failed, at=at))
        for worker in endpoint.workers:
            failure = self._failure(worker)
            recovered = is_ready(worker) and failure is None
            changes += self._follow(worker.id, failure, recovered=recovered, at=at)
        return changes

    def forget(self, worker_id: str) -> None:
        """Forget a worker that is gone."""
        self._open.pop(worker_id, None)
        self._streaks.pop(worker_id, None)

    def _failure(self, worker: Worker) -> WorkerFailure | None:
        if worker_failed(worker):
            self._streaks.pop(worker.id, None)
            return failure_of(worker.state, worker.id)
        if worker.state.state is not EndpointState.RUNNING or worker.healthy is not False:
            self._streaks.pop(worker.id, None)
            return None
        streak = self._streaks[worker.id] = self._streaks.get(worker.id, 0) + 1
        return _unhealthy(worker.id, worker.state) if streak >= UNHEALTHY_AFTER else None

    def _follow(
        self, worker_id: str | None, failure: WorkerFailure | None, *, recovered: bool, at: datetime
    ) -> Iterator[FailureChange]:
        known = self._open.get(worker_id)
        if failure is not None:
            first_seen = at if known is None else known.first_seen
            now = attrs.evolve(failure, first_seen=first_seen, last_seen=at)
            self._open[worker_id] = now
            if known is None:
                yield FailureChange("failed", now)
            elif known.failure_class != now.failure_class:
                yield FailureChange("reclassified", now, known.failure_class)
        elif known is not None and recovered:
            del self._open[worker_id]
            yield FailureChange("recovered", known)


def _unhealthy(worker_id: str, state: State) -> WorkerFailure:
    return attrs.evolve(failure_of(state, worker_id), failure_class=FailureClass.UNHEALTHY)
