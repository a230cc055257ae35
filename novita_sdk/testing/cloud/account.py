"""The money of the account: what runs at which rate, what was bought, what was paid in.

Product prices are 1/100000 USD per hour, charges run in whole seconds, balances are 1/10000 USD. Inside, all
amounts are whole numbers of 1/360,000,000 USD (a price unit for one second), so that nothing is ever rounded
before it is shown.
"""

from __future__ import annotations

import attrs

from novita_sdk.testing.cloud.records import Purchase, Recharge
from novita_sdk.testing.cloud.steps import StepFunction

SECONDS_PER_HOUR = 3600
UNITS_PER_BALANCE = 36_000
"""Inner units in 1/10000 USD."""

UNITS_PER_USD = 360_000_000


@attrs.define(kw_only=True, eq=False)
class Account:
    """Recharges, purchases, and the sum of all rates, exact at every instant without asking each resource."""

    credit_limit: int = 0
    usage: StepFunction = attrs.field(factory=StepFunction)
    purchases: list[Purchase] = attrs.field(factory=list[Purchase])
    recharges: list[Recharge] = attrs.field(factory=list[Recharge])

    def spent(self, now: int) -> int:
        """Return everything charged by `now` (milliseconds), in inner units."""
        bought = sum(purchase.price for purchase in self.purchases) * SECONDS_PER_HOUR
        return self.usage.integral(now // 1000) + bought

    def rate(self, now: int) -> int:
        """Return what is charged per hour at `now`, in 1/100000 USD."""
        return self.usage.level(now // 1000)

    def balance(self, now: int) -> int:
        """Return what is left in inner units; negative when more was used than was paid in."""
        return sum(recharge.amount for recharge in self.recharges) * UNITS_PER_BALANCE - self.spent(now)

    def available(self, now: int) -> int:
        """Return what may still be spent, in inner units."""
        return self.balance(now) + self.credit_limit * UNITS_PER_BALANCE

    def recharge(self, amount: int, now: int) -> Recharge:
        """Pay in `amount`, in 1/10000 USD; a negative amount takes money out."""
        left = self.balance(now) // UNITS_PER_BALANCE + amount
        entry = Recharge(serial=f"tx-{len(self.recharges) + 1}", at=now // 1000, amount=amount, balance=left)
        self.recharges.append(entry)
        return entry
