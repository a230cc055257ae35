"""The advice that goes with each error code."""

from __future__ import annotations

from typing import NamedTuple

_KEY_VARIABLE = {
    "public": "NOVITA_API_KEY",
    "internal": "NOVITA_INTERNAL_API_KEY",
    "gateway": "NOVITA_GATEWAY_API_KEY",
}
_URL_VARIABLE = {
    "public": "NOVITA_API_BASE_URL",
    "internal": "NOVITA_INTERNAL_API_BASE_URL",
    "gateway": "NOVITA_GATEWAY_BASE_URL",
}


class _Row(NamedTuple):
    code: str  # exact, or "*" and the end of a code
    text: str  # {key} and {url} become the family's environment variables
    operation: str | None = None  # only for this operation


_NO_NAME = "check the id (`find` tells the one of a name), and that the key belongs to its account"

# The first row that fits is taken.
_ROWS = (
    _Row("AUTHENTICATION_FAILED", "check the key in {key}"),
    _Row("ACCESS_FORBIDDEN", "check the permissions of the key in {key}"),
    _Row(
        "PRODUCT_NOT_FOUND",
        "check the name (`products.list()` shows them) and the region: is it offered there",
    ),
    _Row("*NOT_FOUND", "check product and region: is the product offered there", "create_endpoint"),
    _Row("SPEC_NOT_FOUND", "check the spec's name, and that its file is among those loaded"),
    *(
        _Row("*_NOT_FOUND", _NO_NAME, operation)
        for operation in (
            "get_instance",
            "start_instance",
            "stop_instance",
            "restart_instance",
            "delete_instance",
            "get_endpoint",
        )
    ),
    _Row("*_NOT_FOUND", "check the id, and that the key belongs to the account that owns it"),
    _Row("NETWORK_ERROR", "check the base URL ({url}), DNS, firewall and proxy"),
    _Row("REQUEST_TIMEOUT", "raise `request_timeout`, `total_timeout`, or the call's own timeouts"),
    _Row("DEADLINE_EXCEEDED", "raise `request_timeout`, `total_timeout`, or the call's own timeouts"),
    _Row("RATE_LIMIT_EXCEEDED", "lower `rate_limit`; several processes can share it through a store"),
    _Row(
        "RATE_LIMIT_QUEUE",
        "the client's own rate limit is full: make fewer calls at once, or allow them more time",
    ),
    _Row("CIRCUIT_BREAKER_OPEN", "wait until `retry_at`, or call with `wait_for_circuit=True`"),
    _Row("INSUFFICIENT_RESOURCE", "try another product or region, or wait with `products.watch_stock`"),
    _Row("NO_AVAILABLE_PRODUCTS", "try another product or region, or wait with `products.watch_stock`"),
    _Row("RESOURCE_CONSTRAINTS", "ask for more quota, or free some"),
    _Row("INSUFFICIENT_BALANCE", "top up the account's balance"),
    _Row("INVALID_STATE", "wait for a state that permits the action"),
    _Row("OUTCOME_UNKNOWN", "do not repeat it: call `.reconcile()`, or look by hand"),
    _Row("WAIT_TIMEOUT", "what was waited for may go on costing: wait again, or end it"),
    _Row("INVALID_RESPONSE", "report it, with the path and the correlation id"),
)


def hint_for(code: str, operation: str | None, family: str | None) -> str | None:
    """Find the advice for an error code.

    Args:
        code: The error's code.
        operation: The operation that failed, if known.
        family: The family it was sent to; the public one if unknown.

    Returns:
        One sentence naming variables and arguments, never a value; None if there is nothing to advise.
    """
    for row in _ROWS:
        fits = code.endswith(row.code[1:]) if row.code.startswith("*") else code == row.code
        if fits and row.operation in {None, operation}:
            key = _KEY_VARIABLE.get(family or "public", "NOVITA_API_KEY")
            url = _URL_VARIABLE.get(family or "public", "NOVITA_API_BASE_URL")
            return row.text.format(key=key, url=url)
    return None
