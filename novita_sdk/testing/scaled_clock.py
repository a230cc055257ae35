"""Real time at another speed: the clock of a simulator that serves real sockets."""

from __future__ import annotations

import threading
import time

from novita_sdk._concurrency.clock import Waitable


class ScaledClock:
    """The machine's clock, running `speed` times as fast; sleeping takes that much less real time.

    Args:
        speed: Simulated seconds in one real second.
    """

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            msg = f"speed={speed!r}: give a number above 0"
            raise ValueError(msg)
        self.speed = speed
        self._started = time.monotonic()
        self._wall = time.time()

    def __repr__(self) -> str:
        return f"<ScaledClock {self.speed:g} x>"

    def monotonic(self) -> float:
        """Return simulated seconds since the clock was made."""
        return (time.monotonic() - self._started) * self.speed

    def time(self) -> float:
        """Return the simulated wall time in seconds since 1970-01-01 UTC."""
        return self._wall + self.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for `seconds` of simulated time."""
        if seconds > 0:
            time.sleep(seconds / self.speed)

    def wait(self, event: Waitable, timeout: float | None) -> bool:
        """Block until `event` happens or `timeout` simulated seconds passed; return whether it happened."""
        if event.is_set() or (timeout is not None and timeout <= 0):
            return event.is_set()
        woken = threading.Event()
        event.add_listener(woken.set)
        try:
            woken.wait(None if timeout is None else timeout / self.speed)
        finally:
            event.remove_listener(woken.set)
        return event.is_set()
