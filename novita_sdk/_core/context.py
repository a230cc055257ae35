"""What the layers of the pipeline know of the call they work for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from novita_sdk._core.deadline import Deadline
from novita_sdk._core.marker import Marker
from novita_sdk._core.operations.operation import Operation, Safety
from novita_sdk.errors import Attempt
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._core.http import Response
    from novita_sdk._core.settling import Sight

_NO_OPTIONS = CallOptions()
_NO_DEADLINE = Deadline()


@attrs.define(eq=False, kw_only=True)
class CallContext:
    """The state of one logical call, shared by all its attempts. Layers may write to it; user code reads.

    Attributes:
        operation: The row of the operation table, or None outside a client.
        safety: Whether the call may be sent again after an unclear outcome.
        correlation_id: Equal on all attempts, re-reads and settling look-ups of the call.
        options: The caller's `CallOptions`.
        started: The clock's monotonic reading when the call was made.
        deadline: The monotonic instant at which the call ends.
        query: The query as given, before encoding.
        json: The body as given, before encoding, or None.
        attempts: One record for each attempt that ended.
        sends: How many attempts have begun; the next one's `X-Retry-Count`.
        waited_bucket: Seconds the current attempt waited for its token.
        waited_retry: Seconds slept before the current attempt.
        retry_stopped: Why no further retry was made.
        before: What the settling looks saw before the first sending.
        first_sent_at: Wall time at which the first attempt of a write began, seconds since 1970.
        missing_ok: Whether a delete of something that does not exist is a success.
        doubtful: Whether an earlier attempt may have been carried out.
        body: What is sent instead, once a re-read has narrowed the call to what is left of it.
        answered: The last success, until the layers above have read it.
        operation_id: Identity of a call that must not happen twice; of a create also its marker.
        marker: Where a create leaves its mark.
        settle_window: Seconds for which an unclear outcome is looked for; None for the operation's own.
        reserved: Seconds at the end of the call that an attempt leaves free for settling.
        before_send: Called (in the asynchronous colour, awaited) right before each attempt of a write; what it
            raises keeps the request from being sent.
        earlier_sends: Sends of the same operation by a call before this one.
        discarded: Ids of what the same operation made before and deleted on purpose.
        resource_id: The resource the call is about, once known.
        settled: Whether the outcome was read back instead of answered.
        adopted: Whether a created resource was found by its marker.
        cached: Whether the answer came from the cache.
        forget: Takes the answer out of the cache, should it prove unreadable; None without a cache.
        lookup: Whether this is a re-read or a settling look-up of another call.
        notes: What a middleware wants to hand to another one.
        connect_to: The address to connect to in place of the URL's host, whose name still stands in `Host` and
            in the TLS handshake. The connection serves this one request, and goes through no proxy.
        answer_limit: How many bytes of the answer are read, packed as they are; None for all of it, unpacked.
    """

    operation: Operation | None = None
    safety: Safety | None = None
    correlation_id: str = ""
    options: CallOptions = _NO_OPTIONS
    started: float = 0.0
    deadline: Deadline = _NO_DEADLINE
    query: Mapping[str, JSON] | None = None
    json: JSON = None
    attempts: list[Attempt] = attrs.field(factory=list[Attempt])
    sends: int = 0
    waited_bucket: float = 0.0
    waited_retry: float = 0.0
    retry_stopped: str | None = None
    before: Sequence[Sight] | None = None
    first_sent_at: float | None = None
    missing_ok: bool = False
    doubtful: bool = False
    body: bytes | None = None
    answered: Response | None = None
    operation_id: str | None = None
    marker: Marker = "env"
    settle_window: float | None = None
    reserved: float = 0.0
    before_send: Callable[[], object] | None = None
    earlier_sends: int = 0
    discarded: tuple[str, ...] = ()
    resource_id: str | None = None
    settled: bool = False
    adopted: bool = False
    cached: bool = False
    forget: Callable[[], None] | None = None
    lookup: bool = False
    notes: dict[str, object] = attrs.field(factory=dict[str, object])
    connect_to: str | None = None
    answer_limit: int | None = None

    def for_lookup(self, operation: Operation, deadline: Deadline) -> CallContext:
        """Return the context of a re-read or settling look-up made on behalf of this call."""
        return CallContext(
            operation=operation,
            safety=operation.safety,
            correlation_id=self.correlation_id,
            options=CallOptions(headers=self.options.headers, timeout=self.options.timeout),
            started=self.started,
            deadline=deadline,
            lookup=True,
        )
