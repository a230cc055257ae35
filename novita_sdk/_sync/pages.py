# Generated from novita_sdk/_async/pages.py by tools/unasync.py; edit the source.
"""One list as a source of pages: the walk over it, one call for each page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from novita_sdk._core.http import Request, Response
from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.page import Page
from novita_sdk._core.paging import PageScan
from novita_sdk._core.results import PageReading
from novita_sdk._sync.caller import Caller
from novita_sdk.errors import NovitaError
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions

T = TypeVar("T")


class Pages(Generic[T]):
    """One list: its operation and its query.

    Args:
        caller: Makes the calls, one for each page.
        operation: The listing operation.
        query: Its filters by wire name.
        options: The options of each call.
    """

    def __init__(
        self,
        caller: Caller,
        operation: Operation,
        query: Mapping[str, JSON],
        options: CallOptions | None,
    ) -> None:
        self.caller = caller
        self.operation = operation
        self.query = query
        self.options = options

    def walk(self, start: int, size: int) -> PageWalk[T]:
        """Begin a new walk at page `start`; nothing is sent yet."""
        return PageWalk(self, start, size)

    def __str__(self) -> str:
        return self.operation.name


class PageWalk(Generic[T]):
    """One walk over a list.

    Args:
        pages: The list.
        start: First page wanted.
        size: Items asked for at a time.

    Attributes:
        options: The options of the calls from now on.
        fallback_reason: None: there is no other source.
    """

    fallback_reason: str | None = None

    def __init__(self, pages: Pages[T], start: int, size: int) -> None:
        self.options = pages.options
        self._pages = pages
        self._operation = pages.operation
        self._size = size
        self._scan = PageScan(pages.operation.paging, size, start)

    @property
    def total(self) -> int | None:
        """How many items the service told of."""
        return self._scan.total

    @property
    def complete(self) -> bool:
        """Whether everything was read."""
        return self._scan.complete

    @property
    def source(self) -> str:
        """The family of the operation."""
        return self._operation.family

    def next(self) -> Page[T] | None:
        """Fetch and return the next page; None after the last one."""
        number: int | None = None
        try:
            number = self._scan.next_page
            return None if number is None else self._fetch(number)
        except NovitaError as error:
            error.add_context(operation=self._operation.name, family=self._operation.family)
            if self._scan.pages and number is not None:
                told = f"page {number} failed, the items of earlier pages were delivered"
                error.hint = f"{told}; {error.hint}" if error.hint else told
            raise

    def _fetch(self, number: int) -> Page[T]:
        paging = self._operation.paging
        query = dict(self._pages.query)
        if paging is not None:
            query |= {paging.page_key: number, paging.size_key: self._size}
        caller = self._pages.caller
        request = caller.request(self._operation, query, None, self.options)
        found = caller.perform(request, self._read)
        ignored = self._scan.page_ignored
        new = set(self._scan.feed(found.keys, found.reading.total))
        if self._scan.page_ignored and not ignored:
            caller.observer.page_parameter_ignored(request)
        return Page(
            items=_items_at(found, new),
            number=number,
            size=self._size,
            total=self._scan.total,
            problems=tuple(problem for problem in found.reading.problems if problem.index in new),
            source=self.source,
            correlation_id=request.context.correlation_id,
        )

    def _read(self, response: Response, request: Request) -> PageReading:
        reader = self._pages.caller.reader
        try:
            found = reader.page(response, self._operation)
        except NovitaError:
            if not self._scan.pages and reader.is_empty_list(response, self._operation):
                return PageReading.empty()
            raise
        problems = found.reading.problems
        if problems and request.context.options.strict is True:
            raise reader.odd_item(problems[0], response, self._operation)
        if problems:
            self._pages.caller.observer.items_left_out(request, problems)
        return found


def _items_at(found: PageReading, wanted: set[int]) -> tuple[Any, ...]:
    """Return the readable items at the wanted positions of the answer."""
    odd = {problem.index for problem in found.reading.problems}
    readable = (index for index in range(len(found.keys)) if index not in odd)
    return tuple(item for index, item in zip(readable, found.reading.items, strict=True) if index in wanted)
