"""Any listing operation as a pager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.pager import AsyncPager
from novita_sdk._async.pages import AsyncPages
from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.requests.plain import query_values
from novita_sdk.options import CallOptions


def pager_of(
    caller: AsyncCaller,
    operation: Operation,
    values: Mapping[str, object],
    options: CallOptions | None,
    *,
    page_size: int = DEFAULT_PAGE_SIZE,
) -> AsyncPager[Any]:
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
    return AsyncPager(AsyncPages(caller, operation, query, options), page_size=page_size)
