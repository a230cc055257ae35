# Generated from novita_sdk/_async/serverless/queue.py by tools/unasync.py; edit the source.
"""The queue of an endpoint: jobs are handed in, asked about, and fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar, cast

from novita_sdk._concurrency.threads import shielded
from novita_sdk._core import operations
from novita_sdk._core.durations import required_seconds
from novita_sdk._core.operations.operation import Operation, Safety
from novita_sdk._core.serverless.known_endpoints import ID, ref_of, wanted_endpoint
from novita_sdk._core.serverless.queue_rules import (
    CANCEL_TIME,
    DEFAULT_TIMEOUT,
    LAST_POLL,
    gateway_name,
    run_body,
    within,
)
from novita_sdk._core.serverless.unsupported import unsupported
from novita_sdk._core.wire import check_id, problem
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.serverless.job_wait import ended_job
from novita_sdk._sync.services import Services
from novita_sdk.errors import (
    AsyncJobError,
    NotFoundError,
    NovitaError,
    OutcomeUnknownError,
    ValidationError,
)
from novita_sdk.models.async_job import AsyncJob, QueueHealth, QueueStats
from novita_sdk.models.json_types import JSON
from novita_sdk.models.results import EndpointRef
from novita_sdk.options import CallOptions, ServerlessOptions

if TYPE_CHECKING:
    from novita_sdk._sync.resources.endpoint_basics import EndpointArgument

T = TypeVar("T")


class Queue:
    """The queues of serverless endpoints. What goes in and comes out is never logged.

    Args:
        caller: Makes the calls.
        services: What the resources of a client share.
        serverless: Which gateway is spoken to.
    """

    def __init__(self, caller: Caller, services: Services, serverless: ServerlessOptions) -> None:
        self._caller = caller
        self._services = services
        self._serverless = serverless

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def run(
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
        job, _ = self._queued(endpoint, body, retry_ambiguous, gateway_name, options)
        return job

    def status(
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
            NotFoundError: There is no such endpoint.
        """
        wanted = check_id("job_id", job_id)
        memory, now = self._services.job_memory, self._services.clock.time

        def read(name: str) -> AsyncJob:
            query: dict[str, JSON] = {"endpoint_name": name, "job_id": wanted}
            try:
                found = self._caller.single(operations.ASYNC_STATUS, query=query, options=options)
            except NotFoundError as error:
                if error.kind == "ENDPOINT":
                    raise
                raise memory.absent(wanted, error, now()) from error
            return memory.seen(cast("AsyncJob", found), wanted, now())

        return self._at(endpoint, gateway_name, options, read)

    def cancel(
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
            NotFoundError: There is no such endpoint.
        """
        wanted = check_id("job_id", job_id)
        legacy = self._serverless.gateway == "legacy"
        operation = operations.ASYNC_CANCEL_LEGACY if legacy else operations.ASYNC_CANCEL

        def cancelled(name: str) -> None:
            try:
                self._write(operation, {"endpoint_name": name, "job_id": wanted}, options)
            except NotFoundError as error:
                if error.kind == "ENDPOINT":
                    raise
                raise self._services.job_memory.absent(wanted, error, self._services.clock.time()) from error
            except OutcomeUnknownError:
                job = self.status(endpoint, wanted, gateway_name=name, options=options)
                if not job.status.is_final:
                    raise

        self._at(endpoint, gateway_name, options, cancelled)

    def health(
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

        def read(name: str) -> object:
            query: dict[str, JSON] = {"endpoint_name": name}
            return self._caller.single(operations.ASYNC_HEALTH, query=query, options=options)

        return cast("QueueHealth", self._at(endpoint, gateway_name, options, read))

    def stats(
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

        def read(name: str) -> object:
            query: dict[str, JSON] = {"endpoint_name": name}
            return self._caller.single(operations.ASYNC_STATS, query=query, options=options)

        return cast("QueueStats", self._at(endpoint, gateway_name, options, read))

    def purge(
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

        def purge(name: str) -> None:
            self._write(operations.ASYNC_PURGE_QUEUE, {"endpoint_name": name}, options)

        self._at(endpoint, gateway_name, options, purge)

    def run_and_wait(
        self,
        endpoint: EndpointArgument,
        input: JSON,  # noqa: A002 - the service's name
        *,
        timeout: float | timedelta = DEFAULT_TIMEOUT,
        cancel_on_exit: bool = False,
        retry_ambiguous: bool = False,
        gateway_name: str | None = None,
        options: CallOptions | None = None,
        **top_level: JSON,
    ) -> AsyncJob:
        """Queue a job and wait for its result; failed polls do not end that. Operations `async_run`, `async_status`.

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
        seconds = required_seconds("timeout", timeout)
        body = run_body(input, top_level)
        until = self._services.clock.monotonic() + seconds
        job, name = self._queued(endpoint, body, retry_ambiguous, gateway_name, within(options, seconds))
        try:
            return ended_job(
                job,
                _id_of(endpoint),
                lambda left: self.status(endpoint, job.id, gateway_name=name, options=within(options, left)),
                self._services.clock,
                until=until,
                reserved=min(LAST_POLL, seconds / 2),
            )
        except BaseException as error:
            if cancel_on_exit and not isinstance(error, AsyncJobError | NotFoundError):
                with shielded(self._services.clock, CANCEL_TIME):
                    self._given_up(endpoint, job, name, error)
            if isinstance(error, NovitaError):
                error.add_context(resource_id=job.id)
            else:
                error.add_note(f"the job is {job.id}")
            raise

    # ------------------------------------------------------------------------------------- parts

    def _queued(
        self,
        endpoint: EndpointArgument,
        body: dict[str, JSON],
        retry_ambiguous: bool,
        given: str | None,
        options: CallOptions | None,
    ) -> tuple[AsyncJob, str]:
        """Queue a job; return it, and how the gateway calls its endpoint."""

        def queue(name: str) -> tuple[AsyncJob, str]:
            request = self._caller.request(operations.ASYNC_RUN, {"endpoint_name": name}, body, options)
            if retry_ambiguous:
                request.context.safety = Safety.IDEMPOTENT
            return cast("AsyncJob", self._caller.perform(request, self._caller.read_single)), name

        job, name = self._at(endpoint, given, options, queue)
        self._services.job_memory.made(job.id, self._services.clock.time())
        return job, name

    def _given_up(self, endpoint: EndpointArgument, job: AsyncJob, name: str, error: BaseException) -> None:
        try:
            self.cancel(endpoint, job.id, gateway_name=name, options=CallOptions(total_timeout=CANCEL_TIME))
        except NovitaError as failure:
            error.add_note(f"job {job.id} could not be cancelled ({failure.code})")

    def _write(self, operation: Operation, query: Mapping[str, JSON], options: CallOptions | None) -> None:
        request = self._caller.request(operation, query, None, options)
        self._caller.perform(request, self._caller.read_whatever)

    def _at(
        self,
        endpoint: EndpointArgument,
        given: str | None,
        options: CallOptions | None,
        act: Callable[[str], T],
    ) -> T:
        """Do something at an endpoint, by the name that the gateway calls it."""
        if given is not None:
            return act(check_id("gateway_name", given))
        wanted = wanted_endpoint(endpoint, None, None)
        legacy = self._serverless.gateway == "legacy"
        if legacy and wanted.by == ID:
            return act(wanted.text)
        directory = self._services.endpoint_directory

        def act_there(ref: EndpointRef) -> T:
            if not ref.app_name:
                ref = ref_of(directory.read(ref.id, options))
            return act(ref.id if legacy else gateway_name(ref.id, ref.app_name))

        return directory.acting(wanted, act_there)


def _id_of(endpoint: EndpointArgument) -> str:
    return str(endpoint if isinstance(endpoint, str | int) else endpoint.id)
