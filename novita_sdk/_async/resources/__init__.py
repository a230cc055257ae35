"""The resource classes, one module each."""

from __future__ import annotations

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
from novita_sdk._async.resources.templates import AsyncTemplates

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
    "AsyncTemplates",
]
