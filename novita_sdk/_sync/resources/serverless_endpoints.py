# Generated from novita_sdk/_async/resources/serverless_endpoints.py by tools/unasync.py; edit the source.
"""Serverless endpoints: deploy, scale, watch and call."""

from __future__ import annotations

from novita_sdk._sync.resources.endpoint_scaling import EndpointScaling


class ServerlessEndpoints(EndpointScaling):
    """Serverless endpoints. Wherever one is meant, its name or id, an `Endpoint` or an `EndpointRef` may be given."""
