"""Proxies of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.transport import AsyncHTTPTransport
from novita_sdk._core.outcome import Outcome, outcome_of_error
from novita_sdk.errors import APIConnectionError, ConfigurationError
from tests.loopback import CERTIFICATE, Arrived, Loopback, Peer, always, answer, deaf_port, request_to

pytestmark = pytest.mark.anyio


def relay(peer: Peer, arrived: Arrived) -> object:
    """Answer plain requests, and open tunnels."""
    method, target, _ = arrived.line.split()
    if method != "CONNECT":
        return peer.send(answer(b'"from the proxy"'))
    host, _, port = target.partition(":")
    peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
    peer.tunnel(host, int(port))
    return False


@pytest.fixture
def proxy() -> Iterator[Loopback]:
    with Loopback(relay) as server:
        yield server


@pytest.fixture
def service() -> Iterator[Loopback]:
    with Loopback(always(answer(b'"direct"'))) as server:
        yield server


async def body_from(url: str) -> bytes:
    async with aclosing(AsyncHTTPTransport()) as transport:
        return (await transport.send(request_to(url))).body


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
async def test_a_proxy_of_the_environment_is_used(
    name: str, proxy: Loopback, service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, proxy.url)
    assert await body_from(f"{service.url}/x?y=1") == b'"from the proxy"'
    assert proxy.seen[0].line == f"GET {service.url}/x?y=1 HTTP/1.1"
    assert service.connections == 0


async def test_a_proxy_without_a_scheme_is_an_http_proxy(
    proxy: Loopback, service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
    assert await body_from(service.url) == b'"from the proxy"'


async def test_a_login_of_the_proxy_is_sent_to_it(
    proxy: Loopback, service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url.replace("http://", "http://me:open%20sesame@"))
    await body_from(service.url)
    assert proxy.seen[0].header("proxy-authorization") == ["Basic bWU6b3BlbiBzZXNhbWU="]


@pytest.mark.parametrize("rule", ["127.0.0.1", "example.com, 127.0.0.1", "*", "127.0.0.1:{port}"])
async def test_no_proxy_means_direct(
    rule: str, proxy: Loopback, service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", rule.format(port=service.port))
    assert await body_from(service.url) == b'"direct"'
    assert proxy.connections == 0


@pytest.mark.parametrize("rule", ["example.com", "127.0.0.1:1", "27.0.0.1"])
async def test_no_proxy_for_others_does_not_mean_direct(
    rule: str, proxy: Loopback, service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", rule)
    assert await body_from(service.url) == b'"from the proxy"'


async def test_https_goes_through_a_tunnel_and_the_proxy_sees_no_request(
    proxy: Loopback, monkeypatch: pytest.MonkeyPatch, fresh_certificates: None
) -> None:
    monkeypatch.setenv("https_proxy", proxy.url)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with Loopback(always(answer(b'"direct"')), tls=True) as service:
        async with AsyncNovita(api_key="K-0123456789", base_url=service.url) as client:
            assert await client.request("GET", "/x") == {"data": "direct"}
        assert [arrived.line for arrived in proxy.seen] == [f"CONNECT 127.0.0.1:{service.port} HTTP/1.1"]
        assert proxy.seen[0].header("authorization") == []
        assert service.seen[0].header("authorization") == ["Bearer K-0123456789"]
        assert service.is_left()


async def test_a_proxy_that_refuses_the_tunnel_means_that_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch, fresh_certificates: None
) -> None:
    with Loopback(always(answer(b"", "407 Proxy Authentication Required"))) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(APIConnectionError) as caught:
            await body_from("https://127.0.0.1:1")
    assert (caught.value.phase, caught.value.reached_server) == ("connect", False)
    assert outcome_of_error(caught.value) is Outcome.NOT_SENT


async def test_a_proxy_that_is_not_there_means_that_nothing_was_sent(
    service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    with deaf_port() as url:
        monkeypatch.setenv("http_proxy", url)
        with pytest.raises(APIConnectionError) as caught:
            await body_from(service.url)
    assert outcome_of_error(caught.value) is Outcome.NOT_SENT


@pytest.mark.parametrize(
    "value", ["gopher://me:hidden@proxy", "http://me:hidden@proxy:port", "socks5://me:hidden@proxy"]
)
async def test_a_proxy_that_cannot_be_used_is_a_wrong_setting_and_stays_hidden(
    value: str, service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", value)
    async with AsyncNovita(api_key="K-0123456789", base_url=service.url) as client:
        with pytest.raises(ConfigurationError, match="http_proxy") as caught:
            await client.gpu_instances.create(product_id="p", image_url="nginx")
    assert service.connections == 0
    assert "hidden" not in f"{caught.value}{caught.value.explain()}"
