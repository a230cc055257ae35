"""What the simulated cloud sends back, and what a client gets to see of it."""

from __future__ import annotations

import attrs

from novita_sdk._core.http import Headers, Response
from novita_sdk.errors import APITimeoutError, NovitaError, ResponseDecodeError
from novita_sdk.options import Timeouts
from novita_sdk.testing.corruption import BODY_LIMIT
from novita_sdk.testing.faults import BREAKS, Fault

_FOREVER = 86_400.0  # seconds after which even a client without timeouts is told that the connection broke


@attrs.frozen(kw_only=True)
class Reply:
    """An answer on its way: what it is, when it comes, and what breaks it."""

    status: int
    headers: Headers
    body: bytes = attrs.field(repr=False)
    delay: float
    fault: Fault | None


def seen_by_client(reply: Reply, timeouts: Timeouts) -> tuple[float, Response | NovitaError]:
    """Work out what a client with these timeouts experiences.

    Args:
        reply: What the cloud sends.
        timeouts: The limits of the attempt.

    Returns:
        The seconds it waits, and the answer it gets or the error it must raise then.
    """
    patience = _first(timeouts.read, timeouts.attempt)
    if reply.fault is not None and reply.fault.kind in BREAKS:
        broken = BREAKS[reply.fault.kind]
        waits = {
            "": reply.delay,
            "connect": _first(timeouts.connect),
            "pool": _first(timeouts.pool),
            "read": patience,
            "attempt": _first(timeouts.attempt),
        }
        error = broken.error(
            f"simulated: {broken.text}",
            phase=broken.phase,
            reached_server=broken.reached,
            retryable=reply.fault.kind != "bad_certificate",
        )
        return waits[broken.limit], error
    if reply.delay > patience:
        return patience, APITimeoutError("simulated: read timed out", phase="read", reached_server=None)
    if len(reply.body) > BODY_LIMIT:
        text = f"simulated: the answer is larger than {BODY_LIMIT} bytes"
        return reply.delay, ResponseDecodeError(text, path="$", status=reply.status)
    return reply.delay, Response(reply.status, reply.headers, reply.body, reply.delay)


def _first(*limits: float | None) -> float:
    return min((limit for limit in limits if limit is not None), default=_FOREVER)
