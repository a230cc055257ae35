# Generated from novita_sdk/_async/listing.py by tools/unasync.py; edit the source.
"""Any listing operation as a pager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.requests.plain import query_values
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.pager import Pager
from novita_sdk._sync.pages import Pages
from novita_sdk.options import CallOptions


def pager_of(
    caller: Caller,
    operation: Operation,
    values: Mapping[str, object],
    options: CallOptions | None,
    *,
    page_size: int = DEFAULT_PAGE_SIZE,
) -> Pager[Any]:
    """Return a pager over a list; nothing is sent yet.

    Args:
        caller: Makes the calls, one for each page.
        operation: The listing operation.
        values: Its filters by wire name; one that is None is left out.
        options: What these calls do differently.
        page_size: Items asked for at a time.

    Raises:
        ValidationError: A filter is wrong.
    """
    query = query_values(operation, values)
    return Pager(Pages(caller, operation, query, options), page_size=page_size)
