"""When a list ends: one scan over the pages of a list, as a state machine without I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, cast

from novita_sdk._core.operations.operation import Paging
from novita_sdk._core.wire import problem
from novita_sdk.errors import PagingError, Problem, ValidationError
from novita_sdk.models.json_types import JSON

DEFAULT_PAGE_SIZE: Final = 100
MAX_PAGE_SIZE: Final = 100
MAX_PAGES: Final = 1000


def check_page_arguments(size: int, start: int) -> None:
    """Check the page size and first page a caller asked for.

    Raises:
        ValidationError: `page_size` is not 1-100 or `start` is below 1; both problems at once.
    """
    problems: list[Problem] = []
    for name, value, limit in (("page_size", size, MAX_PAGE_SIZE), ("start", start, None)):
        good = type(value) is int and value >= 1 and (limit is None or value <= limit)
        if not good:
            right = "must be a whole number of at least 1" if limit is None else f"must be 1-{limit}"
            problems.append(problem(name, value, right))
    if problems:
        raise ValidationError(problems=tuple(problems))


def check_limit(limit: int | None) -> None:
    """Check how many items a caller asked for.

    Raises:
        ValidationError: It is neither None nor a whole number of at least 1.
    """
    if limit is not None and (type(limit) is not int or limit < 1):
        message = "must be a whole number of at least 1, or None for all"
        raise ValidationError(problems=(problem("limit", limit, message),))


def item_key(item: JSON, id_key: str | None) -> str:
    """Return what tells an item of a list from the others: its id, else its whole content.

    Args:
        item: The item as decoded JSON.
        id_key: Key of the id in items of this list, if they have one.
    """
    if id_key is not None and isinstance(item, Mapping):
        identity = cast("Mapping[str, JSON]", item).get(id_key)
        if isinstance(identity, str | int) and identity != "":
            return f"id {identity}"
    return "json " + json.dumps(item, sort_keys=True, ensure_ascii=False, default=str)


class PageScan:
    """One walk over the pages of a list.

    Ask for `next_page`, hand the answer's keys and total to `feed`, and yield the items it names, until
    `next_page` is None.

    The walk ends at an empty page, at a page without a new item, or once as many items were seen as the
    answer says there are. If it ends with fewer, or if page 1 is empty and no total of 0 was told, the server
    may count its pages from 0: where the API allows a page 0 it is asked for once. A total that is smaller
    than what was seen is wrong and disregarded from then on. No item comes twice.

    Args:
        paging: How the operation spells its pages; None for a list that comes whole.
        size: Items asked for per page.
        start: First page wanted. A walk that starts later can prove nothing about the whole list.

    Attributes:
        total: How many items there are in all, as last told and not yet disproved.
        pages: Pages fed so far.
        page_ignored: Page 2 was full and equal to page 1: the server disregards the page parameter.
    """

    def __init__(self, paging: Paging | None, size: int = DEFAULT_PAGE_SIZE, start: int = 1) -> None:
        self.total: int | None = None
        self.pages = 0
        self.page_ignored = False
        self._paging = paging
        self._size = size
        self._start = start
        self._next: int | None = start
        self._seen: set[str] = set()
        self._first_keys: tuple[str, ...] = ()
        self._total_is_wrong = False
        self._asked_page_zero = False

    @property
    def next_page(self) -> int | None:
        """The number of the page to ask for now; None once the walk has ended.

        Raises:
            PagingError: 1000 pages were read and new items keep coming.
        """
        if self._next is not None and self.pages >= MAX_PAGES:
            raise PagingError(f"the list has not ended after {MAX_PAGES} pages of {self._size} items")
        return self._next

    @property
    def seen(self) -> int:
        """How many different items there have been so far."""
        return len(self._seen)

    @property
    def complete(self) -> bool:
        """Whether the walk has ended and, as far as can be told, missed nothing."""
        began_at_the_beginning = self._paging is None or self._start <= self._paging.first
        return (
            self._next is None
            and began_at_the_beginning
            and not self.page_ignored
            and not self._lacks_items()
        )

    def feed(self, keys: Sequence[str], total: int | None = None) -> list[int]:
        """Take in the page that was asked for.

        Args:
            keys: `item_key` of every item of the page in order, those that could not be decoded included.
            total: The total the answer tells, if any.

        Returns:
            The positions of the items that have not been seen before.
        """
        self.pages += 1
        if self._paging is None:  # nothing can overlap, and two equal bills may both be owed
            self._seen.update(f"{position} {key}" for position, key in enumerate(keys))
            self.total, self._next = len(keys), None
            return list(range(len(keys)))
        new: list[int] = []
        for position, key in enumerate(keys):
            if key not in self._seen:
                self._seen.add(key)
                new.append(position)
        self._learn_total(total)
        self._compare(tuple(keys))
        self._next = self._after(self._paging, page_is_empty=not keys, brought_new=bool(new))
        return new

    def _learn_total(self, total: int | None) -> None:
        if total is not None and not self._total_is_wrong:
            self.total = total
        if self.total is not None and self.total < self.seen:
            self._total_is_wrong, self.total = True, None

    def _compare(self, keys: tuple[str, ...]) -> None:
        if self.pages == 1:
            self._first_keys = keys
        elif self.pages == 2 and not self._asked_page_zero:
            self.page_ignored = len(keys) >= self._size and keys == self._first_keys

    def _lacks_items(self) -> bool:
        return self.total is not None and self.seen < self.total

    def _after(self, paging: Paging, *, page_is_empty: bool, brought_new: bool) -> int | None:
        if self._asked_page_zero or self._next is None:
            return None
        if not page_is_empty and brought_new and (self.total is None or self.seen < self.total):
            return self._next + 1
        page_one_is_empty = self.pages == 1 and page_is_empty and self.total != 0
        counts_from_zero = paging.zero_allowed and self._start == paging.first and not self.page_ignored
        if counts_from_zero and (self._lacks_items() or page_one_is_empty):
            self._asked_page_zero = True
            return 0
        return None
