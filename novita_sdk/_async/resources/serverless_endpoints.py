"""Serverless endpoints: deploy, scale, watch and call."""

from __future__ import annotations

from novita_sdk._async.resources.endpoint_deployment import AsyncEndpointDeployment


class AsyncServerlessEndpoints(AsyncEndpointDeployment):
    """Serverless endpoints. Wherever one is meant, its name or id, an `Endpoint` or an `EndpointRef` may be given."""
