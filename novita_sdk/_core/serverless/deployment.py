"""What an endpoint is deployed as: the arguments of `deploy` become the body of a create."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final, TypedDict

from novita_sdk._core.arguments import Draft, Given
from novita_sdk._core.operations.endpoints import MAX_NAME
from novita_sdk._core.operations.fields import RESERVED_PORTS
from novita_sdk._core.operations.operation import Field
from novita_sdk._core.requests.environment import EnvArgument, read_envs
from novita_sdk.models.endpoint import ScalingPolicy
from novita_sdk.models.json_types import JSON
from novita_sdk.models.serverless_spec import ServerlessSpec
from novita_sdk.models.unset import UNSET, Unset

DEFAULT_PORT: Final = 8000
DEFAULT_HEALTH_PATH: Final = "/health"
DEFAULT_ROOTFS_SIZE: Final = 100
DEFAULT_REQUEST_TIMEOUT: Final = 3600
DEFAULT_IDLE_TIMEOUT: Final = 300
DEFAULT_POLICY: Final = ("queue", 60)

_is_app_name: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?").fullmatch
_APP_NAME: Final = "lower-case letters, digits and inner hyphens"


class DeployArguments(TypedDict, total=False):
    """What can be said when an endpoint is deployed.

    Durations are seconds or a `timedelta`. `idle_timeout` and `task_timeout` are two names of one thing: after how
    long an idle worker goes. `app_name=None` lets the service choose.
    """

    image: str
    command: Given[str]
    replicas: Given[int]
    min_replicas: Given[int]
    max_replicas: Given[int]
    envs: Given[EnvArgument]
    task_timeout: Given[float | timedelta]
    idle_timeout: Given[float | timedelta]
    request_timeout: Given[float | timedelta]
    max_concurrent: Given[int]
    scale_up_threshold: Given[int]
    policy: Given[ScalingPolicy]
    gpu_count: Given[int]
    product_id: Given[str | int]
    cluster_id: Given[str]
    cuda_version: Given[str]
    rootfs_size: Given[int]
    port: Given[int]
    health_path: Given[str]
    app_name: Given[str]


def _row(name: str, kind: str, argument: str, **limits: object) -> tuple[Field, str]:
    return Field(name=name, type=kind, **limits), argument  # type: ignore[arg-type]  # the table below is right


_TABLE: Final = (
    # (what is checked, the argument it comes from)
    _row("name", "str", "name", required=True, min_length=1, max_length=MAX_NAME),
    _row("appName", "str", "app_name"),
    _row("minNum", "int", "min_replicas", min=0),
    _row("maxNum", "int", "max_replicas", min=0),
    _row("replicas", "int", "replicas", min=0),
    _row("freeTimeout", "duration", "idle_timeout", min=0),
    _row("taskTimeout", "duration", "task_timeout", min=0),
    _row("requestTimeout", "duration", "request_timeout", min=1),
    _row("maxConcurrent", "int", "max_concurrent", min=1),
    _row("gpuNum", "int", "gpu_count", min=0),
    _row("cudaVersion", "str", "cuda_version", min_length=1),
    _row("port", "int", "port", min=1, max=65535, forbidden=RESERVED_PORTS),
    _row("policyType", "str", "policy.type", enum=("queue", "concurrency")),
    _row("policyValue", "int", "policy.value", min=0),
    _row("threshold", "int", "scale_up_threshold", min=0),
    _row("image", "str", "image", required=True, min_length=1, max_length=511),
    _row("command", "str", "command", max_length=2047, secret=True),
    _row("productId", "id", "product_id", required=True, min_length=1),
    _row("rootfsSize", "int", "rootfs_size", min=0),
    _row("clusterID", "id", "cluster_id", min_length=1, max_length=255),
    _row("envs", "array", "envs"),
    _row("healthPath", "str", "health_path", min_length=1, pattern=r"/.*"),
)
FIELDS: Final = tuple(field for field, _ in _TABLE)
"""Every setting as a single value, with its limits."""

NAMES: Final = {field.name: argument for field, argument in _TABLE}
"""The argument behind each of `FIELDS`."""

SIMPLE: Final = {argument: field.name for field, argument in _TABLE if argument not in {"envs", "app_name"}}


def deployment_body(
    name: object, arguments: Mapping[str, object], spec: ServerlessSpec | None, auth_id: str | None = None
) -> dict[str, JSON]:
    """Return what is sent under `endpoint`, without the mark of the operation.

    Args:
        name: The endpoint's name.
        arguments: As `DeployArguments`; what is given here beats the spec.
        spec: What it is deployed from.
        auth_id: Id of the registry login.

    Raises:
        ValidationError: Arguments are wrong; all problems at once.
    """
    given = {key: value for key, value in arguments.items() if not isinstance(value, Unset)}
    draft = Draft(FIELDS, NAMES)
    draft.put("name", name)
    for argument, wire_name in SIMPLE.items():
        draft.put(wire_name, given.get(argument))
    take_policy(draft, given.get("policy"))
    _take_app_name(draft, name, given)
    envs, problems = read_envs(given.get("envs"), reserved=1)
    draft.place("envs", envs, problems)
    _take_spec(draft, given, spec)
    _settle_replicas(draft)
    settle_timeouts(draft)
    return _endpoint(draft.finish(), auth_id)


_BOUNDS: Final = ("min_replicas", "max_replicas")
_SETTINGS: Final = {
    **dict.fromkeys(("replicas", *_BOUNDS), _BOUNDS),
    "task_timeout": ("idle_timeout",),
    "scale_up_threshold": ("policy",),
    "health_path": ("health",),
}
"""Settings of a record that an argument of another name decides."""


def given_settings(arguments: Mapping[str, object], spec: ServerlessSpec | None) -> frozenset[str]:
    """Return the names of the settings that a deployment says something about.

    Args:
        arguments: As for `deployment_body`.
        spec: The same.
    """
    given = {name for name, value in arguments.items() if value is not None and value is not UNSET}
    given |= {argument for argument, value in _of_spec(spec) if value is not None}
    return frozenset(name for argument in given for name in _SETTINGS.get(argument, (argument,)))


def take_policy(draft: Draft, policy: object) -> None:
    """Take a scaling policy, which a threshold is a short form of."""
    if policy is None:
        return
    if not isinstance(policy, ScalingPolicy):
        draft.refuse(
            "policyType", policy, "must be a ScalingPolicy, such as ScalingPolicy(type='queue', value=60)"
        )
        return
    if draft["threshold"] is not None:
        draft.refuse("threshold", draft["threshold"], "cannot be given together with policy")
    for name, value in (("policyType", policy.type), ("policyValue", policy.value)):
        if value is None:
            draft.refuse(name, value, "must be given: a policy has a type and a value")
        draft.put(name, value)


def _take_app_name(draft: Draft, name: object, given: Mapping[str, object]) -> None:
    if "app_name" in given and given["app_name"] is None:
        return
    wanted = given.get("app_name", name)
    if not isinstance(wanted, str) or not _is_app_name(wanted):
        if "app_name" in given:
            draft.refuse("appName", wanted, f"must be {_APP_NAME}")
        elif isinstance(wanted, str):
            draft.refuse(
                "appName",
                UNSET,
                f"must be given, since the name is not {_APP_NAME}; None lets the service choose",
            )
        return
    draft.put("appName", wanted)


def _take_spec(draft: Draft, given: Mapping[str, object], spec: ServerlessSpec | None) -> None:
    for argument, value in _of_spec(spec):
        if given.get(argument) is None:
            draft.put(SIMPLE[argument], value)


def _of_spec(spec: ServerlessSpec | None) -> tuple[tuple[str, object], ...]:
    """Return the arguments that a spec stands for."""
    if spec is None:
        return ()
    return (
        ("product_id", spec.product_id),
        ("cluster_id", spec.region),
        ("cuda_version", spec.cuda_version),
        ("gpu_count", spec.gpu_num),
        ("rootfs_size", spec.rootfs_size),
    )


def _settle_replicas(draft: Draft) -> None:
    """An implied maximum would be an implied bill, so a minimum alone is refused."""
    count, least, most = draft["replicas"], draft["minNum"], draft["maxNum"]
    if count is not None and (least is not None or most is not None):
        draft.refuse("replicas", count, "cannot be given together with min_replicas or max_replicas")
    elif least is not None and most is None:
        draft.refuse("maxNum", UNSET, "must be given with min_replicas: it decides what may be billed")
    elif least is not None and most is not None and int(least) > int(most):
        draft.refuse("minNum", least, f"must be at most max_replicas ({most})")


def settle_timeouts(draft: Draft, usual: int | None = DEFAULT_REQUEST_TIMEOUT) -> None:
    """Refuse two words for one setting, and the one that is taken for another.

    Args:
        draft: The settings.
        usual: How long a request may take unless that is said; None if only a record tells.
    """
    idle, task, request = draft["freeTimeout"], draft["taskTimeout"], draft["requestTimeout"]
    if idle is not None and task is not None and idle != task:
        draft.refuse("freeTimeout", idle, f"is the same setting as task_timeout ({task}); give one of them")
    longest = usual if request is None else int(request)
    fault = None if task is None else idle_time_fault(int(task), longest)
    if fault is not None:
        draft.refuse("taskTimeout", task, fault)


def idle_time_fault(seconds: int, longest: int | None) -> str | None:
    """Return what is wrong with a task timeout that is longer than a request may take: it was taken for that."""
    if longest is None or seconds <= longest:
        return None
    return (
        f"is after how long an idle worker goes; how long a request may take ({longest} s) is request_timeout"
    )


def _endpoint(found: Mapping[str, JSON], auth_id: str | None) -> dict[str, JSON]:
    least, most = found.get("minNum"), found.get("maxNum")
    if most is None:
        least = most = found.get("replicas", 1)
    elif least is None:
        least = 0
    idle = found.get("freeTimeout", found.get("taskTimeout", DEFAULT_IDLE_TIMEOUT))
    policy_type, policy_value = (
        found.get("policyType", DEFAULT_POLICY[0]),
        found.get("policyValue", DEFAULT_POLICY[1]),
    )
    if "threshold" in found:
        policy_type, policy_value = "concurrency", found["threshold"]
    config: dict[str, JSON] = {
        "minNum": least,
        "maxNum": most,
        "freeTimeout": idle,
        "maxConcurrent": found.get("maxConcurrent", 1),
        "gpuNum": found.get("gpuNum", 1),
        "requestTimeout": found.get("requestTimeout", DEFAULT_REQUEST_TIMEOUT),
        **_some(cudaVersion=found.get("cudaVersion")),
    }
    return {
        "name": found["name"],
        **_some(appName=found.get("appName")),
        "workerConfig": config,
        "ports": [{"port": found.get("port", DEFAULT_PORT)}],
        "policy": {"type": policy_type, "value": policy_value},
        "image": {"image": found["image"], **_some(authId=auth_id, command=found.get("command"))},
        "products": [{"id": found["productId"]}],
        "rootfsSize": found.get("rootfsSize", DEFAULT_ROOTFS_SIZE),
        **_some(clusterID=found.get("clusterID")),
        "envs": found["envs"],
        "healthy": {"path": found.get("healthPath", DEFAULT_HEALTH_PATH)},
    }


def _some(**values: JSON) -> dict[str, JSON]:
    return {key: value for key, value in values.items() if value is not None}


def with_numbers_as_text(endpoint: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return a body in which the numbers that the service itself shows as text are text."""
    spelled = dict(endpoint)
    for block, keys in (("workerConfig", ("freeTimeout", "maxConcurrent")), ("policy", ("value",))):
        if block in endpoint:
            spelled[block] = _as_text(endpoint[block], keys)
    if "ports" in endpoint:
        spelled["ports"] = [_as_text(port, ("port",)) for port in endpoint["ports"]]
    return spelled


def _as_text(block: Mapping[str, JSON], keys: Collection[str]) -> dict[str, JSON]:
    return {key: str(value) if key in keys and value is not None else value for key, value in block.items()}
