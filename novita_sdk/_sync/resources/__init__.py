# Generated from novita_sdk/_async/resources/__init__.py by tools/unasync.py; edit the source.
"""The resource classes, one module each; a module is loaded when its class is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from novita_sdk._sync.resources.billing import Billing
    from novita_sdk._sync.resources.clusters import Clusters
    from novita_sdk._sync.resources.gpu_instances import GpuInstances
    from novita_sdk._sync.resources.image_prewarms import ImagePrewarms
    from novita_sdk._sync.resources.images import Images
    from novita_sdk._sync.resources.jobs import Jobs
    from novita_sdk._sync.resources.network_storages import NetworkStorages
    from novita_sdk._sync.resources.networks import Networks
    from novita_sdk._sync.resources.products import Products
    from novita_sdk._sync.resources.registry_auths import RegistryAuths
    from novita_sdk._sync.resources.serverless_endpoints import ServerlessEndpoints
    from novita_sdk._sync.resources.templates import Templates
    from novita_sdk._sync.resources.webhooks import Webhooks

__all__ = [
    "Billing",
    "Clusters",
    "GpuInstances",
    "ImagePrewarms",
    "Images",
    "Jobs",
    "NetworkStorages",
    "Networks",
    "Products",
    "RegistryAuths",
    "ServerlessEndpoints",
    "Templates",
    "Webhooks",
]

_HOMES = {
    "Billing": "billing",
    "Clusters": "clusters",
    "GpuInstances": "gpu_instances",
    "ImagePrewarms": "image_prewarms",
    "Images": "images",
    "Jobs": "jobs",
    "NetworkStorages": "network_storages",
    "Networks": "networks",
    "Products": "products",
    "RegistryAuths": "registry_auths",
    "ServerlessEndpoints": "serverless_endpoints",
    "Templates": "templates",
    "Webhooks": "webhooks",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
