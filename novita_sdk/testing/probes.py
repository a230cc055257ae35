"""What a client that probes a simulated instance gets to see."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from novita_sdk._core.http import Headers, Request, Response
from novita_sdk.errors import APIConnectionError, APITimeoutError, NovitaError
from novita_sdk.testing.cloud.ports import PortAnswer, PortFailure
from novita_sdk.testing.simulator import Simulator

_USUAL_PORTS = {"http": 80, "https": 443}
_PAGE = b"simulated\n"


class _Broken(NamedTuple):
    """How a failure is told: where it broke, whether the other side was reached, what led to it."""

    phase: Literal["connect", "tls", "read"]
    reached: Literal[False] | None
    cause: OSError


_FAILURES: Mapping[PortFailure, _Broken] = MappingProxyType(
    {
        "refused": _Broken("connect", False, ConnectionRefusedError("simulated")),
        "reset": _Broken("read", None, ConnectionResetError("simulated")),
        "unreachable": _Broken("connect", False, OSError(errno.EHOSTUNREACH, "simulated")),
        "unknown_name": _Broken("connect", False, socket.gaierror(socket.EAI_NONAME, "simulated")),
        "bad_certificate": _Broken("tls", False, ssl.SSLCertVerificationError("simulated")),
    }
)


def page_seen_by_client(simulator: Simulator, request: Request) -> tuple[float, Response | NovitaError]:
    """Work out what comes of asking an instance for a page.

    Args:
        simulator: The cloud it runs in.
        request: The client's request.

    Returns:
        The seconds it takes, and the answer or the error to raise then.
    """
    target = urlsplit(request.url)
    answer = simulator.visit(
        target.hostname or "", target.port or _USUAL_PORTS[target.scheme], request.headers, page=True
    )
    limits = (request.timeouts.read, request.timeouts.attempt)
    patience = min((limit for limit in limits if limit is not None), default=float("inf"))
    delay, failure = _failure(answer, patience)
    if failure is not None:
        return delay, failure
    return delay, Response(answer.status, Headers({"content-type": "text/plain"}), _PAGE, delay)


def heard_by_client(answer: PortAnswer, read: int, timeout: float) -> tuple[float, bytes | NovitaError]:
    """Work out what comes of connecting to a port and listening.

    Args:
        answer: What the port does.
        read: How many bytes the client reads at most; 0 if it waits for none.
        timeout: Its patience in seconds.

    Returns:
        The seconds it takes, and the bytes or the error to raise then.
    """
    delay, failure = _failure(answer, timeout)
    if failure is not None:
        return delay, failure
    if read and not answer.greeting:
        return timeout, _timeout()
    return delay, answer.greeting[:read]


def _failure(answer: PortAnswer, patience: float) -> tuple[float, NovitaError | None]:
    if answer.failure == "silent" or answer.delay > patience:
        return patience, _timeout()
    if answer.failure is None:
        return answer.delay, None
    broken = _FAILURES[answer.failure]
    error = APIConnectionError(
        f"simulated: {answer.failure}", phase=broken.phase, reached_server=broken.reached
    )
    error.__cause__ = broken.cause
    return answer.delay, error


def _timeout() -> APITimeoutError:
    return APITimeoutError("simulated: no answer in time", phase="read", reached_server=None)
