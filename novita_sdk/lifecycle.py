"""Helpers that look after rented machines, in both colours.

Each has `check()` for one pass, which any job engine may call, `run(stop)` for a loop in a thread or task of yours,
`health()` and `stats()`. None of them touches an instance that was not opted in.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take this name for true; importing it would cost more than this package

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.auto_stop import AsyncAutoStop
    from novita_sdk._async.lifecycle.budget_guard import AsyncBudgetGuard
    from novita_sdk._async.lifecycle.health_checker import AsyncHealthChecker
    from novita_sdk._async.lifecycle.inventory_sync import AsyncInventorySync
    from novita_sdk._async.lifecycle.migration_checker import AsyncMigrationChecker
    from novita_sdk._async.lifecycle.orphan_sweeper import AsyncOrphanSweeper
    from novita_sdk._async.lifecycle.rental import AsyncRental
    from novita_sdk._async.lifecycle.watching import AsyncSubscription
    from novita_sdk._core.lifecycle.auto_stop_report import (
        AutoStopResult,
        AutoStopStats,
    )
    from novita_sdk._core.lifecycle.auto_stop_rules import StopDecision
    from novita_sdk._core.lifecycle.budget import (
        BudgetPeriod,
        BudgetReport,
    )
    from novita_sdk._core.lifecycle.decisions import Decision
    from novita_sdk._core.lifecycle.health_checks import HealthReport
    from novita_sdk._core.lifecycle.idle_signals import (
        GpuUtilization,
        LastUsed,
        Signal,
    )
    from novita_sdk._core.lifecycle.loop_health import (
        LoopHealth,
        LoopStats,
    )
    from novita_sdk._core.lifecycle.migration_report import (
        MigrationReport,
        ReclaimResult,
        Repair,
        RepairResult,
    )
    from novita_sdk._core.lifecycle.probe_results import ProbeResult
    from novita_sdk._core.lifecycle.probes import (
        CustomProbe,
        HTTPProbe,
        Probe,
        Ready,
        SSHProbe,
        TCPProbe,
    )
    from novita_sdk._core.lifecycle.selection import Include
    from novita_sdk._core.lifecycle.sweeping import (
        Orphan,
        OrphanAction,
        SweepReport,
    )
    from novita_sdk._core.lifecycle.sync_report import (
        InventoryItem,
        SyncReport,
        SyncStatus,
    )
    from novita_sdk._sync.lifecycle.auto_stop import AutoStop
    from novita_sdk._sync.lifecycle.budget_guard import BudgetGuard
    from novita_sdk._sync.lifecycle.health_checker import HealthChecker
    from novita_sdk._sync.lifecycle.inventory_sync import InventorySync
    from novita_sdk._sync.lifecycle.migration_checker import MigrationChecker
    from novita_sdk._sync.lifecycle.orphan_sweeper import OrphanSweeper
    from novita_sdk._sync.lifecycle.rental import Rental
    from novita_sdk._sync.lifecycle.watching import Subscription
else:
    _HOMES = {
        "AsyncAutoStop": "novita_sdk._async.lifecycle.auto_stop",
        "AsyncBudgetGuard": "novita_sdk._async.lifecycle.budget_guard",
        "AsyncHealthChecker": "novita_sdk._async.lifecycle.health_checker",
        "AsyncInventorySync": "novita_sdk._async.lifecycle.inventory_sync",
        "AsyncMigrationChecker": "novita_sdk._async.lifecycle.migration_checker",
        "AsyncOrphanSweeper": "novita_sdk._async.lifecycle.orphan_sweeper",
        "AsyncRental": "novita_sdk._async.lifecycle.rental",
        "AsyncSubscription": "novita_sdk._async.lifecycle.watching",
        "AutoStop": "novita_sdk._sync.lifecycle.auto_stop",
        "AutoStopResult": "novita_sdk._core.lifecycle.auto_stop_report",
        "AutoStopStats": "novita_sdk._core.lifecycle.auto_stop_report",
        "BudgetGuard": "novita_sdk._sync.lifecycle.budget_guard",
        "BudgetPeriod": "novita_sdk._core.lifecycle.budget",
        "BudgetReport": "novita_sdk._core.lifecycle.budget",
        "CustomProbe": "novita_sdk._core.lifecycle.probes",
        "Decision": "novita_sdk._core.lifecycle.decisions",
        "GpuUtilization": "novita_sdk._core.lifecycle.idle_signals",
        "HTTPProbe": "novita_sdk._core.lifecycle.probes",
        "HealthChecker": "novita_sdk._sync.lifecycle.health_checker",
        "HealthReport": "novita_sdk._core.lifecycle.health_checks",
        "Include": "novita_sdk._core.lifecycle.selection",
        "InventoryItem": "novita_sdk._core.lifecycle.sync_report",
        "InventorySync": "novita_sdk._sync.lifecycle.inventory_sync",
        "LastUsed": "novita_sdk._core.lifecycle.idle_signals",
        "LoopHealth": "novita_sdk._core.lifecycle.loop_health",
        "LoopStats": "novita_sdk._core.lifecycle.loop_health",
        "MigrationChecker": "novita_sdk._sync.lifecycle.migration_checker",
        "MigrationReport": "novita_sdk._core.lifecycle.migration_report",
        "Orphan": "novita_sdk._core.lifecycle.sweeping",
        "OrphanAction": "novita_sdk._core.lifecycle.sweeping",
        "OrphanSweeper": "novita_sdk._sync.lifecycle.orphan_sweeper",
        "Probe": "novita_sdk._core.lifecycle.probes",
        "ProbeResult": "novita_sdk._core.lifecycle.probe_results",
        "Ready": "novita_sdk._core.lifecycle.probes",
        "ReclaimResult": "novita_sdk._core.lifecycle.migration_report",
        "Rental": "novita_sdk._sync.lifecycle.rental",
        "Repair": "novita_sdk._core.lifecycle.migration_report",
        "RepairResult": "novita_sdk._core.lifecycle.migration_report",
        "SSHProbe": "novita_sdk._core.lifecycle.probes",
        "Signal": "novita_sdk._core.lifecycle.idle_signals",
        "StopDecision": "novita_sdk._core.lifecycle.auto_stop_rules",
        "Subscription": "novita_sdk._sync.lifecycle.watching",
        "SweepReport": "novita_sdk._core.lifecycle.sweeping",
        "SyncReport": "novita_sdk._core.lifecycle.sync_report",
        "SyncStatus": "novita_sdk._core.lifecycle.sync_report",
        "TCPProbe": "novita_sdk._core.lifecycle.probes",
    }

    def __getattr__(name: str) -> object:
        """Load a public name at its first use."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  # costs more than this package

        value = globals()[name] = getattr(import_module(home), name)
        return value

    def __dir__() -> list[str]:
        """List the public names, loaded or not."""
        return sorted(globals().keys() | _HOMES.keys())


__all__ = [
    "AsyncAutoStop",
    "AsyncBudgetGuard",
    "AsyncHealthChecker",
    "AsyncInventorySync",
    "AsyncMigrationChecker",
    "AsyncOrphanSweeper",
    "AsyncRental",
    "AsyncSubscription",
    "AutoStop",
    "AutoStopResult",
    "AutoStopStats",
    "BudgetGuard",
    "BudgetPeriod",
    "BudgetReport",
    "CustomProbe",
    "Decision",
    "GpuUtilization",
    "HTTPProbe",
    "HealthChecker",
    "HealthReport",
    "Include",
    "InventoryItem",
    "InventorySync",
    "LastUsed",
    "LoopHealth",
    "LoopStats",
    "MigrationChecker",
    "MigrationReport",
    "Orphan",
    "OrphanAction",
    "OrphanSweeper",
    "Probe",
    "ProbeResult",
    "Ready",
    "ReclaimResult",
    "Rental",
    "Repair",
    "RepairResult",
    "SSHProbe",
    "Signal",
    "StopDecision",
    "Subscription",
    "SweepReport",
    "SyncReport",
    "SyncStatus",
    "TCPProbe",
]
