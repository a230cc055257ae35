"""Helpers that look after rented machines, in both colours.

Each has `check()` for one pass, which any job engine may call, `run(stop)` for a loop in a thread or task of yours,
`health()` and `stats()`. None of them touches an instance that was not opted in.
"""

from __future__ import annotations

from novita_sdk._core.lifecycle.decisions import Decision
from novita_sdk._core.lifecycle.loop_health import LoopHealth, LoopStats
from novita_sdk._core.lifecycle.selection import Include

__all__ = [
    "Decision",
    "Include",
    "LoopHealth",
    "LoopStats",
]
