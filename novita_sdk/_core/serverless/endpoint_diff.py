"""From one list of endpoints to the next: what all watchers of a client are told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from novita_sdk._core.lifecycle.event_merging import merge_changes
from novita_sdk._core.serverless.endpoint_fields import watched_fields
from novita_sdk._core.serverless.failure_episodes import FailureChange, FailureEpisodes
from novita_sdk.models.endpoint import Endpoint, Worker
from novita_sdk.models.endpoint_event import EndpointEvent, EndpointEventKind
from novita_sdk.models.endpoint_status import EndpointStatus

MOST_CONFIRMED: Final = 10
"""Endpoints that are asked for by themselves after one list, because lists lack them."""

_LISTS_WITHOUT: Final = 2  # complete lists in a row that must lack an endpoint
_LISTS_WITHOUT_MANY: Final = 3  # the same where more than half are missing at once
_MANY: Final = 3  # endpoints from which on "more than half" means anything
_RECORDS_WITHOUT: Final = 2  # records in a row that must lack a worker

_MERGED: Final = frozenset({"changed", "worker_changed"})  # kinds of which one event may stand for several


@attrs.define(eq=False)
class _Known:
    """What is known of one endpoint.

    Attributes:
        endpoint: The record as it was seen last.
        workers: Its workers, those included that the last record lacked.
        absent_workers: In how many records in a row each of them was missing.
        episodes: What has failed.
        absent: In how many complete lists in a row it was missing.
        absent_until: How many that must be.
        sequence: Number of its last event.
    """

    endpoint: Endpoint
    workers: dict[str, Worker]
    absent_workers: dict[str, int] = attrs.field(factory=dict[str, int])
    episodes: FailureEpisodes = attrs.field(factory=FailureEpisodes)
    absent: int = 0
    absent_until: int = _LISTS_WITHOUT
    sequence: int = 0

    def status(self) -> EndpointStatus:
        """Return how it is doing, failures with their times included."""
        status = self.endpoint.status()
        return attrs.evolve(status, failures=self.episodes.open)


class EndpointDiff:
    """What is known of the endpoints, by id."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._suspects: list[str] = []

    @property
    def has_suspects(self) -> bool:
        """Whether there are endpoints that enough lists lacked, so that each must be asked for by itself."""
        return bool(self._suspects)

    def next_suspect(self) -> str | None:
        """Return the id of one of them, each once after a list; None if there is none left."""
        return self._suspects.pop(0) if self._suspects else None

    def feed(
        self,
        listed: Mapping[str, Endpoint],
        unreadable: Collection[str | None],
        *,
        complete: bool,
        at: datetime,
    ) -> list[EndpointEvent]:
        """Take in a list.

        Args:
            listed: What could be read, by id.
            unreadable: Ids of what could not; None stands for one without a readable id.
            complete: Whether it was all of it, so that absence means something.
            at: The time.

        Returns:
            What has changed: for each endpoint first what is about itself, then what is about its workers.
        """
        events: list[EndpointEvent] = []
        for key, endpoint in listed.items():
            known = self._known.get(key)
            if known is None:
                events += self._appeared(endpoint, at)
            elif known.endpoint != endpoint or known.absent_workers or not known.episodes.is_calm:
                events += _seen_again(known, endpoint, at)
            else:
                known.absent = 0
        self._suspects = []
        if complete and None not in unreadable:
            self._miss(listed.keys() | set(unreadable))
        return events

    def confirm(self, endpoint_id: str, found: Endpoint | None, at: datetime) -> list[EndpointEvent]:
        """Take in what asking for one suspect has brought.

        Args:
            endpoint_id: The suspect.
            found: Its record, if it is there all the same.
            at: The time.
        """
        known = self._known.get(endpoint_id)
        if known is None or known.absent < known.absent_until:  # a list has shown it meanwhile
            return []
        if found is not None:
            return list(_seen_again(known, found, at))
        del self._known[endpoint_id]
        return [_event(known, "gone", at)]

    def present(self, at: datetime) -> list[EndpointEvent]:
        """Tell of all that is there, marked `initial`, for a watcher who is new.

        Args:
            at: The time.
        """
        events: list[EndpointEvent] = []
        for known in self._known.values():
            last = known.sequence
            known.sequence -= 1 + len(known.episodes.open)  # nobody new has seen the numbers before
            events += _present(known, at, initial=True)
            assert known.sequence == last  # noqa: S101 - one for each event that was told of it at least once
        return events

    def _appeared(self, endpoint: Endpoint, at: datetime) -> Iterator[EndpointEvent]:
        known = _Known(endpoint, {worker.id: worker for worker in endpoint.workers})
        self._known[endpoint.id] = known
        known.episodes.feed(endpoint, at)
        return _present(known, at, initial=False)

    def _miss(self, present: Collection[str | None]) -> None:
        """Count in how many lists in a row an endpoint was missing."""
        missing = [known for key, known in self._known.items() if key not in present]
        new = [known for known in missing if not known.absent]
        are_many = len(self._known) >= _MANY and 2 * len(new) > len(self._known)
        for known in new:
            known.absent_until = _LISTS_WITHOUT_MANY if are_many else _LISTS_WITHOUT
        for known in missing:
            known.absent += 1
        lost = [known for known in missing if known.absent >= known.absent_until]
        self._suspects = [known.endpoint.id for known in lost[:MOST_CONFIRMED]]


