"""Balance, bills, invoices and transactions: the account as its owner sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud import storages
from novita_sdk.testing.cloud.account import SECONDS_PER_HOUR, UNITS_PER_BALANCE, UNITS_PER_USD
from novita_sdk.testing.cloud.pages import matches, page
from novita_sdk.testing.cloud.records import Purchase, Recharge
from novita_sdk.testing.cloud.refusals import invalid_parameter
from novita_sdk.testing.cloud.timeline import Interval
from novita_sdk.testing.cloud.world import USER, Args, World

_DAY = 24 * SECONDS_PER_HOUR
_LONGEST_KEY_BILL = {"Hour": 7 * _DAY}
_LONGEST_KEY_BILL_ELSE = 31 * _DAY


class _Charge(NamedTuple):
    """One stretch of use of one resource at one rate."""

    owner: str
    product_id: str
    product_name: str
    category: str
    interval: Interval


def get_balance(world: World, _args: Args, now: int) -> JSON:
    """Answer get_balance."""
    account = world.account
    return {
        "availableBalance": str(account.available(now) // UNITS_PER_BALANCE),
        "cashBalance": str(account.balance(now) // UNITS_PER_BALANCE),
        "creditLimit": str(account.credit_limit),
        "outstandingInvoices": "0",
    }


def list_usage_bills(world: World, args: Args, now: int) -> JSON:
    """Answer list_usage_bills: one row per resource, period and rate; the newest hours are still missing."""
    category = args["productCategory"]
    wanted = {"gpu", "cloud_storage"} if category == "summary" else {category}
    since, until = _window(args)
    closed = int(now // 1000 - world.timings.bill_lag) // SECONDS_PER_HOUR * SECONDS_PER_HOUR
    rows: dict[tuple[str, int, int], dict[str, JSON]] = {}
    for charge in _charges(world, closed * 1000):
        owner_fits = args.get("ownerId") in {None, "", charge.owner}
        if (
            charge.category not in wanted
            or not owner_fits
            or not matches(args.get("productName"), charge.product_name)
        ):
            continue
        for start, end, first, last in _periods(charge.interval, args["cycleType"]):
            if last > since and (not until or first <= until):
                row = rows.setdefault(
                    (charge.owner, first, charge.interval.rate), _usage_row(charge, category, first, last)
                )
                row["billNum0"] += end - start
    return {"bills": [_priced(row) for row in rows.values()]}


def list_subscription_bills(world: World, args: Args, _now: int) -> JSON:
    """Answer list_subscription_bills: one row per purchase."""
    category = args.get("category") or "summary"
    since, until = _window(args)
    if category not in {"summary", "gpu"}:
        return {"bills": []}
    return {
        "bills": [
            _subscription_row(purchase, category)
            for purchase in world.account.purchases
            if purchase.at >= since
            and (not until or purchase.at <= until)
            and args.get("ownerId") in {None, "", purchase.instance_id}
            and matches(args.get("productName"), purchase.product_name)
        ]
    }


def list_monthly_invoices(world: World, args: Args, now: int) -> JSON:
    """Answer list_monthly_invoices, newest month first; no total is sent."""
    totals: dict[str, int] = {_month(now // 1000): 0}
    for charge in _charges(world, now):
        for start, end, first, _ in _periods(charge.interval, "Month"):
            totals[_month(first)] = totals.get(_month(first), 0) + (end - start) * charge.interval.rate
    for purchase in world.account.purchases:
        totals[_month(purchase.at)] = totals.get(_month(purchase.at), 0) + purchase.price * SECONDS_PER_HOUR
    months = [month for month in sorted(totals, reverse=True) if month >= (args.get("startMonth") or "")]
    body = page(
        world.quirks,
        months,
        args,
        lambda month: _invoice(month, totals[month], running=month == _month(now // 1000)),
        key="data",
        page_key="page",
    )
    body.pop("total", None)
    return body


def list_api_key_bills(_world: World, args: Args, _now: int) -> JSON:
    """Answer list_api_key_bills: model usage only, of which a simulated account has none."""
    start, end = int(args["startTime"]), int(args["endTime"])
    longest = _LONGEST_KEY_BILL.get(args["cycleType"], _LONGEST_KEY_BILL_ELSE)
    if end - start > longest:
        raise invalid_parameter(f"endTime: the window may span {longest // _DAY} days")
    row = {
        "apikeyName": "default",
        "apikeyMask": "sim-****",
        "ownerID": "key-1",
        "startTime": str(start),
        "endTime": str(end),
        "payAmount": "0",
    }
    return {"bills": [row]}


def list_transactions(world: World, args: Args, _now: int) -> JSON:
    """Answer list_transactions, newest first: the recharges."""
    since, until = int(args.get("transactionTimeStart") or 0), int(args.get("transactionTimeEnd") or 0)
    rows = [
        recharge
        for recharge in reversed(world.account.recharges)
        if recharge.at >= since
        and (not until or recharge.at <= until)
        and args.get("serialNumber") in {None, "", recharge.serial}
        and args.get("transactionType") in {None, "", _type(recharge)}
        and args.get("orderType") in {None, "", _type(recharge)}
        and args.get("transactionChannel") in {None, "", _CHANNEL}
        and args.get("status") in {None, "", "success"}
    ]
    return page(world.quirks, rows, args, _transaction, key="data", page_key="pageNo", total_required=True)


_CHANNEL = "Simulated"


def usd(units: int) -> str:
    """Write inner units as USD with eight decimals, rounded down."""
    cents, sign = abs(units) * 10**8 // UNITS_PER_USD, "-" if units < 0 else ""
    return f"{sign}{cents // 10**8}.{cents % 10**8:08d}"


def _charges(world: World, now: int) -> Iterator[_Charge]:
    for instance in world.instances.values():
        for interval in instance.timeline.charges(now):
            yield _Charge(instance.id, instance.product.id, instance.product.name, "gpu", interval)
    for storage in (*world.retired_storages, *world.storages.values()):
        for interval in storages.charges(storage, now):
            yield _Charge(storage.id, "", "Network Storage", "cloud_storage", interval)


def _window(args: Args) -> tuple[int, int]:
    return int(args.get("startTime") or 0), int(args.get("endTime") or 0)


def _periods(interval: Interval, cycle: str) -> Iterator[tuple[int, int, int, int]]:
    """Cut an interval into periods: start and end of each part, begin of its period and of the next one."""
    start = interval.start
    while start < interval.end:
        first, following = _period(start, cycle)
        end = min(interval.end, following)
        yield start, end, first, following
        start = end


def _period(second: int, cycle: str) -> tuple[int, int]:
    if cycle in {"Hour", "Day"}:
        length = SECONDS_PER_HOUR if cycle == "Hour" else _DAY
        first = second // length * length
        return first, first + length
    day = datetime.fromtimestamp(second, UTC).replace(hour=0, minute=0, second=0)
    if cycle == "Week":
        begin = day - timedelta(days=day.weekday())
        following = begin + timedelta(days=7)
    else:
        begin = day.replace(day=1)
        following = (begin + timedelta(days=32)).replace(day=1)
    return int(begin.timestamp()), int(following.timestamp())


def _month(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m}"


def _usage_row(charge: _Charge, category: str, first: int, following: int) -> dict[str, JSON]:
    """Begin the row of a resource and period, still without use.

    Its quantity counts seconds, so that the unit price basePrice0 / 10000 / pricePrecision USD is exact: the
    hourly rate is the base price, 36000 the precision.
    """
    return {
        "userId": USER,
        "startTime": str(first),
        "endTime": str(following - 1),
        "billingMethod": "1",
        "productName": charge.product_name,
        "category": category,
        "ownerID": charge.owner,
        "billNum0": 0,
        "billNum1": "0",
        "basePrice0": str(charge.interval.rate),
        "basePrice1": "0",
        "discountPrice0": str(charge.interval.rate),
        "discountPrice1": "0",
        "voucherAmount": "0",
        "pricePrecision": "36000",
        "productId": charge.product_id,
    }


def _priced(row: dict[str, JSON]) -> JSON:
    units = row["billNum0"] * int(row["basePrice0"])
    exact = usd(units)
    return row | {
        "billNum0": str(row["billNum0"]),
        "amount": str(units // UNITS_PER_BALANCE),
        "payAmount": str(units // UNITS_PER_BALANCE),
        "payAmountDisplay": exact,
        "amountDecimal": exact,
        "originAmountDecimal": exact,
        "voucherAmountDecimal": "0",
        "payableDecimal": exact,
    }


def _subscription_row(purchase: Purchase, category: str) -> JSON:
    units = purchase.price * SECONDS_PER_HOUR
    return {
        "userId": USER,
        "startTime": str(purchase.start),
        "endTime": str(purchase.end),
        "memberId": USER,
        "productName": purchase.product_name,
        "productCategory": category,
        "ownerID": purchase.instance_id,
        "tradeMode": "monthly",
        "tradeType": purchase.trade,
        "basePrice": str(purchase.price),
        "billNum": "1",
        "amount": str(units // UNITS_PER_BALANCE),
        "voucherAmount": "0",
        "payAmount": str(units // UNITS_PER_BALANCE),
        "payAmountDisplay": usd(units),
        "pricePrecision": "10",
        "createTime": str(purchase.at),
        "cycle": _month(purchase.at),
        "storageDays": "0",
    }


def _invoice(month: str, units: int, *, running: bool) -> JSON:
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    start, following = _period(int(first.timestamp()), "Month")
    amount, exact = str(units // UNITS_PER_BALANCE), usd(units)
    return {
        "billId": f"bill-{month}",
        "userId": USER,
        "billingMonth": month,
        "totalAmount": amount,
        "originTotalAmount": amount,
        "voucherPayAmount": "0",
        "cashPayAmount": amount,
        "debtAmount": "0",
        "status": "pending" if running else "paid",
        "invoiceUrl": "",
        "startTime": str(start),
        "endTime": str(following - 1),
        "repaidAmount": "0",
        "totalAmountDecimal": exact,
        "voucherPayAmountDecimal": "0",
        "cashPayAmountDecimal": exact,
    }


def _type(recharge: Recharge) -> str:
    return "recharge" if recharge.amount >= 0 else "refund"


def _transaction(recharge: Recharge) -> JSON:
    return {
        "serialNumber": recharge.serial,
        "transactionTime": str(recharge.at),
        "transactionType": _type(recharge),
        "transactionChannel": _CHANNEL,
        "transactionAmount": str(recharge.amount),
        "walletBalance": str(recharge.balance),
        "state": "success",
    }
