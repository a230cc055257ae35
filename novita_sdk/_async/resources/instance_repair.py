"""Making an instance anew when its own cannot be saved."""

from __future__ import annotations

from novita_sdk._async.resources.instance_fleets import AsyncInstanceFleets


class AsyncInstanceRepair(AsyncInstanceFleets):
    """Repairing instances."""
