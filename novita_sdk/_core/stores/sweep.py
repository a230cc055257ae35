"""When what has expired is deleted: now and then, and a little at a time."""

from __future__ import annotations

from typing import Final

from novita_sdk._core.stores.moments import ticks

SWEEP_STEP: Final = 500
"""Most rows deleted in one step: nobody waits long for such a step."""

_PAUSE: Final = ticks(60)


class Sweep:
    """Remembers the last time. Called by two threads at once it may answer both, which costs a look for nothing."""

    def __init__(self) -> None:
        self._last: int | None = None

    def is_due(self, now: int) -> bool:
        """Tell whether to delete now; if so, that counts as done. A clock that went back is no reason to wait."""
        if self._last is not None and 0 <= now - self._last < _PAUSE:
            return False
        self._last = now
        return True
