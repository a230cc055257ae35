"""What the passes of one AutoStop share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from novita_sdk._async.lifecycle.audit import AsyncAuditTrail
from novita_sdk._async.lifecycle.held_lease import AsyncHeldLease
from novita_sdk._async.lifecycle.idle_records import AsyncIdleRecords
from novita_sdk._async.lifecycle.signal_round import AsyncSignalRound
from novita_sdk._async.services import AsyncServices
from novita_sdk._concurrency.aio import Lock
from novita_sdk._core.lifecycle.auto_stop_rules import AutoStopRules, StopDecision
from novita_sdk._core.lifecycle.idleness import Instant, Watch
from novita_sdk._core.lifecycle.selection import InstanceSelection
from novita_sdk.models.instance import Instance

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.instances import AsyncInstances


class AsyncMemory:
    """What an AutoStop remembers from pass to pass. Nothing depends on it: it spares requests and clock trouble."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.watches: dict[str, Watch] = {}
        self.environments: dict[str, tuple[float, dict[str, str]]] = {}
        self.told_tags: set[str] = set()
        self.wall_ahead: float | None = None
        self.stopped_total = 0


@attrs.frozen(kw_only=True)
class AsyncAutoStopParts:
    """What the passes share."""

    services: AsyncServices
    instances: AsyncInstances
    rules: AutoStopRules
    selection: InstanceSelection
    signals: AsyncSignalRound
    records: AsyncIdleRecords
    lease: AsyncHeldLease
    audit: AsyncAuditTrail[StopDecision]
    pre_stop: Callable[[Instance, StopDecision], object] | None
    memory: AsyncMemory

    def now(self) -> Instant:
        """Return the time, on both clocks."""
        return Instant(wall=self.services.clock.time(), monotonic=self.services.clock.monotonic())
