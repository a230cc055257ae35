"""Whether an instance can be used: rounds of probes, all of them at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from novita_sdk._async.lifecycle.prober import AsyncProber
from novita_sdk._concurrency.aio import COLOUR, gather
from novita_sdk._core.colour import colour_problem
from novita_sdk._core.lifecycle.probe_results import ProbeResult, ProbeRound
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
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.instance import Instance

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
        self._probes = checked_probes(ready)
        self._target_port = check_target_port(target_port)
        self._timeout = services.settings.probe_timeout if timeout is None else timeout
        self._clock = services.clock
        self._prober = AsyncProber(services)
        self._began: float | None = None

    @property
    def needs_detail(self) -> bool:
        """Whether a round needs the instance as a single get shows it, for its SSH command."""
        return needs_detail(self._probes, self._target_port)

    async def round(self, instance: Instance) -> ProbeRound:
        """Ask every probe once.

        Args:
            instance: The instance as it was seen last.

        Returns:
            Whether all passed, and what came of each. Failures are told, not raised.
        """
        now = self._clock.monotonic()
        self._began = now if self._began is None else self._began
        plan = plan_probes(instance, self._probes, self._target_port)
        results: list[ProbeResult] = []
        for start in range(0, len(plan.probes), MOST_AT_ONCE):
            some = plan.probes[start : start + MOST_AT_ONCE]
            results += await gather(self._clock, [self._asking(planned, instance) for planned in some])
        return judged(tuple(results), plan.missing, self._began + PORT_GRACE - now)

    def _asking(self, planned: PlannedProbe, instance: Instance) -> Callable[[], Awaitable[ProbeResult]]:
        async def ask() -> ProbeResult:
            return await self._prober.ask(planned, instance, self._timeout)

        return ask


def checked_probes(ready: Ready) -> tuple[Probe, ...] | None:
    """Return the probes that a caller gave; None for `"auto"`.

    Raises:
        ValidationError: It is neither, or a function is of the other colour.
    """
    probes = check_ready(ready)
    for index, probe in enumerate(probes or ()):
        wrong = colour_problem(f"ready[{index}]", probe, COLOUR) if COLOUR == "sync" and callable(probe) else None
        if wrong is not None:
            message = f"{wrong.problem}; give {wrong.allowed}"
            raise ValidationError(problems=(problem(wrong.name, probe, message),))
    return probes
