"""Choosing the cheapest product, region by region."""

from __future__ import annotations

import logging
import pickle
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest

from novita_sdk.errors import (
    AuthenticationError,
    CapacityError,
    NotFoundError,
    NovitaError,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
    ValidationError,
)
from novita_sdk.models import BillingMode, GpuProduct, Money, ProductChoice
from novita_sdk.options import RetryPolicy
from novita_sdk.testing import VirtualClock
from tests.aio.catalogue import ORDER, Catalogue, cluster, cluster_id, product
from tests.aio.remote import client_of, lost, refused

pytestmark = pytest.mark.anyio

SOLD_OUT = {"availableDeploy": False, "inventoryState": "none"}


async def chosen(catalogue: Catalogue, *args: Any, **arguments: Any) -> ProductChoice:
    return await client_of(catalogue.remote).products.cheapest(*args, **arguments)


async def failure(catalogue: Catalogue, *args: Any, **arguments: Any) -> NovitaError:
    with pytest.raises(NovitaError) as caught:
        await client_of(catalogue.remote, retry=RetryPolicy(max_retries=0)).products.cheapest(
            *args, **arguments
        )
    return caught.value


def reasons(tried: Any) -> dict[str, str]:
    return {row.region: row.reason for row in tried}


# -------------------------------------------------------------------------------------------- prices


@pytest.mark.case("P-01")
async def test_on_demand_counts_the_on_demand_price(clock: VirtualClock) -> None:
    a = product("A", spotPrice="100", price="90000")
    b = product("B", spotPrice="200", price="50000")
    choice = await chosen(Catalogue(clock, [a, b]))
    assert choice.product.id == "B"
    assert choice.unit_price.usd == Decimal("0.5")


@pytest.mark.case("P-01")
@pytest.mark.parametrize("odd", ["0", "", "n/a", "-5", None])
async def test_a_price_that_is_none_is_never_the_lowest(clock: VirtualClock, odd: str | None) -> None:
    catalogue = Catalogue(clock, [product("odd", spotPrice=odd), product("good", spotPrice="17500")])
    choice = await chosen(catalogue, billing="spot")
    assert (choice.product.id, choice.unit_price.raw) == ("good", 17500)


@pytest.mark.parametrize("odd", ["0", "", "n/a"])
async def test_a_product_that_has_no_price_for_it_is_not_sold_that_way(clock: VirtualClock, odd: str) -> None:
    error = await failure(Catalogue(clock, [product(spotPrice=odd)]), billing="spot", region="US-CA-06")
    assert isinstance(error, CapacityError)
    assert set(reasons(error.tried).values()) == {"no_price"}


async def test_a_monthly_price_is_the_one_of_the_term(clock: VirtualClock) -> None:
    terms = [{"month": 1, "price": "20000000"}, {"month": 3, "price": "50000000"}]
    catalogue = Catalogue(clock, [product(monthlyPrice=terms)])
    choice = await chosen(catalogue, billing="monthly", months=3, gpu_num=2)
    assert (choice.unit_price.raw, choice.total_price.raw, choice.months) == (50_000_000, 100_000_000, 3)


async def test_a_limit_is_per_gpu(clock: VirtualClock) -> None:
    choice = await chosen(Catalogue(clock, [product()]), gpu_num=4, max_price="0.35")
    assert choice.total_price == Money.from_usd("1.40")


async def test_what_is_above_the_limit_is_told_with_its_price(clock: VirtualClock) -> None:
    error = await failure(Catalogue(clock, [product()]), max_price=Decimal("0.34"), fallback="none")
    assert [(row.reason, row.lowest_price) for row in error.tried] == [
        ("over_max_price", Money.from_usd("0.35"))
    ]


@pytest.mark.case("P-07")
async def test_equal_prices_are_decided_by_memory_then_cores_then_id(clock: VirtualClock) -> None:
    offers = [
        product("z", memoryPerGpu=64, cpuPerGpu=8),
        product("c", memoryPerGpu=64, cpuPerGpu=16),
        product("b", memoryPerGpu=64, cpuPerGpu=16),
        product("a", memoryPerGpu=32, cpuPerGpu=64),
    ]
    order: list[str] = []
    while offers:
        found = (await chosen(Catalogue(clock, offers))).product.id
        order.append(found)
        offers = [offer for offer in offers if offer["id"] != found]
    assert order == ["b", "c", "z", "a"]


