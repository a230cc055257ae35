# Generated from novita_sdk/_async/lifecycle/prober.py by tools/unasync.py; edit the source.
"""Asks one probe over the network: a page, a connection, the greeting of an SSH server."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

from novita_sdk._concurrency.thread_sockets import at_work, connect, resolve
from novita_sdk._concurrency.threads import SystemClock, completed, within
from novita_sdk._core.context import CallContext
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.http import Request
from novita_sdk._core.lifecycle.probe_results import (
    NO_GREETING,
    SSH_GREETING_LIMIT,
    Failure,
    ProbeResult,
    failure_of,
    judge_greeting,
    judge_status,
)
from novita_sdk._core.lifecycle.probes import PlannedProbe
from novita_sdk._core.operations.operation import Safety
from novita_sdk._version import __version__
from novita_sdk.errors import ResponseDecodeError, TransportError
from novita_sdk.models.instance import Instance
from novita_sdk.options import Timeouts

if TYPE_CHECKING:
    from novita_sdk._sync.services import Services
    from novita_sdk._sync.transport_protocol import ConnectingTransport

T = TypeVar("T")

_HEADERS = {"User-Agent": f"novita-gpu-sdk/{__version__}", "Accept": "*/*", "Connection": "close"}
_USUAL_PORTS = {"http": 80, "https": 443}
_ANSWER_LIMIT = 1  # bytes: only the status counts, and a page may have no end
_REAL = SystemClock()
"""Sockets need real time, whatever clock the client has."""


class Prober:
    """Asks, and judges what comes back. Nothing but a GET request is ever sent, and that without any key.

    Args:
        services: The client's parts.
    """

    def __init__(self, services: Services) -> None:
        self._clock = services.clock
        self._transport = services.transport

    def ask(self, planned: PlannedProbe, instance: Instance, timeout: float) -> ProbeResult:
        """Ask once.

        Args:
            planned: What to ask.
            instance: What it is about; for functions of the user's.
            timeout: Seconds for everything: looking the name up, connecting, TLS, the answer.
        """
        began = self._clock.monotonic()
        failure = planned.failure
        if failure is None and timeout <= 0:
            failure = Failure("timeout", "there was no time left to ask")
        elif failure is None:
            failure = self._failure(planned, instance, timeout)
        return ProbeResult(
            kind=planned.kind,
            port=planned.port,
            address=planned.address,
            passed=failure is None,
            category=None if failure is None else failure.category,
            detail="" if failure is None else failure.detail,
            status=None if failure is None else failure.status,
            elapsed=0.0 if failure is not None else self._clock.monotonic() - began,
            at=datetime.fromtimestamp(self._clock.time(), UTC),
        )

    def _failure(self, planned: PlannedProbe, instance: Instance, timeout: float) -> Failure | None:
        """Return why it is not up, None if it is."""
        if planned.call is not None:
            call = cast("Callable[[Instance], object]", planned.call)
            return self._custom(call, instance, timeout)
        ask = {"http": self._http, "tcp": self._tcp, "ssh": self._ssh}[planned.kind]
        try:
            return ask(planned, timeout)
        except (TransportError, ResponseDecodeError, OSError) as error:
            return failure_of(error)

    def _custom(
        self,
        call: Callable[[Instance], object],
        instance: Instance,
        timeout: float,
    ) -> Failure | None:
        def asked() -> object:
            return completed(call(instance))

        try:
            passed = within(self._clock, timeout, asked)
        except Exception as error:  # noqa: BLE001 - it tells why the instance is not up, and the result tells that
            return failure_of(error)
        return None if passed else Failure("unknown", "the function said no")

    def _http(self, planned: PlannedProbe, timeout: float) -> Failure | None:
        from novita_sdk._sync.transport import HTTPTransport  # noqa: PLC0415 - only who probes pays for it

        if not isinstance(self._transport, HTTPTransport):
            return within(self._clock, timeout, self._page(planned, timeout))
        with at_work(self._clock):
            if urllib.request.getproxies():  # names may have a meaning for the proxy only
                return within(_REAL, timeout, self._page(planned, timeout))
            parts = urlsplit(planned.url)
            port = parts.port or _USUAL_PORTS[parts.scheme]

            def ask(address: str, connecting: float, seconds: float) -> Failure | None:
                return within(_REAL, seconds, self._page(planned, seconds, address, connecting))

            return self._at_any_address(parts.hostname or "", port, timeout, ask)

    def _page(
        self,
        planned: PlannedProbe,
        timeout: float,
        address: str | None = None,
        connecting: float | None = None,
    ) -> Callable[[], Failure | None]:
        """Return what asks for the page once, at the given address of the host."""
        phase = timeout if connecting is None else connecting

        def ask() -> Failure | None:
            now = self._clock.monotonic()
            context = CallContext(
                safety=Safety.READ,
                started=now,
                deadline=Deadline.after(timeout, now),
                connect_to=address,
                answer_limit=_ANSWER_LIMIT,
            )
            limits = Timeouts(
                connect=phase, read=timeout, write=timeout, pool=timeout, attempt=timeout, total=timeout
            )
            request = Request("probe", "probe", "GET", planned.url, _HEADERS, None, limits, context)
            try:
                status = (self._transport.send(request)).status
            except ResponseDecodeError as error:  # it is no page that could be read, but an answer
                if error.status is None:
                    raise
                status = error.status
            return judge_status(status, planned.expect)

        return ask

    def _tcp(self, planned: PlannedProbe, timeout: float) -> Failure | None:
        self._received(planned, 0, timeout)
        return None

    def _ssh(self, planned: PlannedProbe, timeout: float) -> Failure | None:
        return None if judge_greeting(self._received(planned, SSH_GREETING_LIMIT, timeout)) else NO_GREETING

    def _received(self, planned: PlannedProbe, read: int, timeout: float) -> bytes:
        """Connect, and return what the other side says first."""
        if hasattr(self._transport, "connect"):
            transport = cast("ConnectingTransport", self._transport)

            def connected() -> bytes:
                return transport.connect(planned.host, planned.number, read=read, timeout=timeout)

            return within(self._clock, timeout, connected)
        return self._received_by_socket(planned, read, timeout)

    def _received_by_socket(self, planned: PlannedProbe, read: int, timeout: float) -> bytes:
        def listen(address: str, connecting: float, seconds: float) -> bytes:
            ends = _REAL.monotonic() + seconds
            with closing(connect(self._clock, address, planned.number, connecting)) as connection:
                received = b""
                while len(received) < read and judge_greeting(received) is None:
                    more = connection.read(read - len(received), ends - _REAL.monotonic())
                    if not more:
                        break
                    received += more
                return received

        return self._at_any_address(planned.host, planned.number, timeout, listen)

    def _at_any_address(
        self,
        host: str,
        port: int,
        timeout: float,
        ask: Callable[[str, float, float], T],
    ) -> T:
        """Ask the addresses of a host in turn until one lets itself be connected to; raise the last one's failure.

        Args:
            host: The host.
            port: Its port.
            timeout: Seconds for all of it.
            ask: Asks one address, in so many seconds for connecting and so many for everything.
        """
        ends = _REAL.monotonic() + timeout
        addresses = resolve(self._clock, host, port, timeout)
        for more in range(len(addresses) - 1, 0, -1):
            left = _left(ends)
            try:
                return ask(addresses[-1 - more], left / (more + 1), left)
            except (TransportError, OSError) as error:
                if isinstance(error, TransportError) and error.reached_server is not False:
                    raise
        left = _left(ends)
        return ask(addresses[-1], left, left)


def _left(ends: float) -> float:
    """Return the real seconds until `ends`.

    Raises:
        TimeoutError: There are none.
    """
    left = ends - _REAL.monotonic()
    if left <= 0:
        raise TimeoutError("no time is left")
    return left
