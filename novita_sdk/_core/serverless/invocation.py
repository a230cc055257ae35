"""Requests to the applications behind endpoints: where they may go, what they carry, what is repeated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, NamedTuple
from urllib.parse import quote

from novita_sdk._core.durations import positive_seconds
from novita_sdk._core.errormap import BODY_KEPT, kept_headers
from novita_sdk._core.header_rules import check_headers
from novita_sdk._core.http import Response
from novita_sdk._core.narrowing import is_whole_number
from novita_sdk._core.redact import redact_body, redact_text
from novita_sdk._core.wire import check_method, check_path, encode_body, encode_query, problem
from novita_sdk._version import __version__
from novita_sdk.errors import EndpointInvokeError, EndpointNotReadyError, Problem, ValidationError
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.json_types import JSON
from novita_sdk.models.unset import UNSET, Unset

OPERATION: Final = "invoke"
"""How errors and the simulator's journal call such a request."""

CONNECT_TIMEOUT: Final = 10.0
"""Seconds for connecting."""

REMEMBERED: Final = 300.0
"""Seconds for which the address of an endpoint is remembered, as long as nothing goes wrong there."""

REPEATED_STATUSES: Final = frozenset({408, 429, 502, 503, 504})
"""Answers after which a repeat may help, if the caller allows one."""

_GRACE: Final = 30.0
_UNKNOWN_REQUEST_TIMEOUT: Final = 3600.0
_MOST_RETRIES: Final = 10
_RESERVED: Final = frozenset(
    {"authorization", "host", "content-length", "accept-encoding", "transfer-encoding", "connection"}
)
_PATH: Final = r"(?:/[!\"$->@-\[\]-~]*)?"  # all that is printed but backslash, question mark and number sign
_OWN_ADDRESS: Final = re.compile(
    rf"https://(?:[a-z0-9-]+\.)*novita\.ai(?::[0-9]{{1,5}})?{_PATH}", re.IGNORECASE
)
_ANY_ADDRESS: Final = re.compile(
    rf"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{{1,5}})?{_PATH}", re.IGNORECASE
)


class Invocation(NamedTuple):
    """What is sent, but for where it goes.

    Attributes:
        method: The HTTP method.
        path: The path, with its query.
        headers: The headers, without the key.
        body: The bytes of the body, None for no body.
        timeout: Seconds for everything, None for what the endpoint allows.
        retries: How many repeats are allowed.
        max_bytes: How much of an answer is read.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float | None
    retries: int
    max_bytes: int

    def seconds(self, request_timeout: int | None) -> float:
        """Return how long all of it may take.

        Args:
            request_timeout: What the endpoint allows for a request, if that is known.
        """
        if self.timeout is not None:
            return self.timeout
        return (request_timeout or _UNKNOWN_REQUEST_TIMEOUT) + _GRACE


class Target(NamedTuple):
    """Where the application of an endpoint is reached.

    Attributes:
        endpoint_id: The endpoint.
        url: Its address.
        request_timeout: Seconds it allows for a request, if that is known.
    """

    endpoint_id: str
    url: str
    request_timeout: int | None


class KnownTargets:
    """The addresses of endpoints that were called a moment ago, so that not every call has to ask for one."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Target, float]] = {}

    def find(self, endpoint_id: str, now: float) -> Target | None:
        """Return the address of an endpoint, None if it has to be asked for."""
        target, until = self._known.get(endpoint_id, (None, 0.0))
        return target if until > now else None

    def add(self, target: Target, now: float) -> None:
        """Remember an address."""
        self._known[target.endpoint_id] = (target, now + REMEMBERED)

    def forget(self, endpoint_id: str) -> None:
        """Forget an address at which something went wrong."""
        self._known.pop(endpoint_id, None)


