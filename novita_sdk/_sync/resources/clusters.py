# Generated from novita_sdk/_async/resources/clusters.py by tools/unasync.py; edit the source.
"""Clusters: the data centres."""

from __future__ import annotations

from novita_sdk._core import operations
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._sync.pager import Pager
from novita_sdk._sync.resources.resource import Resource
from novita_sdk.models.cluster import Cluster
from novita_sdk.options import CallOptions


class Clusters(Resource):
    """Data centres, and what each of them offers."""

    def list(self, *, options: CallOptions | None = None) -> Pager[Cluster]:
        """List clusters. Operation `list_clusters`.

        Args:
            options: What this call does differently.

        Returns:
            A pager over one page.
        """
        return self._pager(operations.LIST_CLUSTERS, {}, DEFAULT_PAGE_SIZE, options)
