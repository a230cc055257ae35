"""Which attributes of an endpoint a watch compares, by the names that its events give them."""

from __future__ import annotations

from typing import Final

import attrs

from novita_sdk.models.endpoint import Endpoint, WorkerConfig

_COUNTS: Final = ("total", "live", "running", "ready", "pending")
_OF_STATUS: Final = ("state", "error", "message", "url", "min_replicas", "max_replicas", *_COUNTS)
_BOUNDS: Final = frozenset({"min_num", "max_num", "extra"})
_OF_WORKER_CONFIG: Final = tuple(
    field.name for field in attrs.fields(WorkerConfig) if field.name not in _BOUNDS
)
_OF_RECORD: Final = (
    *("name", "app_name", "policy", "image", "rootfs_size", "volume_mounts", "envs", "products"),
    *("health", "cluster_id"),
)


def watched_fields(endpoint: Endpoint) -> dict[str, object]:
    """Return what a watch compares of an endpoint.

    Args:
        endpoint: The record.

    Returns:
        State, error, message, url, the bounds and the counts of its status, and every setting, by name.
    """
    status = endpoint.status()
    config = endpoint.worker_config
    return {
        **{name: getattr(status, name) for name in _OF_STATUS},
        **{name: getattr(config, name, None) for name in _OF_WORKER_CONFIG},
        **{name: getattr(endpoint, name) for name in _OF_RECORD},
        "port": endpoint.ports[0].port if endpoint.ports else None,
    }
