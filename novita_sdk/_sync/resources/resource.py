# Generated from novita_sdk/_async/resources/resource.py by tools/unasync.py; edit the source.
"""What all resource classes share."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, TypeVar

from novita_sdk._core.codec import DecodeFailure, structure
from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.requests.plain import query_values
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.pager import Pager
from novita_sdk._sync.pages import Pages
from novita_sdk.models.base import Model
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions, Settings

M = TypeVar("M", bound=Model)


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
    ) -> Pager[Any]:
        query = query_values(operation, values)
        return Pager(Pages(self._caller, operation, query, options), page_size=page_size)


def as_told(model: type[M], answer: JSON) -> M:
    """Read what the service said to a write; the write is done, also where the words for it are unreadable."""
    try:
        return structure(model, answer)
    except DecodeFailure:
        return model()
