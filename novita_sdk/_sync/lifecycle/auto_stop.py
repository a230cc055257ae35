# Generated from novita_sdk/_async/lifecycle/auto_stop.py by tools/unasync.py; edit the source.
"""AutoStop: stops opted-in instances that nobody uses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from novita_sdk._concurrency.threads import COLOUR
from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.lifecycle.auto_stop_report import AutoStopResult, AutoStopStats
from novita_sdk._core.lifecycle.auto_stop_rules import DATA_LOSS, AutoStopRules, DataLoss, StopDecision
from novita_sdk._core.lifecycle.idle_signals import LastUsed, Signal
from novita_sdk._core.lifecycle.idleness import Graces
from novita_sdk._core.lifecycle.loop_health import LoopHealth
from novita_sdk._core.lifecycle.selection import Include, InstanceSelection
from novita_sdk._core.lifecycle.user_functions import function_problem
from novita_sdk._core.narrowing import is_number
from novita_sdk._core.wire import problem
from novita_sdk._sync.client import Novita, services_of
from novita_sdk._sync.lifecycle.audit import AuditTrail
from novita_sdk._sync.lifecycle.auto_stop_parts import AutoStopParts, Memory
from novita_sdk._sync.lifecycle.auto_stop_pass import AutoStopPass
from novita_sdk._sync.lifecycle.finding import Finder
from novita_sdk._sync.lifecycle.held_lease import HeldLease
from novita_sdk._sync.lifecycle.idle_records import IdleRecords
from novita_sdk._sync.lifecycle.pass_loop import PassLoop, StopEvent
from novita_sdk._sync.lifecycle.signal_round import SignalRound
from novita_sdk._sync.resources.instance_actions import instance_id
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.instance import Instance

_LEASE: Final = "autostop"
_MINUTE: Final = 60.0
_LONGEST: Final = 366 * 86_400.0


class AutoStop:
    """Stops running instances that nobody has used for a while, of those that were opted in.

    It never deletes, never touches an instance that neither `include` nor its own tag names, and takes every sign of
    use that is missing, late or broken for use. Any number of processes may run it over one store: one of them acts.

    Args:
        client: The client.
        include: Ids, globs over names or compiled patterns that the whole name fits.
        exclude: The same; never stopped, whatever else says so.
        tag: An environment variable by which an instance opts itself in or out, such as `NOVITA_SDK_AUTO_STOP`:
            `on`, a threshold of its own like `45m`, or `off`.
        threshold: Idle time after which an instance is stopped, at least 60 s; left out, the settings'
            `auto_stop_threshold`.
        interval: Time between two passes of `run`; left out, the settings' `auto_stop_interval`.
        startup_grace: Time after a start before idleness counts, unless the instance was seen ready.
        creation_grace: The same after a creation, where the start is not known.
        ready_grace: The same after the instance was seen ready.
        signals: Signs of use: `LastUsed()`, `GpuUtilization()`, functions of an instance that return whether it is in
            use, or when it last was. All must say idle. A function has 10 s; in the synchronous colour it must
            bound itself.
        max_lifetime: Running time after which an instance is stopped even while in use; None for never.
        warn_before: Time between a warning and the stop; a use in between cancels the stop. 0 for no warning.
        pre_stop: Asked just before each stop, with the instance and the decision; `False` forbids it, as does an error
            or no answer in 30 s.
        data_loss: What to do where no network volume is mounted: `warn`, `refuse` to stop, or `accept` it silently.
        include_monthly: Whether prepaid instances are stopped too, which saves nothing.
        dry_run: Whether passes only tell what they would do: nothing is stopped, written or sent.

    Raises:
        ValidationError: Nothing is opted in, or an argument is out of range.

    Example:
        ```python
        auto_stop = AutoStop(client, "train-*", threshold=1800)
        auto_stop.touch("4d5e6f")
        result = auto_stop.check()
        print(result.stopped, result.skipped)
        ```
    """

    def __init__(
        self,
        client: Novita,
        include: Include = None,
        *,
        exclude: Include = None,
        tag: str | None = None,
        threshold: Seconds | None = None,
        interval: Seconds | None = None,
        startup_grace: Seconds = 45 * _MINUTE,
        creation_grace: Seconds = 60 * _MINUTE,
        ready_grace: Seconds = 0.0,
        signals: Sequence[Signal] = (LastUsed(),),
        max_lifetime: Seconds | None = None,
        warn_before: Seconds = 0.0,
        pre_stop: Callable[[Instance, StopDecision], object] | None = None,
        data_loss: DataLoss = "warn",
        include_monthly: bool = False,
        dry_run: bool = False,
    ) -> None:
        services = services_of(client)
        settings = services.settings
        checks = _Checks()
        self._rules = AutoStopRules(
            threshold=checks.duration(
                "threshold", settings.auto_stop_threshold if threshold is None else threshold, least=_MINUTE
            ),
            graces=Graces(
                startup=checks.duration("startup_grace", startup_grace),
                creation=checks.duration("creation_grace", creation_grace),
                ready=checks.duration("ready_grace", ready_grace),
            ),
            max_lifetime=None
            if max_lifetime is None
            else checks.duration("max_lifetime", max_lifetime, least=_MINUTE),
            warn_before=checks.duration("warn_before", warn_before),
            data_loss=checks.one_of("data_loss", data_loss),
            include_monthly=include_monthly,
        )
        checks.hook("pre_stop", pre_stop)
        checks.finish()
        self._services = services
        self._finder = Finder(client.gpu_instances)
        self._dry_run = dry_run is not False
        self._memory = Memory()
        self._lease = HeldLease(services, _LEASE)
        self._parts = AutoStopParts(
            services=services,
            instances=client.gpu_instances,
            rules=self._rules,
            selection=InstanceSelection(include, exclude=exclude, tag=tag),
            signals=SignalRound(client.gpu_instances, services.clock, signals),
            records=IdleRecords(services.store),
            lease=self._lease,
            audit=AuditTrail(services.store, _LEASE, StopDecision),
            pre_stop=pre_stop,
            memory=self._memory,
        )
        self._loops = {dry: self._loop(interval, dry=dry) for dry in (False, True)}

    def _loop(self, interval: Seconds | None, *, dry: bool) -> PassLoop[AutoStopResult]:
        def one_pass() -> AutoStopResult:
            return AutoStopPass(self._parts, dry_run=dry, must_end=loop.must_end).run()

        loop: PassLoop[AutoStopResult] = PassLoop(
            "AutoStop",
            one_pass,
            interval=self._services.settings.auto_stop_interval if interval is None else interval,
            clock=self._services.clock,
            rng=self._services.rng,
            lease=self._lease,
            observer=self._services.caller.observer,
            failure_of=lambda result: result.error,
        )
        return loop

    # ---------------------------------------------------------------------------------- use

    def touch(
        self,
        instance: str | int | Instance | None = None,
        at: datetime | None = None,
        *,
        name: str | None = None,
        verify: bool = False,
    ) -> datetime:
        """Note that an instance is in use. No request is made unless a name or `verify` asks for one.

        Any process with the same store may do that.

        Args:
            instance: Its id, or an `Instance`.
            at: When it was used; now, if left out, and for a time in the future. An earlier use than the last known
                changes nothing.
            name: Its name, in place of the id; it is looked up.
            verify: Whether to make sure that there is such an instance.

        Returns:
            The last use known.

        Raises:
            ValidationError: `at` is no time with a zone, or not exactly one of id and name was given.
            NotFoundError: There is no such instance; only with `name` or `verify`.
            StateStoreError: The store fails.
        """
        now = self._services.clock.time()
        when = now if at is None else min(now, _checked_time(at))
        if name is not None or instance is None:
            wanted = self._finder.id_of(instance, name=name)
        else:
            wanted = instance_id(instance)
            if verify:
                self._finder.find(id=wanted)
        return datetime.fromtimestamp(self._parts.records.touch(wanted, when), UTC)

    # ---------------------------------------------------------------------------------- passes

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__}, {'running' if self._loops[self._dry_run].running else 'not running'}>"
        )

    def check(self) -> AutoStopResult:
        """Make one pass; join the one under way if there is one.

        Fit for any job engine: it is bounded, and harmless if it is called twice, or on two machines at once.

        Returns:
            What it did. A failed listing is `errors` 1 there, and nothing was stopped.

        Raises:
            StateStoreError: The store fails, other than by being away.
        """
        return self._loops[self._dry_run].check()

    def trigger(self, dry_run: bool = True) -> AutoStopResult:
        """Make a pass now that tells what it would do; only with exactly `False` it does it.

        Args:
            dry_run: Whether nothing may be stopped, written or sent.
        """
        return self._loops[dry_run is not False].check()

    def run(
        self, stop: StopEvent, interval: Seconds | None = None, *, immediate: bool = False
    ) -> AutoStopStats:
        """Make passes until `stop` is set, in the calling thread or task.

        Args:
            stop: Ends it: an event of `threading`, `asyncio`, `anyio` or `trio`.
            interval: Seconds between two passes, instead of the usual ones.
            immediate: Whether the first pass is made at once.

        Raises:
            RuntimeError: It is running already.
        """
        self._loops[self._dry_run].run(stop, interval, immediate=immediate)
        return self.stats()

    # ---------------------------------------------------------------------------------- reports

    def why(self, instance: str | int | Instance) -> list[StopDecision]:
        """Return what was decided about an instance, the newest first.

        Every warning, stop and error of the last 30 days and every change of the verdict is kept, 20 at most, and
        the newest decision of this process whatever it was.

        Args:
            instance: Its id, or an `Instance`.

        Raises:
            StateStoreError: The store fails.
        """
        return self._parts.audit.why(instance_id(instance))

    def stats(self) -> AutoStopStats:
        """Return settings and counts. No I/O."""
        loop = self._loops[self._dry_run]
        counts = loop.stats()
        return AutoStopStats(
            scheduler_running=loop.running,
            check_interval=loop.interval,
            default_inactivity_threshold=self._rules.threshold,
            startup_grace_period=self._rules.graces.startup,
            creation_grace_period=self._rules.graces.creation,
            passes=counts.passes,
            last_pass=counts.last_pass,
            last_error=counts.last_error,
            stopped_total=self._memory.stopped_total,
        )

    def health(self) -> LoopHealth:
        """Tell whether passes happen and succeed. No I/O."""
        return self._loops[self._dry_run].health()


class _Checks:
    """The checks of the arguments, all problems at once."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def duration(self, name: str, value: Seconds, *, least: float = 0.0) -> float:
        """Return seconds."""
        duration = seconds(value)
        if is_number(duration) and least <= duration <= _LONGEST:
            return duration
        message = f"must be a timedelta or {least:g} to {_LONGEST:.0f} seconds"
        self._problems.append(problem(name, value, message))
        return math.nan

    def one_of(self, name: str, value: DataLoss) -> DataLoss:
        """Return a known word."""
        if value not in DATA_LOSS:
            self._problems.append(problem(name, value, f"must be one of {', '.join(DATA_LOSS)}"))
        return value

    def hook(self, name: str, value: object) -> None:
        """Look at a function that may be left out."""
        wrong = function_problem(name, value, COLOUR, "a function of an instance and a decision")
        if value is not None and wrong is not None:
            self._problems.append(wrong)

    def finish(self) -> None:
        """Raise what was found."""
        if self._problems:
            raise ValidationError(problems=tuple(self._problems))


def _checked_time(at: object) -> float:
    if isinstance(at, datetime) and at.utcoffset() is not None:
        return at.timestamp()
    message = "must be a datetime with a time zone, such as datetime.now(UTC)"
    raise ValidationError(problems=(problem("at", at, message),))
