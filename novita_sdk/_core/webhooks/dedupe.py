"""Recognising messages that were received before: what is written into the store, and for how long."""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Final

import attrs

from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.narrowing import is_number
from novita_sdk._core.webhooks.verification import VerifiedWebhook, Verifier
from novita_sdk.errors import ConfigurationError, SettingProblem
from novita_sdk.models.json_types import JSON

REMEMBERED: Final = 7 * 86400.0
"""Seconds for which a handled message is known; senders go on for up to three and a half days."""

HANDLER_TIMEOUT: Final = 30.0
"""Seconds a handler may take."""

PATIENCE: Final = 5.0
"""Seconds a second copy waits for the outcome of the first."""

LOOK_EVERY: Final = 0.25
"""Seconds between two looks at that outcome."""

DONE_PAUSES: Final = (0.0, 0.5, 0.5)
"""Seconds before each try to write down that a message was handled."""

STORE_TIME: Final = 30.0
"""Seconds the store may take over that, all tries together."""

_BESIDE_TOLERANCE: Final = 60.0
_SCHEMA: Final = 1
_RUNNING: Final = "running"
_DONE: Final = "done"


class Seen(Enum):
    """What a store knows of a message that somebody else claimed."""

    RUNNING = "running"
    DONE = "done"


@attrs.frozen
class Keys:
    """Under which keys a message is remembered.

    Attributes:
        first: The one that decides whether it is new.
        also: The one that is marked besides, so that a copy without the standard headers is no news either.
    """

    first: str
    also: str | None = None


@attrs.frozen
class Lasting:
    """How long marks last, in seconds.

    Attributes:
        claim: A claim whose owner died.
        done: What was handled.
        handler: A handler may take.
    """

    claim: float
    done: float
    handler: float


def keys_of(message: VerifiedWebhook, *, accept_legacy: bool) -> Keys:
    """Give the keys of a message."""
    body = f"seen:body:{hashlib.sha256(message.body).hexdigest()}"
    if message.id is None:
        return Keys(body)
    by_id = f"seen:{hashlib.sha256(message.id.encode()).hexdigest()}"
    return Keys(by_id, body if accept_legacy else None)


def running() -> dict[str, JSON]:
    """Give the value of a claim."""
    return {"v": _SCHEMA, "state": _RUNNING}


def done() -> dict[str, JSON]:
    """Give the value of a message that was handled."""
    return {"v": _SCHEMA, "state": _DONE}


def seen(value: dict[str, JSON]) -> Seen:
    """Read a value back."""
    return Seen(value["state"])


def check_lasting(
    verifier: Verifier, claim: Seconds | None, remember: Seconds, handler_timeout: Seconds
) -> Lasting:
    """Check how long marks last.

    Args:
        verifier: A signature stays fresh for twice its tolerance.
        claim: Seconds of a claim; None for the shortest that is safe.
        remember: Seconds for which a handled message is known.
        handler_timeout: Seconds a handler may take.

    Raises:
        ConfigurationError: A mark would end while a captured message is still fresh, or while its handler
            may still run.
    """
    shortest = 2 * verifier.tolerance + _BESIDE_TOLERANCE
    lasting = Lasting(
        claim=shortest if claim is None else seconds(claim),
        done=seconds(remember),
        handler=seconds(handler_timeout),
    )
    longer, shorter = f"at least {shortest:g} seconds", f"above 0 and below {shortest:g} seconds"
    problems = [
        SettingProblem(name, f"{value!r} is wrong", words)
        for name, value, is_right, words in (
            ("claim_for", lasting.claim, _at_least(lasting.claim, shortest), longer),
            ("remember_for", lasting.done, _at_least(lasting.done, shortest), longer),
            ("handler_timeout", lasting.handler, _is_below(lasting.handler, shortest), shorter),
        )
        if not is_right
    ]
    if problems:
        raise ConfigurationError(problems=tuple(problems))
    return lasting


def _at_least(value: object, least: float) -> bool:
    return is_number(value) and value >= least


def _is_below(value: object, most: float) -> bool:
    return is_number(value) and 0 < value < most
