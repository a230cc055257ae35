# Generated from tests/aio/lifecycle/test_cost.py by tools/unasync.py; edit the source.
"""What instances cost: asked of the whole pipeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from novita_sdk._core.http import Request
from novita_sdk._sync.client import Novita
from novita_sdk.errors import AmbiguousNameError, NotFoundError, PagingError, ValidationError
from novita_sdk.models.money import Money
from novita_sdk.testing import Simulator, VirtualClock
from tests.sync.remote import Remote, client_of, instance, routed


def usd(amount: str) -> Money:
    return Money.from_usd(amount)


def offers(*products: dict[str, Any]) -> Any:
    """Answer requests for products as the service does: by name and by way of charging."""

    def answer(request: Request) -> dict[str, Any]:
        query = request.url.partition("?")[2]
        sold = [product for product in products if f"productName={product['name']}" in query]
        return {"data": sold}

    return answer


def account(clock: VirtualClock, *instances: dict[str, Any], **changes: Any) -> Remote:
    listed = {"instances": list(instances), "total": len(instances)}
    products = offers({"id": "p-1", "name": "4090", "price": "35000", "spotPrice": "17500"})
    return Remote(clock, routed(**{"instances": listed, "products": products, **changes}))


def rented(clock: VirtualClock, **changes: Any) -> dict[str, Any]:
    two_hours_ago = str(int(clock.time()) - 7200)
    return instance(
        **{
            "productId": "p-1",
            "productName": "4090",
            "createdAt": two_hours_ago,
            "lastStartedAt": two_hours_ago,
            **changes,
        }
    )


@pytest.mark.case("B-03")
def test_what_runs_costs_its_price_and_what_nobody_knows_is_said(clock: VirtualClock) -> None:
    remote = account(
        clock,
        rented(clock, id="stopped", status="exited"),
        rented(clock, id="unknown", productId="x", productName="XYZ"),
        rented(clock, id="running"),
    )
    client = client_of(remote)
    cost = client.gpu_instances.cost()
    assert (cost.rate_per_hour, cost.amount) == (usd("0.35"), usd("0.70"))
    assert [item.id for item in cost.items] == ["running", "stopped"]
    assert (cost.unpriced, cost.complete) == (("unknown",), False)
    assert remote.posts == []
    page = client.store.scan()
    assert page.items == ()


def test_one_request_asks_for_all_prices_of_a_name_and_way_of_charging(clock: VirtualClock) -> None:
    fleet = [rented(clock, id=f"i-{number}") for number in range(5)]
    remote = account(clock, *fleet, rented(clock, id="spot", billingMode="spot"))
    cost = client_of(remote).gpu_instances.cost()
    assert remote.paths == ["GET gpu/instances", "GET products", "GET products"]
    assert cost.rate_per_hour == usd("1.925")


def test_only_what_is_named_counts(clock: VirtualClock) -> None:
    remote = account(clock, *(rented(clock, id=f"i-{number}", name=f"n-{number}") for number in range(4)))
    client = client_of(remote)
    by_name = client.gpu_instances.cost("n-1")
    several = client.gpu_instances.cost(["i-0", "n-3", by_name.items[0].id])
    assert [item.id for item in by_name.items] == ["i-1"]
    assert [item.id for item in several.items] == ["i-0", "i-1", "i-3"]


def test_the_time_asked_for_counts(clock: VirtualClock) -> None:
    remote = account(clock, rented(clock))
    now = datetime.fromtimestamp(clock.time(), UTC)
    since, until = now - timedelta(hours=1), now + timedelta(hours=3)
    cost = client_of(remote).gpu_instances.cost(since=since, until=until)
    assert cost.amount == usd("1.4")


def test_what_is_gone_is_left_out_unless_it_is_named(clock: VirtualClock) -> None:
    remote = account(clock, rented(clock, id="old", status="removed"), rented(clock))
    client = client_of(remote)
    all_of_them = client.gpu_instances.cost()
    named = client.gpu_instances.cost("old")
    assert [item.id for item in all_of_them.items] == ["i-1"]
    assert [item.rate_per_hour for item in named.items] == [usd("0")]


def test_an_unknown_instance_is_not_found(clock: VirtualClock) -> None:
    client = client_of(account(clock, rented(clock)))
    with pytest.raises(NotFoundError) as caught:
        client.gpu_instances.cost(["i-1", "i-9"])
    assert (caught.value.identifier, caught.value.searched_by) == ("i-9", ("id", "name"))


def test_a_name_that_several_bear_means_none_of_them(clock: VirtualClock) -> None:
    remote = account(clock, *(rented(clock, id=f"i-{age}", createdAt=str(1000 - age)) for age in range(2)))
    with pytest.raises(AmbiguousNameError) as caught:
        client_of(remote).gpu_instances.cost("one")
    assert caught.value.ids == ("i-0", "i-1")


def test_a_list_that_lacks_something_proves_no_absence(clock: VirtualClock) -> None:
    remote = account(clock, instances={"instances": [rented(clock)], "total": 2})
    client = client_of(remote)
    cost = client.gpu_instances.cost()
    assert (cost.rate_per_hour, cost.complete) == (usd("0.35"), False)
    with pytest.raises(PagingError):
        client.gpu_instances.cost("i-9")


@pytest.mark.parametrize("moment", [datetime(2026, 1, 1), "2026-01-01", 5])  # noqa: DTZ001 - the wrong ones
def test_a_moment_needs_a_time_zone(clock: VirtualClock, moment: Any) -> None:
    remote = account(clock)
    client: Novita = client_of(remote)
    with pytest.raises(ValidationError, match="time zone"):
        client.gpu_instances.cost(since=moment)
    assert remote.seen == []


@pytest.mark.parametrize("instances", [3.5, ["i-1", None], [""]])
def test_only_instances_can_be_named(clock: VirtualClock, instances: Any) -> None:
    remote = account(clock)
    with pytest.raises(ValidationError):
        client_of(remote).gpu_instances.cost(instances)
    assert remote.seen == []


def test_the_estimate_is_never_below_what_the_simulated_cloud_charges() -> None:
    simulator = Simulator(seed=3)
    client = simulator.client()
    created = client.gpu_instances.create(product_id="4090.16c96g.v2", image_url="nginx", gpu_num=2)
    client.gpu_instances.wait(created.id)
    cost = client.gpu_instances.cost(since=datetime.fromtimestamp(0, UTC))
    assert cost.complete
    assert cost.rate_per_hour == usd("0.7")
    charged = usd(simulator.spent_usd())  # from the pull on, the estimate from the creation on
    assert charged <= cost.amount <= charged + usd("0.01")
