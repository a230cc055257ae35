# Generated from novita_sdk/_async/layers/operation_id.py by tools/unasync.py; edit the source.
"""Layer 5: a call that changes something gets its identity before the first attempt."""

from __future__ import annotations

from collections.abc import Callable

from novita_sdk._core.codec import DecodeFailure, decode_json
from novita_sdk._core.http import Request, Response
from novita_sdk._core.marker import mark
from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.scalars import is_object
from novita_sdk._core.wire import encode_body, problem
from novita_sdk._sync.lookups import Lookups
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import ValidationError
from novita_sdk.models.json_types import JSON


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
        """Pass `request` on, with its identity.

        Raises:
            ValidationError: A middleware has left no body that could be sent.
        """
        context = request.context
        context.operation_id = context.operation_id or self._mint()
        if context.operation is None:
            return call_next(request)
        context.json = _body_of(request)
        settle = None if request.safety is not Safety.UNSAFE else context.operation.settle
        if settle is not None and settle.handle is not None:
            thing = mark(settle.handle.thing(context.json), context.operation_id, context.marker)
            context.json = settle.handle.body_of(thing)
            request = request.evolve(body=encode_body(context.json))
        elif settle is not None and settle.before and context.before is None:
            context.before = self._lookups.read_all(request, settle.looks, call_next, context.deadline)
        return call_next(request)

    def __str__(self) -> str:
        return "operation id: identity of writes, marker of creates"


def _body_of(request: Request) -> JSON:
    """Return the body of a listed write as the layers above have left it."""
    given = request.context.json
    if request.body == (None if given is None else encode_body(given)):
        return given
    try:
        body = decode_json(request.body or b"")
    except DecodeFailure:
        body = None
    if not is_object(body):
        message = "must stay a JSON object, whatever a middleware makes of it"
        raise ValidationError(problems=(problem("request.body", request.body, message),))
    return body
