# Generated from novita_sdk/_async/lifecycle/auto_stop_reading.py by tools/unasync.py; edit the source.
"""What a pass of AutoStop reads before it judges: all instances, and the tags that their list hides."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from novita_sdk._core.log_records import log
from novita_sdk._sync.lifecycle.auto_stop_parts import AutoStopParts
from novita_sdk.errors import NovitaError, PagingError
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.options import CallOptions

_LOGGER = logging.getLogger("novita_sdk.lifecycle")

READ: Final = CallOptions(priority="poll", cache="bypass")
"""How a pass reads: fresh, and behind the calls of people."""

_MOST_GETS: Final = 50  # a pass, for environments that the list hides
_ENV_KEPT: Final = 3600.0  # seconds


class ListingError(Exception):
    """There is no complete list, so nothing is known."""

    def __init__(self, error: NovitaError) -> None:
        super().__init__(str(error))
        self.error = error


class Each(Protocol):
    """Does something for several items, some of them at a time."""

    def __call__(self, items: Sequence[str], ask: Callable[[str], None]) -> None:
        """Do it."""
        ...


class AutoStopReading:
    """The reading of one pass.

    Args:
        parts: What the passes share.
        may_go_on: Tells whether another request may begin.
        each: Does something for several items.
    """

    def __init__(
        self,
        parts: AutoStopParts,
        may_go_on: Callable[[], bool],
        each: Each,
    ) -> None:
        self._parts = parts
        self._may_go_on = may_go_on
        self._each = each

    def instances(self) -> list[Instance] | None:
        """Return all instances; None if the pass has to end.

        Raises:
            ListingError: They could not all be listed.
        """
        found: dict[str, Instance] = {}
        pager = self._parts.instances.list(options=READ)
        try:
            for page in pager.pages():
                found.update((instance.id, instance) for instance in page.items)
                if not self._may_go_on():
                    return None
            if not pager.complete:
                raise PagingError("the list of instances is incomplete, so nothing was stopped")
        except NovitaError as error:
            raise ListingError(error) from error
        return list(found.values())

    def hidden_environments(self, listed: Sequence[Instance]) -> bool:
        """Read environments if tags are wanted and the list hides them, of some instances at each pass.

        Returns:
            Whether the list hides them.
        """
        selection = self._parts.selection
        if selection.tag is None or any(instance.envs for instance in listed):
            return False
        kept, now = self._parts.memory.environments, self._parts.services.clock.monotonic()
        for gone in kept.keys() - {instance.id for instance in listed}:
            del kept[gone]
        wanted = [
            instance.id
            for instance in listed
            if instance.status == InstanceStatus.RUNNING
            and selection.asks_for_env(instance)
            and (instance.id not in kept or now - kept[instance.id][0] >= _ENV_KEPT)
        ]
        wanted.sort(key=lambda one: kept[one][0] if one in kept else -math.inf)  # else some were never read
        self._each(wanted[:_MOST_GETS], self._read_environment)
        return True

    def _read_environment(self, instance_id: str) -> None:
        try:
            found = self._parts.instances.get(instance_id, options=READ)
        except NovitaError as error:
            log(
                _LOGGER,
                logging.WARNING,
                "AutoStop could not read the tag of %(resource_id)s: %(error)s",
                resource_id=instance_id,
                error=f"{type(error).__name__}: {error}",
            )
            return
        moment = self._parts.services.clock.monotonic()
        self._parts.memory.environments[instance_id] = (moment, found.env)
