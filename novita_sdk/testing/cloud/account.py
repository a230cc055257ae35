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
    _bought: int = attrs.field(default=0, init=False)
    _paid_in: int = attrs.field(default=0, init=False)

    def spent(self, now: int) -> int:
        """Return everything charged by `now` (milliseconds), in inner units."""
        return self.usage.integral(now // 1000) + self._bought

    def balance(self, now: int) -> int:
        """Return what is left in inner units; negative when more was used than was paid in."""
        return self._paid_in - self.spent(now)

    def available(self, now: int) -> int:
        """Return what may still be spent, in inner units."""
        return self.balance(now) + self.credit_limit * UNITS_PER_BALANCE

    def empty(self, now: int) -> bool:
        """Tell whether the shown balance leaves nothing to spend."""
        return self.available(now) < UNITS_PER_BALANCE

    def recharge(self, amount: int, now: int) -> None:
        """Pay in `amount`, in 1/10000 USD; a negative amount takes money out."""
        self._paid_in += amount * UNITS_PER_BALANCE
        left = self.balance(now) // UNITS_PER_BALANCE
        entry = Recharge(serial=f"tx-{len(self.recharges) + 1}", at=now // 1000, amount=amount, balance=left)
        self.recharges.append(entry)

    def buy(self, purchase: Purchase) -> None:
        """Charge a purchase at once."""
        self._bought += purchase.price * SECONDS_PER_HOUR
        self.purchases.append(purchase)
