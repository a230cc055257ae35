"""Queries and bodies that follow from the operation table, and the rules between query parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from novita_sdk._core.arguments import Draft, argument_name
from novita_sdk._core.operations.operation import Operation
from novita_sdk.models.json_types import JSON

_MINUTE: Final = 60
_DAY: Final = 86_400


def _ordered(draft: Draft, start: str, end: str, *, least: int = 0, most: int | None = None) -> None:
    """Refuse a window that ends too soon after its start, or too late."""
    if draft[start] is None or draft[end] is None:
        return
    length = draft[end] - draft[start]
    if length < least:
        draft.refuse(end, draft[end], f"must be at least {least} seconds after {argument_name(start)}")
    elif most is not None and length > most:
        draft.refuse(end, draft[end], f"must be at most {most // _DAY} days after {argument_name(start)}")


def _time_window(draft: Draft) -> None:
    _ordered(draft, "startTime", "endTime")


def _metrics_window(draft: Draft) -> None:
    # The service answers a shorter window with its own defaults, without saying so.
    _ordered(draft, "startTime", "endTime", least=_MINUTE)


def _api_key_window(draft: Draft) -> None:
    _ordered(draft, "startTime", "endTime", most=(7 if draft["cycleType"] == "Hour" else 31) * _DAY)


def _transaction_window(draft: Draft) -> None:
    _ordered(draft, "transactionTimeStart", "transactionTimeEnd")


def _own_templates(draft: Draft) -> None:
    """The channel decides `isMyCommunity`, which the documentation asks for beside it."""
    if draft["isMyCommunity"] is None and draft["channel"] is not None:
        draft.place("isMyCommunity", draft["channel"] == "private")


_RULES: Final[Mapping[str, Callable[[Draft], None]]] = MappingProxyType(
    {
        "get_instance_metrics": _metrics_window,
        "list_jobs": _time_window,
        "query_internal_jobs": _time_window,
        "list_usage_bills": _time_window,
        "list_subscription_bills": _time_window,
        "list_api_key_bills": _api_key_window,
        "list_transactions": _transaction_window,
        "list_templates": _own_templates,
    }
)


def query_values(
    operation: Operation, values: Mapping[str, object], names: Mapping[str, str] | None = None
) -> dict[str, JSON]:
    """Turn arguments into the query of an operation, without page and page size.

    Args:
        operation: The operation's row.
        values: Python values by wire name; UNSET and None are left out.
        names: Python names of arguments that do not follow from the wire name.

    Returns:
        Wire values in table order.

    Raises:
        ValidationError: Something is wrong; `problems` lists everything.
    """
    paging = operation.paging
    page_keys = () if paging is None else (paging.page_key, paging.size_key)
    draft = Draft([field for field in operation.query if field.name not in page_keys], names)
    for wire_name, value in values.items():
        draft.put(wire_name, value)
    _RULES.get(operation.name, _no_rule)(draft)
    return draft.finish()


def _no_rule(_: Draft) -> None:
    return


def body_values(
    operation: Operation, values: Mapping[str, object], names: Mapping[str, str] | None = None
) -> dict[str, JSON]:
    """Turn arguments into the body of an operation that needs no builder of its own.

    Args:
        operation: The operation's row.
        values: Python values by wire name; UNSET and None are left out.
        names: Python names of arguments that do not follow from the wire name.

    Returns:
        The body.

    Raises:
        ValidationError: Something is wrong; `problems` lists everything.
    """
    draft = Draft(operation.body or (), names)
    for wire_name, value in values.items():
        draft.put(wire_name, value)
    return draft.finish()
