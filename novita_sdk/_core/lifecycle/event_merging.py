"""Lets one event stand for several changes of the same thing, where a watcher is slow to take them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast

import attrs


class ChangeEvent(Protocol):
    """An event that tells old and new values."""

    @property
    def fields(self) -> Mapping[str, tuple[object, object]]:
        """The old and the new value of each attribute."""
        ...

    @property
    def missed(self) -> int:
        """How many earlier events it stands for."""
        ...


E = TypeVar("E", bound=ChangeEvent)


def merge_changes(events: Sequence[E], key_of: Callable[[E], Hashable | None]) -> Iterator[E]:
    """Let the last event of each key stand for all of them: oldest old values, newest new ones.

    Args:
        events: What is kept, in order.
        key_of: What an event changes; None for one that is kept as it is.
    """
    merged: dict[Hashable, E] = {}
    last: dict[Hashable, int] = {}
    keys = [key_of(event) for event in events]
    for position, (key, event) in enumerate(zip(keys, events, strict=True)):
        if key is not None:
            merged[key] = _joined(merged[key], event) if key in merged else event
            last[key] = position
    for position, (key, event) in enumerate(zip(keys, events, strict=True)):
        if key is None:
            yield event
        elif last[key] == position:
            yield merged[key]


def _joined(earlier: E, later: E) -> E:
    fields = dict(earlier.fields)
    for name, (old, new) in later.fields.items():
        fields[name] = (fields[name][0] if name in fields else old, new)
    changed = {name: values for name, values in fields.items() if values[0] != values[1]}
    missed = earlier.missed + later.missed + 1
    event = attrs.evolve(cast("Any", later), fields=changed, missed=missed)
    return cast("E", event)