def invocation(
    path: str,
    *,
    method: str,
    json: JSON | Unset,
    content: bytes | str | None,
    headers: Mapping[str, str] | None,
    params: Mapping[str, object] | None,
    timeout: float | timedelta | None,
    retries: int,
    max_bytes: int,
) -> Invocation:
    """Check the arguments of a call and make what is sent of them.

    Raises:
        ValidationError: Some of them are wrong.
    """
    problems: list[Problem] = []
    if json is not UNSET and content is not None:
        problems.append(problem("content", content, "give json or content, not both", secret=True))
    if content is not None and not isinstance(content, bytes | str):  # pyright: ignore[reportUnnecessaryIsInstance]
        problems.append(problem("content", content, "must be bytes or text", secret=True))
    seconds = positive_seconds(timeout)
    if timeout is not None and seconds is None:
        problems.append(problem("timeout", timeout, "must be seconds above 0, a timedelta or None"))
    if not is_whole_number(retries) or not 0 <= retries <= _MOST_RETRIES:
        problems.append(problem("retries", retries, f"must be a whole number from 0 to {_MOST_RETRIES}"))
    if not is_whole_number(max_bytes) or max_bytes < 1:
        problems.append(problem("max_bytes", max_bytes, "must be a whole number above 0"))
    problems.extend(check_headers(headers or {}, reserved=_RESERVED))
    if problems:
        raise ValidationError(problems=tuple(problems))
    body = content.encode() if isinstance(content, str) else content
    sent = {"User-Agent": f"novita-gpu-sdk/{__version__}", "Accept": "*/*"}
    if json is not UNSET:
        body = encode_body(json)
        sent["Content-Type"] = "application/json"
    given = {name.lower() for name in headers or {}}
    sent = {name: value for name, value in sent.items() if name.lower() not in given} | dict(headers or {})
    query = encode_query((params or {}).items())
    return Invocation(
        method=check_method(method),
        path=quote(check_path(path), safe="/%:@!$&'()*+,;=~-._") + (f"?{query}" if query else ""),
        headers=sent,
        body=body,
        timeout=seconds,
        retries=retries,
        max_bytes=max_bytes,
    )


def target_of(endpoint: Endpoint) -> Target:
    """Return where the application of an endpoint is reached.

    Raises:
        EndpointNotReadyError: The endpoint has no address yet.
    """
    if not endpoint.url:
        raise EndpointNotReadyError(
            f"endpoint {endpoint.id} has no address yet; give wait_ready=True to wait for it",
            resource_id=endpoint.id,
            operation=OPERATION,
            action=OPERATION,
            current_status=str(endpoint.state.state),
        )
    config = endpoint.worker_config
    return Target(endpoint.id, endpoint.url, None if config is None else config.request_timeout)


def seconds_for(call: Invocation, endpoint: Endpoint) -> float:
    """Return how long all of a call may take."""
    config = endpoint.worker_config
    return call.seconds(None if config is None else config.request_timeout)


def address(target: Target, path: str, *, trusted: bool) -> str:
    """Return the whole URL of a call.

    Args:
        target: Where it goes.
        path: The path and query.
        trusted: Whether the caller vouches for the address.

    Raises:
        ValidationError: The API key may not be sent there.
    """
    allowed = _ANY_ADDRESS if trusted else _OWN_ADDRESS
    if not allowed.fullmatch(target.url):
        message = (
            "must be an address with http or https, a host and a path, and nothing else"
            if trusted
            else "is no https address under novita.ai, so the API key is not sent there; give trust_url=True "
            "if you know this address"
        )
        raise ValidationError(problems=(problem("url", target.url, message),))
    return target.url.rstrip("/") + path


def refused(
    response: Response, endpoint_id: str, retry_after: float | None, secrets: tuple[str, ...]
) -> EndpointInvokeError:
    """Return the error for an answer of the application that is one.

    Args:
        response: The answer.
        endpoint_id: The endpoint.
        retry_after: Seconds the answer asks to wait.
        secrets: What must not be shown.
    """

    def clean(text: str) -> str:
        return redact_text(text, secrets)

    shown = redact_body(response.body.decode("utf-8", "replace"), clean)[:BODY_KEPT]
    return EndpointInvokeError(
        f"the application of endpoint {endpoint_id} answered {response.status}",
        status=response.status,
        resource_id=endpoint_id,
        operation=OPERATION,
        headers=kept_headers(response.headers, clean),
        body=shown,
        retry_after=retry_after,
        request_id=response.headers.get("X-Request-ID"),
    )
