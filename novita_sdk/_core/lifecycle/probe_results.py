"""What came of a probe: up, not yet, or which kind of failure."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal, NamedTuple, TypeAlias

import attrs

from novita_sdk.errors import APITimeoutError, TransportError

ProbeKind: TypeAlias = Literal["http", "tcp", "ssh", "custom"]
"""How a probe asks."""

ProbeCategory: TypeAlias = Literal[
    "timeout",
    "connection_refused",
    "connection_reset",
    "network_unreachable",
    "bad_gateway",
    "service_unavailable",
    "server_error",
    "dns_resolution_failed",
    "client_error",
    "ssl_error",
    "invalid_response",
    "unknown",
]
"""Why a probe failed."""

PASSING: Final[frozenset[ProbeCategory]] = frozenset(
    {
        *("timeout", "connection_refused", "connection_reset", "network_unreachable"),
        *("bad_gateway", "service_unavailable", "server_error", "dns_resolution_failed"),
    }
)
"""Failures that time may mend; after the others a further try is not promising."""

SSH_GREETING_LIMIT: Final = 1024
"""Bytes within which an SSH server must have greeted."""

_SHORTEST_GRACE: Final = 0.001  # seconds; what is left by the rounding of clocks is no grace

_UNREACHABLE: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})

# class of an exception, by name (importing them here would load what does I/O) -> category
_BY_CLASS: Final[tuple[tuple[str, ProbeCategory], ...]] = (
    ("TimeoutError", "timeout"),
    ("gaierror", "dns_resolution_failed"),
    ("SSLError", "ssl_error"),
    ("ConnectionRefusedError", "connection_refused"),
    ("ConnectionResetError", "connection_reset"),
    ("ConnectionAbortedError", "connection_reset"),
    ("BrokenPipeError", "connection_reset"),
)

# phase of a TransportError whose cause tells nothing -> category
_BY_PHASE: Final[dict[str, ProbeCategory]] = {
    "connect": "network_unreachable",
    "tls": "ssl_error",
    "send": "connection_reset",
    "read": "connection_reset",
    "protocol": "connection_reset",  # hung up without a word: nobody serves behind it yet
}

_BY_STATUS: Final[dict[int, ProbeCategory]] = {
    502: "bad_gateway",
    503: "service_unavailable",
    504: "bad_gateway",
}


class Failure(NamedTuple):
    """Why something is not up.

    Attributes:
        category: The kind of failure; None if it was too early to ask.
        detail: The same in words, without any secret.
        status: The HTTP status that was not the right one, if one was answered.
    """

    category: ProbeCategory | None
    detail: str
    status: int | None = None


@attrs.frozen(kw_only=True)
class ProbeResult:
    """What came of one probe.

    Attributes:
        kind: `http`, `tcp`, `ssh` or `custom`.
        port: Port inside the container, if it was about one.
        address: Where it was asked, without user and query.
        passed: Whether it is up.
        category: Why not: `timeout`, `connection_refused`, `connection_reset`, `network_unreachable`, `bad_gateway`,
            `service_unavailable`, `server_error`, `dns_resolution_failed`, `client_error`, `ssl_error`,
            `invalid_response` or `unknown`; None if it is up, or if it was too early to ask.
        detail: The same in words.
        status: The HTTP status that was not the right one, if one was answered.
        elapsed: Seconds until the answer; 0 if there was none.
        tries: How often it was asked.
        at: When it was asked last.
    """

    kind: ProbeKind
    port: int | None
    address: str
    passed: bool
    at: datetime
    category: ProbeCategory | None = None
    detail: str = ""
    status: int | None = None
    elapsed: float = 0.0
    tries: int = 1

    def __str__(self) -> str:
        where = f"{self.kind} {self.port}" if self.port is not None else self.kind
        if self.passed:
            return f"{where}: up"
        return f"{where}: {self.category or 'not yet'}" + (f" ({self.detail})" if self.detail else "")


FatalReason: TypeAlias = Literal["invalid_response", "port_not_mapped"]
"""Why no later round can pass."""


@attrs.frozen(kw_only=True)
class ProbeRound:
    """One round: all probes of an instance at once.

    Attributes:
        passed: Whether the instance can be used.
        results: What came of each probe; empty if there is nothing to ask.
        fatal: Why no later round can pass; None if one may.
        message: What is wrong, in words; empty if all is well.
        decided_in: Seconds after which a port that is not exposed yet counts as missing for good; None if none is.
    """

    passed: bool
    results: tuple[ProbeResult, ...]
    fatal: FatalReason | None = None
    message: str = ""
    decided_in: float | None = None

    @property
    def skipped(self) -> bool:
        """Whether it is ready because there is nothing to ask."""
        return self.passed and not self.results


def judge_round(results: tuple[ProbeResult, ...], missing: str, port_grace: float) -> ProbeRound:
    """Put the results of a round together.

    Args:
        results: What came of each probe.
        missing: What a probe wants and the instance does not expose, in words; empty if all is there.
        port_grace: Seconds for which that may still come.
    """
    unusable = next((result for result in results if result.category == "invalid_response"), None)
    if unusable is not None:
        return ProbeRound(passed=False, results=results, fatal="invalid_response", message=str(unusable))
    if missing:
        over = port_grace < _SHORTEST_GRACE
        return ProbeRound(
            passed=False,
            results=results,
            fatal="port_not_mapped" if over else None,
            message=missing,
            decided_in=None if over else port_grace,
        )
    failed = [str(result) for result in results if not result.passed]
    return ProbeRound(passed=not failed, results=results, message="; ".join(failed))


def judge_status(status: int, expect: frozenset[int] | None) -> Failure | None:
    """Return what an HTTP status says; None means up.

    Args:
        status: The status.
        expect: What counts as up; None for 200 to 399, and 401: who asks for a password is there.
    """
    if status in expect if expect is not None else 200 <= status <= 399 or status == 401:
        return None
    category = _BY_STATUS.get(status)
    if category is None:
        category = "server_error" if status >= 500 else "client_error" if status >= 400 else "unknown"
    return Failure(category, f"answered {status}", status)


def judge_greeting(received: bytes) -> bool | None:
    """Tell whether an SSH server greeted: a line that begins with `SSH-`, perhaps after others.

    Args:
        received: What has arrived so far.

    Returns:
        True or False once it is certain, None if more must be read.
    """
    if any(line.startswith(b"SSH-") for line in received[:SSH_GREETING_LIMIT].split(b"\n")):
        return True
    return False if len(received) >= SSH_GREETING_LIMIT else None


NO_GREETING: Final = Failure("unknown", "no SSH server greeted")


def failure_of(error: Exception) -> Failure:
    """Return what an exception says.

    Args:
        error: What a transport, a socket or the user's function raised.
    """
    category = category_of(error)
    return Failure(category, f"{type(error).__name__}" if category == "unknown" else _WORDS[category])


def category_of(error: Exception) -> ProbeCategory:
    """Return the kind of failure that an exception stands for, by what led to it."""
    if isinstance(error, APITimeoutError):
        return "timeout"
    for cause in _causes(error):
        names = {kind.__name__ for kind in type(cause).__mro__}
        for name, category in _BY_CLASS:
            if name in names:
                return category
        if isinstance(cause, OSError) and cause.errno in _UNREACHABLE:
            return "network_unreachable"
    if isinstance(error, TransportError):
        return _BY_PHASE.get(str(error.phase), "unknown")
    return "unknown"


_WORDS: Final[dict[ProbeCategory, str]] = {
    "timeout": "no answer in time",
    "connection_refused": "connection refused",
    "connection_reset": "the connection broke",
    "network_unreachable": "cannot be reached",
    "dns_resolution_failed": "its name has no address",
    "ssl_error": "the TLS handshake failed",
}


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from an exception to what led to it, through groups of several."""
    left, seen = [error], set[int]()
    while left:
        cause = left.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            left.extend(cause.exceptions)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        reason = (
            cause.__cause__ or cause.__context__
        )  # the latter even if it is suppressed: libraries do that
        if reason is not None:
            left.append(reason)
