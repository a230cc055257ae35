# Generated from novita_sdk/_async/layers/operation_id.py by tools/unasync.py; edit the source.
"""Layer 5: a call that changes something gets its identity before the first attempt."""

from __future__ import annotations

from collections.abc import Callable

from novita_sdk._core.http import Request, Response
from novita_sdk._core.marker import mark
from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.wire import encode_body
from novita_sdk._sync.lookups import Lookups
from novita_sdk._sync.middleware import CallNext


class OperationIdLayer:
    """Mints operation id and marker, freezes the body, and takes the snapshot that settling compares with.

    Args:
        mint: Returns a new operation id.
        lookups: How the snapshot is read.
    """

    def __init__(self, mint: Callable[[], str], lookups: Lookups) -> None:
        self._mint = mint
        self._lookups = lookups

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        """Pass `request` on; one that changes something with its identity."""
        if request.safety is Safety.READ:
            return call_next(request)
        context = request.context
        context.operation_id = context.operation_id or self._mint()
        settle = None if context.operation is None else context.operation.settle
        if request.safety is not Safety.UNSAFE:
            return call_next(request)
        if settle is not None and settle.kind == "marker":
            context.json = mark(context.json, context.operation_id)
            request = request.evolve(body=encode_body(context.json))
        elif settle is not None and settle.before:
            context.before = self._lookups.read_all(request, settle.looks, call_next, context.deadline)
        return call_next(request)

    def __str__(self) -> str:
        return "operation id: identity of writes, marker of creates"
