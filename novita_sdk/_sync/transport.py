# Generated from novita_sdk/_async/transport.py by tools/unasync.py; edit the source.
"""The only file that knows httpx: it sends requests below httpx's client layer."""

from __future__ import annotations

import functools
import ssl
import urllib.request
from collections.abc import Iterable
from typing import cast

import httpx

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Lock, SystemClock
from novita_sdk._core.http import Headers, Request, Response
from novita_sdk._sync.admission import Admission
from novita_sdk.errors import (
    APIConnectionError,
    APITimeoutError,
    ClientClosedError,
    DeadlineExceededError,
    ResponseDecodeError,
    TransportError,
)
from novita_sdk.options import Pool

MAX_BODY_BYTES = 32 * 1024 * 1024


class HTTPTransport:
    """HTTP/1.1 with kept-alive connections, proxies and certificates from the environment.

    At most `pool.max_connections` requests are on the wire; the others wait in order of arrival. The TLS settings
    are loaded at the first https request and shared by all clients of the process. Redirects are not followed.

    Args:
        pool: How many connections, and how long idle ones are kept.
        clock: The clock that timeouts of whole attempts are measured on.
    """

    def __init__(self, *, pool: Pool | None = None, clock: Clock | None = None) -> None:
        self._pool = pool or Pool()
        self._clock = clock or SystemClock()
        self._admission = Admission(self._pool.max_connections, self._clock)
        self._proxies = urllib.request.getproxies()
        self._wires: dict[tuple[str, str | None], httpx.HTTPTransport] = {}
        self._lock = Lock()
        self._closed = False

    def __repr__(self) -> str:
        return f"<HTTPTransport, {self._pool.max_connections} connections>"

    def send(self, request: Request) -> Response:
        """Send `request` once and return the answer, whatever its status.

        Raises:
            APIConnectionError: No whole answer arrived; `reached_server` says False if nothing was sent.
            APITimeoutError: One of `request.timeouts` ran out.
            DeadlineExceededError: The call's deadline ended while it waited for a connection.
            ResponseDecodeError: The body is larger than 32 MiB.
            ClientClosedError: The transport was closed.
        """
        if self._closed:
            raise ClientClosedError("the client is closed")
        if not self._admission.enter(request.context.deadline.left(self._clock.monotonic())):
            raise DeadlineExceededError(
                "no connection became free before the deadline", phase="pool", reached_server=False
            )
        try:
            return self._exchange(request)
        finally:
            self._admission.leave()

    def close(self) -> None:
        """Close every connection."""
        self._closed = True
        with self._lock:
            wires, self._wires = list(self._wires.values()), {}
        for wire in wires:
            wire.close()

    def _exchange(self, request: Request) -> Response:
        started = self._clock.monotonic()
        url = _parsed(request.url)
        wire = self._wire(url)
        outgoing = httpx.Request(
            request.method,
            url,
            headers=_raw_headers(request, url),
            stream=httpx.ByteStream(request.body or b""),
            extensions={"timeout": _phase_timeouts(request)},
        )
        try:
            incoming = wire.handle_request(outgoing)
            try:
                body = self._read(incoming, request, started)
            finally:
                incoming.close()
        except httpx.TransportError as error:
            raise _translated(error, request) from error
        except httpx.DecodingError as error:
            raise APIConnectionError(
                "the answer's compressed body is damaged", phase="read", reached_server=None
            ) from error
        return Response(
            incoming.status_code,
            Headers(incoming.headers.multi_items()),
            body,
            self._clock.monotonic() - started,
        )

    def _read(self, incoming: httpx.Response, request: Request, started: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        limit = request.timeouts.attempt
        for chunk in _chunks(incoming):
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise ResponseDecodeError(
                    f"the answer is larger than {MAX_BODY_BYTES} bytes", path="$", status=incoming.status_code
                )
            if limit is not None and self._clock.monotonic() - started > limit:
                raise APITimeoutError(
                    f"the answer was not complete after {limit:g} s", phase="read", reached_server=None
                )
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _wire(self, url: httpx.URL) -> httpx.HTTPTransport:
        proxy = self._proxy_for(url) if self._proxies else None
        key = (url.scheme, proxy)
        wire = self._wires.get(key)
        if wire is None:
            with self._lock:
                wire = self._wires.get(key) or self._new_wire(url.scheme, proxy)
                self._wires[key] = wire
        return wire

    def _new_wire(self, scheme: str, proxy: str | None) -> httpx.HTTPTransport:
        return httpx.HTTPTransport(
            verify=_tls_context() if scheme == "https" else False,
            proxy=proxy,
            limits=httpx.Limits(
                max_connections=self._pool.max_connections,
                max_keepalive_connections=self._pool.max_keepalive,
                keepalive_expiry=self._pool.keepalive,
            ),
        )

    def _proxy_for(self, url: httpx.URL) -> str | None:
        proxy = self._proxies.get(url.scheme) or self._proxies.get("all")
        if proxy is None or urllib.request.proxy_bypass(url.host):
            return None
        return proxy if "://" in proxy else f"http://{proxy}"


def _chunks(incoming: httpx.Response) -> Iterable[bytes]:
    """Return the body's pieces, unpacked only where the service packed them."""
    if "content-encoding" in incoming.headers:
        return incoming.iter_bytes()
    return cast("httpx.SyncByteStream", incoming.stream)


@functools.lru_cache(maxsize=256)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)


