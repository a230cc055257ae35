"""Watching something: the subscription that a watcher iterates over, or has its callable told from."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Final, Generic, Protocol, Self, TypeVar, cast

from novita_sdk._concurrency.aio import Event
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk.errors import ClientClosedError

E = TypeVar("E")

BUFFER: Final = 1000
"""Events that a subscription keeps for a watcher that is slow to take them."""

_STOP_LOOK: Final = 0.5  # seconds between two looks at a foreign `stop`, which cannot wake our clock


class Stop(Protocol):
    """What ends a loop: anything with `is_set()`, such as an event of threading, asyncio, anyio or trio."""

    def is_set(self) -> bool:
        """Tell whether the loop shall end."""
        ...
