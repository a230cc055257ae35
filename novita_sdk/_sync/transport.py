# Generated from novita_sdk/_async/transport.py by tools/unasync.py; edit the source.
"""The only file that knows httpx: it sends requests below httpx's client layer."""

from __future__ import annotations

import contextlib
import functools
import math
import ssl
import sys
import urllib.request
from collections.abc import Iterator
from typing import cast

import httpx

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.process import once_per_process
from novita_sdk._concurrency.threads import Lock, SystemClock
from novita_sdk._core.call_options import cut
from novita_sdk._core.http import Headers, Request, Response
from novita_sdk._core.unpacking import ENCODINGS, DamagedBody, Unpacker
from novita_sdk._sync.admission import Admission
from novita_sdk._sync.handshake import Handshake
from novita_sdk.errors import (
    APIConnectionError,
    APITimeoutError,
    ClientClosedError,
    ConfigurationError,
    DeadlineExceededError,
    NovitaError,
    ResponseDecodeError,
    SettingProblem,
    TransportError,
)
from novita_sdk.options import Pool

MAX_BODY_BYTES = 32 * 1024 * 1024


class HTTPTransport:
    """HTTP/1.1 with kept-alive connections, proxies and certificates from the environment.

    At most `pool.max_connections` requests are on the wire; the others wait in order of arrival. The TLS settings
    are loaded at the first https request and shared by all clients of the process. Redirects are not followed.
    The limit of a whole attempt is checked after each piece of a body; until the head of an answer is complete, only
    the read timeout between two pieces counts, unless the request goes to a checked address.

    Args:
        pool: How many connections, and how long idle ones are kept.
        clock: The clock that timeouts of whole attempts are measured on.
    """

    def __init__(self, *, pool: Pool | None = None, clock: Clock | None = None) -> None:
        self._pool = pool or Pool()
        self._clock = clock or SystemClock()
        self._admission = Admission(self._pool.max_connections, self._clock)
        self._proxies = urllib.request.getproxies()
        self._wires: dict[tuple[str, str | None, bool], httpx.HTTPTransport] = {}
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
            ResponseDecodeError: The body is larger than 32 MiB, or packed in a way nobody asked for.
            ClientClosedError: The transport was closed.
            ConfigurationError: The proxy or the certificates that the environment names cannot be used.
        """
        if self._closed:
            raise ClientClosedError(_CLOSED)
        deadline = request.context.deadline
        if not self._admission.enter(deadline.left(self._clock.monotonic())):
            raise _came_too_late()
        try:
            if self._closed:
                raise ClientClosedError(_CLOSED)
            started = self._clock.monotonic()
            left = deadline.left(started)
            if not left:
                raise _came_too_late()
            attempt = request.timeouts.attempt
            if left < (math.inf if attempt is None else attempt):  # waiting has used up some of it
                request = request.evolve(timeouts=cut(request.timeouts, left))
            return self._exchange(request, started)
        finally:
            self._admission.leave()
            if self._closed:
                self._close_wires()

    def close(self) -> None:
        """Refuse further requests and close every connection, those in use when their request has ended."""
        self._closed = True
        self._admission.open()
        self._close_wires()

    def _close_wires(self) -> None:
        if self._admission.is_empty:
            for wire in tuple(self._wires.values()):
                wire.close()

    def _exchange(self, request: Request, started: float) -> Response:
        handled = sys.exception()
        url = _parsed(request.url)
        address = request.context.connect_to
        wire = self._wire(url) if address is None else self._single_use_wire(url.scheme)
        timeouts = _phase_timeouts(request)
        extensions: dict[str, object] = {"timeout": timeouts}
        handshake = None
        if address is not None:
            handshake = Handshake(lambda: self._shorten(timeouts, request, started))
            # as it is written: `url.host` is what people read, which may spell another name again
            extensions["sni_hostname"] = _host(url)
        elif url.scheme == "https":
            handshake = Handshake()
        if handshake is not None:
            extensions["trace"] = handshake
        outgoing = httpx.Request(
            request.method,
            url if address is None else url.copy_with(host=address),
            headers=_raw_headers(request, url),
            stream=httpx.ByteStream(request.body or b""),
            extensions=extensions,
        )
        try:
            incoming = wire.handle_request(outgoing)
            try:
                body = self._read(incoming, request, started)
            finally:
                incoming.close()
        except httpx.TransportError as error:
            raise _translated(error, request, handled) from error
        except DamagedBody as error:
            raise APIConnectionError(
                f"the answer's packed body is damaged: {error}", phase="read", reached_server=None
            ) from error
        finally:
            if handshake is not None:
                handshake.end()
        return Response(
            incoming.status_code,
            Headers(incoming.headers.multi_items()),
            body,
            self._clock.monotonic() - started,
        )

    def _shorten(self, timeouts: dict[str, float | None], request: Request, started: float) -> float | None:
        """Cut the limit of the next phase to what the attempt has left of its own."""
        limit = request.timeouts.attempt
        if limit is None:
            return None
        left = max(_LEAST_WAIT, limit - (self._clock.monotonic() - started))
        timeouts.update((phase, left if own is None else min(own, left)) for phase, own in timeouts.items())
        return left

    def _read(self, incoming: httpx.Response, request: Request, started: float) -> bytes:
        wanted = request.context.answer_limit
        unpacker = _unpacker(incoming) if wanted is None else None
        chunks: list[bytes] = []
        size = 0
        limit = request.timeouts.attempt
        pieces = iter(cast("httpx.SyncByteStream", incoming.stream))
        try:
            for chunk in pieces:
                piece = chunk if unpacker is None else unpacker.feed(chunk, MAX_BODY_BYTES + 1 - size)
                chunks.append(piece)
                size += len(piece)
                if wanted is not None and size >= wanted:
                    self._drop_rest(incoming, pieces)
                    break
                if size > MAX_BODY_BYTES:
                    raise ResponseDecodeError(
                        f"the answer is larger than {MAX_BODY_BYTES} bytes",
                        path="$",
                        status=incoming.status_code,
                    )
                if limit is not None and self._clock.monotonic() - started > limit:
                    raise APITimeoutError(
                        f"the answer was not complete after {limit:g} s", phase="read", reached_server=None
                    )
            if unpacker is not None:
                unpacker.finish()
        except (NovitaError, DamagedBody):
            self._drop_rest(incoming, pieces)
            raise
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        return body[:wanted]

    def _drop_rest(self, incoming: httpx.Response, pieces: Iterator[bytes]) -> None:
        incoming.close()
        with contextlib.suppress(httpx.TransportError):
            for _ in pieces:  # it ends at the closed connection; trio warns of generators left open
                pass

    def _single_use_wire(self, scheme: str) -> httpx.HTTPTransport:
        """Return what connects directly and anew for each request, whatever the environment says."""
        key = (scheme, None, True)
        wire = self._wires.get(key)
        if wire is None:
            verify = _own_tls_context() if scheme == "https" else False
            limits = httpx.Limits(max_connections=self._pool.max_connections, max_keepalive_connections=0)
            made = httpx.HTTPTransport(verify=verify, trust_env=False, limits=limits)
            wire = self._wires.setdefault(key, made)
        return wire

    def _wire(self, url: httpx.URL) -> httpx.HTTPTransport:
        proxy = self._proxy_for(url) if self._proxies else None
        key = (url.scheme, proxy, False)
        wire = self._wires.get(key)
        if wire is None:
            with self._lock:
                wire = self._wires.get(key) or self._new_wire(url.scheme, proxy)
                self._wires[key] = wire
        return wire

    def _new_wire(self, scheme: str, proxy: str | None) -> httpx.HTTPTransport:
        verify = _tls_context() if scheme == "https" else False
        limits = httpx.Limits(
            max_connections=self._pool.max_connections,
            max_keepalive_connections=self._pool.max_keepalive,
            keepalive_expiry=self._pool.keepalive,
        )
        if proxy is None:
            return httpx.HTTPTransport(verify=verify, limits=limits)
        try:
            return httpx.HTTPTransport(verify=verify, limits=limits, proxy=httpx.Proxy(proxy))
        except (ValueError, ImportError, httpx.InvalidURL) as error:
            words = "needs httpx[socks]" if isinstance(error, ImportError) else "is not the URL of a proxy"
            problem = SettingProblem(
                f"{scheme}_proxy or all_proxy", words, "such as http://proxy.example:3128"
            )
            raise ConfigurationError(problems=(problem,)) from error

    def _proxy_for(self, url: httpx.URL) -> str | None:
        proxy = self._proxies.get(url.scheme) or self._proxies.get("all")
        if proxy is None or any(map(urllib.request.proxy_bypass, (url.host, url.netloc.decode("ascii")))):
            return None
        return proxy if "://" in proxy else f"http://{proxy}"


_LEAST_WAIT = 0.001  # seconds; 0 would mean not to wait but to fail in another way

_CLOSED = "the client is closed; make a new one"


def _came_too_late() -> DeadlineExceededError:
    return DeadlineExceededError(
        "no connection became free before the deadline", phase="pool", reached_server=False
    )


def _unpacker(incoming: httpx.Response) -> Unpacker | None:
    """Return what unpacks the body, None if it came as it is."""
    encoding = incoming.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ENCODINGS:
        return Unpacker()
    if encoding == "identity":
        return None
    raise ResponseDecodeError(
        f"the answer is packed as {encoding!r}, which was not asked for",
        path="$",
        status=incoming.status_code,
    )


@functools.lru_cache(maxsize=256)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _own_tls_context() -> ssl.SSLContext:
    """Load the certificates for connections on which the environment has no say."""
    return once_per_process(_well_known_certificates)


def _well_known_certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _tls_context() -> ssl.SSLContext:
    """Load the certificates once in a process: that takes longer than the whole first call."""
    try:
        return once_per_process(httpx.create_ssl_context)
    except OSError as error:
        problem = SettingProblem(
            "SSL_CERT_FILE or SSL_CERT_DIR", f"cannot be loaded: {error}", "certificates in PEM form"
        )
        raise ConfigurationError(problems=(problem,)) from error


def _raw_headers(request: Request, url: httpx.URL) -> list[tuple[bytes, bytes]]:
    packed = b"gzip, deflate" if request.context.answer_limit is None else b"identity"
    lines = [(b"Host", url.netloc), (b"Accept-Encoding", packed)]
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


def _translated(
    error: httpx.TransportError, request: Request, handled: BaseException | None
) -> TransportError:
    ours, phase, reached = next(row[1:] for row in _TRANSLATION if isinstance(error, row[0]))
    causes = _causes(error, handled)
    if isinstance(error, httpx.ConnectError) and any(isinstance(cause, ssl.SSLError) for cause in causes):
        phase = "tls"
    told = next((text for cause in causes if (text := str(cause))), "no more is known")
    return ours(
        f"{_WORDS[phase]} {_host(_parsed(request.url))}: {type(error).__name__}: {told}",
        phase=phase,
        reached_server=reached,
        # a certificate that is not valid stays so
        retryable=not any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes),
    )


_WORDS = {
    "connect": "could not connect to",
    "tls": "the TLS handshake failed with",
    "pool": "no connection was free to",
    "send": "the request was not sent whole to",
    "read": "no whole answer came from",
    "protocol": "no valid answer came from",
}


def _causes(error: BaseException, handled: BaseException | None) -> list[BaseException]:
    """List what led to `error`, up to what the caller was handling already when it made the call."""
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause is not handled and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found
