"""Several instances, or rented ones: rent, create many, stop all, cost."""

from __future__ import annotations

from novita_sdk._async.resources.instance_waits import AsyncInstanceWaits


class AsyncInstanceFleets(AsyncInstanceWaits):
    """Rentals, fleets, and what they cost."""
