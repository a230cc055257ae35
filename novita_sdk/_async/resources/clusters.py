"""Clusters: the data centres."""

from __future__ import annotations

from novita_sdk._async.pager import AsyncPager
from novita_sdk._async.resources.resource import AsyncResource
from novita_sdk._core import operations
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk.models.cluster import Cluster
from novita_sdk.options import CallOptions


class AsyncClusters(AsyncResource):
    """Data centres, and what each of them offers."""

    def list(self, *, options: CallOptions | None = None) -> AsyncPager[Cluster]:
        """List clusters. Operation `list_clusters`.

        Args:
            options: What this call does differently.

        Returns:
            A pager over one page.
        """
        return self._pager(operations.LIST_CLUSTERS, {}, DEFAULT_PAGE_SIZE, options)
