"""The simulator as a transport, in both colours."""

from __future__ import annotations

from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.http import Request, Response
from novita_sdk.errors import ClientClosedError, NovitaError
from novita_sdk.testing.reply import Reply, seen_by_client
from novita_sdk.testing.simulator import Simulator


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
        pause, outcome = seen_by_client(
            _receive(self._simulator, request, closed=self._closed), request.timeouts
        )
        self._simulator.clock.sleep(pause)
        if isinstance(outcome, NovitaError):
            raise outcome
        return outcome

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
        pause, outcome = seen_by_client(
            _receive(self._simulator, request, closed=self._closed), request.timeouts
        )
        await self._clock.sleep_async(pause)
        if isinstance(outcome, NovitaError):
            raise outcome
        return outcome

    async def aclose(self) -> None:
        """Refuse further requests."""
        self._closed = True


def _receive(simulator: Simulator, request: Request, *, closed: bool) -> Reply:
    if closed:
        raise ClientClosedError("the client is closed")
    return simulator.receive(request.method, request.url, request.headers, request.body or b"")
