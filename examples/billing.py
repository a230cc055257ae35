"""Balance, bills and statements, in exact money. It only reads.

Run it with `python examples/billing.py`.
"""

from __future__ import annotations

from datetime import timedelta

import connect

from novita_sdk import Money, Novita
from novita_sdk.testing import Simulator


def main() -> None:
    """Print what the account has, what it used, and what it paid."""
    sim = connect.simulator()
    with connect.client(sim) as client:
        if sim is not None:
            use_a_gpu_for_a_day(client, sim)
        show_balance(client)
        show_usage(client)
        show_statements(client)


def show_balance(client: Novita) -> None:
    """Print the balance; amounts come in 1/10000 USD and stay exact."""
    balance = client.billing.balance()
    print(f"available {balance.available_balance}, owed {balance.outstanding_invoices}")


def show_usage(client: Novita) -> None:
    """Add up the GPU bills by product. Rows lag by hours, so the newest usage is missing."""
    totals: dict[str, Money] = {}
    for bill in client.billing.usage(cycle_type="Day", product_category="gpu"):
        if bill.pay_amount is not None:
            name = bill.product_name or "unnamed"
            totals[name] = totals.get(name, Money.from_usd(0)) + bill.pay_amount
    for name, total in totals.items():
        print(f"GPU usage: {name}: {total}")


def show_statements(client: Novita) -> None:
    """Print monthly statements and the last transactions (whose unit is doubtful)."""
    for invoice in client.billing.monthly_invoices():
        print(f"{invoice.billing_month}: {invoice.total_amount}, {invoice.status}")
    for transaction in client.billing.transactions().collect(limit=3):
        print(
            f"{transaction.transaction_time}: {transaction.transaction_type} {transaction.transaction_amount}"
        )


def use_a_gpu_for_a_day(client: Novita, sim: Simulator) -> None:
    """Let a day pass in the simulated cloud, so that there is something to pay for."""
    product = client.products.list(product_name="3090").one()
    created = client.gpu_instances.create(product_id=product.id, image_url="nginx")
    client.gpu_instances.wait(created.id)
    sim.clock.sleep(timedelta(days=1).total_seconds())
    client.gpu_instances.delete(created.id)
    sim.clock.sleep(timedelta(hours=6).total_seconds())


if __name__ == "__main__":
    main()
