"""The simulator as a transport, in both colours."""

from __future__ import annotations

from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.http import Request, Response
from novita_sdk.errors import ClientClosedError, NovitaError
from novita_sdk.testing.probes import heard_by_client, page_seen_by_client
from novita_sdk.testing.reply import seen_by_client
from novita_sdk.testing.simulator import Simulator

_WEBHOOKS_ADDRESS = "1.1.1.1"  # a public one, so that the guard of webhooks lets it pass


class SimulatedTransport:
    """Carries the requests of a `Novita` to a simulator.

    Args:
        simulator: Who answers.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._closed = False

    def __repr__(self) -> str:
        return "<SimulatedTransport>"

    def send(self, request: Request) -> Response:
        """Send `request` once and return the answer, whatever its status.

        Raises:
            APIConnectionError: A fault broke the connection.
            APITimeoutError: A fault kept the answer back for longer than `request.timeouts` allow.
            ResponseDecodeError: A fault made the answer too large.
            ClientClosedError: The transport was closed.
        """
        pause, outcome = _outcome(self._simulator, request, closed=self._closed)
        self._simulator.clock.sleep(pause)
        if isinstance(outcome, NovitaError):
            raise outcome
        return outcome

    def connect(self, host: str, port: int, *, read: int, timeout: float) -> bytes:
        """Connect to a port of an instance, listen, and hang up.

        Args:
            host: The name in the address.
            port: The public port.
            read: How many bytes to read at most; 0 = do not wait for any.
            timeout: Seconds for all of it.

        Raises:
            APIConnectionError: Nobody listens there, or the port was told to fail.
            APITimeoutError: The time was over.
            ClientClosedError: The transport was closed.
        """
        _check_open(closed=self._closed)
        answer = self._simulator.visit(host, port, {}, page=False)
        pause, outcome = heard_by_client(answer, read, timeout)
        self._simulator.clock.sleep(pause)
        if isinstance(outcome, NovitaError):
            raise outcome
        return outcome

    def resolve(self, host: str, port: int, timeout: float) -> tuple[str, ...]:  # noqa: ARG002
        """Give a public address for whatever name; nobody is asked."""
        return (_WEBHOOKS_ADDRESS,)

    def close(self) -> None:
        """Refuse further requests."""
        self._closed = True


class AsyncSimulatedTransport:
    """Carries the requests of an `AsyncNovita` to a simulator.

    Args:
        simulator: Who answers.

    Raises:
        TypeError: The simulator's clock cannot be waited for by tasks.
    """

    def __init__(self, simulator: Simulator) -> None:
        if not isinstance(simulator.clock, AsyncClock):
            msg = f"{simulator.clock!r} serves threads only; give the simulator a clock with sleep_async()"
            raise TypeError(msg)
        self._simulator = simulator
        self._clock = simulator.clock
        self._closed = False

    def __repr__(self) -> str:
        return "<AsyncSimulatedTransport>"

    async def send(self, request: Request) -> Response:
        """Send `request` once and return the answer, whatever its status.

        Raises:
            APIConnectionError: A fault broke the connection.
            APITimeoutError: A fault kept the answer back for longer than `request.timeouts` allow.
            ResponseDecodeError: A fault made the answer too large.
            ClientClosedError: The transport was closed.
        """
        pause, outcome = _outcome(self._simulator, request, closed=self._closed)
        await self._clock.sleep_async(pause)
        if isinstance(outcome, NovitaError):
            raise outcome
        return outcome

    async def connect(self, host: str, port: int, *, read: int, timeout: float) -> bytes:  # noqa: ASYNC109
        """Connect to a port of an instance, listen, and hang up.

        Args:
            host: The name in the address.
            port: The public port.
            read: How many bytes to read at most; 0 = do not wait for any.
            timeout: Seconds for all of it.

        Raises:
            APIConnectionError: Nobody listens there, or the port was told to fail.
            APITimeoutError: The time was over.
            ClientClosedError: The transport was closed.
        """
        _check_open(closed=self._closed)
        answer = self._simulator.visit(host, port, {}, page=False)
        pause, outcome = heard_by_client(answer, read, timeout)
        await self._clock.sleep_async(pause)
        if isinstance(outcome, NovitaError):
            raise outcome
        return outcome

    async def resolve(self, host: str, port: int, timeout: float) -> tuple[str, ...]:  # noqa: ARG002, ASYNC109
        """Give a public address for whatever name; nobody is asked."""
        return (_WEBHOOKS_ADDRESS,)

    async def aclose(self) -> None:
        """Refuse further requests."""
        self._closed = True


def _outcome(simulator: Simulator, request: Request, *, closed: bool) -> tuple[float, Response | NovitaError]:
    """Return how long a request takes, and what comes of it."""
    _check_open(closed=closed)
    if request.family == "webhook":
        return 0.0, simulator.webhooks.take(request, simulator.clock.monotonic())
    if request.family == "probe":
        return page_seen_by_client(simulator, request)
    reply = simulator.receive(request.method, request.url, request.headers, request.body or b"")
    return seen_by_client(reply, request.timeouts)


def _check_open(*, closed: bool) -> None:
    if closed:
        raise ClientClosedError("the client is closed")
