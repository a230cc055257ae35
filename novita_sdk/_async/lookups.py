"""Re-reads and settling look-ups: single requests made on behalf of another call."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parsedate_to_datetime

from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core import operations
from novita_sdk._core.answers import error_body_of
from novita_sdk._core.codec import find_list, find_object
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.errormap import proves_absence
from novita_sdk._core.http import Request, Response
from novita_sdk._core.operations.operation import Look, Operation
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE, PageScan, item_key
from novita_sdk._core.request_builder import RequestBuilder
from novita_sdk._core.results import Reader, model_of
from novita_sdk._core.settling import Sight
from novita_sdk.models.json_types import JSON


class AsyncLookups:
    """Reads what `operations.Look` describes, through the rest of a pipeline.

    Args:
        builder: Builds the requests.
        reader: Reads the answers.
        clock: Where the time comes from.

    Attributes:
        server_ahead: Seconds by which the service's clock was ahead of ours in its last answer.
    """

    def __init__(self, builder: RequestBuilder, reader: Reader, clock: AsyncClock) -> None:
        self._builder = builder
        self._reader = reader
        self._clock = clock
        self.server_ahead = 0.0

    async def read_all(
        self, request: Request, looks: Sequence[Look], call_next: AsyncCallNext, deadline: Deadline
    ) -> list[Sight]:
        """Make all `looks` for the call of `request`.

        Raises:
            NovitaError: One of them got no usable answer: nothing is known then.
        """
        return [await self.read(request, look, call_next, deadline) for look in looks]

    async def read(self, request: Request, look: Look, call_next: AsyncCallNext, deadline: Deadline) -> Sight:
        """Make one look for the call of `request`; raises as `read_all` does."""
        operation = operations.ALL[look.operation]
        body = request.context.json
        query = look.query_for(body if isinstance(body, dict) else {})
        if operation.result.shape == "single":
            payload = await self._ask(request, operation, query, call_next, deadline)
            found = (
                None
                if payload is None
                else find_object(model_of(operation), payload, operation.result.keys)[0]
            )
            return Sight([found] if isinstance(found, dict) else [], complete=True)
        return await self._read_list(request, operation, query, call_next, deadline)

    async def _read_list(
        self,
        request: Request,
        operation: Operation,
        query: dict[str, JSON],
        call_next: AsyncCallNext,
        deadline: Deadline,
    ) -> Sight:
        scan = PageScan(operation.paging)
        found: list[dict[str, JSON]] = []
        while (page := scan.next_page) is not None:
            if operation.paging is not None:
                paging = {operation.paging.page_key: page, operation.paging.size_key: DEFAULT_PAGE_SIZE}
                query = {**query, **paging}
            payload = await self._ask(request, operation, query, call_next, deadline)
            page_of = find_list(model_of(operation), payload, operation.result.keys)
            keys = [item_key(item, operation.result.id_key) for item in page_of.items]
            new = scan.feed(keys, page_of.total)
            found.extend(item for index in new if isinstance(item := page_of.items[index], dict))
        return Sight(found, scan.complete)

    async def _ask(
        self,
        request: Request,
        operation: Operation,
        query: dict[str, JSON],
        call_next: AsyncCallNext,
        deadline: Deadline,
    ) -> JSON:
        context = request.context.for_lookup(operation, deadline)
        look = self._builder.build(operation, query, None, context)
        response = await call_next(look)
        self._note_server_time(response)
        body = error_body_of(response)
        if body is not None and proves_absence(response.status, body, operation.kind):
            return None
        return self._reader.payload(response, operation)

    def _note_server_time(self, response: Response) -> None:
        try:
            date = parsedate_to_datetime(response.headers["date"])
        except (KeyError, ValueError):
            return  # without a readable date our own clock has to do
        self.server_ahead = date.timestamp() - self._clock.time()
