"""Lists: one lazy, re-iterable object per list call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Generic, Protocol, Self, TypeVar, overload

from novita_sdk._core.page import Page
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE, check_limit, check_page_arguments
from novita_sdk.errors import NotFoundError, PagingError
from novita_sdk.models.item_problem import ItemProblem

T = TypeVar("T")
D = TypeVar("D")


class AsyncWalk(Protocol[T]):
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

    async def next(self) -> Page[T] | None:
        """Fetch and return the next page; None after the last one."""
        ...


class AsyncPageSource(Protocol[T]):
    """A list that can be walked over."""

    def walk(self, start: int, size: int) -> AsyncWalk[T]:
        """Begin a new walk at page `start`; nothing is sent yet."""
        ...

    def __str__(self) -> str: ...


class AsyncPager(Generic[T]):
    """A list that is fetched page by page while it is iterated, anew each time.

    Making it sends nothing, and nothing is fetched ahead. `total`, `problems` and `source` tell of the last scan
    that was begun, and are None before it.

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
        self._last: _Pages[T] | None = None

    def __aiter__(self) -> AsyncIterator[T]:
        return _Items(self._scan(1))

    def pages(self, start: int = 1) -> AsyncIterator[Page[T]]:
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
    async def first(self) -> T | None: ...

    @overload
    async def first(self, default: D) -> T | D: ...

    async def first(self, default: object = None) -> object:
        """Return the first item, or `default` if there is none; asks for one page only if that is not empty."""
        async for item in self:
            return item
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
            limit: At most so many, at least 1; no further page is asked for once they are there.

        Raises:
            ValidationError: `limit` is no positive whole number.
        """
        check_limit(limit)
        items: list[T] = []
        async for page in self.pages():
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
        return f"<AsyncPager of {self._source}, {self._page_size} a page>"

    def _repr_html_(self) -> str:
        from html import escape  # noqa: PLC0415 - a first call needs none of it

        return f"<code>{escape(repr(self))}</code>: iterate it, or call <code>collect()</code>"


class _Pages(AsyncIterator[Page[T]]):
    """The pages of one scan. No generator: leaving a loop early leaves nothing behind to be closed."""

    def __init__(self, walk: AsyncWalk[T]) -> None:
        self.walk = walk
        self.problems: tuple[ItemProblem, ...] = ()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[T]:
        page = await self.walk.next()
        if page is None:
            raise StopAsyncIteration
        self.problems += page.problems
        return page


class _Items(AsyncIterator[T]):
    """The items of one scan."""

    def __init__(self, pages: _Pages[T]) -> None:
        self._pages = pages
        self._items: tuple[T, ...] = ()
        self._position = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while self._position == len(self._items):
            self._items, self._position = (await self._pages.__anext__()).items, 0
        self._position += 1
        return self._items[self._position - 1]
