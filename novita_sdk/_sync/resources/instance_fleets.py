# Generated from novita_sdk/_async/resources/instance_fleets.py by tools/unasync.py; edit the source.
"""Several instances, or rented ones: rent, create many, stop all, cost."""

from __future__ import annotations

from novita_sdk._sync.resources.instance_waits import InstanceWaits


class InstanceFleets(InstanceWaits):
    """Rentals, fleets, and what they cost."""
