# Generated from novita_sdk/_async/layers/attempt.py by tools/unasync.py; edit the source.
"""Layers 12 and 13: one attempt is numbered, observed, recorded and handed to the transport."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, cast

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.answers import outcome_of
from novita_sdk._core.call_options import cut
from novita_sdk._core.http import Request, Response
from novita_sdk._core.observer import Observer
from novita_sdk._core.outcome import outcome_of_error
from novita_sdk._sync.transport_protocol import Transport
from novita_sdk.errors import (
    APIConnectionError,
    APITimeoutError,
    Attempt,
    ClientClosedError,
    ConfigurationError,
    DeadlineExceededError,
    NovitaError,
    TransportError,
)

_LEAST_SEND: Final = 5.0  # seconds that an attempt may take, however little is then left for settling


class AttemptLayer:
    """The innermost layer: everything above it decides, the transport below it acts.

    Args:
        transport: What does the I/O.
        clock: Where the time comes from.
        observer: Who is told.
    """

    def __init__(self, transport: Transport, clock: Clock, observer: Observer) -> None:
        self._transport = transport
        self._clock = clock
        self._observer = observer
        self._closed = False

    def close(self) -> None:
        """Send nothing any more, whoever sleeps between two attempts."""
        self._closed = True

    def __call__(self, request: Request) -> Response:
        """Send `request` once.

        Raises:
            StateStoreError: What has to be written down before could not be; nothing was sent.
        """
        if self._closed:
            raise ClientClosedError("the client was closed between two requests of the call")
        context = request.context
        if context.before_send is not None:
            cast("None", context.before_send())
        started = self._clock.monotonic()
        request = self._limited(request, started)
        context.sends += 1
        number = context.sends
        if number > 1:
            request = request.evolve(headers={**request.headers, "X-Retry-Count": str(number - 1)})
        self._observer.attempt_started(request, number)
        try:
            response = self._send(request, started)
        except BaseException as error:
            self._ended(request, number, None, error, started)
            raise
        context.answered = response if response.status < 300 else None
        self._ended(request, number, response, None, started)
        return response

    def _ended(
        self,
        request: Request,
        number: int,
        response: Response | None,
        failure: BaseException | None,
        started: float,
    ) -> None:
        context = request.context
        elapsed = self._clock.monotonic() - started
        if not context.lookup:
            context.attempts.append(self._record(request, number, response, failure, elapsed))
        self._observer.attempt_ended(request, number, response, failure, elapsed)
        context.waited_bucket = context.waited_retry = 0.0

    def _send(self, request: Request, started: float) -> Response:
        try:
            return self._transport.send(request)
        except DeadlineExceededError:
            raise
        except APITimeoutError as error:
            if request.context.deadline.expired(self._clock.monotonic()):
                raise DeadlineExceededError(
                    f"the call's deadline ended the attempt after {self._clock.monotonic() - started:.2f} s",
                    phase=error.phase,
                    reached_server=error.reached_server,
                ) from error
            raise
        except NovitaError:
            raise
        except Exception as error:
            raise APIConnectionError(
                f"the transport raised {type(error).__name__}", phase="protocol", reached_server=None
            ) from error

    def _limited(self, request: Request, now: float) -> Request:
        """Cut the timeouts to what is left of the call."""
        deadline, reserved = request.context.deadline, request.context.reserved
        timeouts = request.timeouts
        if deadline.at is None or (
            timeouts.attempt is not None and deadline.at - reserved - now >= timeouts.attempt
        ):
            return request
        if deadline.expired(now):
            raise DeadlineExceededError(
                "no time was left for another attempt", phase="connect", reached_server=False
            )
        left = deadline.left(now)
        return request.evolve(timeouts=cut(timeouts, max(left - reserved, min(left, _LEAST_SEND))))

    def _record(
        self,
        request: Request,
        number: int,
        response: Response | None,
        failure: BaseException | None,
        elapsed: float,
    ) -> Attempt:
        if response is not None:
            outcome = outcome_of(response).value
        elif isinstance(failure, NovitaError):
            outcome = outcome_of_error(failure).value
        else:
            outcome = type(failure).__name__
        return Attempt(
            number=number,
            started_at=datetime.fromtimestamp(self._clock.time() - elapsed, UTC),
            elapsed=elapsed,
            outcome=outcome,
            status=None if response is None else response.status,
            request_id=None if response is None else response.headers.get("x-request-id"),
            waited_bucket=request.context.waited_bucket,
            waited_retry=request.context.waited_retry,
            sent=_may_have_been_sent(failure),
        )

    def __str__(self) -> str:
        return f"log, attempt events, {self._transport!r}"


def _may_have_been_sent(failure: BaseException | None) -> bool:
    if isinstance(failure, TransportError):
        return failure.reached_server is not False
    return not isinstance(failure, ConfigurationError | ClientClosedError)
