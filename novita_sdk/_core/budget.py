"""The retry budget: what bounds the extra load that retries put on a failing service."""

from __future__ import annotations

from novita_sdk.options import RetryPolicy


class RetryBudget:
    """Units that retries spend and successes earn back; one per family, kept under the caller's lock.

    It starts full. While nothing succeeds, only `budget // cost` retries happen in all, however many calls
    are made; a healthy service refills it one unit per call.

    Args:
        policy: Its `budget` is both the start and the cap.
    """

    __slots__ = ("_available", "capacity")

    def __init__(self, policy: RetryPolicy) -> None:
        self.capacity = policy.budget
        self._available = policy.budget

    @property
    def available(self) -> int:
        """The units that can be spent now."""
        return self._available

    def pay(self, cost: int) -> bool:
        """Take `cost` units for a retry, before its sleep; False, and nothing taken, if there are too few."""
        if cost > self._available:
            return False
        self._available -= cost
        return True

    def refund(self, cost: int) -> None:
        """Give back what a retry paid that was then never made."""
        self._available = min(self.capacity, self._available + cost)

    def succeeded(self, last_cost: int | None) -> None:
        """Book the success of a call.

        Args:
            last_cost: What the call's last retry paid; None if the first try succeeded, which earns one unit.
        """
        self.refund(1 if last_cost is None else last_cost)
