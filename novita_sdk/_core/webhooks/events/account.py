"""Events of the account as a whole: they name no instance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Unpack

from novita_sdk._core.webhooks.events.making import EventFields, EventMaker
from novita_sdk.models.json_types import JSON
from novita_sdk.models.money import Money
from novita_sdk.models.unset import UNSET
from novita_sdk.models.webhook_event import WebhookEvent


class AccountEvents(EventMaker):
    """What concerns the account."""

    def budget_warning(
        self,
        *,
        limit: Money,
        spent: Money,
        projected: Money,
        ratio: float | Decimal,
        window_start: datetime,
        instance_ids: Sequence[str],
        action: str,
        **fields: Unpack[EventFields],
    ) -> WebhookEvent:
        """Most of a budget is spent.

        Args:
            limit: The budget.
            spent: What of it is spent.
            projected: What will be spent by the end of its period, as things stand.
            ratio: Spent divided by limit.
            window_start: When its period began.
            instance_ids: The instances that cost money.
            action: What is done about it.
            **fields: The same for all kinds.
        """
        data = _budget(limit, spent, projected, ratio, window_start, instance_ids, action)
        return self._make("budget_warning", UNSET, fields, data=data)

    def budget_exceeded(
        self,
        *,
        limit: Money,
        spent: Money,
        projected: Money,
        ratio: float | Decimal,
        window_start: datetime,
        instance_ids: Sequence[str],
        action: str,
        **fields: Unpack[EventFields],
    ) -> WebhookEvent:
        """A budget is spent.

        Args:
            limit: The budget.
            spent: What of it is spent.
            projected: What will be spent by the end of its period, as things stand.
            ratio: Spent divided by limit.
            window_start: When its period began.
            instance_ids: The instances that cost money.
            action: What is done about it.
            **fields: The same for all kinds.
        """
        data = _budget(limit, spent, projected, ratio, window_start, instance_ids, action)
        return self._make("budget_exceeded", UNSET, fields, data=data)

    def low_balance(self, **fields: Unpack[EventFields]) -> WebhookEvent:
        """The balance will not last much longer."""
        return self._make("low_balance", UNSET, fields)


def _budget(
    limit: Money,
    spent: Money,
    projected: Money,
    ratio: float | Decimal,
    window_start: datetime,
    instance_ids: Sequence[str],
    action: str,
) -> dict[str, JSON]:
    return {
        "limit": limit,
        "spent": spent,
        "projected": projected,
        "currency": "USD",
        "ratio": ratio,
        "windowStart": window_start,
        "instanceIds": list(instance_ids),
        "action": action,
    }