@functools.cache
def _tls_context() -> ssl.SSLContext:
    """Load the certificates once in a process: that takes longer than the whole first call."""
    return httpx.create_ssl_context()


def _raw_headers(request: Request, url: httpx.URL) -> list[tuple[bytes, bytes]]:
    lines = [(b"Host", url.netloc), (b"Accept-Encoding", b"gzip, deflate")]
    lines.extend((name.encode("ascii"), value.encode("latin-1")) for name, value in request.headers.items())
    if request.body is not None or request.method not in ("GET", "HEAD"):
        lines.append((b"Content-Length", str(len(request.body or b"")).encode("ascii")))
    return lines


def _phase_timeouts(request: Request) -> dict[str, float | None]:
    timeouts = request.timeouts
    return {
        "connect": timeouts.connect,
        "read": timeouts.read,
        "write": timeouts.write,
        "pool": timeouts.pool,
    }


# exception of httpx -> (ours, phase, what is known about the server); the first match counts
_TRANSLATION: tuple[tuple[type[httpx.TransportError], type[TransportError], str, bool | None], ...] = (
    (httpx.ConnectTimeout, APITimeoutError, "connect", False),
    (httpx.PoolTimeout, APITimeoutError, "pool", False),
    (httpx.WriteTimeout, APITimeoutError, "send", None),
    (httpx.ReadTimeout, APITimeoutError, "read", None),
    (httpx.ProxyError, APIConnectionError, "connect", False),
    (httpx.ConnectError, APIConnectionError, "connect", False),
    (httpx.UnsupportedProtocol, APIConnectionError, "connect", False),
    (httpx.WriteError, APIConnectionError, "send", None),
    (httpx.ReadError, APIConnectionError, "read", None),
    (httpx.ProtocolError, APIConnectionError, "protocol", None),
    (httpx.TransportError, APIConnectionError, "read", None),
)


def _translated(error: httpx.TransportError, request: Request) -> TransportError:
    ours, phase, reached = next(row[1:] for row in _TRANSLATION if isinstance(error, row[0]))
    cause = _root(error)
    if isinstance(cause, ssl.SSLError):
        phase = "tls"
    host = _parsed(request.url).host
    return ours(
        f"{_WORDS[phase]} {host}: {type(error).__name__}: {error}",
        phase=phase,
        reached_server=reached,
        retryable=not isinstance(cause, ssl.SSLCertVerificationError),  # such a certificate stays invalid
    )


_WORDS = {
    "connect": "could not connect to",
    "tls": "the TLS handshake failed with",
    "pool": "no connection was free to",
    "send": "the request was not sent whole to",
    "read": "no whole answer came from",
    "protocol": "no valid answer came from",
}


def _root(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
