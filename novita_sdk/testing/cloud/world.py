"""The whole state of the simulated cloud: plain records, and how new ones are named."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import attrs

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud import catalog
from novita_sdk.testing.cloud.account import Account
from novita_sdk.testing.cloud.endpoint_records import SimulatedEndpoint
from novita_sdk.testing.cloud.records import (
    Cluster,
    Image,
    Instance,
    Job,
    Network,
    Prewarm,
    Product,
    RegistryAuth,
    Storage,
    Template,
)
from novita_sdk.testing.cloud.settings import Limits, Quirks, Timings

if TYPE_CHECKING:
    from novita_sdk.testing.cloud.ports import PortBehaviour, Visit

USER = "user-1"
DOMAIN = "simulated.test"
"""Every invented address lies below this domain, which no resolver knows."""

_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


class Failure(NamedTuple):
    """A planned failure: the error name and the text that go with it."""

    error: str
    message: str


@attrs.define(kw_only=True, eq=False)
class World:
    """Everything the cloud knows. The functions of the neighbouring modules read and change it.

    Attributes:
        rng: The only source of randomness.
        failures: Planned failures of coming work, first come first served, by kind of work.
        ports: How ports behave that do not answer as usual, by instance and container port.
        visits: Who came to the ports of instances.
    """

    rng: Random
    timings: Timings
    limits: Limits
    quirks: Quirks
    account: Account
    clusters: dict[str, Cluster] = attrs.field(factory=catalog.clusters)
    products: dict[str, Product] = attrs.field(factory=catalog.products)
    instances: dict[str, Instance] = attrs.field(factory=dict[str, Instance])
    jobs: dict[str, Job] = attrs.field(factory=dict[str, Job])
    templates: dict[str, Template] = attrs.field(factory=dict[str, Template])
    images: dict[str, Image] = attrs.field(factory=dict[str, Image])
    prewarms: dict[str, Prewarm] = attrs.field(factory=dict[str, Prewarm])
    auths: dict[str, RegistryAuth] = attrs.field(factory=dict[str, RegistryAuth])
    networks: dict[str, Network] = attrs.field(factory=dict[str, Network])
    storages: dict[str, Storage] = attrs.field(factory=dict[str, Storage])
    endpoints: dict[str, SimulatedEndpoint] = attrs.field(factory=dict[str, SimulatedEndpoint])
    retired_storages: list[Storage] = attrs.field(factory=list[Storage])
    subscription_ends: list[tuple[int, str]] = attrs.field(factory=list[tuple[int, str]])
    failures: dict[str, deque[Failure]] = attrs.field(factory=lambda: defaultdict[str, deque[Failure]](deque))
    ports: dict[tuple[str, int], PortBehaviour] = attrs.field(factory=lambda: {})  # noqa: PIE807 - of that type
    visits: list[Visit] = attrs.field(factory=lambda: [])  # noqa: PIE807 - the same
    numbers: int = 100

    def hex_id(self) -> str:
        """Return a new id of 16 hex digits."""
        return f"{self.rng.getrandbits(64):016x}"

    def long_id(self, length: int) -> str:
        """Return a new id of small letters and digits."""
        return "".join(self.rng.choices(_BASE36, k=length))

    def uuid(self) -> str:
        """Return a new id in the form of a UUID."""
        digits = f"{self.rng.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def number_id(self) -> str:
        """Return a new id that is a number as text."""
        self.numbers += 1
        return str(self.numbers)

    def next_failure(self, work: str) -> Failure | None:
        """Take the planned failure of this piece of work, if there is one."""
        planned = self.failures.get(work)
        return planned.popleft() if planned else None


Args = Mapping[str, JSON]
"""The arguments of a request by wire name, from its query or its body."""

Handler = Callable[[World, Args, int], JSON]
"""One operation: state, arguments and the time in milliseconds come in, the answer's JSON goes out."""
