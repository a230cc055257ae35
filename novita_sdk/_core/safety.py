"""Which safety class a call has, where its operation's row alone does not say it."""

from __future__ import annotations

from collections.abc import Mapping

from novita_sdk._core.operations.operation import Operation, Safety
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError

_HARMLESS_METHODS = frozenset({"GET", "HEAD"})


def safety_of(operation: Operation, body: Mapping[str, object] | None) -> Safety:
    """Return the safety class of one call.

    Args:
        operation: The operation's row.
        body: The body that will be sent. An increment in it, such as `expandRootDisk`, makes the call UNSAFE:
            sent twice it would add twice.
    """
    if operation.unsafe_key is not None and body is not None and body.get(operation.unsafe_key):
        return Safety.UNSAFE
    return operation.safety


def safety_of_request(method: str, safety: str | None) -> Safety:
    """Return the safety class of an unlisted operation called through `client.request`.

    Args:
        method: HTTP method.
        safety: What the caller vouches for: "read", "idempotent" or "unsafe"; None = GET and HEAD are READ,
            all else is UNSAFE.

    Raises:
        ValidationError: `safety` is another word.
    """
    if safety is None:
        return Safety.READ if method.upper() in _HARMLESS_METHODS else Safety.UNSAFE
    for known in Safety:
        if safety == known.value:
            return known
    message = "must be 'read', 'idempotent', 'unsafe' or None"
    raise ValidationError(problems=(problem("safety", safety, message),))
