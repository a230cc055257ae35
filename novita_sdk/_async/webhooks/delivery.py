"""One attempt to deliver a message: guard the address, sign, send, and tell what came of it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

import attrs

from novita_sdk._async.transport_protocol import AsyncTransport
from novita_sdk._concurrency.aio import Lock, limited
from novita_sdk._concurrency.aio_sockets import resolve
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._concurrency.process import once_per_process
from novita_sdk._core.answers import retry_after_of
from novita_sdk._core.breaker import Breaker, Permit, Refusal
from novita_sdk._core.context import CallContext
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.http import Request, Response
from novita_sdk._core.ratelimit import Waiter
from novita_sdk._core.webhooks.addresses import check_addresses
from novita_sdk._core.webhooks.delivery import LARGEST_ANSWER, Failure, Outcome
from novita_sdk._core.webhooks.delivery_stats import DeliveryTally
from novita_sdk._core.webhooks.destination import Destination, Destinations
from novita_sdk._core.webhooks.host_gate import HostGate, host_breaker
from novita_sdk._core.webhooks.message_ids import message_id_from
from novita_sdk._core.webhooks.request_headers import request_headers
from novita_sdk._core.webhooks.secret import warn_of_a_weak_secret
from novita_sdk._version import __version__
from novita_sdk.errors import (
    APITimeoutError,
    ClientClosedError,
    ConfigurationError,
    NovitaError,
    TargetRefusedError,
    TransportError,
)
from novita_sdk.options import RateLimit, Timeouts

_FAMILY = "webhook"
_MOST_ADDRESSES = 4  # of a host that are tried in one attempt


@runtime_checkable
class AsyncResolvingTransport(Protocol):
    """What a transport may do besides: look up names by itself, as a fake of the network does."""

    async def resolve(self, host: str, port: int, timeout: float) -> tuple[str, ...]:  # noqa: ASYNC109
        """Return the addresses of a host."""
        ...


@attrs.frozen(kw_only=True)
class Attempted:
    """What came of an attempt.

    Attributes:
        outcome: The status of the answer, or why there is none.
        retry_after: Seconds the receiver asked to wait.
        cause: The error, if there was no answer.
    """

    outcome: Outcome
    retry_after: float | None = None
    cause: Exception | None = None

    @property
    def words(self) -> str:
        """The outcome for people."""
        if not isinstance(self.outcome, Failure):
            return f"status {self.outcome}"
        return self.outcome.value if self.outcome is not Failure.REFUSED else str(self.cause)


class AsyncDelivery:
    """Makes attempts, and keeps what stands before each host.

    Args:
        transport: Gives what does the I/O, at the first attempt.
        clock: Where the time comes from.
        tally: Counts attempts.
    """

    def __init__(
        self, transport: Callable[[], AsyncTransport], clock: AsyncClock, tally: DeliveryTally
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._tally = tally
        self._lock = Lock()
        self._breakers: dict[str, Breaker] = {}
        self._gates: dict[tuple[str, RateLimit | None], HostGate] = {}
        self.destinations = Destinations(now=clock.time, new_id=new_message_id)

    def ask(self, destination: Destination, timeout: float) -> Permit | Refusal:
        """Ask for leave to send a message to a host."""
        with self._lock:
            return self._gate(destination).ask(self._clock.monotonic(), timeout)

    def take_token(self, destination: Destination) -> Waiter | float | None:
        """Take a token for one request; see `HostGate.take_token`."""
        with self._lock:
            return self._gate(destination).take_token(self._clock.monotonic())

    def give_back(self, destination: Destination, permit: Permit, token: Waiter | None) -> None:
        """Return a leave and a token with which nothing was sent."""
        now = self._clock.monotonic()
        with self._lock:
            gate = self._gate(destination)
            gate.report(permit, None, now)
            if token is not None:
                gate.give_back(token, now)

    async def attempt(
        self,
        destination: Destination,
        permit: Permit,
        *,
        message_id: str,
        body: bytes,
        timeout: float,  # noqa: ASYNC109 - a part of it bounds each step
    ) -> Attempted:
        """Make one attempt, and report it to the breaker.

        Args:
            destination: Where to.
            permit: What `ask` gave.
            message_id: The message's id.
            body: Its bytes.
            timeout: The limit of all of it, in seconds.

        Raises:
            ClientClosedError: The transport is closed.
            ConfigurationError: The transport cannot work as it is set up.
        """
        if any(secret.is_weak for secret in destination.signer.secrets):
            once_per_process(warn_of_a_weak_secret)
        started = self._clock.monotonic()
        outcome: Outcome | None = None
        self._tally.begun(destination)
        try:
            attempted = await self._judged(destination, message_id, body, timeout)
            outcome = attempted.outcome
            return attempted
        finally:
            now = self._clock.monotonic()
            self._tally.ended(destination, outcome, now - started, self._clock.time())
            with self._lock:
                self._gate(destination).report(permit, outcome, now)

    async def _judged(
        self,
        destination: Destination,
        message_id: str,
        body: bytes,
        timeout: float,  # noqa: ASYNC109
    ) -> Attempted:
        try:
            with limited(self._clock, timeout):
                response = await self._send(destination, message_id, body, timeout)
        except (ClientClosedError, ConfigurationError):
            raise
        except TargetRefusedError as error:
            return Attempted(outcome=Failure.REFUSED, cause=error)
        except socket.gaierror as error:
            return Attempted(outcome=Failure.NAME, cause=error)
        except TimeoutError as error:
            return Attempted(outcome=Failure.TIMEOUT, cause=error)
        except TransportError as error:
            is_final = error.phase == "tls" and not error.retryable
            return Attempted(outcome=Failure.CERTIFICATE if is_final else Failure.CONNECTION, cause=error)
        except (NovitaError, OSError) as error:
            return Attempted(outcome=Failure.CONNECTION, cause=error)
        asked = retry_after_of(response.headers, self._clock.time())
        return Attempted(outcome=response.status, retry_after=asked)

    async def _send(
        self,
        destination: Destination,
        message_id: str,
        body: bytes,
        timeout: float,  # noqa: ASYNC109
    ) -> Response:
        deadline = Deadline.after(timeout, self._clock.monotonic())
        transport = self._transport()
        addresses = await self._addresses(transport, destination, timeout)
        signed = destination.signer.sign(body, message_id=message_id)
        headers = request_headers(signed, destination.headers, __version__)
        for number, address in enumerate(addresses):
            left = deadline.left(self._clock.monotonic())
            others = len(addresses) - number - 1
            if not left:
                break
            # an address that is silent leaves time for the others
            timeouts = Timeouts(connect=left / (others + 1), read=left, write=left, pool=left, attempt=left)
            context = CallContext(deadline=deadline, connect_to=address, answer_limit=LARGEST_ANSWER)
            try:
                return await transport.send(_request(destination, headers, body, timeouts, context))
            except TransportError as error:
                if error.phase != "connect" or not others:
                    raise
        raise APITimeoutError("no time was left to connect", phase="connect", reached_server=False)

    async def _addresses(
        self,
        transport: AsyncTransport,
        destination: Destination,
        timeout: float,  # noqa: ASYNC109
    ) -> list[str]:
        """Resolve the host once, and judge every address; give those that are tried."""
        url = destination.url
        if url.address is not None:
            found: tuple[str, ...] = (str(url.address),)
        elif isinstance(transport, AsyncResolvingTransport):
            found = await transport.resolve(url.host, url.port, timeout)
        else:
            found = await resolve(self._clock, url.host, url.port, timeout)
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, f"{url.host} has no address")
        return [str(judged) for judged in check_addresses(url.host, found, destination.allowed)][
            :_MOST_ADDRESSES
        ]

    def _gate(self, destination: Destination) -> HostGate:
        key = (destination.url.host, destination.rate_limit)
        found = self._gates.get(key)
        if found is None:
            breaker = self._breakers.setdefault(destination.url.host, host_breaker())
            found = self._gates[key] = HostGate(breaker, destination.rate_limit, self._clock.monotonic())
        return found


def _request(
    destination: Destination,
    headers: Mapping[str, str],
    body: bytes,
    timeouts: Timeouts,
    context: CallContext,
) -> Request:
    url = destination.url
    whole = f"{url.scheme}://{url.authority}{url.path}"
    return Request(_FAMILY, _FAMILY, "POST", whole, headers, body, timeouts, context)


def new_message_id() -> str:
    """Make a random message id."""
    return message_id_from(secrets.randbits(130))
