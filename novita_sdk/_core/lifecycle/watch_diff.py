"""From one list of instances to the next: what a watcher is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from novita_sdk._core.lifecycle.event_merging import merge_changes
from novita_sdk._core.lifecycle.waiting_table import status_word
from novita_sdk.models.base import replace
from novita_sdk.models.instance import Instance
from novita_sdk.models.instance_event import InstanceEvent, InstanceEventKind

MOST_CONFIRMED: Final = 10
"""Instances that are looked for by themselves after one list, because it lacks them."""

_UNCOMPARED: Final = frozenset(
    {
        "id",
        "status",
        "timeline",
        "extra",
        "use_time",  # goes on by itself
    }
)
_COMPARED: Final = tuple(
    name for name in (field.name for field in attrs.fields(Instance)) if name not in _UNCOMPARED
)


class WatchDiff:
    """What one watcher knows of the instances.

    Args:
        wanted: Ids and names of the instances watched; None for all.
        by_name: Whether texts among them may be names.
        replay: Whether those that are there at first are told.
    """

    def __init__(self, wanted: Collection[str] | None, *, by_name: bool, replay: bool) -> None:
        self._wanted = None if wanted is None else frozenset(wanted)
        self._by_name = by_name
        self._replay = replay
        self._known: dict[str, Instance] | None = None
        self._suspects: list[str] = []
        self._sequences: Counter[str] = Counter()

    @property
    def suspects(self) -> Sequence[str]:
        """Ids of instances that the last complete list lacked, so that each must be looked for by itself."""
        return tuple(self._suspects[:MOST_CONFIRMED])

    def feed(
        self,
        listed: Mapping[str, Instance],
        unreadable: Collection[str | None],
        *,
        complete: bool,
        at: datetime,
    ) -> list[InstanceEvent]:
        """Take in a list.

        Args:
            listed: What could be read, by id.
            unreadable: Ids of what could not; None stands for one without a readable id.
            complete: Whether it was all of it, so that absence means something.
            at: The time.

        Returns:
            What has changed: new instances and new statuses first, then changes of other kinds.
        """
        seen = {key: instance for key, instance in listed.items() if self._is_wanted(instance)}
        if self._known is None:
            self._known = {}
            events = list(self._appeared(seen.values(), at, initial=True))
            return events if self._replay else []
        known = self._known
        fresh = [instance for key, instance in seen.items() if key not in known]
        both = [(known[key], instance) for key, instance in seen.items() if key in known]
        events = [
            *self._appeared(fresh, at, initial=False),
            *(event for old, new in both for event in self._status_changed(old, new, at)),
            *(event for old, new in both for event in self._changed(old, new, at)),
        ]
        known.update({new.id: new for _, new in both})
        if complete:
            self._suspects = [key for key in known if key not in seen and not {key, None} & set(unreadable)]
        return events

    def confirm(self, instance_id: str, found: Instance | None, at: datetime) -> list[InstanceEvent]:
        """Take in what a look for one suspect has brought.

        Args:
            instance_id: The suspect.
            found: The instance, if it is there all the same.
            at: The time.
        """
        if instance_id in self._suspects:
            self._suspects.remove(instance_id)
        known = self._known or {}
        if instance_id not in known:
            return []
        if found is not None:
            events = list(self._status_changed(known[instance_id], found, at))
            known[instance_id] = replace(known[instance_id], status=found.status)
            return events
        return [self._event("gone", known.pop(instance_id), at)]

    def _is_wanted(self, instance: Instance) -> bool:
        if self._wanted is None or instance.id in self._wanted or instance.id in (self._known or ()):
            return True
        return self._by_name and not self._wanted.isdisjoint({instance.name, instance.base_name})

    def _appeared(
        self, instances: Iterable[Instance], at: datetime, *, initial: bool
    ) -> Iterator[InstanceEvent]:
        for instance in instances:
            if (
                status_word(instance) != "removed"
            ):  # which lingers in the list, and was never here for the watcher
                assert self._known is not None  # noqa: S101 - set by the caller
                self._known[instance.id] = instance
                yield self._event("appeared", instance, at, initial=initial)

    def _status_changed(self, old: Instance, new: Instance, at: datetime) -> Iterator[InstanceEvent]:
        if old.status != new.status:
            yield self._event("status_changed", new, at, previous=status_word(old))

    def _changed(self, old: Instance, new: Instance, at: datetime) -> Iterator[InstanceEvent]:
        fields = {
            name: (getattr(old, name), getattr(new, name))
            for name in _COMPARED
            if getattr(old, name) != getattr(new, name)
        }
        if fields:
            yield self._event("changed", new, at, fields=fields)

    def _event(
        self,
        kind: InstanceEventKind,
        instance: Instance,
        at: datetime,
        *,
        initial: bool = False,
        previous: str | None = None,
        fields: Mapping[str, tuple[object, object]] | None = None,
    ) -> InstanceEvent:
        self._sequences[instance.id] += 1
        return InstanceEvent(
            kind=kind,
            at=at,
            instance_id=instance.id,
            name=instance.name,
            instance=instance,
            initial=initial,
            previous=previous,
            fields=fields or {},
            sequence=self._sequences[instance.id],
        )


def fold_changes(events: Sequence[InstanceEvent]) -> Iterator[InstanceEvent]:
    """Let one `changed` event of each instance stand for all of them.

    Args:
        events: What is kept for a slow watcher, in order.
    """
    return merge_changes(events, lambda event: event.instance_id if event.kind == "changed" else None)
