"""What an action that waits does first, by the status in which it meets the instance."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from novita_sdk._core.lifecycle.waiting_table import Target

Action: TypeAlias = Literal["start", "stop", "restart", "delete"]


class FirstStep(Enum):
    """What to do first."""

    SEND = "send"
    ATTACH = "attach"  # somebody has sent it already: only wait
    DONE = "done"
    AWAIT_EXITED = "await exited"
    AWAIT_RUNNING = "await running"
    REFUSE = "refuse"


_SEND, _ATTACH, _DONE, _REFUSE = FirstStep.SEND, FirstStep.ATTACH, FirstStep.DONE, FirstStep.REFUSE
_REMOVED: Final = {"toRemove": _REFUSE, "removing": _REFUSE, "removed": _REFUSE}

# action -> status -> first step, and under "" the step for every other status
_STEPS: Final[Mapping[Action, Mapping[str, FirstStep]]] = MappingProxyType(
    {
        "start": {
            "exited": _SEND,
            "running": _DONE,
            "toStop": FirstStep.AWAIT_EXITED,
            "stopping": FirstStep.AWAIT_EXITED,
            "failed": _REFUSE,
            **_REMOVED,
            "": _ATTACH,
        },
        "stop": {
            "running": _SEND,
            "exited": _DONE,
            "toStop": _ATTACH,
            "stopping": _ATTACH,
            "failed": _REFUSE,
            **_REMOVED,
            "": FirstStep.AWAIT_RUNNING,
        },
        "restart": {
            "running": _SEND,
            "toRestart": _ATTACH,
            "restarting": _ATTACH,
            "exited": _REFUSE,
            "toStop": _REFUSE,
            "stopping": _REFUSE,
            "failed": _REFUSE,
            **_REMOVED,
            "": FirstStep.AWAIT_RUNNING,
        },
        "delete": {"toRemove": _ATTACH, "removing": _ATTACH, "removed": _DONE, "": _SEND},
    }
)

TARGET_OF: Final[Mapping[Action, Target]] = MappingProxyType(
    {"start": "running", "restart": "running", "stop": "exited", "delete": "gone"}
)
"""What each action leads to."""

_IN_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "running": "already running",
        "exited": "not running",
        "toStop": "about to stop",
        "stopping": "currently stopping",
        "toStart": "already about to start",
        "starting": "already starting",
        "toRemove": "about to be removed",
        "removing": "being removed",
        "removed": "removed",
        "failed": "in a failed state",
    }
)


def first_step(action: Action, status: str) -> FirstStep:
    """Return what an action does first.

    Args:
        action: The action.
        status: The status in which it meets the instance, in the contract's words.
    """
    steps = _STEPS[action]
    return steps.get(status, steps[""])


def state_in_words(status: str) -> str:
    """Say what stands in the way of an action."""
    return _IN_WORDS.get(status, f"currently {status}")
