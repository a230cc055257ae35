# Generated from novita_sdk/_async/lifecycle/action_events.py by tools/unasync.py; edit the source.
"""The webhook events of actions: that they were accepted, and that they show."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from novita_sdk._core.webhooks.notify import Notify, check_notify
from novita_sdk.models.instance import Instance

if TYPE_CHECKING:
    from novita_sdk._sync.services import Services
    from novita_sdk._sync.webhooks.emitter import OperationEvents

# action -> kind of event once it was accepted
_ACCEPTED: Final[Mapping[str, str]] = MappingProxyType(
    {"start": "startup_initiated", "restart": "startup_initiated", "stop": "stopping", "delete": "deleting"}
)

# action -> kind of event once its effect was seen
_SEEN: Final[Mapping[str, str]] = MappingProxyType({"stop": "stopped", "delete": "deleted"})


class ActionEvents:
    """Tells of one action.

    Args:
        services: What the client's parts share.
        action: `start`, `stop`, `restart` or `delete`.
        notify: Where the events go.

    Raises:
        ValidationError: That is no place.
    """

    def __init__(self, services: Services, action: str, notify: Notify) -> None:
        self._services = services
        self._action = action
        self._notify = check_notify(notify)

    def accepted(self, instance: str | Instance, operation_id: str) -> None:
        """It was accepted. A target given to a start is kept for the later events of the instance."""
        if self._action == "start":
            self._services.events.keep_target(_id_of(instance), self._notify)
        self.operation(operation_id).send(_ACCEPTED[self._action], instance)

    def seen(self, instance: str | Instance, operation_id: str) -> None:
        """Its effect was seen; starts tell of that in more words."""
        if self._action in _SEEN:
            self.operation(operation_id).send(_SEEN[self._action], instance)

    def ended(self, instance: str | Instance) -> None:
        """Nothing follows; the target of an instance that was deleted is forgotten."""
        if self._action == "delete":
            self._services.events.forget_target(_id_of(instance))

    def operation(self, operation_id: str) -> OperationEvents:
        """Return the events of the operation.

        Raises:
            ValidationError: There is no such place.
            ConfigurationError: Sending needs the client to be inside `with`.
        """
        return self._services.events.operation(operation_id, self._notify)


def _id_of(instance: str | Instance) -> str:
    return instance.id if isinstance(instance, Instance) else instance