@pytest.mark.case("P-07")
async def test_every_word_of_the_name_must_be_a_whole_word(clock: VirtualClock) -> None:
    other = product("D", name="RTX 4090D 24GB", price="1")
    choice = await chosen(Catalogue(clock, [other, product("right")]), "rtx 4090")
    assert choice.product.id == "right"


async def test_a_name_that_is_equal_excludes_the_others(clock: VirtualClock) -> None:
    offers = [product("long", price="1"), product("exact", name="RTX 4090")]
    choice = await chosen(Catalogue(clock, offers), "rtx 4090")
    assert choice.product.id == "exact"


# ------------------------------------------------------------------------------------- availability


@pytest.mark.parametrize(
    "changes",
    [
        {"availableDeploy": False},
        {"availableDeploy": None},
        {"inventoryState": "none"},
        {"canBuy": False},
        {"billingMethods": ["spot"]},
    ],
)
async def test_what_cannot_be_had_is_unavailable(clock: VirtualClock, changes: dict[str, Any]) -> None:
    error = await failure(Catalogue(clock, [product(**changes)]))
    assert isinstance(error, CapacityError)
    assert set(reasons(error.tried).values()) == {"unavailable"}


@pytest.mark.parametrize(
    "changes",
    [{"inventoryState": "low"}, {"inventoryState": ""}, {"canBuy": True}, {"billingMethods": []}],
)
async def test_what_the_service_does_not_exclude_can_be_had(
    clock: VirtualClock, changes: dict[str, Any]
) -> None:
    choice = await chosen(Catalogue(clock, [product(**changes)]))
    assert choice.product.id == "p-1"


@pytest.mark.parametrize(
    "conditions",
    [
        {"min_memory": 63},
        {"min_cpu": 17},
        {"min_rootfs": 601},
        {"where": lambda found: found.id != "p-1"},
    ],
)
async def test_conditions_are_held_also_where_the_service_does_not(
    clock: VirtualClock, conditions: dict[str, Any]
) -> None:
    error = await failure(Catalogue(clock, [product()]), fallback="none", **conditions)
    assert [row.reason for row in error.tried] == ["filtered"]


async def test_a_condition_sees_the_product(clock: VirtualClock) -> None:
    def is_big(found: GpuProduct) -> bool:
        return (found.memory_per_gpu or 0) > 100

    offers = [product("small", price="1"), product("big", memoryPerGpu=128)]
    choice = await chosen(Catalogue(clock, offers), where=is_big)
    assert choice.product.id == "big"


async def test_the_conditions_are_sent(clock: VirtualClock) -> None:
    catalogue = Catalogue(clock, [product()])
    await chosen(catalogue, "RTX 4090", gpu_num=2, billing="spot", min_memory=32, min_cpu=4, min_rootfs=100)
    sent = {key: values[0] for key, values in parse_qs(catalogue.remote.seen[0].query).items()}
    assert sent == {
        "productName": "RTX 4090",
        "gpuNum": "2",
        "billingMethod": "spot",
        "minMemoryPerGpu": "32",
        "minCpuPerGpu": "4",
        "minRootFSSize": "100",
    }


# ------------------------------------------------------------------------------------------- regions


@pytest.mark.case("P-02")
async def test_a_region_is_matched_by_its_whole_code(clock: VirtualClock) -> None:
    offers = [
        product("right", "US-CA-06", price="90000"),
        product("longer", "US-CA-060 (X)", price="1"),
        product("other", "EU-DE-01", price="1"),
    ]
    choice = await chosen(Catalogue(clock, offers), region="us-ca-06")
    assert (choice.product.id, choice.region, choice.region_name) == (
        "right",
        "US-CA-06",
        "US-CA-06 (California)",
    )
    assert choice.cluster_id == cluster_id("US-CA-06")


@pytest.mark.parametrize("text", ["us-ca-06", "US-CA-06 (California)", cluster_id("US-CA-06")])
async def test_a_region_goes_by_code_display_name_or_cluster(clock: VirtualClock, text: str) -> None:
    choice = await chosen(Catalogue(clock, [product("p", *ORDER)]), region=text)
    assert (choice.region, choice.fell_back) == ("US-CA-06", False)


