"""Serverless endpoints: deploy, scale, watch and call."""

from __future__ import annotations

from novita_sdk._async.resources.endpoint_scaling import AsyncEndpointScaling


class AsyncServerlessEndpoints(AsyncEndpointScaling):
    """Serverless endpoints. Wherever one is meant, its name or id, an `Endpoint` or an `EndpointRef` may be given."""
