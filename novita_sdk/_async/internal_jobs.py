"""Job queries: the internal host where there is a key for it, the public one where it cannot answer."""

from __future__ import annotations

import logging

import attrs

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.pages import AsyncPages, AsyncPageWalk
from novita_sdk._core import operations
from novita_sdk._core.avoidance import Avoidance
from novita_sdk._core.jobs import (
    AVOIDED_FOR,
    NO_INTERNAL_KEY,
    JobFilters,
    is_refused_key,
    may_fall_back,
)
from novita_sdk._core.log_records import log
from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.page import Page
from novita_sdk._core.requests.plain import query_values
from novita_sdk.errors import ConfigurationError, NovitaError, SettingProblem
from novita_sdk.models.job import Job
from novita_sdk.options import CallOptions

_JOBS = logging.getLogger("novita_sdk.jobs")
_LEAST_TIME = 0.001  # seconds that are asked for where nothing is left, so that the call says so itself


class AsyncInternalJobs:
    """One job query.

    Args:
        caller: Makes the calls.
        filters: What jobs are wanted.
        options: The options of each call.
        has_key: Whether there is a key for the internal host.
        fallback: Whether the public list may answer instead.
        avoidance: How long the internal host is left alone; shared by all queries of the client.

    Raises:
        ConfigurationError: There is no key for the internal host, and the public list may not answer.
        ValidationError: A filter cannot be sent.
    """

    def __init__(
        self,
        *,
        caller: AsyncCaller,
        filters: JobFilters,
        options: CallOptions | None,
        has_key: bool,
        fallback: bool,
        avoidance: Avoidance,
    ) -> None:
        if not has_key and not fallback:
            problem = SettingProblem(
                "NOVITA_INTERNAL_API_KEY", "no key for the internal host is set", "a key of that host"
            )
            raise ConfigurationError(problems=(problem,))
        self.caller = caller
        self.filters = filters
        self.options = options or CallOptions()
        self.fallback = fallback
        self.avoidance = avoidance
        self._has_key = has_key
        self._queries = {
            operation.name: query_values(operation, query)
            for operation, query in (
                (operations.QUERY_INTERNAL_JOBS, filters.internal_query()),
                (operations.LIST_JOBS, filters.public_query()),
            )
        }

    def __str__(self) -> str:
        return operations.QUERY_INTERNAL_JOBS.name

    def walk(self, start: int, size: int) -> AsyncJobWalk:
        """Begin a new walk at page `start`; nothing is sent yet."""
        return AsyncJobWalk(self, start, size)

    def begin(self, operation: Operation, start: int, size: int) -> AsyncPageWalk[Job]:
        """Begin to walk over the list of one host."""
        pages: AsyncPages[Job]
        pages = AsyncPages(self.caller, operation, self._queries[operation.name], self.options)
        return pages.walk(start, size)

    def reason_to_skip(self) -> str | None:
        """Return why the internal host is not asked now; None if it is."""
        if not self._has_key:
            return NO_INTERNAL_KEY
        avoided = self.fallback and self.caller.clock.monotonic() < self.avoidance.until
        return self.avoidance.code if avoided else None


class AsyncJobWalk:
    """One walk over a job query: over the internal list, over the public one, or from one to the other.

    Args:
        query: The query.
        start: First page wanted.
        size: Jobs asked for at a time.

    Attributes:
        fallback_reason: Why the public list answers; None while the internal one does.
    """

    def __init__(self, query: AsyncInternalJobs, start: int, size: int) -> None:
        self.fallback_reason: str | None = None
        self._query = query
        self._start = start
        self._size = size
        self._walk: AsyncPageWalk[Job] | None = None
        self._seconds: float | None = None  # for the next call to the public list
        self._delivered: set[str] = set()
        self._mixed = False
        self._returned = 0

    @property
    def total(self) -> int | None:
        """How many jobs the service told of, before the filters applied here."""
        return None if self._walk is None else self._walk.total

    @property
    def complete(self) -> bool:
        """Whether everything was read."""
        return self._walk is not None and self._walk.complete

    @property
    def source(self) -> str:
        """`internal` or `public`; `mixed` if the scan began on the one and ended on the other."""
        return "mixed" if self._mixed else "internal" if self.fallback_reason is None else "public"

    async def next(self) -> Page[Job] | None:
        """Fetch and return the next page; None after the last one."""
        if self._walk is None:
            self.fallback_reason = self._query.reason_to_skip()
            if self.fallback_reason is None:
                self._begin(operations.QUERY_INTERNAL_JOBS)
            else:
                self._fall_back()
        page = await (self._next_internal() if self.fallback_reason is None else self._next_public())
        if page is None:
            self._log("job query ended: %(returned)d returned", returned=self._returned, total=self.total)
            return None
        wanted = [
            job for job in page.items if self._query.filters.keeps(job) and job.id not in self._delivered
        ]
        self._delivered.update(job.id for job in wanted)
        self._returned += len(wanted)
        return attrs.evolve(page, items=tuple(wanted))

    async def _next_internal(self) -> Page[Job] | None:
        clock = self._query.caller.clock
        began = clock.monotonic()
        total = self._query.caller.total_seconds(self._query.options, operations.LIST_JOBS)
        try:
            return await self._fetch(None if total is None else total / 2)
        except NovitaError as error:
            if not self._query.fallback or not may_fall_back(error):
                raise
            self.fallback_reason = error.code
            self._mixed = bool(self._delivered)
            self._avoid(error)
        if total is not None:
            self._seconds = max(_LEAST_TIME, total - (clock.monotonic() - began))
        self._fall_back()
        return await self._next_public()

    async def _next_public(self) -> Page[Job] | None:
        left, self._seconds = self._seconds, None
        return await self._fetch(left)

    async def _fetch(self, seconds: float | None) -> Page[Job] | None:
        """Fetch the next page of the host in use, where the call may take `seconds` instead of its usual time."""
        assert self._walk is not None  # noqa: S101 - begun by `next`
        options = self._query.options
        self._walk.options = options if seconds is None else attrs.evolve(options, total_timeout=seconds)
        return await self._walk.next()

    def _fall_back(self) -> None:
        self._log("the public list answers: %(reason)s", reason=self.fallback_reason)
        self._begin(operations.LIST_JOBS)

    def _begin(self, operation: Operation) -> None:
        self._walk = self._query.begin(operation, self._start, self._size)
        self._log("job query begins")

    def _log(self, message: str, **fields: object) -> None:
        family = "internal" if self.fallback_reason is None else "public"
        log(_JOBS, logging.INFO, message, source=self.source, family=family, **fields)

    def _avoid(self, error: NovitaError) -> None:
        """Leave the internal host alone for a while if it does not accept the key."""
        if not is_refused_key(error):
            return
        avoidance = self._query.avoidance
        avoidance.until = self._query.caller.clock.monotonic() + AVOIDED_FOR
        avoidance.code = error.code
        if not avoidance.warned:
            avoidance.warned = True
            log(
                _JOBS,
                logging.WARNING,
                "the internal host does not accept its key (%(code)s); the public list answers instead",
                code=error.code,
                seconds=AVOIDED_FOR,
            )
