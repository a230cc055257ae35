# Generated from novita_sdk/_async/resources/networks.py by tools/unasync.py; edit the source.
"""Networks: private networks between instances of one cluster."""

from __future__ import annotations

from typing import cast

from novita_sdk._core import operations
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.requests.plain import body_values
from novita_sdk._core.wire import check_id
from novita_sdk._sync.pager import Pager
from novita_sdk._sync.resources.resource import Resource
from novita_sdk.models.json_types import JSON
from novita_sdk.models.network import Network
from novita_sdk.options import CallOptions


class Networks(Resource):
    """VPC networks."""

    def list(
        self,
        *,
        name: str | None = None,
        creators: str | None = None,
        page_size: int = DEFAULT_PAGE_SIZE,
        options: CallOptions | None = None,
    ) -> Pager[Network]:
        """List networks. Operation `list_networks`.

        Args:
            name: Only names like this (fuzzy).
            creators: Only those of this user id.
            page_size: Items asked for at a time, 1-100.
            options: What these calls do differently.

        Returns:
            A pager.
        """
        return self._pager(operations.LIST_NETWORKS, {"name": name, "creators": creators}, page_size, options)

    def get(self, network_id: str | int, *, options: CallOptions | None = None) -> Network:
        """Read one network. Operation `get_network`.

        Args:
            network_id: Its id.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such network.
        """
        query: dict[str, JSON] = {"networkId": check_id("network_id", network_id)}
        found = self._caller.single(operations.GET_NETWORK, query=query, options=options)
        return cast("Network", found)

    def create(self, *, cluster_id: str, name: str | None = None, options: CallOptions | None = None) -> str:
        """Create a network in one cluster. Operation `create_network`.

        The live service does not tell the id, so the list is read before and after.

        Args:
            cluster_id: A cluster with `support_instance_network`.
            name: Its name, at most 30 characters.
            options: What this call does differently.

        Returns:
            The id of the network, whose state goes from creating to ready.

        Raises:
            QuotaExceededError: There are too many networks.
            OutcomeUnknownError: Nothing tells whether it was made.
        """
        body = body_values(operations.CREATE_NETWORK, {"clusterId": cluster_id, "name": name})
        found, _ = self._caller.create(operations.CREATE_NETWORK, body, options)
        return found

    def update(self, network_id: str | int, *, name: str, options: CallOptions | None = None) -> None:
        """Rename a network. Operation `update_network`.

        Args:
            network_id: Its id.
            name: The new name, 1-30 characters.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such network.
        """
        values = {"networkId": check_id("network_id", network_id), "name": name}
        self._caller.write(operations.UPDATE_NETWORK, body_values(operations.UPDATE_NETWORK, values), options)

    def delete(
        self, network_id: str | int, *, missing_ok: bool = False, options: CallOptions | None = None
    ) -> None:
        """Delete an empty network. Operation `delete_network`.

        Args:
            network_id: Its id.
            missing_ok: Whether it is fine if there is no such network.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such network, and `missing_ok` is off.
            ConflictError: Instances are still in it.
        """
        body = {"networkId": check_id("network_id", network_id)}
        self._caller.write(operations.DELETE_NETWORK, body, options, missing_ok=missing_ok)
