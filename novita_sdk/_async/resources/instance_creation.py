"""Renting instances."""

from __future__ import annotations

from typing import Unpack

from novita_sdk._async.resources.instance_finding import AsyncInstanceFinding
from novita_sdk._core import operations
from novita_sdk._core.requests.instances import (
    GpuInstanceArguments,
    InstanceArguments,
    create_cpu_instance_body,
    create_instance_body,
)
from novita_sdk.models.json_types import JSON
from novita_sdk.models.results import CreatedInstance
from novita_sdk.options import CallOptions


class AsyncInstanceCreation(AsyncInstanceFinding):
    """Renting instances."""

    async def create(
        self, *, options: CallOptions | None = None, **arguments: Unpack[GpuInstanceArguments]
    ) -> CreatedInstance:
        """Rent a GPU instance; never twice, even if the answer gets lost.

        The API knows no idempotency key. So the instance carries a mark of its own (the environment variable
        `NOVITA_SDK_OPERATION_ID`); if nobody knows whether a request was carried out, the mark is looked for in
        the list for 30 seconds, and the request is never repeated blindly. Charging starts when the image is
        being pulled. Operation `create_instance`.

        Args:
            options: What this call does differently. Its deadline is 120 s unless set.
            **arguments: `product_id` (from `products.list()`) and `image_url` are needed. Further: `name`,
                `gpu_num` (1-8, default 1), `rootfs_size` (GB, 10-6144, default 60), `billing_mode` (`"onDemand"`,
                `"spot"` or `"monthly"`, with `month`), `ports` (such as `["8888/http", "22/tcp"]`), `envs` (a
                mapping), `command`, `entrypoint`, `cluster_id`, `image_auth_id`, `image_auth`, `tools` (tool to
                port), `network_storages` (volume id to mount path), `network_id`, `min_cuda_version`,
                `auto_renew`, `auto_renew_month`, `local_storage_mount_point`.

        Returns:
            The id of the instance, which is not running yet; `adopted` if it was found by its mark.

        Raises:
            ValidationError: Arguments are wrong; all problems at once, nothing was sent.
            CapacityError: The product is sold out there.
            InsufficientBalanceError: The account cannot pay.
            OutcomeUnknownError: Nothing tells whether it was made; `reconcile()` looks again.
            DuplicateCreateError: Several instances carry the mark.

        Example:
            ```python
            created = await client.gpu_instances.create(
                product_id=product.id, image_url="nginx", ports=["80/http"]
            )
            instance = await client.gpu_instances.wait(created.id)
            ```
        """
        return await self._create(create_instance_body(**arguments), options)

    async def create_cpu(
        self, *, options: CallOptions | None = None, **arguments: Unpack[InstanceArguments]
    ) -> CreatedInstance:
        """Rent a CPU instance, as safely as `create`. Operation `create_instance`.

        No CPU creation was ever seen on the live service: whether billing and disk sizes can be chosen for it is
        unknown, so they cannot be given here.

        Args:
            options: What this call does differently.
            **arguments: As for `create`, without those about GPUs, root disk, billing and renewal. `product_id`
                comes from `products.list_cpu()`.

        Returns:
            The id of the instance.

        Raises:
            NovitaError: As `create`.
        """
        return await self._create(create_cpu_instance_body(**arguments), options)

    async def _create(self, body: dict[str, JSON], options: CallOptions | None) -> CreatedInstance:
        found, context = await self._caller.create(operations.CREATE_INSTANCE, body, options)
        return CreatedInstance(id=found, operation_id=context.operation_id, adopted=context.adopted)
