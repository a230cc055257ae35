"""What the resources and lifecycle helpers of one client share, each part made at its first use."""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

from novita_sdk._async.client_state import AsyncClientState
from novita_sdk._concurrency.aio import Background
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk.options import Settings

if TYPE_CHECKING:
    from novita_sdk._async.caller import AsyncCaller
    from novita_sdk._async.lifecycle.background import AsyncBackgroundWorker
    from novita_sdk._async.lifecycle.instance_poller import AsyncInstancePoller
    from novita_sdk._async.lifecycle.journal import AsyncIntentJournal
    from novita_sdk._async.lifecycle.kept_clusters import AsyncKeptClusters
    from novita_sdk._async.lifecycle.starts_under_way import AsyncStartsUnderWay
    from novita_sdk._async.serverless.directory import AsyncEndpointDirectory
    from novita_sdk._async.serverless.endpoint_locks import AsyncEndpointLocks
    from novita_sdk._async.serverless.endpoint_poller import AsyncEndpointPoller
    from novita_sdk._async.serverless.spec_shelf import AsyncServerlessSpecs
    from novita_sdk._async.stores.protocol import AsyncStateStore
    from novita_sdk._async.transport_protocol import AsyncTransport
    from novita_sdk._async.webhooks.emitter import AsyncEventEmitter
    from novita_sdk._async.webhooks.outbox import AsyncOutbox
    from novita_sdk._async.webhooks.sender import AsyncSender
    from novita_sdk._core.http import Request
    from novita_sdk._core.lifecycle.own_changes import OwnChanges
    from novita_sdk._core.serverless.invocation import KnownTargets
    from novita_sdk._core.serverless.kept_limits import KeptLimits
    from novita_sdk._core.serverless.queue_rules import JobMemory


