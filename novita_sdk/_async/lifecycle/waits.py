"""One wait for one instance: polls through the shared poller, then probes, and the events of it."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from novita_sdk._async.progress_teller import AsyncProgressTeller
from novita_sdk._async.services import AsyncServices
from novita_sdk._async.waiting import AsyncWait, Poll, Waited
from novita_sdk._core.lifecycle.instance_judge import InstanceJudge, Sent
from novita_sdk._core.lifecycle.poll_schedule import PollSchedule
from novita_sdk._core.lifecycle.wait_plan import WaitPlan
from novita_sdk._core.lifecycle.waiting_table import status_word
from novita_sdk._core.timeline import TimelineRecord
from novita_sdk._core.waiting import Progress, Verdict
from novita_sdk.errors import NovitaError, WaitFailedError, WaitTimeoutError
from novita_sdk.models.base import replace
from novita_sdk.models.instance import Instance
from novita_sdk.models.money import Money

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.probes import AsyncReadiness
    from novita_sdk._async.lifecycle.startup_events import AsyncStartupEvents, FailedPhase
    from novita_sdk.models.webhook_event import HealthCheck

NameSearch: TypeAlias = Callable[[str], Awaitable[Instance | None]]
"""Finds an instance by its name."""

_UNREADY: Final = frozenset({"invalid_response", "port_not_mapped"})


@attrs.frozen(kw_only=True)
class WaitContext:
    """What the operation around a wait has done so far.

    Attributes:
        began: Monotonic time at which it began.
        operation_id: Its id; None for a wait by itself.
        sent: What it has sent, if it has.
        first_poll: Monotonic time of the first poll; None for at once.
        timeline: When each step was first seen.
        events: Told of the steps of a start.
        hourly: What an hour of the instance costs; None if that is not known.
        find: Looks an instance up by what may be its name instead of its id; None if the id is certain.
        seen: Whether the instance was seen to be there.
    """

    began: float
    operation_id: str | None = None
    sent: Sent | None = None
    first_poll: float | None = None
    timeline: TimelineRecord = attrs.field(factory=TimelineRecord)
    events: AsyncStartupEvents | None = None
    hourly: Money | None = None
    find: NameSearch | None = None
    seen: bool = False


class AsyncInstanceWait:
    """Waits for one instance.

    Args:
        services: What the client's parts share.
        instance_id: The instance.
        plan: What is waited for, and for how long.
        context: What was done before.
        on_progress: Told after each poll and each round of probes.

    Attributes:
        check: What the probes found last, as events tell it.
    """

    def __init__(
        self,
        services: AsyncServices,
        instance_id: str,
        plan: WaitPlan,
        context: WaitContext,
        on_progress: Callable[[Progress], object] | None,
    ) -> None:
        self.check: HealthCheck | None = None
        self._services = services
        self._id = instance_id
        self._plan = plan
        self._context = context
        self._find = context.find
        self._readiness: AsyncReadiness | None = None
        clock = services.clock
        now = clock.monotonic()
        self._judge = judge = InstanceJudge(
            plan.target,
            began=now,
            sent=context.sent,
            condition=plan.condition,
            terminal=plan.terminal,
            seen=context.seen,
        )
        self._wait = AsyncWait(
            Waited(
                resource_id=instance_id,
                phase=plan.phase,
                look=self._look,
                status_of=status_word,
                judge=judge.judge,
                operation_id=context.operation_id,
                hourly=context.hourly,
            ),
            clock=clock,
            schedule=PollSchedule(
                began=now,
                until=None if plan.timeout is None else context.began + plan.timeout,
                longest=services.settings.poll_interval,
                fixed=plan.poll,
            ),
            rng=services.rng,
            teller=AsyncProgressTeller(on_progress),
            timeline=context.timeline,
            began=context.began,
            first_poll=context.first_poll,
        )

    @staticmethod
    def failed_phase(error: NovitaError) -> FailedPhase:
        """Tell in which part of a start an error came up."""
        if isinstance(error, WaitTimeoutError):
            return "health_check" if error.phase == "readiness" else "timeout"
        if isinstance(error, WaitFailedError):
            return "health_check" if error.reason in _UNREADY else "startup"
        return "api_call"

    async def run(self) -> Instance | None:
        """Wait.

        Returns:
            The instance with its timeline; None if it is gone and that was waited for.

        Raises:
            WaitTimeoutError: The time is up.
            WaitFailedError: What is waited for cannot happen any more.
            NovitaError: A poll failed in a way that no later poll would mend.
        """
        found = await self._wait.until_settled()
        if found is None:
            return None
        if self._context.events is not None:
            await self._context.events.running(found)
        while self._plan.ready is not None and not await self._is_ready():
            self._wait.phase = self._plan.phase
            await self._wait.until_settled()
        found = self._wait.found
        assert found is not None  # noqa: S101 - what is ready is there
        if self._plan.ready is not None:
            await self._note_ready(found.id)
        found = replace(found, timeline=self._wait.timeline.entries())
        if self._context.events is not None:
            await self._context.events.completed(found, self.check)
        return found

    async def _is_ready(self) -> bool:
        from novita_sdk._async.lifecycle.probes import AsyncReadiness  # noqa: PLC0415 - only where probes run
        from novita_sdk._async.lifecycle.readiness_loop import AsyncReadinessLoop  # noqa: PLC0415 - the same

        assert self._plan.ready is not None  # noqa: S101 - looked at by the caller
        self._wait.phase = "readiness"
        if self._readiness is None:
            self._readiness = AsyncReadiness(
                self._services, self._plan.ready, target_port=self._plan.target_port
            )
        loop = AsyncReadinessLoop(
            self._wait,
            self._readiness,
            self._plan,
            clock=self._services.clock,
            rng=self._services.rng,
            events=self._context.events,
        )
        try:
            return await loop.is_ready()
        finally:
            self.check = loop.check

    async def _note_ready(self, instance_id: str) -> None:
        """Let AutoStop know from when on idleness counts."""
        from novita_sdk._async.lifecycle.idle_records import note_ready  # noqa: PLC0415 - only where probes run

        await note_ready(self._services.store, instance_id, self._services.clock.time())

    async def _look(self, poll: Poll) -> Instance | None:
        found = await self._services.poller.look(self._id, poll, self._is_doubtful)
        if found is None and self._find is not None:
            found = await self._find(self._id)
            if found is not None:
                self._id = found.id
                self._wait.rename(found.id)
        self._find = None
        return found

    def _is_doubtful(self, listed: Instance) -> bool:
        """Tell whether what a list shows would end the wait on old news: lists may lag behind what was just done."""
        try:
            verdict = copy.copy(self._judge).judge(listed, self._services.clock.monotonic()).verdict
        except Exception:  # noqa: BLE001 - the caller's condition raised; it does so again where its own wait judges
            return False
        acted = self._context.sent is not None
        return verdict is Verdict.IMPOSSIBLE or (acted and verdict is Verdict.REACHED)
