"""Making, signing and verifying webhooks by the clock and with the randomness of this machine."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Sequence

from novita_sdk._concurrency.process import once_per_process
from novita_sdk._core.durations import Seconds
from novita_sdk._core.webhooks.events import Events
from novita_sdk._core.webhooks.message_ids import message_id_from
from novita_sdk._core.webhooks.secret import (
    RANDOM_BYTES,
    SecretText,
    WebhookSecret,
    spelled,
    warn_of_a_weak_secret,
)
from novita_sdk._core.webhooks.signing import SCHEMES, Scheme, Signer
from novita_sdk._core.webhooks.verification import LARGEST_BODY, TOLERANCE, Verifier


def _new_id() -> str:
    return message_id_from(secrets.randbits(130))


def _warn_if_weak(used: Sequence[WebhookSecret]) -> None:
    if any(secret.is_weak for secret in used):
        once_per_process(warn_of_a_weak_secret)


def generate_secret() -> str:
    """Make a new signing secret: `whsec_` and 32 random bytes, fit for any receiver."""
    return spelled(secrets.token_bytes(RANDOM_BYTES))


events = Events(now=time.time, new_id=_new_id)
"""Makes events of now: `events.ready(instance)`, `events.failure(instance, error="...")`; see `Events`."""


class WebhookSigner(Signer):
    """Signs messages with one or several secrets; it may be used by several threads at once.

    Args:
        secrets: One secret, or up to five from the newest to the oldest; None signs nothing.
        schemes: The schemes to sign for.
        clock: Tells the wall time in seconds since 1970.

    Attributes:
        secrets: The secrets, checked.

    Raises:
        ConfigurationError: A secret cannot be used, there are too many, or a scheme is unknown.
    """

    def __init__(
        self,
        secrets: SecretText | Sequence[SecretText] | None = None,
        *,
        schemes: Collection[Scheme] = SCHEMES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(secrets, schemes=schemes, clock=clock, new_id=_new_id)
        _warn_if_weak(self.secrets)


class WebhookVerifier(Verifier):
    """Checks received messages; it may be used by several threads at once.

    Args:
        secrets: One secret, or up to five of which any may fit.
        tolerance: Seconds by which a timestamp may differ from now, 1-3600.
        accept_legacy: Whether messages with only the `X-Webhook-*` headers are taken.
        max_body: Bytes of the largest body that is taken.
        clock: Tells the wall time in seconds since 1970.

    Attributes:
        secrets: The secrets, checked.
        tolerance: The same in seconds.
        accept_legacy: The same.
        max_body: The same.

    Raises:
        ConfigurationError: There is no secret, or an argument is wrong.
    """

    def __init__(
        self,
        secrets: SecretText | Sequence[SecretText],
        *,
        tolerance: Seconds = TOLERANCE,
        accept_legacy: bool = False,
        max_body: int = LARGEST_BODY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(
            secrets, tolerance=tolerance, accept_legacy=accept_legacy, max_body=max_body, clock=clock
        )
        _warn_if_weak(self.secrets)
