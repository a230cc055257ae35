"""A hook that remembers everything it is told."""

from __future__ import annotations

from typing import Any

from novita_sdk import Hooks

METHODS = tuple(name for name in vars(Hooks) if name.startswith("on_"))


class Told(Hooks):
    """Remembers each event with the name of the method it came to, without the `on_`."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []

    @property
    def names(self) -> list[str]:
        """Which methods were called, in order."""
        return [name for name, _ in self.events]

    def of(self, name: str) -> list[Any]:
        """The events that came to one method."""
        return [event for told, event in self.events if told == name]


def _remember(name: str) -> Any:
    def method(self: Told, event: Any) -> None:
        self.events.append((name.removeprefix("on_"), event))

    return method


for _name in METHODS:
    setattr(Told, _name, _remember(_name))
