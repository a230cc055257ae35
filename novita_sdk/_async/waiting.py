"""One loop for every wait: poll, judge, tell, pause; until reached, impossible or out of time."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Generic, TypeVar

import attrs

from novita_sdk._async.progress_teller import AsyncProgressTeller
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.lifecycle.poll_schedule import PollSchedule
from novita_sdk._core.timeline import TimelineRecord
from novita_sdk._core.waiting import Judgement, Progress, Verdict
from novita_sdk.errors import (
    NotFoundError,
    NovitaError,
    PagingError,
    ResponseDecodeError,
    WaitFailedError,
    WaitTimeoutError,
)
from novita_sdk.models.money import Money

T = TypeVar("T")

# they tell nothing about the resource, a later poll may
_INCONCLUSIVE = (NotFoundError, PagingError, ResponseDecodeError)

SETTLED = (Verdict.REACHED, Verdict.IMPOSSIBLE)


class WaitLapsedError(Exception):
    """The wait's time was over before a poll could begin."""


@attrs.frozen
class Poll:
    """One poll that is due.

    Attributes:
        due: Monotonic time at which to make it.
        until: Monotonic time at which its answer must be in; None for no limit.
        alone: Whether the resource itself must be asked, not a list.
    """

    due: float
    until: float | None
    alone: bool = False


@attrs.frozen(kw_only=True)
class Waited(Generic[T]):
    """What is waited for, and how it is looked at.

    Attributes:
        resource_id: Its id.
        phase: What is being waited for, in one word.
        look: Makes one poll when it is due; None stands for "there certainly is no such resource".
        status_of: Reads the status.
        judge: Judges a sight at a monotonic time.
        operation_id: The operation the wait belongs to, if it has one.
        hourly: What an hour costs at most; None if that is not known.
    """

    resource_id: str
    phase: str
    look: Callable[[Poll], Awaitable[T | None]]
    status_of: Callable[[T], str]
    judge: Callable[[T | None, float], Judgement]
    operation_id: str | None = None
    hourly: Money | None = None


