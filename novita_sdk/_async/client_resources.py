"""The resources of a client, each loaded at its first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.engine import AsyncEngine
from novita_sdk.options import ServerlessOptions

if TYPE_CHECKING:
    from novita_sdk._async.resources import (
        AsyncBilling,
        AsyncClusters,
        AsyncGpuInstances,
        AsyncImagePrewarms,
        AsyncImages,
        AsyncJobs,
        AsyncNetworks,
        AsyncNetworkStorages,
        AsyncProducts,
        AsyncRegistryAuths,
        AsyncServerlessEndpoints,
        AsyncTemplates,
    )
    from novita_sdk._async.resources.webhooks import AsyncWebhooks


class AsyncClientResources:
    """What a client gives access to."""

    _caller: AsyncCaller
    _engine: AsyncEngine
    _serverless: ServerlessOptions

    # The classes of a resource are loaded at its first use: a first call pays only for what it needs.

    @cached_property
    def gpu_instances(self) -> AsyncGpuInstances:
        """GPU and CPU instances."""
        from novita_sdk._async.resources.gpu_instances import AsyncGpuInstances  # noqa: PLC0415

        return AsyncGpuInstances(self._caller, self._engine.services)

    @cached_property
    def jobs(self) -> AsyncJobs:
        """Background jobs."""
        from novita_sdk._async.resources.jobs import AsyncJobs  # noqa: PLC0415

        return AsyncJobs(self._caller, self._engine.services)

    @cached_property
    def registry_auths(self) -> AsyncRegistryAuths:
        """Logins of container registries."""
        from novita_sdk._async.resources.registry_auths import AsyncRegistryAuths  # noqa: PLC0415

        return AsyncRegistryAuths(self._caller, self._engine.services)

    @cached_property
    def webhooks(self) -> AsyncWebhooks:
        """Sending of webhooks."""
        from novita_sdk._async.resources.webhooks import AsyncWebhooks  # noqa: PLC0415

        return AsyncWebhooks._of(self._engine.services)  # noqa: SLF001 - the client's own parts

    @cached_property
    def products(self) -> AsyncProducts:
        """What can be rented."""
        from novita_sdk._async.resources.products import AsyncProducts  # noqa: PLC0415

        return AsyncProducts(self._caller, self._engine.services)

    @cached_property
    def clusters(self) -> AsyncClusters:
        """Data centres."""
        from novita_sdk._async.resources.clusters import AsyncClusters  # noqa: PLC0415

        return AsyncClusters(self._caller, self._engine.services)

    @cached_property
    def templates(self) -> AsyncTemplates:
        """Definitions of instances."""
        from novita_sdk._async.resources.templates import AsyncTemplates  # noqa: PLC0415

        return AsyncTemplates(self._caller, self._engine.services)

    @cached_property
    def images(self) -> AsyncImages:
        """Saved images."""
        from novita_sdk._async.resources.images import AsyncImages  # noqa: PLC0415

        return AsyncImages(self._caller, self._engine.services)

    @cached_property
    def image_prewarms(self) -> AsyncImagePrewarms:
        """Images cached ahead of use."""
        from novita_sdk._async.resources.image_prewarms import AsyncImagePrewarms  # noqa: PLC0415

        return AsyncImagePrewarms(self._caller, self._engine.services)

    @cached_property
    def networks(self) -> AsyncNetworks:
        """Private networks."""
        from novita_sdk._async.resources.networks import AsyncNetworks  # noqa: PLC0415

        return AsyncNetworks(self._caller, self._engine.services)

    @cached_property
    def network_storages(self) -> AsyncNetworkStorages:
        """Shared volumes."""
        from novita_sdk._async.resources.network_storages import AsyncNetworkStorages  # noqa: PLC0415

        return AsyncNetworkStorages(self._caller, self._engine.services)

    @cached_property
    def serverless_endpoints(self) -> AsyncServerlessEndpoints:
        """Serverless endpoints."""
        from novita_sdk._async.resources.serverless_endpoints import (  # noqa: PLC0415
            AsyncServerlessEndpoints,
        )

        return AsyncServerlessEndpoints(self._caller, self._engine.services, self._serverless)

    @cached_property
    def billing(self) -> AsyncBilling:
        """Balance and bills."""
        from novita_sdk._async.resources.billing import AsyncBilling  # noqa: PLC0415

        return AsyncBilling(self._caller, self._engine.services)
