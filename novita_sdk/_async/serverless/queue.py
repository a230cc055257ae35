"""The queue of an endpoint: jobs are handed in, asked about, and fetched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.services import AsyncServices
from novita_sdk._concurrency.aio import shielded
from novita_sdk._core import operations
from novita_sdk._core.durations import positive_seconds
from novita_sdk._core.operations.operation import Operation, Safety
from novita_sdk._core.serverless.known_endpoints import ID, ref_of, wanted_endpoint
from novita_sdk._core.serverless.queue_rules import (
    CANCEL_TIME,
    DEFAULT_TIMEOUT,
    LONGEST_PAUSE,
    PAUSE_GROWTH,
    SHORTEST_PAUSE,
    ended_badly,
    gateway_name,
    run_body,
)
from novita_sdk._core.serverless.unsupported import unsupported
from novita_sdk._core.wire import check_id, problem
from novita_sdk.errors import (
    NotFoundError,
    NovitaError,
    OutcomeUnknownError,
    ValidationError,
    WaitTimeoutError,
)
from novita_sdk.models.async_job import AsyncJob, AsyncJobStatus, QueueHealth, QueueStats
from novita_sdk.models.json_types import JSON
from novita_sdk.models.results import EndpointRef
from novita_sdk.options import CallOptions, ServerlessOptions

if TYPE_CHECKING:
    from novita_sdk._async.resources.endpoint_basics import EndpointArgument


class AsyncQueue:
    """The queues of serverless endpoints. What goes in and comes out is never logged.

    Args:
        caller: Makes the calls.
        services: What the resources of a client share.
        serverless: Which gateway is spoken to.
    """

    def __init__(self, caller: AsyncCaller, services: AsyncServices, serverless: ServerlessOptions) -> None:
        self._caller = caller
        self._services = services
        self._serverless = serverless

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    async def run(
        self,
        endpoint: EndpointArgument,
        input: JSON,  # noqa: A002 - the service's name
        *,
        retry_ambiguous: bool = False,
        gateway_name: str | None = None,
        options: CallOptions | None = None,
        **top_level: JSON,
    ) -> AsyncJob:
        """Queue a job. Operation `async_run`.

        The service lists no jobs, so nobody can look whether a job was queued whose answer got lost: that is an
        error, and nothing is sent again unless you say that a second run does no harm.

        Args:
            endpoint: The endpoint.
            input: What its handler gets: any JSON of at most 4 MiB, body and all.
            retry_ambiguous: Whether the job is queued again where the answer got lost.
            gateway_name: How the gateway calls the endpoint, instead of its id and app name.
            options: What these calls do differently.
            **top_level: Further keys beside `input`.

        Returns:
            The job, which waits.

        Raises:
            ValidationError: The input is no JSON, or too large; nothing was sent.
            OutcomeUnknownError: Nothing tells whether the job was queued.
        """
        body = run_body(input, top_level)
        name = await self._name(endpoint, gateway_name, options)
        request = self._caller.request(operations.ASYNC_RUN, {"endpoint_name": name}, body, options)
        if retry_ambiguous:
            request.context.safety = Safety.IDEMPOTENT
        job = cast("AsyncJob", await self._caller.perform(request, self._caller.read_single))
        self._services.job_memory.made(job.id, self._services.clock.time())
        return job

    async def status(
        self,
        endpoint: EndpointArgument,
        job_id: str,
        *,
        gateway_name: str | None = None,
        options: CallOptions | None = None,
    ) -> AsyncJob:
        """Read a job, with its result once it is over. Operation `async_status`.

        Args:
            endpoint: The endpoint.
            job_id: The job.
            gateway_name: How the gateway calls the endpoint, instead of its id and app name.
            options: What these calls do differently.

        Returns:
            The job; `expires_at` tells until when its result can be read.

        Raises:
            AsyncJobExpiredError: It ended, or was queued, over six hours ago.
            AsyncJobNotFoundError: There is no such job.
        """
        wanted = check_id("job_id", job_id)
        name = await self._name(endpoint, gateway_name, options)
        query: dict[str, JSON] = {"endpoint_name": name, "job_id": wanted}
        memory, now = self._services.job_memory, self._services.clock.time
        try:
            found = await self._caller.single(operations.ASYNC_STATUS, query=query, options=options)
        except NotFoundError as error:
            raise memory.absent(wanted, error, now()) from error
        return memory.seen(cast("AsyncJob", found), wanted, now())

    async def cancel(
        self,
        endpoint: EndpointArgument,
        job_id: str,
        *,
        gateway_name: str | None = None,
        options: CallOptions | None = None,
    ) -> None:
        """Cancel a job; one that is over stays as it is. Operation `async_cancel`.

        Args:
            endpoint: The endpoint.
            job_id: The job.
            gateway_name: How the gateway calls the endpoint, instead of its id and app name.
            options: What these calls do differently.

        Raises:
            AsyncJobNotFoundError: There is no such job.
        """
        wanted = check_id("job_id", job_id)
        name = await self._name(endpoint, gateway_name, options)
        legacy = self._serverless.gateway == "legacy"
        operation = operations.ASYNC_CANCEL_LEGACY if legacy else operations.ASYNC_CANCEL
        query: dict[str, JSON] = {"endpoint_name": name, "job_id": wanted}
        try:
            await self._write(operation, query, options)
        except NotFoundError as error:
            raise self._services.job_memory.absent(wanted, error, self._services.clock.time()) from error
        except OutcomeUnknownError:
            job = await self.status(endpoint, wanted, gateway_name=gateway_name, options=options)
            if not job.status.is_final:
                raise

    async def health(
        self,
        endpoint: EndpointArgument,
        *,
        gateway_name: str | None = None,
        options: CallOptions | None = None,
    ) -> QueueHealth:
        """Read the counters of a queue. Operation `async_health`.

        The service documents no names; what came is in `workers`, `jobs` and `extra`.

        Args:
            endpoint: The endpoint.
            gateway_name: How the gateway calls the endpoint, instead of its id and app name.
            options: What these calls do differently.
        """
        query: dict[str, JSON] = {"endpoint_name": await self._name(endpoint, gateway_name, options)}
        found = await self._caller.single(operations.ASYNC_HEALTH, query=query, options=options)
        return cast("QueueHealth", found)

    async def stats(
        self,
        endpoint: EndpointArgument,
        *,
        gateway_name: str | None = None,
        options: CallOptions | None = None,
    ) -> QueueStats:
        """Read the counters of a queue of the older gateway. Operation `async_stats`.

        Args:
            endpoint: The endpoint.
            gateway_name: How the gateway calls the endpoint, instead of its id.
            options: What these calls do differently.

        Raises:
            UnsupportedFeatureError: The client speaks to the current gateway; see `health`.
        """
        if self._serverless.gateway != "legacy":
            raise unsupported(["stats"])
        query: dict[str, JSON] = {"endpoint_name": await self._name(endpoint, gateway_name, options)}
        found = await self._caller.single(operations.ASYNC_STATS, query=query, options=options)
        return cast("QueueStats", found)

    async def purge(
        self,
        endpoint: EndpointArgument,
        *,
        confirm: bool,
        gateway_name: str | None = None,
        options: CallOptions | None = None,
    ) -> None:
        """Drop all jobs that wait. Operation `async_purge_queue`.

        Args:
            endpoint: The endpoint.
            confirm: True, because this cannot be taken back.
            gateway_name: How the gateway calls the endpoint, instead of its id and app name.
            options: What these calls do differently.

        Raises:
            ValidationError: It was not confirmed.
            OutcomeUnknownError: Nothing tells whether it was carried out.
        """
        if confirm is not True:
            message = "must be True: all jobs that wait are dropped for good"
            raise ValidationError(problems=(problem("confirm", confirm, message),))
        query: dict[str, JSON] = {"endpoint_name": await self._name(endpoint, gateway_name, options)}
        await self._write(operations.ASYNC_PURGE_QUEUE, query, options)

    async def run_and_wait(
        self,
        endpoint: EndpointArgument,
        input: JSON,  # noqa: A002 - the service's name
        *,
        timeout: float | timedelta = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - on the client's clock
        cancel_on_exit: bool = False,
        retry_ambiguous: bool = False,
        gateway_name: str | None = None,
        options: CallOptions | None = None,
        **top_level: JSON,
    ) -> AsyncJob:
        """Queue a job and wait for its result. Operations `async_run`, `async_status`.

        Args:
            endpoint: The endpoint.
            input: What its handler gets.
            timeout: Seconds until it gives up. The job goes on then.
            cancel_on_exit: Whether the job is cancelled if this call ends before it does.
            retry_ambiguous: Whether the job is queued again where the answer got lost.
            gateway_name: How the gateway calls the endpoint, instead of its id and app name.
            options: What these calls do differently.
            **top_level: Further keys beside `input`.

        Returns:
            The job, completed.

        Raises:
            AsyncJobError: It failed, timed out or was cancelled; `job` is the whole job.
            WaitTimeoutError: The time is up; `resource_id` is the job's.
        """
        seconds = positive_seconds(timeout)
        if seconds is None:
            message = "must be seconds above 0, or a timedelta"
            raise ValidationError(problems=(problem("timeout", timeout, message),))
        until = self._services.clock.monotonic() + seconds
        name = await self._name(endpoint, gateway_name, options)
        job = await self.run(
            endpoint, input, retry_ambiguous=retry_ambiguous, gateway_name=name, options=options, **top_level
        )
        try:
            return await self._ended(endpoint, job, name, until, options)
        except BaseException as error:
            ended = isinstance(error, NovitaError) and not isinstance(error, WaitTimeoutError)
            if cancel_on_exit and not ended:
                with shielded(self._services.clock, CANCEL_TIME):
                    await self._given_up(endpoint, job, name, error)
            if not isinstance(error, NovitaError):
                error.add_note(f"the job is {job.id}")
            raise

    # ------------------------------------------------------------------------------------- parts

    async def _ended(
        self, endpoint: EndpointArgument, job: AsyncJob, name: str, until: float, options: CallOptions | None
    ) -> AsyncJob:
        clock = self._services.clock
        endpoint_id, pause, polls, last = _id_of(endpoint), SHORTEST_PAUSE, 0, job
        while True:
            left = until - clock.monotonic()
            if left <= 0:
                raise WaitTimeoutError(
                    f"job {job.id} of endpoint {endpoint_id} is still {last.status}; it goes on",
                    resource_id=job.id,
                    last_seen=str(last.status),
                    polls=polls,
                )
            await clock.sleep_async(min(pause, left))
            pause = min(pause * PAUSE_GROWTH, LONGEST_PAUSE)
            polls += 1
            last = await self.status(endpoint, job.id, gateway_name=name, options=options)
            if last.status is AsyncJobStatus.COMPLETED:
                return last
            if last.status.is_final:
                raise ended_badly(last, endpoint_id)

    async def _given_up(
        self, endpoint: EndpointArgument, job: AsyncJob, name: str, error: BaseException
    ) -> None:
        try:
            await self.cancel(
                endpoint, job.id, gateway_name=name, options=CallOptions(total_timeout=CANCEL_TIME)
            )
        except NovitaError as failure:
            error.add_note(f"job {job.id} could not be cancelled ({failure.code})")

    async def _write(
        self, operation: Operation, query: Mapping[str, JSON], options: CallOptions | None
    ) -> None:
        request = self._caller.request(operation, query, None, options)
        await self._caller.perform(request, self._caller.read_whatever)

    async def _name(self, endpoint: EndpointArgument, given: str | None, options: CallOptions | None) -> str:
        """Return how the gateway calls an endpoint."""
        if given is not None:
            return check_id("gateway_name", given)
        wanted = wanted_endpoint(endpoint, None, None)
        if self._serverless.gateway == "legacy" and wanted.by == ID:
            return wanted.text
        directory = self._services.endpoint_directory

        async def known(ref: EndpointRef) -> EndpointRef:
            if ref.app_name:
                return ref
            return ref_of(await directory.read(ref.id, options))

        ref = await directory.acting(wanted, known)
        return ref.id if self._serverless.gateway == "legacy" else gateway_name(ref.id, ref.app_name, None)


def _id_of(endpoint: EndpointArgument) -> str:
    return str(endpoint if isinstance(endpoint, str | int) else endpoint.id)
