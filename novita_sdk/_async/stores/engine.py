"""How a store runs its steps: one after the other, with the store's time."""

from __future__ import annotations

from typing import Protocol, TypeVar

from novita_sdk._core.stores.answers import Capabilities
from novita_sdk._core.stores.ledger import Step

T = TypeVar("T")


class AsyncEngine(Protocol):
    """What differs between stores: where the rows are."""

    @property
    def kind(self) -> str:
        """The word for this kind of store in errors."""
        ...

    @property
    def location(self) -> str | None:
        """Where the rows are, None for in this process."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What the store is good for."""
        ...

    async def read(self, step: Step[T]) -> T:
        """Run a step of one question."""
        ...

    async def write(self, step: Step[T]) -> T:
        """Run a step that changes something."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
