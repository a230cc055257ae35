"""Lists: one lazy, re-iterable object per list call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from html import escape
from typing import Generic, Protocol, TypeVar

from novita_sdk._core.page import Page
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE, check_page_arguments
from novita_sdk.errors import NotFoundError, PagingError
from novita_sdk.models.item_problem import ItemProblem

T = TypeVar("T")
D = TypeVar("D")


class AsyncPageSource(Protocol[T]):
    """Where a pager gets its pages: one walk over a list."""

    def pages(self, start: int, size: int) -> AsyncIterator[Page[T]]:
        """Yield the pages of one new walk, from page `start`."""
        ...

    @property
    def total(self) -> int | None:
        """How many items the last walk was told of."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the last walk read everything."""
        ...

    @property
    def source(self) -> str | None:
        """Where the last walk's pages came from."""
        ...

    @property
    def fallback_reason(self) -> str | None:
        """Why the last walk left its first source."""
        ...

    def __str__(self) -> str: ...


class AsyncPager(Generic[T]):
    """A list that is fetched page by page while it is iterated, anew each time.

    Making it sends nothing, and nothing is fetched ahead. `total`, `problems` and `source` tell of the last scan
    and are None before it.

    Example:
        ```python
        async for instance in client.gpu_instances.list():
            print(instance.id, instance.status)
        ```
    """

    def __init__(self, source: AsyncPageSource[T], *, page_size: int = DEFAULT_PAGE_SIZE) -> None:
        check_page_arguments(page_size, 1)
        self._source = source
        self._page_size = page_size
        self._problems: tuple[ItemProblem, ...] | None = None

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self, start: int = 1) -> AsyncIterator[Page[T]]:
        """Iterate pages instead of items.

        Args:
            start: Number of the first page wanted, from 1.

        Yields:
            One `Page` for each request.

        Raises:
            ValidationError: `start` is no positive whole number.
            PagingError: The list did not end within 1000 pages.
            NovitaError: What a request raises; items already yielded stay good.
        """
        check_page_arguments(self._page_size, start)
        self._problems = ()
        async for page in self._source.pages(start, self._page_size):
            self._problems += page.problems
            yield page

    async def first(self, default: D = None) -> T | D:  # type: ignore[assignment]  # None is a D then
        """Return the first item, or `default` if there is none; asks for one page only if that is not empty."""
        async for page in self.pages():
            if page.items:
                return page.items[0]
        return default

    async def one(self) -> T:
        """Return the only item.

        Raises:
            NotFoundError: There is none.
            PagingError: There is more than one.
        """
        found = await self.collect(limit=2)
        if not found:
            raise NotFoundError(f"{self._source} is empty, one item was expected", status_hint=404)
        if len(found) > 1:
            raise PagingError(f"{self._source} has more than one item, exactly one was expected")
        return found[0]

    async def collect(self, limit: int | None = None) -> list[T]:
        """Return the items as a list.

        Args:
            limit: At most so many; no further page is asked for once they are there.
        """
        items: list[T] = []
        async for page in self.pages():
            items.extend(page.items)
            if limit is not None and len(items) >= limit:
                return items[:limit]
        return items

    @property
    def total(self) -> int | None:
        """How many items the service told of in the last scan."""
        return self._source.total

    @property
    def problems(self) -> tuple[ItemProblem, ...] | None:
        """Items of the last scan that could not be read."""
        return self._problems

    @property
    def complete(self) -> bool:
        """Whether the last scan ended and, as far as can be told, missed nothing."""
        return self._source.complete

    @property
    def source(self) -> str | None:
        """Where the last scan's pages came from: `public`, `internal` or `mixed`."""
        return self._source.source

    @property
    def fallback_reason(self) -> str | None:
        """Why the last scan left the internal host: an error code, or `no_internal_key`."""
        return self._source.fallback_reason

    def __repr__(self) -> str:
        return f"<AsyncPager of {self._source}, {self._page_size} a page>"

    def _repr_html_(self) -> str:
        return f"<code>{escape(repr(self))}</code>: iterate it, or call <code>collect()</code>"
