"""The simulator over real HTTP/1.1 on the loopback interface.

Run it for programs that cannot be given a transport, also ones in other languages:

    python -m novita_sdk.testing.server --port 8080 --seed 7 --speed 60
"""

from __future__ import annotations

import argparse
import contextlib
import select
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Generator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from novita_sdk.testing.faults import BREAKS
from novita_sdk.testing.reply import Reply
from novita_sdk.testing.scaled_clock import ScaledClock
from novita_sdk.testing.simulator import Simulator

_HOST = "127.0.0.1"  # never another one: the keys of a simulator are no secret
_DRIBBLE_BYTES = 1_000_000
_LOOK_EVERY = 0.05  # real seconds between two looks whether a held connection is still wanted
_NO_LINGER = struct.pack("ii", 1, 0)


class LoopbackServer(ThreadingHTTPServer):
    """Serves a simulator; all its hosts' paths on one port.

    Faults happen on real sockets here: what breaks a connection closes it (a reset where the kind says so),
    and silence lasts until the client gives up. Faults before the connection, such as `refuse_connection`,
    cannot be told to a client that is already connected: its connection is closed without an answer.

    Args:
        simulator: What is served. Its clock must run by itself, as `ScaledClock` does.
        port: The port; 0 chooses a free one.

    Attributes:
        simulator: What is served.
        base_url: What a client takes for the base URL of every family.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, simulator: Simulator, port: int = 0) -> None:
        self.simulator = simulator
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((_HOST, port), _Handler)
        self.base_url = f"http://{_HOST}:{self.server_port}"

    def server_bind(self) -> None:
        """Bind without looking the host's name up, as the base class would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = _HOST
        self.server_port = self.socket.getsockname()[1]

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection, to cut it when the server stops."""
        with self._lock:
            self._open.add(connection)

    def ended(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._open.discard(connection)

    def stop(self) -> None:
        """Stop serving and cut every connection."""
        self.stopping.set()
        self.shutdown()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client went away; that is its right."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # passed on as it came


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for head and body

    @property
    def _loopback(self) -> LoopbackServer:
        return cast("LoopbackServer", self.server)

    @property
    def _simulator(self) -> Simulator:
        return self._loopback.simulator

    def setup(self) -> None:
        super().setup()
        self._loopback.opened(self.connection)

    def finish(self) -> None:
        self._loopback.ended(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Keep quiet; the journal has it all."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = f"http://{self.headers.get('Host', _HOST)}{self.path}"
        reply = self._simulator.receive(self.command, url, dict(self.headers.items()), body)
        self._simulator.clock.sleep(reply.delay)
        kind = reply.fault.kind if reply.fault else ""
        if kind not in BREAKS:
            self._send(reply, reply.body)
            return
        self.close_connection = True
        if kind == "hang":
            self._dribble(reply)
        elif kind == "truncated_body":
            self._send(reply, reply.body[: len(reply.body) // 2])
        elif kind in {"lost_reply", "read_timeout"}:
            self._hold()
        elif kind.startswith("reset"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)

    def _send(self, reply: Reply, body: bytes) -> None:
        self._head(reply, len(reply.body))
        self.wfile.write(body)
        self.wfile.flush()

    def _head(self, reply: Reply, length: int) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _dribble(self, reply: Reply) -> None:
        pause = reply.fault.seconds if reply.fault else 1.0
        self._head(reply, _DRIBBLE_BYTES)
        while not self._loopback.stopping.is_set():
            self.wfile.write(b" ")
            self.wfile.flush()
            self._simulator.clock.sleep(pause)

    def _hold(self) -> None:
        """Wait in silence until the client hangs up or the server stops."""
        while not self._loopback.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], _LOOK_EVERY)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return


@contextlib.contextmanager
def serve(simulator: Simulator, port: int = 0) -> Generator[LoopbackServer, None, None]:
    """Serve a simulator on the loopback interface for the length of a `with` block.

    Args:
        simulator: What is served; give it a clock that runs by itself: `Simulator(clock=ScaledClock(60))`.
        port: The port; 0 chooses a free one.

    Yields:
        The server, with its `base_url`.
    """
    server = LoopbackServer(simulator, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _LOOK_EVERY}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted.

    Args:
        arguments: The command line; None takes that of the process.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m novita_sdk.testing.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 chooses a free one")
    parser.add_argument("--seed", type=int, default=0, help="decides durations and ids")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds in one real second")
    options = parser.parse_args(arguments)
    simulator = Simulator(options.seed, clock=ScaledClock(options.speed))
    with contextlib.suppress(KeyboardInterrupt), serve(simulator, options.port) as server:
        sys.stdout.write(
            f"novita simulator listening on {server.base_url} (simulated, nothing is billed)\n"
            f"NOVITA_API_KEY={simulator.api_key} NOVITA_INTERNAL_API_KEY={simulator.internal_api_key} "
            f"NOVITA_API_BASE_URL={server.base_url} NOVITA_INTERNAL_API_BASE_URL={server.base_url}\n"
        )
        sys.stdout.flush()
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
