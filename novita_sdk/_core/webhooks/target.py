"""A place that webhooks are sent to: its URL, secrets and wishes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import attrs

from novita_sdk._core.rules import BOOLEAN, check_policy, one_of
from novita_sdk._core.webhooks.addresses import read_allow_private
from novita_sdk._core.webhooks.kinds import KINDS, kind_name
from novita_sdk._core.webhooks.payload import Form
from novita_sdk._core.webhooks.request_headers import check_extra_headers
from novita_sdk._core.webhooks.secret import WebhookSecret, read_secrets
from novita_sdk._core.webhooks.signing import SCHEMES, Scheme, check_schemes
from novita_sdk._core.webhooks.target_url import read_target_url
from novita_sdk.errors import ConfigurationError, SettingProblem, TargetRefusedError
from novita_sdk.models.webhook_event import WebhookEvent
from novita_sdk.options import RateLimit

_is_name: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}").fullmatch


def _host(url: str) -> str:
    """Show a URL by its host: path and query may hold a token."""
    return repr(read_target_url(url, allow_http=True).host)


def _names(headers: Mapping[str, str]) -> str:
    return repr(sorted(headers))


def _kinds(given: Iterable[str] | None) -> frozenset[str] | None:
    if given is None:
        return None
    chosen = frozenset([given] if isinstance(given, str) else given)
    unknown = sorted(map(str, chosen - KINDS.keys()))
    if unknown:
        problem = SettingProblem("WebhookTarget.kinds", f"{', '.join(unknown)} is unknown", ", ".join(KINDS))
        raise ConfigurationError(problems=(problem,))
    return chosen


def _copied(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Copy what is checked, lest it be changed afterwards; what is no mapping is told by the check."""
    return dict(headers) if isinstance(headers, Mapping) else headers  # pyright: ignore[reportUnnecessaryIsInstance]


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@attrs.frozen
class WebhookTarget:
    """A place that webhooks are sent to.

    Args:
        name: How it is called in settings, statistics and stores: 1-64 letters, digits, "_", "." or "-".
        url: Where to send.
        secrets: One secret, or up to five from the newest to the oldest; None sends unsigned.
        kinds: The kinds of events it gets, by the names of their constructors; None for all.
        payload: "legacy" leaves out `eventId`, `eventType` and `sequence`, for receivers that check the keys.
        ordering: "instance" keeps the events of an instance in order, "none" does not.
        rate_limit: Most requests to its host; None for no limit.
        schemes: The schemes to sign for.
        headers: Headers to send besides; their values count as secrets.
        allow_http: Whether the URL may be unencrypted.
        allow_private: Addresses to open that are denied otherwise: networks, or names of hosts.

    Raises:
        ConfigurationError: An argument is wrong.
    """

    name: str
    url: str = attrs.field(repr=_host)
    secrets: tuple[WebhookSecret, ...] = attrs.field(default=None, converter=read_secrets)
    kinds: frozenset[str] | None = attrs.field(default=None, converter=_kinds, kw_only=True)
    payload: Form = attrs.field(default="standard", kw_only=True)
    ordering: Literal["instance", "none"] = attrs.field(default="instance", kw_only=True)
    rate_limit: RateLimit | None = attrs.field(default=None, kw_only=True)
    schemes: frozenset[Scheme] = attrs.field(default=SCHEMES, converter=check_schemes, kw_only=True)
    headers: Mapping[str, str] = attrs.field(
        factory=dict[str, str], converter=_copied, repr=_names, hash=False, kw_only=True
    )
    allow_http: bool = attrs.field(default=False, kw_only=True)
    allow_private: tuple[str, ...] = attrs.field(default=(), converter=_texts, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_policy(
            self,
            name=(
                lambda value: isinstance(value, str) and _is_name(value) is not None,
                "1-64 letters, digits, '_', '.' or '-'",
            ),
            payload=one_of("standard", "legacy"),
            ordering=one_of("instance", "none"),
            rate_limit=(lambda value: value is None or isinstance(value, RateLimit), "a RateLimit or None"),
            allow_http=BOOLEAN,
        )
        read_allow_private(self.allow_private)
        problems = [
            SettingProblem(f"WebhookTarget.{field}", f"{shown} {words}", "headers that are free to choose")
            for field, shown, words in check_extra_headers(self.headers)
        ]
        try:
            read_target_url(self.url, allow_http=self.allow_http)
        except TargetRefusedError as refusal:
            problems.append(SettingProblem("WebhookTarget.url", refusal.message, "an https URL with a host"))
        if problems:
            raise ConfigurationError(problems=tuple(problems))

    def wants(self, event: WebhookEvent) -> bool:
        """Tell whether an event is one of the kinds that go here; events of unknown types go everywhere."""
        name = kind_name(event.event_type)
        return self.kinds is None or name is None or name in self.kinds
