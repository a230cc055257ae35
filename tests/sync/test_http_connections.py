# Generated from tests/aio/test_http_connections.py by tools/unasync.py; edit the source.
"""Connections of the HTTP transport: made, kept, used again, shared out, closed."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from novita_sdk._concurrency.threads import SystemClock, gather
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.http import Response
from novita_sdk._sync.transport import HTTPTransport
from novita_sdk.errors import APIConnectionError, APITimeoutError, ClientClosedError, DeadlineExceededError
from novita_sdk.options import Pool, Timeouts
from tests.loopback import Arrived, Loopback, Peer, always, answer, hold, once, request_to

CLOCK = SystemClock()


class Gate:
    """Answers nobody before the test says so, or a moment is over."""

    def __init__(self, seconds: float = 2.0) -> None:
        self.opened = threading.Event()
        self._seconds = seconds

    def __call__(self, peer: Peer, arrived: Arrived) -> None:
        self.opened.wait(self._seconds)
        peer.send(answer(arrived.line.encode()))


def until(condition: Callable[[], bool]) -> None:
    """Wait for what others bring about."""
    for _ in range(1000):
        if condition():
            return
        CLOCK.sleep(0.002)
    pytest.fail("it did not come about")


def test_a_connection_is_used_again() -> None:
    with Loopback(always(answer())) as server:
        with closing(HTTPTransport()) as transport:
            for _ in range(5):
                transport.send(request_to(server.url))
        assert (server.connections, len(server.seen)) == (1, 5)
        assert server.is_left()


def test_a_connection_that_the_service_has_closed_meanwhile_is_not_used_again() -> None:
    with Loopback(once(answer())) as server:
        with closing(HTTPTransport()) as transport:
            for number in range(3):
                assert (transport.send(request_to(server.url))).status == 200
                assert server.until(lambda: server.open == 0), number  # the client's end is closed too late
        assert server.connections == 3


def test_an_idle_connection_is_given_up_after_its_time() -> None:
    with Loopback(always(answer())) as server:
        with closing(HTTPTransport(pool=Pool(keepalive=0.02))) as transport:
            transport.send(request_to(server.url))
            CLOCK.sleep(0.05)
            transport.send(request_to(server.url))
            assert server.connections == 2


def test_no_more_idle_connections_are_kept_than_asked_for() -> None:
    gate = Gate()
    with Loopback(gate) as server:
        with closing(HTTPTransport(pool=Pool(max_connections=4, max_keepalive=1))) as transport:

            def send() -> Response:
                return transport.send(request_to(server.url))

            def release() -> None:
                until(lambda: server.busy == 4)
                gate.opened.set()

            gather(CLOCK, [send, send, send, send, release])
            assert server.connections == 4
            assert server.until(lambda: server.open == 1)


@pytest.mark.case("ST-09")
def test_two_connections_carry_three_requests_in_two_rounds() -> None:
    gate = Gate(0.1)
    with Loopback(gate) as server:
        with closing(HTTPTransport(pool=Pool(max_connections=2))) as transport:

            def send() -> Response:
                return transport.send(request_to(server.url))

            started = CLOCK.monotonic()
            assert len(gather(CLOCK, [send, send, send])) == 3
            elapsed = CLOCK.monotonic() - started
    assert server.busiest == 2
    assert elapsed >= 0.2


def test_requests_get_a_connection_in_the_order_in_which_they_came() -> None:
    gate = Gate()
    with Loopback(gate) as server:
        with closing(HTTPTransport(pool=Pool(max_connections=1))) as transport:
            admission = transport._admission

            def number(place: int) -> Callable[[], Response]:
                def send() -> Response:
                    until(lambda: admission._inside + len(admission._queue) == place)
                    if place == 7:
                        gate.opened.set()
                    return transport.send(request_to(f"{server.url}/{place}"))

                return send

            gather(CLOCK, [number(place) for place in range(8)])
    assert [arrived.line for arrived in server.seen] == [f"GET /{place} HTTP/1.1" for place in range(8)]


def test_waiting_for_a_connection_ends_with_the_deadline_and_sends_nothing() -> None:
    gate = Gate()
    with Loopback(gate) as server:
        with closing(HTTPTransport(pool=Pool(max_connections=1))) as transport:

            def first() -> object:
                return (transport.send(request_to(server.url))).status

            def second() -> object:
                until(lambda: server.busy == 1)
                deadline = Deadline.after(0.05, CLOCK.monotonic())
                with pytest.raises(DeadlineExceededError) as caught:
                    transport.send(request_to(server.url, deadline=deadline))
                gate.opened.set()
                return caught.value.phase, caught.value.reached_server

            assert gather(CLOCK, [first, second]) == [200, ("pool", False)]
            assert (transport.send(request_to(server.url))).status == 200  # the place was not lost
    assert len(server.seen) == 2


def test_nothing_is_sent_after_the_deadline_even_if_a_connection_is_free() -> None:
    with Loopback(always(answer())) as server:
        with closing(HTTPTransport()) as transport:
            with pytest.raises(DeadlineExceededError):
                transport.send(request_to(server.url, deadline=Deadline(at=CLOCK.monotonic())))
            assert transport._admission.is_empty
    assert server.connections == 0


def test_an_attempt_without_any_limit_is_sent_too() -> None:
    unlimited = Timeouts(connect=None, read=None, write=None, pool=None, attempt=None, total=None)
    with Loopback(always(answer())) as server:
        with closing(HTTPTransport()) as transport:
            assert (transport.send(request_to(server.url, timeouts=unlimited))).status == 200


def test_time_spent_waiting_for_a_connection_is_taken_off_the_attempt() -> None:
    slow = Gate(0.1)

    def slow_then_silent(peer: Peer, arrived: Arrived) -> object:
        return slow(peer, arrived) if len(server.seen) == 1 else hold(peer, arrived)

    with Loopback(slow_then_silent) as server:
        with closing(HTTPTransport(pool=Pool(max_connections=1))) as transport:

            def first() -> object:
                return transport.send(request_to(server.url))

            def second() -> object:
                CLOCK.sleep(0.02)
                started = CLOCK.monotonic()
                with pytest.raises(APITimeoutError):
                    transport.send(request_to(server.url, deadline=Deadline.after(0.2, started)))
                return CLOCK.monotonic() - started

            _, elapsed = gather(CLOCK, [first, second])
    assert isinstance(elapsed, float)
    assert 0.19 <= elapsed < 1.5


def test_a_closed_transport_sends_nothing() -> None:
    with Loopback(always(answer())) as server:
        transport = HTTPTransport()
        transport.close()
        transport.close()
        with pytest.raises(ClientClosedError):
            transport.send(request_to(server.url))
    assert server.connections == 0


def test_closing_turns_away_who_waits_and_lets_finish_who_is_on_the_wire() -> None:
    gate = Gate()
    with Loopback(gate) as server:
        transport = HTTPTransport(pool=Pool(max_connections=1))

        def first() -> object:
            return (transport.send(request_to(server.url))).status

        def second() -> object:
            until(lambda: server.busy == 1)
            with pytest.raises(ClientClosedError):
                transport.send(request_to(server.url))
            was_answered = gate.opened.is_set()
            gate.opened.set()
            return was_answered

        def close() -> object:
            until(lambda: len(transport._admission._queue) == 1)
            return transport.close()

        assert gather(CLOCK, [first, second, close]) == [200, False, None]
        assert server.is_left()
    assert len(server.seen) == 1


def test_200_failing_calls_leave_no_connection_behind() -> None:
    plays = [
        once(),
        once(answer(b"x" * 100)[:-50]),
        once(b"not HTTP at all\r\n\r\n"),
        always(answer(b"damaged", Content_Encoding="gzip")),
        hold,
    ]

    def play(peer: Peer, arrived: Arrived) -> object:
        return plays[int(arrived.line.split()[1].strip("/")) % len(plays)](peer, arrived)

    with Loopback(play) as server:
        with closing(HTTPTransport(pool=Pool(max_connections=3))) as transport:
            for number in range(200):
                impatient = Timeouts(connect=2, read=0.002, write=2, attempt=2)
                request = request_to(f"{server.url}/{number}", timeouts=impatient)
                with pytest.raises((APIConnectionError, APITimeoutError)):
                    transport.send(request)
            assert server.until(lambda: server.open <= 1)  # the last one may be kept alive
        assert server.is_left()
    gc.collect()  # what was left open would warn now, and warnings are errors


def test_each_origin_has_its_own_connection() -> None:
    with Loopback(always(answer(b"1"))) as one, Loopback(always(answer(b"2"))) as other:
        with closing(HTTPTransport()) as transport:
            bodies = [(transport.send(request_to(url))).body for url in (one.url, other.url, one.url)]
        assert bodies == [b"1", b"2", b"1"]
        assert (one.connections, other.connections) == (1, 1)
        assert one.is_left()
        assert other.is_left()


def test_making_a_transport_does_no_io_and_shows_its_size() -> None:
    assert repr(HTTPTransport(pool=Pool(max_connections=7))) == "<HTTPTransport, 7 connections>"
