"""How an operation is told where its events go."""

from __future__ import annotations

from typing import TypeAlias

from novita_sdk._core.webhooks.target import WebhookTarget
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError

Notify: TypeAlias = bool | str | WebhookTarget
"""Where events go: True for the usual target, False for nowhere, a URL, the name of a target, or a target."""


def check_notify(value: object) -> Notify:
    """Return a wish that can be understood.

    Raises:
        ValidationError: It is none of the kinds of wishes.
    """
    if isinstance(value, bool | WebhookTarget) or (isinstance(value, str) and value):
        return value
    words = "must be True, False, a URL, the name of a target, or a WebhookTarget"
    raise ValidationError(problems=(problem("notify", value, words),))


def is_url(wish: str) -> bool:
    """Tell a URL from the name of a target."""
    return ":" in wish or "/" in wish
