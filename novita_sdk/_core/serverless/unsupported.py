"""What the service cannot do with endpoints, and what helps instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from novita_sdk.errors import Problem, UnsupportedFeatureError
from novita_sdk.models.unset import UNSET

_COOLDOWN: Final = "the seconds of a queue policy, and idle_timeout"
_PRIORITY: Final = "max_replicas of each endpoint; there are no priorities"
_MOUNTS: Final = "serverless_endpoints.create(volume_mounts=...) with local or shared storage"
_IMAGE: Final = "an image that needs none"
_PODS: Final = "status() and get().workers"

ALTERNATIVES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "scale_up_cooldown": _COOLDOWN,
        "scale_down_cooldown": _COOLDOWN,
        "priority": _PRIORITY,
        "enable_dynamic_prio": _PRIORITY,
        "high_load_threshold": _PRIORITY,
        "priority_boost": _PRIORITY,
        "max_pending_tasks": "a look at queue.health() before queue.run()",
        "volume_mounts": _MOUNTS,
        "shm_size": _IMAGE,
        "enable_ptrace": _IMAGE,
        "logs": "the web console at https://console.novita.ai; get() names where a worker's log is",
        "list_pods": _PODS,
        "describe_pod": _PODS,
        "pod_yaml": _PODS,
        "list_pvcs": "network_storages",
        "spec": "the explicit fields of update()",
        "app_name": "a new endpoint; the name in the URL is final",
        "stats": "queue.health()",
        "drain": 'drain="off"',
    }
)
"""What is asked for, and what to do instead."""

REFUSED_BY_DEPLOY: Final = (
    *("scale_up_cooldown", "scale_down_cooldown", "priority", "enable_dynamic_prio"),
    *("high_load_threshold", "priority_boost", "max_pending_tasks"),
    *("volume_mounts", "shm_size", "enable_ptrace"),
)
"""Arguments that other tools have and the service has no setting for."""


class PlanWarning(NamedTuple):
    """Something that was asked for and left out.

    Attributes:
        feature: What was asked for.
        alternative: What helps instead.
    """

    feature: str
    alternative: str


def unsupported(features: Iterable[str]) -> UnsupportedFeatureError:
    """Return the error that names everything the service cannot do, each with what helps instead."""
    named = tuple(features)
    problems = tuple(
        Problem(feature, "given", f"the service cannot do this; instead: {ALTERNATIVES[feature]}")
        for feature in named
    )
    return UnsupportedFeatureError(
        problems=problems,
        feature=", ".join(named),
        alternative="; ".join(dict.fromkeys(ALTERNATIVES[feature] for feature in named)),
    )


def refuse_unsupported(arguments: Mapping[str, object], refused: Iterable[str] = REFUSED_BY_DEPLOY) -> None:
    """Refuse arguments the service has no setting for.

    Raises:
        UnsupportedFeatureError: Such arguments were given; all of them at once.
    """
    given = [name for name in refused if arguments.get(name, UNSET) is not UNSET]
    if given:
        raise unsupported(given)
