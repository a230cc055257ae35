# Generated from novita_sdk/_async/client_resources.py by tools/unasync.py; edit the source.
"""The resources of a client, each loaded at its first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from novita_sdk._sync.caller import Caller
from novita_sdk._sync.engine import Engine
from novita_sdk.options import ServerlessOptions

if TYPE_CHECKING:
    from novita_sdk._sync.resources import (
        Billing,
        Clusters,
        GpuInstances,
        ImagePrewarms,
        Images,
        Jobs,
        Networks,
        NetworkStorages,
        Products,
        RegistryAuths,
        ServerlessEndpoints,
        Templates,
    )
    from novita_sdk._sync.resources.webhooks import Webhooks


class ClientResources:
    """What a client gives access to."""

    _caller: Caller
    _engine: Engine
    _serverless: ServerlessOptions

    # The classes of a resource are loaded at its first use: a first call pays only for what it needs.

    @cached_property
    def gpu_instances(self) -> GpuInstances:
        """GPU and CPU instances."""
        from novita_sdk._sync.resources.gpu_instances import GpuInstances  # noqa: PLC0415

        return GpuInstances(self._caller, self._engine.services)

    @cached_property
    def jobs(self) -> Jobs:
        """Background jobs."""
        from novita_sdk._sync.resources.jobs import Jobs  # noqa: PLC0415

        return Jobs(self._caller, self._engine.services)

    @cached_property
    def registry_auths(self) -> RegistryAuths:
        """Logins of container registries."""
        from novita_sdk._sync.resources.registry_auths import RegistryAuths  # noqa: PLC0415

        return RegistryAuths(self._caller, self._engine.services)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Sending of webhooks."""
        from novita_sdk._sync.resources.webhooks import Webhooks  # noqa: PLC0415

        return Webhooks._of(self._engine.services)  # noqa: SLF001 - the client's own parts

    @cached_property
    def products(self) -> Products:
        """What can be rented."""
        from novita_sdk._sync.resources.products import Products  # noqa: PLC0415

        return Products(self._caller, self._engine.services)

    @cached_property
    def clusters(self) -> Clusters:
        """Data centres."""
        from novita_sdk._sync.resources.clusters import Clusters  # noqa: PLC0415

        return Clusters(self._caller, self._engine.services)

    @cached_property
    def templates(self) -> Templates:
        """Definitions of instances."""
        from novita_sdk._sync.resources.templates import Templates  # noqa: PLC0415

        return Templates(self._caller, self._engine.services)

    @cached_property
    def images(self) -> Images:
        """Saved images."""
        from novita_sdk._sync.resources.images import Images  # noqa: PLC0415

        return Images(self._caller, self._engine.services)

    @cached_property
    def image_prewarms(self) -> ImagePrewarms:
        """Images cached ahead of use."""
        from novita_sdk._sync.resources.image_prewarms import ImagePrewarms  # noqa: PLC0415

        return ImagePrewarms(self._caller, self._engine.services)

    @cached_property
    def networks(self) -> Networks:
        """Private networks."""
        from novita_sdk._sync.resources.networks import Networks  # noqa: PLC0415

        return Networks(self._caller, self._engine.services)

    @cached_property
    def network_storages(self) -> NetworkStorages:
        """Shared volumes."""
        from novita_sdk._sync.resources.network_storages import NetworkStorages  # noqa: PLC0415

        return NetworkStorages(self._caller, self._engine.services)

    @cached_property
    def serverless_endpoints(self) -> ServerlessEndpoints:
        """Serverless endpoints."""
        from novita_sdk._sync.resources.serverless_endpoints import (  # noqa: PLC0415
            ServerlessEndpoints,
        )

        return ServerlessEndpoints(self._caller, self._engine.services, self._serverless)

    @cached_property
    def billing(self) -> Billing:
        """Balance and bills."""
        from novita_sdk._sync.resources.billing import Billing  # noqa: PLC0415

        return Billing(self._caller, self._engine.services)
