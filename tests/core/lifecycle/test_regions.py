"""Regions: which one a text means, and the order in which they are looked at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.regions import (
    REGION_LIST,
    Region,
    RegionMap,
    code_of,
    offered_in,
    same_region,
)
from novita_sdk.errors import ValidationError
from novita_sdk.models import Cluster, GpuProduct, ProductQuery

CLUSTERS = [Cluster(id=f"c{index}", name=f"{code} (Somewhere)") for index, code in enumerate(REGION_LIST)]
CODES = st.sampled_from(REGION_LIST)


def order(query: ProductQuery, default: str = "CN-HK-01", *, wanted: bool = False) -> list[str]:
    return [region.code for region in RegionMap(CLUSTERS, []).order(query, default, default_is_wanted=wanted)]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("US-CA-06 (California)", "US-CA-06"),
        ("US-CA-06", "US-CA-06"),
        (" US-CA-06  (Los Angeles, California) ", "US-CA-06"),
        ("Hong Kong 2", "Hong Kong 2"),
    ],
)
def test_the_code_stands_before_the_place(name: str, code: str) -> None:
    assert code_of(name) == code


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("us-ca-06", "US-CA-06 (California)", True),
        ("US-CA-06", "US-CA-060 (X)", False),
        ("US-CA-06", "US-CA-0", False),
        ("Hong Kong 1", "Hong Kong 2", False),
    ],
)
def test_regions_are_the_same_if_their_codes_are(one: str, other: str, *, same: bool) -> None:
    assert same_region(one, other) is same
    assert same_region(other, one) is same


@pytest.mark.parametrize("regions", [("us-ca-06",), ("US-CA-06 (California)",), ("C3",), ()])
def test_products_name_regions_by_code_name_or_cluster(regions: tuple[str, ...]) -> None:
    assert offered_in(GpuProduct(id="p", regions=regions), Region("US-CA-06", "US-CA-06 (Here)", "c3"))


@pytest.mark.parametrize("regions", [None, ("US-CA-060",)])
def test_a_product_that_names_another_or_nothing_is_not_offered(regions: tuple[str, ...] | None) -> None:
    assert not offered_in(GpuProduct(id="p", regions=regions), Region("US-CA-06", "US-CA-06", "c3"))


@given(CODES)
def test_the_wanted_region_comes_first_and_every_other_once(code: str) -> None:
    found = order(ProductQuery(region=code.lower()))
    assert found[0] == code
    assert sorted(found) == sorted(REGION_LIST)
    assert [other for other in REGION_LIST if other != code] == found[1:]


@given(st.lists(CODES, min_size=1))
def test_named_regions_are_taken_as_given_but_each_once(codes: list[str]) -> None:
    assert order(ProductQuery(regions=codes)) == list(dict.fromkeys(codes))


@given(CODES)
def test_an_area_has_one_first_part(code: str) -> None:
    found = order(ProductQuery(region=code, fallback="area"))
    assert {other.partition("-")[0] for other in found} == {code.partition("-")[0]}
    assert found[0] == code


def test_a_cluster_id_pins_the_area_of_its_region() -> None:
    assert order(ProductQuery(region="c3", fallback="area")) == ["US-CA-06", "US-WEST-01"]


@given(CODES)
def test_a_pinned_region_is_the_only_one(code: str) -> None:
    assert order(ProductQuery(region=code, fallback="none")) == [code]


def test_a_default_that_nobody_chose_may_be_unknown() -> None:
    assert order(ProductQuery(), "XX-YY-01")[0] == "XX-YY-01"


@pytest.mark.parametrize(
    "query", [ProductQuery(region="XX-YY-01"), ProductQuery(regions=["US-CA-06", "XX-YY-01"])], ids=str
)
def test_what_was_asked_for_must_be_known(query: ProductQuery) -> None:
    with pytest.raises(ValidationError):
        order(query)


def test_a_chosen_default_must_be_known() -> None:
    with pytest.raises(ValidationError):
        order(ProductQuery(), "XX-YY-01", wanted=True)


def test_products_make_regions_known_that_no_cluster_names() -> None:
    known = RegionMap(CLUSTERS, [GpuProduct(id="p", regions=("XX-YY-01 (Z)", "us-ca-06"))])
    found = known.find("xx-yy-01")
    assert found == Region("XX-YY-01", "XX-YY-01 (Z)")
    here = known.find("US-CA-06")
    assert here is not None
    assert here.cluster_id == "c3"
