"""Which events of endpoints reach one watcher."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import attrs

from novita_sdk.models.endpoint_event import EndpointEvent


class WatchFilter:
    """Lets through what is about the endpoints wanted; one that was shown once is followed by its id.

    Args:
        wanted: Ids and names of endpoints; None for all.
    """

    def __init__(self, wanted: Collection[str] | None) -> None:
        self._wanted = None if wanted is None else frozenset(wanted)
        self._followed: set[str] = set()

    def passing(self, events: Iterable[EndpointEvent]) -> Iterator[EndpointEvent]:
        """Return what reaches the watcher.

        Args:
            events: Events in their order; those about polls reach everybody.
        """
        if self._wanted is None:
            yield from events
            return
        for event in events:
            if event.endpoint_id is None or event.endpoint_id in self._followed:
                yield event
            elif not self._wanted.isdisjoint({event.endpoint_id, event.name}):
                self._followed.add(event.endpoint_id)
                if event.kind == "changed":  # it got the name just now
                    yield attrs.evolve(event, kind="appeared", fields={})
                else:
                    yield event
