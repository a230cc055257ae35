# Generated from tests/aio/lifecycle/test_safe_create_webhooks.py by tools/unasync.py; edit the source.
"""What receivers of webhooks are told about creates: each instance once, and never before it exists."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._core.webhooks.target_record import key_of
from novita_sdk._sync.client import Novita
from novita_sdk.errors import CapacityError, OutcomeUnknownError
from novita_sdk.testing import VirtualClock
from tests.sync.hooks_network import HOOK, SECRET, HooksNetwork
from tests.sync.lifecycle.creates import OPERATION_ID, rent_one
from tests.sync.remote import KEY, Remote
from tests.sync.rentals import Rentals


def client_over(network: HooksNetwork, **arguments: Any) -> Novita:
    settings = {"api_key": KEY, "transport": network, "clock": network.clock, "webhook_secret": SECRET}
    return Novita(**{**settings, "webhook_url": HOOK, **arguments})


@pytest.mark.parametrize("lost", [False, True])
def test_a_created_instance_is_told_once_whether_answered_or_adopted(clock: VirtualClock, lost: bool) -> None:
    rentals = Rentals(clock, 500 if lost else {"id": "i-1"})
    network = HooksNetwork(clock, api=rentals.remote)
    with client_over(network) as client:
        for _ in range(2):
            created = rent_one(client, product_id="p-1", operation_id=OPERATION_ID)
    assert (created.adopted, network.kinds) == (lost, ["instance.created"])
    (told,) = [received.json for received in network.received]
    assert (told["instanceId"], told["operationId"]) == ("i-1", OPERATION_ID)


@pytest.mark.parametrize(
    ("answer", "error"),
    [(500, OutcomeUnknownError), ((400, {"reason": "INSUFFICIENT_RESOURCE"}), CapacityError)],
)
def test_nothing_is_told_of_an_instance_that_nobody_has(
    clock: VirtualClock, answer: Any, error: type[Exception]
) -> None:
    rentals = Rentals(clock, answer, makes=0)
    network = HooksNetwork(clock, api=rentals.remote)
    with client_over(network) as client:
        with pytest.raises(error):
            rent_one(client, product_id="p-1")
    assert network.kinds == []


def test_the_wish_of_a_create_is_remembered_for_its_instance(clock: VirtualClock) -> None:
    network = HooksNetwork(clock, api=Remote(clock, {"id": "i-1"}))
    with client_over(network) as client:
        rent_one(client, product_id="p-1", notify=False)
        assert client.store.get(key_of("i-1")) is not None
    assert network.kinds == []
