"""Which changes of status this client has brought about itself, so that a watch need not report them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

_STARTING: Final = frozenset({"toStart", "starting", "pulling", "running"})

# action -> the statuses that it leads through, the last one included
_LEADS_THROUGH: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "create": frozenset({"toCreate", "creating", "pending"}) | _STARTING,
        "start": _STARTING,
        "restart": frozenset({"toRestart", "restarting", "exited"}) | _STARTING,
        "stop": frozenset({"toStop", "stopping", "exited"}),
        "delete": frozenset({"toRemove", "removing", "removed"}),
        "migrate": frozenset({"migrating"}) | _STARTING,
    }
)
_LAST: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("create", "start", "restart", "migrate"), "running"),
        "stop": "exited",
        "delete": "removed",
    }
)
_REMEMBERED: Final = 1800.0  # seconds
_MOST: Final = 10_000


@attrs.frozen
class OwnChange:
    """An action that this client has sent.

    Attributes:
        action: What was sent.
        at: Monotonic time of that.
    """

    action: str
    at: float

    def accounts_for(self, status: str, now: float) -> bool:
        """Tell whether a status is one that the action leads through."""
        return now - self.at <= _REMEMBERED and status in _LEADS_THROUGH[self.action]

    def is_over_with(self, status: str) -> bool:
        """Tell whether a status is the one that the action leads to."""
        return status == _LAST[self.action]


class OwnChanges:
    """The latest action of this client for each instance."""

    def __init__(self) -> None:
        self._latest: dict[str, OwnChange] = {}

    def note(self, instance_id: str, action: str, now: float) -> None:
        """Note that an action is being sent."""
        self._latest.pop(instance_id, None)
        self._latest[instance_id] = OwnChange(action, now)
        while len(self._latest) > _MOST:
            self._latest.pop(next(iter(self._latest)), None)

    def refused(self, instance_id: str) -> None:
        """Note that the latest action for an instance was refused."""
        self._latest.pop(instance_id, None)

    def latest(self, instance_id: str) -> OwnChange | None:
        """Return the latest action for an instance."""
        return self._latest.get(instance_id)
