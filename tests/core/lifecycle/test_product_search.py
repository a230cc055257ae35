"""Sifting products, and searching over regions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.product_query import check_query
from novita_sdk._core.lifecycle.products import ProductSearch, named, sift
from novita_sdk._core.lifecycle.regions import Region
from novita_sdk.errors import CapacityError
from novita_sdk.models import GpuProduct, Money, ProductQuery

REGIONS = tuple(Region(code, f"{code} (Place)", f"c-{code}") for code in ("A-1", "B-1", "C-1"))


def gpu(product_id: str = "p", **changes: Any) -> GpuProduct:
    shown: dict[str, Any] = {
        "name": "RTX 4090 24GB",
        "available_deploy": True,
        "regions": (),
        "price": Money(35000, 100_000),
        "memory_per_gpu": 64,
        "cpu_per_gpu": 16,
    }
    return GpuProduct(id=product_id, **{**shown, **changes})


PRODUCTS = st.lists(
    st.builds(
        gpu,
        product_id=st.sampled_from("abcd"),
        price=st.one_of(st.none(), st.integers(-1, 5).map(lambda raw: Money(raw, 100_000))),
        available_deploy=st.sampled_from([True, False, None]),
        regions=st.lists(st.sampled_from(["A-1", "B-1", "C-1", "A-10"]), max_size=3).map(tuple),
        memory_per_gpu=st.sampled_from([None, 32, 64]),
    ),
    max_size=6,
)


def search(products: list[GpuProduct], **query: Any) -> ProductSearch:
    return ProductSearch(ProductQuery(**query), REGIONS, products, (), requested="A-1")


@given(PRODUCTS, st.sampled_from(["region", "price"]))
def test_nothing_better_is_left_behind(products: list[GpuProduct], prefer: Any) -> None:
    every = [
        (index, offer)
        for index, region in enumerate(REGIONS)
        for offer in sift(
            [one for one in products if not one.regions or region.code in one.regions], ProductQuery()
        ).offers
    ]
    try:
        (choice,) = search(products, prefer=prefer, confirm=False).choices()
    except CapacityError as error:
        assert every == []
        assert len(error.tried) == len(REGIONS)  # noqa: PT017 - part of the property
        return
    used = [region.code for region in REGIONS].index(choice.region)
    ranks = [(offer.price, index) if prefer == "price" else (index, offer.price) for index, offer in every]
    assert min(ranks) == ((choice.unit_price, used) if prefer == "price" else (used, choice.unit_price))
    assert [row.reason for row in choice.tried].count("used") == 1


@given(PRODUCTS, PRODUCTS)
def test_every_region_is_asked_at_most_once(products: list[GpuProduct], confirmed: list[GpuProduct]) -> None:
    under_way, asked = search(products), list[str]()
    while (region := under_way.to_confirm()) is not None:
        asked.append(region.code)
        under_way.confirmed(region, confirmed)
    assert len(asked) == len(set(asked))


@given(st.integers(1, 8), st.integers(1, 10**6))
def test_the_total_is_the_price_of_all_gpus(gpu_num: int, raw: int) -> None:
    (choice,) = search([gpu(price=Money(raw, 100_000))], gpu_num=gpu_num).choices()
    assert choice.total_price == Money(raw * gpu_num, 100_000)


@pytest.mark.parametrize(
    ("wanted", "name", "fits"),
    [
        ("RTX 4090", "RTX 4090 24GB", True),
        ("4090 rtx", "RTX 4090 24GB", True),
        ("RTX 4090", "RTX 4090D 24GB", False),
        ("RTX 409", "RTX 4090", False),
        ("RTX 4090 48GB", "RTX 4090 24GB", False),
    ],
)
def test_words_are_compared_whole(wanted: str, name: str, *, fits: bool) -> None:
    assert bool(named([gpu(name=name)], wanted)) is fits


def test_the_reason_is_that_of_the_product_that_got_furthest() -> None:
    sold_out, dear = gpu("a", available_deploy=False), gpu("b", price=Money(90000, 100_000))
    sieve = sift([sold_out, dear], ProductQuery(max_price=Decimal("0.5")))
    assert (sieve.reason, sieve.lowest) == ("over_max_price", Money(35000, 100_000))
    assert "0.9" in sieve.detail


def test_a_default_query_is_right() -> None:
    assert check_query(ProductQuery()) == []
