"""Durations as callers give them."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

from novita_sdk._core.narrowing import is_number
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError

Seconds: TypeAlias = float | timedelta
"""A duration: a number of seconds, or a timedelta."""


def seconds(value: Seconds) -> float:
    """Turn a duration into seconds; anything else is left for the check that follows."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    return float(value) if is_number(value) else value


def positive_seconds(value: object) -> float | None:
    """Return the seconds of a duration above 0; None if the value is no such thing."""
    given = value.total_seconds() if isinstance(value, timedelta) else value
    return float(given) if is_number(given) and given > 0 else None


def required_seconds(name: str, value: object) -> float:
    """Return the seconds of an argument that must be a duration above 0.

    Raises:
        ValidationError: It is none.
    """
    found = positive_seconds(value)
    if found is None:
        raise ValidationError(problems=(problem(name, value, "must be seconds above 0, or a timedelta"),))
    return found


def optional_seconds(value: Seconds | None) -> float | None:
    """Like `seconds`; None stays None."""
    return None if value is None else seconds(value)
