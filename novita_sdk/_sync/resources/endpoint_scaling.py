# Generated from novita_sdk/_async/resources/endpoint_scaling.py by tools/unasync.py; edit the source.
"""Scaling serverless endpoints."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from novita_sdk._core.serverless.known_endpoints import NAME, wanted_endpoint
from novita_sdk._sync.resources.endpoint_basics import EndpointArgument
from novita_sdk._sync.resources.endpoint_deployment import EndpointDeployment
from novita_sdk.models.results import EndpointRef
from novita_sdk.models.scaling import ScaleResult
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._core.serverless.draining import Busy
    from novita_sdk._sync.serverless.scaler import Drain, OnDrainTimeout


class EndpointScaling(EndpointDeployment):
    """Scaling endpoints."""

    def scale(
        self,
        endpoint: EndpointArgument,
        replicas: int | None = None,
        *,
        min_replicas: int | None = None,
        max_replicas: int | None = None,
        drain: Drain = "off",
        busy: Busy | None = None,
        drain_timeout: float | timedelta = 300.0,
        on_drain_timeout: OnDrainTimeout = "undo",
        options: CallOptions | None = None,
    ) -> ScaleResult:
        """Change how many workers an endpoint may have; nothing else changes. Operation `update_endpoint`.

        `scale(e, 0)` lets nothing serve until it is scaled up; `min_replicas=0` with a higher maximum lets the
        service start workers when requests come.

        Args:
            endpoint: The endpoint.
            replicas: Both bounds.
            min_replicas: The lower bound alone; the other one stays.
            max_replicas: The upper bound alone.
            drain: `"idle"` lets workers that are too many end their work first, those that will be missed least
                before the others; without a route for that it warns and goes on. `"require"` raises then. `"off"`
                leaves it to the service who is stopped.
            busy: Tells whether a worker is at work; without it every healthy one may be. A busy worker takes no new
                work and is waited for.
            drain_timeout: Seconds to wait for drained workers.
            on_drain_timeout: `"undo"` lets them work again and restores the bounds; `"proceed"` goes on.
            options: What these calls do differently.

        Returns:
            The bounds before and after, and who was drained. No write is made if the bounds are right already.

        Raises:
            ValidationError: Arguments are wrong.
            DrainTimeoutError: Workers were still at work; the bounds are as before.
            UnsupportedFeatureError: Draining is required, and the service has no route for it.
            NotFoundError: There is no such endpoint.
            ConcurrentUpdateError: Somebody else changed the bounds meanwhile.
        """
        from novita_sdk._sync.serverless.scaler import Scaler, scale_terms  # noqa: PLC0415 - seldom needed

        terms = scale_terms(
            replicas=replicas,
            min_replicas=min_replicas,
            max_replicas=max_replicas,
            drain=drain,
            busy=busy,
            drain_timeout=drain_timeout,
            on_drain_timeout=on_drain_timeout,
        )
        services = self._services
        scaler = Scaler(self._caller, services.clock, self._directory, services.endpoint_locks, self._updater)
        wanted = wanted_endpoint(endpoint, None, None)

        def act(ref: EndpointRef) -> ScaleResult:
            named = ref.name if wanted.by & NAME and ref.name == wanted.text else None
            return scaler.scale(ref.id, attrs.evolve(terms, named=named), options)

        return self._directory.acting(wanted, act)
