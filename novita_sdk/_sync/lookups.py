# Generated from novita_sdk/_async/lookups.py by tools/unasync.py; edit the source.
"""Re-reads and settling look-ups: single requests made on behalf of another call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import gather
from novita_sdk._core import operations
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.http import Request, Response
from novita_sdk._core.lifecycle.create_looks import READS_AT_ONCE, Shown
from novita_sdk._core.operations.operation import Handle, Look, Operation
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE, PageScan, item_key
from novita_sdk._core.request_builder import RequestBuilder
from novita_sdk._core.results import Reader
from novita_sdk._core.retry import parse_date
from novita_sdk._core.scalars import is_object
from novita_sdk._core.settling import Sight
from novita_sdk._sync.middleware import CallNext
from novita_sdk.models.json_types import JSON


class Lookups:
    """Reads what `operations.Look` describes, through the rest of a pipeline.

    Args:
        builder: Builds the requests.
        reader: Reads the answers.
        clock: Where the time comes from.

    Attributes:
        server_ahead: Seconds by which the service's clock was ahead of ours in its last answer.
    """

    def __init__(self, builder: RequestBuilder, reader: Reader, clock: Clock) -> None:
        self._builder = builder
        self._reader = reader
        self._clock = clock
        self.server_ahead = 0.0

    def read_all(
        self, request: Request, looks: Sequence[Look], call_next: CallNext, deadline: Deadline
    ) -> list[Sight]:
        """Make all `looks` for the call of `request`.

        Raises:
            NovitaError: One of them got no usable answer: nothing is known then.
        """
        return [self.read(request, look, call_next, deadline) for look in looks]

    def read(self, request: Request, look: Look, call_next: CallNext, deadline: Deadline) -> Sight:
        """Make one look for the call of `request`; raises as `read_all` does."""
        operation = operations.ALL[look.operation]
        query = look.query_for(request.context.json or {})
        if operation.result.shape != "single":
            return self._read_list(request, operation, query, call_next, deadline)
        response = self._ask(request, operation, query, call_next, deadline)
        found = self._reader.raw_object(response, operation)
        return Sight([] if found is None else [found], complete=True)

    def read_each(
        self,
        request: Request,
        handle: Handle,
        ids: Sequence[str],
        call_next: CallNext,
        deadline: Deadline,
    ) -> dict[str, Shown | None]:
        """Read resources one by one, a few at a time; None stands for one that is gone. Raises as `read_all` does."""
        read: dict[str, Shown | None] = {}
        for start in range(0, len(ids), READS_AT_ONCE):
            some = ids[start : start + READS_AT_ONCE]
            looks = [Look(operation=handle.read, fixed=((handle.key, one),)) for one in some]
            calls = [partial(self.read, request, look, call_next, deadline) for look in looks]
            sights = [calls[0]()] if len(calls) == 1 else gather(self._clock, calls)
            for one, sight in zip(some, sights, strict=True):
                read[one] = Shown.of(sight.items[0]) if sight.items else None
        return read

    def _read_list(
        self,
        request: Request,
        operation: Operation,
        query: dict[str, object],
        call_next: CallNext,
        deadline: Deadline,
    ) -> Sight:
        scan = PageScan(operation.paging)
        found: list[dict[str, JSON]] = []
        while (number := scan.next_page) is not None:
            if operation.paging is not None:
                query |= {operation.paging.page_key: number, operation.paging.size_key: DEFAULT_PAGE_SIZE}
            response = self._ask(request, operation, query, call_next, deadline)
            if not scan.pages and self._reader.is_empty_list(response, operation):
                return Sight([], complete=True)
            page = self._reader.raw_list(response, operation)
            keys = [item_key(item, operation.result.id_key) for item in page.items]
            new = [page.items[index] for index in scan.feed(keys, page.total)]
            found.extend(item for item in new if is_object(item))
        return Sight(found, scan.complete)

    def _ask(
        self,
        request: Request,
        operation: Operation,
        query: dict[str, object],
        call_next: CallNext,
        deadline: Deadline,
    ) -> Response:
        context = request.context.for_lookup(operation, deadline)
        response = call_next(self._builder.build(operation, query, None, context))
        wall = self._clock.time()
        answered_at = parse_date(response.headers.get("date", ""), wall)
        if answered_at is not None:  # else our own clock has to do
            self.server_ahead = answered_at - wall
        return response
