# Generated from novita_sdk/_async/serverless/invoker.py by tools/unasync.py; edit the source.
"""Calls the applications behind endpoints, past the rate limit and the breaker of the API."""

from __future__ import annotations

from collections.abc import Mapping

from novita_sdk._core.answers import retry_after_of
from novita_sdk._core.call_options import cut
from novita_sdk._core.context import CallContext
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.families import secrets_of
from novita_sdk._core.http import Request, Response
from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.serverless.invocation import (
    CONNECT_TIMEOUT,
    OPERATION,
    REPEATED_STATUSES,
    Invocation,
    Target,
    address,
    refused,
)
from novita_sdk._core.unpacking import ENCODINGS, DamagedBody, Unpacker
from novita_sdk._sync.layers.retry import RetryMiddleware
from novita_sdk._sync.middleware import CallNext
from novita_sdk._sync.services import Services
from novita_sdk.errors import (
    APIConnectionError,
    ConfigurationError,
    DeadlineExceededError,
    NovitaError,
    ResponseDecodeError,
    SettingProblem,
)
from novita_sdk.models.invocation import InvokeResponse
from novita_sdk.options import RetryPolicy, Timeouts

_OK = 200
_FIRST_ERROR = 400


class Invoker:
    """Sends one call to an application, and repeats it as often as the caller allows.

    Args:
        services: The client's parts.
    """

    def __init__(self, services: Services) -> None:
        self._transport = services.transport
        self._clock = services.clock
        self._rng = services.rng
        self._settings = services.settings

    def send(
        self,
        target: Target,
        invocation: Invocation,
        *,
        began: float,
        trusted: bool,
        raise_for_status: bool,
    ) -> InvokeResponse:
        """Send a call and return the answer.

        Args:
            target: Where it goes.
            invocation: What is sent.
            began: Monotonic time from which the time for all of it counts.
            trusted: Whether the caller vouches for the address.
            raise_for_status: Whether an error status is an exception.

        Raises:
            ValidationError: The API key may not be sent to that address; nothing was sent.
            EndpointInvokeError: The application answered with an error.
            TransportError: It did not answer.
            ResponseDecodeError: The answer is too large, or packed in a way nobody asked for.
        """
        seconds = invocation.seconds(target.request_timeout)
        request = Request(
            OPERATION,
            OPERATION,
            invocation.method,
            address(target, invocation.path, trusted=trusted),
            self._with_key(invocation.headers),
            invocation.body,
            Timeouts(
                connect=min(CONNECT_TIMEOUT, seconds),
                read=seconds,
                write=seconds,
                pool=seconds,
                attempt=seconds,
                total=seconds,
            ),
            CallContext(
                safety=Safety.READ,  # whoever allows a repeat says that it does no harm
                started=began,
                deadline=Deadline.after(seconds, began),
                answer_limit=invocation.max_bytes + 1,
            ),
        )
        last: list[Response] = []
        policy = RetryPolicy(max_retries=invocation.retries)
        try:
            RetryMiddleware(policy, clock=self._clock, rng=self._rng)(request, self._judged(last))
            response = last[-1]
            content = _content(response, invocation.max_bytes)
        except NovitaError as error:
            error.operation = OPERATION
            error.resource_id = target.endpoint_id
            raise
        if response.status >= _FIRST_ERROR and raise_for_status:
            retry_after = retry_after_of(response.headers, self._clock.time())
            known = tuple(secrets_of(self._settings))
            raise refused(response.evolve(body=content), target.endpoint_id, retry_after, known)
        return InvokeResponse(
            status=response.status, headers=response.headers, content=content, elapsed=response.elapsed
        )

    def _judged(self, last: list[Response]) -> CallNext:
        """Return what sends once; the layer above sees success in all that must not be repeated."""

        def sent(request: Request) -> Response:
            left = request.context.deadline.left(self._clock.monotonic())
            if left <= 0:
                raise DeadlineExceededError(
                    "the time for the call is over", phase="pool", reached_server=False
                )
            response = self._transport.send(request.evolve(timeouts=cut(request.timeouts, left)))
            last.append(response)
            status = response.status if response.status in REPEATED_STATUSES else _OK
            return Response(status, response.headers, b"")

        return sent

    def _with_key(self, headers: Mapping[str, str]) -> dict[str, str]:
        key = self._settings.api_key
        if key is None:
            lacking = SettingProblem("NOVITA_API_KEY", "no key is set", "the key of your account")
            raise ConfigurationError(problems=(lacking,))
        return {**headers, "Authorization": f"Bearer {key.reveal()}"}


def _content(response: Response, most: int) -> bytes:
    """Return the body of an answer, unpacked."""
    body = response.body
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ENCODINGS and len(body) <= most:  # nobody asked for it, but some servers do it
        unpacker = Unpacker()
        try:
            body = unpacker.feed(body, most + 1)
            if len(body) <= most:
                unpacker.finish()
        except DamagedBody as error:
            raise APIConnectionError(
                f"the answer's packed body is damaged: {error}", phase="read", reached_server=True
            ) from error
    elif encoding not in ENCODINGS and encoding != "identity":
        raise ResponseDecodeError(
            f"the answer is packed as {encoding!r}, which was not asked for", path="$", status=response.status
        )
    if len(body) > most:
        raise ResponseDecodeError(
            f"the answer is larger than {most} bytes; give max_bytes=", path="$", status=response.status
        )
    return body
