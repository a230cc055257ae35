"""Deployments held against the limits of the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.endpoint import EndpointLimits
from novita_sdk.models.json_types import JSON

LIMITS_KEPT: Final = 600.0
"""Seconds for which limits that were read are used."""


class _Row(NamedTuple):
    argument: str
    keys: tuple[str, ...]
    least: str
    most: str


_ROWS: Final = (
    _Row("rootfs_size", ("rootfsSize",), "min_rootfs_size", "max_rootfs_size"),
    _Row("min_replicas", ("workerConfig", "minNum"), "min_worker_num", "max_worker_num"),
    _Row("max_replicas", ("workerConfig", "maxNum"), "min_worker_num", "max_worker_num"),
    _Row("idle_timeout", ("workerConfig", "freeTimeout"), "min_free_timeout", "max_free_timeout"),
    _Row("max_concurrent", ("workerConfig", "maxConcurrent"), "min_concurrency_num", "max_concurrency_num"),
    _Row("gpu_count", ("workerConfig", "gpuNum"), "min_gpu_num", "max_gpu_num"),
    _Row("request_timeout", ("workerConfig", "requestTimeout"), "min_request_timeout", "max_request_timeout"),
)
_POLICIES: Final = {
    "queue": _Row("policy.value", ("policy", "value"), "min_queue_wait_time", "max_queue_wait_time"),
    "concurrency": _Row("policy.value", ("policy", "value"), "min_request_num", "max_request_num"),
}


def check_limits(endpoint: Mapping[str, JSON], limits: EndpointLimits) -> None:
    """Refuse what the service would refuse.

    Raises:
        ValidationError: Values are out of their limits; all of them at once.
    """
    rows = [*_ROWS, *(row for kind, row in _POLICIES.items() if endpoint["policy"]["type"] == kind)]
    problems = [found for row in rows if (found := _out_of(row, endpoint, limits)) is not None]
    version: str | None = endpoint["workerConfig"].get("cudaVersion")
    if version is not None and limits.cuda_version_list and version not in limits.cuda_version_list:
        known = ", ".join(limits.cuda_version_list)
        problems.append(problem("cuda_version", version, f"must be one of {known}"))
    if problems:
        raise ValidationError(problems=tuple(problems))


def _out_of(row: _Row, endpoint: Mapping[str, JSON], limits: EndpointLimits) -> Problem | None:
    value: JSON = endpoint
    for key in row.keys:
        value = value.get(key)
    least: int | None = getattr(limits, row.least)
    most: int | None = getattr(limits, row.most)
    if value is None:
        return None
    number = int(value)
    if (least is None or number >= least) and (most is None or number <= most):
        return None
    return problem(
        row.argument, number, f"must be {least or 0}-{'any' if most is None else most}, says limits()"
    )
