"""Where messages go, and sending them from within the program: what a client and its helpers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from novita_sdk._async.transport_protocol import AsyncTransport
from novita_sdk._async.webhooks.delivery import AsyncDelivery
from novita_sdk._async.webhooks.sending import AsyncSending
from novita_sdk._concurrency.aio import Lock
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.webhooks.delivery_stats import DeliveryTally
from novita_sdk._core.webhooks.destination import Destination
from novita_sdk._core.webhooks.notify import Notify, is_url
from novita_sdk._core.webhooks.payload import Form, encode_payload, is_large
from novita_sdk._core.webhooks.secret import WebhookSecret
from novita_sdk._core.webhooks.target import WebhookTarget
from novita_sdk._core.webhooks.target_record import is_private
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.json_types import JSON
from novita_sdk.models.secret import Secret
from novita_sdk.models.webhook_event import WebhookEvent

if TYPE_CHECKING:
    from novita_sdk._async.webhooks.outbox import AsyncOutbox

DEFAULT = "default"
"""What the target of the settings is called."""


@attrs.frozen(kw_only=True)
class Route:
    """How a message goes to where it should.

    Attributes:
        name: The target's name.
        target: The target, if it is known by more than its name or URL.
        destination: Where to send from within the program; None if it goes through the outbox.
    """

    name: str
    target: WebhookTarget | None = None
    destination: Destination | None = None

    @property
    def form(self) -> Form:
        """The form of its payloads."""
        return "standard" if self.target is None else self.target.payload

    @property
    def is_signed(self) -> bool:
        """Whether its messages are signed by secrets that are known here."""
        return self.destination is not None and bool(self.destination.signer.secrets)

    def wants(self, event: WebhookEvent) -> bool:
        """Tell whether an event is one of those that go there."""
        return self.target is None or self.target.wants(event)


class AsyncSender:
    """Finds the way for messages, and sends those that no outbox keeps.

    Args:
        transport: Gives what does the I/O.
        clock: Where the time comes from.
        secrets: Signs for targets that have no secrets of their own.
        default: Where messages go for which nothing else is said.
        outbox: Takes messages for its targets.
        attempts: Most attempts of a message.
        timeout: Seconds of one attempt.
    """

    def __init__(
        self,
        transport: Callable[[], AsyncTransport],
        clock: AsyncClock,
        *,
        secrets: tuple[WebhookSecret, ...],
        default: WebhookTarget | None,
        outbox: AsyncOutbox | None,
        attempts: int,
        timeout: float,
    ) -> None:
        self.tally = DeliveryTally(Lock())
        self.outbox = outbox
        self.secrets = secrets
        self.attempts = attempts
        self.timeout = timeout
        self._clock = clock
        self._default = default
        self._delivery = AsyncDelivery(transport, clock, self.tally)

    def route(self, wish: Notify | None) -> Route | None:
        """Find the way to where a message should go.

        Args:
            wish: The wish; True and None stand for the usual target.

        Returns:
            The way; None if there is none to go.

        Raises:
            ValidationError: There is no outbox that could know a target by its name.
            TargetRefusedError: Nothing is sent to such a URL.
        """
        if wish is False:
            return None
        if wish is True or wish is None:
            return None if self._default is None else self._by_target(self._default)
        if isinstance(wish, WebhookTarget):
            return self._by_target(wish)
        known = self._known(lambda target: wish in (target.name, target.url))
        if known is not None:
            return Route(name=known.name, target=known)
        if is_url(wish):
            return self.to_url(wish)
        if self.outbox is None:
            words = (
                "is no target's name that is known here; give an outbox that has it, a URL or a WebhookTarget"
            )
            raise ValidationError(problems=(problem("target", wish, words),))
        return Route(name=wish)

    def to_url(
        self, url: str, *, secret: WebhookSecret | None = None, headers: Mapping[str, str] | None = None
    ) -> Route:
        """Find the way to a URL, past the outbox.

        Args:
            url: The URL.
            secret: Signs in place of the usual secret.
            headers: Headers to send besides.

        Raises:
            TargetRefusedError: Nothing is sent to such a URL.
        """
        destinations = self._delivery.destinations
        destination = destinations.of_url(url, (secret,) if secret else self.secrets, headers or {})
        return Route(name=destination.name, destination=destination)

    def with_own(self, route: Route, secret: WebhookSecret | None, headers: Mapping[str, str]) -> Route:
        """Change a way so that a message takes a secret or headers along that are in no store.

        Raises:
            ValidationError: Nothing but its name is known of the target.
        """
        destination = route.destination
        if destination is None:
            if route.target is None:
                words = (
                    "is the name of a target that is not known here; without it, nothing can be sent at once"
                )
                raise ValidationError(problems=(problem("target", route.name, words),))
            destination = self._destination(route.target)
        return attrs.evolve(
            route, destination=self._delivery.destinations.changed(destination, secret, headers)
        )

    def body(self, payload: WebhookEvent | Mapping[str, JSON] | bytes, form: Form = "standard") -> bytes:
        """Write a payload, and warn of one that some receivers will find too large."""
        body = encode_payload(payload, form)
        if is_large(body):
            self.tally.large(len(body))
        return body

    def sending(
        self,
        route: Route,
        message_id: str,
        body: bytes,
        *,
        attempts: int | None = None,
        timeout: float | None = None,
    ) -> AsyncSending:
        """Make a message ready to be sent from within the program."""
        if route.destination is None:
            raise AssertionError("what goes through the outbox is not sent from here")
        return AsyncSending(
            self._delivery,
            self._clock,
            self.tally,
            destination=route.destination,
            message_id=message_id,
            body=body,
            attempts=self.attempts if attempts is None else attempts,
            timeout=self.timeout if timeout is None else timeout,
        )

    def _by_target(self, target: WebhookTarget) -> Route:
        named = self._known(lambda other: other.name == target.name)
        if named is not None and target.url == named.url and (target == named or not is_private(target)):
            return Route(name=target.name, target=target)
        return Route(name=target.name, target=target, destination=self._destination(target))

    def _destination(self, target: WebhookTarget) -> Destination:
        named = self._known(lambda other: other.name == target.name)
        secrets = target.secrets or (() if named is None else named.secrets) or self.secrets
        return self._delivery.destinations.of_target(target, secrets)

    def _known(self, is_it: Callable[[WebhookTarget], bool]) -> WebhookTarget | None:
        """Find a target of the outbox."""
        targets = () if self.outbox is None else self.outbox.targets
        return next((target for target in targets if is_it(target)), None)


def own_secrets(secret: Secret | None) -> tuple[WebhookSecret, ...]:
    """Read the secret of the settings."""
    return () if secret is None else (WebhookSecret(secret),)


def default_target(url: Secret | None) -> WebhookTarget | None:
    """Make the target of the settings."""
    if url is None:
        return None
    text = url.reveal()
    return WebhookTarget(DEFAULT, text, allow_http=text.lower().startswith("http:"))
