"""The receiver of webhooks: an application for web servers, or a part of one."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import TypeAlias, TypeVar

from novita_sdk._async.stores.protocol import AsyncStateStore
from novita_sdk._async.webhooks.claims import AsyncClaims, Claim
from novita_sdk._concurrency.aio import COLOUR, Lock, SystemClock, shielded
from novita_sdk._concurrency.asgi import ServerInterface
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.durations import Seconds
from novita_sdk._core.webhooks.dedupe import (
    DONE_PAUSES,
    HANDLER_TIMEOUT,
    REMEMBERED,
    STORE_TIME,
    Seen,
    check_lasting,
    keys_of,
)
from novita_sdk._core.webhooks.headers import ReceivedHeaders
from novita_sdk._core.webhooks.receiver_stats import ReceiverStats, ReceiverTally
from novita_sdk._core.webhooks.receiving import (
    ClientGoneError,
    Intake,
    ReceiverResponse,
    answer,
    check_part,
    check_type,
    ending_of,
)
from novita_sdk._core.webhooks.verification import VerifiedWebhook, Verifier
from novita_sdk.errors import WebhookVerificationError
from novita_sdk.models.webhook_event import WebhookEvent

AsyncHandler: TypeAlias = Callable[[WebhookEvent], Awaitable[None]]
"""What is done with an event; it raises if that failed, and the event comes again."""

H = TypeVar("H", bound=AsyncHandler)

_ACCOUNT = "default"


class AsyncWebhookReceiver(ServerInterface):
    """Verifies webhooks, recognises copies, and hands each event to a handler once.

    The receiver is an application for a web server, alone or mounted in another one; `handle` serves any other
    framework. It answers 200 when the handler has succeeded, never before.

    Args:
        verifier: Judges the messages.
        handler: Gets every event for which no other handler was registered with `on`; None ignores those.
        store: Remembers the messages. If several processes receive, it has to be one they share.
        path: The path to serve, exactly; None for every path that arrives here. Below a mount point it is the
            part after that.
        handler_timeout: Seconds a handler may take. What cannot be interrupted is only reported.
        claim_for: Seconds after which a message is handled again whose handler died with its process; None for
            the shortest time that is safe, twice the verifier's tolerance and a minute.
        remember_for: Seconds for which a handled message is known.
        clock: Where the time comes from.

    Raises:
        ConfigurationError: An argument is wrong.
    """

    def __init__(
        self,
        verifier: Verifier,
        handler: AsyncHandler | None = None,
        *,
        store: AsyncStateStore,
        path: str | None = None,
        handler_timeout: Seconds = HANDLER_TIMEOUT,
        claim_for: Seconds | None = None,
        remember_for: Seconds = REMEMBERED,
        clock: AsyncClock | None = None,
    ) -> None:
        check_part("store", store, COLOUR, "put_if_absent")
        check_part("store", store, "sync", "scoped")  # a plain method in both colours
        if handler is not None:
            check_part("handler", handler, COLOUR)
        self._verifier = verifier
        self._largest_body = verifier.max_body
        self._handler = handler
        self._handlers: dict[str | None, AsyncHandler] = {}
        self._path = path
        self._clock = clock or SystemClock()
        self._lasting = check_lasting(verifier, claim_for, remember_for, handler_timeout)
        self._claims = AsyncClaims(store.scoped(_ACCOUNT), self._clock, self._lasting)
        self._tally = ReceiverTally(Lock())

    def on(self, event_type: str) -> Callable[[H], H]:
        """Register the handler of one type of event, as a decorator.

        Args:
            event_type: The type, such as "instance.ready" or a `WebhookEventType`.

        Raises:
            ConfigurationError: The type has a handler already, or the function is of the other colour.
        """
        check_type(event_type, self._handlers)

        def register(handler: H) -> H:
            check_part("handler", handler, COLOUR)
            self._handlers[event_type] = handler
            return handler

        return register

    def stats(self) -> ReceiverStats:
        """Return what the receiver has done so far."""
        return self._tally.snapshot()

    async def handle(
        self, method: str, path: str, headers: ReceivedHeaders, chunks: AsyncIterable[bytes]
    ) -> ReceiverResponse:
        """Serve one request.

        Args:
            method: Its HTTP method.
            path: Its path, without the query.
            headers: Its headers: a mapping or pairs, text or bytes.
            chunks: Its body, read only as far as is needed.

        Returns:
            The answer to send.
        """
        try:
            intake = Intake(self._verifier, self._path, method, path, headers)
            async for chunk in chunks:
                intake.add(chunk)
            message, event = intake.finish()
        except WebhookVerificationError as refusal:
            return self._refuse(refusal.reason or "")
        except ClientGoneError:
            return self._refuse("incomplete_body")
        return await self._settle(message, event)

    def _refuse(self, reason: str) -> ReceiverResponse:
        self._tally.rejected(reason)
        return answer(reason)

    async def _settle(self, message: VerifiedWebhook, event: WebhookEvent) -> ReceiverResponse:
        try:
            claim = await self._claims.take(keys_of(message, accept_legacy=self._verifier.accept_legacy))
        except Exception as error:  # noqa: BLE001 - of whatever store; told, and the message comes again
            self._tally.store_failed("claim a message", error)
            return self._refuse("store_failed")
        if claim is Seen.RUNNING:
            return self._refuse("still_running")
        if claim is Seen.DONE:
            self._tally.duplicate(message)
            return answer()
        response = answer("store_failed")  # unless the store can be waited for
        # A sender that hangs up must not leave a handler half done, nor a claim that nobody gives back.
        with shielded(self._clock, self._lasting.handler + STORE_TIME):
            response = await self._run(claim, message, event)
        return response  # noqa: RET504 - the shield may have ended the block early

    async def _run(self, claim: Claim, message: VerifiedWebhook, event: WebhookEvent) -> ReceiverResponse:
        handler = self._handlers.get(event.event_type, self._handler)
        if handler is None:
            self._tally.ignored(message, event)
            await self._finish(claim)
            return answer()
        began = self._clock.monotonic()
        error: Exception | None = None
        finished = False
        try:
            with shielded(self._clock, self._lasting.handler):
                await handler(event)
                finished = True
        except Exception as failure:  # noqa: BLE001 - logged with its traceback, and the message comes again
            error = failure
        except BaseException:  # a server that heeds no shield, or a program that ends
            with shielded(self._clock, STORE_TIME):
                await self._release(claim)
            raise
        elapsed = self._clock.monotonic() - began
        ending = ending_of(error, finished=finished, elapsed=elapsed, limit=self._lasting.handler)
        self._tally.handled(message, event, ending, elapsed, error)
        if ending.succeeded:
            await self._finish(claim)
        else:
            await self._release(claim)
        return answer(ending.reason)

    async def _finish(self, claim: Claim) -> None:
        """Remember a handled message; a mark that cannot be written ends by itself, later than it should."""
        for pause in DONE_PAUSES:
            await self._clock.sleep_async(pause)
            try:
                await self._claims.done(claim)
            except Exception as error:  # noqa: BLE001 - the message is handled, whatever the store says
                self._tally.store_failed("remember a message", error)
            else:
                return

    async def _release(self, claim: Claim) -> None:
        try:
            await self._claims.release(claim)
        except Exception as error:  # noqa: BLE001 - the claim ends by itself
            self._tally.store_failed("release a message", error)
