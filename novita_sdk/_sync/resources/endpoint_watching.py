# Generated from novita_sdk/_async/resources/endpoint_watching.py by tools/unasync.py; edit the source.
"""Waiting for serverless endpoints, and watching them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, overload

from novita_sdk._core.serverless.known_endpoints import wanted_endpoint
from novita_sdk._core.waiting import Progress
from novita_sdk._sync.resources.endpoint_basics import EndpointArgument
from novita_sdk._sync.resources.endpoint_scaling import EndpointScaling
from novita_sdk.models.endpoint import Endpoint

if TYPE_CHECKING:
    from novita_sdk._core.serverless.wait_targets import EndpointTarget
    from novita_sdk._sync.lifecycle.watching import StopEvent, Subscription
    from novita_sdk.models.endpoint_event import EndpointEvent


class EndpointWatching(EndpointScaling):
    """Waiting for endpoints and watching them."""

    @overload
    def wait(
        self,
        endpoint: EndpointArgument,
        until: Literal["serving", "healthy", "scaled"] = "serving",
        *,
        min_ready: int = 1,
        timeout: float | timedelta | None = 1800.0,
        probe: Literal["http"] | None = None,
        fail_fast: bool = True,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Endpoint: ...

    @overload
    def wait(
        self,
        endpoint: EndpointArgument,
        until: EndpointTarget,
        *,
        min_ready: int = 1,
        timeout: float | timedelta | None = 1800.0,
        probe: Literal["http"] | None = None,
        fail_fast: bool = True,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Endpoint | None: ...

    def wait(
        self,
        endpoint: EndpointArgument,
        until: EndpointTarget = "serving",
        *,
        min_ready: int = 1,
        timeout: float | timedelta | None = 1800.0,
        probe: Literal["http"] | None = None,
        fail_fast: bool = True,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Endpoint | None:
        """Wait until an endpoint serves, is healthy, has its workers or is gone. Failed polls do not end the wait.

        All waits and watches of a client poll together: one list serves them all. Operations `get_endpoint` and
        `list_endpoints`.

        Args:
            endpoint: The endpoint.
            until: `"serving"`: it runs, with a running worker unless it needs none. `"healthy"`: `min_ready` workers
                are ready. `"scaled"`: all its workers are ready and as many as its bounds ask for. `"deleted"`: it
                is gone.
            min_ready: Ready workers that `"healthy"` needs.
            timeout: Seconds until it gives up; None for never.
            probe: `"http"` also wants the page of its health check to answer with 200, within 10 s. It is asked as
                by `invoke`, with your key.
            fail_fast: Whether to give up once all workers have failed alike, to pull the image or by crashing, at
                three polls in a row.
            on_progress: Called with a `Progress` after each poll; in the asynchronous client it may be async.

        Returns:
            The endpoint; None if it is gone and that was waited for.

        Raises:
            WaitTimeoutError: The time is up; `last_seen` and `url` tell how far it came.
            EndpointFailedError: What is waited for cannot happen any more; `failures` says why, with advice.
            ValidationError: Arguments are wrong, or what is waited for could last for ever: `"healthy"` of an
                endpoint that has no worker and needs none.
            NotFoundError: Nothing has that name or id.
            AmbiguousNameError: Several are meant.
        """
        from novita_sdk._core.serverless.wait_targets import endpoint_wait_plan  # noqa: PLC0415 - the same
        from novita_sdk._sync.serverless.endpoint_waits import (  # noqa: PLC0415 - only where it is used
            wait_for_endpoint,
        )

        plan = endpoint_wait_plan(
            until, min_ready=min_ready, timeout=timeout, probe=probe, fail_fast=fail_fast
        )
        wanted = wanted_endpoint(endpoint, None, None)
        return wait_for_endpoint(self._services, wanted, plan, on_progress)

    @overload
    def watch(
        self,
        endpoints: EndpointArgument | Collection[EndpointArgument] | None = None,
        *,
        interval: float | timedelta = 10.0,
        replay: bool = True,
    ) -> Subscription[EndpointEvent]: ...

    @overload
    def watch(
        self,
        endpoints: EndpointArgument | Collection[EndpointArgument] | None = None,
        *,
        interval: float | timedelta = 10.0,
        replay: bool = True,
        on_event: Callable[[EndpointEvent], object],
        stop: StopEvent | None = None,
    ) -> int: ...

    def watch(
        self,
        endpoints: EndpointArgument | Collection[EndpointArgument] | None = None,
        *,
        interval: float | timedelta = 10.0,
        replay: bool = True,
        on_event: Callable[[EndpointEvent], object] | None = None,
        stop: StopEvent | None = None,
    ) -> Subscription[EndpointEvent] | int:
        """Watch endpoints: told are those that appear, change, fail, recover or go, and their workers.

        Nothing runs in the background: the list is read while somebody waits for an event, and one reading serves
        all watches and waits of the client. Polling takes at most half of the rate limit, so that with many
        endpoints the interval grows. Operations `list_endpoints` and `get_endpoint`.

        Args:
            endpoints: Names, ids or endpoints; left out: all of the account.
            interval: Seconds between two looks, at least 2, swinging by 10 %. Of several watches the shortest counts.
            replay: Whether what is there at the first look is told, marked `initial`.
            on_event: Called with each event; the call then lasts until `stop` is set, or until it raises.
            stop: Ends that loop: an event of `threading`, `asyncio`, `anyio` or `trio`.

        Returns:
            An iterator over `EndpointEvent`s, which is a context manager too; with `on_event` how many were told.

        Raises:
            ValidationError: Arguments are wrong.
            AuthenticationError: The key is refused, while it is iterated; so `PermissionDeniedError`.

        Example:
            ```python
            with client.serverless_endpoints.watch() as events:
                for event in events:
                    print(event)
            ```
        """
        from novita_sdk._sync.serverless.endpoint_watch import (  # noqa: PLC0415 - only where it is used
            watch_endpoints,
        )

        events = watch_endpoints(
            self._services, endpoints, interval=interval, replay=replay, on_event=on_event, stop=stop
        )
        return events if on_event is None else events.tell(on_event, stop)
