"""Safe creates: never sent twice, never lost, and resumed under their operation id."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.lifecycle.interrupted_create import deleted, read_made
from novita_sdk._async.lifecycle.journal import AsyncHeldIntent
from novita_sdk._async.services import AsyncServices
from novita_sdk._concurrency.aio import shielded
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.http import Request
from novita_sdk._core.lifecycle.create_terms import CreateTerms, check_room
from novita_sdk._core.lifecycle.intents import (
    LEASE_MARGIN,
    Intent,
    MovedError,
    Standing,
    described,
    ended_as,
    fingerprint_of,
)
from novita_sdk._core.operations.operation import Handle, Operation
from novita_sdk._core.results import answered_id
from novita_sdk._core.settle_schedule import INTERRUPTED_WINDOW
from novita_sdk._core.wire import problem
from novita_sdk.errors import (
    CapacityError,
    DuplicateCreateError,
    NovitaError,
    OutcomeUnknownError,
    StateStoreError,
    ValidationError,
)
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk.errors import OutcomeReconciler

_USUAL_DEADLINE: Final = 120.0  # seconds an owner holds an intent whose call has no deadline of its own


@attrs.frozen(kw_only=True)
class Created:
    """What a safe create came to.

    Attributes:
        id: What was made.
        operation_id: The identity of the create.
        adopted: Whether it was found by its mark.
        at: When it was sent, in seconds since 1970.
        resumed: Whether an earlier call made it, and its id was known.
        sent: Whether this call has sent it, so that it is this call's own.
    """

    id: str
    operation_id: str
    adopted: bool
    at: float
    resumed: bool
    sent: bool


class AsyncSafeCreate:
    """Makes things that must not be made twice. Whatever the table marks as such can be made with it.

    Args:
        services: The client's services.
        caller: Makes the calls.
    """

    def __init__(self, services: AsyncServices, caller: AsyncCaller) -> None:
        self._services = services
        self._caller = caller
        self._clock = services.clock
        self._journal = services.intents

    async def create(
        self,
        operation: Operation,
        body: dict[str, JSON],
        terms: CreateTerms,
        options: CallOptions | None = None,
        *,
        asked: JSON = None,
    ) -> Created:
        """Make one thing, or return what an earlier call with this operation id has made.

        Args:
            operation: The creating operation, whose outcome is settled by a mark.
            body: Its body, without the mark.
            terms: How it is made safe.
            options: What the call does differently.
            asked: What two calls with one operation id must have in common; the body unless given.

        Raises:
            ValidationError: There is no room for the mark.
            OperationConflictError: The operation id belongs to another request.
            StateStoreError: The journal cannot be written, and is required.
            OutcomeUnknownError: Nothing tells whether it was made.
            DuplicateCreateError: Several things carry the mark.
            MovedError: Another call has gone on under another operation id.
        """
        made = await self._make(operation, body, terms, options, asked=body if asked is None else asked)
        assert made is not None  # noqa: S101 - it may send
        return made

    async def resumed(
        self, operation: Operation, terms: CreateTerms, options: CallOptions | None, *, asked: JSON
    ) -> tuple[Created | None, str]:
        """Find out what an earlier call with the operation id of `terms` came to; nothing is sent.

        Returns:
            What it made, None if it certainly made nothing; and the operation id to go on with, which is another one
            if that call had gone over to another product.

        Raises:
            NovitaError: As `create`.
        """
        last, held = terms.operation_id or "", None
        while True:
            try:
                held = await self._journal.read(last)
            except StateStoreError as error:
                if terms.journal == "required":
                    raise error.add_context(operation=operation.name, operation_id=last) from None
            if held is None:
                return None, last
            body = handle_of(operation).body_of(held.intent.about)
            same = attrs.evolve(terms, operation_id=last)
            try:
                return await self._make(operation, body, same, options, asked=asked, may_send=False), last
            except MovedError as moved:
                last, held = moved.next_id, None

    async def go_over(self, operation: Operation, terms: CreateTerms) -> None:
        """Make sure that the journal shows under which operation id a create goes on that made nothing.

        Raises:
            StateStoreError: The journal cannot be written, and is required.
        """
        abandoned = terms.operation_id or ""
        try:
            await self._journal.go_over(
                operation.name, abandoned, terms.next_id or "", required=terms.journal == "required"
            )
        except StateStoreError as error:
            raise error.add_context(operation=operation.name, operation_id=abandoned) from None

    async def give_up(
        self, operation: Operation, created: Created, terms: CreateTerms, interruption: BaseException
    ) -> None:
        """Do what was wished for a create that was interrupted when its id was known already."""
        if (
            not created.sent
            or terms.on_cancel != "delete"
            or isinstance(interruption, Exception | GeneratorExit)
        ):
            return
        with shielded(self._clock, 2 * INTERRUPTED_WINDOW):
            if await deleted(self._caller, self._clock, handle_of(operation), created.id, interruption):
                await self._journal.discard(operation.name, created.operation_id, created.id)

    async def reconcile(
        self,
        operation: Operation,
        operation_id: str,
        *,
        sent_at: float | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109
    ) -> object:
        """Look again for what a create made, also one of another process.

        Args:
            operation: The creating operation.
            operation_id: The identity of the create.
            sent_at: When it was sent, in seconds since 1970, where the journal does not know it.
            timeout: Seconds to look for.

        Returns:
            The thing; None if it certainly does not exist.

        Raises:
            ValidationError: Neither the journal nor the caller knows when it was sent.
            OutcomeUnknownError: Still nothing is known.
            DuplicateCreateError: Several things carry the mark.
        """
        self._caller.check_open()
        held = await self._journal.read(operation_id)
        while held is not None and held.intent.next_id is not None:
            held = await self._journal.read(held.intent.next_id)
        if held is None and sent_at is None:
            message = f"is needed: the journal knows nothing of the operation {operation_id}"
            raise ValidationError(problems=(problem("sent_at", sent_at, message),), operation_id=operation_id)
        if held is not None and held.intent.state in {"refused", "not_sent"}:
            return None
        if held is not None and held.intent.fulfilled:
            return await read_made(self._caller, handle_of(operation), held.intent.resource_id or "")
        about: Mapping[str, str] = {} if held is None else held.intent.about
        request = self._caller.request(operation, None, handle_of(operation).body_of(about), None)
        context = request.context
        context.operation_id = operation_id
        context.first_sent_at = sent_at
        if held is not None:
            context.operation_id = held.intent.operation_id
            context.marker, context.earlier_sends = held.intent.marker, held.intent.sends
            context.first_sent_at, context.discarded = held.intent.began, held.intent.discarded
        return await self._recorded(held, partial(self._services.settle_again, request, timeout))

    # ------------------------------------------------------------------------------------ the parts

    async def _make(
        self,
        operation: Operation,
        body: dict[str, JSON],
        terms: CreateTerms,
        options: CallOptions | None,
        *,
        asked: JSON,
        may_send: bool = True,
    ) -> Created | None:
        """Make one thing as `create` does; None where it would have to be sent and may not."""
        request = self._caller.request(operation, None, body, options)
        context = request.context
        context.operation_id = terms.operation_id or self._services.mint_operation_id()
        context.marker, context.settle_window, context.reserved = terms.marker, terms.settle, terms.settle
        check_room(handle_of(operation).thing(body), context.operation_id, terms.marker)
        held = await self._take(request, operation, terms, asked)
        if held.standing is Standing.DONE:
            return _created(held.intent)
        if held.standing is Standing.MOVED:
            raise MovedError(held.intent.next_id or "")
        if held.standing is Standing.FRESH and not may_send:
            await held.close("not_sent")
            return None
        if held.standing is not Standing.FRESH:  # it may exist already: it is looked for, but not sent
            context.doubtful = True
            context.marker = held.intent.marker
            context.first_sent_at = held.intent.began
            context.earlier_sends = held.intent.sends
        context.discarded = held.intent.discarded
        context.before_send = held.about_to_send
        found: str | None = None
        try:
            context.resource_id = found = await self._caller.perform(request, self._caller.read_id)
            with shielded(self._clock, INTERRUPTED_WINDOW):
                await held.close("adopted" if context.adopted else "created", resource_id=found)
        except GeneratorExit:  # a generator may not wait any more
            raise
        except BaseException as error:
            if found is not None:
                error.add_note(f"{operation.name} was carried out: {found}")
            with shielded(self._clock, 2 * INTERRUPTED_WINDOW):
                await self._ended(held, request, operation, terms, error)
            raise
        return _created(held.intent, sent=_was_sent(request))

    async def _take(
        self, request: Request, operation: Operation, terms: CreateTerms, asked: JSON
    ) -> AsyncHeldIntent:
        context = request.context
        now, left = self._clock.time(), context.deadline.left(self._clock.monotonic())
        draft = Intent(
            operation_id=context.operation_id or "",
            operation=operation.name,
            account=self._services.account,
            owner=self._journal.new_owner(),
            leased_at=now,
            lease_ttl=(left if math.isfinite(left) else _USUAL_DEADLINE) + LEASE_MARGIN,
            created_at=now,
            fingerprint=fingerprint_of(asked, self._journal.api_key),
            key_id=self._journal.key_id,
            marker=terms.marker,
            required=terms.journal == "required",
            about=described(handle_of(operation).thing(context.json)),
        )
        patience = Deadline(None if context.deadline.at is None else context.deadline.at - terms.settle)
        try:
            self._caller.check_open()
            return await self._journal.take(draft, required=terms.journal == "required", deadline=patience)
        except NovitaError as error:
            error.add_context(operation=operation.name, operation_id=context.operation_id)
            raise

    async def _ended(
        self,
        held: AsyncHeldIntent,
        request: Request,
        operation: Operation,
        terms: CreateTerms,
        error: BaseException,
    ) -> None:
        """Write down what is known of a call that raised, and do what was wished for an interrupted one."""
        context = request.context
        found = context.resource_id
        if found is None and context.answered is not None:
            found = answered_id(operation, context.answered.body)
        sent = _was_sent(request)
        state = ended_as(
            error,
            found=found is not None,
            adopted=context.adopted,
            doubtful=context.doubtful,
            sent=sent,
            late=context.deadline.expired(self._clock.monotonic()),
        )
        interrupted = not isinstance(error, Exception)
        if (
            found is not None
            and sent  # what another call has made is not this one's to delete
            and interrupted
            and terms.on_cancel == "delete"
            and await deleted(self._caller, self._clock, handle_of(operation), found, error)
        ):
            await held.close("not_created", discarded=found)
            return
        ids = error.ids if isinstance(error, DuplicateCreateError) else ()
        next_id = terms.next_id if state == "refused" and isinstance(error, CapacityError) else None
        await held.close(state, resource_id=None if ids else found, duplicates=ids, next_id=next_id)
        if isinstance(error, OutcomeUnknownError):
            self._bind(error, held)

    def _bind(self, error: OutcomeUnknownError, held: AsyncHeldIntent | None) -> None:
        """Let `reconcile()` of an error write what it finds into the journal."""
        look_again = error._reconcile  # noqa: SLF001 - the shell's half of `reconcile()`
        error.journaled = held is not None and held.journaled
        if look_again is None:
            return

        async def reconcile(asked: OutcomeUnknownError, timeout: float) -> object:  # noqa: ASYNC109
            return await self._recorded(held, partial(_called, look_again, asked, timeout))

        error._reconcile = reconcile  # noqa: SLF001 - the same

    async def _recorded(
        self, held: AsyncHeldIntent | None, look_again: Callable[[], Awaitable[object]]
    ) -> object:
        """Look again, and write into the journal what that tells."""
        try:
            found = await look_again()
        except DuplicateCreateError as several:
            if held is not None:
                await held.close("duplicate", duplicates=several.ids)
            raise
        except OutcomeUnknownError as error:
            self._bind(error, held)
            raise
        if held is not None and found is not None:
            await held.close("adopted", resource_id=str(getattr(found, "id", found)))
        elif held is not None:
            await held.close("unknown")
        return found


async def _called(look_again: OutcomeReconciler, error: OutcomeUnknownError, timeout: float) -> object:  # noqa: ASYNC109
    pending: Any = look_again(error, timeout)
    found: object = await pending
    return found


def handle_of(operation: Operation) -> Handle:
    """Return how what a create makes is dealt with.

    Raises:
        TypeError: The table does not say so: it is no marked create.
    """
    handle = None if operation.settle is None else operation.settle.handle
    if handle is None:
        raise TypeError(f"{operation.name} is no create that leaves a mark")
    return handle


def _was_sent(request: Request) -> bool:
    return any(attempt.sent for attempt in request.context.attempts)


def _created(intent: Intent, *, sent: bool | None = None) -> Created:
    """Return what is known of a create; `sent` is None if an earlier call made it."""
    assert intent.resource_id is not None  # noqa: S101 - it is fulfilled
    return Created(
        id=intent.resource_id,
        operation_id=intent.operation_id,
        adopted=intent.state == "adopted",
        at=intent.began,
        resumed=sent is None,
        sent=bool(sent),
    )
