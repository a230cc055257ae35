# Generated from tests/aio/lifecycle/creates.py by tools/unasync.py; edit the source.
"""What the tests about safe creates share: a simulated cloud, a create, and a store that can fail."""

from __future__ import annotations

from typing import Any

from novita_sdk._core.lifecycle.intents import Intent, read_intent
from novita_sdk._sync.client import Novita
from novita_sdk._sync.stores.memory import MemoryStore
from novita_sdk.errors import StoreUnavailableError
from novita_sdk.models.results import CreatedInstance
from novita_sdk.testing import Simulator

OPERATION_ID = "nightly-build-7"


class FailingStore:
    """A store in memory, of which some operations fail.

    Args:
        clock: Where the time comes from.
        failing: Names of the operations that fail; may be changed at any time.
    """

    def __init__(self, clock: Any, *failing: str) -> None:
        self.failing = set(failing)
        self._store: Any = MemoryStore(clock=clock)

    def scoped(self, account: str) -> FailingStore:
        self._store = self._store.scoped(account)
        return self

    def __getattr__(self, name: str) -> Any:
        if name in self.failing:
            return self._fail
        return getattr(self._store, name)

    def _fail(self, *_arguments: object, **_named: object) -> object:
        raise StoreUnavailableError("the store is away")


def gpu_product(client: Novita) -> str:
    """The id of some product that can be rented."""
    return str((client.products.list().first()).id)


def rent_one(client: Novita, **changes: Any) -> CreatedInstance:
    """Rent an instance, usually called `mine`."""
    said: dict[str, Any] = {"image_url": "nginx", "name": "mine", **changes}
    if "product_id" not in said:
        said["product_id"] = gpu_product(client)
    return client.gpu_instances.create(**said)


def intent_of(client: Novita, operation_id: str) -> Intent:
    """The journal's record of a create."""
    entry = client.store.get(f"intent:{operation_id}")
    assert entry is not None
    return read_intent(entry.value, entry.key)


def only_intent(client: Novita) -> Intent:
    """The record of the only create there was."""
    page = client.store.scan("intent:")
    (entry,) = page.items
    return read_intent(entry.value, entry.key)


def living(sim: Simulator) -> list[str]:
    """Ids of the instances that exist."""
    return [one.id for one in sim.cloud.world.instances.values() if one.gone is None]


def posts(sim: Simulator) -> list[Any]:
    """The creates that arrived, whatever became of them."""
    return [entry for entry in sim.journal if entry.operation == "create_instance"]
