# Generated from novita_sdk/_async/internal_jobs.py by tools/unasync.py; edit the source.
"""Job queries: the internal host where there is a key for it, the public one where it cannot answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import attrs

from novita_sdk._core import operations
from novita_sdk._core.jobs import (
    AVOIDED_FOR,
    NO_INTERNAL_KEY,
    Avoidance,
    JobFilters,
    is_refused_key,
    may_fall_back,
)
from novita_sdk._core.observer import log
from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.page import Page
from novita_sdk._core.requests.plain import query_values
from novita_sdk._sync.caller import Caller, Pages
from novita_sdk.errors import ConfigurationError, NovitaError, SettingProblem
from novita_sdk.models.job import Job
from novita_sdk.options import CallOptions

_JOBS = logging.getLogger("novita_sdk.jobs")
_LEAST_TIME = 0.001  # seconds that are asked for where nothing is left, so that the call says so itself


class InternalJobs:
    """The pages of one job query.

    Args:
        caller: Makes the calls.
        filters: What jobs are wanted.
        options: The options of each call.
        has_key: Whether there is a key for the internal host.
        fallback: Whether the public list may answer instead.
        avoidance: How long the internal host is left alone; shared by all queries of the client.
    """

    def __init__(
        self,
        *,
        caller: Caller,
        filters: JobFilters,
        options: CallOptions | None,
        has_key: bool,
        fallback: bool,
        avoidance: Avoidance,
    ) -> None:
        self._caller = caller
        self._filters = filters
        self._options = options or CallOptions()
        self._has_key = has_key
        self._fallback = fallback
        self._avoidance = avoidance
        self._queries = {
            operation.name: query_values(operation, query)
            for operation, query in (
                (operations.QUERY_INTERNAL_JOBS, filters.internal_query()),
                (operations.LIST_JOBS, filters.public_query()),
            )
        }
        self._last: Pages[Job] | None = None
        self.source: str | None = None
        self.fallback_reason: str | None = None

    def __str__(self) -> str:
        return operations.QUERY_INTERNAL_JOBS.name

    @property
    def total(self) -> int | None:
        """How many jobs the last walk was told of, before the filters applied here."""
        return None if self._last is None else self._last.total

    @property
    def complete(self) -> bool:
        """Whether the last walk read everything."""
        return self._last is not None and self._last.complete

    def pages(self, start: int, size: int) -> Iterator[Page[Job]]:
        """Yield the pages of one new walk, from page `start`."""
        self.source = None
        self.fallback_reason = self._reason_to_skip()
        delivered: set[str] = set()
        began = self._caller.clock.monotonic()
        total = self._caller.total_seconds(self._options, operations.LIST_JOBS)
        if self.fallback_reason is None:
            try:
                half = None if total is None else total / 2
                for page in self._walk(operations.QUERY_INTERNAL_JOBS, start, size, half):
                    delivered.update(job.id for job in page.items)
                    yield page
            except NovitaError as error:
                if not self._fallback or not may_fall_back(error):
                    raise
                self._note(error)
            else:
                return
        spent = self._caller.clock.monotonic() - began
        left = None if total is None else max(_LEAST_TIME, total - spent)
        first = 1 if delivered else start
        for page in self._walk(operations.LIST_JOBS, first, size, left, mixed=bool(delivered)):
            yield attrs.evolve(page, items=tuple(job for job in page.items if job.id not in delivered))

    def _walk(
        self, operation: Operation, start: int, size: int, seconds: float | None, *, mixed: bool = False
    ) -> Iterator[Page[Job]]:
        """Walk one host, where each page may take `seconds`."""
        self.source = "mixed" if mixed else operation.family
        options = attrs.evolve(self._options, total_timeout=seconds)
        source: Pages[Job]
        source = self._last = Pages(self._caller, operation, self._queries[operation.name], options)
        log(_JOBS, logging.INFO, "job query begins", source=self.source, family=operation.family)
        returned = 0
        for page in source.pages(start, size):
            wanted = tuple(job for job in page.items if self._filters.keeps(job))
            returned += len(wanted)
            yield attrs.evolve(page, items=wanted, source=self.source)
        log(
            _JOBS,
            logging.INFO,
            "job query ended: %(returned)d returned",
            source=self.source,
            family=operation.family,
            returned=returned,
            total=source.total,
        )

    def _reason_to_skip(self) -> str | None:
        if not self._has_key:
            if not self._fallback:
                problem = SettingProblem(
                    "NOVITA_INTERNAL_API_KEY", "no key for the internal host is set", "a key of that host"
                )
                raise ConfigurationError(problems=(problem,))
            return NO_INTERNAL_KEY
        avoided = self._fallback and self._caller.clock.monotonic() < self._avoidance.until
        return self._avoidance.code if avoided else None

    def _note(self, error: NovitaError) -> None:
        self.fallback_reason = error.code
        if not is_refused_key(error):
            return
        self._avoidance.until = self._caller.clock.monotonic() + AVOIDED_FOR
        self._avoidance.code = error.code
        if not self._avoidance.warned:
            self._avoidance.warned = True
            log(
                _JOBS,
                logging.WARNING,
                "the internal host does not accept its key (%(code)s); the public list answers instead",
                code=error.code,
                seconds=AVOIDED_FOR,
            )