class AsyncServices(AsyncClientState):
    """The long-lived parts of a client, also of its `with_options` copies.

    Making a part has no effect on anything else, so that it does no harm if two threads make the same one.

    Args:
        settings: The client's settings.
        clock: Where the time comes from.
        rng: Where the swing of pauses comes from.
        caller: Makes the calls that belong to no call of the user's.
        transport: Sends what is no call of the API: probes and webhooks.
        store: The user's state store, None for one that the settings name, or one in memory.
        outbox: The user's outbox of webhooks, if there is one.
        mint_operation_id: Returns a new operation id.
        settle_again: Looks once more for what the call of a request made, for so many seconds.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: AsyncClock,
        rng: random.Random,
        caller: AsyncCaller,
        transport: AsyncTransport,
        store: AsyncStateStore | None,
        outbox: AsyncOutbox | None,
        mint_operation_id: Callable[[], str],
        settle_again: Callable[[Request, float], Awaitable[object]],
    ) -> None:
        super().__init__(settings, clock=clock, store=store)
        self.rng = rng
        self.caller = caller
        self.transport = transport
        self.background = Background(clock)
        self.mint_operation_id = mint_operation_id
        self.settle_again = settle_again
        self._outbox = outbox

    @property
    def worker(self) -> AsyncBackgroundWorker:
        """What does the work of rentals and webhooks while the program goes on."""

        def make() -> AsyncBackgroundWorker:
            from novita_sdk._async.lifecycle.background import AsyncBackgroundWorker  # noqa: PLC0415 - the same

            return AsyncBackgroundWorker(self.background, self.clock, self.end_background)

        return self._part("worker", make)

    @property
    def intents(self) -> AsyncIntentJournal:
        """The journal of creates."""

        def make() -> AsyncIntentJournal:
            from novita_sdk._async.lifecycle.journal import AsyncIntentJournal  # noqa: PLC0415 - for creates only

            return AsyncIntentJournal(self)

        return self._part("intents", make)

    @property
    def own_changes(self) -> OwnChanges:
        """What this client has sent that changes the status of instances."""
        from novita_sdk._core.lifecycle.own_changes import OwnChanges  # noqa: PLC0415 - only where it is used

        return self._part("own changes", OwnChanges)

    @property
    def starts(self) -> AsyncStartsUnderWay:
        """The starts of instances that are under way."""

        def make() -> AsyncStartsUnderWay:
            from novita_sdk._async.lifecycle.starts_under_way import (  # noqa: PLC0415 - the same
                AsyncStartsUnderWay,
            )

            return AsyncStartsUnderWay(self.clock)

        return self._part(f"starts {os.getpid()}", make)

    @property
    def endpoint_directory(self) -> AsyncEndpointDirectory:
        """What knows which endpoint a name means."""

        def make() -> AsyncEndpointDirectory:
            from novita_sdk._async.serverless.directory import AsyncEndpointDirectory  # noqa: PLC0415 - the same

            return AsyncEndpointDirectory(self.caller, self.clock)

        return self._part("endpoint directory", make)

    @property
    def endpoint_limits(self) -> KeptLimits:
        """The limits of endpoints as they were read last."""
        from novita_sdk._core.serverless.kept_limits import KeptLimits  # noqa: PLC0415 - only where it is used

        return self._part("endpoint limits", KeptLimits)

    @property
    def endpoint_targets(self) -> KnownTargets:
        """Where the applications of endpoints were reached a moment ago."""
        from novita_sdk._core.serverless.invocation import KnownTargets  # noqa: PLC0415 - only where it is used

        return self._part("endpoint targets", KnownTargets)

    @property
    def job_memory(self) -> JobMemory:
        """When queued jobs were made and ended."""
        from novita_sdk._core.serverless.queue_rules import JobMemory  # noqa: PLC0415 - only where it is used

        return self._part("job memory", JobMemory)

    @property
    def serverless_specs(self) -> AsyncServerlessSpecs:
        """The specs that were loaded."""
        from novita_sdk._async.serverless.spec_shelf import AsyncServerlessSpecs  # noqa: PLC0415 - the same

        return self._part("serverless specs", AsyncServerlessSpecs)

    @property
    def endpoint_locks(self) -> AsyncEndpointLocks:
        """Who may change which endpoint."""

        def make() -> AsyncEndpointLocks:
            from novita_sdk._async.serverless.endpoint_locks import AsyncEndpointLocks  # noqa: PLC0415 - the same

            return AsyncEndpointLocks(self)

        return self._part("endpoint locks", make)

    @property
    def poller(self) -> AsyncInstancePoller:
        """What all waits and watches of instances poll through."""

        def make() -> AsyncInstancePoller:
            from novita_sdk._async.lifecycle.instance_poller import (  # noqa: PLC0415 - only where somebody waits
                AsyncInstancePoller,
            )

            return AsyncInstancePoller(self.caller, self.clock)

        return self._part(f"poller {os.getpid()}", make)  # a forked child has none of the waiters

    @property
    def endpoint_poller(self) -> AsyncEndpointPoller:
        """What all waits and watches of endpoints poll through."""

        def make() -> AsyncEndpointPoller:
            from novita_sdk._async.serverless.endpoint_poller import (  # noqa: PLC0415 - only where somebody waits
                AsyncEndpointPoller,
            )

            return AsyncEndpointPoller(self.caller, self.clock, self.rng, self.settings.rate_limit)

        return self._part("endpoint poller", make)

    @property
    def sender(self) -> AsyncSender:
        """What finds the way for webhooks and sends them."""

        def make() -> AsyncSender:
            from novita_sdk._async.webhooks.sender import AsyncSender, default_target, own_secrets  # noqa: PLC0415

            return AsyncSender(
                lambda: self.transport,
                self.clock,
                secrets=own_secrets(self.settings.webhook_secret),
                default=default_target(self.settings.webhook_url),
                outbox=self._outbox,
                attempts=self.settings.webhook_attempts,
                timeout=self.settings.webhook_timeout,
            )

        return self._part("sender", make)

    @property
    def events(self) -> AsyncEventEmitter:
        """What operations tell their events to."""

        def make() -> AsyncEventEmitter:
            from novita_sdk._async.webhooks.emitter import AsyncEventEmitter  # noqa: PLC0415 - the same

            return AsyncEventEmitter(self.sender, lambda: self.store, lambda: self.worker, self.clock)

        return self._part("events", make)

    async def end_background(self) -> None:
        """End the work in the background; what is being sent has `webhook_drain` for that."""
        worker, events = self._parts.get("worker"), self._parts.get("events")
        if worker is not None:
            await cast("AsyncBackgroundWorker", worker).aclose(self.settings.webhook_drain)
        if events is not None:
            cast("AsyncEventEmitter", events).close()

    @property
    def clusters(self) -> AsyncKeptClusters:
        """The clusters, kept for a while."""
        return self._part("clusters", self._make_clusters)

    def _make_clusters(self) -> AsyncKeptClusters:
        from novita_sdk._async.lifecycle.kept_clusters import AsyncKeptClusters  # noqa: PLC0415 - only where it is used

        return AsyncKeptClusters(self.clock)
