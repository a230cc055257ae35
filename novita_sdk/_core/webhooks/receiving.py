"""Receiving: which requests are read, in which order they are judged, and what is answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from novita_sdk._core.colour import colour_problem
from novita_sdk._core.webhooks.headers import ReceivedHeaders, pairs_of, values_of
from novita_sdk._core.webhooks.reasons import REASONS, refusal
from novita_sdk._core.webhooks.verification import VerifiedWebhook, Verifier
from novita_sdk.errors import ConfigurationError, SettingProblem
from novita_sdk.models.webhook_event import WebhookEvent

RETRY_AFTER: Final = 5
"""Seconds after which a sender may try again that is told to."""

_MOST_LENGTH_DIGITS: Final = 19
_WORDS: Final[Mapping[int, bytes]] = MappingProxyType(
    {
        200: b"ok",
        400: b"malformed",
        401: b"unauthorized",
        404: b"unknown",
        405: b"method",
        413: b"large",
        415: b"encoded",
        500: b"failed",
        503: b"busy",
    }
)
_EXTRA_HEADERS: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {405: ("allow", "POST"), 503: ("retry-after", str(RETRY_AFTER))}
)


class ClientGoneError(Exception):
    """The sender went away before its body ended."""


@attrs.frozen
class ReceiverResponse:
    """What a receiver answers.

    Attributes:
        status: The HTTP status.
        headers: Names in lower case, and values.
        body: One word that belongs to the status. Why a request was refused stands in the log only.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def answer(reason: str | None = None) -> ReceiverResponse:
    """Answer a request.

    Args:
        reason: Why it is refused; None for success.
    """
    status = 200 if reason is None else REASONS[reason].status
    body = _WORDS[status]
    usual = (("content-type", "text/plain; charset=utf-8"), ("content-length", str(len(body))))
    extra = _EXTRA_HEADERS.get(status)
    return ReceiverResponse(status, usual if extra is None else (*usual, extra), body)


class Intake:
    """One request on its way in. Each step raises `WebhookVerificationError` if the request is refused.

    Args:
        verifier: Judges the message.
        served: The path that is served; None for every one.
        method: The method of the request.
        path: Its path.
        headers: Its headers.
    """

    def __init__(
        self, verifier: Verifier, served: str | None, method: str, path: str, headers: ReceivedHeaders
    ) -> None:
        if served is not None and path != served:
            raise refusal("wrong_path")
        if method != "POST":
            raise refusal("wrong_method")
        self._verifier = verifier
        self._pairs = pairs_of(headers)
        self._length = _content_length(self._pairs)
        if self._length is not None and self._length > verifier.max_body:
            raise refusal("body_too_large")
        encodings = values_of(self._pairs, "content-encoding")
        if any((encoding or "").strip().lower() != "identity" for encoding in encodings):
            raise refusal("encoded_body")
        self._body = bytearray()

    def add(self, chunk: bytes) -> None:
        """Take a piece of the body."""
        if len(self._body) + len(chunk) > self._verifier.max_body:
            raise refusal("body_too_large")
        self._body += chunk

    def finish(self) -> tuple[VerifiedWebhook, WebhookEvent]:
        """Judge the whole request; give the message and what it tells."""
        if self._length is not None and len(self._body) != self._length:
            raise refusal("bad_length")
        message = self._verifier.verify(bytes(self._body), self._pairs)
        return message, message.event()


def _content_length(pairs: Collection[tuple[Any, Any]]) -> int | None:
    found = values_of(pairs, "content-length")
    if not found:
        return None
    text = found[0] or ""
    if len(found) > 1 or not (text.isascii() and text.isdecimal() and len(text) <= _MOST_LENGTH_DIGITS):
        raise refusal("bad_length")
    return int(text)


@attrs.frozen
class Ending:
    """How the run of a handler ended.

    Attributes:
        succeeded: Whether the message counts as handled.
        reason: Why it does not.
        late: Whether the handler took too long, and could not be interrupted.
    """

    succeeded: bool
    reason: str | None = None
    late: bool = False


def ending_of(error: Exception | None, *, finished: bool, elapsed: float, limit: float) -> Ending:
    """Tell how the run of a handler ended.

    Args:
        error: What it raised.
        finished: Whether it came to its end.
        elapsed: Seconds it took.
        limit: Seconds it may take.
    """
    if error is not None:
        return Ending(False, "handler_failed")
    if not finished:
        return Ending(False, "handler_timeout")
    return Ending(True, late=elapsed > limit)


def check_part(name: str, value: object, colour: str, method: str = "__call__") -> None:
    """Check what a receiver calls.

    Args:
        name: The argument, for the error.
        value: A handler or a store.
        colour: The receiver's: `async` or `sync`.
        method: The method that is called on it.

    Raises:
        ConfigurationError: It is of the other colour, or cannot be called at all.
    """
    problem = colour_problem(name, value, colour, method)
    if problem is not None:
        twins = "WebhookReceiver is for plain functions and stores, AsyncWebhookReceiver for `async def`"
        raise ConfigurationError(problems=(SettingProblem(name, problem.problem, twins),))


def check_type(event_type: object, taken: Collection[str | None]) -> None:
    """Check the type of event a handler is registered for.

    Raises:
        ConfigurationError: It is no text, or has a handler already.
    """
    if not isinstance(event_type, str) or not event_type or event_type in taken:
        fault = "has a handler already" if event_type in taken else "is no type of event"
        problem = SettingProblem(
            "event_type", f"{event_type!r} {fault}", "each type once, such as 'instance.ready'"
        )
        raise ConfigurationError(problems=(problem,))