@pytest.mark.case("P-03")
async def test_any_region_means_the_list_from_its_start(clock: VirtualClock) -> None:
    choice = await chosen(Catalogue(clock, [product("p", *ORDER)]), region="any")
    assert [row.region for row in choice.tried] == ORDER
    assert (choice.region, choice.fell_back, choice.requested_region) == (ORDER[0], False, "any")


@pytest.mark.case("P-03")
async def test_no_region_means_the_default_and_then_the_rest(clock: VirtualClock) -> None:
    choice = await chosen(Catalogue(clock, [product("p", *ORDER)]))
    rest = [code for code in ORDER if code != "CN-HK-01"]
    assert [row.region for row in choice.tried] == ["CN-HK-01", *rest]
    assert choice.region == "CN-HK-01"


@pytest.mark.case("P-03")
async def test_without_stock_in_the_default_the_next_region_is_used_and_told(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    sold_out = [product("p", *ORDER, **SOLD_OUT)]
    catalogue = Catalogue(clock, [product("p", *ORDER)], {cluster_id("CN-HK-01"): sold_out})
    with caplog.at_level(logging.WARNING, "novita_sdk.lifecycle"):
        choice = await chosen(catalogue)
    assert (choice.region, choice.fell_back, choice.requested_region) == ("AS-SGP-02", True, "CN-HK-01")
    assert reasons(choice.tried)["CN-HK-01"] == "unavailable"
    assert len(caplog.records) == 1
    assert "AS-SGP-02 was chosen instead of CN-HK-01" in caplog.text


@pytest.mark.case("P-04")
async def test_without_stock_anywhere_every_region_has_its_reason(clock: VirtualClock) -> None:
    error = await failure(Catalogue(clock, [product("p", *ORDER, **SOLD_OUT)]), region="any")
    assert isinstance(error, CapacityError)
    assert (error.code, error.status) == ("NO_AVAILABLE_PRODUCTS", None)
    assert reasons(error.tried) == dict.fromkeys(ORDER, "unavailable")
    assert "watch_stock" in (error.hint or "")
    assert "region EU-DE-01 unavailable" in error.explain()


@pytest.mark.case("P-04")
async def test_named_regions_are_the_only_ones(clock: VirtualClock) -> None:
    error = await failure(Catalogue(clock, [product("p", *ORDER, **SOLD_OUT)]), regions=["EU-DE-01"])
    assert reasons(error.tried) == {"EU-DE-01": "unavailable"}


async def test_named_regions_are_tried_in_their_order(clock: VirtualClock) -> None:
    choice = await chosen(Catalogue(clock, [product("p", *ORDER)]), regions=["US-WEST-01", "EU-DE-01"])
    assert [row.region for row in choice.tried] == ["US-WEST-01", "EU-DE-01"]
    assert choice.region == "US-WEST-01"


@pytest.mark.case("P-06")
async def test_an_unknown_region_is_told_with_close_codes(clock: VirtualClock) -> None:
    error = await failure(Catalogue(clock, [product("p", *ORDER)]), region="US-CA-99")
    assert isinstance(error, ValidationError)
    assert "US-CA-06" in str(error)
    assert "US-CA-99" in str(error)


@pytest.mark.case("P-06")
@pytest.mark.parametrize("how", [{"region": "XX-YY-99"}, {"regions": ["US-CA-06", "XX-YY-99"]}])
async def test_a_region_that_nobody_knows_is_refused(clock: VirtualClock, how: dict[str, Any]) -> None:
    error = await failure(Catalogue(clock, [product("p", *ORDER)]), **how)
    assert isinstance(error, ValidationError)
    assert "US-CA-06" in error.problems[0].message


async def test_a_default_region_that_was_set_must_exist_too(clock: VirtualClock) -> None:
    catalogue = Catalogue(clock, [product("p", *ORDER)])
    with pytest.raises(ValidationError, match="XX-YY-99"):
        await client_of(catalogue.remote, default_region="XX-YY-99").products.cheapest()


async def test_what_nobody_asked_for_may_be_unknown(clock: VirtualClock) -> None:
    catalogue = Catalogue(clock, [product("p", "US-CA-06")], clusters=[cluster("US-CA-06")])
    choice = await chosen(catalogue)
    assert choice.region == "US-CA-06"
    assert reasons(choice.tried) == {
        **dict.fromkeys(ORDER, "unknown_region"),
        "US-CA-06": "used",
    }


@pytest.mark.case("P-06")
async def test_a_pinned_region_is_never_left(clock: VirtualClock) -> None:
    offers = [product("here", "US-CA-06", **SOLD_OUT), product("there", "EU-DE-01")]
    error = await failure(Catalogue(clock, offers), region="US-CA-06", fallback="none")
    assert isinstance(error, CapacityError)
    assert reasons(error.tried) == {"US-CA-06": "unavailable"}


async def test_an_area_is_not_left_either(clock: VirtualClock) -> None:
    error = await failure(Catalogue(clock, [product("p", "EU-DE-01")]), region="US-WEST-01", fallback="area")
    assert reasons(error.tried) == {"US-WEST-01": "not_offered", "US-CA-06": "not_offered"}


async def test_a_product_without_a_word_about_regions_is_offered_nowhere(clock: VirtualClock) -> None:
    silent = product("silent")
    del silent["regions"]
    error = await failure(Catalogue(clock, [silent]))
    assert set(reasons(error.tried).values()) == {"not_offered"}


async def test_an_empty_list_of_regions_means_everywhere(clock: VirtualClock) -> None:
    choice = await chosen(Catalogue(clock, [product("p")]), region="OC-AU-01")
    assert choice.region == "OC-AU-01"


async def test_the_lowest_price_wins_over_the_first_region_on_request(clock: VirtualClock) -> None:
    offers = [product("near", "CN-HK-01"), product("far", "EU-DE-01", price="20000")]
    catalogue = Catalogue(clock, offers)
    choice = await chosen(catalogue, prefer="price")
    assert (choice.product.id, choice.region) == ("far", "EU-DE-01")
    assert reasons(choice.tried)["CN-HK-01"] == "not_tried"
    assert catalogue.asked == ["all", cluster_id("EU-DE-01")]


async def test_the_order_of_regions_breaks_equal_prices(clock: VirtualClock) -> None:
    offers = [product("a", "US-CA-06"), product("z", "CN-HK-01")]
    choice = await chosen(Catalogue(clock, offers), prefer="price")
    assert choice.product.id == "z"


# ------------------------------------------------------------------------------------------ requests


async def test_a_choice_costs_three_requests_and_then_two(clock: VirtualClock) -> None:
    catalogue = Catalogue(clock, [product("p", *ORDER)])
    client = client_of(catalogue.remote)
    for requests in (3, 5):
        await client.products.cheapest("RTX 4090")
        assert len(catalogue.remote.seen) == requests


async def test_clusters_are_asked_for_again_after_ten_minutes(clock: VirtualClock) -> None:
    catalogue = Catalogue(clock, [product("p", *ORDER)])
    client = client_of(catalogue.remote)
    for pause in (0, 599, 2):
        await clock.sleep_async(pause)
        await client.products.cheapest()
    assert catalogue.remote.paths.count("GET clusters") == 2


async def test_unconfirmed_a_choice_costs_one_product_request(clock: VirtualClock) -> None:
    catalogue = Catalogue(clock, [product("p", *ORDER)])
    await chosen(catalogue, confirm=False)
    assert catalogue.asked == ["all"]


async def test_the_price_of_the_region_itself_counts(clock: VirtualClock) -> None:
    dearer = [product("p", *ORDER, price="36000")]
    catalogue = Catalogue(clock, [product("p", *ORDER)], {cluster_id("CN-HK-01"): dearer})
    assert (await chosen(catalogue)).unit_price.raw == 36000


async def test_a_region_without_a_cluster_is_not_asked(clock: VirtualClock) -> None:
    catalogue = Catalogue(clock, [product("p", "US-CA-06")], clusters=[])
    choice = await chosen(catalogue)
    assert (choice.region, choice.cluster_id, catalogue.asked) == ("US-CA-06", None, ["all"])


# ------------------------------------------------------------------------------------------ failures


@pytest.mark.case("P-05")
async def test_a_refused_key_is_told_after_one_request(clock: VirtualClock) -> None:
    catalogue = Catalogue(clock, 401)
    client = client_of(catalogue.remote)
    with pytest.raises(AuthenticationError):
        await client.products.cheapest("RTX 4090")
    assert len(catalogue.remote.seen) == 1
    breaker = client.stats().families["public"].breaker
    assert breaker is not None
    assert breaker.state == "closed"


@pytest.mark.parametrize(
    ("status", "expected"), [(403, PermissionDeniedError), (429, RateLimitError), (401, AuthenticationError)]
)
async def test_what_concerns_every_region_ends_the_search(
    clock: VirtualClock, status: int, expected: type[NovitaError]
) -> None:
    catalogue = Catalogue(clock, [product("p", *ORDER)], {cluster_id("CN-HK-01"): status})
    assert isinstance(await failure(catalogue), expected)
    assert catalogue.asked == ["all", cluster_id("CN-HK-01")]


@pytest.mark.case("P-08")
async def test_a_region_that_failed_is_not_taken_for_sold_out(clock: VirtualClock) -> None:
    catalogue = Catalogue(clock, [product("p", "CN-HK-01")], {cluster_id("CN-HK-01"): 503})
    error = await failure(catalogue)
    assert isinstance(error, ServerError)
    assert reasons(error.tried)["CN-HK-01"] == "error"
    assert len(error.tried) == 8


@pytest.mark.parametrize("step", [503, lost, refused], ids=["5xx", "timeout", "no connection"])
async def test_after_a_region_that_failed_the_next_is_tried(clock: VirtualClock, step: Any) -> None:
    catalogue = Catalogue(clock, [product("p", *ORDER)], {cluster_id("CN-HK-01"): step})
    client = client_of(catalogue.remote, retry=RetryPolicy(max_retries=0))
    choice = await client.products.cheapest()
    assert (choice.region, choice.tried[0].reason) == ("AS-SGP-02", "error")


async def test_a_name_that_no_product_has_is_not_found(clock: VirtualClock) -> None:
    error = await failure(Catalogue(clock, [product()]), "H200")
    assert isinstance(error, NotFoundError)
    assert (error.code, error.status, error.identifier) == ("PRODUCT_NOT_FOUND", None, "H200")


async def test_an_unreadable_product_is_not_taken_for_none(clock: VirtualClock) -> None:
    error = await failure(Catalogue(clock, [product(name="H200", regions={})]), "H200")
    assert isinstance(error, ResponseDecodeError)


@pytest.mark.parametrize(
    "arguments",
    [
        {"gpu_num": 9},
        {"gpu_num": True},
        {"billing": "hourly"},
        {"region": ""},
        {"regions": "US-CA-06"},
        {"regions": []},
        {"regions": ["EU-DE-01"], "region": "US-CA-06"},
        {"fallback": "near"},
        {"fallback": "none", "region": "any"},
        {"fallback": "area", "regions": ["EU-DE-01"]},
        {"prefer": "memory"},
        {"max_price": 0.35},
        {"max_price": "0"},
        {"min_memory": -1},
        {"months": 3},
        {"months": 0, "billing": "monthly"},
        {"where": "x"},
        {"name": " "},
        {"confirm": 1},
    ],
)
async def test_wrong_arguments_cost_no_request(clock: VirtualClock, arguments: dict[str, Any]) -> None:
    catalogue = Catalogue(clock, [product()])
    error = await failure(catalogue, **arguments)
    assert isinstance(error, ValidationError)
    assert error.problems[0].field in arguments
    assert catalogue.remote.seen == []


async def test_all_wrong_arguments_are_told_at_once(clock: VirtualClock) -> None:
    error = await failure(Catalogue(clock, []), gpu_num=0, prefer="x", min_cpu=-1)
    assert isinstance(error, ValidationError)
    assert [problem.field for problem in error.problems] == ["gpu_num", "prefer", "min_cpu"]


async def test_an_error_with_its_table_pickles(clock: VirtualClock) -> None:
    error = await failure(Catalogue(clock, [product("p", *ORDER, **SOLD_OUT)]))
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert copy.tried == error.tried


async def test_a_choice_tells_what_it_is_about(clock: VirtualClock) -> None:
    choice = await chosen(Catalogue(clock, [product("p", *ORDER)]), billing="onDemand", gpu_num=2)
    assert (choice.billing, choice.gpu_num, choice.months) == (BillingMode.ON_DEMAND, 2, None)
    assert choice.total_price == choice.unit_price * 2
