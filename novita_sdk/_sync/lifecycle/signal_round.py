# Generated from novita_sdk/_async/lifecycle/signal_round.py by tools/unasync.py; edit the source.
"""Asking the signs of use of one instance; what fails or takes too long is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import COLOUR, completed, within
from novita_sdk._core.durations import seconds
from novita_sdk._core.lifecycle.idle_signals import (
    METRICS_LAG,
    METRICS_STEP,
    SIGNAL_TIMEOUT,
    GpuUtilization,
    LastUsed,
    Signal,
    SignalAnswer,
    answer_of,
)
from novita_sdk._core.lifecycle.user_functions import function_problem
from novita_sdk.errors import NovitaError, ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._sync.lifecycle.instances import Instances

_WANTED = "LastUsed(), GpuUtilization() or a function of an instance"
_OPTIONS = CallOptions(total_timeout=SIGNAL_TIMEOUT, priority="poll", cache="bypass")


class SignalRound:
    """The signs of use beside the last touch.

    Args:
        instances: The instances of the client.
        clock: Where the time comes from.
        signals: The signs, as the user gave them.

    Raises:
        ValidationError: One of them is none.
    """

    def __init__(self, instances: Instances, clock: Clock, signals: Iterable[Signal]) -> None:
        self._instances = instances
        self._clock = clock
        self._callables: dict[str, Callable[[Instance], object]] = {}
        self._loads: dict[str, GpuUtilization] = {}
        for signal in signals:
            if isinstance(signal, LastUsed):
                continue  # it always counts
            if isinstance(signal, GpuUtilization):
                self._loads[self._name(signal.name)] = signal
                continue
            wrong = function_problem("signals", signal, COLOUR, _WANTED)
            if wrong is not None:
                raise ValidationError(problems=(wrong,))
            self._callables[self._name(getattr(signal, "__name__", type(signal).__name__))] = signal

    @property
    def asks_now(self) -> bool:
        """Whether there are signs that only tell of the moment, and so are asked at every pass."""
        return bool(self._callables)

    @property
    def looks_back(self) -> bool:
        """Whether there are signs that tell of the time before, and so are only asked before a stop."""
        return bool(self._loads)

    def now(self, instance: Instance) -> dict[str, SignalAnswer]:
        """Ask the functions of the user."""
        return {name: self._call(function, instance) for name, function in self._callables.items()}

    def before(self, instance: Instance, threshold: float) -> dict[str, SignalAnswer]:
        """Ask for the load in the time before, `threshold` seconds of it unless a signal says otherwise."""
        return {
            name: self._load(signal, instance, threshold if signal.window is None else seconds(signal.window))
            for name, signal in self._loads.items()
        }

    def _call(self, function: Callable[[Instance], object], instance: Instance) -> SignalAnswer:
        def ask() -> object:
            return completed(function(instance))

        began = self._clock.monotonic()
        try:
            value = within(self._clock, SIGNAL_TIMEOUT, ask)
        except Exception as error:  # noqa: BLE001 - whatever went wrong there, it proves no idleness; it is told
            return SignalAnswer("unknown", detail=f"{type(error).__name__}: {error}")
        if self._clock.monotonic() - began > SIGNAL_TIMEOUT:  # a thread cannot be ended from outside
            return SignalAnswer("unknown", detail=f"answered after more than {SIGNAL_TIMEOUT:g} s")
        return answer_of(value, self._clock.time())

    def _load(self, signal: GpuUtilization, instance: Instance, window: float) -> SignalAnswer:
        end = self._clock.time() - METRICS_LAG
        start = end - window
        try:
            metrics = self._instances.metrics(
                instance.id,
                start_time=datetime.fromtimestamp(int(start), UTC),
                end_time=datetime.fromtimestamp(int(end), UTC),
                interval=METRICS_STEP,
                options=_OPTIONS,
            )
        except NovitaError as error:
            return SignalAnswer("unknown", detail=f"{type(error).__name__}: {error}")
        return signal.judge(metrics, gpus=instance.gpu_num, start=int(start), end=int(end))

    def _name(self, name: str) -> str:
        taken = {*self._callables, *self._loads}
        number = sum(other == name or other.startswith(f"{name}-") for other in taken)
        return f"{name}-{number + 1}" if number else name
