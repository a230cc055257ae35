# Generated from tests/aio/bucket_calls.py by tools/unasync.py; edit the source.
"""Calls and measures shared by the tests of the token bucket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from novita_sdk._sync.client import Novita
from novita_sdk.errors import RateLimitQueueError
from novita_sdk.options import CallOptions

FINE = {"data": []}
INTERVAL = 60 / 90  # seconds between two tokens of the public family


def read(client: Novita, **options: Any) -> None:
    client.clusters.list(options=CallOptions(**options)).collect()


def ignore_waiting(call: Callable[[], None]) -> bool:
    """Make a call; tell whether it found room before its deadline."""
    try:
        call()
    except RateLimitQueueError:
        return False
    return True


def most_in_a_minute(times: list[float]) -> int:
    """The most instants that any closed window of 60 s holds."""
    first, most = 0, 0
    for last, instant in enumerate(times):
        while instant - times[first] > 60:
            first += 1
        most = max(most, last - first + 1)
    return most


def bucket_of(client: Novita, family: str = "public") -> Any:
    found = client.stats().families[family].bucket
    assert found is not None
    return found
