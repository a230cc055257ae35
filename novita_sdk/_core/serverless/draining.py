"""Scaling down: how many workers are too many, and in which order they are drained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from novita_sdk.models.endpoint import Endpoint, Worker
from novita_sdk.models.endpoint_state import EndpointState
from novita_sdk.models.endpoint_status import endpoint_status, is_live, is_running
from novita_sdk.models.scaling import ReplicaBounds

Busy = Callable[[Worker], bool | None]
"""Tells whether a worker is at work; None where nobody knows, which counts as yes."""

DRAIN_POLL: Final = 5.0
"""Seconds between two looks at drained workers."""


def bounds_of(endpoint: Endpoint) -> ReplicaBounds:
    """Return the bounds of an endpoint."""
    config = endpoint.worker_config
    return ReplicaBounds((config and config.min_num) or 0, (config and config.max_num) or 0)


def wanted_bounds(
    now: ReplicaBounds, replicas: int | None, min_replicas: int | None, max_replicas: int | None
) -> ReplicaBounds:
    """Return the bounds that are asked for; what is not said stays."""
    if replicas is not None:
        return ReplicaBounds(replicas, replicas)
    return ReplicaBounds(
        now.min_replicas if min_replicas is None else min_replicas,
        now.max_replicas if max_replicas is None else max_replicas,
    )


def excess(endpoint: Endpoint, most: int) -> int:
    """Return how many living workers are more than `most`; 0 if none."""
    return max(0, endpoint_status(endpoint).live - most)


def drain_order(workers: Sequence[Worker], busy: Busy | None) -> list[Worker]:
    """Return the living workers, those first that will be missed least; equal ones by id."""
    living = [worker for worker in workers if is_live(worker)]
    return sorted(living, key=lambda worker: (_rank(worker, busy), worker.id))


def is_busy(worker: Worker, busy: Busy | None) -> bool:
    """Tell whether a worker may be at work."""
    return is_running(worker) and worker.healthy is not False and (busy is None or busy(worker) is not False)


def _rank(worker: Worker, busy: Busy | None) -> int:
    if worker.state.state in {EndpointState.PENDING, EndpointState.CREATING}:
        return 0
    if worker.healthy is False:
        return 1
    return 3 if is_busy(worker, busy) else 2


def has_left(endpoint: Endpoint, worker_id: str) -> bool:
    """Tell whether a drained worker is gone, or runs no longer."""
    return not any(worker.id == worker_id and is_running(worker) for worker in endpoint.workers)
