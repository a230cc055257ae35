"""Balance, bills, statements and transactions of the account."""

from __future__ import annotations

from novita_sdk._core.operations.fields import COUNTED_PAGE_SIZE
from novita_sdk._core.operations.operation import Field, Operation, Paging, Result, Safety

_CYCLE = Field(name="cycleType", type="str", required=True, enum=("Hour", "Day", "Week", "Month"))
_PRODUCT_NAME = Field(name="productName", type="str")
_START = Field(name="startTime", type="time")
_END = Field(name="endTime", type="time")
_OWNER_ID = Field(name="ownerId", type="id")

GET_BALANCE = Operation(
    name="get_balance",
    method="GET",
    path="/billing/balance/detail",
    base="account",
    safety=Safety.READ,
    result=Result(shape="single", model="Balance", keys=("data",)),
)

LIST_USAGE_BILLS = Operation(
    name="list_usage_bills",
    method="GET",
    path="/billing/bill/list",
    base="account",
    safety=Safety.READ,
    query=(
        _CYCLE,
        Field(
            name="productCategory",
            type="str",
            required=True,
            enum=(
                "summary",
                "gpu",
                "llm",
                "serverless",
                "cloud_storage",
                "gen_api",
                "cloud_sandbox",
                "llm_dedicated_endpoint",
                "web_search",
                "bare_metal",
            ),
            open=True,
        ),
        Field(name="category", type="str"),
        _PRODUCT_NAME,
        _START,
        _END,
        _OWNER_ID,
    ),
    result=Result(shape="list", model="UsageBill", keys=("bills",)),
)

LIST_SUBSCRIPTION_BILLS = Operation(
    name="list_subscription_bills",
    method="GET",
    path="/billing/bill/monthly/list",
    base="account",
    safety=Safety.READ,
    query=(
        Field(
            name="category",
            type="str",
            enum=(
                "summary",
                "gpu",
                "local_storage",
                "image",
                "serverless",
                "cloud_storage",
                "bare_metal",
            ),
            open=True,
        ),
        _PRODUCT_NAME,
        _START,
        _END,
        _OWNER_ID,
    ),
    result=Result(shape="list", model="SubscriptionBill", keys=("bills",)),
)

LIST_MONTHLY_INVOICES = Operation(
    name="list_monthly_invoices",
    method="GET",
    path="/billing/monthly/bill",
    base="account",
    safety=Safety.READ,
    query=(
        Field(name="startMonth", type="str", pattern=r"^\d{4}-\d{2}$"),
        Field(name="page", type="int", min=1),
        COUNTED_PAGE_SIZE,
    ),
    result=Result(shape="list", model="MonthlyInvoice", keys=("data",), id_key="billId"),
    paging=Paging(page_key="page"),
)

LIST_API_KEY_BILLS = Operation(
    name="list_api_key_bills",
    method="GET",
    path="/billing/apikey/bill/list",
    base="account",
    safety=Safety.READ,
    query=(
        _CYCLE,
        Field(name="startTime", type="time", required=True),
        Field(name="endTime", type="time", required=True),
        Field(name="category", type="str", enum=("llm", "gen_api", "web_search"), open=True),
        _PRODUCT_NAME,
    ),
    result=Result(shape="list", model="ApiKeyBill", keys=("bills",)),
)

LIST_TRANSACTIONS = Operation(
    name="list_transactions",
    method="GET",
    path="/bill/transaction",
    base="account",
    safety=Safety.READ,
    query=(
        Field(name="pageNo", type="int", required=True, min=1),
        Field(name="pageSize", type="int", required=True, min=1),
        Field(name="serialNumber", type="str"),
        Field(name="transactionTimeStart", type="time"),
        Field(name="transactionTimeEnd", type="time"),
        Field(name="transactionType", type="str", enum=("recharge", "refund", "consume"), open=True),
        Field(name="transactionChannel", type="str"),
        Field(name="status", type="str", enum=("pending", "success", "failed", "expired"), open=True),
        Field(name="orderType", type="str", enum=("recharge", "refund")),
    ),
    result=Result(shape="list", model="Transaction", keys=("data",), id_key="serialNumber"),
    paging=Paging(page_key="pageNo"),
)

OPERATIONS = (
    GET_BALANCE,
    LIST_USAGE_BILLS,
    LIST_SUBSCRIPTION_BILLS,
    LIST_MONTHLY_INVOICES,
    LIST_API_KEY_BILLS,
    LIST_TRANSACTIONS,
)
