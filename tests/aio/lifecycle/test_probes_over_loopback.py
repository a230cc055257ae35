"""Probes over real sockets: what servers do, and what the probes make of it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from novita_sdk._async.client import AsyncNovita, services_of
from novita_sdk._async.lifecycle.probes import AsyncReadiness
from novita_sdk._core.lifecycle.probes import HTTPProbe, SSHProbe, TCPProbe
from novita_sdk.errors import ResponseDecodeError
from novita_sdk.models.enums import PortType
from novita_sdk.models.instance import Instance, PortMapping, SshAccess
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of
from tests.loopback import Loopback, Peer, Play, always, answer, deaf_port, hold, once, reset

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("fresh_certificates")]

KEY = "K-0123456789"


def machine(endpoint: str, kind: str = "http", port: int = 80, **more: Any) -> Instance:
    mapping = PortMapping(port=port, type=PortType(kind), endpoint=endpoint)
    return Instance(id="i", port_mappings=(mapping,), **more)


async def outcome(instance: Instance, ready: Any = "auto", **more: Any) -> tuple[bool, str | None]:
    """Whether the one probe of a client over HTTP passed, and the category if not."""
    async with AsyncNovita(api_key=KEY) as client:
        found = await AsyncReadiness(services_of(client), ready, **{"timeout": 5.0, **more}).round(instance)
    (result,) = found.results
    return result.passed, result.category


# ------------------------------------------------------------------------------------ pages


async def test_a_page_is_asked_for_once_without_the_key() -> None:
    with Loopback(always(answer())) as server:
        assert await outcome(machine(server.url)) == (True, None)
        assert server.is_left()
    (request,) = server.seen
    assert request.line == "GET / HTTP/1.1"
    assert request.header("Host") == [f"127.0.0.1:{server.port}"]
    assert request.header("Authorization") == []
    assert KEY not in repr(request)
    assert request.body == b""


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("302 Found", (True, None)),
        ("401 Unauthorized", (True, None)),
        ("404 Not Found", (False, "client_error")),
        ("502 Bad Gateway", (False, "bad_gateway")),
        ("503 Service Unavailable", (False, "service_unavailable")),
    ],
)
async def test_the_status_decides_and_redirects_are_not_followed(
    status: str, expected: tuple[bool, str | None]
) -> None:
    with Loopback(always(answer(status=status, Location="/elsewhere"))) as server:
        assert await outcome(machine(server.url)) == expected
        assert len(server.seen) == 1


@pytest.mark.case("W-13")
async def test_what_a_page_says_does_not_matter() -> None:
    with Loopback(always(answer(b"the service is temporarily unavailable, bad gateway"))) as server:
        assert await outcome(machine(server.url)) == (True, None)


async def test_a_page_without_end_is_up() -> None:
    def stream(peer: Peer, _arrived: object) -> bool:
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        peer.dribble(b"data: 1\n" * 1000, 0.001)
        return False

    with Loopback(stream) as server:
        began = time.monotonic()
        assert (await outcome(machine(server.url)))[0]
        assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("play", "category"),
    [
        (reset, "connection_reset"),
        (once(), "connection_reset"),
        (hold, "timeout"),
    ],
)
async def test_without_an_answer_it_is_not_up(play: Play, category: str) -> None:
    with Loopback(play) as server:
        assert await outcome(machine(server.url), timeout=0.3) == (False, category)


async def test_a_certificate_that_nobody_vouches_for_is_told() -> None:
    with Loopback(always(answer()), tls=True) as server:
        assert await outcome(machine(server.url)) == (False, "ssl_error")


async def test_a_port_on_which_nobody_listens_is_told() -> None:
    with deaf_port() as url:
        assert await outcome(machine(url)) == (False, "connection_refused")


async def test_a_tcp_port_can_be_asked_for_a_page() -> None:
    with Loopback(always(answer(status="204 No Content", Content_Length=""))) as server:
        instance = machine(f"127.0.0.1:{server.port}", "tcp", 9000)
        assert await outcome(instance, HTTPProbe(9000, path="/health", expect=204)) == (True, None)
    assert server.seen[0].line == "GET /health HTTP/1.1"


async def test_behind_a_proxy_the_proxy_looks_names_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(always(answer())) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert await outcome(machine("http://inside.example:81")) == (True, None)
    (request,) = proxy.seen
    assert request.line == "GET http://inside.example:81/ HTTP/1.1"
    assert request.header("Authorization") == []


@pytest.mark.parametrize(("status", "expected"), [(200, (True, None)), (None, (False, "unknown"))])
async def test_an_answer_that_cannot_be_read_is_judged_by_its_status(
    clock: VirtualClock, status: int | None, expected: tuple[bool, str | None]
) -> None:
    remote = AsyncRemote(clock, ResponseDecodeError("too large", path="$", status=status))
    async with client_of(remote) as client:
        found = await AsyncReadiness(services_of(client)).round(machine("http://app.example"))
    (result,) = found.results
    assert (result.passed, result.category) == expected


# ------------------------------------------------------------------------------ connections


def greeting(*parts: bytes) -> Callable[[Peer], object]:
    """Say something piece by piece to who connects, and wait for the hang-up."""

    def greet(peer: Peer) -> bool:
        for part in parts:
            peer.send(part)
            time.sleep(0.01)
        peer.hold()
        return False

    return greet


async def test_a_tcp_port_is_connected_to_and_left_without_a_word() -> None:
    with Loopback(hold) as server:
        assert await outcome(machine(f"127.0.0.1:{server.port}", "tcp", 9000)) == (True, None)
        assert server.until(lambda: server.connections == 1)
        assert server.is_left()
    assert server.seen == []


async def test_a_tcp_port_that_refuses_is_not_up() -> None:
    with deaf_port() as url:
        endpoint = url.removeprefix("http://")
        assert await outcome(machine(endpoint, "tcp", 9000)) == (False, "connection_refused")


@pytest.mark.parametrize(
    "parts", [(b"SSH-2.0-x\r\n",), (b"SS", b"H-2.0-x\r\n"), (b"Welcome!\r\n", b"SSH-2.0-x\r\n")]
)
async def test_an_ssh_server_that_greets_is_up(parts: tuple[bytes, ...]) -> None:
    with Loopback(hold, greet=greeting(*parts)) as server:
        assert await outcome(machine(f"127.0.0.1:{server.port}", "tcp", 22)) == (True, None)
        assert server.is_left()
    assert server.seen == []


@pytest.mark.case("W-17")
@pytest.mark.parametrize(
    ("greet", "category"),
    [
        (greeting(), "timeout"),
        (greeting(b"220 FTP\r\n"), "timeout"),
        (greeting(b"x" * 2000), "unknown"),
        (lambda _peer: False, "unknown"),
    ],
    ids=["silent", "another protocol", "too much", "hung up"],
)
async def test_an_open_port_without_an_ssh_greeting_is_not_up(greet: Any, category: str) -> None:
    with Loopback(hold, greet=greet) as server:
        instance = machine(f"127.0.0.1:{server.port}", "tcp", 22)
        assert await outcome(instance, timeout=0.3) == (False, category)


async def test_ssh_is_asked_where_its_command_leads() -> None:
    with Loopback(hold, greet=greeting(b"SSH-2.0-x\r\n")) as server:
        access = SshAccess(ssh_command=f"ssh root@127.0.0.1 -p {server.port}", is_running=True)
        assert await outcome(Instance(id="i", ssh=access), SSHProbe()) == (True, None)


async def test_a_transport_without_connect_carries_pages_and_leaves_connections_to_sockets(
    clock: VirtualClock,
) -> None:
    remote = AsyncRemote(clock, 200)
    with Loopback(hold) as server:
        mappings = (
            PortMapping(port=80, type=PortType("http"), endpoint="http://nowhere.invalid:8080"),
            PortMapping(port=9000, type=PortType("tcp"), endpoint=f"127.0.0.1:{server.port}"),
        )
        async with client_of(remote) as client:
            found = await AsyncReadiness(services_of(client)).round(Instance(id="i", port_mappings=mappings))
        assert server.until(lambda: server.connections == 1)
    assert found.passed
    (request,) = [seen.request for seen in remote.seen]
    assert (request.operation, request.family, request.method) == ("probe", "probe", "GET")
    assert request.url == "http://nowhere.invalid:8080/"
    assert "authorization" not in {name.lower() for name in request.headers}


async def test_virtual_time_stands_still_while_real_sockets_are_asked(clock: VirtualClock) -> None:
    def slowly(peer: Peer, _arrived: object) -> None:
        time.sleep(0.2)
        peer.send(answer())

    began = clock.monotonic()
    with Loopback(slowly) as server:
        async with AsyncNovita(api_key=KEY, clock=clock) as client:
            found = await AsyncReadiness(services_of(client)).round(machine(server.url))
    assert found.passed
    assert clock.monotonic() == began


# ------------------------------------------------------------------------------------ names


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the system knows of names, besides addresses that stand for themselves."""
    known: dict[str, list[str]] = {}
    ask = socket.getaddrinfo

    def look_up(host: Any, port: Any, *arguments: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if not name.endswith(".example"):
            return ask(host, port, *arguments, **more)
        if not known.get(name):
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [row for address in known[name] for row in ask(address, port, *arguments, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize("kind", ["http", "tcp"])
async def test_a_name_without_an_address_is_told(names: dict[str, list[str]], kind: str) -> None:
    endpoint = "http://new.example:81" if kind == "http" else "new.example:81"
    assert await outcome(machine(endpoint, kind)) == (False, "dns_resolution_failed")


@pytest.mark.parametrize("kind", ["http", "tcp"])
async def test_the_addresses_of_a_name_are_asked_in_turn(names: dict[str, list[str]], kind: str) -> None:
    names["two.example"] = ["127.0.0.2", "127.0.0.1"]  # nobody listens at the first
    with Loopback(always(answer())) as server:
        endpoint = f"two.example:{server.port}"
        instance = machine(f"http://{endpoint}" if kind == "http" else endpoint, kind)
        assert await outcome(instance) == (True, None)
        if kind == "http":
            assert server.seen[0].header("Host") == [endpoint]


@pytest.mark.parametrize("kind", ["http", "tcp"])
async def test_a_dead_end_takes_a_share_of_the_time_only(names: dict[str, list[str]], kind: str) -> None:
    names["two.example"] = ["127.0.0.2", "127.0.0.1"]
    with Loopback(always(answer())) as server:
        address = ("127.0.0.2", server.port)
        with socket.create_server(address, backlog=0), socket.create_connection(address):  # its queue is full
            endpoint = f"two.example:{server.port}"
            instance = machine(f"http://{endpoint}" if kind == "http" else endpoint, kind)
            assert await outcome(instance, timeout=1.0) == (True, None)


@pytest.fixture
def deaf_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    released = threading.Event()

    def never(*_arguments: object, **_more: object) -> list[object]:
        released.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    yield
    released.set()


@pytest.mark.case("W-14")
@pytest.mark.parametrize("kind", ["http", "tcp"])
async def test_a_look_up_that_hangs_ends_with_the_probe(deaf_resolver: None, kind: str) -> None:
    endpoint = "http://slow.example:81" if kind == "http" else "slow.example:81"
    began = time.monotonic()
    assert await outcome(machine(endpoint, kind), timeout=0.1) == (False, "timeout")
    assert time.monotonic() - began < 3


async def test_all_probes_of_a_round_are_under_way_at_once() -> None:
    together = threading.Barrier(3)

    def meet(peer: Peer, _arrived: object) -> None:
        together.wait(5)  # nobody is answered before all three have come
        peer.send(answer())

    with Loopback(meet) as server:
        async with AsyncNovita(api_key=KEY) as client:
            ready = [HTTPProbe(), HTTPProbe(path="/a"), HTTPProbe(path="/b")]
            found = await AsyncReadiness(services_of(client), ready).round(machine(server.url))
    assert found.passed
    assert urlsplit(found.results[0].address).port == server.port
    assert [result.kind for result in found.results] == ["http"] * 3
    assert TCPProbe() not in ready
