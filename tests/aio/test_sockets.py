"""Names and plain TCP connections, over loopback and with a system that never answers a look-up."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

import pytest

from novita_sdk._concurrency.aio import SystemClock, gather
from novita_sdk._concurrency.aio_sockets import connect, resolve
from novita_sdk.testing import VirtualClock
from tests.loopback import Loopback, Peer, deaf_port, hold

pytestmark = pytest.mark.anyio

CLOCK = SystemClock()


def greeting(*parts: bytes) -> Any:
    """Say something to each new connection, and nothing more."""

    def greet(peer: Peer) -> bool:
        for part in parts:
            peer.send(part)
        return False

    return greet


@pytest.fixture
def deaf_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[threading.Thread]]:
    """Look-ups that take as long as the test lasts; the list holds their threads."""
    released = threading.Event()
    threads: list[threading.Thread] = []

    def never(*_arguments: object, **_more: object) -> list[object]:
        threads.append(threading.current_thread())
        released.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    yield threads
    released.set()
    for thread in threads:
        thread.join(5)


async def test_the_addresses_of_a_name_come_once_each_in_the_systems_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(host: str, port: int, **_more: object) -> list[object]:
        assert (host, port) == ("two.example", 443)
        rows = ("2001:db8::1", "192.0.2.1", "2001:db8::1")
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port)) for address in rows]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert await resolve(CLOCK, "two.example", 443, 5) == ("2001:db8::1", "192.0.2.1")


async def test_an_address_stands_for_itself() -> None:
    assert await resolve(CLOCK, "127.0.0.1", 80, 5) == ("127.0.0.1",)


async def test_a_system_that_knows_no_address_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_more: [])
    with pytest.raises(socket.gaierror, match=r"new\.example has no address"):
        await resolve(CLOCK, "new.example", 80, 5)


async def test_a_system_that_fails_otherwise_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise MemoryError

    monkeypatch.setattr(socket, "getaddrinfo", broken)
    with pytest.raises(MemoryError):
        await resolve(CLOCK, "new.example", 80, 5)


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
async def test_what_cannot_be_a_name_has_no_address(host: str) -> None:
    with pytest.raises(socket.gaierror, match="no host can be named so"):
        await resolve(CLOCK, host, 80, 5)


async def test_a_look_up_is_abandoned_at_the_deadline(deaf_resolver: list[threading.Thread]) -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await resolve(CLOCK, "slow.example", 80, 0.05)
    assert time.monotonic() - began < 2
    (thread,) = deaf_resolver
    assert thread.is_alive()
    assert thread.daemon


async def test_virtual_time_stands_still_while_a_name_is_looked_up(
    monkeypatch: pytest.MonkeyPatch, clock: VirtualClock
) -> None:
    def slow(*_arguments: object, **_more: object) -> list[object]:
        time.sleep(0.1)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    async def look_up() -> float:
        await resolve(clock, "some.example", 80, 5)
        return clock.monotonic()

    async def sleep() -> float:
        await clock.sleep_async(1000)
        return clock.monotonic()

    began = clock.monotonic()
    assert await gather(clock, [look_up, sleep]) == [began, began + 1000]


async def test_a_connection_reads_what_the_other_side_says_until_its_end() -> None:
    with Loopback(hold, greet=greeting(b"SSH-2.0-x\r\n")) as server:
        async with aclosing(await connect(CLOCK, "127.0.0.1", server.port, 5)) as connection:
            said = b""
            while part := await connection.read(4, 5):
                assert len(part) <= 4
                said += part
        assert said == b"SSH-2.0-x\r\n"


async def test_reading_ends_when_nothing_comes() -> None:
    with Loopback(hold) as server:
        async with aclosing(await connect(CLOCK, "127.0.0.1", server.port, 5)) as connection:
            with pytest.raises(TimeoutError):
                await connection.read(10, 0.02)
            with pytest.raises(TimeoutError):
                await connection.read(10, 0)
        assert server.is_left()


async def test_a_reset_connection_says_so() -> None:
    def cut(peer: Peer) -> bool:
        peer.reset()
        return False

    with Loopback(hold, greet=cut) as server, pytest.raises(ConnectionResetError):
        # at once, or when something is read
        async with aclosing(await connect(CLOCK, "127.0.0.1", server.port, 5)) as connection:
            await connection.read(10, 5)


async def test_a_port_on_which_nobody_listens_refuses() -> None:
    with deaf_port() as url:
        port = urlsplit(url).port
        assert port is not None
        with pytest.raises(ConnectionRefusedError):
            await connect(CLOCK, "127.0.0.1", port, 5)


async def test_connecting_has_a_limit() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), pytest.raises(TimeoutError):  # the queue is full
            await connect(CLOCK, "127.0.0.1", port, 0.05)


async def test_virtual_time_stands_still_while_a_connection_is_read(clock: VirtualClock) -> None:
    def slowly(peer: Peer) -> bool:
        time.sleep(0.1)
        peer.send(b"x")
        return False

    async def read() -> float:
        async with aclosing(await connect(clock, "127.0.0.1", server.port, 5)) as connection:
            assert await connection.read(1, 5) == b"x"
            return clock.monotonic()

    async def sleep() -> float:
        await clock.sleep_async(1000)
        return clock.monotonic()

    began = clock.monotonic()
    with Loopback(hold, greet=slowly) as server:
        assert await gather(clock, [read, sleep]) == [began, began + 1000]
