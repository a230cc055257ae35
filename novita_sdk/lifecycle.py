"""Helpers that look after rented machines, in both colours.

Each has `check()` for one pass, which any job engine may call, `run(stop)` for a loop in a thread or task of yours,
`health()` and `stats()`. None of them touches an instance that was not opted in.
"""

from __future__ import annotations

from novita_sdk._async.lifecycle.health_checker import AsyncHealthChecker
from novita_sdk._core.lifecycle.decisions import Decision
from novita_sdk._core.lifecycle.health_checks import HealthReport
from novita_sdk._core.lifecycle.loop_health import LoopHealth, LoopStats
from novita_sdk._core.lifecycle.probe_results import ProbeResult
from novita_sdk._core.lifecycle.probes import CustomProbe, HTTPProbe, Probe, Ready, SSHProbe, TCPProbe
from novita_sdk._core.lifecycle.selection import Include
from novita_sdk._sync.lifecycle.health_checker import HealthChecker

__all__ = [
    "AsyncHealthChecker",
    "CustomProbe",
    "Decision",
    "HTTPProbe",
    "HealthChecker",
    "HealthReport",
    "Include",
    "LoopHealth",
    "LoopStats",
    "Probe",
    "ProbeResult",
    "Ready",
    "SSHProbe",
    "TCPProbe",
]
