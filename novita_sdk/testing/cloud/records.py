"""What the simulated cloud remembers, one record per resource. Instants are milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.steps import StepFunction
from novita_sdk.testing.cloud.timeline import Segment, Timeline

Utilisation = float | Callable[[float], float | None]
"""A constant in percent, or a function of server time in seconds; None stands for a missing point."""


@attrs.frozen(kw_only=True)
class Cluster:
    """A data centre."""

    id: str
    name: str
    storage: bool
    network: bool


@attrs.define(eq=False)
class Stock:
    """How many units of a product a cluster has; `limit` None means without end."""

    limit: int | None
    used: StepFunction = attrs.field(factory=StepFunction)

    def free(self, now: int) -> float:
        """Return how many units are left."""
        return float("inf") if self.limit is None else self.limit - self.used.level(now)


@attrs.define(kw_only=True, eq=False)
class Product:
    """A GPU or CPU product. Prices in 1/100000 USD per hour, per GPU if it has any; None = not sold so."""

    id: str
    name: str
    kind: str
    cpu: int
    memory: int
    disk: int
    min_rootfs: int
    max_rootfs: int
    local_volume: int = 0
    price: int
    spot_price: int | None = None
    monthly: dict[int, int] = attrs.field(factory=dict[int, int])
    stock: dict[str, Stock]

    def sold(self, billing: str) -> bool:
        """Tell whether it can be had in this billing mode."""
        if billing == "spot":
            return self.spot_price is not None
        return bool(self.monthly) if billing == "monthly" else True


@attrs.frozen
class Trouble:
    """What `statusError` says from an instant on."""

    since: int
    state: str
    message: str


@attrs.define(kw_only=True, eq=False)
class Instance:
    """A GPU or CPU instance."""

    id: str
    name: str
    product: Product
    cluster: Cluster
    units: int
    rootfs: int
    image: str
    auth_id: str
    command: str
    entrypoint: str
    ports: list[tuple[int, str]]
    tools: list[dict[str, JSON]]
    envs: list[dict[str, JSON]]
    storages: list[tuple[str, str]]
    local_mount: str
    network_id: str
    address: str
    billing: str
    unit_price: int
    created: int
    ssh_password: str
    timeline: Timeline
    gone: int | None = None
    ends: int | None = None
    auto_renew: bool = False
    auto_renew_months: int = 1
    auto_migrate: bool = False
    trouble: Trouble | None = None
    job_ids: list[str] = attrs.field(factory=list[str])
    utilisation: dict[str, Utilisation] = attrs.field(factory=dict[str, Utilisation])
    shown: dict[str, JSON] = attrs.field(factory=dict[str, JSON])

    @property
    def hourly(self) -> int:
        """Price per hour while it runs; a subscription is paid for already."""
        return 0 if self.billing == "monthly" else self.unit_price * self.units


@attrs.define(kw_only=True, eq=False)
class Job:
    """Background work on an instance; `states` is its plan."""

    id: str
    type: str
    instance_id: str
    created: int
    states: list[tuple[int, str]]
    error: str = ""
    message: str = ""
    image_id: str = ""
    before: Segment

    def state(self, now: int) -> str:
        """Return the state word at `now`."""
        return next((word for at, word in reversed(self.states) if at <= now), self.states[0][1])

    def ended(self, now: int) -> bool:
        """Tell whether the work is over at `now`."""
        return self.state(now) in {"success", "fail", "break"}

    def changed(self, now: int) -> int:
        """Return when the present state began."""
        return max((at for at, _ in self.states if at <= now), default=self.created)

    def finish(self, now: int, word: str) -> None:
        """End the work now."""
        self.states = [*((at, state) for at, state in self.states if at < now), (now, word)]


@attrs.define(kw_only=True, eq=False)
class Template:
    """A reusable definition; `content` is its wire form without the fields below."""

    id: str
    channel: str
    created: int
    content: dict[str, JSON]


@attrs.define(kw_only=True, eq=False)
class Image:
    """A base image, or one saved from an instance; visible from `created` on."""

    id: str
    type: str
    name: str
    url: str
    tag: str
    created: int


@attrs.define(kw_only=True, eq=False)
class Prewarm:
    """A task that brings an image to a cluster."""

    id: str
    image: str
    cluster: Cluster
    product_ids: list[str]
    auth_id: str
    note: str
    created: int
    started: int
    completed: int
    size: int
    failure: str

    def state(self, now: int) -> str:
        """Return the state word at `now`."""
        if now < self.started:
            return "Pending"
        if now < self.completed:
            return "Running"
        return "Failed" if self.failure else "Succeeded"


@attrs.define(kw_only=True, eq=False)
class RegistryAuth:
    """A stored registry login."""

    id: str
    name: str
    username: str
    password: str = attrs.field(repr=False)


@attrs.define(kw_only=True, eq=False)
class Network:
    """A VPC network."""

    id: str
    name: str
    cluster: Cluster
    segment: str
    created: int
    ready: int


@attrs.define(kw_only=True, eq=False)
class Storage:
    """A shared volume; `sizes` is the history of its size in GB, 0 once it is deleted."""

    id: str
    name: str
    cluster: Cluster
    created: int
    sizes: list[tuple[int, int]]

    @property
    def size(self) -> int:
        """The present size in GB."""
        return self.sizes[-1][1]


@attrs.frozen(kw_only=True)
class Purchase:
    """A subscription bought or prolonged; the amount in 1/100000 USD."""

    at: int
    instance_id: str
    product_name: str
    trade: str
    price: int
    start: int
    end: int


@attrs.frozen(kw_only=True)
class Recharge:
    """Money paid in, in 1/10000 USD."""

    serial: str
    at: int
    amount: int
    balance: int
