"""Requests and answers of the HTTP transport, byte for byte."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import aclosing
from types import ModuleType

import pytest

from novita_sdk._async import transport as transport_module
from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.transport import AsyncHTTPTransport
from novita_sdk._core.http import Response
from novita_sdk.errors import APIConnectionError, APIStatusError, ResponseDecodeError
from novita_sdk.options import CallOptions
from tests.loopback import Arrived, Loopback, Peer, Play, always, answer, request_to

pytestmark = pytest.mark.anyio


async def fetch(play: Play, **request: object) -> Response:
    """Send one request to a server that plays `play`."""
    with Loopback(play) as server:
        async with aclosing(AsyncHTTPTransport()) as transport:
            return await transport.send(request_to(server.url, **request))  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------- requests


async def arrived(method: str, body: bytes | None, path: str = "/") -> Arrived:
    with Loopback(always(answer())) as server:
        async with aclosing(AsyncHTTPTransport()) as transport:
            await transport.send(request_to(f"{server.url}{path}", method=method, body=body))
    (seen,) = server.seen
    assert seen.header("host") == [f"127.0.0.1:{server.port}"]
    return seen


async def test_a_read_carries_no_length_and_no_body() -> None:
    seen = await arrived("GET", None)
    assert (seen.line, seen.body) == ("GET / HTTP/1.1", b"")
    assert seen.header("content-length") == seen.header("transfer-encoding") == []


@pytest.mark.parametrize("body", [b"{}", b"", None])
async def test_a_write_tells_its_length_even_if_there_is_nothing(body: bytes | None) -> None:
    seen = await arrived("POST", body)
    assert seen.header("content-length") == [str(len(body or b""))]
    assert seen.body == (body or b"")


async def test_packed_answers_are_asked_for() -> None:
    assert (await arrived("GET", None)).header("accept-encoding") == ["gzip, deflate"]


async def test_the_query_arrives_as_it_was_encoded() -> None:
    seen = await arrived("GET", None, "/x?instanceId=a%2Fb%3Fc%3Dd%26e%23f%20%C3%BC&empty=")
    assert seen.line == "GET /x?instanceId=a%2Fb%3Fc%3Dd%26e%23f%20%C3%BC&empty= HTTP/1.1"


@pytest.mark.case("RQ-05")
async def test_a_name_beyond_ascii_arrives_as_utf_8_byte_for_byte() -> None:
    with Loopback(always(answer())) as server:
        async with AsyncNovita(api_key="K-0123456789", base_url=server.url) as client:
            await client.request("POST", "/x", json={"name": "prêt ✓ 漢字 🙂"}, safety="idempotent")
    (seen,) = server.seen
    assert seen.body == '{"name":"prêt ✓ 漢字 🙂"}'.encode()
    assert seen.header("content-length") == [str(len(seen.body))]
    assert seen.header("content-type") == ["application/json"]


async def test_every_header_of_a_call_arrives_once() -> None:
    with Loopback(always(answer())) as server:
        async with AsyncNovita(api_key="K-0123456789", base_url=server.url, app="tests/1") as client:
            await client.request("GET", "/x", options=CallOptions(headers={"X-Extra": "1"}))
    (seen,) = server.seen
    names = [name.lower() for name, _ in seen.headers]
    assert sorted(names) == sorted(set(names))
    assert {"host", "authorization", "user-agent", "accept", "x-correlation-id", "x-extra"} <= set(names)


async def test_bytes_of_every_value_come_back_as_they_were() -> None:
    everything = bytes(range(256)) * 300

    def echo(peer: Peer, one: Arrived) -> None:
        peer.send(answer(one.body))

    assert (await fetch(echo, method="POST", body=everything)).body == everything


# ----------------------------------------------------------------------------------------- answers


async def test_status_headers_and_body_come_back_whatever_the_status() -> None:
    play = always(
        b"HTTP/1.1 503 Away\r\nRetry-After: 7\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 3\r\n\r\nabc"
    )
    found = await fetch(play)
    assert (found.status, found.body, found.headers["retry-after"]) == (503, b"abc", "7")
    assert found.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert 0 < found.elapsed < 2


async def test_an_answer_without_a_body_is_empty() -> None:
    assert (await fetch(always(b"HTTP/1.1 204 No Content\r\n\r\n"))).body == b""


async def test_chunks_are_put_together() -> None:
    play = always(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert (await fetch(play)).body == b"abcde"


@pytest.fixture
def redirecting() -> Iterator[Loopback]:
    with Loopback(always(answer())) as server:
        yield server


@pytest.fixture
def elsewhere() -> Iterator[Loopback]:
    with Loopback(always(answer())) as server:
        yield server


@pytest.mark.case("RQ-04")
@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
)
async def test_a_redirect_is_not_followed(status: str, redirecting: Loopback, elsewhere: Loopback) -> None:
    redirecting.play = always(answer(b"", status, Location=elsewhere.url))
    async with AsyncNovita(api_key="K-0123456789", base_url=redirecting.url) as client:
        with pytest.raises(APIStatusError) as caught:
            await client.request("GET", "/x")
    assert caught.value.status == int(status[:3])
    assert (len(redirecting.seen), elsewhere.connections) == (1, 0)


# ------------------------------------------------------------------------------------ packed bodies

TEXT = json.dumps({"data": ["prêt ✓"] * 5000}, ensure_ascii=False).encode()
PACKED = [("gzip", gzip), ("x-gzip", gzip), ("GZIP", gzip), ("deflate", zlib)]


@pytest.mark.parametrize(("encoding", "packer"), PACKED)
async def test_a_packed_body_is_unpacked(encoding: str, packer: ModuleType) -> None:
    found = await fetch(always(answer(packer.compress(TEXT), Content_Encoding=encoding)))
    assert found.body == TEXT


async def test_an_empty_packed_body_is_empty() -> None:
    assert (await fetch(always(answer(b"", Content_Encoding="gzip")))).body == b""


DAMAGED = {
    "no gzip at all": b"{}",
    "cut": gzip.compress(TEXT)[:-20],
    "changed inside": gzip.compress(TEXT)[:-8] + b"\0" * 8,
    "something behind it": gzip.compress(TEXT) + b"{}",
}


@pytest.mark.parametrize("kind", DAMAGED)
async def test_a_damaged_packed_body_is_a_broken_answer(kind: str) -> None:
    with pytest.raises(APIConnectionError, match="packed body is damaged") as caught:
        await fetch(always(answer(DAMAGED[kind], Content_Encoding="gzip")))
    assert (caught.value.phase, caught.value.reached_server, caught.value.retryable) == ("read", None, True)


async def test_a_body_packed_in_a_way_nobody_asked_for_is_told() -> None:
    with pytest.raises(ResponseDecodeError, match="packed as 'br'") as caught:
        await fetch(always(answer(b"\x0b\x02\x80", Content_Encoding="br")))
    assert caught.value.status == 200


async def test_identity_means_not_packed() -> None:
    assert (await fetch(always(answer(b"{}", Content_Encoding="identity")))).body == b"{}"


# ------------------------------------------------------------------------------------- large bodies


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> int:
    """A limit that a test can reach in no time."""
    assert transport_module.MAX_BODY_BYTES == 32 * 1024 * 1024
    monkeypatch.setattr(transport_module, "MAX_BODY_BYTES", 1000)
    return 1000


async def test_a_body_of_exactly_the_limit_is_read(limit: int) -> None:
    assert len((await fetch(always(answer(b"x" * limit)))).body) == limit
    packed = gzip.compress(b"x" * limit)
    assert len((await fetch(always(answer(packed, Content_Encoding="gzip")))).body) == limit


@pytest.mark.parametrize(
    "body",
    [
        answer(b"x" * 1001),
        answer(gzip.compress(b"x" * 1001), Content_Encoding="gzip"),
        answer(gzip.compress(bytes(10**8)), Content_Encoding="gzip"),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"258\r\n" + b"x" * 600 + b"\r\n") * 9,
    ],
    ids=["plain", "packed", "bomb", "without a length", "in chunks"],
)
async def test_a_larger_body_is_refused_and_its_connection_given_up(limit: int, body: bytes) -> None:
    with Loopback(always(body)) as server:
        async with aclosing(AsyncHTTPTransport()) as transport:
            with pytest.raises(ResponseDecodeError, match=f"larger than {limit} bytes") as caught:
                await transport.send(request_to(server.url))
            assert server.is_left()
    assert (caught.value.path, caught.value.status) == ("$", 200)


async def test_the_client_says_which_call_met_a_larger_body(limit: int) -> None:
    with Loopback(always(answer(b"x" * 5000))) as server:
        async with AsyncNovita(api_key="K-0123456789", base_url=server.url) as client:
            with pytest.raises(ResponseDecodeError) as caught:
                await client.clusters.list().collect()
    assert caught.value.operation == "list_clusters"
    assert len(server.seen) == 1
