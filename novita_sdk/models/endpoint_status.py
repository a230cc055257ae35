"""The one definition of how an endpoint is doing, used wherever it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from novita_sdk.models.endpoint_state import EndpointState
from novita_sdk.models.shown import shown_text
from novita_sdk.models.worker_failure import WorkerFailure, failure_of, has_failed

if TYPE_CHECKING:
    from novita_sdk.models.endpoint import Endpoint, Worker

_STARTING: Final = frozenset({EndpointState.PENDING, EndpointState.CREATING})
_LEAVING: Final = frozenset({EndpointState.STOPPED, EndpointState.TERMINATING})
_PROGRESSING: Final = _STARTING | {EndpointState.UPDATING}


@attrs.frozen(kw_only=True)
class EndpointStatus:
    """How an endpoint is doing. `ready` <= `running` <= `live` <= `total`.

    Attributes:
        state: Its state.
        raw_state: The service's word for that.
        error: The service's word for what is wrong; empty while nothing is.
        message: Its text about that.
        url: Where it is reached.
        min_replicas: Fewest workers it is set to.
        max_replicas: Most.
        total: Workers there are.
        live: Workers that have not failed and are not on their way out.
        running: Workers in state RUNNING that have not failed.
        ready: Those of them whose health check says so.
        pending: Workers that are being made.
        failures: What has failed, the endpoint itself first.
    """

    state: EndpointState
    raw_state: str
    error: str
    message: str = attrs.field(repr=shown_text)
    url: str | None
    min_replicas: int | None
    max_replicas: int | None
    total: int
    live: int
    running: int
    ready: int
    pending: int
    failures: tuple[WorkerFailure, ...]

    @property
    def desired(self) -> int | None:
        """Most workers it is set to, by the name other tools give it."""
        return self.max_replicas

    @property
    def available(self) -> int:
        """Running workers, by the name other tools give them."""
        return self.running

    @property
    def is_serving(self) -> bool:
        """Whether it serves, with at least one running worker."""
        return self.state is EndpointState.RUNNING and self.running >= 1

    @property
    def is_ready(self) -> bool:
        """Whether it serves, with at least one healthy worker."""
        return self.state is EndpointState.RUNNING and self.ready >= 1

    @property
    def scaled_to_zero(self) -> bool:
        """Whether it may be without workers, and is."""
        return self.min_replicas == 0 and self.live == 0

    @property
    def conditions(self) -> frozenset[str]:
        """What holds of `Available`, `Progressing` and `Failed`."""
        holds = {
            "Available": self.is_serving,
            "Progressing": self.state in _PROGRESSING,
            "Failed": any(failure.worker_id is None for failure in self.failures),
        }
        return frozenset(name for name, true in holds.items() if true)


def worker_failed(worker: Worker) -> bool:
    """Tell whether a worker has failed."""
    return has_failed(worker.state, worker.healthy)


def is_live(worker: Worker) -> bool:
    """Tell whether a worker counts: it has not failed and is not on its way out."""
    return not worker_failed(worker) and worker.state.state not in _LEAVING


def is_running(worker: Worker) -> bool:
    """Tell whether a worker runs; without a word from its health check it does, but is not ready."""
    return worker.state.state is EndpointState.RUNNING and not worker_failed(worker)


def is_ready(worker: Worker) -> bool:
    """Tell whether a worker takes requests."""
    return worker.state.state is EndpointState.RUNNING and worker.healthy is True


def endpoint_status(endpoint: Endpoint) -> EndpointStatus:
    """Count the workers of an endpoint and say how it is doing."""
    workers, config = endpoint.workers, endpoint.worker_config
    failures = [failure_of(endpoint.state, None)] if has_failed(endpoint.state, None) else []
    failures += [failure_of(worker.state, worker.id) for worker in workers if worker_failed(worker)]
    return EndpointStatus(
        state=endpoint.state.state,
        raw_state=endpoint.state.word,
        error=endpoint.state.error,
        message=endpoint.state.message,
        url=endpoint.url or None,
        min_replicas=None if config is None else config.min_num,
        max_replicas=None if config is None else config.max_num,
        total=len(workers),
        live=sum(map(is_live, workers)),
        running=sum(map(is_running, workers)),
        ready=sum(is_ready(worker) and not worker_failed(worker) for worker in workers),
        pending=sum(worker.state.state in _STARTING for worker in workers),
        failures=tuple(failures),
    )
