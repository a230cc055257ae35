"""Signs of use: what they are, and how their answers are read. What cannot be read counts as use."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, Final, Literal, TypeAlias

import attrs

from novita_sdk._core.durations import Seconds, optional_seconds
from novita_sdk._core.lifecycle.idleness import plausible
from novita_sdk._core.narrowing import is_number
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.models.metrics import InstanceMetrics, MetricPoint

METRICS_STEP: Final = 60
"""Seconds between two points of a series."""

METRICS_LAG: Final = 60
"""Seconds by which the newest point lies back."""

SIGNAL_TIMEOUT: Final = 10.0
"""Seconds after which an answer is too late to count."""

FAILING_AFTER: Final = 3600.0
"""Seconds without an answer after which somebody is told."""

_ENOUGH: Final = 0.8  # of the points wanted

SignalState: TypeAlias = Literal["active", "idle", "unknown"]


@attrs.frozen
class SignalAnswer:
    """What a sign of use says about an instance.

    Attributes:
        state: `active`, `idle` or `unknown`.
        at: When it was last in use, in seconds since 1970; None for now.
        detail: Why nothing is known.
    """

    state: SignalState
    at: float | None = None
    detail: str = ""


@attrs.frozen
class LastUsed:
    """The last `touch` of the instance. It always counts, whether it is listed or not."""

    name: ClassVar[str] = "last_used"


@attrs.frozen(kw_only=True)
class GpuUtilization:
    """The load of the GPUs: idle while every point of every GPU lies below a limit.

    An instance without GPUs, or with too few points, is unknown, and so counts as in use.

    Args:
        below: The limit in percent, above 0 and at most 100. A value of 1 or less is also read as a fraction, as the
            service does not say which it sends.
        window: Seconds looked back, at least 120; left out, the threshold of the instance.

    Raises:
        ValidationError: One of them is out of range.
    """

    below: float = 5.0
    window: Seconds | None = attrs.field(default=None, converter=optional_seconds)
    name: ClassVar[str] = "gpu_utilization"

    def __attrs_post_init__(self) -> None:
        if not is_number(self.below) or not 0 < self.below <= 100:
            message = "must be a percentage above 0 and at most 100"
            raise ValidationError(problems=(problem("below", self.below, message),))
        if self.window is not None and not (is_number(self.window) and self.window >= 2 * METRICS_STEP):
            message = "must be 120 seconds or more, a timedelta, or None for the threshold"
            raise ValidationError(problems=(problem("window", self.window, message),))

    def judge(self, metrics: InstanceMetrics, *, gpus: int | None, start: float, end: float) -> SignalAnswer:
        """Read the series of an instance.

        Args:
            metrics: The series.
            gpus: How many GPUs it has; None if that is not known.
            start: First instant of the window, in seconds since 1970.
            end: Its last instant.
        """
        found = metrics.gpu_utilization
        series = [] if found is None else [_points(item.items, start, end) for item in found.gpu_ids]
        wanted = max(1, gpus or 0)
        if len(series) < wanted:
            return SignalAnswer("unknown", detail=f"series of {len(series)} GPUs, not of {wanted}")
        busy = [at for points in series for at, value in points.items() if self._is_busy(value)]
        if busy:
            return SignalAnswer("active", max(busy))
        fewest = min(len(points) for points in series)
        points_wanted = (end - start) / METRICS_STEP
        if fewest < _ENOUGH * points_wanted:
            return SignalAnswer("unknown", detail=f"{fewest} points, not {points_wanted:.0f}")
        return SignalAnswer("idle")

    def _is_busy(self, value: float) -> bool:
        return value >= self.below or (value <= 1 and 100 * value >= self.below)


Signal: TypeAlias = LastUsed | GpuUtilization | Callable[[Instance], object]
"""A sign of use; a function returns whether the instance is in use, or when it last was, or None if it cannot tell."""


def _points(points: Sequence[MetricPoint], start: float, end: float) -> dict[float, float]:
    """The values of a series inside a window, by their instant."""
    found: dict[float, float] = {}
    for point in points:
        if point.timestamp is None or point.value is None or not math.isfinite(point.value):
            continue
        at = point.timestamp.timestamp()
        if start <= at <= end + METRICS_STEP:
            found[at] = max(point.value, found.get(at, point.value))
    return found


def answer_of(value: object, wall: float) -> SignalAnswer:
    """Read what a callable of the user's returned: a bool, or the moment of the last use.

    Args:
        value: What it returned.
        wall: Now, in seconds since 1970.
    """
    if isinstance(value, bool):
        return SignalAnswer("active") if value else SignalAnswer("idle")
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return SignalAnswer("unknown", detail="a time without its zone")
        at = plausible(value.timestamp(), wall)
        return SignalAnswer("unknown", detail=f"{value}") if at is None else SignalAnswer("active", at)
    if value is None:
        return SignalAnswer("unknown", detail="no answer")
    return SignalAnswer("unknown", detail=f"{type(value).__name__} is neither a bool nor a datetime")
