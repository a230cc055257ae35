"""Billing: balance, bills, statements, transactions."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from novita_sdk._async.pager import AsyncPager
from novita_sdk._async.resources.resource import AsyncResource
from novita_sdk._core import operations
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk.models.billing import (
    ApiKeyBill,
    Balance,
    MonthlyInvoice,
    SubscriptionBill,
    Transaction,
    UsageBill,
)
from novita_sdk.models.enums import (
    ApiKeyBillCategory,
    BillCycle,
    SubscriptionBillCategory,
    TransactionState,
    TransactionType,
    UsageBillCategory,
)
from novita_sdk.options import CallOptions


class AsyncBilling(AsyncResource):
    """What the account has, owes and paid. Amounts are `Money`: exact, in the unit the service counts in."""

    async def balance(self, *, options: CallOptions | None = None) -> Balance:
        """Read the account balance. Operation `get_balance`.

        Args:
            options: What this call does differently.
        """
        return cast("Balance", await self._caller.single(operations.GET_BALANCE, options=options))

    def usage(
        self,
        *,
        cycle_type: BillCycle | str,
        product_category: UsageBillCategory | str,
        category: str | None = None,
        product_name: str | None = None,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        owner_id: str | None = None,
        options: CallOptions | None = None,
    ) -> AsyncPager[UsageBill]:
        """List pay-as-you-go bills. Operation `list_usage_bills`.

        Rows appear hourly and may lag by a day. The category `summary` repeats the others: do not add it to them.

        Args:
            cycle_type: Period of each row: `"Hour"`, `"Day"`, `"Week"` or `"Month"`.
            product_category: Kind of product, such as `"gpu"`.
            category: Subcategory; its values are not known.
            product_name: Only names like this.
            start_time: From this moment, aware.
            end_time: Until this moment, aware.
            owner_id: Only this resource.
            options: What this call does differently.

        Returns:
            A pager over one page.
        """
        values = {
            "cycleType": cycle_type,
            "productCategory": product_category,
            "category": category,
            "productName": product_name,
            "startTime": start_time,
            "endTime": end_time,
            "ownerId": owner_id,
        }
        return self._pager(operations.LIST_USAGE_BILLS, values, DEFAULT_PAGE_SIZE, options)

    def subscriptions(
        self,
        *,
        category: SubscriptionBillCategory | str | None = None,
        product_name: str | None = None,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        owner_id: str | None = None,
        options: CallOptions | None = None,
    ) -> AsyncPager[SubscriptionBill]:
        """List bills of subscriptions. Operation `list_subscription_bills`.

        Args:
            category: Kind of product, such as `"gpu"`; the service's default is `"summary"`.
            product_name: Only names like this.
            start_time: From this moment, aware.
            end_time: Until this moment, aware.
            owner_id: Only this resource.
            options: What this call does differently.

        Returns:
            A pager over one page.
        """
        values = {
            "category": category,
            "productName": product_name,
            "startTime": start_time,
            "endTime": end_time,
            "ownerId": owner_id,
        }
        return self._pager(operations.LIST_SUBSCRIPTION_BILLS, values, DEFAULT_PAGE_SIZE, options)

    def monthly_invoices(
        self,
        *,
        start_month: str | None = None,
        page_size: int = DEFAULT_PAGE_SIZE,
        options: CallOptions | None = None,
    ) -> AsyncPager[MonthlyInvoice]:
        """List monthly statements. Operation `list_monthly_invoices`; its parameters are known from clients only.

        Args:
            start_month: First month, such as `"2026-04"`.
            page_size: Items asked for at a time, 1-100.
            options: What these calls do differently.

        Returns:
            A pager.
        """
        values = {"startMonth": start_month}
        return self._pager(operations.LIST_MONTHLY_INVOICES, values, page_size, options)

    def api_key_bills(
        self,
        *,
        cycle_type: BillCycle | str,
        start_time: datetime,
        end_time: datetime,
        category: ApiKeyBillCategory | str | None = None,
        product_name: str | None = None,
        options: CallOptions | None = None,
    ) -> AsyncPager[ApiKeyBill]:
        """List costs of each API key, for model usage only. Operation `list_api_key_bills`.

        The page that describes it was not readable; this follows clients of it.

        Args:
            cycle_type: Period of each row.
            start_time: From this moment, aware.
            end_time: Until this moment, aware; at most 7 days later for `"Hour"`, else 31.
            category: Kind of product.
            product_name: Only names like this.
            options: What this call does differently.

        Returns:
            A pager over one page.
        """
        values = {
            "cycleType": cycle_type,
            "startTime": start_time,
            "endTime": end_time,
            "category": category,
            "productName": product_name,
        }
        return self._pager(operations.LIST_API_KEY_BILLS, values, DEFAULT_PAGE_SIZE, options)

    def transactions(
        self,
        *,
        serial_number: str | None = None,
        transaction_time_start: datetime | None = None,
        transaction_time_end: datetime | None = None,
        transaction_type: TransactionType | str | None = None,
        transaction_channel: str | None = None,
        status: TransactionState | str | None = None,
        order_type: str | None = None,
        page_size: int = DEFAULT_PAGE_SIZE,
        options: CallOptions | None = None,
    ) -> AsyncPager[Transaction]:
        """List recharges, refunds and payments. Operation `list_transactions`.

        The page that describes it was not readable. Amounts are taken as 1/10000 USD, as documented elsewhere; one
        client that checked a recharge found cents.

        Args:
            serial_number: Only this one.
            transaction_time_start: From this moment, aware.
            transaction_time_end: Until this moment, aware.
            transaction_type: Only this kind.
            transaction_channel: Only this payment channel.
            status: Only this state.
            order_type: `"recharge"` or `"refund"`.
            page_size: Items asked for at a time, 1-100.
            options: What these calls do differently.

        Returns:
            A pager.
        """
        values = {
            "serialNumber": serial_number,
            "transactionTimeStart": transaction_time_start,
            "transactionTimeEnd": transaction_time_end,
            "transactionType": transaction_type,
            "transactionChannel": transaction_channel,
            "status": status,
            "orderType": order_type,
        }
        return self._pager(operations.LIST_TRANSACTIONS, values, page_size, options)
