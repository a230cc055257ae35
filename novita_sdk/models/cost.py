"""What instances cost: an estimate at today's prices."""

from __future__ import annotations

import attrs

from novita_sdk.models.enums import BillingMode, InstanceStatus
from novita_sdk.models.money import Money


@attrs.frozen(kw_only=True)
class CostItem:
    """What one instance costs.

    Attributes:
        id: The instance.
        name: Its name.
        status: Its status.
        billing: How it is charged.
        rate_per_hour: What it costs per hour as it is now; nothing for a prepaid one.
        amount: The rate times the time since its last start or stop, or since the moment asked for. None if the
            service does not tell when that was.
    """

    id: str
    name: str | None
    status: InstanceStatus | None
    billing: BillingMode | None
    rate_per_hour: Money
    amount: Money | None


@attrs.frozen(kw_only=True)
class Cost:
    """What several instances cost together. Bills decide; this is an estimate.

    Disks of running instances and traffic are not counted.

    Attributes:
        rate_per_hour: Sum of the rates that are known.
        amount: Sum of the amounts that are known.
        items: One for each instance with a known rate, the dearest first.
        unpriced: Ids of the instances whose rate nobody knows; they are in no sum.
        monthly: Ids of the prepaid instances; they stand among the items with a rate of nothing.
        complete: Whether nothing is missing: every instance was read, and every rate and time is known.
    """

    rate_per_hour: Money
    amount: Money
    items: tuple[CostItem, ...]
    unpriced: tuple[str, ...]
    monthly: tuple[str, ...]
    complete: bool

    def __str__(self) -> str:
        missing = "" if self.complete else ", not everything is known"
        return f"{self.amount.usd:.4f} USD so far, {self.rate_per_hour.usd:.4f} USD per hour{missing}"
