# Generated from novita_sdk/_async/lifecycle/loop_helper.py by tools/unasync.py; edit the source.
"""What the helpers that work in passes have in common: their loop, its health, and why they decided what."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from novita_sdk._core.durations import Seconds
from novita_sdk._core.lifecycle.decisions import Decision
from novita_sdk._core.lifecycle.loop_health import LoopHealth, LoopStats
from novita_sdk._sync.lifecycle.audit import AuditTrail
from novita_sdk._sync.lifecycle.pass_loop import PassLoop, StopEvent
from novita_sdk.models.instance import Instance

R = TypeVar("R")


class LoopHelper(Generic[R]):
    """A helper that works in passes."""

    _loop: PassLoop[R]
    _begins_at_once: ClassVar[bool] = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, {'running' if self._loop.running else 'not running'}>"

    def run(
        self, stop: StopEvent, interval: Seconds | None = None, *, immediate: bool | None = None
    ) -> LoopStats:
        """Make passes until `stop` is set, in the thread or task that calls this.

        Args:
            stop: Ends the loop, such as a `threading.Event` or an `anyio.Event`.
            interval: Time between the beginnings of two passes, instead of the constructor's.
            immediate: Whether the first pass is made at once and not after one interval. Left out, `InventorySync`
                begins at once and the others do not.

        Returns:
            The counts of passes.

        Raises:
            RuntimeError: It is running already.
        """
        at_once = self._begins_at_once if immediate is None else immediate
        return self._loop.run(stop, interval, immediate=at_once)

    def health(self) -> LoopHealth:
        """Tell whether the loop does its work. No I/O."""
        return self._loop.health()

    def stats(self) -> LoopStats:
        """Return the counts of passes. No I/O."""
        return self._loop.stats()


class DecidingHelper(LoopHelper[R]):
    """A helper that works in passes and keeps what it decided."""

    _trail: AuditTrail[Decision]

    def why(self, instance: str | Instance) -> list[Decision]:
        """Return what was decided about an instance, the newest first, of the last 30 days.

        Args:
            instance: Its id, or itself.

        Raises:
            StateStoreError: The store fails.
        """
        return self._trail.why(instance.id if isinstance(instance, Instance) else instance)
