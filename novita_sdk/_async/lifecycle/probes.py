"""Whether an instance can be used: rounds of probes, all of them at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from novita_sdk._async.lifecycle.prober import AsyncProber
from novita_sdk._concurrency.aio import COLOUR, gather
from novita_sdk._core.lifecycle.health_checks import health_check
from novita_sdk._core.lifecycle.probe_results import ProbeResult, ProbeRound, judge_round
from novita_sdk._core.lifecycle.probes import (
    MOST_AT_ONCE,
    PlannedProbe,
    Ready,
    check_ready,
    check_target_port,
    needs_detail,
    plan_probes,
)
from novita_sdk.models.instance import Instance
from novita_sdk.models.webhook_event import HealthCheck

if TYPE_CHECKING:
    from novita_sdk._async.services import AsyncServices

PORT_GRACE: Final = 60.0
"""Seconds after the first round within which a port may still come to be exposed."""


class AsyncReadiness:
    """The readiness of one instance, from round to round. The first round is made when it is first seen running.

    Args:
        services: The client's parts.
        ready: The probes; `"auto"` goes by the exposed ports.
        target_port: The one container port that matters; None for all.
        timeout: Seconds for one probe; None for the settings' figure.

    Raises:
        ValidationError: The probes or the port are wrong.
    """

    def __init__(
        self,
        services: AsyncServices,
        ready: Ready = "auto",
        *,
        target_port: int | None = None,
        timeout: float | None = None,
    ) -> None:
        self._probes = check_ready(ready, COLOUR)
        self._target_port = check_target_port(target_port)
        self._timeout = services.settings.probe_timeout if timeout is None else timeout
        self._clock = services.clock
        self._prober = AsyncProber(services)
        self._began: float | None = None
        self._started_at = datetime.min.replace(tzinfo=UTC)

    @property
    def needs_detail(self) -> bool:
        """Whether a round needs the instance as a single get shows it, for its SSH command."""
        return needs_detail(self._probes, self._target_port)

    async def round(self, instance: Instance, *, within: float | None = None) -> ProbeRound:
        """Ask every probe once.

        Args:
            instance: The instance as it was seen last.
            within: Seconds that a probe has at most, where that is less than usual; None for no such limit.

        Returns:
            Whether all passed, and what came of each. Failures are told, not raised.
        """
        now = self._clock.monotonic()
        if self._began is None:
            self._began = now
            self._started_at = datetime.fromtimestamp(self._clock.time(), UTC)
        plan = plan_probes(instance, self._probes, self._target_port)
        results: list[ProbeResult] = []
        for start in range(0, len(plan.probes), MOST_AT_ONCE):
            some = plan.probes[start : start + MOST_AT_ONCE]
            limit = self._timeout if within is None else min(self._timeout, within)
            asking = [self._asking(planned, instance, limit) for planned in some]
            results += await gather(self._clock, asking)
        return judge_round(tuple(results), plan.missing, self._began + PORT_GRACE - now)

    def check_so_far(self, outcome: ProbeRound) -> HealthCheck:
        """Return what a round found as events tell it; the check is complete once all has passed.

        Args:
            outcome: The latest round.
        """
        ended_at = datetime.fromtimestamp(self._clock.time(), UTC) if outcome.passed else None
        return health_check(outcome.results, started_at=self._started_at, ended_at=ended_at)

    def _asking(
        self, planned: PlannedProbe, instance: Instance, limit: float
    ) -> Callable[[], Awaitable[ProbeResult]]:
        async def ask() -> ProbeResult:
            return await self._prober.ask(planned, instance, limit)

        return ask
