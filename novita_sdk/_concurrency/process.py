"""What is made once in a process, for both colours and all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar, cast

T = TypeVar("T")

_lock = threading.Lock()
_made: dict[Callable[[], object], object] = {}


def once_per_process(make: Callable[[], T]) -> T:
    """Return what `make` made at the first call with this function; a failure is not remembered."""
    with _lock:
        if make not in _made:
            _made[make] = make()
        return cast("T", _made[make])
