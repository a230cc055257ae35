"""What can go wrong between a client and the simulated cloud, as data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from random import Random
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias, get_args

import attrs

from novita_sdk.errors import APIConnectionError, APITimeoutError, TransportError
from novita_sdk.models.json_types import JSON
from novita_sdk.testing.journal import JournalEntry

FaultKind: TypeAlias = Literal[
    "refuse_connection",
    "dns_failure",
    "connect_timeout",
    "tls_cut",
    "bad_certificate",
    "pool_timeout",
    "reset_before_processing",
    "reset_after_processing",
    "lost_reply",
    "read_timeout",
    "hang",
    "truncated_body",
    "status",
    "latency",
    "malformed_json",
    "wrong_shape",
    "unknown_values",
    "oversized_body",
]


class Break(NamedTuple):
    """A fault that leaves the client without an answer, as the real transport would tell it.

    Attributes:
        processed: Whether the cloud carries the request out.
        limit: The timeout that ends the wait; empty for a failure at once.
        error: What is raised.
        phase: Where it broke.
        reached: False if the request certainly never arrived.
        text: What happened.
    """

    processed: bool
    limit: Literal["", "connect", "pool", "read", "attempt"]
    error: type[TransportError]
    phase: Literal["connect", "pool", "tls", "read", "protocol"]
    reached: Literal[False] | None
    text: str


BREAKS: Mapping[FaultKind, Break] = MappingProxyType(
    {
        "refuse_connection": Break(False, "", APIConnectionError, "connect", False, "connection refused"),
        "dns_failure": Break(False, "", APIConnectionError, "connect", False, "name not known"),
        "connect_timeout": Break(False, "connect", APITimeoutError, "connect", False, "connect timed out"),
        "tls_cut": Break(False, "", APIConnectionError, "tls", False, "connection cut in the TLS handshake"),
        "bad_certificate": Break(False, "", APIConnectionError, "tls", False, "certificate not valid"),
        "pool_timeout": Break(False, "pool", APITimeoutError, "pool", False, "no connection became free"),
        "reset_before_processing": Break(False, "", APIConnectionError, "read", None, "connection reset"),
        "reset_after_processing": Break(True, "", APIConnectionError, "read", None, "connection reset"),
        "lost_reply": Break(True, "read", APITimeoutError, "read", None, "read timed out"),
        "read_timeout": Break(False, "read", APITimeoutError, "read", None, "read timed out"),
        "hang": Break(False, "attempt", APITimeoutError, "read", None, "the answer never ended"),
        "truncated_body": Break(True, "", APIConnectionError, "protocol", None, "the answer was cut off"),
    }
)
"""The faults after which nothing usable arrives; after all others the client gets an answer."""

_DEFAULT_REASONS = {
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "RESOURCE_NOT_FOUND",
    429: "RATE_LIMIT_EXCEEDED",
}


@attrs.frozen
class Fault:
    """One thing that goes wrong, for requests chosen by operation and count.

    Attributes:
        kind: What happens. `status` answers `status` with `body` and `headers`; `latency` delays the answer;
            `truncated_body`, `malformed_json`, `wrong_shape`, `unknown_values` (unknown words and keys) and
            `oversized_body` (over 32 MiB) spoil it; `reset_...`, `lost_reply` (carried out, then silence),
            `read_timeout` (not carried out, silence) and `hang` (an answer that never ends) lose it; the rest
            never reaches the cloud.
        operation: The operations concerned, by name; None means all.
        when: A further condition on the request.
        after: How many such requests pass first.
        times: How many requests are hit; None means all from then on.
        probability: With which each of them is hit, drawn from the simulator's seed.
        seconds: Length of a `latency`; on sockets also the pause between two bytes of a `hang`.
        status: HTTP status of kind `status`.
        body: Its body: JSON, or bytes as they are; None gives the usual error body.
        headers: Its headers.
        processed: Whether the cloud carries the request out although it answers with `status`.
    """

    kind: FaultKind
    operation: str | Collection[str] | None = None
    when: Callable[[JournalEntry], bool] | None = attrs.field(default=None, kw_only=True)
    after: int = attrs.field(default=0, kw_only=True)
    times: int | None = attrs.field(default=1, kw_only=True)
    probability: float = attrs.field(default=1.0, kw_only=True)
    seconds: float = attrs.field(default=1.0, kw_only=True)
    status: int = attrs.field(default=500, kw_only=True)
    body: JSON = attrs.field(default=None, kw_only=True)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], kw_only=True)
    processed: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        known = get_args(FaultKind)
        if self.kind not in known:
            msg = f"kind={self.kind!r}: give one of {', '.join(known)}"
            raise ValueError(msg)
        if self.after < 0 or (self.times is not None and self.times < 1) or not 0 <= self.probability <= 1:
            msg = f"{self}: after >= 0, times >= 1 or None, probability from 0 to 1"
            raise ValueError(msg)

    @property
    def carried_out(self) -> bool:
        """Whether the cloud acts on the request."""
        if self.kind == "status":
            return self.processed
        return BREAKS[self.kind].processed if self.kind in BREAKS else True

    @property
    def answer(self) -> JSON:
        """The body of kind `status`."""
        if self.body is not None:
            return self.body
        reason = _DEFAULT_REASONS.get(self.status, "UNKNOWN" if self.status >= 500 else "REQUEST")
        return {"code": self.status, "reason": reason, "message": f"simulated {self.status}", "metadata": {}}

    def concerns(self, entry: JournalEntry) -> bool:
        """Tell whether the fault is about this request."""
        if self.operation is not None:
            names = (self.operation,) if isinstance(self.operation, str) else self.operation
            if entry.operation not in names:
                return False
        return self.when is None or self.when(entry)


def random_faults(
    rate: float, kinds: Collection[FaultKind] = tuple(BREAKS), operation: str | Collection[str] | None = None
) -> tuple[Fault, ...]:
    """Return endless faults that together hit about `rate` of all requests.

    Args:
        rate: From 0 to 1.
        kinds: What may happen, all equally likely.
        operation: The operations concerned; None means all.
    """
    return tuple(Fault(kind, operation, times=None, probability=rate / len(kinds)) for kind in kinds)


class _Armed:
    """A fault with its counts."""

    __slots__ = ("fault", "left", "seen")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = 0
        self.left = fault.times


class Faults:
    """The faults of a simulator, tried in the order in which they were added.

    Of several that fit a request the first acts and the others keep their turn; latencies add up and come on
    top.

    Args:
        rng: Draws for faults with a probability.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._armed: list[_Armed] = []

    def add(self, *faults: Fault) -> None:
        """Arm `faults`."""
        self._armed.extend(map(_Armed, faults))

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def pick(self, entry: JournalEntry) -> tuple[float, Fault | None]:
        """Choose what happens to a request: a delay in seconds, and a fault or None."""
        delay, chosen = 0.0, None
        for armed in self._armed:
            fault = armed.fault
            if armed.left == 0 or not fault.concerns(entry):
                continue
            armed.seen += 1
            if armed.seen <= fault.after or (fault.kind != "latency" and chosen is not None):
                continue
            if fault.probability < 1 and self._rng.random() >= fault.probability:
                continue
            if armed.left is not None:
                armed.left -= 1
            if fault.kind == "latency":
                delay += fault.seconds
            else:
                chosen = fault
        return delay, chosen
