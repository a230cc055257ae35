"""A server on a loopback socket that says exactly the bytes a test wants, and what a transport sends to it."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import attrs

from novita_sdk._core.context import CallContext
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.http import Request
from novita_sdk.options import Timeouts

CERTIFICATE = Path(__file__).parent / "certificates" / "loopback.pem"
PATIENCE = 5.0  # seconds after which a test that waits for the server has failed
QUICK = Timeouts(connect=2, read=2, write=2, pool=2, attempt=3)


def request_to(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    timeouts: Timeouts = QUICK,
    deadline: Deadline = Deadline(),  # noqa: B008 - immutable
    headers: dict[str, str] | None = None,
) -> Request:
    """A request as the pipeline hands it to a transport."""
    context = CallContext(deadline=deadline)
    return Request("request", "public", method, url, headers or {}, body, timeouts, context)


def answer(body: bytes = b"{}", status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; header names with `_` for `-`."""
    given = {"Content-Length": str(len(body)), **{name.replace("_", "-"): headers[name] for name in headers}}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in given.items() if value)]
    return "\r\n".join([*lines, "", ""]).encode() + body


@attrs.frozen(kw_only=True)
class Arrived:
    """One request as it arrived.

    Attributes:
        connection: The number of the connection it came on, from 1.
        line: The request line.
        headers: Names and values as they were sent.
        body: The body.
    """

    connection: int
    line: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> list[str]:
        """Every value of one header."""
        return [value for found, value in self.headers if found.lower() == name.lower()]


class Peer:
    """The server's end of one connection."""

    def __init__(self, server: Loopback, connection: socket.socket, number: int) -> None:
        self.number = number
        self._server = server
        self._socket = connection
        self._buffer = b""

    def read(self) -> Arrived | None:
        """Read one request; None once the client has hung up."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._receive():
                return None
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        headers = [(name, value.strip()) for name, _, value in (one.partition(":") for one in lines)]
        length = int(next((value for name, value in headers if name.lower() == "content-length"), "0"))
        while len(self._buffer) < length:
            if not self._receive():
                return None
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return Arrived(connection=self.number, line=line, headers=headers, body=body)

    def wait(self) -> None:
        """Wait until the client has sent something, or has hung up."""
        self._receive()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def dribble(self, data: bytes, pause: float) -> None:
        """Send byte after byte, until the end or until the client hangs up."""
        with contextlib.suppress(OSError):
            for at in range(len(data)):
                self.send(data[at : at + 1])
                time.sleep(pause)

    def reset(self) -> None:
        """Make closing the connection a reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def hold(self) -> None:
        """Say nothing until the client hangs up or the server stops."""
        while not self._server.stopping.is_set():
            readable, _, _ = select.select([self._socket], [], [], 0.01)
            if readable and not self._receive():
                return

    def tunnel(self, host: str, port: int) -> None:
        """Pass bytes on, both ways, until one side hangs up."""
        with socket.create_connection((host, port)) as target:
            ends = {self._socket: target, target: self._socket}
            while not self._server.stopping.is_set():
                for readable in select.select(list(ends), [], [], 0.01)[0]:
                    data = readable.recv(65536)
                    if not data:
                        return
                    ends[readable].sendall(data)

    def _receive(self) -> bool:
        try:
            data = self._socket.recv(65536)
        except ConnectionError:
            return False
        self._buffer += data
        return bool(data)


Play = Callable[[Peer, Arrived], object]
"""What is done with each request that arrives; False ends the connection."""


class Loopback:
    """Listens on 127.0.0.1 while its `with` block lasts; each connection has a thread.

    Args:
        play: Answers each request.
        tls: Whether it speaks TLS, with the certificate of the tests.
        greet: What happens with a new connection before anything is read; False ends it.

    Attributes:
        play: Answers each request.
        seen: Every request, in order of arrival.
        names: The name each TLS connection asked for; None if it did not.
        connections: How many connections were made.
        open: How many of them the client has not closed yet.
        busy: How many requests are being answered.
        busiest: The most that were at once.
        stopping: Set when the block ends.
    """

    def __init__(
        self, play: Play, *, tls: bool = False, greet: Callable[[Peer], object] | None = None
    ) -> None:
        self.seen: list[Arrived] = []
        self.names: list[str | None] = []
        self.connections = self.open = self.busy = self.busiest = 0
        self.stopping = threading.Event()
        self.play = play
        self._greet = greet
        self._lock = threading.Lock()
        self._failures: list[Exception] = []
        self._threads: list[threading.Thread] = []
        self._tls: ssl.SSLContext | None = None
        if tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(CERTIFICATE)
            self._tls.sni_callback = lambda _socket, name, _context: self.names.append(name)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)
        if self._failures and error is None:
            raise self._failures[0]

    def until(self, condition: Callable[[], bool]) -> bool:
        """Wait for what another thread brings about."""
        end = time.monotonic() + PATIENCE
        while not condition() and time.monotonic() < end:
            time.sleep(0.005)
        return condition()

    def is_left(self) -> bool:
        """Tell, after a moment if need be, that the client has closed all its connections."""
        return self.until(lambda: self.open == 0)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(PATIENCE)
            self.connections += 1
            self._count(open=1)
            self._start(self._serve, connection, self.connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            with connection:
                if self._greet is not None and self._greet(Peer(self, connection, number)) is False:
                    return
                if self._tls is None:
                    self._converse(Peer(self, connection, number))
                else:
                    with self._tls.wrap_socket(connection, server_side=True) as wrapped:
                        self._converse(Peer(self, wrapped, number))
        except (ConnectionError, ssl.SSLError):
            pass  # the client went away, which is what some tests are about
        except Exception as failure:  # noqa: BLE001 - shown by the thread of the test
            self._failures.append(failure)
        finally:
            self._count(open=-1)

    def _converse(self, peer: Peer) -> None:
        while (arrived := peer.read()) is not None:
            self.seen.append(arrived)
            self._count(busy=1)
            try:
                if self.play(peer, arrived) is False:
                    return
            finally:
                self._count(busy=-1)

    def _count(self, *, open: int = 0, busy: int = 0) -> None:  # noqa: A002 - the attribute's name
        with self._lock:
            self.open += open
            self.busy += busy
            self.busiest = max(self.busiest, self.busy)


def always(*parts: bytes) -> Play:
    """Answer each request with the same bytes."""

    def play(peer: Peer, _arrived: Arrived) -> None:
        for part in parts:
            peer.send(part)

    return play


def once(*parts: bytes) -> Play:
    """Answer with these bytes and hang up."""

    def play(peer: Peer, _arrived: Arrived) -> bool:
        for part in parts:
            peer.send(part)
        return False

    return play


def hold(peer: Peer, _arrived: Arrived) -> bool:
    """Never answer."""
    peer.hold()
    return False


def reset(peer: Peer, _arrived: Arrived) -> bool:
    """Cut the connection hard."""
    peer.reset()
    return False


@contextlib.contextmanager
def deaf_port() -> Iterator[str]:
    """The URL of a port on which nobody listens."""
    with socket.socket() as taken:  # bound, so that nobody else gets it meanwhile
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
