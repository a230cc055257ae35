"""Jobs: saving images and moving instances, in the background."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from novita_sdk._async.internal_jobs import AsyncInternalJobs
from novita_sdk._async.pager import AsyncPager
from novita_sdk._async.progress_teller import AsyncProgressTeller
from novita_sdk._async.resources.resource import AsyncResource, not_in_list
from novita_sdk._async.waiting import AsyncWait, Poll, Waited
from novita_sdk._core import operations
from novita_sdk._core.jobs import JobFilters, has_ended
from novita_sdk._core.lifecycle.poll_schedule import PollSchedule, poll_options
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.requests.plain import body_values
from novita_sdk._core.waiting import APPEARANCE_GRACE, Judgement, Progress, Verdict, wait_timeout
from novita_sdk._core.wire import check_id
from novita_sdk.models.enums import JobState, JobType
from novita_sdk.models.job import Job
from novita_sdk.models.unset import UNSET, Unset
from novita_sdk.options import CallOptions

INTERNAL_PAGE_SIZE = 10  # what the internal host gives by itself


class AsyncJobs(AsyncResource):
    """Background jobs. `list` asks the public host, `query` the internal one, if its key is set."""

    def list(
        self,
        *,
        job_id: str | int | None = None,
        state: JobState | str | None = None,
        type: JobType | str | None = None,  # noqa: A002 - the wire's word
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        creators: str | None = None,
        page_size: int = DEFAULT_PAGE_SIZE,
        options: CallOptions | None = None,
    ) -> AsyncPager[Job]:
        """List jobs. Operation `list_jobs`.

        Args:
            job_id: Only this job.
            state: Only jobs in this state.
            type: Only jobs of this type.
            start_time: Created at or after, aware.
            end_time: Created at or before, aware.
            creators: Only those of this user id; whether several may be given is unknown.
            page_size: Items asked for at a time, 1-100.
            options: What these calls do differently.

        Returns:
            A pager.
        """
        values = {
            "jobId": job_id,
            "state": state,
            "type": type,
            "startTime": start_time,
            "endTime": end_time,
            "creators": creators,
        }
        return self._pager(operations.LIST_JOBS, values, page_size, options)

    def query(
        self,
        *,
        job_id: str | int | None = None,
        type: JobType | str | None = None,  # noqa: A002 - the wire's word
        state: JobState | str | None = None,
        instance_id: str | int | None = None,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        page_size: int = INTERNAL_PAGE_SIZE,
        fallback: bool = True,
        options: CallOptions | None = None,
    ) -> AsyncPager[Job]:
        """Query jobs on the internal host, or on the public one where that fails. Operation `query_internal_jobs`.

        The internal host needs a key of its own (`NOVITA_INTERNAL_API_KEY`). Without it, or if it cannot answer,
        the public list is asked with the same filters; `pager.source` and `pager.fallback_reason` tell. Neither
        key is ever sent to the other host.

        Args:
            job_id: Only this job.
            type: Only jobs of this type.
            state: Only jobs in this state; `pending` and `pulling` mean the same on the two hosts.
            instance_id: Only jobs of this instance; filtered here, neither host can.
            start_time: Created at or after, aware.
            end_time: Created at or before, aware.
            page_size: Items asked for at a time, 1-100.
            fallback: Whether the public list may answer instead.
            options: What these calls do differently.

        Returns:
            A pager.
        """
        filters = JobFilters(
            job_id=None if job_id is None else check_id("job_id", job_id),
            type=type,
            state=state,
            instance_id=None if instance_id is None else check_id("instance_id", instance_id),
            start_time=start_time,
            end_time=end_time,
        )
        source = AsyncInternalJobs(
            caller=self._caller,
            filters=filters,
            options=options,
            has_key=self._settings.internal_api_key is not None,
            fallback=fallback,
            avoidance=self._caller.internal_avoidance,
        )
        return AsyncPager(source, page_size=page_size)

    async def get(self, job_id: str | int, *, options: CallOptions | None = None) -> Job:
        """Read one job, out of the list filtered by its id. Operation `list_jobs`.

        Args:
            job_id: Its id.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such job.
            PagingError: The list was not complete, so nothing tells whether there is one.
        """
        wanted = check_id("job_id", job_id)
        found = await self._lookup(wanted, options)
        if found is None:
            raise not_in_list(operations.LIST_JOBS, wanted)
        return found

    async def cancel(self, job_id: str | int, *, options: CallOptions | None = None) -> None:
        """Cancel a job that has not ended. Operation `break_job`.

        Args:
            job_id: Its id.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such job.
        """
        body = body_values(operations.BREAK_JOB, {"jobId": check_id("job_id", job_id)})
        await self._caller.write(operations.BREAK_JOB, body, options)

    async def wait(
        self,
        job_id: str | int,
        *,
        timeout: float | timedelta | Unset | None = UNSET,  # noqa: ASYNC109 - on the client's clock
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Job:
        """Wait until a job has ended, well or not: look at its `state`. Failed polls do not end the wait.

        Args:
            job_id: Its id.
            timeout: Seconds until it gives up; `startup_timeout` of the settings if left out, None for never.
            on_progress: Called with a `Progress` after each poll.

        Returns:
            The job in its final state: success, fail or break.

        Raises:
            WaitTimeoutError: The time is up.
            WaitFailedError: There is no such job (any longer).
        """
        wanted = check_id("job_id", job_id)
        clock = self._caller.clock
        began = clock.monotonic()
        seconds = wait_timeout(timeout, self._settings.startup_timeout)
        until = None if seconds is None else began + seconds

        async def look(poll: Poll) -> Job | None:
            await clock.sleep_async(max(0.0, poll.due - clock.monotonic()))
            left = None if poll.until is None else poll.until - clock.monotonic()
            return await self._lookup(wanted, poll_options(left))

        wait = AsyncWait(
            Waited(
                resource_id=wanted,
                phase="job",
                look=look,
                status_of=_state,
                judge=_JobJudge(began).judge,
            ),
            clock=clock,
            schedule=PollSchedule(began=began, until=until, longest=self._settings.poll_interval),
            rng=self._rng,
            teller=AsyncProgressTeller(on_progress),
        )
        job = await wait.until_settled()
        assert job is not None  # noqa: S101 - a job that is not there cannot have ended well
        return job

    async def _lookup(self, wanted: str, options: CallOptions | None) -> Job | None:
        pager = self.list(job_id=wanted, options=options)
        return await self._search(operations.LIST_JOBS, pager, "id", wanted)


def _state(job: Job) -> str:
    return "unknown" if job.state is None or job.state.state is None else job.state.state.value


class _JobJudge:
    """Judges what a wait for a job sees; a job that was never seen may still be on its way into the list."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._seen = False

    def judge(self, job: Job | None, now: float) -> Judgement:
        """Judge one sight."""
        if job is None:
            may_appear = not self._seen and now - self._began < APPEARANCE_GRACE
            return Judgement(verdict=Verdict.GOES_ON if may_appear else Verdict.IMPOSSIBLE)
        self._seen = True
        return Judgement(verdict=Verdict.REACHED if has_ended(_state(job)) else Verdict.GOES_ON)
