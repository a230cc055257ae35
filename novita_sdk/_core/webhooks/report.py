"""What a delivery has come to: the report of one that succeeded, the error of one that did not."""

from __future__ import annotations

import attrs

from novita_sdk._core.webhooks.destination import Destination
from novita_sdk.errors import Attempt, WebhookDeliveryError


@attrs.frozen(kw_only=True)
class DeliveryReport:
    """What became of a message.

    Attributes:
        message_id: Its id, equal to the `webhook-id` header.
        queued: Whether it waits in the outbox, rather than having been delivered.
        attempts: Attempts that were made.
        status: The status of the last answer.
        elapsed: Seconds from the first attempt to the last answer.
    """

    message_id: str
    queued: bool = False
    attempts: int = 0
    status: int | None = None
    elapsed: float = 0.0


def delivery_error(
    destination: Destination,
    message_id: str,
    attempts: tuple[Attempt, ...],
    *,
    cause: str,
    elapsed: float,
    retry_after: float | None,
) -> WebhookDeliveryError:
    """Make the error of a message that was given up; path, query and body are not in it.

    Args:
        destination: Where it should have gone.
        message_id: Its id.
        attempts: What was tried.
        cause: Why the last attempt failed, for people.
        elapsed: Seconds from the first attempt on.
        retry_after: Seconds the receiver asked to wait, if that was too long.
    """
    host = destination.url.host
    if any(attempt.sent for attempt in attempts):
        times = f"{len(attempts)} attempt{'s' if len(attempts) > 1 else ''}"
        message = f"{host} did not take webhook {message_id} in {times}: {cause}"
    else:
        message = f"webhook {message_id} was not sent to {host}: {cause}"
    if retry_after is not None:
        message += f"; it asks to wait for {retry_after:g} s"
    return WebhookDeliveryError(
        message,
        message_id=message_id,
        host=host,
        attempts=attempts,
        status=attempts[-1].status if attempts else None,
        elapsed=elapsed,
        retry_after=retry_after,
    )
