"""What a client tells about itself: hooks and their events, statistics, health, its pipeline, progress of waits."""

from __future__ import annotations

from novita_sdk._core.health import FamilyHealth, Health
from novita_sdk._core.hooks import (
    AttemptEnd,
    AttemptStart,
    BreakerChange,
    BucketPause,
    BucketWait,
    CacheHit,
    CallEnd,
    CallEvent,
    CallStart,
    DecodeProblem,
    Hooks,
    PassFailure,
    Retry,
    RetryRefused,
)
from novita_sdk._core.log_format import JsonLogFormatter
from novita_sdk._core.pipeline_view import Pipeline
from novita_sdk._core.stats import (
    BreakerStats,
    BucketStats,
    BudgetStats,
    CacheStats,
    ClientStats,
    FamilyStats,
    LatencyStats,
)
from novita_sdk._core.waiting import Progress

__all__ = [
    "AttemptEnd",
    "AttemptStart",
    "BreakerChange",
    "BreakerStats",
    "BucketPause",
    "BucketStats",
    "BucketWait",
    "BudgetStats",
    "CacheHit",
    "CacheStats",
    "CallEnd",
    "CallEvent",
    "CallStart",
    "ClientStats",
    "DecodeProblem",
    "FamilyHealth",
    "FamilyStats",
    "Health",
    "Hooks",
    "JsonLogFormatter",
    "LatencyStats",
    "PassFailure",
    "Pipeline",
    "Progress",
    "Retry",
    "RetryRefused",
]
