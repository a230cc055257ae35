"""Deployments described by the mapping of the older provider, key by key."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, Self

import attrs

from novita_sdk._core.nearest import did_you_mean
from novita_sdk._core.serverless.unsupported import (
    ALTERNATIVES,
    REFUSED_BY_DEPLOY,
    PlanWarning,
)
from novita_sdk._core.serverless.unsupported import unsupported as unsupported_features
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError

_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "endpoint": "name",
        "specName": "spec",
        "image": "image",
        "replicas": "replicas",
        "env": "envs",
        "taskTimeout": "task_timeout",
        "minReplicas": "min_replicas",
        "maxReplicas": "max_replicas",
        "scaleUpThreshold": "scale_up_threshold",
        "scaleDownIdleTime": "idle_timeout",
        "scaleUpCooldown": "scale_up_cooldown",
        "scaleDownCooldown": "scale_down_cooldown",
        "priority": "priority",
        "enableDynamicPrio": "enable_dynamic_prio",
        "highLoadThreshold": "high_load_threshold",
        "priorityBoost": "priority_boost",
        "maxPendingTasks": "max_pending_tasks",
        "volumeMounts": "volume_mounts",
        "shmSize": "shm_size",
        "enablePtrace": "enable_ptrace",
    }
)
_REFUSED: Final = frozenset(REFUSED_BY_DEPLOY)


@attrs.frozen(kw_only=True)
class DeployRequest:
    """A deployment as `deploy` and `preview` take it in place of their arguments.

    Attributes:
        name: Name of the endpoint.
        spec: Name of the spec; None for none.
        arguments: The other arguments of `deploy`.
        warnings: What was asked for and left out.
    """

    name: str
    spec: str | None = None
    arguments: Mapping[str, object] = attrs.field(repr=lambda given: repr(sorted(given)))
    warnings: tuple[PlanWarning, ...] = ()

    @classmethod
    def from_mapping(
        cls, values: Mapping[str, object], *, unsupported: Literal["error", "warn"] = "error"
    ) -> Self:
        """Read the JSON that the older provider took.

        Explicit bounds beat `replicas`. Where `scaleDownIdleTime` is given it is after how long an idle worker
        goes, and `taskTimeout` is how long a request may take.

        Args:
            values: The mapping, with the older provider's keys.
            unsupported: What becomes of keys the service has no setting for: an error, or `warnings`.

        Raises:
            ValidationError: A key is unknown, or `endpoint` is missing.
            UnsupportedFeatureError: Keys the service has no setting for; all of them at once.
        """
        problems = _problems(values, unsupported)
        if problems:
            raise ValidationError(problems=tuple(problems))
        given = {_KEYS[key]: value for key, value in values.items() if value is not None}
        refused = [name for name in REFUSED_BY_DEPLOY if name in given]
        if refused and unsupported == "error":
            raise unsupported_features(refused)
        arguments = {key: value for key, value in given.items() if key not in _REFUSED | {"name", "spec"}}
        if arguments.keys() & {"min_replicas", "max_replicas"}:
            arguments.pop("replicas", None)
        if "idle_timeout" in arguments and "task_timeout" in arguments:
            arguments["request_timeout"] = arguments.pop("task_timeout")
        spec = given.get("spec")
        return cls(
            name=str(given["name"]),
            spec=None if spec is None else str(spec),
            arguments=arguments,
            warnings=tuple(PlanWarning(name, ALTERNATIVES[name]) for name in refused),
        )


def _problems(values: Mapping[str, object], policy: str) -> list[Problem]:
    problems = [
        problem("unsupported", policy, 'must be "error" or "warn"')
        for _ in range(policy not in {"error", "warn"})
    ]
    if values.get("endpoint") is None:
        problems.append(Problem("endpoint", "<missing>", "is required"))
    for key in values:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS) or f"; known are {', '.join(_KEYS)}"
            problems.append(Problem(key, "given", f"is not known{hint}"))
    return problems
