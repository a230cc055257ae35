"""Serverless endpoints: deploy, scale, watch and call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from novita_sdk._async.resources.endpoint_calls import AsyncEndpointCalls

if TYPE_CHECKING:
    from novita_sdk._async.serverless.queue import AsyncQueue


class AsyncServerlessEndpoints(AsyncEndpointCalls):
    """Serverless endpoints. Wherever one is meant, its name or id, an `Endpoint` or an `EndpointRef` may be given."""

    @property
    def queue(self) -> AsyncQueue:
        """The queues of endpoints: `run`, `status`, `cancel`, `health`, `stats`, `purge`, `run_and_wait`."""
        from novita_sdk._async.serverless.queue import AsyncQueue  # noqa: PLC0415 - a first call needs none of it

        return AsyncQueue(self._caller, self._services, self._serverless)
