"""One page of a list."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

from novita_sdk.models.item_problem import ItemProblem

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Page(Generic[T]):
    """One page of a list, as one request brought it.

    Attributes:
        items: The items that no earlier page of the same scan had.
        number: The page number asked for.
        size: The page size asked for.
        total: How many items there are in all, if the service says so.
        problems: Items that could not be read and are missing in `items`.
        source: Where the page came from: `public` or `internal`.
        correlation_id: The id of the request.
    """

    items: tuple[T, ...]
    number: int
    size: int
    total: int | None
    problems: tuple[ItemProblem, ...]
    source: str
    correlation_id: str

    def __len__(self) -> int:
        return len(self.items)
