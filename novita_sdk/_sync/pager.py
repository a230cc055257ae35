# Generated from novita_sdk/_async/pager.py by tools/unasync.py; edit the source.
"""Lists: one lazy, re-iterable object per list call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, Self, TypeVar, overload

from novita_sdk._core.page import Page
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE, check_limit, check_page_arguments
from novita_sdk.errors import NotFoundError, PagingError
from novita_sdk.models.item_problem import ItemProblem

T = TypeVar("T")
D = TypeVar("D")


class Walk(Protocol[T]):
    """One scan over a list."""

    @property
    def total(self) -> int | None:
        """How many items there are, as far as the service told."""
        ...

    @property
    def complete(self) -> bool:
        """Whether everything was read."""
        ...

    @property
    def source(self) -> str:
        """Where the pages come from."""
        ...

    @property
    def fallback_reason(self) -> str | None:
        """Why it left its first source."""
        ...

    def next(self) -> Page[T] | None:
        """Fetch and return the next page; None after the last one."""
        ...


class PageSource(Protocol[T]):
    """A list that can be walked over."""

    def walk(self, start: int, size: int) -> Walk[T]:
        """Begin a new walk at page `start`; nothing is sent yet."""
        ...

    def __str__(self) -> str: ...


class Pager(Generic[T]):
    """A list that is fetched page by page while it is iterated, anew each time.

    Making it sends nothing, and nothing is fetched ahead. `total`, `problems` and `source` tell of the last scan
    that was begun, and are None before it.

    Example:
        ```python
        for instance in client.gpu_instances.list():
            print(instance.id, instance.status)
        ```
    """

    def __init__(self, source: PageSource[T], *, page_size: int = DEFAULT_PAGE_SIZE) -> None:
        check_page_arguments(page_size, 1)
        self._source = source
        self._page_size = page_size
        self._last: _Pages[T] | None = None

    def __iter__(self) -> Iterator[T]:
        return _Items(self._scan(1))

    def pages(self, start: int = 1) -> Iterator[Page[T]]:
        """Iterate pages instead of items.

        Args:
            start: Number of the first page wanted, from 1.

        Returns:
            An iterator of `Page`s, one for each request. It raises what a request raises, then; items already
            delivered stay good. A list that does not end within 1000 pages is a `PagingError`.

        Raises:
            ValidationError: `start` is no positive whole number.
        """
        check_page_arguments(self._page_size, start)
        return self._scan(start)

    @overload
    def first(self) -> T | None: ...

    @overload
    def first(self, default: D) -> T | D: ...

    def first(self, default: object = None) -> object:
        """Return the first item, or `default` if there is none; asks for one page only if that is not empty."""
        for item in self:
            return item
        return default

    def one(self) -> T:
        """Return the only item.

        Raises:
            NotFoundError: There is none.
            PagingError: There is more than one.
        """
        found = self.collect(limit=2)
        if not found:
            raise NotFoundError(f"{self._source} is empty, one item was expected", status_hint=404)
        if len(found) > 1:
            raise PagingError(f"{self._source} has more than one item, exactly one was expected")
        return found[0]

    def collect(self, limit: int | None = None) -> list[T]:
        """Return the items as a list.

        Args:
            limit: At most so many, at least 1; no further page is asked for once they are there.

        Raises:
            ValidationError: `limit` is no positive whole number.
        """
        check_limit(limit)
        items: list[T] = []
        for page in self.pages():
            items.extend(page.items)
            if limit is not None and len(items) >= limit:
                return items[:limit]
        return items

    @property
    def total(self) -> int | None:
        """How many items the service told of in the last scan."""
        return None if self._last is None else self._last.walk.total

    @property
    def problems(self) -> tuple[ItemProblem, ...] | None:
        """Items of the last scan that could not be read."""
        return None if self._last is None else self._last.problems

    @property
    def complete(self) -> bool:
        """Whether the last scan ended and, as far as can be told, missed nothing."""
        return self._last is not None and self._last.walk.complete

    @property
    def source(self) -> str | None:
        """Where the last scan's pages came from: `public`, `internal` or `mixed`."""
        return None if self._last is None else self._last.walk.source

    @property
    def fallback_reason(self) -> str | None:
        """Why the last scan left the internal host: an error code, or `no_internal_key`."""
        return None if self._last is None else self._last.walk.fallback_reason

    def _scan(self, start: int) -> _Pages[T]:
        scan = self._last = _Pages(self._source.walk(start, self._page_size))
        return scan

    def __repr__(self) -> str:
        return f"<Pager of {self._source}, {self._page_size} a page>"

    def _repr_html_(self) -> str:
        from html import escape  # noqa: PLC0415 - a first call needs none of it

        return f"<code>{escape(repr(self))}</code>: iterate it, or call <code>collect()</code>"


class _Pages(Iterator[Page[T]]):
    """The pages of one scan. No generator: leaving a loop early leaves nothing behind to be closed."""

    def __init__(self, walk: Walk[T]) -> None:
        self.walk = walk
        self.problems: tuple[ItemProblem, ...] = ()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Page[T]:
        page = self.walk.next()
        if page is None:
            raise StopIteration
        self.problems += page.problems
        return page


class _Items(Iterator[T]):
    """The items of one scan."""

    def __init__(self, pages: _Pages[T]) -> None:
        self._pages = pages
        self._items: tuple[T, ...] = ()
        self._position = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        while self._position == len(self._items):
            self._items, self._position = (self._pages.__next__()).items, 0
        self._position += 1
        return self._items[self._position - 1]
