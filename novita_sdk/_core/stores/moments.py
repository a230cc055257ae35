"""Time inside a store: whole microseconds, so that adding and subtracting are exact."""

from __future__ import annotations

from typing import Final

_TICKS: Final = 1_000_000  # in a second


def ticks(seconds: float) -> int:
    """Turn seconds into microseconds."""
    return round(seconds * _TICKS)


def seconds_of(moment: int) -> float:
    """Turn microseconds into seconds."""
    return moment / _TICKS


def is_over(expires: int | None, now: int) -> bool:
    """Tell whether something with an end, or None for never, has ended."""
    return expires is not None and expires <= now


def is_held(expires: int, lasting: int, now: int) -> bool:
    """Tell whether a lease that ends at `expires` still holds.

    A lease that ends further ahead than it lasts was granted before the clock went back, nobody knows how long
    ago: it does not hold.

    Args:
        expires: Its end.
        lasting: How long it was granted for.
        now: The time.
    """
    return 0 < expires - now <= lasting
