"""The testing kit: a simulated cloud, a virtual clock, faults, a loopback server.

Every public name can be imported from here and is loaded at its first use.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take this name for true; importing it would cost more than this package

if TYPE_CHECKING:
    from novita_sdk.testing.cassettes import vcr_config
    from novita_sdk.testing.clock import VirtualClock
    from novita_sdk.testing.cloud import (
        Answer,
        BillingResource,
        Cloud,
        Limits,
        Quirks,
        Timings,
        Utilisation,
    )
    from novita_sdk.testing.cloud.ports import (
        PortFailure,
        Visit,
    )
    from novita_sdk.testing.faults import (
        Fault,
        FaultKind,
        Faults,
        random_faults,
    )
    from novita_sdk.testing.journal import (
        Journal,
        JournalEntry,
    )
    from novita_sdk.testing.mailbox import (
        Mailbox,
        ReceivedWebhook,
    )
    from novita_sdk.testing.scaled_clock import ScaledClock
    from novita_sdk.testing.server import (
        LoopbackServer,
        serve,
    )
    from novita_sdk.testing.simulator import Simulator
    from novita_sdk.testing.transport import (
        AsyncSimulatedTransport,
        SimulatedTransport,
    )
else:
    _HOMES = {
        "Answer": "novita_sdk.testing.cloud",
        "AsyncSimulatedTransport": "novita_sdk.testing.transport",
        "BillingResource": "novita_sdk.testing.cloud",
        "Cloud": "novita_sdk.testing.cloud",
        "Fault": "novita_sdk.testing.faults",
        "FaultKind": "novita_sdk.testing.faults",
        "Faults": "novita_sdk.testing.faults",
        "Journal": "novita_sdk.testing.journal",
        "JournalEntry": "novita_sdk.testing.journal",
        "Limits": "novita_sdk.testing.cloud",
        "LoopbackServer": "novita_sdk.testing.server",
        "Mailbox": "novita_sdk.testing.mailbox",
        "PortFailure": "novita_sdk.testing.cloud.ports",
        "Quirks": "novita_sdk.testing.cloud",
        "ReceivedWebhook": "novita_sdk.testing.mailbox",
        "ScaledClock": "novita_sdk.testing.scaled_clock",
        "SimulatedTransport": "novita_sdk.testing.transport",
        "Simulator": "novita_sdk.testing.simulator",
        "Timings": "novita_sdk.testing.cloud",
        "Utilisation": "novita_sdk.testing.cloud",
        "VirtualClock": "novita_sdk.testing.clock",
        "Visit": "novita_sdk.testing.cloud.ports",
        "random_faults": "novita_sdk.testing.faults",
        "serve": "novita_sdk.testing.server",
        "vcr_config": "novita_sdk.testing.cassettes",
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
    "Answer",
    "AsyncSimulatedTransport",
    "BillingResource",
    "Cloud",
    "Fault",
    "FaultKind",
    "Faults",
    "Journal",
    "JournalEntry",
    "Limits",
    "LoopbackServer",
    "Mailbox",
    "PortFailure",
    "Quirks",
    "ReceivedWebhook",
    "ScaledClock",
    "SimulatedTransport",
    "Simulator",
    "Timings",
    "Utilisation",
    "VirtualClock",
    "Visit",
    "random_faults",
    "serve",
    "vcr_config",
]
