"""What an instance costs per hour, and what a rate comes to in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.cost import (
    NOTHING,
    PriceQuery,
    charge,
    charged_since,
    cost_of,
    price_query,
    rate_of,
    second_query,
)
from novita_sdk.models.enums import BillingMode, InstanceKind, InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.models.money import PRICE_UNITS, Money
from novita_sdk.models.product import CpuProduct, GpuProduct

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def usd(amount: str) -> Money:
    return Money.from_usd(amount)


def rented(**changes: Any) -> Instance:
    known: dict[str, Any] = {
        "id": "i-1",
        "product_id": "p-1",
        "product_name": "RTX 4090",
        "gpu_num": 1,
        "kind": InstanceKind.GPU,
        "status": InstanceStatus.RUNNING,
        "billing_mode": BillingMode.ON_DEMAND,
        "created_at": NOW - timedelta(hours=5),
        "last_started_at": NOW - timedelta(hours=2),
    }
    return Instance(**{**known, **changes})


def product(product_id: str = "p-1", name: str = "RTX 4090", **prices: Money | None) -> GpuProduct:
    return GpuProduct(
        id=product_id, name=name, price=prices.get("price"), spot_price=prices.get("spot_price")
    )


def asked(instance: Instance, *products: GpuProduct | CpuProduct) -> dict[PriceQuery, Any]:
    query = price_query(instance)
    assert query is not None
    return {query: products}


def test_the_price_of_the_product_counts_for_each_gpu() -> None:
    instance = rented(gpu_num=4)
    assert rate_of(instance, asked(instance, product(price=usd("0.35")))) == usd("1.4")


def test_a_spot_instance_has_the_spot_price() -> None:
    instance = rented(billing_mode=BillingMode.SPOT)
    offer = product(price=usd("0.35"), spot_price=usd("0.17"))
    assert rate_of(instance, asked(instance, offer)) == usd("0.17")


@pytest.mark.parametrize("spot_price", [None, NOTHING])
def test_a_spot_instance_without_a_spot_price_counts_as_an_ordinary_one(spot_price: Money | None) -> None:
    instance = rented(billing_mode=BillingMode.SPOT)
    offer = product(price=usd("0.35"), spot_price=spot_price)
    assert rate_of(instance, asked(instance, offer)) == usd("0.35")


def test_the_ordinary_price_is_asked_for_where_a_product_is_no_longer_sold_as_spot() -> None:
    instance = rented(billing_mode=BillingMode.SPOT)
    offers = asked(instance)
    second = second_query(instance, offers)
    assert second == PriceQuery(InstanceKind.GPU, "RTX 4090", BillingMode.ON_DEMAND)
    assert second is not None
    offers[second] = [product(price=usd("0.35"))]
    assert second_query(instance, offers) is None
    assert rate_of(instance, offers) == usd("0.35")


def test_a_product_that_is_gone_costs_as_much_as_the_dearest_of_its_name() -> None:
    instance = rented(product_id="gone")
    offers = asked(instance, product("a", price=usd("0.3")), product("b", price=usd("0.4")))
    assert rate_of(instance, offers) == usd("0.4")


def test_of_two_counts_the_larger_one_is_believed() -> None:
    offers = asked(rented(), product(price=usd("0.35")))
    assert rate_of(rented(instance_price=usd("0.5")), offers) == usd("0.5")
    assert rate_of(rented(instance_price=usd("0.1")), offers) == usd("0.35")


@pytest.mark.parametrize(
    "instance",
    [
        rented(),
        rented(gpu_num=None),
        rented(product_id=None, product_name=None),
        rented(instance_price=NOTHING),
    ],
)
def test_nothing_is_ever_guessed_to_be_free(instance: Instance) -> None:
    offers = asked(instance, product("other", "A100", price=usd("1.6")))
    assert rate_of(instance, offers) is None


def test_an_unknown_status_is_charged() -> None:
    instance = rented(status=InstanceStatus("polishing"))
    assert rate_of(instance, asked(instance, product(price=usd("0.35")))) == usd("0.35")


@pytest.mark.parametrize(
    "status", ["toCreate", "creating", "pending", "toRemove", "removing", "removed", "failed"]
)
def test_what_does_not_exist_yet_or_any_more_costs_nothing(status: str) -> None:
    instance = rented(status=InstanceStatus(status))
    assert price_query(instance) is None
    assert rate_of(instance, {}) == NOTHING


@pytest.mark.parametrize(("disk", "expected"), [(usd("0.01"), usd("0.01")), (None, NOTHING)])
def test_a_stopped_instance_costs_its_disk(disk: Money | None, expected: Money) -> None:
    instance = rented(status=InstanceStatus.EXITED, exited_local_storage_price=disk)
    assert price_query(instance) is None
    assert rate_of(instance, {}) == expected


def test_a_cpu_instance_has_one_price_whatever_its_gpus() -> None:
    instance = rented(kind=InstanceKind.CPU, gpu_num=0)
    offers = asked(instance, CpuProduct(id="p-1", name="RTX 4090", price=usd("0.1")))
    assert rate_of(instance, offers) == usd("0.1")


def test_a_prepaid_instance_is_listed_apart_and_costs_nothing_more() -> None:
    instance = rented(billing_mode=BillingMode.MONTHLY)
    cost = cost_of([instance], {}, since=None, until=NOW, complete=True)
    assert (cost.rate_per_hour, cost.monthly, cost.complete) == (NOTHING, ("i-1",), True)


def test_an_hour_costs_the_rate() -> None:
    assert charge(usd("0.35"), timedelta(hours=2)) == usd("0.7")


def test_no_time_costs_nothing() -> None:
    assert charge(usd("0.35"), timedelta(hours=-1)) == NOTHING


@given(
    st.integers(0, 10**9),
    st.timedeltas(min_value=timedelta(), max_value=timedelta(days=365)),
    st.timedeltas(min_value=timedelta(), max_value=timedelta(days=365)),
)
def test_parts_of_a_stretch_cost_together_what_it_costs_up_to_a_billionth(
    raw: int, first: timedelta, second: timedelta
) -> None:
    rate = Money(raw, PRICE_UNITS)
    parts = charge(rate, first) + charge(rate, second)
    whole = charge(rate, first + second)
    assert whole <= parts <= whole + Money(2, 10**9)


@given(st.integers(0, 10**9), st.timedeltas(min_value=timedelta(), max_value=timedelta(days=365)))
def test_a_charge_is_never_too_low_and_exact_to_a_billionth(raw: int, duration: timedelta) -> None:
    exact = Decimal(raw) / PRICE_UNITS * (duration // timedelta(microseconds=1)) / 3_600_000_000
    charged = charge(Money(raw, PRICE_UNITS), duration).usd
    assert exact - Decimal("1e-15") <= charged <= exact + Decimal("1.000001e-9")


@pytest.mark.parametrize(
    ("instance", "since", "expected"),
    [
        (rented(), None, NOW - timedelta(hours=2)),
        (rented(last_started_at=None), None, NOW - timedelta(hours=5)),
        (
            rented(status=InstanceStatus.EXITED, last_stopped_at=NOW - timedelta(hours=1)),
            None,
            NOW - timedelta(hours=1),
        ),
        (rented(), NOW - timedelta(hours=3), NOW - timedelta(hours=3)),
        (rented(), NOW - timedelta(days=3), NOW - timedelta(hours=5)),
        (rented(created_at=None, last_started_at=None), None, None),
    ],
)
def test_the_time_is_counted_from_where_the_present_rate_began(
    instance: Instance, since: datetime | None, expected: datetime | None
) -> None:
    assert charged_since(instance, since) == expected


def test_a_time_that_nobody_knows_makes_the_cost_incomplete() -> None:
    instance = rented(created_at=None, last_started_at=None)
    offers = asked(instance, product(price=usd("0.35")))
    cost = cost_of([instance], offers, since=None, until=NOW, complete=True)
    assert (cost.rate_per_hour, cost.amount, cost.complete) == (usd("0.35"), NOTHING, False)
    assert cost.items[0].amount is None


def test_the_dearest_comes_first() -> None:
    instances = [rented(id=f"i-{gpus}", gpu_num=gpus) for gpus in (1, 8, 2)]
    offers = asked(rented(), product(price=usd("0.35")))
    cost = cost_of(instances, offers, since=None, until=NOW, complete=True)
    assert [item.id for item in cost.items] == ["i-8", "i-2", "i-1"]


def test_a_cost_reads_as_a_sentence() -> None:
    offers = asked(rented(), product(price=usd("0.35")))
    cost = cost_of([rented()], offers, since=None, until=NOW, complete=True)
    assert str(cost) == "0.7000 USD so far, 0.3500 USD per hour"
    assert str(attrs.evolve(cost, complete=False)).endswith("not everything is known")
