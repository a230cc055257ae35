# Generated from tests/aio/test_http_failures.py by tools/unasync.py; edit the source.
"""What can go wrong on the wire, and what the HTTP transport says of it."""

from __future__ import annotations

import socket
import time
from contextlib import closing

import pytest

from novita_sdk._core.outcome import Outcome, outcome_of_error
from novita_sdk._sync.transport import HTTPTransport
from novita_sdk.errors import APIConnectionError, APITimeoutError, TransportError
from novita_sdk.options import Timeouts
from tests.loopback import (
    Arrived,
    Loopback,
    Peer,
    Play,
    always,
    answer,
    deaf_port,
    hold,
    once,
    request_to,
    reset,
)


def failure(url: str, timeouts: Timeouts | None = None) -> TransportError:
    """Send a request that fails, and return how."""
    with closing(HTTPTransport()) as transport:
        request = request_to(url) if timeouts is None else request_to(url, timeouts=timeouts)
        with pytest.raises(TransportError) as caught:
            transport.send(request)
    return caught.value


def test_a_refused_connection_has_not_reached_the_service() -> None:
    with deaf_port() as url:
        error = failure(url)
    assert isinstance(error, APIConnectionError)
    assert (error.phase, error.reached_server, error.retryable) == ("connect", False, True)
    assert str(error).startswith("could not connect to 127.0.0.1")


def test_a_name_that_does_not_exist_has_not_reached_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_arguments: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "name not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failure("http://nobody.invalid")
    assert (error.phase, error.reached_server) == ("connect", False)


BREAKS: tuple[tuple[str, Play, str], ...] = (
    ("closed without an answer", once(), "protocol"),
    ("reset without an answer", reset, "read"),
    ("cut in the head", once(b"HTTP/1.1 200 OK\r\nContent-Le"), "protocol"),
    ("cut in the body", once(answer(b"x" * 100)[:-1]), "protocol"),
    (
        "cut in a chunked body",
        once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
        "protocol",
    ),
    ("no HTTP", once(b"SSH-2.0-OpenSSH_9.6\r\n"), "protocol"),
    ("a head without end", once(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: 0123456789\r\n" * 6000), "protocol"),
    ("two lengths", once(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), "protocol"),
)


@pytest.mark.parametrize(("play", "phase"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS])
def test_after_a_broken_answer_nobody_knows_whether_the_service_acted(play: Play, phase: str) -> None:
    with Loopback(play) as server:
        error = failure(server.url)
        assert len(server.seen) == 1
        assert server.is_left()
    assert isinstance(error, APIConnectionError)
    assert (error.phase, error.reached_server, error.retryable) == (phase, None, True)
    assert outcome_of_error(error) is Outcome.UNANSWERED


def test_a_reset_in_the_body_is_told_as_one() -> None:
    def play(peer: Peer, _arrived: Arrived) -> bool:
        peer.send(answer(b"x" * 100)[:-1])
        time.sleep(0.02)
        peer.reset()
        return False

    with Loopback(play) as server:
        error = failure(server.url)
    assert (error.phase, error.reached_server) == ("read", None)


def test_silence_ends_with_the_read_timeout() -> None:
    with Loopback(hold) as server:
        started = time.monotonic()
        error = failure(server.url, Timeouts(read=0.05, attempt=2))
        assert server.is_left()
    assert time.monotonic() - started < 1.5
    assert isinstance(error, APITimeoutError)
    assert isinstance(error, TimeoutError)
    assert (error.phase, error.reached_server, error.retryable) == ("read", None, True)


def chunked(data: bytes) -> bytes:
    return b"".join(b"1\r\n" + data[at : at + 1] + b"\r\n" for at in range(len(data))) + b"0\r\n\r\n"


ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "a length that never comes": (b"Content-Length: 1000\r\n", b" " * 1000),
    "chunks": (b"Transfer-Encoding: chunked\r\n", chunked(b" " * 200)),
    "no length": (b"Connection: close\r\n", b" " * 1000),
    "a packed body": (
        b"Content-Encoding: gzip\r\nContent-Length: 1000\r\n",
        b"\x1f\x8b\x08\x08" + b"a" * 990,
    ),
}


@pytest.mark.case("RQ-06")
@pytest.mark.parametrize("kind", ENDLESS)
def test_a_body_that_drips_for_ever_ends_with_the_attempt(kind: str) -> None:
    header, body = ENDLESS[kind]

    def play(peer: Peer, _arrived: Arrived) -> bool:
        peer.send(b"HTTP/1.1 200 OK\r\n" + header + b"\r\n")
        peer.dribble(body, 0.01)
        return False

    with Loopback(play) as server:
        started = time.monotonic()
        error = failure(server.url, Timeouts(read=2, attempt=0.1))
        elapsed = time.monotonic() - started
        assert server.is_left()
    assert isinstance(error, APITimeoutError)
    assert (error.phase, error.reached_server) == ("read", None)
    assert 0.1 <= elapsed < 2


def test_an_answer_that_comes_in_pieces_but_in_time_is_whole() -> None:
    def play(peer: Peer, _arrived: Arrived) -> None:
        peer.dribble(answer(b"0123456789"), 0.001)

    with Loopback(play) as server:
        with closing(HTTPTransport()) as transport:
            assert (transport.send(request_to(server.url))).body == b"0123456789"


def test_an_error_names_the_host_but_neither_the_query_nor_the_headers() -> None:
    with deaf_port() as url:
        with closing(HTTPTransport()) as transport:
            request = request_to(f"{url}/path?token=hidden-1", headers={"Authorization": "Bearer hidden-2"})
            with pytest.raises(APIConnectionError) as caught:
                transport.send(request)
    for text in (str(caught.value), repr(caught.value), caught.value.explain(), caught.value.cause_summary):
        assert "hidden" not in str(text)


def test_a_handshake_that_does_not_come_ends_with_the_connect_timeout() -> None:
    with Loopback(always(answer()), tls=True, greet=lambda peer: peer.hold()) as server:
        error = failure(server.url, Timeouts(connect=0.05, read=2, attempt=2))
        assert server.is_left()
    assert isinstance(error, APITimeoutError)
    assert (error.phase, error.reached_server) == ("connect", False)