def _present(known: _Known, at: datetime, *, initial: bool) -> Iterator[EndpointEvent]:
    yield _event(known, "appeared", at, initial=initial)
    for failure in known.episodes.open:
        yield _failure_event(known, FailureChange("failed", failure), at, initial=initial)


def _seen_again(known: _Known, endpoint: Endpoint, at: datetime) -> Iterator[EndpointEvent]:
    old, known.endpoint, known.absent = known.endpoint, endpoint, 0
    changes = known.episodes.feed(endpoint, at)
    if old != endpoint:
        fields = _differences(watched_fields(old), watched_fields(endpoint))
        if fields:
            yield _event(known, "changed", at, fields=fields)
    for change in changes:
        if change.failure.worker_id is None and change.kind != "reclassified":  # else `changed` tells it
            yield _failure_event(known, change, at)
    yield from _worker_events(known, at)
    for change in changes:
        if change.failure.worker_id is not None:
            yield _failure_event(known, change, at)


def _worker_events(known: _Known, at: datetime) -> Iterator[EndpointEvent]:
    listed = {worker.id: worker for worker in known.endpoint.workers}
    for worker_id, worker in listed.items():
        known.absent_workers.pop(worker_id, None)
        old = known.workers.get(worker_id)
        known.workers[worker_id] = worker
        fields = _differences(_worker_fields(old), _worker_fields(worker))
        if fields:
            yield _event(known, "worker_changed", at, worker_id=worker_id, worker=worker, fields=fields)
    for worker_id in [worker_id for worker_id in known.workers if worker_id not in listed]:
        absent = known.absent_workers.get(worker_id, 0) + 1
        known.absent_workers[worker_id] = absent
        if absent >= _RECORDS_WITHOUT:
            worker = known.workers.pop(worker_id)
            del known.absent_workers[worker_id]
            known.episodes.forget(worker_id)
            fields = _differences(_worker_fields(worker), _worker_fields(None))
            yield _event(known, "worker_changed", at, worker_id=worker_id, worker=worker, fields=fields)


def _worker_fields(worker: Worker | None) -> dict[str, object]:
    if worker is None:
        return {"state": None, "healthy": None}
    return {"state": worker.state.state, "healthy": worker.healthy}


def _differences(old: Mapping[str, object], new: Mapping[str, object]) -> Mapping[str, tuple[object, object]]:
    return {name: (value, new[name]) for name, value in old.items() if value != new[name]}


def _failure_event(
    known: _Known, change: FailureChange, at: datetime, *, initial: bool = False
) -> EndpointEvent:
    worker_id = change.failure.worker_id
    about = {"worker_id": worker_id, "failure": change.failure, "initial": initial}
    worker = None if worker_id is None else known.workers.get(worker_id)
    if change.kind == "reclassified":
        fields = {"failure_class": (change.previous, change.failure.failure_class)}
        return _event(known, "worker_changed", at, worker=worker, fields=fields, **about)
    kind: EndpointEventKind = "worker_failed" if change.kind == "failed" else "worker_recovered"
    return _event(known, kind, at, worker=worker, **about)


def _event(known: _Known, kind: EndpointEventKind, at: datetime, **about: Any) -> EndpointEvent:
    known.sequence += 1
    endpoint = known.endpoint
    return EndpointEvent(
        kind=kind,
        at=at,
        endpoint_id=endpoint.id,
        name=endpoint.name,
        endpoint=endpoint,
        status=known.status(),
        sequence=known.sequence,
        **about,
    )


def merge_endpoint_changes(events: Sequence[EndpointEvent]) -> Iterator[EndpointEvent]:
    """Let one event stand for all changes of an endpoint, and one for all of each worker; keep every other one.

    Args:
        events: What is kept for a slow watcher, in order.
    """
    return merge_changes(events, _changed_thing)


def _changed_thing(event: EndpointEvent) -> tuple[str | None, str | None] | None:
    return (event.endpoint_id, event.worker_id) if event.kind in _MERGED else None
