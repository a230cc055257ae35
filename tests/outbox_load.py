"""Processes that deliver one outbox, and a receiver that counts: for the test of kills and the benchmark.

As a program it is one of the processes:

    python outbox_load.py FILE PORT            delivers the messages of the file to the port until it is ended
    python outbox_load.py FILE PORT NUMBER     puts one message in, and is killed as soon as it has its id
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from novita_sdk._concurrency.clock import Waitable
from novita_sdk._concurrency.threads import SystemClock
from novita_sdk.stores import SQLiteStore
from novita_sdk.webhooks import Outbox, WebhookEvent, WebhookTarget, events

SECRET = "secret-of-the-load-test"

_PATIENCE = 60.0

Message = tuple[dict[str, str], bytes]
"""What a receiver got: headers and body."""


class AheadClock:
    """The machine's clock, but for a wall time that is ahead: leases of those who died have run out."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    def __init__(self, ahead: float) -> None:
        self._ahead = ahead
        self._clock = SystemClock()

    def time(self) -> float:
        return time.time() + self._ahead

    def wait(self, event: Waitable, timeout: float | None) -> bool:
        return self._clock.wait(event, timeout)


@contextlib.contextmanager
def outbox_on(path: str | Path, port: int, ahead: float = 0.0) -> Iterator[Outbox]:
    """Open an outbox with one target, and close its store."""
    target = WebhookTarget(
        "local", f"http://127.0.0.1:{port}/", SECRET, allow_http=True, allow_private=["127.0.0.1"]
    )
    clock = AheadClock(ahead)
    with SQLiteStore(path, clock=clock) as store:
        yield Outbox(store, [target], clock=clock)


def event(number: int) -> WebhookEvent:
    """Make one of many events, of a thousand instances."""
    return events.stopped(f"i-{number % 1000}", operation_id=f"op-{number}", sequence=1)


class Receiver:
    """Takes whatever arrives on a loopback port, and remembers it; one thread, a connection for each message."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    @property
    def ids(self) -> list[str]:
        """The ids of all messages, copies included."""
        return [headers["webhook-id"] for headers, _ in self.messages]

    def has(self, count: int) -> bool:
        """Tell whether so many messages have arrived."""
        return len(self.messages) >= count

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    self._take(connection)
                except OSError:  # the sender was killed
                    continue

    def _take(self, connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lines = (line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:])
        headers = {name.lower(): value for name, _, value in lines}
        while len(body) < int(headers["content-length"]):
            piece = connection.recv(65536)
            if not piece:
                return
            body += piece
        self.messages.append((headers, body))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class Workers:
    """Processes that deliver; one that is killed is replaced."""

    def __init__(self, count: int, path: Path, port: int) -> None:
        self._command = [sys.executable, __file__, str(path), str(port)]
        self._running = [self._start() for _ in range(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait()

    def kill(self, number: int) -> None:
        """End one at once, as loss of power would, and start another."""
        place = number % len(self._running)
        self._running[place].kill()
        self._running[place].wait()
        self._running[place] = self._start()

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what they bring about; fail if that takes over a minute."""
        end = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(0.005)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command)


def main() -> None:
    """Be one of the processes."""
    path, port, *number = sys.argv[1:]
    with outbox_on(path, int(port)) as outbox:
        if number:
            message_id = outbox.enqueue(event(int(number[0])), "local")
            os.write(sys.stdout.fileno(), message_id.encode())
            os.kill(os.getpid(), signal.SIGKILL)
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        outbox.run(stop)


if __name__ == "__main__":
    main()
