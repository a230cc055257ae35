"""Serverless endpoints, their workers and settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.endpoint_state import State
from novita_sdk.models.endpoint_status import EndpointStatus, endpoint_status
from novita_sdk.models.enums import VolumeType
from novita_sdk.models.env_var import EnvVar
from novita_sdk.models.json_types import JSON
from novita_sdk.models.open_enum import OpenEnum
from novita_sdk.models.read_only import NOTHING_EXTRA

_MARKER: Final = "NOVITA_SDK_OPERATION_ID"


class ScalingPolicyType(OpenEnum):
    """What makes an endpoint start another worker."""

    QUEUE = "queue"
    CONCURRENCY = "concurrency"


@model
class ScalingPolicy(Model):
    """When an endpoint starts another worker.

    Attributes:
        type: What is looked at.
        value: `queue`: seconds a request has waited; `concurrency`: requests that wait.
    """

    type: ScalingPolicyType | None = None
    value: int | None = None


@model
class WorkerConfig(Model):
    """How many workers an endpoint has, and what each of them does.

    Attributes:
        min_num: Fewest workers; 0 lets the endpoint scale to nothing.
        max_num: Most workers.
        free_timeout: Seconds after which an idle worker goes.
        max_concurrent: Requests that one worker handles at a time.
        gpu_num: GPUs of each worker.
        request_timeout: Seconds a request may take.
        cuda_version: CUDA version that is asked for.
    """

    min_num: int | None = None
    max_num: int | None = None
    free_timeout: int | None = None
    max_concurrent: int | None = None
    gpu_num: int | None = None
    request_timeout: int | None = None
    cuda_version: str | None = None


@model
class EndpointImage(Model):
    """What a worker runs.

    Attributes:
        image: The image.
        auth_id: Id of the stored registry login.
        command: Start command.
    """

    image: str | None = None
    auth_id: str | None = None
    command: str | None = field(default=None, show="withheld")


@model
class EndpointHealthCheck(Model):
    """How it is found out whether a worker can take requests; times in seconds.

    Attributes:
        path: The path that is asked; 200 means healthy.
        initial_delay: Before the first question.
        period: Between two questions.
        timeout: For an answer.
        success_threshold: Good answers in a row that make a worker healthy.
        failure_threshold: Bad ones that make it unhealthy.
    """

    path: str | None = None
    initial_delay: int | None = None
    period: int | None = None
    timeout: int | None = None
    success_threshold: int | None = None
    failure_threshold: int | None = None


@model
class EndpointVolumeMount(Model):
    """A disk in every worker.

    Attributes:
        type: A disk of the machine or a shared volume.
        size: Size in GB of a local disk.
        id: Id of a shared volume.
        mount_path: Where it is mounted.
    """

    type: VolumeType | None = None
    size: Decimal | None = None
    id: str | None = None
    mount_path: str | None = None


@model
class EndpointPort(Model):
    """The HTTP port of the container.

    Attributes:
        port: Its number.
    """

    port: int | None = None


@model
class EndpointProduct(Model):
    """What the workers are rented as.

    Attributes:
        id: Id of the product.
    """

    id: str


@model
class Worker(Model):
    """One container of an endpoint.

    Attributes:
        id: Its id.
        state: How it is doing.
        healthy: What its health check says; None if nothing is said.
        log: Where its log is.
        metrics: Where its figures are.
    """

    id: str
    state: State = field(default=State())
    healthy: bool | None = None
    log: str | None = field(default=None, show="url")
    metrics: str | None = field(default=None, show="url")


class Environment(Mapping[str, str]):
    """Environment variables in their order; `repr` shows the names only.

    Args:
        variables: Names and values; of equal names the last counts.
    """

    __slots__ = ("_values",)

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._values = dict(variables)

    def __getitem__(self, key: str) -> str:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<environment: {', '.join(self._values) or 'nothing'}>"


@model
class Endpoint(Model):
    """A serverless endpoint.

    Attributes:
        id: Its id.
        name: Its name.
        app_name: The part of its URL that was chosen when it was made.
        state: How it is doing.
        url: Where its container is reached.
        worker_config: How many workers there may be.
        policy: When another one is started.
        image: What they run.
        rootfs_size: System disk of each worker in GB.
        volume_mounts: Further disks.
        variables: Environment variables as they came, the SDK's mark included; see `envs`.
        ports: The HTTP port.
        workers: The workers there are.
        products: What they are rented as.
        health: How their health is checked.
        cluster_id: Where they run.
        log: Where the endpoint's log is.
        created_at: When it was made, where the service says so.
        updated_at: When it was changed, where the service says so.
        raw: The record as it came, whole; no part of equality or `repr`.
    """

    id: str
    name: str | None = None
    app_name: str | None = None
    state: State = field(default=State())
    url: str | None = field(default=None, show="url")
    worker_config: WorkerConfig | None = None
    policy: ScalingPolicy | None = None
    image: EndpointImage | None = None
    rootfs_size: int | None = None
    volume_mounts: tuple[EndpointVolumeMount, ...] = ()
    variables: tuple[EnvVar, ...] = field(default=(), wire="envs")
    ports: tuple[EndpointPort, ...] = ()
    workers: tuple[Worker, ...] = ()
    products: tuple[EndpointProduct, ...] = ()
    health: EndpointHealthCheck | None = field(default=None, wire="healthy")
    cluster_id: str | None = field(default=None, wire="clusterID")
    log: str | None = field(default=None, show="url")
    created_at: datetime | None = None
    updated_at: datetime | None = None
    raw: Mapping[str, JSON] = field(default=NOTHING_EXTRA, whole=True)

    @property
    def envs(self) -> Environment:
        """The environment variables, without the mark of the SDK."""
        return Environment({item.key: item.value for item in self.variables if item.key != _MARKER})

    @property
    def operation_id(self) -> str | None:
        """Id of the SDK's operation that made it, if it carries the mark."""
        found = [item.value for item in self.variables if item.key == _MARKER]
        return found[-1] if found else None

    def status(self) -> EndpointStatus:
        """Count the workers and say how the endpoint is doing, by this record alone."""
        return endpoint_status(self)


