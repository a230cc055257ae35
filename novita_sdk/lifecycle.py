"""Helpers that look after rented machines, in both colours.

Each has `check()` for one pass, which any job engine may call, `run(stop)` for a loop in a thread or task of yours,
`health()` and `stats()`. None of them touches an instance that was not opted in.
"""

from __future__ import annotations

from novita_sdk._async.lifecycle.auto_stop import AsyncAutoStop
from novita_sdk._async.lifecycle.budget_guard import AsyncBudgetGuard
from novita_sdk._async.lifecycle.health_checker import AsyncHealthChecker
from novita_sdk._async.lifecycle.inventory_sync import AsyncInventorySync
from novita_sdk._async.lifecycle.migration_checker import AsyncMigrationChecker
from novita_sdk._async.lifecycle.orphan_sweeper import AsyncOrphanSweeper
from novita_sdk._async.lifecycle.rental import AsyncRental
from novita_sdk._async.lifecycle.watching import AsyncSubscription
from novita_sdk._core.lifecycle.auto_stop_report import AutoStopResult, AutoStopStats
from novita_sdk._core.lifecycle.auto_stop_rules import StopDecision
from novita_sdk._core.lifecycle.budget import BudgetPeriod, BudgetReport
from novita_sdk._core.lifecycle.decisions import Decision
from novita_sdk._core.lifecycle.health_checks import HealthReport
from novita_sdk._core.lifecycle.idle_signals import GpuUtilization, LastUsed, Signal
from novita_sdk._core.lifecycle.loop_health import LoopHealth, LoopStats
from novita_sdk._core.lifecycle.migration_report import MigrationReport, ReclaimResult, Repair, RepairResult
from novita_sdk._core.lifecycle.probe_results import ProbeResult
from novita_sdk._core.lifecycle.probes import CustomProbe, HTTPProbe, Probe, Ready, SSHProbe, TCPProbe
from novita_sdk._core.lifecycle.selection import Include
from novita_sdk._core.lifecycle.sweeping import Orphan, OrphanAction, SweepReport
from novita_sdk._core.lifecycle.sync_report import InventoryItem, SyncReport, SyncStatus
from novita_sdk._sync.lifecycle.auto_stop import AutoStop
from novita_sdk._sync.lifecycle.budget_guard import BudgetGuard
from novita_sdk._sync.lifecycle.health_checker import HealthChecker
from novita_sdk._sync.lifecycle.inventory_sync import InventorySync
from novita_sdk._sync.lifecycle.migration_checker import MigrationChecker
from novita_sdk._sync.lifecycle.orphan_sweeper import OrphanSweeper
from novita_sdk._sync.lifecycle.rental import Rental
from novita_sdk._sync.lifecycle.watching import Subscription

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
