"""What goes with serverless endpoints: deployments as values, and the classes of their queue and specs."""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take this name for true; importing it would cost more than this package

if TYPE_CHECKING:
    from novita_sdk._async.serverless.queue import AsyncQueue
    from novita_sdk._async.serverless.spec_shelf import AsyncServerlessSpecs
    from novita_sdk._core.serverless.deploy_request import DeployRequest
    from novita_sdk._core.serverless.endpoint_plan import EndpointPlan
    from novita_sdk._core.serverless.unsupported import PlanWarning
    from novita_sdk._sync.serverless.queue import Queue
    from novita_sdk._sync.serverless.spec_shelf import ServerlessSpecs
else:
    _HOMES = {
        "AsyncQueue": "novita_sdk._async.serverless.queue",
        "AsyncServerlessSpecs": "novita_sdk._async.serverless.spec_shelf",
        "DeployRequest": "novita_sdk._core.serverless.deploy_request",
        "EndpointPlan": "novita_sdk._core.serverless.endpoint_plan",
        "PlanWarning": "novita_sdk._core.serverless.unsupported",
        "Queue": "novita_sdk._sync.serverless.queue",
        "ServerlessSpecs": "novita_sdk._sync.serverless.spec_shelf",
    }

    def __getattr__(name: str) -> object:
        """Load a public name at its first use."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  # costs more than this package

        value = globals()[name] = getattr(import_module(home), name)
        return value

    def __dir__() -> list[str]:
        """List the public names, loaded or not."""
        return sorted(globals().keys() | _HOMES.keys())


__all__ = [
    "AsyncQueue",
    "AsyncServerlessSpecs",
    "DeployRequest",
    "EndpointPlan",
    "PlanWarning",
    "Queue",
    "ServerlessSpecs",
]