@model
class EndpointLimits(Model):
    """Between what bounds an account may set endpoints; sizes in GB, times in seconds.

    Attributes:
        min_rootfs_size: Smallest system disk.
        max_rootfs_size: Largest.
        free_rootfs_size: How much of it costs nothing.
        min_local_volume_size: Smallest local disk.
        max_local_volume_size: Largest.
        free_local_volume_size: How much of it costs nothing.
        min_worker_num: Fewest workers.
        max_worker_num: Most workers.
        min_free_timeout: Shortest idle time.
        max_free_timeout: Longest.
        min_concurrency_num: Fewest requests at a time for a worker.
        max_concurrency_num: Most.
        min_queue_wait_time: Shortest wait of the queue policy.
        max_queue_wait_time: Longest.
        min_request_num: Fewest requests of the concurrency policy.
        max_request_num: Most.
        min_gpu_num: Fewest GPUs of a worker.
        max_gpu_num: Most.
        min_request_timeout: Shortest request timeout; the service may leave it out.
        max_request_timeout: Longest; the same.
        cuda_version_list: CUDA versions that can be asked for.
    """

    min_rootfs_size: int | None = None
    max_rootfs_size: int | None = None
    free_rootfs_size: int | None = None
    min_local_volume_size: int | None = None
    max_local_volume_size: int | None = None
    free_local_volume_size: int | None = None
    min_worker_num: int | None = None
    max_worker_num: int | None = None
    min_free_timeout: int | None = None
    max_free_timeout: int | None = None
    min_concurrency_num: int | None = None
    max_concurrency_num: int | None = None
    min_queue_wait_time: int | None = None
    max_queue_wait_time: int | None = None
    min_request_num: int | None = None
    max_request_num: int | None = None
    min_gpu_num: int | None = field(default=None, wire="minGPUNum")
    max_gpu_num: int | None = field(default=None, wire="maxGPUNum")
    min_request_timeout: int | None = None
    max_request_timeout: int | None = None
    cuda_version_list: tuple[str, ...] = ()
