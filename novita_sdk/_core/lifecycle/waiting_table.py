"""What each status of an instance means for one who waits for it: the table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from novita_sdk._core.waiting import Verdict
from novita_sdk.models.instance import Instance

Target: TypeAlias = Literal["running", "exited", "gone"]
"""A status that can be waited for."""

TARGETS: Final[tuple[Target, ...]] = ("running", "exited", "gone")

GONE: Final = "gone"
"""The word for an instance that certainly does not exist."""

_FOLDED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "stopped": "exited",
        "terminated": "removed",
        "deleted": "removed",
        "created": "creating",
        "error": "failed",
    }
)
"""Words of other versions of the API, and the word that they stand for."""

KNOWN_WORDS: Final = frozenset(
    {
        *("toCreate", "creating", "pending", "pulling"),
        *("toStart", "starting", "toRestart", "restarting", "toReset", "resetting"),
        *("migrating", "freezing", "running", "toStop", "stopping", "exited", "failed"),
        *("toRemove", "removing", "removed"),
    }
)
"""Every word with a meaning of its own; any other one means that something is under way."""

_P, _S, _T = Verdict.GOES_ON, Verdict.REACHED, Verdict.IMPOSSIBLE

# status -> what it means when waiting for (running, exited, gone); every other word means P, P, P
_TABLE: Final[Mapping[str, tuple[Verdict, Verdict, Verdict]]] = MappingProxyType(
    {
        "running": (_S, _P, _P),
        "exited": (_T, _S, _P),
        "failed": (_T, _T, _P),
        "toRemove": (_T, _T, _P),
        "removing": (_T, _T, _P),
        "removed": (_T, _T, _S),
        GONE: (_T, _T, _S),
    }
)


def status_word(instance: Instance) -> str:
    """Return the status of an instance in the contract's words; `unknown` if it shows none."""
    shown = "unknown" if instance.status is None else str(instance.status)
    return _FOLDED.get(shown, shown)


def judge_status(status: str | None, target: Target) -> Verdict:
    """Return what a status means.

    Args:
        status: The instance's status, or None if there certainly is no such instance.
        target: What is waited for.
    """
    row = _TABLE.get(GONE if status is None else str(status))
    return _P if row is None else row[TARGETS.index(target)]
