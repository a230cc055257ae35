"""What is wrong with a worker: recognised by the words of its state, with a piece of advice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

import attrs

from novita_sdk._core.redact import redact_text
from novita_sdk.models.endpoint_state import State
from novita_sdk.models.open_enum import OpenEnum


class FailureClass(OpenEnum):
    """Why a worker, or an endpoint as a whole, does not work."""

    IMAGE_PULL = "image_pull"
    CRASH = "crash"
    RESOURCE = "resource"
    TIMEOUT = "timeout"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


_WORDS: Final[tuple[tuple[FailureClass, tuple[str, ...]], ...]] = (
    # the first class with a word or phrase in the text is it
    (FailureClass.IMAGE_PULL, ("image", "pull", "pulling", "registry", "manifest", "repository")),
    (
        FailureClass.CRASH,
        (
            *("crash", "crashed", "crashes", "crashing", "exit", "exited", "oom", "killed", "sigkill"),
            *("segfault", "out of memory", "container error"),
        ),
    ),
    (
        FailureClass.RESOURCE,
        (
            *("resource", "resources", "insufficient", "quota", "unavailable", "capacity"),
            *("limit exceeded", "limit reached", "out of stock"),
        ),
    ),
    (FailureClass.TIMEOUT, ("timeout", "timeouts", "timed out", "deadline")),
)

_ADVICE: Final[Mapping[FailureClass, str]] = MappingProxyType(
    {
        FailureClass.IMAGE_PULL: "check the name of the image and the registry login",
        FailureClass.CRASH: "read the container's log; give it more memory if it ran out of it",
        FailureClass.RESOURCE: "take another product or region, or ask for a higher quota",
        FailureClass.TIMEOUT: "raise the timeouts of the health check or of requests",
        FailureClass.UNHEALTHY: "check the path and port of the health check",
        FailureClass.UNKNOWN: "see the message",
    }
)

_FAILED_STATES: Final = frozenset({"failed", "failure", "error", "errored", "crashed"})
_FAILED_WORDS: Final = _FAILED_STATES | {"fail"}

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATOR: Final = re.compile(r"[^a-z0-9]+")


def _words(text: str) -> str:
    """Return the words of a text in lower case, with a blank around each."""
    return f" {' '.join(_SEPARATOR.split(_CAMEL.sub(' ', text).lower()))} "


def _recognised(text: str) -> FailureClass:
    words = _words(text)
    for found, phrases in _WORDS:
        if any(f" {phrase} " in words for phrase in phrases):
            return found
    return FailureClass.UNKNOWN


def has_failed(state: State, healthy: bool | None) -> bool:
    """Tell whether a worker or endpoint has failed.

    Args:
        state: Its state.
        healthy: What its health check says; None if it says nothing.
    """
    if state.word.strip().lower() in _FAILED_STATES or state.error.strip():
        return True
    return healthy is False and not _FAILED_WORDS.isdisjoint(_words(state.message).split())


def failure_class(state: State) -> FailureClass:
    """Classify a failure: the error word decides, the message only where that tells nothing."""
    found = _recognised(state.error)
    return _recognised(state.message) if found is FailureClass.UNKNOWN else found


@attrs.frozen(kw_only=True)
class WorkerFailure:
    """A worker, or the endpoint itself, that does not work.

    Attributes:
        worker_id: The worker; None for the endpoint itself.
        failure_class: Why.
        error: The service's word for it.
        message: Its text about it, without passwords and tokens in URLs.
        first_seen: When it was first seen, where somebody watched.
        last_seen: When it was last seen.
    """

    worker_id: str | None
    failure_class: FailureClass
    error: str
    message: str
    first_seen: datetime | None = None
    last_seen: datetime | None = None

    @property
    def advice(self) -> str:
        """What can be done about it."""
        return _ADVICE[self.failure_class]


def failure_of(state: State, worker_id: str | None) -> WorkerFailure:
    """Describe the failure that a state tells of."""
    return WorkerFailure(
        worker_id=worker_id,
        failure_class=failure_class(state),
        error=state.error,
        message=redact_text(state.message),
    )
