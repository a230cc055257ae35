"""Web servers for the receivers: as functions to call, and as real ones on loopback sockets."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import io
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import anyio
import attrs

PATIENCE = 5.0

Pairs = Sequence[tuple[str, str]]


@attrs.frozen
class Answer:
    """An answer as a client sees it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Call = Callable[[str, str, Pairs, Sequence[bytes]], Answer]
"""Sends a request: method, path, headers, and its body in pieces."""


# --------------------------------------------------------------------------------- direct callers


def through_wsgi(app: Any, *, ends_by_itself: bool = False) -> Call:
    """Call a WSGI application as a strict server does."""

    def call(method: str, path: str, headers: Pairs, body: Sequence[bytes]) -> Answer:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
        }
        setup_testing_defaults(environ)
        for name, value in headers:
            key = f"HTTP_{name.upper().replace('-', '_')}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        if "HTTP_CONTENT_LENGTH" in environ:
            environ["CONTENT_LENGTH"] = environ.pop("HTTP_CONTENT_LENGTH")
        if ends_by_itself:
            environ["wsgi.input_terminated"] = True
        environ["wsgi.input"] = io.BytesIO(b"".join(body))
        started: list[Any] = []

        def start_response(status: str, pairs: Pairs, _error: Any = None) -> Callable[[bytes], object]:
            started.extend((int(status.split(maxsplit=1)[0]), dict(pairs)))
            return io.BytesIO().write

        parts = validator(app)(environ, start_response)
        try:
            return Answer(started[0], started[1], b"".join(parts))
        finally:
            parts.close()  # type: ignore[attr-defined]  # the validator's has it

    return call


def through_asgi(app: Any, backend: str = "asyncio", **scope: Any) -> Call:
    """Call an ASGI application, each request in an event loop of its own."""

    def call(method: str, path: str, headers: Pairs, body: Sequence[bytes]) -> Answer:
        messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": piece, "more_body": index < len(body) - 1}
            for index, piece in enumerate(body)
        ]
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        whole = {"type": "http", "method": method, "path": path, "headers": raw, **scope}
        anyio.run(app, whole, receive, send, backend=backend)
        start, end = sent
        pairs = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], pairs, end["body"])

    return call


# ------------------------------------------------------------------------------------ real servers


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        pass


@contextlib.contextmanager
def wsgi_server(app: Any) -> Iterator[int]:
    """The standard library's server on a loopback port."""
    with make_server("127.0.0.1", 0, app, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(PATIENCE)


@contextlib.contextmanager
def asgi_server(app: Any) -> Iterator[int]:
    """A small ASGI server on a loopback port: one request for each connection."""
    ready, ports = threading.Event(), list[int]()
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        steps = asyncio.Queue[dict[str, Any]]()
        lived: list[Any] = []

        async def note(message: Any) -> None:
            lived.append(message["type"])

        await steps.put({"type": "lifespan.startup"})
        life = asyncio.create_task(app({"type": "lifespan"}, steps.get, note))
        server = await asyncio.start_server(
            lambda reader, writer: _converse(app, reader, writer), "127.0.0.1", 0
        )
        async with server:
            ports.append(server.sockets[0].getsockname()[1])
            loops.append((asyncio.get_running_loop(), stop))
            ready.set()
            await stop.wait()
        await steps.put({"type": "lifespan.shutdown"})
        await life
        assert lived == ["lifespan.startup.complete", "lifespan.shutdown.complete"]

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield ports[0]
    finally:
        loop, stop = loops[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE)


async def _converse(app: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    pairs = [tuple(line.split(": ", 1)) for line in head[1:] if line]
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs]
    left = int(dict(headers).get(b"content-length", b"0"))

    async def receive() -> dict[str, Any]:
        nonlocal left
        piece = await reader.read(min(left, 65_536)) if left else b""
        if left and not piece:
            return {"type": "http.disconnect"}
        left -= len(piece)
        return {"type": "http.request", "body": piece, "more_body": left > 0}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            lines = [b"%s: %s" % pair for pair in message["headers"]]
            writer.write(
                b"\r\n".join([b"HTTP/1.1 %d ." % message["status"], *lines, b"connection: close", b"", b""])
            )
        else:
            writer.write(message["body"])

    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": headers}
    try:
        await app(scope, receive, send)
        await writer.drain()
    finally:
        writer.close()


def over_loopback(port: int) -> Call:
    """Send requests to a real server."""

    def call(method: str, path: str, headers: Pairs, body: Sequence[bytes]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.putrequest(method, path)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
            with contextlib.suppress(ConnectionError):  # a server need not read what it refuses
                for piece in body:
                    connection.send(piece)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())

    return call
