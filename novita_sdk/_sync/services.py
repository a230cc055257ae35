# Generated from novita_sdk/_async/services.py by tools/unasync.py; edit the source.
"""What the resources and lifecycle helpers of one client share, each part made at its first use."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Background
from novita_sdk._sync.client_state import ClientState
from novita_sdk.options import Settings

if TYPE_CHECKING:
    from novita_sdk._core.http import Request
    from novita_sdk._core.lifecycle.own_changes import OwnChanges
    from novita_sdk._core.serverless.invocation import KnownTargets
    from novita_sdk._core.serverless.kept_limits import KeptLimits
    from novita_sdk._core.serverless.queue_rules import JobMemory
    from novita_sdk._sync.caller import Caller
    from novita_sdk._sync.lifecycle.background import BackgroundWorker
    from novita_sdk._sync.lifecycle.instance_poller import InstancePoller
    from novita_sdk._sync.lifecycle.journal import IntentJournal
    from novita_sdk._sync.lifecycle.kept_clusters import KeptClusters
    from novita_sdk._sync.lifecycle.starts_under_way import StartsUnderWay
    from novita_sdk._sync.serverless.directory import EndpointDirectory
    from novita_sdk._sync.serverless.endpoint_locks import EndpointLocks
    from novita_sdk._sync.serverless.endpoint_poller import EndpointPoller
    from novita_sdk._sync.serverless.spec_shelf import ServerlessSpecs
    from novita_sdk._sync.stores.protocol import StateStore
    from novita_sdk._sync.transport_protocol import Transport
    from novita_sdk._sync.webhooks.emitter import EventEmitter
    from novita_sdk._sync.webhooks.outbox import Outbox
    from novita_sdk._sync.webhooks.sender import Sender


class Services(ClientState):
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
        clock: Clock,
        rng: random.Random,
        caller: Caller,
        transport: Transport,
        store: StateStore | None,
        outbox: Outbox | None,
        mint_operation_id: Callable[[], str],
        settle_again: Callable[[Request, float], object],
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
    def worker(self) -> BackgroundWorker:
        """What does the work of rentals and webhooks while the program goes on."""

        def make() -> BackgroundWorker:
            from novita_sdk._sync.lifecycle.background import BackgroundWorker  # noqa: PLC0415 - the same

            return BackgroundWorker(self.background, self.clock, self.end_background)

        return self._part("worker", make)

    @property
    def intents(self) -> IntentJournal:
        """The journal of creates."""

        def make() -> IntentJournal:
            from novita_sdk._sync.lifecycle.journal import IntentJournal  # noqa: PLC0415 - for creates only

            return IntentJournal(self)

        return self._part("intents", make)

    @property
    def own_changes(self) -> OwnChanges:
        """What this client has sent that changes the status of instances."""
        from novita_sdk._core.lifecycle.own_changes import OwnChanges  # noqa: PLC0415 - only where it is used

        return self._part("own changes", OwnChanges)

    @property
    def starts(self) -> StartsUnderWay:
        """The starts of instances that are under way."""

        def make() -> StartsUnderWay:
            from novita_sdk._sync.lifecycle.starts_under_way import (  # noqa: PLC0415 - the same
                StartsUnderWay,
            )

            return StartsUnderWay(self.clock)

        return self._part(f"starts {os.getpid()}", make)

    @property
    def endpoint_directory(self) -> EndpointDirectory:
        """What knows which endpoint a name means."""

        def make() -> EndpointDirectory:
            from novita_sdk._sync.serverless.directory import EndpointDirectory  # noqa: PLC0415 - the same

            return EndpointDirectory(self.caller, self.clock)

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
    def serverless_specs(self) -> ServerlessSpecs:
        """The specs that were loaded."""
        from novita_sdk._sync.serverless.spec_shelf import ServerlessSpecs  # noqa: PLC0415 - the same

        return self._part("serverless specs", ServerlessSpecs)

    @property
    def endpoint_locks(self) -> EndpointLocks:
        """Who may change which endpoint."""

        def make() -> EndpointLocks:
            from novita_sdk._sync.serverless.endpoint_locks import EndpointLocks  # noqa: PLC0415 - the same

            return EndpointLocks(self)

        return self._part("endpoint locks", make)

    @property
    def poller(self) -> InstancePoller:
        """What all waits and watches of instances poll through."""

        def make() -> InstancePoller:
            from novita_sdk._sync.lifecycle.instance_poller import (  # noqa: PLC0415 - only where somebody waits
                InstancePoller,
            )

            return InstancePoller(self.caller, self.clock)

        return self._part(f"poller {os.getpid()}", make)  # a forked child has none of the waiters

    @property
    def endpoint_poller(self) -> EndpointPoller:
        """What all waits and watches of endpoints poll through."""

        def make() -> EndpointPoller:
            from novita_sdk._sync.serverless.endpoint_poller import (  # noqa: PLC0415 - only where somebody waits
                EndpointPoller,
            )

            return EndpointPoller(self.caller, self.clock, self.rng, self.settings.rate_limit)

        return self._part("endpoint poller", make)

    @property
    def sender(self) -> Sender:
        """What finds the way for webhooks and sends them."""

        def make() -> Sender:
            from novita_sdk._sync.webhooks.sender import Sender, default_target, own_secrets  # noqa: PLC0415

            return Sender(
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
    def events(self) -> EventEmitter:
        """What operations tell their events to."""

        def make() -> EventEmitter:
            from novita_sdk._sync.webhooks.emitter import EventEmitter  # noqa: PLC0415 - the same

            return EventEmitter(self.sender, lambda: self.store, lambda: self.worker, self.clock)

        return self._part("events", make)

    def end_background(self) -> None:
        """End the work in the background; what is being sent has `webhook_drain` for that."""
        worker, events = self._parts.get("worker"), self._parts.get("events")
        if worker is not None:
            cast("BackgroundWorker", worker).close(self.settings.webhook_drain)
        if events is not None:
            cast("EventEmitter", events).close()

    @property
    def clusters(self) -> KeptClusters:
        """The clusters, kept for a while."""
        return self._part("clusters", self._make_clusters)

    def _make_clusters(self) -> KeptClusters:
        from novita_sdk._sync.lifecycle.kept_clusters import KeptClusters  # noqa: PLC0415 - only where it is used

        return KeptClusters(self.clock)
