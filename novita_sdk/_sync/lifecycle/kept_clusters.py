# Generated from novita_sdk/_async/lifecycle/kept_clusters.py by tools/unasync.py; edit the source.
"""The clusters, kept for a while: they hardly ever change, and every choice of a region needs them."""

from __future__ import annotations

from typing import Final

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core import operations
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.listing import pager_of
from novita_sdk._sync.pager import Pager
from novita_sdk.models.cluster import Cluster
from novita_sdk.options import CallOptions

_KEPT_FOR: Final = 600.0  # seconds


class KeptClusters:
    """The clusters, kept for ten minutes.

    Args:
        clock: Where the time comes from.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: tuple[float, tuple[Cluster, ...]] | None = None

    def get(self, caller: Caller, options: CallOptions | None) -> tuple[Cluster, ...]:
        """Return the clusters, asking for them if those kept are too old. Operation `list_clusters`.

        Args:
            caller: Makes the call.
            options: What the call does differently.
        """
        if self._kept is not None and self._clock.monotonic() < self._kept[0]:
            return self._kept[1]
        pager: Pager[Cluster] = pager_of(caller, operations.LIST_CLUSTERS, {}, options)
        found = tuple(pager.collect())
        self._kept = (self._clock.monotonic() + _KEPT_FOR, found)
        return found
