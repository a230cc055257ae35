# Generated from novita_sdk/_async/lifecycle/auto_stop_parts.py by tools/unasync.py; edit the source.
"""What the passes of one AutoStop share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from novita_sdk._concurrency.threads import Lock
from novita_sdk._core.lifecycle.auto_stop_rules import AutoStopRules, StopDecision
from novita_sdk._core.lifecycle.idleness import Instant, Watch
from novita_sdk._core.lifecycle.selection import InstanceSelection
from novita_sdk._sync.lifecycle.audit import AuditTrail
from novita_sdk._sync.lifecycle.held_lease import HeldLease
from novita_sdk._sync.lifecycle.idle_records import IdleRecords
from novita_sdk._sync.lifecycle.signal_round import SignalRound
from novita_sdk._sync.services import Services
from novita_sdk.models.instance import Instance

if TYPE_CHECKING:
    from novita_sdk._sync.lifecycle.instances import Instances


class Memory:
    """What an AutoStop remembers from pass to pass. Nothing depends on it: it spares requests and clock trouble."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.watches: dict[str, Watch] = {}
        self.environments: dict[str, tuple[float, dict[str, str]]] = {}
        self.told_tags: set[str] = set()
        self.wall_ahead: float | None = None
        self.stopped_total = 0


@attrs.frozen(kw_only=True)
class AutoStopParts:
    """What the passes share."""

    services: Services
    instances: Instances
    rules: AutoStopRules
    selection: InstanceSelection
    signals: SignalRound
    records: IdleRecords
    lease: HeldLease
    audit: AuditTrail[StopDecision]
    pre_stop: Callable[[Instance, StopDecision], object] | None
    memory: Memory

    def now(self) -> Instant:
        """Return the time, on both clocks."""
        return Instant(wall=self.services.clock.time(), monotonic=self.services.clock.monotonic())
