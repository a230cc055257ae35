"""The clusters, kept for a while: they hardly ever change, and every choice of a region needs them."""

from __future__ import annotations

from typing import Final

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.listing import pager_of
from novita_sdk._async.pager import AsyncPager
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core import operations
from novita_sdk.models.cluster import Cluster
from novita_sdk.options import CallOptions

_KEPT_FOR: Final = 600.0  # seconds


class AsyncKeptClusters:
    """The clusters, kept for ten minutes.

    Args:
        clock: Where the time comes from.
    """

    def __init__(self, clock: AsyncClock) -> None:
        self._clock = clock
        self._kept: tuple[float, tuple[Cluster, ...]] | None = None

    async def get(self, caller: AsyncCaller, options: CallOptions | None) -> tuple[Cluster, ...]:
        """Return the clusters, asking for them if those kept are too old. Operation `list_clusters`.

        Args:
            caller: Makes the call.
            options: What the call does differently.
        """
        if self._kept is not None and self._clock.monotonic() < self._kept[0]:
            return self._kept[1]
        pager: AsyncPager[Cluster] = pager_of(caller, operations.LIST_CLUSTERS, {}, options)
        found = tuple(await pager.collect())
        self._kept = (self._clock.monotonic() + _KEPT_FOR, found)
        return found
