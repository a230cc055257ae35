# Generated from novita_sdk/_async/settler.py by tools/unasync.py; edit the source.
"""Settling: an unsafe call whose answer was lost is looked for, adopted, or reported as unknown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

import attrs

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.codec import DecodeFailure, structure
from novita_sdk._core.context import CallContext
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.http import Request, Response
from novita_sdk._core.lifecycle.create_looks import Found, Shown, Wanted, concluded, sort_out
from novita_sdk._core.operations.instances import CREATE_INSTANCE, GET_INSTANCE
from novita_sdk._core.operations.operation import Look, Operation, Settle
from novita_sdk._core.results import settled_answer
from novita_sdk._core.settle_schedule import LAST_LOOK, look_instants
from novita_sdk._core.settling import Items, matches
from novita_sdk._core.wire import encode_body
from novita_sdk._sync.lookups import Lookups
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import (
    ClientClosedError,
    ConfigurationError,
    DuplicateCreateError,
    NovitaError,
    OutcomeUnknownError,
    ResponseDecodeError,
    SettingProblem,
)
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON


class Settler:
    """Looks for the effect of a call until it shows or the window ends.

    Args:
        clock: What it sleeps on.
        lookups: How it reads.
        guard: Raises if the client is closed or used from a foreign event loop.
    """

    def __init__(self, clock: Clock, lookups: Lookups, guard: Callable[[], None]) -> None:
        self._clock = clock
        self._lookups = lookups
        self._guard = guard

    def settle(self, request: Request, call_next: CallNext, cause: BaseException | None) -> Response:
        """Return the answer the call should have had.

        Raises:
            OutcomeUnknownError: Nothing shows at the end of the window, or there is no way to look.
            DuplicateCreateError: Several resources show the effect; none is adopted.
        """
        context = request.context
        operation = context.operation
        if operation is None or not leaves_traces(context):
            raise self.unknown(request, call_next) from cause
        search = _Search(self, request, call_next)
        try:
            found = search.run(window_of(context), context.deadline)
        except ClientClosedError as closed:
            raise self.unknown(request, call_next, search) from closed
        if found is None:
            raise self.unknown(request, call_next, search) from cause
        context.settled = True
        context.adopted = operation.creates
        context.resource_id = found
        return Response(200, {}, encode_body(settled_answer(operation, found, None)))

    def find(self, request: Request, call_next: CallNext, window: float) -> str | None:
        """Look for the effect for `window` seconds; return its id, or None.

        Raises:
            DuplicateCreateError: Several resources show the effect.
            ClientClosedError: The client was closed meanwhile.
        """
        if not leaves_traces(request.context):
            return None
        deadline = Deadline.after(window, self._clock.monotonic())
        return _Search(self, request, call_next).run(window, deadline)

    def unknown(
        self, request: Request, call_next: CallNext, search: _Search | None = None
    ) -> OutcomeUnknownError:
        """Return the error that says so, with a way to look again.

        Args:
            request: The call.
            call_next: What look-ups go through.
            search: How it was looked for, if it was.
        """
        context = request.context
        began = context.first_sent_at
        error = OutcomeUnknownError(
            f"{request.operation} was sent and its answer was lost; nobody knows whether it was carried out",
            operation=request.operation,
            method=request.method,
            family=request.family,
            correlation_id=context.correlation_id,
            operation_id=context.operation_id,
            sent_at=None if began is None else datetime.fromtimestamp(began, UTC),
            sends=context.earlier_sends + sum(attempt.sent for attempt in context.attempts),
            looks=0 if search is None else search.looks,
            verified=search is not None and search.verified,
            candidates=() if search is None else search.candidates,
        )

        error._traceless = not leaves_traces(context)  # noqa: SLF001 - the same

        def reconcile(_error: OutcomeUnknownError, timeout: float) -> object:
            return self.reconcile(request, call_next, timeout)

        error._reconcile = reconcile  # noqa: SLF001 - the shell's half of `reconcile()`
        return error

    def reconcile(self, request: Request, call_next: CallNext, timeout: float) -> object:
        """Return the instance that a create made, the id of anything else, None if it certainly made none.

        Raises:
            OutcomeUnknownError: Still nothing is known.
            DuplicateCreateError: Several resources show the effect.
            ConfigurationError: Of this operation nothing could show, or this is another event loop.
            ClientClosedError: The client is closed.
        """
        context = request.context
        if not leaves_traces(context):
            raise nothing_to_look_for(request.operation, context.operation_id)
        self._guard()
        search = _Search(self, request, call_next)
        deadline = Deadline.after(timeout + LAST_LOOK, self._clock.monotonic())
        found = search.run(timeout, deadline)
        if found is None and not search.verified:
            raise self.unknown(request, call_next, search)
        if found is None or request.operation != CREATE_INSTANCE.name:
            return found
        look = Look(operation=GET_INSTANCE.name, fixed=(("instanceId", found),))
        sight = self._lookups.read(request, look, call_next, deadline)
        return _instance(sight.items[0]) if sight.items else None

    def look(
        self,
        request: Request,
        settle: Settle,
        call_next: CallNext,
        deadline: Deadline,
        known_others: Collection[str],
    ) -> Found:
        """Look once.

        Raises:
            NovitaError: A look got no usable answer.
        """
        context = request.context
        sights = self._lookups.read_all(request, settle.looks, call_next, deadline)
        whole = all(sight.complete for sight in sights)
        sent_at = (
            None if context.first_sent_at is None else context.first_sent_at + self._lookups.server_ahead
        )
        if settle.handle is not None:
            thing = settle.handle.thing(context.json)  # empty if nobody knows any more what was asked for
            wanted = Wanted(
                operation_id=context.operation_id or "",
                same={key: str(thing.get(key) or "") for key in settle.handle.same if thing},
                since=sent_at,
                discarded=context.discarded,
            )
            listing = sort_out(map(Shown.of, sights[0].items), wanted, known_others)
            read = self._lookups.read_each(request, settle.handle, listing.hidden, call_next, deadline)
            found = concluded(listing, read, wanted)
            return attrs.evolve(found, whole=found.whole and whole)
        before = context.before or ()
        if settle.kind == "diff" and not all(sight.complete for sight in before):
            return Found(ids=(), whole=False)  # what seems new may only have been missed before
        seen_before: Sequence[Items] = [sight.items for sight in before]
        operation: Operation | None = context.operation
        assert operation is not None  # noqa: S101 - it has a settle
        after = [sight.items for sight in sights]
        ids = matches(operation, context.json, seen_before, after, sent_at or 0.0)
        return Found(ids=tuple(ids), whole=whole)

    @property
    def clock(self) -> Clock:
        """What the searches sleep on."""
        return self._clock


class _Search:
    """One settling window: when it looked, and what that proved."""

    def __init__(self, settler: Settler, request: Request, call_next: CallNext) -> None:
        self._settler = settler
        self._request = request
        self._call_next = call_next
        self._others: frozenset[str] = frozenset()
        self.looks = 0
        self.verified = False
        self.candidates: tuple[str, ...] = ()

    def run(self, window: float, deadline: Deadline) -> str | None:
        """Look at the scheduled instants; return the one id found, or None at the end of the window.

        Raises:
            DuplicateCreateError: Several resources show the effect.
            ClientClosedError: The client was closed.
        """
        context = self._request.context
        operation = context.operation
        assert operation is not None and operation.settle is not None  # noqa: PT018, S101 - asked for by the callers
        clock = self._settler.clock
        began = clock.monotonic()
        for at in look_instants(window):
            pause = began + at - clock.monotonic()
            if pause > deadline.left(clock.monotonic()):
                clock.sleep(deadline.left(clock.monotonic()))
                return None
            if pause > 0:
                clock.sleep(pause)
            started = clock.monotonic()
            try:
                seen = self._settler.look(
                    self._request, operation.settle, self._call_next, deadline, self._others
                )
            except ClientClosedError:
                raise
            except NovitaError:
                continue  # a failed look proves nothing
            if len(seen.ids) > 1:
                raise DuplicateCreateError(
                    f"{len(seen.ids)} resources carry the mark of one {operation.name}: {', '.join(seen.ids)}",
                    operation=operation.name,
                    ids=seen.ids,
                    operation_id=context.operation_id,
                    resource_id=seen.ids[0],
                )
            if seen.ids:
                return seen.ids[0]
            self._others |= seen.others
            self.candidates = seen.candidates
            if seen.whole:
                self.looks += 1
                # of a candidate nobody knows whether it is the one, so that nothing is proved
                self.verified = started >= began + window and not seen.candidates
        return None


def leaves_traces(context: CallContext) -> bool:
    """Tell whether the effect of a call can be looked for."""
    settle = None if context.operation is None else context.operation.settle
    return settle is not None and not (settle.kind == "marker" and context.marker == "none")


def window_of(context: CallContext) -> float:
    """Return for how many seconds the effect of a call is looked for."""
    if context.settle_window is not None:
        return context.settle_window
    settle = None if context.operation is None else context.operation.settle
    return 0.0 if settle is None else settle.window


def nothing_to_look_for(operation: str | None, operation_id: str | None) -> ConfigurationError:
    """Return the error for an operation whose effect cannot be looked for."""
    problem = SettingProblem("error", f"{operation} leaves no mark to look for", "a lost create")
    return ConfigurationError(problems=(problem,), operation_id=operation_id)


def _instance(raw: JSON) -> Instance:
    try:
        return structure(Instance, raw)
    except DecodeFailure as failure:
        raise ResponseDecodeError(
            str(failure), path=failure.path, model=failure.model, operation=GET_INSTANCE.name
        ) from failure
