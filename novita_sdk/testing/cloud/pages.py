"""Pages of a list, with the paging oddities of the running service on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.settings import Quirks
from novita_sdk.testing.cloud.world import Args

T = TypeVar("T")


def page(
    quirks: Quirks,
    rows: Sequence[T],
    args: Args,
    show: Callable[[T], JSON],
    *,
    key: str,
    page_key: str = "pageNum",
    total_required: bool = False,
) -> dict[str, JSON]:
    """Return one page of `rows` as the body of an answer.

    Args:
        quirks: The oddities in force.
        rows: All rows in order.
        args: The request's arguments, with `pageSize` and the page number.
        show: Turns a row into JSON; called for the rows of the page only.
        key: The key of the list.
        page_key: The name of the page number.
        total_required: Whether the contract demands a total.
    """
    size = args.get("pageSize") or quirks.default_page_size
    if quirks.page_cap is not None:
        size = min(size, quirks.page_cap)
    number = args.get(page_key, 0)
    index = 0 if quirks.ignore_page else number if quirks.zero_based_pages else max(0, number - 1)
    start = index * max(1, size - quirks.page_overlap)
    body: dict[str, JSON] = {key: [show(row) for row in rows[start : start + size]]}
    if total_required or not quirks.omit_total:
        body["total"] = len(rows) if quirks.wrong_total is None else quirks.wrong_total
    return body


def matches(wanted: JSON, *texts: str) -> bool:
    """Tell whether a fuzzy filter, if given, lets one of `texts` pass."""
    return not wanted or any(str(wanted).lower() in text.lower() for text in texts)
