"""What a test may do to the simulated endpoints behind the client's back."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud import endpoints, workers
from novita_sdk.testing.cloud.cloud import Cloud
from novita_sdk.testing.cloud.endpoint_records import ApplicationAnswer, SimulatedEndpoint, SimulatedWorker


class EndpointControls(ABC):
    """Events of simulated endpoints. Everything is safe to call from any thread."""

    def __init__(self, cloud: Cloud, lock: threading.RLock) -> None:
        self.cloud = cloud
        self._lock = lock

    @abstractmethod
    def server_time(self) -> float:
        """Return the cloud's time in seconds since 1970."""

    def add_endpoint(
        self, name: str, *, replicas: int = 1, running: bool = True, envs: Mapping[str, str] | None = None
    ) -> str:
        """Make an endpoint, as somebody else might, and return its id.

        Args:
            name: Its name, also in its address.
            replicas: Fewest and most workers.
            running: Whether it serves and its workers are ready at once; otherwise they start as usual.
            envs: Its environment variables.
        """
        settings: dict[str, JSON] = {
            "name": name,
            "appName": name,
            "workerConfig": {
                "minNum": replicas,
                "maxNum": replicas,
                "freeTimeout": 300,
                "maxConcurrent": 1,
                "gpuNum": 1,
                "requestTimeout": 3600,
            },
            "ports": [{"port": 8000}],
            "policy": {"type": "queue", "value": 60},
            "image": {"image": "nginx"},
            "products": [{"id": "SL-serverless-3"}],
            "rootfsSize": 100,
            "clusterID": "us-dallas-nas-2",
            "envs": [{"key": key, "value": value} for key, value in (envs or {}).items()],
            "healthy": {"path": "/health"},
        }
        with self._lock:
            now = self.cloud.at(self.server_time())
            made = endpoints.create_endpoint(self.cloud.world, {"endpoint": settings}, now)
            endpoint = self.cloud.world.endpoints[made["id"]]
            if running:
                endpoint.serving = now
                for worker in endpoint.workers:
                    worker.creating = worker.running = worker.ready = now
            return endpoint.id

    def change_endpoint(self, endpoint_id: str, **settings: JSON) -> None:
        """Replace settings of an endpoint, as somebody else might.

        Args:
            endpoint_id: The endpoint.
            **settings: Keys of its record with their new values; None removes one.
        """
        with self._lock:
            endpoint, _ = self._endpoint(endpoint_id)
            changed = {**endpoint.settings, **settings}
            endpoint.settings = {key: value for key, value in changed.items() if value is not None}

    def set_endpoint_state(
        self, endpoint_id: str, state: str | None, *, error: str = "", message: str = ""
    ) -> None:
        """Fix the state word of an endpoint, or let it follow from its workers again.

        Args:
            endpoint_id: The endpoint.
            state: The word; None for the planned one.
            error: The error word.
            message: The text.
        """
        with self._lock:
            endpoint, _ = self._endpoint(endpoint_id)
            endpoint.state, endpoint.error, endpoint.message = state, error, message

    def remove_endpoint(self, endpoint_id: str) -> None:
        """Let an endpoint be gone at once, as if it had been deleted in the console."""
        with self._lock:
            endpoint, now = self._endpoint(endpoint_id)
            endpoint.deleted = endpoint.gone = now

    def set_endpoint_answer(
        self,
        endpoint_id: str,
        *,
        status: int = 200,
        body: JSON = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Say what the application behind an endpoint answers; by default it tells what it was asked.

        It answers 503 as long as no worker is ready.

        Args:
            endpoint_id: The endpoint.
            status: The status.
            body: JSON, or bytes as they are.
            headers: Further headers.
        """
        with self._lock:
            endpoint, _ = self._endpoint(endpoint_id)
            endpoint.answer = ApplicationAnswer(status=status, body=body, headers=headers or {})

    def worker_ids(self, endpoint_id: str) -> list[str]:
        """Return the ids of an endpoint's workers."""
        with self._lock:
            endpoint, _ = self._endpoint(endpoint_id)
            return [worker.id for worker in endpoint.workers]

    def add_worker(self, endpoint_id: str, state: str = "running", *, healthy: bool | None = True) -> str:
        """Add a worker in a fixed state, and return its id."""
        with self._lock:
            endpoint, now = self._endpoint(endpoint_id)
            worker = SimulatedWorker(
                id=f"w-{self.cloud.world.long_id(8)}",
                creating=now,
                running=now,
                ready=now,
                state=None if state == "running" else state,
                healthy=healthy,
            )
            endpoint.workers.append(worker)
            return worker.id

    def set_worker(
        self,
        worker_id: str,
        state: str | None = None,
        *,
        healthy: bool | None = None,
        error: str = "",
        message: str = "",
    ) -> None:
        """Fix how a worker is doing, or let it follow its plan again.

        Args:
            worker_id: The worker.
            state: The word; None for the planned one.
            healthy: What its health check says; None for the planned answer.
            error: The error word.
            message: The text.
        """
        with self._lock:
            worker = self._worker(worker_id)
            worker.state, worker.healthy = state, healthy
            worker.error, worker.message = error, message

    def occupy_worker(self, worker_id: str, seconds: float) -> None:
        """Keep a worker busy for that long from now."""
        with self._lock:
            now = self.cloud.at(self.server_time())
            self._worker(worker_id).busy_until.append(now + round(seconds * 1000))

    def _endpoint(self, endpoint_id: str) -> tuple[SimulatedEndpoint, int]:
        now = self.cloud.at(self.server_time())
        endpoint = self.cloud.world.endpoints[endpoint_id]
        workers.settle(self.cloud.world, endpoint, now)
        return endpoint, now

    def _worker(self, worker_id: str) -> SimulatedWorker:
        for endpoint in self.cloud.world.endpoints.values():
            for worker in endpoint.workers:
                if worker.id == worker_id:
                    return worker
        raise KeyError(worker_id)
