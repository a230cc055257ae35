"""Serverless endpoints: deploy, scale, watch and call."""

from __future__ import annotations

from typing import cast

from novita_sdk._async.pager import AsyncPager
from novita_sdk._async.resources.resource import AsyncResource
from novita_sdk._core import operations
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.requests.plain import body_values
from novita_sdk._core.wire import check_id
from novita_sdk.models.endpoint import Endpoint, EndpointLimits
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions


class AsyncServerlessEndpoints(AsyncResource):
    """Serverless endpoints."""

    async def limits(self, *, options: CallOptions | None = None) -> EndpointLimits:
        """Read between what bounds endpoints may be set. Operation `get_endpoint_limits`.

        Args:
            options: What this call does differently.
        """
        found = await self._caller.single(operations.GET_ENDPOINT_LIMITS, options=options)
        return cast("EndpointLimits", found)

    def list(
        self, *, page_size: int = DEFAULT_PAGE_SIZE, options: CallOptions | None = None
    ) -> AsyncPager[Endpoint]:
        """List endpoints with their workers. Operation `list_endpoints`.

        Args:
            page_size: Items asked for at a time, 1-100.
            options: What these calls do differently.

        Returns:
            A pager; nothing is sent before it is iterated.
        """
        return self._pager(operations.LIST_ENDPOINTS, {}, page_size, options)

    async def get(self, endpoint_id: str | int, *, options: CallOptions | None = None) -> Endpoint:
        """Read one endpoint. Operation `get_endpoint`.

        Args:
            endpoint_id: Its id.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such endpoint.
        """
        query: dict[str, JSON] = {"id": check_id("endpoint_id", endpoint_id)}
        found = await self._caller.single(operations.GET_ENDPOINT, query=query, options=options)
        return cast("Endpoint", found)

    async def drain_worker(
        self, worker_id: str | int, *, drain: bool = True, options: CallOptions | None = None
    ) -> None:
        """Let a worker take no more work, or let it take work again. Operation `drain_worker`.

        The route is not documented; one client is known to use it.

        Args:
            worker_id: The worker.
            drain: True to drain it, False to take that back.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such worker.
        """
        body = body_values(operations.DRAIN_WORKER, {"workerID": worker_id, "drain": drain})
        await self._caller.write(operations.DRAIN_WORKER, body, options)
