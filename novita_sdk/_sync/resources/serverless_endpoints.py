# Generated from novita_sdk/_async/resources/serverless_endpoints.py by tools/unasync.py; edit the source.
"""Serverless endpoints: deploy, scale, watch and call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from novita_sdk._sync.resources.endpoint_calls import EndpointCalls

if TYPE_CHECKING:
    from novita_sdk._sync.serverless.queue import Queue


class ServerlessEndpoints(EndpointCalls):
    """Serverless endpoints. Wherever one is meant, its name or id, an `Endpoint` or an `EndpointRef` may be given."""

    @property
    def queue(self) -> Queue:
        """The queues of endpoints: `run`, `status`, `cancel`, `health`, `stats`, `purge`, `run_and_wait`."""
        from novita_sdk._sync.serverless.queue import Queue  # noqa: PLC0415 - a first call needs none of it

        return Queue(self._caller, self._services, self._serverless)
