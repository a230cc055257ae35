"""Instances: rent, find, start, stop, change, give back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, Unpack

from novita_sdk._async.pager import AsyncPager
from novita_sdk._async.resources.instance_actions import instance_id
from novita_sdk._async.resources.instance_repair import AsyncInstanceRepair
from novita_sdk._async.resources.resource import as_told
from novita_sdk._core import operations
from novita_sdk._core.arguments import Given
from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.requests.instances import (
    UpgradeArguments,
    edit_instance_body,
    upgrade_body,
    upgrade_changes,
)
from novita_sdk._core.requests.plain import body_values
from novita_sdk._core.requests.ports import PortArgument
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON
from novita_sdk.models.results import MigrationResult
from novita_sdk.models.unset import UNSET
from novita_sdk.options import CallOptions

Ports: TypeAlias = list[PortArgument] | tuple[PortArgument, ...]


class AsyncGpuInstances(AsyncInstanceRepair):
    """GPU and CPU instances. Wherever an instance is meant, its id or an `Instance` may be given."""

    def list(
        self,
        *,
        name: str | None = None,
        product_name: str | None = None,
        status: InstanceStatus | str | None = None,
        page_size: int = DEFAULT_PAGE_SIZE,
        options: CallOptions | None = None,
    ) -> AsyncPager[Instance]:
        """List instances, GPU and CPU. Operation `list_instances`.

        Removed instances may linger in the list. An account without any may be answered "not found"; that is an
        empty list.

        Args:
            name: Only names like this (the service matches fuzzily).
            product_name: Only products like this.
            status: Only this status.
            page_size: Items asked for at a time, 1-100.
            options: What these calls do differently.

        Returns:
            A pager; nothing is sent before it is iterated.
        """
        values = {"name": name, "productName": product_name, "status": status}
        return self._pager(operations.LIST_INSTANCES, values, page_size, options)

    async def edit(
        self,
        instance: str | int | Instance,
        *,
        ports: Given[Ports] = UNSET,
        expand_root_disk: Given[int] = UNSET,
        options: CallOptions | None = None,
    ) -> None:
        """Change the exposed ports, or enlarge the root disk. Operation `edit_instance`.

        Whether `ports` replaces the old list is not documented; it is sent whole, so that both readings agree.
        Enlarging is an increment: it is never sent twice, but read back if the answer gets lost.

        Args:
            instance: The instance.
            ports: All ports to expose from now on, such as `["80/http"]`; None for none.
            expand_root_disk: GB to add.
            options: What this call does differently.

        Raises:
            ValidationError: Arguments are wrong, or nothing was given to change.
            OutcomeUnknownError: Nothing tells whether the disk has grown.
        """
        body = edit_instance_body(instance_id(instance), ports=ports, expand_root_disk=expand_root_disk)
        await self._caller.write(operations.EDIT_INSTANCE, body, options)

    async def upgrade(
        self,
        instance: str | int | Instance,
        *,
        save: bool = True,
        options: CallOptions | None = None,
        **changes: Unpack[UpgradeArguments],
    ) -> None:
        """Recreate the container with another image, command, environment or volumes. Operation `upgrade_instance`.

        The service wants everything sent, also what stays; so the instance is read first and the changes are laid
        over it. Data on the system disk is lost unless `save` is on.

        Args:
            instance: The instance.
            save: Whether the data of the old container is kept.
            options: What this call does differently.
            **changes: `image_url`, `image_auth_id`, `envs`, `command`, `entrypoint`, `volume_mounts` (volume id to
                mount path). What is left out stays; None clears.

        Raises:
            ValidationError: Arguments are wrong, or nothing was given to change.
            OutcomeUnknownError: Nothing tells whether it was carried out.
        """
        wanted = upgrade_changes(**changes)
        query: dict[str, JSON] = {"instanceId": instance_id(instance)}
        operation = operations.UPGRADE_INSTANCE
        request = self._caller.request(operation, None, {}, options)
        current = await self._caller.document(
            operations.GET_INSTANCE, query=query, options=options, parent=request.context
        )
        body = upgrade_body(current, wanted, save=save)
        await self._caller.write(operation, body, options, parent=request.context)

    async def migrate(
        self, instance: str | int | Instance, *, options: CallOptions | None = None
    ) -> MigrationResult:
        """Move an instance to another node. **Its system and local disks are lost.** Operation `migrate_instance`.

        Meant for reclaimed spot instances and failing nodes. It runs as a job: see `jobs.list(type="instanceMigrate")`.

        Args:
            instance: The instance.
            options: What this call does differently.

        Returns:
            What the service said; no answer is documented, so every field may be None.

        Raises:
            CapacityError: No node has room.
            OutcomeUnknownError: Nothing tells whether it was carried out.
        """
        wanted = instance_id(instance)
        body: dict[str, JSON] = {"instanceId": wanted}
        self._services.own_changes.note(wanted, "migrate", self._caller.clock.monotonic())
        answer, context = await self._caller.write(operations.MIGRATE_INSTANCE, body, options)
        told = as_told(MigrationResult, answer)
        return MigrationResult(
            message=told.message,
            new_instance_id=told.new_instance_id,
            instance_id=told.instance_id,
            error=told.error,
            operation_id=context.operation_id,
            settled=context.settled,
            extra=told.extra,
        )

    async def renew(
        self, instance: str | int | Instance, *, month: int, options: CallOptions | None = None
    ) -> None:
        """Prolong a subscription; this charges money and is never sent twice. Operation `renew_instance`.

        Args:
            instance: The instance.
            month: Months to add, at least 1.
            options: What this call does differently.

        Raises:
            InsufficientBalanceError: The account cannot pay.
            OutcomeUnknownError: Nothing tells whether it was carried out.
        """
        await self._plain(operations.RENEW_INSTANCE, options, instanceId=instance_id(instance), month=month)

    async def convert_to_monthly(
        self, instance: str | int | Instance, *, month: int, options: CallOptions | None = None
    ) -> None:
        """Turn a pay-as-you-go instance into a subscription; this cannot be undone.

        Operation `convert_instance_to_monthly`.

        Args:
            instance: The instance.
            month: Term in months, at least 1.
            options: What this call does differently.

        Raises:
            InsufficientBalanceError: The account cannot pay.
            OutcomeUnknownError: Nothing tells whether it was carried out.
        """
        await self._plain(
            operations.CONVERT_INSTANCE_TO_MONTHLY, options, instanceId=instance_id(instance), month=month
        )

    async def set_auto_renew(
        self,
        instances: Sequence[str | int | Instance],
        *,
        auto_renew: bool,
        auto_renew_month: int = 1,
        options: CallOptions | None = None,
    ) -> None:
        """Switch automatic renewal of subscriptions on or off. Operation `set_auto_renew`.

        Args:
            instances: The instances, at least one.
            auto_renew: On or off.
            auto_renew_month: Months of each renewal, 1-12.
            options: What this call does differently.
        """
        if not isinstance(instances, list | tuple):  # of a text each character would be taken for an id
            raise ValidationError(problems=(problem("instances", instances, "must be a list of instances"),))
        values = {
            "instanceIds": [instance_id(item) for item in instances],
            "autoRenew": auto_renew,
            "autoRenewMonth": auto_renew_month,
        }
        body = body_values(operations.SET_AUTO_RENEW, values, {"instanceIds": "instances"})
        await self._caller.write(operations.SET_AUTO_RENEW, body, options)

    async def set_auto_migrate(
        self,
        instance: str | int | Instance,
        *,
        auto_migrate_open: bool,
        auto_migrate_system_disk: bool = False,
        options: CallOptions | None = None,
    ) -> None:
        """Let the platform move the instance by itself when its node fails. Operation `set_auto_migrate`.

        Args:
            instance: The instance.
            auto_migrate_open: On or off.
            auto_migrate_system_disk: Whether the system disk moves along.
            options: What this call does differently.
        """
        await self._plain(
            operations.SET_AUTO_MIGRATE,
            options,
            instanceId=instance_id(instance),
            autoMigrateOpen=auto_migrate_open,
            autoMigrateSystemDisk=auto_migrate_system_disk,
        )

    async def save_image(
        self,
        instance: str | int | Instance,
        *,
        image: str,
        registry_auth_id: str | int | None = None,
        options: CallOptions | None = None,
    ) -> str:
        """Save the container as an image and push it. Operation `save_image`.

        Args:
            instance: The instance.
            image: Target with registry and tag, such as `"registry.example.com/team/app:v1"`.
            registry_auth_id: Id of a stored registry login for the push.
            options: What this call does differently.

        Returns:
            The id of the job; follow it with `jobs.wait`.

        Raises:
            OutcomeUnknownError: Nothing tells whether the job was started.
        """
        values = {"instanceId": instance_id(instance), "image": image, "registryAuthId": registry_auth_id}
        body = body_values(operations.SAVE_IMAGE, values)
        job_id, _ = await self._caller.create(operations.SAVE_IMAGE, body, options)
        return job_id

    async def _plain(self, operation: Operation, options: CallOptions | None, **values: object) -> None:
        await self._caller.write(operation, body_values(operation, values), options)
