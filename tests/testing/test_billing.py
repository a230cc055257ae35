"""What things cost, exactly."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

HOUR = 3600
DAY = 24 * HOUR


def spent(bench: Any) -> Decimal:
    return Decimal(bench.sim.spent_usd())


def test_charging_starts_when_the_image_is_pulled(bench: Any) -> None:
    bench.create()
    bench.wait(5)
    assert spent(bench) == 0
    bench.wait(HOUR)
    assert spent(bench) == Decimal("0.35")


def test_the_price_counts_per_gpu_and_the_spot_price_for_spot(bench: Any) -> None:
    bench.create(gpuNum=4, billingMode="spot")
    bench.wait(5 + HOUR)
    assert spent(bench) == 4 * Decimal("0.175")


def test_a_stopped_instance_pays_for_its_disk_only(bench: Any) -> None:
    instance_id = bench.running()
    bench("stop_instance", instanceId=instance_id)
    bench.wait(5)
    before = spent(bench)
    bench.wait(10 * HOUR)
    assert spent(bench) - before == 10 * 60 * Decimal("0.00014")
    assert bench.get(instance_id)["exitedLocalStoragePrice"] == "840"


def test_a_removed_instance_pays_nothing(bench: Any) -> None:
    instance_id = bench.running()
    bench("delete_instance", instanceId=instance_id)
    before = spent(bench)
    bench.wait(100 * HOUR)
    assert spent(bench) == before


def test_a_shared_volume_pays_by_size_and_time(bench: Any) -> None:
    made = bench("create_network_storage", clusterId="5", storageName="data", storageSize=10)
    assert made["price"] == "200"
    bench.wait(5 * HOUR)
    bench("update_network_storage", storageId=made["storageId"], storageName="data", storageSize=20)
    bench.wait(5 * HOUR)
    bench("delete_network_storage", storageId=made["storageId"])
    bench.wait(5 * HOUR)
    assert spent(bench) == 5 * Decimal("0.002") + 5 * Decimal("0.004")


def test_a_price_change_does_not_touch_what_runs_already(bench: Any) -> None:
    bench.create()
    bench.sim.set_price("4090.16c96g.v2", price=70000)
    bench.wait(5 + HOUR)
    assert spent(bench) == Decimal("0.35")


def test_the_balance_falls_by_what_is_spent(bench: Any) -> None:
    bench.sim.set_balance(100_000)
    bench.create()
    bench.wait(5 + 2 * HOUR)
    assert bench("get_balance") == {
        "availableBalance": "93000",
        "cashBalance": "93000",
        "creditLimit": "0",
        "outstandingInvoices": "0",
    }


@pytest.mark.parametrize("cycle", ["Hour", "Day", "Week", "Month"])
def test_bill_rows_of_any_cycle_add_up_to_what_was_spent(bench: Any, cycle: str) -> None:
    first = bench.running(gpuNum=3)
    bench.wait(7.5 * HOUR)
    bench("stop_instance", instanceId=first)
    bench("create_network_storage", clusterId="5", storageName="data", storageSize=500)
    bench.wait(40 * DAY)
    bench("delete_instance", instanceId=first)
    for storage in bench("list_network_storages")["data"]:
        bench("delete_network_storage", storageId=storage["storageId"])
    bench.wait(3 * HOUR)
    bills = bench("list_usage_bills", cycleType=cycle, productCategory="summary")["bills"]
    units = sum(int(row["billNum0"]) * int(row["basePrice0"]) for row in bills)
    assert abs(Decimal(units) / 360_000_000 - spent(bench)) < Decimal("1e-8")
    assert all(int(row["startTime"]) <= int(row["endTime"]) for row in bills)


def test_bill_amounts_follow_the_documented_formula(bench: Any) -> None:
    bench.create()
    bench.wait(3 * HOUR)
    rows = bench("list_usage_bills", cycleType="Day", productCategory="gpu")["bills"]
    row = rows[0]
    unit_price = Decimal(row["basePrice0"]) / 10_000 / Decimal(row["pricePrecision"])
    exact = unit_price * int(row["billNum0"])
    assert abs(exact - Decimal(row["amountDecimal"])) < Decimal("1e-8")
    assert int(row["amount"]) == int(exact * 10_000)


def test_the_newest_hour_is_not_on_the_bill_yet(bench: Any) -> None:
    bench.create()
    bench.wait(HOUR)
    assert bench("list_usage_bills", cycleType="Hour", productCategory="gpu")["bills"] == []


def test_bills_can_be_narrowed_down(bench: Any) -> None:
    one, two = bench.create(), bench.create(productId="l40s.16c120g")
    bench.wait(5 * HOUR)

    def owners(**filters: Any) -> set[str]:
        bills = bench("list_usage_bills", cycleType="Day", productCategory="gpu", **filters)["bills"]
        return {row["ownerID"] for row in bills}

    assert owners() == {one, two}
    assert owners(ownerId=one) == {one}
    assert owners(productName="l40s") == {two}
    assert owners(endTime=1000) == set()
    assert bench("list_usage_bills", cycleType="Day", productCategory="llm")["bills"] == []


def test_a_subscription_is_paid_at_once_and_runs_without_further_charge(bench: Any) -> None:
    instance_id = bench.running(month=1)
    assert spent(bench) == Decimal("201.6")
    bench.wait(20 * DAY)
    assert spent(bench) == Decimal("201.6")
    assert bench.refused("delete_instance", instanceId=instance_id) == "PREPAID_INSTANCE_NOT_SUPPORT_RELEASE"
    bills = bench("list_subscription_bills", category="gpu")["bills"]
    assert [(row["tradeType"], row["amount"], row["ownerID"]) for row in bills] == [
        ("monthly_new_buy", "2016000", instance_id)
    ]


def test_a_renewal_prolongs_from_the_old_end(bench: Any) -> None:
    instance_id = bench.running(month=1)
    before = int(bench.get(instance_id)["endTime"])
    bench("renew_instance", instanceId=instance_id, month=1)
    assert int(bench.get(instance_id)["endTime"]) == before + 30 * DAY
    assert spent(bench) == 2 * Decimal("201.6")


def test_an_instance_being_created_cannot_be_renewed(bench: Any) -> None:
    instance_id = bench.create(month=1)
    reason = bench.refused("renew_instance", instanceId=instance_id, month=1)
    assert reason == "CREATING_INSTANCE_NOT_SUPPORT_RENEWAL"


def test_a_converted_instance_stops_paying_by_the_hour(bench: Any) -> None:
    instance_id = bench.running()
    bench.wait(HOUR - 25)
    bench("convert_instance_to_monthly", instanceId=instance_id, month=1)
    bench.wait(10 * HOUR)
    assert spent(bench) == Decimal("0.35") + Decimal("201.6")
    assert bench.get(instance_id)["billingMode"] == "monthly"
    assert bench.refused("convert_instance_to_monthly", instanceId=instance_id, month=1) == (
        "UNSUPPORTED_BILLING_MODE"
    )


def test_a_subscription_that_runs_out_stops_the_instance_and_bars_its_start(bench: Any) -> None:
    instance_id = bench.running(month=1)
    bench.wait(30 * DAY)
    assert bench.status(instance_id) == "exited"
    assert bench.refused("start_instance", instanceId=instance_id) == "EXPIRED_OR_BALANCE_NOT_ENOUGH"
    bench("delete_instance", instanceId=instance_id)


def test_auto_renew_keeps_a_subscription_running(bench: Any) -> None:
    instance_id = bench.running(month=1)
    bench("set_auto_renew", instanceIds=[instance_id], autoRenew=True, autoRenewMonth=1)
    bench.wait(65 * DAY)
    assert bench.status(instance_id) == "running"
    assert spent(bench) == 3 * Decimal("201.6")


def test_a_subscription_that_is_too_dear_is_refused_and_leaves_nothing(bench: Any) -> None:
    bench.sim.set_balance(2_000_000)
    assert bench.create_refused(month=1) == "BALANCE_NOT_ENOUGH"
    assert (bench.sim.billing_resources(), spent(bench)) == ([], 0)


def test_monthly_statements_cover_everything_and_send_no_total(bench: Any) -> None:
    bench.create()
    bench.running(month=1)
    bench.wait(70 * DAY)
    body = bench("list_monthly_invoices", page=1, pageSize=10)
    assert "total" not in body
    total = sum(Decimal(row["totalAmountDecimal"]) for row in body["data"])
    assert abs(total - spent(bench)) < Decimal("1e-6")
    assert body["data"][0]["status"] == "pending"
    assert bench("list_monthly_invoices", startMonth="2100-01")["data"] == []


def test_recharges_appear_as_transactions_newest_first(bench: Any) -> None:
    bench.sim.set_balance(5_000)
    rows = bench("list_transactions", pageNo=1, pageSize=10)["data"]
    assert [row["transactionType"] for row in rows] == ["refund", "recharge"]
    assert rows[0]["walletBalance"] == "5000"
    assert bench("list_transactions", pageNo=1, pageSize=10, transactionType="recharge")["total"] == 1


def test_a_window_of_key_bills_that_is_too_long_is_refused(bench: Any) -> None:
    window = {"startTime": 1_767_225_600, "endTime": 1_767_225_600 + 8 * DAY}
    assert bench.refused("list_api_key_bills", cycleType="Hour", **window) == "VALIDATOR_PARAM"
    assert bench("list_api_key_bills", cycleType="Day", **window)["bills"]


def test_what_still_costs_money_is_listed(bench: Any, make_bench: Callable[..., Any]) -> None:
    make_bench().sim.assert_no_leaks()
    bench.running(name="forgotten")
    bench("create_network_storage", clusterId="5", storageName="data", storageSize=10)
    bench("create_network", clusterId="us-ca-06", name="lan")
    with pytest.raises(AssertionError) as caught:
        bench.sim.assert_no_leaks()
    text = str(caught.value)
    assert "3 resources" in text
    assert "'forgotten': running, 0.35000 USD/h" in text
    assert "'data': 10 GB, 0.00200 USD/h" in text
    assert "network" in text


def test_a_long_list_of_leaks_is_cut(bench: Any) -> None:
    for number in range(25):
        bench.create(name=str(number))
    with pytest.raises(AssertionError, match=r"25 resources(?s:.*)and 5 more"):
        bench.sim.assert_no_leaks()


def test_without_money_nothing_new_is_sold(bench: Any) -> None:
    instance_id, monthly = bench.running(), bench.running(month=1)
    bench("set_auto_renew", instanceIds=[monthly], autoRenew=True, autoRenewMonth=1)
    bench("stop_instance", instanceId=instance_id)
    bench.wait(5)
    bench.sim.set_balance(0)
    volume = {"clusterId": "5", "storageName": "d", "storageSize": 10}
    assert bench.refused("create_network_storage", **volume) == "BALANCE_NOT_ENOUGH"
    assert bench.refused("renew_instance", instanceId=monthly, month=1) == "BALANCE_NOT_ENOUGH"
    assert bench.refused("start_instance", instanceId=instance_id) == "EXPIRED_OR_BALANCE_NOT_ENOUGH"
    assert bench.refused("migrate_instance", instanceId=instance_id) == "EXPIRED_OR_BALANCE_NOT_ENOUGH"
    bench.wait(31 * DAY)
    assert bench.status(monthly) == "exited"


def test_a_term_that_is_not_sold_is_refused(bench: Any) -> None:
    monthly = bench.running(month=1)
    assert bench.refused("renew_instance", instanceId=monthly, month=7) == "UNSUPPORTED_BILLING_MODE"
    assert bench.refused("renew_instance", instanceId=bench.running(), month=1) == "UNSUPPORTED_BILLING_MODE"


def test_a_changed_spot_price_holds_for_the_next_instance(bench: Any) -> None:
    bench.sim.set_price("4090.16c96g.v2", spot_price=20000)
    bench.create(billingMode="spot")
    bench.wait(5 + HOUR)
    assert spent(bench) == Decimal("0.2")
