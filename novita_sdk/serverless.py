"""What goes with serverless endpoints: deployments as values, and the classes of their queue and specs."""

from __future__ import annotations

from novita_sdk._async.serverless.queue import AsyncQueue
from novita_sdk._async.serverless.spec_shelf import AsyncServerlessSpecs
from novita_sdk._core.serverless.deploy_request import DeployRequest
from novita_sdk._core.serverless.endpoint_plan import EndpointPlan
from novita_sdk._core.serverless.unsupported import PlanWarning
from novita_sdk._sync.serverless.queue import Queue
from novita_sdk._sync.serverless.spec_shelf import ServerlessSpecs

__all__ = [
    "AsyncQueue",
    "AsyncServerlessSpecs",
    "DeployRequest",
    "EndpointPlan",
    "PlanWarning",
    "Queue",
    "ServerlessSpecs",
]
