# Generated from novita_sdk/_async/resources/instance_finding.py by tools/unasync.py; edit the source.
"""Finding instances by id or name."""

from __future__ import annotations

from novita_sdk._sync.resources.instance_actions import InstanceActions


class InstanceFinding(InstanceActions):
    """Finding instances."""
