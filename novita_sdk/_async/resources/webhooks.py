"""Sending webhooks from a program, with or without a client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from novita_sdk._async.transport_protocol import AsyncTransport
from novita_sdk._async.webhooks.delivery import new_message_id
from novita_sdk._async.webhooks.sender import AsyncSender, Route, default_target
from novita_sdk._concurrency.aio import SystemClock
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.durations import Seconds
from novita_sdk._core.webhooks.delivery import ATTEMPTS, TIMEOUT, check_attempts, check_timeout
from novita_sdk._core.webhooks.delivery_stats import DeliveryStats
from novita_sdk._core.webhooks.message_ids import check_message_id
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk._core.webhooks.report import DeliveryReport
from novita_sdk._core.webhooks.request_headers import check_extra_headers
from novita_sdk._core.webhooks.secret import SecretText, WebhookSecret, read_secrets
from novita_sdk._core.webhooks.target import WebhookTarget
from novita_sdk._core.wire import problem
from novita_sdk.errors import ConfigurationError, ValidationError
from novita_sdk.models.json_types import JSON
from novita_sdk.models.secret import Secret
from novita_sdk.models.webhook_event import WebhookEvent

if TYPE_CHECKING:
    from novita_sdk._async.services import AsyncServices
    from novita_sdk._async.webhooks.outbox import AsyncOutbox
    from novita_sdk._webhook_signing import WebhookVerifier

AsyncRouting = Callable[[Notify | None, str | None], Awaitable[Route | None]]


class AsyncWebhooks:
    """Signs and sends webhooks. It works alone, without a client and an API key; a client has one of its own.

    Args:
        secret: Signs what has no secret of its own; None sends unsigned.
        url: Where events go for which nothing else is said.
        outbox: Keeps the events for its targets until they are delivered.
        transport: What does the I/O instead of HTTP.
        timeout: Seconds of one attempt, 1-30.
        attempts: Most attempts of a message, 1-10.
        clock: Where the time comes from.

    Raises:
        ConfigurationError: The secret cannot be used, or the URL is none that webhooks go to.
        ValidationError: `timeout` or `attempts` is out of range.
    """

    def __init__(
        self,
        secret: SecretText | None = None,
        *,
        url: str | None = None,
        outbox: AsyncOutbox | None = None,
        transport: AsyncTransport | None = None,
        timeout: Seconds = TIMEOUT,
        attempts: int = ATTEMPTS,
        clock: AsyncClock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._transport = transport
        self._made: AsyncTransport | None = None
        sender = AsyncSender(
            self._io,
            self._clock,
            secrets=read_secrets(secret),
            default=default_target(None if url is None else Secret(url)),
            outbox=outbox,
            attempts=check_attempts(attempts),
            timeout=check_timeout(timeout),
        )
        self._sender = sender
        self._find = _by_sender(sender)

    @classmethod
    def _of(cls, services: AsyncServices) -> AsyncWebhooks:
        """Make the one of a client."""
        made = object.__new__(cls)
        made._clock = services.clock
        made._transport = services.transport
        made._made = None
        made._sender = services.sender
        made._find = services.events.route
        return made

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    async def send(
        self,
        url: str,
        payload: WebhookEvent | Mapping[str, JSON] | bytes,
        *,
        secret: SecretText | None = None,
        headers: Mapping[str, str] | None = None,
        attempts: int | None = None,
        timeout: Seconds | None = None,  # noqa: ASYNC109 - the limit of each attempt
        message_id: str | None = None,
    ) -> DeliveryReport:
        """Send a message now, and wait until it is taken or given up.

        It is tried again after 1, 2 and 4 seconds if the receiver cannot be reached, answers 5xx, 408, 425 or 429.
        Nothing is sent to addresses inside of networks, and redirects are not followed.

        Args:
            url: Where to: an https URL.
            payload: An event, any JSON object, or bytes, which go out as they are.
            secret: Signs this message in place of the usual secret.
            headers: Headers to send besides; their values count as secrets.
            attempts: Most attempts, 1-10.
            timeout: Seconds of one attempt, 1-30.
            message_id: The message's id; left out: the event's, else a random one.

        Returns:
            What was needed to deliver it.

        Raises:
            ValidationError: An argument is wrong; nothing was sent.
            TargetRefusedError: Nothing is sent to such a URL.
            WebhookDeliveryError: The message was given up.
        """
        route = self._sender.to_url(url, secret=_checked_secret(secret), headers=_checked_headers(headers))
        event_id = payload.event_id if isinstance(payload, WebhookEvent) else None
        chosen = check_message_id(message_id or event_id or new_message_id())
        return await self._deliver(route, chosen, self._sender.body(payload), attempts, timeout)

    async def notify(
        self,
        event: WebhookEvent,
        target: WebhookTarget | str | None = None,
        *,
        secret: SecretText | None = None,
        headers: Mapping[str, str] | None = None,
        attempts: int | None = None,
        timeout: Seconds | None = None,  # noqa: ASYNC109 - the limit of each attempt
    ) -> DeliveryReport:
        """Tell an event. To a target of the outbox it is kept until it is delivered, else sent like by `send`.

        Args:
            event: The event, as `webhooks.events` makes it.
            target: A target, the name of one of the outbox, or a URL; left out: where the events of this instance
                go, else the `webhook_url`.
            secret: Signs this message in place of every other secret; it is then not kept, but sent now.
            headers: Headers to send besides; the same.
            attempts: Most attempts, 1-10; of a message that is sent now.
            timeout: Seconds of one attempt, 1-30; the same.

        Returns:
            What was done. Without any target, or to one that does not want such events, nothing: 0 attempts.

        Raises:
            ValidationError: An argument is wrong; nothing was sent.
            TargetRefusedError: Nothing is sent to such a URL.
            WebhookDeliveryError: The message was given up.
            OutboxFullError: The outbox holds too many messages.
            StateStoreError: A store does not work.
        """
        own, extra = _checked_secret(secret), _checked_headers(headers)
        route = await self._find(target, event.novita_instance_id or event.instance_id)
        if route is not None and (own or extra):
            route = self._sender.with_own(route, own, extra)
        message_id = check_message_id(event.event_id or new_message_id())
        if route is None or not route.wants(event):
            return DeliveryReport(message_id=message_id)
        if route.destination is None:
            outbox = self.outbox
            if outbox is None:
                raise AssertionError("only an outbox has targets that are known by their names")
            return DeliveryReport(message_id=await outbox.enqueue(event, route.name), queued=True)
        body = self._sender.body(event, route.form)
        return await self._deliver(route, message_id, body, attempts, timeout)

    @property
    def outbox(self) -> AsyncOutbox | None:
        """The outbox that was given."""
        return self._sender.outbox

    @property
    def verifier(self) -> WebhookVerifier:
        """Checks received messages that are signed with the usual secret.

        Raises:
            ConfigurationError: There is no secret.
        """
        from novita_sdk._webhook_signing import WebhookVerifier  # noqa: PLC0415 - who only sends needs none of it

        return WebhookVerifier(self._sender.secrets, clock=self._clock.time)

    def stats(self) -> Mapping[str, DeliveryStats]:
        """Return what became of the messages sent from here, by target; a bare URL counts for its host. No I/O."""
        return self._sender.tally.snapshot()

    async def aclose(self) -> None:
        """Close the connections that were made here; those of a client or a transport of yours stay open."""
        made, self._made = self._made, None
        if made is not None:
            await made.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _deliver(
        self,
        route: Route,
        message_id: str,
        body: bytes,
        attempts: int | None,
        timeout: Seconds | None,  # noqa: ASYNC109
    ) -> DeliveryReport:
        sending = self._sender.sending(
            route,
            message_id,
            body,
            attempts=None if attempts is None else check_attempts(attempts),
            timeout=None if timeout is None else check_timeout(timeout),
        )
        return await sending.run()

    def _io(self) -> AsyncTransport:
        if self._transport is not None:
            return self._transport
        if self._made is None:
            from novita_sdk._async.transport import AsyncHTTPTransport  # noqa: PLC0415 - where it is needed

            self._made = AsyncHTTPTransport(clock=self._clock)
        return self._made


def _by_sender(sender: AsyncSender) -> AsyncRouting:
    async def find(wish: Notify | None, _instance_id: str | None) -> Route | None:
        return sender.route(wish)

    return find


def _checked_secret(secret: SecretText | None) -> WebhookSecret | None:
    if secret is None or isinstance(secret, WebhookSecret):
        return secret
    try:
        return WebhookSecret(secret)
    except ConfigurationError as error:
        found = error.problems[0]
        words = f"is {found.problem}; allowed: {found.allowed}"
        raise ValidationError(problems=(problem("secret", secret, words, secret=True),)) from None


def _checked_headers(headers: Mapping[str, str] | None) -> Mapping[str, str]:
    if headers is None:
        return {}
    problems = check_extra_headers(headers)
    if problems:
        raise ValidationError(problems=tuple(problems))
    return dict(headers)