class AsyncWait(Generic[T]):
    """One wait for one resource.

    Args:
        waited: What is waited for.
        clock: What it sleeps on.
        schedule: When it polls.
        rng: Where the swing of the pauses comes from.
        teller: Told after each poll.
        timeline: Where first sights are noted.
        began: Monotonic time at which the operation began; left out: the beginning of the schedule.
        first_poll: Monotonic time of the first poll; left out: at once.

    Attributes:
        status: The status at the last poll that was answered; None if there was nothing.
        phase: What is being waited for now, in one word.
        timeline: When each step was first seen.
        found: What the last answered poll brought.
        polls: Polls made so far.
        failed_polls: How many of them got no answer.
    """

    def __init__(
        self,
        waited: Waited[T],
        *,
        clock: AsyncClock,
        schedule: PollSchedule,
        rng: random.Random,
        teller: AsyncProgressTeller,
        timeline: TimelineRecord | None = None,
        began: float | None = None,
        first_poll: float | None = None,
    ) -> None:
        self.phase = waited.phase
        self._waited = waited
        self._clock = clock
        self._schedule = schedule
        self._rng = rng
        self._teller = teller
        self.timeline = TimelineRecord() if timeline is None else timeline
        self._began = schedule.began if began is None else began
        self._due: float | None = schedule.began if first_poll is None else first_poll
        self._alone = False
        self.polls = self.failed_polls = 0
        self.status: str | None = None
        self.found: T | None = None
        self._last_error: NovitaError | None = None
        self._last_seen: str | None = None
        self._probes: tuple[object, ...] = ()

    @property
    def until(self) -> float | None:
        """Monotonic time at which the wait ends; None for never."""
        return self._schedule.until

    @property
    def due(self) -> float:
        """Monotonic time at which the next step begins."""
        return self._schedule.until or 0.0 if self._due is None else self._due

    async def until_settled(self) -> T | None:
        """Poll until what is waited for is there.

        Returns:
            What the last poll brought; None if the resource is gone and that was waited for.

        Raises:
            WaitTimeoutError: The time is up. The resource was left as it is.
            WaitFailedError: What is waited for cannot happen any more.
            NovitaError: A poll failed in a way that no later poll would mend, such as a refused key.
        """
        while await self.step() is not Verdict.REACHED:
            pass
        return self.found

    async def step(self, *, alone: bool = False) -> Verdict | None:
        """Make the next poll when it is due, and judge what it shows.

        Args:
            alone: Whether the resource itself must be asked.

        Returns:
            The verdict, None if the poll failed.

        Raises:
            NovitaError: As `until_settled`.
        """
        previous = self.status
        if self._due is None:
            await self._sleep_out()
            raise self.timed_out()
        try:
            self.polls += 1
            found = await self._waited.look(Poll(self._due, self._schedule.until, alone or self._alone))
        except WaitLapsedError:
            self.polls -= 1
            raise self.timed_out() from None
        except NovitaError as error:
            await self._failed_poll(error)
            return None
        except BaseException as stranger:
            self._say_what_stays(stranger)
            raise
        self.found = found
        self.status = None if found is None else self._waited.status_of(found)
        judged = self._waited.judge(found, self._clock.monotonic())
        if self.status is not None or judged.verdict in SETTLED:
            self._last_seen = self.status or self._last_seen
            self.timeline.note(self.status or "gone", self._clock.time())
        self._plan(judged)
        kind = "transition" if self.status != previous else "stalled" if judged.stalled else "poll"
        await self._tell(kind, previous, judged.server_message)
        if judged.verdict is Verdict.IMPOSSIBLE:
            raise self.impossible(judged.reason, judged.server_message)
        return judged.verdict

    def plan_now(self) -> None:
        """Let the next poll be due at once."""
        self._due = self._clock.monotonic()

    async def tell_probes(self, rounds: int, probes: tuple[object, ...], message: str | None) -> None:
        """Tell of a round of probes."""
        self._probes = probes
        progress = self._progress("probe", self.status, message)
        await self._teller.tell(attrs.evolve(progress, attempt=rounds))

    def rename(self, resource_id: str) -> None:
        """Go on under the id that the resource turned out to have."""
        self._waited = attrs.evolve(self._waited, resource_id=resource_id)

    def timed_out(self) -> WaitTimeoutError:
        """Return the error for a wait whose time is up."""
        seconds = round(self._clock.monotonic() - self._began, 1)
        state = self.status or "not there"
        doubt = " but does not answer" if self._probes else ""
        return WaitTimeoutError(
            f"{self._waited.resource_id} is {state}{doubt} after {seconds:g} s",
            resource_id=self._waited.resource_id,
            operation_id=self._waited.operation_id,
            phase=self.phase,
            last_seen=self._last_seen,
            timeline=self.timeline.entries(),
            polls=self.polls,
            failed_polls=self.failed_polls,
            last_error=self._last_error,
            probes=self._probes,
        )

    def impossible(self, reason: str | None, server_message: str | None = None) -> WaitFailedError:
        """Return the error for what cannot happen any more."""
        detail = f" ({server_message})" if server_message else ""
        state = self.status or "gone"
        if reason not in {None, "gone", state}:
            state = f"{state}, {reason}"
        return WaitFailedError(
            f"{self._waited.resource_id} is {state}: what is waited for cannot happen any more{detail}",
            resource_id=self._waited.resource_id,
            operation_id=self._waited.operation_id,
            last_seen=self._last_seen,
            reason=reason or self.status or "gone",
            server_message=server_message,
            timeline=self.timeline.entries(),
        )

    async def sleep_until(self, instant: float) -> None:
        """Sleep until a monotonic time; an interruption is told what becomes of the resource."""
        try:
            await self._clock.sleep_async(max(0.0, instant - self._clock.monotonic()))
        except BaseException as stranger:
            self._say_what_stays(stranger)
            raise

    async def _failed_poll(self, error: NovitaError) -> None:
        if not error.retryable and not isinstance(error, _INCONCLUSIVE):
            raise error.add_context(
                resource_id=self._waited.resource_id, operation_id=self._waited.operation_id
            )
        self.failed_polls += 1
        self._last_error = error
        self._plan(None, error.retry_after or 0.0)
        await self._tell("poll_failed", self.status, str(error))

    def _plan(self, judged: Judgement | None, not_before: float = 0.0) -> None:
        now = self._clock.monotonic()
        self._alone = judged is not None and judged.look_again is not None
        if judged is not None and judged.look_again is not None:
            self._due = now + judged.look_again
            if self._schedule.until is not None and self._due >= self._schedule.until:
                self._due = None
            return
        self._due = self._schedule.next_poll(now, self._rng.uniform(0.9, 1.1), not_before)

    async def _sleep_out(self) -> None:
        if self._schedule.until is not None:
            await self.sleep_until(self._schedule.until)

    async def _tell(self, kind: str, previous: str | None, message: str | None) -> None:
        await self._teller.tell(self._progress(kind, previous, message))

    def _progress(self, kind: str, previous: str | None, message: str | None) -> Progress:
        elapsed = self._clock.monotonic() - self._began
        return Progress(
            resource_id=self._waited.resource_id,
            kind=kind,  # type: ignore[arg-type]  # one of the words of ProgressKind
            phase=self.phase,
            status=self.status,
            previous=previous,
            elapsed=elapsed,
            attempt=self.polls,
            failed_polls=self.failed_polls,
            operation_id=self._waited.operation_id,
            probes=self._probes,
            cost_so_far=self._cost(elapsed),
            message=message,
        )

    def _cost(self, elapsed: float) -> Money | None:
        if self._waited.hourly is None:
            return None
        from novita_sdk._core.lifecycle.cost import charge  # noqa: PLC0415 - only where a price is known

        return charge(self._waited.hourly, timedelta(seconds=elapsed))

    def _say_what_stays(self, stranger: BaseException) -> None:
        seen = self._last_seen or "nothing"
        stranger.add_note(
            f"the wait left {self._waited.resource_id} as it is, and it may go on costing; last seen: {seen}"
        )
