"""The arguments of a plain create: every field of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypedDict

from novita_sdk._core.arguments import Given
from novita_sdk._core.nearest import refuse_unexpected
from novita_sdk._core.requests.environment import EnvArgument
from novita_sdk._core.serverless.deployment import deployment_body
from novita_sdk._core.serverless.update_arguments import read_health, read_volumes
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.endpoint import (
    EndpointHealthCheck,
    EndpointImage,
    EndpointVolumeMount,
    ScalingPolicy,
    WorkerConfig,
)
from novita_sdk.models.json_types import JSON
from novita_sdk.models.unset import UNSET, Unset

DEFAULT_WORKERS: Final = WorkerConfig(
    min_num=1, max_num=1, free_timeout=300, max_concurrent=1, gpu_num=1, request_timeout=3600
)


class CreateEndpointArguments(TypedDict, total=False):
    """What an endpoint is created from."""

    name: str
    product_id: str | int
    image: str | EndpointImage
    worker_config: Given[WorkerConfig]
    port: Given[int]
    policy: Given[ScalingPolicy]
    rootfs_size: Given[int]
    app_name: Given[str]
    cluster_id: Given[str]
    envs: Given[EnvArgument]
    health: Given[str | EndpointHealthCheck]
    volume_mounts: Given[Sequence[EndpointVolumeMount]]


_SAME: Final = ("product_id", "port", "policy", "rootfs_size", "cluster_id", "envs")
"""Arguments that mean the same as those of `deploy`."""

_KNOWN: Final = CreateEndpointArguments.__annotations__.keys()


def create_endpoint_body(arguments: Mapping[str, object]) -> dict[str, JSON]:
    """Return what is sent under `endpoint`, without the mark.

    Args:
        arguments: As `CreateEndpointArguments`.

    Raises:
        ValidationError: Arguments are wrong; all problems at once.
        TypeError: There is no such argument.
    """
    refuse_unexpected(arguments, _KNOWN)
    given = {
        key: value for key, value in arguments.items() if not isinstance(value, Unset) and value is not None
    }
    problems: list[Problem] = []
    simple: dict[str, object] = {key: given[key] for key in _SAME if key in given}
    simple["app_name"] = arguments.get("app_name", UNSET)
    simple |= _workers(given.get("worker_config", DEFAULT_WORKERS), problems)
    image, auth_id = _image(given.get("image"), simple, problems)
    health, found = read_health(given.get("health", "/health"))
    problems += found
    volumes, found = read_volumes(given.get("volume_mounts", ()))
    problems += found
    if "cluster_id" not in given and any(volume["type"] == "network" for volume in volumes or ()):
        problems.append(Problem("cluster_id", repr(UNSET), "must be given, since a shared volume is mounted"))
    try:
        body = deployment_body(given.get("name"), {**simple, "image": image}, None, auth_id)
    except ValidationError as error:
        raise ValidationError(problems=(*error.problems, *problems)) from None
    if problems:
        raise ValidationError(problems=tuple(problems))
    body["healthy"] = health
    return {**body, "volumeMounts": volumes} if volumes else body


def _workers(config: object, problems: list[Problem]) -> dict[str, object]:
    if not isinstance(config, WorkerConfig):
        problems.append(problem("worker_config", config, "must be a WorkerConfig"))
        return {}
    names = {
        "min_num": "min_replicas",
        "max_num": "max_replicas",
        "free_timeout": "idle_timeout",
        "max_concurrent": "max_concurrent",
        "gpu_num": "gpu_count",
        "request_timeout": "request_timeout",
        "cuda_version": "cuda_version",
    }
    found = {argument: getattr(config, field) for field, argument in names.items()}
    return {argument: value for argument, value in found.items() if value is not None}


def _image(image: object, simple: dict[str, object], problems: list[Problem]) -> tuple[object, str | None]:
    if not isinstance(image, EndpointImage):
        if image is not None and not isinstance(image, str):
            problems.append(problem("image", image, "must be text or an EndpointImage"))
            return "unread", None
        return image, None
    if image.command:
        simple["command"] = image.command
    return image.image, image.auth_id or None
