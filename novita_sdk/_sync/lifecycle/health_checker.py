# Generated from novita_sdk/_async/lifecycle/health_checker.py by tools/unasync.py; edit the source.
"""One look at all endpoints of an instance, with retries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from novita_sdk._concurrency.threads import COLOUR, gather
from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.lifecycle.health_checks import HealthCheckPolicy, HealthReport, overall_of
from novita_sdk._core.lifecycle.probe_results import ProbeResult
from novita_sdk._core.lifecycle.probes import (
    MOST_AT_ONCE,
    PlannedProbe,
    Probe,
    Ready,
    check_ready,
    check_target_port,
    needs_detail,
    plan_probes,
)
from novita_sdk._sync.client import services_of
from novita_sdk._sync.lifecycle.prober import Prober
from novita_sdk.models.instance import Instance

if TYPE_CHECKING:
    from novita_sdk._sync.client import Novita


class HealthChecker:
    """Tells how many of an instance's endpoints answer.

    It asks, and does nothing else: no instance is started, stopped or deleted by it, nobody logs in, no command is run,
    and the only bytes sent are those of a GET request without any key of the client.

    Args:
        client: The client; its transport carries the probes.
        timeout: Seconds for one try of one probe, up to 300; left out: the setting `probe_timeout`.
        retries: Further tries of a probe that failed, 0-10; left out: the setting `probe_retries`.
        delay: Seconds before the first of them, doubling from try to try, each between a half and one and a half of
            that; left out: the setting `probe_delay`.
        max_wait: Seconds for a whole check; left out: the setting `probe_max_wait`.
        categories: Whether only those failures are tried again that time may mend: timeouts, broken and refused
            connections, names without an address, statuses from 500 on. Otherwise all are.

    Raises:
        ValidationError: A value is wrong.

    Example:
        ```python
        report = HealthChecker(client).check("my-instance")
        if not report.healthy:
            print(report.message)
        ```
    """

    def __init__(
        self,
        client: Novita,
        *,
        timeout: Seconds | None = None,
        retries: int | None = None,
        delay: Seconds | None = None,
        max_wait: Seconds | None = None,
        categories: bool = False,
    ) -> None:
        services = services_of(client)
        settings = services.settings
        self._policy = HealthCheckPolicy(
            timeout=settings.probe_timeout if timeout is None else seconds(timeout),
            retries=settings.probe_retries if retries is None else retries,
            delay=settings.probe_delay if delay is None else seconds(delay),
            max_wait=settings.probe_max_wait if max_wait is None else seconds(max_wait),
            categories=categories,
        )
        self._instances = client.gpu_instances
        self._clock = services.clock
        self._rng = services.rng
        self._prober = Prober(services)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def check(
        self, instance: str | int | Instance, *, probes: Ready = "auto", target_port: int | None = None
    ) -> HealthReport:
        """Ask all endpoints of an instance at once, up to 20 at a time.

        Args:
            instance: Id or name. An `Instance` is taken as it is, without another request.
            probes: What to ask; `"auto"` goes by the exposed ports.
            target_port: The one container port that matters; None for all.

        Returns:
            What was found. Endpoints that do not answer are told, not raised.

        Raises:
            NotFoundError: There is no such instance.
            ValidationError: An argument is wrong.
            NovitaError: The instance could not be read.
        """
        chosen = check_ready(probes, COLOUR, "probes")
        port = check_target_port(target_port)
        found = instance if isinstance(instance, Instance) else self._read(instance, chosen, port)
        started_at, ends = self._now(), self._clock.monotonic() + self._policy.max_wait
        plan = plan_probes(found, chosen, port)
        results: list[ProbeResult] = []
        for start in range(0, len(plan.probes), MOST_AT_ONCE):
            some = plan.probes[start : start + MOST_AT_ONCE]
            results += gather(self._clock, [self._asking(planned, found, ends) for planned in some])
        failed = [str(result) for result in results if not result.passed]
        nothing = [] if results or plan.missing else ["there is nothing to ask"]
        return HealthReport(
            overall=overall_of(results, plan.missing),
            results=tuple(results),
            started_at=started_at,
            ended_at=self._now(),
            message="; ".join([*filter(None, [plan.missing]), *failed, *nothing]),
        )

    def _read(
        self, instance: str | int, probes: tuple[Probe, ...] | None, target_port: int | None
    ) -> Instance:
        found = self._instances.find(instance)
        if found.ssh is None and needs_detail(probes, target_port):  # found by its name, in the list
            return self._instances.get(found.id)
        return found

    def _asking(self, planned: PlannedProbe, instance: Instance, ends: float) -> Callable[[], ProbeResult]:
        def ask() -> ProbeResult:
            tries = 0
            while True:
                tries += 1
                left = ends - self._clock.monotonic()
                result = self._prober.ask(planned, instance, min(self._policy.timeout, left))
                final = result.passed or planned.failure is not None  # the latter no further try can change
                pause = None if final else self._policy.pause(result, tries, self._rng.uniform(0.5, 1.5))
                if pause is None or self._clock.monotonic() + pause >= ends:
                    return attrs.evolve(result, tries=tries)
                self._clock.sleep(pause)

        return ask

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.time(), UTC)
