"""The arguments of an update become changes of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, TypedDict

import attrs

from novita_sdk._core.arguments import Draft, Given
from novita_sdk._core.narrowing import is_array, is_mapping
from novita_sdk._core.nearest import refuse_unexpected
from novita_sdk._core.requests.environment import EnvArgument, read_envs
from novita_sdk._core.serverless.deployment import (
    FIELDS,
    NAMES,
    SIMPLE,
    idle_time_fault,
    settle_timeouts,
    take_policy,
)
from novita_sdk._core.serverless.unsupported import refuse_unsupported
from novita_sdk._core.serverless.updates import merged_envs, nothing_to_update, setting, with_health_kept
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.endpoint import EndpointHealthCheck, EndpointVolumeMount, ScalingPolicy
from novita_sdk.models.json_types import JSON
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import Unset

_CLEARABLE: Final = frozenset(
    {"command", "registry_auth", "cuda_version", "volume_mounts", "envs", "cluster_id"}
)
_PLACE: Final = {
    "name": "name",
    "minNum": "min_replicas",
    "maxNum": "max_replicas",
    "freeTimeout": "idle_timeout",
    "requestTimeout": "request_timeout",
    "maxConcurrent": "max_concurrent",
    "gpuNum": "gpu_count",
    "cudaVersion": "cuda_version",
    "image": "image",
    "command": "command",
    "rootfsSize": "rootfs_size",
    "clusterID": "cluster_id",
}
"""Where a single value stands in a record, by the names of `PLACES`."""

_SPECIAL: Final = frozenset({"envs", "envs_merge", "health", "volume_mounts", "registry_auth", "policy"})
_KNOWN: Final = (
    SIMPLE.keys() - {"policy.type", "policy.value", "health_path", "scale_up_threshold"}
) | _SPECIAL
_NEVER: Final = ("spec", "app_name")
_OPTIONAL_FIELDS: Final = tuple(attrs.evolve(field, required=False) for field in FIELDS)
_HEALTH_KEYS: Final = {
    "path": "path",
    "initial_delay": "initialDelay",
    "period": "period",
    "timeout": "timeout",
    "success_threshold": "successThreshold",
    "failure_threshold": "failureThreshold",
}


class UpdateArguments(TypedDict, total=False):
    """What can be changed. What is left out stays; None clears, where there is a "none"."""

    image: Given[str]
    registry_auth: Given[str]
    command: Given[str]
    replicas: Given[int]
    min_replicas: Given[int]
    max_replicas: Given[int]
    task_timeout: Given[float | timedelta]
    idle_timeout: Given[float | timedelta]
    request_timeout: Given[float | timedelta]
    max_concurrent: Given[int]
    gpu_count: Given[int]
    cuda_version: Given[str]
    policy: Given[ScalingPolicy]
    port: Given[int]
    health: Given[str | EndpointHealthCheck]
    envs: Given[EnvArgument]
    envs_merge: Given[Mapping[str, str | Secret | None]]
    name: Given[str]
    cluster_id: Given[str]
    volume_mounts: Given[Sequence[EndpointVolumeMount]]
    product_id: Given[str | int]
    rootfs_size: Given[int]


@attrs.frozen
class Changes:
    """The changes of an update, checked.

    Attributes:
        settings: New settings by the names of `PLACES`; None clears.
        merged: Environment variables to add, change, or (None) remove; None if the environment is not merged.
        registry_auth: Name or id of the registry login that is to be used; None if none is asked for.
        task_timeout: The idle time, if it was given by that name.
    """

    settings: Mapping[str, JSON]
    merged: Mapping[str, str | None] | None
    registry_auth: str | None
    task_timeout: int | None = None

    def over(self, base: Mapping[str, JSON]) -> dict[str, JSON]:
        """Return the new settings for a record.

        Raises:
            ValidationError: They make no sense with those the record has.
        """
        made = with_health_kept(base, self.settings)
        if self.task_timeout is not None and "request_timeout" not in made:
            longest: int | None = setting(base, "request_timeout")
            fault = idle_time_fault(self.task_timeout, longest)
            if fault is not None:
                raise ValidationError(problems=(problem("task_timeout", self.task_timeout, fault),))
        if self.merged is not None:
            made["envs"] = merged_envs(base, self.merged)
        return made


def update_changes(arguments: Mapping[str, object]) -> Changes:
    """Check the arguments of an update.

    Args:
        arguments: As `UpdateArguments`.

    Raises:
        ValidationError: Arguments are wrong, or nothing is to be changed; all problems at once.
        UnsupportedFeatureError: They are about what an update cannot change.
        TypeError: There is no such argument.
    """
    refuse_unsupported(arguments, _NEVER)
    refuse_unexpected(arguments, _KNOWN)
    given = {name: value for name, value in arguments.items() if not isinstance(value, Unset)}
    if not given:
        raise nothing_to_update()
    cleared = {name for name, value in given.items() if value is None}
    problems = [problem(name, None, "cannot be cleared") for name in sorted(cleared - _CLEARABLE)]
    settings, merged, more = _special(given)
    problems += more
    draft = Draft(_OPTIONAL_FIELDS, NAMES)
    for argument, wire_name in SIMPLE.items():
        draft.put(wire_name, given.get(argument))
    take_policy(draft, given.get("policy"))
    _settle_replicas(draft)
    settle_timeouts(draft, None)
    try:
        found = draft.finish()
    except ValidationError as error:
        raise ValidationError(problems=(*problems, *error.problems)) from None
    if problems:
        raise ValidationError(problems=tuple(problems))
    settings |= _placed(found)
    settings |= dict.fromkeys(cleared & _CLEARABLE)
    auth = given.get("registry_auth")
    return Changes(settings, merged, None if auth is None else str(auth), found.get("taskTimeout"))


def _settle_replicas(draft: Draft) -> None:
    count = draft["replicas"]
    if count is not None and (draft["minNum"] is not None or draft["maxNum"] is not None):
        draft.refuse("replicas", count, "cannot be given together with min_replicas or max_replicas")


def _placed(found: Mapping[str, JSON]) -> dict[str, JSON]:
    settings: dict[str, JSON] = {place: found[key] for key, place in _PLACE.items() if key in found}
    if "replicas" in found:
        settings |= {"min_replicas": found["replicas"], "max_replicas": found["replicas"]}
    if "taskTimeout" in found:
        settings["idle_timeout"] = found["taskTimeout"]
    if "port" in found:
        settings["port"] = [{"port": found["port"]}]
    if "policyType" in found:
        settings["policy"] = {"type": found["policyType"], "value": found["policyValue"]}
    if "productId" in found:
        settings["product_id"] = [{"id": found["productId"]}]
    return settings


def _special(
    given: Mapping[str, object],
) -> tuple[dict[str, JSON], dict[str, str | None] | None, list[Problem]]:
    """Read the arguments that are no single values."""
    settings: dict[str, JSON] = {}
    problems: list[Problem] = []
    merged: dict[str, str | None] | None = None
    if given.get("envs") is not None:
        settings["envs"], found = read_envs(given["envs"], reserved=1)
        problems += found
    if "envs_merge" in given:
        merged, found = _merge(given["envs_merge"])
        problems += found
        if "envs" in given:
            problems.append(Problem("envs_merge", "given", "cannot be given together with envs"))
    if given.get("health") is not None:
        settings["health"], found = read_health(given["health"])
        problems += found
    if given.get("volume_mounts") is not None:
        settings["volume_mounts"], found = read_volumes(given["volume_mounts"])
        problems += found
    auth = given.get("registry_auth")
    if auth is not None and not (isinstance(auth, str) and auth):
        problems.append(problem("registry_auth", auth, "must be the id or name of a stored login"))
    return settings, merged, problems


def _merge(value: object) -> tuple[dict[str, str | None], list[Problem]]:
    if not is_mapping(value):
        return {}, [problem("envs_merge", value, "must be a mapping of names to text or None", secret=True)]
    kept = {name: text for name, text in value.items() if text is not None}
    pairs, problems = read_envs(kept, reserved=1)
    merged: dict[str, str | None] = {pair["key"]: pair["value"] for pair in pairs}
    merged |= {name: None for name, text in value.items() if text is None and isinstance(name, str)}
    return merged, problems


def read_health(value: object) -> tuple[JSON, list[Problem]]:
    """Read a health check, or the path of one."""
    if isinstance(value, str):
        value = EndpointHealthCheck(path=value)
    if not isinstance(value, EndpointHealthCheck):
        return None, [problem("health", value, "must be a path or an EndpointHealthCheck")]
    if value.path is None or not value.path.startswith("/"):
        return None, [problem("health", value.path, "must have a path that begins with '/'")]
    timings = {wire: getattr(value, name) for name, wire in _HEALTH_KEYS.items()}
    return {key: entry for key, entry in timings.items() if entry is not None}, []


def read_volumes(value: object) -> tuple[JSON, list[Problem]]:
    """Read the volumes that are mounted."""
    if not is_array(value):
        return None, [problem("volume_mounts", value, "must be a list of EndpointVolumeMount")]
    volumes: list[JSON] = []
    problems: list[Problem] = []
    for index, volume in enumerate(value):
        label = f"volume_mounts[{index}]"
        if not isinstance(volume, EndpointVolumeMount):
            problems.append(problem(label, volume, "must be an EndpointVolumeMount"))
        elif volume.type is None or not volume.mount_path:
            problems.append(Problem(label, "given", "must have a type and a mount_path"))
        elif volume.type == "network" and not volume.id:
            problems.append(Problem(label, "given", "must have the id of the shared volume"))
        else:
            size = None if volume.size is None or volume.type != "local" else int(volume.size)
            parts = {"type": str(volume.type), "size": size, "id": volume.id, "mountPath": volume.mount_path}
            volumes.append({key: part for key, part in parts.items() if part is not None})
    return volumes, problems
