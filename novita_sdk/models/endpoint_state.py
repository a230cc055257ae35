"""How an endpoint or one of its workers is doing, in the service's words and in ours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Self

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.open_enum import OpenEnum


class EndpointState(OpenEnum):
    """State of an endpoint or worker; a word this release does not know stays what it is."""

    RUNNING = "RUNNING"
    PENDING = "PENDING"
    CREATING = "CREATING"
    UPDATING = "UPDATING"
    STOPPED = "STOPPED"
    FAILED = "FAILED"
    TERMINATING = "TERMINATING"


_STATES: Final[Mapping[str, EndpointState]] = MappingProxyType(
    {
        "serving": EndpointState.RUNNING,
        "running": EndpointState.RUNNING,
        "pending": EndpointState.PENDING,
        "creating": EndpointState.CREATING,
        "updating": EndpointState.UPDATING,
        "stopped": EndpointState.STOPPED,
        "failed": EndpointState.FAILED,
        "deleting": EndpointState.TERMINATING,
    }
)


@model
class State(Model):
    """The state of an endpoint or worker, with what is wrong.

    Attributes:
        word: The service's word, as it came.
        error: A word for what is wrong; empty while nothing is.
        message: Free text about it.
    """

    word: str = field(default="", wire="state")
    error: str = ""
    message: str = field(default="", show="text")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a state that comes as its bare word."""
        return cls(word=text)

    @property
    def state(self) -> EndpointState:
        """What the word means; letter case and blanks around it do not count."""
        word = self.word.strip().lower()
        return _STATES.get(word) or EndpointState(word)
