"""Network storages: shared volumes of one cluster."""

from __future__ import annotations

from novita_sdk._async.pager import AsyncPager
from novita_sdk._async.resources.resource import AsyncResource, not_in_list
from novita_sdk._core import operations
from novita_sdk._core.arguments import Given, nothing_to_change
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.requests.plain import body_values
from novita_sdk._core.wire import check_id
from novita_sdk.models.network_storage import NetworkStorage
from novita_sdk.models.unset import UNSET
from novita_sdk.options import CallOptions


class AsyncNetworkStorages(AsyncResource):
    """Shared volumes. They are charged until they are deleted."""

    def list(
        self,
        *,
        storage_name: str | None = None,
        storage_id: str | None = None,
        page_size: int = DEFAULT_PAGE_SIZE,
        options: CallOptions | None = None,
    ) -> AsyncPager[NetworkStorage]:
        """List volumes. Operation `list_network_storages`.

        Args:
            storage_name: Only names like this.
            storage_id: Only this one.
            page_size: Items asked for at a time, 1-100.
            options: What these calls do differently.

        Returns:
            A pager.
        """
        values = {"storageName": storage_name, "storageId": storage_id}
        return self._pager(operations.LIST_NETWORK_STORAGES, values, page_size, options)

    async def get(self, storage_id: str | int, *, options: CallOptions | None = None) -> NetworkStorage:
        """Read one volume, out of the list filtered by its id. Operation `list_network_storages`.

        Args:
            storage_id: Its id.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such volume.
            PagingError: The list was not complete, so nothing tells whether there is one.
        """
        wanted = check_id("storage_id", storage_id)
        found = await self._search(
            operations.LIST_NETWORK_STORAGES,
            self.list(storage_id=wanted, options=options),
            "storage_id",
            wanted,
        )
        if found is None:
            raise not_in_list(operations.LIST_NETWORK_STORAGES, wanted)
        return found

    async def create(
        self, *, cluster_id: str, storage_name: str, storage_size: int, options: CallOptions | None = None
    ) -> str:
        """Create a volume. Operation `create_network_storage`.

        Args:
            cluster_id: A cluster with `support_network_storage`.
            storage_name: Its name.
            storage_size: Size in GB, at least 10.
            options: What this call does differently.

        Returns:
            The id of the volume.

        Raises:
            QuotaExceededError: It is too large.
            OutcomeUnknownError: Nothing tells whether it was made.
        """
        values = {"clusterId": cluster_id, "storageName": storage_name, "storageSize": storage_size}
        body = body_values(operations.CREATE_NETWORK_STORAGE, values)
        found, _ = await self._caller.create(operations.CREATE_NETWORK_STORAGE, body, options)
        return found

    async def update(
        self,
        storage_id: str | int,
        *,
        storage_name: Given[str] = UNSET,
        storage_size: Given[int] = UNSET,
        options: CallOptions | None = None,
    ) -> None:
        """Rename or enlarge a volume. Operation `update_network_storage`.

        The service wants name and size; what is left out is read first.

        Args:
            storage_id: Its id.
            storage_name: The new name.
            storage_size: The new size in GB; it may only grow, as far as is known.
            options: What this call does differently.

        Raises:
            ValidationError: Nothing was given to change.
            NotFoundError: There is no such volume.
        """
        if storage_name is UNSET and storage_size is UNSET:
            raise nothing_to_change("storage_name", "storage_size")
        wanted = check_id("storage_id", storage_id)
        if storage_name is UNSET or storage_size is UNSET:
            current = await self.get(wanted, options=options)
            storage_name = current.storage_name if storage_name is UNSET else storage_name
            storage_size = current.storage_size if storage_size is UNSET else storage_size
        values = {"storageId": wanted, "storageName": storage_name, "storageSize": storage_size}
        body = body_values(operations.UPDATE_NETWORK_STORAGE, values)
        await self._caller.write(operations.UPDATE_NETWORK_STORAGE, body, options)

    async def delete(
        self, storage_id: str | int, *, missing_ok: bool = False, options: CallOptions | None = None
    ) -> None:
        """Delete a volume and all data on it. Operation `delete_network_storage`.

        Args:
            storage_id: Its id.
            missing_ok: Whether it is fine if there is no such volume.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such volume, and `missing_ok` is off.
            ConflictError: An instance still mounts it.
        """
        body = {"storageId": check_id("storage_id", storage_id)}
        await self._caller.write(operations.DELETE_NETWORK_STORAGE, body, options, missing_ok=missing_ok)
