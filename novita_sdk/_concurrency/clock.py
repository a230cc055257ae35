"""What every wait in the library stands on: the clock protocols, one for each colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable


@runtime_checkable
class Waitable(Protocol):
    """The part of an event that a clock needs to wait for it."""

    def is_set(self) -> bool:
        """Tell whether the event has happened."""
        ...

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call `listener` once when the event happens, at once if it already has."""
        ...

    def remove_listener(self, listener: Callable[[], None]) -> None:
        """Forget `listener`; harmless if it is unknown."""
        ...


@runtime_checkable
class Clock(Protocol):
    """Time as the synchronous client sees it.

    Pass your own as `Novita(clock=...)`; `novita_sdk.testing.VirtualClock` is one.
    """

    def monotonic(self) -> float:
        """Return seconds that never go backwards; only differences mean something."""
        ...

    def time(self) -> float:
        """Return the wall time in seconds since 1970-01-01 UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for `seconds`."""
        ...

    def wait(self, event: Waitable, timeout: float | None) -> bool:
        """Block until `event` happens or `timeout` seconds passed; return whether it happened."""
        ...


@runtime_checkable
class AsyncClock(Protocol):
    """Time as the asynchronous client sees it."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards; only differences mean something."""
        ...

    def time(self) -> float:
        """Return the wall time in seconds since 1970-01-01 UTC."""
        ...

    async def sleep_async(self, seconds: float) -> None:
        """Suspend the calling task for `seconds`."""
        ...

    async def wait_async(self, event: Waitable, timeout: float | None) -> bool:  # noqa: ASYNC109
        """Suspend until `event` happens or `timeout` seconds passed; return whether it happened."""
        ...
