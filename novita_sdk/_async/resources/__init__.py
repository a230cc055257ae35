"""The resource classes, one module each; a module is loaded when its class is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from novita_sdk._async.resources.billing import AsyncBilling
    from novita_sdk._async.resources.clusters import AsyncClusters
    from novita_sdk._async.resources.gpu_instances import AsyncGpuInstances
    from novita_sdk._async.resources.image_prewarms import AsyncImagePrewarms
    from novita_sdk._async.resources.images import AsyncImages
    from novita_sdk._async.resources.jobs import AsyncJobs
    from novita_sdk._async.resources.network_storages import AsyncNetworkStorages
    from novita_sdk._async.resources.networks import AsyncNetworks
    from novita_sdk._async.resources.products import AsyncProducts
    from novita_sdk._async.resources.registry_auths import AsyncRegistryAuths
    from novita_sdk._async.resources.serverless_endpoints import AsyncServerlessEndpoints
    from novita_sdk._async.resources.templates import AsyncTemplates
    from novita_sdk._async.resources.webhooks import AsyncWebhooks

__all__ = [
    "AsyncBilling",
    "AsyncClusters",
    "AsyncGpuInstances",
    "AsyncImagePrewarms",
    "AsyncImages",
    "AsyncJobs",
    "AsyncNetworkStorages",
    "AsyncNetworks",
    "AsyncProducts",
    "AsyncRegistryAuths",
    "AsyncServerlessEndpoints",
    "AsyncTemplates",
    "AsyncWebhooks",
]

_HOMES = {
    "AsyncBilling": "billing",
    "AsyncClusters": "clusters",
    "AsyncGpuInstances": "gpu_instances",
    "AsyncImagePrewarms": "image_prewarms",
    "AsyncImages": "images",
    "AsyncJobs": "jobs",
    "AsyncNetworkStorages": "network_storages",
    "AsyncNetworks": "networks",
    "AsyncProducts": "products",
    "AsyncRegistryAuths": "registry_auths",
    "AsyncServerlessEndpoints": "serverless_endpoints",
    "AsyncTemplates": "templates",
    "AsyncWebhooks": "webhooks",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
