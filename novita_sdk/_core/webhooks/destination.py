"""A target as the sender of an attempt sees it: read, checked, and ready to sign for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import attrs

from novita_sdk._core.webhooks.addresses import AllowedPrivate, read_allow_private
from novita_sdk._core.webhooks.secret import WebhookSecret
from novita_sdk._core.webhooks.signing import SCHEMES, Scheme, Signer
from novita_sdk._core.webhooks.target import WebhookTarget
from novita_sdk._core.webhooks.target_url import TargetURL, read_target_url
from novita_sdk.options import RateLimit


@attrs.frozen(kw_only=True)
class Destination:
    """Where a message goes, and how.

    Attributes:
        name: What statistics call it.
        url: The URL.
        signer: Signs for it.
        allowed: Denied addresses that the user opened.
        headers: The caller's own headers.
        schemes: The schemes to sign for.
        rate_limit: Most requests to its host.
    """

    name: str
    url: TargetURL
    signer: Signer = attrs.field(repr=False)
    allowed: AllowedPrivate = attrs.field(factory=AllowedPrivate)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    schemes: frozenset[Scheme] = SCHEMES
    rate_limit: RateLimit | None = None


class Destinations:
    """Makes destinations.

    Args:
        now: Tells the wall time in seconds since 1970.
        new_id: Makes a random message id.
    """

    def __init__(self, *, now: Callable[[], float], new_id: Callable[[], str]) -> None:
        self._now = now
        self._new_id = new_id

    def of_target(self, target: WebhookTarget, secrets: Sequence[WebhookSecret]) -> Destination:
        """Give the destination of a target.

        Args:
            target: The target.
            secrets: The secrets to sign with.
        """
        return Destination(
            name=target.name,
            url=read_target_url(target.url, allow_http=target.allow_http),
            schemes=target.schemes,
            signer=self._signer(secrets, target.schemes),
            allowed=read_allow_private(target.allow_private),
            headers=target.headers,
            rate_limit=target.rate_limit,
        )

    def of_url(self, url: str, secrets: Sequence[WebhookSecret], headers: Mapping[str, str]) -> Destination:
        """Give the destination of a bare URL; statistics know it by its host.

        Args:
            url: The URL.
            secrets: The secrets to sign with.
            headers: The caller's own headers.

        Raises:
            TargetRefusedError: Nothing is sent to such a URL.
        """
        read = read_target_url(url)
        return Destination(
            name=read.host, url=read, signer=self._signer(secrets, SCHEMES), headers=dict(headers)
        )

    def changed(
        self, destination: Destination, secret: WebhookSecret | None, headers: Mapping[str, str]
    ) -> Destination:
        """Give a destination that is signed for otherwise, and gets more headers.

        Args:
            destination: What to change.
            secret: Signs in place of its secrets; None keeps those.
            headers: Headers besides its own.
        """
        signer = destination.signer if secret is None else self._signer([secret], destination.schemes)
        return attrs.evolve(destination, signer=signer, headers={**destination.headers, **headers})

    def _signer(self, secrets: Sequence[WebhookSecret], schemes: Collection[Scheme]) -> Signer:
        return Signer(secrets or None, schemes=schemes, clock=self._now, new_id=self._new_id)
