"""Finding instances by id or name."""

from __future__ import annotations

from novita_sdk._async.resources.instance_actions import AsyncInstanceActions


class AsyncInstanceFinding(AsyncInstanceActions):
    """Finding instances."""
