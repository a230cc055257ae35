"""One logical call from arguments to result: context, pipeline, errors, decoding, events."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.avoidance import Avoidance
from novita_sdk._core.call_options import deadline_for, merged
from novita_sdk._core.context import CallContext
from novita_sdk._core.described import path_of
from novita_sdk._core.http import Request, Response
from novita_sdk._core.observer import Observer
from novita_sdk._core.operations.operation import Operation, Safety
from novita_sdk._core.request_builder import RequestBuilder
from novita_sdk._core.results import Reader
from novita_sdk._core.safety import safety_of
from novita_sdk.errors import NovitaError, ResponseDecodeError
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions, Timeouts

T = TypeVar("T")


class AsyncCaller:
    """Makes calls through the pipelines of a client.

    Args:
        builder: Builds the requests.
        reader: Reads the answers.
        observer: Counts, logs, tells hooks.
        clock: Where the time comes from.
        timeouts: Limits of attempts and calls.
        chain_for: Returns the pipeline that a request goes through.
        mint_correlation_id: Returns a new correlation id.
        guard: Raises if the client is closed or used from a foreign event loop.
        options: What every call of this client does differently.
    """

    def __init__(
        self,
        *,
        builder: RequestBuilder,
        reader: Reader,
        observer: Observer,
        clock: AsyncClock,
        timeouts: Timeouts,
        chain_for: Callable[[Request], AsyncCallNext],
        mint_correlation_id: Callable[[], str],
        guard: Callable[[], None],
        options: CallOptions,
    ) -> None:
        self.reader = reader
        self.observer = observer
        self.clock = clock
        self.options = options
        self.internal_avoidance = Avoidance()
        self._builder = builder
        self._timeouts = timeouts
        self._chain_for = chain_for
        self._mint_correlation_id = mint_correlation_id
        self._guard = guard

    def with_options(self, options: CallOptions) -> AsyncCaller:
        """Return a caller that shares everything but the options."""
        copy = AsyncCaller(
            builder=self._builder,
            reader=self.reader,
            observer=self.observer,
            clock=self.clock,
            timeouts=self._timeouts,
            chain_for=self._chain_for,
            mint_correlation_id=self._mint_correlation_id,
            guard=self._guard,
            options=options,
        )
        copy.internal_avoidance = self.internal_avoidance
        return copy

    # ------------------------------------------------------------------------------ kinds of calls

    async def single(
        self,
        operation: Operation,
        *,
        query: Mapping[str, JSON] | None = None,
        body: JSON = None,
        options: CallOptions | None = None,
    ) -> Any:
        """Make a call that answers with one object; return that as its model."""
        return await self._make(operation, query, body, options, self.read_single)

    async def single_or_none(
        self, operation: Operation, *, query: Mapping[str, JSON], options: CallOptions | None
    ) -> Any:
        """Make a call that answers with one object; return its model, None if it certainly does not exist."""
        return await self._make(operation, query, None, options, self._read_single_or_none)

    async def create(
        self, operation: Operation, body: JSON, options: CallOptions | None, operation_id: str | None = None
    ) -> tuple[str, CallContext]:
        """Make a call that makes something; return its id, and the context that tells how it went."""
        request = self.request(operation, None, body, options)
        request.context.operation_id = operation_id
        found: str = await self.perform(request, self.read_id)
        return found, request.context

    async def write(
        self,
        operation: Operation,
        body: JSON,
        options: CallOptions | None,
        *,
        missing_ok: bool = False,
        parent: CallContext | None = None,
        operation_id: str | None = None,
    ) -> tuple[dict[str, JSON], CallContext]:
        """Make a call that changes something; return what was answered, and how it went.

        Args:
            operation: What to call.
            body: Its body.
            options: The options of the call.
            missing_ok: Whether a delete of something that does not exist is a success.
            parent: A call this one belongs to: correlation id and deadline are taken from it.
            operation_id: The id of the operation; left out: a new one.
        """
        request = self.request(operation, None, body, options, parent)
        request.context.missing_ok = missing_ok
        request.context.operation_id = operation_id
        answer: dict[str, JSON] = await self.perform(request, self.read_whatever)
        return answer, request.context

    async def raw(
        self, operation: Operation, *, query: Mapping[str, JSON], options: CallOptions | None
    ) -> JSON:
        """Make a reading call and return the decoded JSON."""
        return await self._make(operation, query, None, options, self._read_raw)

    async def document(
        self,
        operation: Operation,
        *,
        query: Mapping[str, JSON],
        options: CallOptions | None,
        parent: CallContext,
    ) -> dict[str, JSON]:
        """Read one object, past the cache, in order to write it back changed.

        Args:
            operation: What to ask.
            query: Its query.
            options: The options of the call.
            parent: The call this one belongs to: correlation id and deadline are taken from it.

        Returns:
            The object as decoded JSON, unknown keys included.
        """
        fresh = merged(options or CallOptions(), CallOptions(cache="bypass"))
        return await self.perform(self.request(operation, query, None, fresh, parent), self._read_document)

    async def unlisted(
        self,
        method: str,
        path: str,
        family: str,
        safety: Safety,
        *,
        query: Mapping[str, object] | None,
        body: JSON,
        options: CallOptions | None,
    ) -> JSON:
        """Make a call that is not in the operation table."""
        context = self._context(None, safety, options)
        request = self._builder.build_unlisted(method, path, family, query, body, context)
        return await self.perform(request, self._read_anything)

    def total_seconds(self, options: CallOptions | None, operation: Operation) -> float | None:
        """Return how long a call may take in all, or None."""
        now = self.clock.monotonic()
        left = deadline_for(self._timeouts, merged(self.options, options), operation, now).left(now)
        return None if left == math.inf else left

    # ------------------------------------------------------------------------------------- making

    def request(
        self,
        operation: Operation,
        query: Mapping[str, JSON] | None,
        body: JSON,
        options: CallOptions | None,
        parent: CallContext | None = None,
    ) -> Request:
        """Build the request of a new call; its deadline begins now."""
        context = self._context(operation, safety_of(operation, body), options, parent)
        context.query, context.json = query, body
        return self._builder.build(operation, query, body, context)

    def check_open(self) -> None:
        """Refuse to work for a closed client, or in a foreign event loop."""
        self._guard()

    async def perform(self, request: Request, read: Callable[[Response, Request], T]) -> T:
        """Send `request` through its family's pipeline and read the answer.

        Raises:
            NovitaError: With all that is known of the call.
        """
        self._guard()
        failure: BaseException | None = None
        self.observer.call_started(request)
        try:
            response = await self._chain_for(request)(request)
            return read(response, request)
        except BaseException as error:
            failure = error
            if request.context.forget is not None:
                request.context.forget()
            if isinstance(error, NovitaError):
                self._complete(error, request)
            raise
        finally:
            elapsed = self.clock.monotonic() - request.context.started
            self.observer.call_ended(request, failure, elapsed)

    async def _make(
        self,
        operation: Operation,
        query: Mapping[str, JSON] | None,
        body: JSON,
        options: CallOptions | None,
        read: Callable[[Response, Request], T],
    ) -> T:
        return await self.perform(self.request(operation, query, body, options), read)

    def _context(
        self,
        operation: Operation | None,
        safety: Safety,
        options: CallOptions | None,
        parent: CallContext | None = None,
    ) -> CallContext:
        chosen = merged(self.options, options)
        now = self.clock.monotonic()
        deadline = deadline_for(self._timeouts, chosen, operation, now)
        if parent is not None:
            deadline = parent.deadline
        given_id = chosen.correlation_id
        correlation_id = given_id if isinstance(given_id, str) else self._mint_correlation_id()
        return CallContext(
            operation=operation,
            safety=safety,
            correlation_id=correlation_id if parent is None else parent.correlation_id,
            options=chosen,
            started=now,
            deadline=deadline,
        )

    def _complete(self, error: NovitaError, request: Request) -> None:
        context = request.context
        error.add_context(
            operation=request.operation,
            method=request.method,
            family=request.family,
            correlation_id=context.correlation_id,
            attempts=tuple(context.attempts),
            elapsed=self.clock.monotonic() - context.started,
            retry_stopped=context.retry_stopped,
            resource_id=context.resource_id or _named_resource(context),
            operation_id=context.operation_id,
        )
        if not isinstance(error, ResponseDecodeError):  # whose path leads into the answer
            error.add_context(path=path_of(request))
        if (cause := error.cause_summary) is not None:
            error.cause_summary = self._builder.redact(cause)  # a foreign exception may quote a header

    # ------------------------------------------------------------------------------------ reading

    def read_single(self, response: Response, request: Request) -> Any:
        """Read an answer that is one object, as its model."""
        return self.reader.single(response, _operation(request))

    def _read_single_or_none(self, response: Response, request: Request) -> Any:
        return self.reader.single_or_none(response, _operation(request))

    def read_id(self, response: Response, request: Request) -> str:
        """Return the id of what a create made, and note it in the call's context."""
        request.context.resource_id = found = self.reader.id(response, _operation(request))
        return found

    def read_whatever(self, response: Response, request: Request) -> JSON:
        """Read whatever a write was answered."""
        request.context.resource_id = request.context.resource_id or _named_resource(request.context)
        return self.reader.whatever(response, _operation(request))

    def _read_raw(self, response: Response, request: Request) -> JSON:
        return self.reader.payload(response, _operation(request))

    def _read_document(self, response: Response, request: Request) -> dict[str, JSON]:
        return self.reader.document(response, _operation(request))

    def _read_anything(self, response: Response, _request: Request) -> JSON:
        self.reader.raise_for_status(response, None)
        return self.reader.payload(response, None) if response.body.strip() else {}


def _operation(request: Request) -> Operation:
    operation = request.context.operation
    assert operation is not None  # noqa: S101 - listed operations only get here
    return operation


# where a request names the resource it is about, most telling first
_ID_KEYS = ("instanceId", "templateId", "jobId", "networkId", "storageId", "id")


def _named_resource(context: CallContext) -> str | None:
    for source in (context.query, context.json):
        if isinstance(source, Mapping):
            named = cast("Mapping[str, JSON]", source)
            for key in _ID_KEYS:
                value: object = named.get(key)
                if isinstance(value, str):
                    return value
    return None
