"""One wait for one endpoint: polls through the shared poller, and asks its address where that is wished."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from novita_sdk._async.progress_teller import AsyncProgressTeller
from novita_sdk._async.waiting import AsyncWait, Poll, Waited
from novita_sdk._core.lifecycle.poll_schedule import PollSchedule
from novita_sdk._core.redact import redact_url
from novita_sdk._core.serverless.known_endpoints import ID, Wanted
from novita_sdk._core.serverless.wait_targets import (
    EndpointJudge,
    EndpointWaitPlan,
)
from novita_sdk._core.waiting import Progress
from novita_sdk.errors import EndpointFailedError, NotFoundError, WaitFailedError, WaitTimeoutError
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.results import EndpointRef

if TYPE_CHECKING:
    from novita_sdk._async.services import AsyncServices


async def wait_for_endpoint(
    services: AsyncServices,
    wanted: Wanted,
    plan: EndpointWaitPlan,
    on_progress: Callable[[Progress], object] | None = None,
) -> Endpoint | None:
    """Wait for an endpoint; see `serverless_endpoints.wait`.

    Returns:
        The endpoint; None if it is gone and that was waited for.
    """
    began = services.clock.monotonic()

    async def itself(ref: EndpointRef) -> str:
        return ref.id

    try:
        endpoint_id = await services.endpoint_directory.acting(wanted, itself)
    except NotFoundError:
        if plan.target == "deleted":
            return None
        raise
    by_text = None if wanted.by == ID else wanted
    return await AsyncEndpointWait(services, endpoint_id, by_text, plan, began, on_progress).run()


class AsyncEndpointWait:
    """Waits for one endpoint.

    Args:
        services: What the client's parts share.
        endpoint_id: The endpoint.
        by_text: The text that it was found by, which may mean another one by now; None if the id is certain.
        plan: What is waited for, and for how long.
        began: Monotonic time at which it began.
        on_progress: Told after each poll.
    """

    def __init__(
        self,
        services: AsyncServices,
        endpoint_id: str,
        by_text: Wanted | None,
        plan: EndpointWaitPlan,
        began: float,
        on_progress: Callable[[Progress], object] | None,
    ) -> None:
        self._services = services
        self._id = endpoint_id
        self._by_text = by_text
        self._plan = plan
        self._url: str | None = None
        self._until = None if plan.timeout is None else began + plan.timeout
        clock = services.clock
        self._judge = EndpointJudge(
            plan,
            created=services.endpoint_directory.created_at(endpoint_id),
            wall_time=lambda: datetime.fromtimestamp(clock.time(), UTC),
        )
        self._wait: AsyncWait[Endpoint] = AsyncWait(
            Waited(
                resource_id=endpoint_id,
                phase=plan.target,
                look=self._look,
                status_of=lambda endpoint: str(endpoint.state.state),
                judge=self._judge.judge,
            ),
            clock=clock,
            schedule=PollSchedule(
                began=began,
                until=self._until,
                longest=services.settings.poll_interval,
            ),
            rng=services.rng,
            teller=AsyncProgressTeller(on_progress),
        )

    async def run(self) -> Endpoint | None:
        """Wait.

        Returns:
            The endpoint; None if it is gone and that was waited for.

        Raises:
            WaitTimeoutError: The time is up.
            EndpointFailedError: What is waited for cannot happen any more.
            NovitaError: A poll failed in a way that no later poll would mend.
        """
        try:
            found = await self._wait.until_settled()
            while self._plan.probe and found is not None and not await self._answers(found):
                found = await self._wait.until_settled()
        except WaitFailedError as error:
            raise self._failed(error) from None
        except WaitTimeoutError as error:
            if self._url is not None:
                error.url = redact_url(self._url)
            raise
        if found is None:
            self._services.endpoint_directory.forget(self._id)
        return found

    async def _look(self, poll: Poll) -> Endpoint | None:
        found = await self._services.endpoint_poller.look(self._id, poll)
        if found is None and self._by_text is not None:
            found = await self._found_anew(self._by_text)
        self._by_text = None
        if found is not None:
            self._url = found.url or self._url
        return found

    async def _found_anew(self, wanted: Wanted) -> Endpoint | None:
        """Look up what the text means now; None if it means nothing."""
        directory = self._services.endpoint_directory
        directory.forget(self._id)
        try:
            found = await directory.find(wanted)
        except NotFoundError as error:
            if error.searched_by:  # what the search made itself; a bare 404 proves nothing
                return None
            raise
        self._id = found.id
        self._wait.rename(found.id)
        return found

    async def _answers(self, endpoint: Endpoint) -> bool:
        from novita_sdk._async.serverless.health_page import (  # noqa: PLC0415 - only where it is asked
            ask_health_page,
        )

        result = await ask_health_page(self._services, endpoint, self._until)
        await self._wait.tell_probes(self._wait.polls, (result,), result.detail or None)
        return result.passed

    def _failed(self, error: WaitFailedError) -> EndpointFailedError:
        failures = self._judge.failures
        advice = {failure.advice: None for failure in failures}
        return EndpointFailedError(
            str(error),
            resource_id=error.resource_id,
            last_seen=error.last_seen,
            reason=error.reason,
            server_message=error.server_message,
            timeline=error.timeline,
            failures=failures,
            hint="; ".join(advice) or None,
        )
