"""The simulated cloud: one pure state machine that answers operations at a given time."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from types import MappingProxyType, ModuleType
from typing import NamedTuple, cast

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud import (
    bills,
    endpoints,
    gateway,
    images,
    instance_create,
    instances,
    jobs,
    metrics,
    migrations,
    networks,
    prewarms,
    products,
    registry_auths,
    storages,
    subscriptions,
    templates,
)
from novita_sdk.testing.cloud.account import UNITS_PER_BALANCE, Account
from novita_sdk.testing.cloud.refusals import Refusal
from novita_sdk.testing.cloud.settings import Limits, Quirks, Timings
from novita_sdk.testing.cloud.storages import STORAGE_PRICE
from novita_sdk.testing.cloud.world import Args, Handler, World

_OPERATIONS: tuple[tuple[ModuleType, tuple[str, ...]], ...] = (
    (products, ("list_clusters", "list_gpu_products", "list_cpu_products")),
    (instance_create, ("create_instance",)),
    (
        instances,
        (
            "list_instances",
            "get_instance",
            "edit_instance",
            "start_instance",
            "stop_instance",
            "restart_instance",
            "upgrade_instance",
            "delete_instance",
        ),
    ),
    (migrations, ("migrate_instance", "set_auto_migrate")),
    (subscriptions, ("renew_instance", "convert_instance_to_monthly", "set_auto_renew")),
    (metrics, ("get_instance_metrics",)),
    (jobs, ("list_jobs", "break_job", "save_image", "query_internal_jobs")),
    (templates, ("list_templates", "get_template", "create_template", "update_template", "delete_template")),
    (images, ("list_images", "delete_image")),
    (
        prewarms,
        (
            "get_image_prewarm_quota",
            "list_image_prewarms",
            "create_image_prewarm",
            "update_image_prewarm",
            "delete_image_prewarms",
        ),
    ),
    (registry_auths, ("list_repository_auths", "save_repository_auth", "delete_repository_auth")),
    (networks, ("list_networks", "get_network", "create_network", "update_network", "delete_network")),
    (
        storages,
        (
            "list_network_storages",
            "create_network_storage",
            "update_network_storage",
            "delete_network_storage",
        ),
    ),
    (
        bills,
        (
            "get_balance",
            "list_usage_bills",
            "list_subscription_bills",
            "list_monthly_invoices",
            "list_api_key_bills",
            "list_transactions",
        ),
    ),
    (
        endpoints,
        (
            "get_endpoint_limits",
            "create_endpoint",
            "list_endpoints",
            "get_endpoint",
            "update_endpoint",
            "delete_endpoint",
            "drain_worker",
        ),
    ),
    (
        gateway,
        (
            "async_run",
            "async_status",
            "async_cancel",
            "async_health",
            "async_stats",
            "async_purge_queue",
        ),
    ),
)

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {name: cast("Handler", getattr(module, name)) for module, names in _OPERATIONS for name in names}
)
"""What answers each operation; every handler bears its operation's name."""


_GOING = frozenset({"toRemove", "removing", "removed"})  # an instance that is given back costs nothing


class Answer(NamedTuple):
    """What the cloud answers: a status and JSON; with status 204 there is no body."""

    status: int
    body: JSON


class BillingResource(NamedTuple):
    """Something that costs money, or would if it were used.

    Attributes:
        kind: `instance`, `network_storage`, `network` or `endpoint`.
        id: Its id.
        name: Its name.
        state: The status of an instance, the state of a network or endpoint, the size of a volume.
        hourly: What it costs per hour at the moment, in 1/100000 USD; 0 for endpoints, whose prices nobody tells.
    """

    kind: str
    id: str
    name: str
    state: str
    hourly: int


class Cloud:
    """Products, instances, jobs, networks, volumes, templates, images and the account of one user.

    It knows no clock: the time of each call comes in, in seconds since 1970, and may not go back (a time
    before the latest one counts as the latest). Nothing ticks; every resource carries its plan and is read at
    a time.

    Args:
        rng: The source of all randomness.
        now: The time at which it opens.
        timings: How long things take.
        limits: What the account may have.
        quirks: Oddities of the answers.
        balance: What is paid in at the beginning, in 1/10000 USD.
    """

    def __init__(
        self,
        rng: Random,
        now: float,
        *,
        timings: Timings | None = None,
        limits: Limits | None = None,
        quirks: Quirks | None = None,
        balance: int = 100_000 * 10_000,
    ) -> None:
        self._now = round(now * 1000)
        self.world = World(
            rng=rng,
            timings=timings or Timings(),
            limits=limits or Limits(),
            quirks=quirks or Quirks(),
            account=Account(),
        )
        self.world.account.recharge(balance, self._now)
        templates.seed(self.world, self._now)
        images.seed(self.world, self._now)

    def at(self, now: float) -> int:
        """Let time come to `now` and return it in milliseconds."""
        self._now = max(self._now, round(now * 1000))
        subscriptions.settle(self.world, self._now)
        return self._now

    def answer(self, operation: str, args: Args, now: float) -> Answer:
        """Carry out one operation whose arguments have the right names and types.

        Args:
            operation: Its name in the operation table.
            args: Query or body by wire name.
            now: The time in seconds since 1970.
        """
        try:
            body = HANDLERS[operation](self.world, args, self.at(now))
        except Refusal as refusal:
            return Answer(refusal.status, refusal.body)
        return Answer(204 if body is None else 200, body)

    def billing_resources(self, now: float) -> list[BillingResource]:
        """Return what still exists and costs money, or is bound to something that does."""
        instant = self.at(now)
        found: list[BillingResource] = []
        for instance in self.world.instances.values():
            part = instance.timeline.at(instant)
            if part.status not in _GOING:
                found.append(BillingResource("instance", instance.id, instance.name, part.status, part.rate))
        for storage in self.world.storages.values():
            rate = storage.size * STORAGE_PRICE
            found.append(
                BillingResource("network_storage", storage.id, storage.name, f"{storage.size} GB", rate)
            )
        for network in self.world.networks.values():
            state = "ready" if instant >= network.ready else "creating"
            found.append(BillingResource("network", network.id, network.name, state, 0))
        for endpoint in self.world.endpoints.values():
            if endpoint.deleted is None and (endpoint.number("minNum") or endpoint.workers):
                state = endpoints.word(endpoint, instant)
                found.append(BillingResource("endpoint", endpoint.id, endpoint.name, state, 0))
        return found

    def spent_usd(self, now: float) -> str:
        """Return everything charged so far as text in USD."""
        return bills.usd(self.world.account.spent(self.at(now)))

    def set_balance(self, balance: int, now: float) -> None:
        """Pay in or take out until the balance is `balance`, in 1/10000 USD."""
        instant = self.at(now)
        account = self.world.account
        account.recharge(balance - account.balance(instant) // UNITS_PER_BALANCE, instant)
