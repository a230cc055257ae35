# Generated from novita_sdk/_async/resources/resource.py by tools/unasync.py; edit the source.
"""What all resource classes share."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.requests.plain import query_values
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.pager import Pager
from novita_sdk._sync.pages import Pages
from novita_sdk.options import CallOptions, Settings

POLL_OPTIONS = CallOptions(max_retries=0, total_timeout=10, priority="poll", cache="bypass")
"""A poll of a wait: one short attempt that gives way to the user's own calls."""


class Resource:
    """One group of operations; made by the client.

    Args:
        caller: Makes the calls.
        settings: The client's settings.
        rng: Where the swing of pauses comes from.
    """

    def __init__(self, caller: Caller, settings: Settings, rng: random.Random) -> None:
        self._caller = caller
        self._settings = settings
        self._rng = rng

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _pager(
        self,
        operation: Operation,
        values: Mapping[str, object],
        page_size: int,
        options: CallOptions | None,
        names: Mapping[str, str] | None = None,
    ) -> Pager[Any]:
        query = query_values(operation, values, names)
        return Pager(Pages(self._caller, operation, query, options), page_size=page_size)
