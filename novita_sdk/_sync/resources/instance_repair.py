# Generated from novita_sdk/_async/resources/instance_repair.py by tools/unasync.py; edit the source.
"""Making an instance anew when its own cannot be saved."""

from __future__ import annotations

from novita_sdk._sync.resources.instance_fleets import InstanceFleets


class InstanceRepair(InstanceFleets):
    """Repairing instances."""
