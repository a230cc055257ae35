"""Balance, bills, statements and transactions of the account.

Amounts come as whole numbers of 1/10000 USD, in which small charges round to nothing. Newer rows also carry
the exact amount in US dollars; the properties without prefix prefer it, the `rounded_` fields hold the rest.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.enums import (
    MonthlyInvoiceStatus,
    SubscriptionTradeType,
    TransactionState,
    TransactionType,
)
from novita_sdk.models.money import ACCOUNT_UNITS, Money


def _exact(usd: Decimal | None, rounded: Money | None) -> Money | None:
    return rounded if usd is None else Money.from_usd(usd)


def _unit_price(base_price: int | None, precision: int | None) -> Decimal | None:
    if base_price is None or not precision:
        return None
    return Decimal(base_price) / (ACCOUNT_UNITS * precision)


@model
class Balance(Model):
    """The account's money.

    Attributes:
        available_balance: What can be spent.
        cash_balance: What was paid in.
        credit_limit: How far it may be overdrawn.
        outstanding_invoices: What is unpaid.
    """

    available_balance: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)
    cash_balance: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)
    credit_limit: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)
    outstanding_invoices: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)


@model
class UsageBill(Model):
    """A bill row for what was used in one period.

    Attributes:
        user_id: The account's user.
        start_time: Begin of the period.
        end_time: Its last second.
        billing_method: `"1"` means pay as you go.
        product_name: Name of the product.
        category: Kind of product.
        owner_id: Id of the resource that was used.
        bill_num_0: Quantity.
        bill_num_1: Second quantity.
        base_price_0: Unit price before division; see `unit_price_0`.
        base_price_1: Second unit price before division; see `unit_price_1`.
        discount_price_0: Discounted unit price before division.
        discount_price_1: Second discounted unit price before division.
        rounded_amount: Amount before vouchers, rounded to 1/10000 USD.
        rounded_voucher_amount: Part paid by vouchers, rounded likewise.
        rounded_pay_amount: Part to be paid, rounded likewise.
        pay_amount_display: That part as text.
        price_precision: Divisor of the unit prices.
        product_id: Id of the product.
        request_count: Number of requests. Undocumented, like the four amounts below.
        amount_decimal: Exact amount in US dollars.
        origin_amount_decimal: Exact amount before discounts in US dollars.
        voucher_amount_decimal: Exact part paid by vouchers in US dollars.
        payable_decimal: Exact part to be paid in US dollars.
    """

    user_id: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    billing_method: str | None = None
    product_name: str | None = None
    category: str | None = None
    owner_id: str | None = field(default=None, wire="ownerID")
    bill_num_0: int | None = None
    bill_num_1: int | None = None
    base_price_0: int | None = None
    base_price_1: int | None = None
    discount_price_0: int | None = None
    discount_price_1: int | None = None
    rounded_amount: Money | None = field(default=None, wire="amount", units_per_usd=ACCOUNT_UNITS)
    rounded_voucher_amount: Money | None = field(
        default=None, wire="voucherAmount", units_per_usd=ACCOUNT_UNITS
    )
    rounded_pay_amount: Money | None = field(default=None, wire="payAmount", units_per_usd=ACCOUNT_UNITS)
    pay_amount_display: str | None = None
    price_precision: int | None = None
    product_id: str | None = None
    request_count: int | None = None
    amount_decimal: Decimal | None = None
    origin_amount_decimal: Decimal | None = None
    voucher_amount_decimal: Decimal | None = None
    payable_decimal: Decimal | None = None

    @property
    def amount(self) -> Money | None:
        """Amount before vouchers, exact if the service says it exactly."""
        return _exact(self.amount_decimal, self.rounded_amount)

    @property
    def voucher_amount(self) -> Money | None:
        """Part paid by vouchers, exact if the service says it exactly."""
        return _exact(self.voucher_amount_decimal, self.rounded_voucher_amount)

    @property
    def pay_amount(self) -> Money | None:
        """Part to be paid, exact if the service says it exactly.

        That `payable_decimal` is the exact form of the same amount is how clients read it.
        """
        return _exact(self.payable_decimal, self.rounded_pay_amount)

    @property
    def unit_price_0(self) -> Decimal | None:
        """Price of one unit of `bill_num_0` in US dollars; None without a precision.

        How it is worked out is not documented, but what clients found.
        """
        return _unit_price(self.base_price_0, self.price_precision)

    @property
    def unit_price_1(self) -> Decimal | None:
        """Price of one unit of `bill_num_1` in US dollars; None without a precision."""
        return _unit_price(self.base_price_1, self.price_precision)


@model
class SubscriptionBill(Model):
    """A bill row for a prepaid product.

    Attributes:
        user_id: The account's user.
        start_time: Begin of the term.
        end_time: End of the term.
        member_id: The member who bought it.
        product_name: Name of the product.
        product_category: Kind of product.
        owner_id: Id of the resource.
        trade_mode: Always monthly.
        trade_type: First purchase, renewal or change.
        base_price: Unit price before division; see `unit_price`.
        bill_num: Quantity.
        amount: Amount before vouchers.
        voucher_amount: Part paid by vouchers.
        pay_amount: Part to be paid.
        pay_amount_display: That part as text.
        price_precision: Divisor of the unit price.
        create_time: When the row was made.
        cycle: Billing month as `2024-04`.
        storage_days: Days of storage.
    """

    user_id: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    member_id: str | None = None
    product_name: str | None = None
    product_category: str | None = None
    owner_id: str | None = field(default=None, wire="ownerID")
    trade_mode: str | None = None
    trade_type: SubscriptionTradeType | None = None
    base_price: int | None = None
    bill_num: int | None = None
    amount: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)
    voucher_amount: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)
    pay_amount: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)
    pay_amount_display: str | None = None
    price_precision: int | None = None
    create_time: datetime | None = None
    cycle: str | None = None
    storage_days: int | None = None

    @property
    def unit_price(self) -> Decimal | None:
        """Price of one unit in US dollars; None without a precision.

        How it is worked out is not documented, but what clients found.
        """
        return _unit_price(self.base_price, self.price_precision)


@model
class MonthlyInvoice(Model):
    """The account's statement of one month.

    Attributes:
        bill_id: Id of the statement.
        user_id: The account's user.
        billing_month: Month as `2024-04`.
        rounded_total_amount: Total, rounded to 1/10000 USD.
        origin_total_amount: Total before discounts, rounded likewise.
        rounded_voucher_pay_amount: Part paid by vouchers, rounded likewise.
        rounded_cash_pay_amount: Part paid in cash, rounded likewise.
        debt_amount: Part still owed, rounded likewise.
        status: State of the statement.
        invoice_url: URL of the document; empty until it is issued; `repr` cuts it at the query.
        start_time: Begin of the month.
        end_time: End of the month; for the running month it may lie before the begin.
        repaid_amount: Part repaid later, rounded likewise.
        total_amount_decimal: Exact total in US dollars. Undocumented, like the two below.
        voucher_pay_amount_decimal: Exact part paid by vouchers in US dollars.
        cash_pay_amount_decimal: Exact part paid in cash in US dollars.
    """

    bill_id: str | None = None
    user_id: str | None = None
    billing_month: str | None = None
    rounded_total_amount: Money | None = field(default=None, wire="totalAmount", units_per_usd=ACCOUNT_UNITS)
    origin_total_amount: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)
    rounded_voucher_pay_amount: Money | None = field(
        default=None, wire="voucherPayAmount", units_per_usd=ACCOUNT_UNITS
    )
    rounded_cash_pay_amount: Money | None = field(
        default=None, wire="cashPayAmount", units_per_usd=ACCOUNT_UNITS
    )
    debt_amount: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)
    status: MonthlyInvoiceStatus | None = None
    invoice_url: str | None = field(default=None, show="url")
    start_time: datetime | None = None
    end_time: datetime | None = None
    repaid_amount: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)
    total_amount_decimal: Decimal | None = None
    voucher_pay_amount_decimal: Decimal | None = None
    cash_pay_amount_decimal: Decimal | None = None

    @property
    def total_amount(self) -> Money | None:
        """Total, exact if the service says it exactly."""
        return _exact(self.total_amount_decimal, self.rounded_total_amount)

    @property
    def voucher_pay_amount(self) -> Money | None:
        """Part paid by vouchers, exact if the service says it exactly."""
        return _exact(self.voucher_pay_amount_decimal, self.rounded_voucher_pay_amount)

    @property
    def cash_pay_amount(self) -> Money | None:
        """Part paid in cash, exact if the service says it exactly."""
        return _exact(self.cash_pay_amount_decimal, self.rounded_cash_pay_amount)


@model
class ApiKeyBill(Model):
    """What one API key cost in one period; model usage only, no GPU instances.

    Only the keys that clients were seen to read are known; others are in `extra`.

    Attributes:
        api_key_name: Name of the key.
        api_key_mask: The key with its middle left out.
        owner_id: Id of the key.
        start_time: Begin of the period.
        end_time: End of the period.
        pay_amount: Amount to be paid.
    """

    api_key_name: str | None = field(default=None, wire="apikeyName")
    api_key_mask: str | None = field(default=None, wire="apikeyMask")
    owner_id: str | None = field(default=None, wire="ownerID")
    start_time: datetime | None = None
    end_time: datetime | None = None
    pay_amount: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)


@model
class Transaction(Model):
    """A recharge, refund or payment.

    Attributes:
        serial_number: Number of the transaction.
        transaction_time: When it was made.
        transaction_type: Direction.
        transaction_channel: Way of payment.
        transaction_amount: Amount, read as 1/10000 USD as documented. Doubtful: one client that compared a
            recharge with its bank found cents (1/100 USD).
        wallet_balance: Balance afterwards; doubtful in the same way.
        state: How far it has come.
        invoice_url: URL of the document; `repr` cuts it at the query.
    """

    serial_number: str | None = None
    transaction_time: datetime | None = None
    transaction_type: TransactionType | None = None
    transaction_channel: str | None = None
    transaction_amount: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)
    wallet_balance: Money | None = field(default=None, units_per_usd=ACCOUNT_UNITS)
    state: TransactionState | None = None
    invoice_url: str | None = field(default=None, wire="invoiceURL", show="url")
