"""Receivers and URLs that mean harm: they take no more time than an attempt has, and stand in for nobody else."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from novita_sdk._async.resources.webhooks import AsyncWebhooks
from novita_sdk._async.webhooks import delivery
from novita_sdk.errors import ConfigurationError, WebhookDeliveryError
from novita_sdk.options import RateLimit
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import WebhookTarget, events
from tests.aio.hooks_network import SECRET, AsyncHooksNetwork
from tests.loopback import Arrived, Loopback, Peer, always, answer

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("fresh_certificates")]

EVENT = events.stopped("i-1", operation_id="op-1")


@pytest.fixture(autouse=True)
def lookups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that the tests use lead to this machine."""

    async def resolve(_clock: object, _host: str, _port: int, _timeout: float) -> tuple[str, ...]:
        return ("127.0.0.1",)

    monkeypatch.setattr(delivery, "resolve", resolve)


def target_at(server: Loopback, host: str = "localhost") -> WebhookTarget:
    url = server.url.replace("127.0.0.1", host) + "/w"
    return WebhookTarget("local", url, SECRET, allow_http=True, allow_private=["127.0.0.1/32"])


def drip(peer: Peer, _arrived: Arrived) -> bool:
    """Begin an answer whose headers never end."""
    peer.dribble(b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 100, 0.05)
    return False


@pytest.mark.parametrize("tls", [False, True])
async def test_headers_that_drip_in_take_no_longer_than_an_attempt(
    monkeypatch: pytest.MonkeyPatch, tls: bool
) -> None:
    with Loopback(drip, tls=tls) as server:
        monkeypatch.setattr("novita_sdk._async.transport._own_tls_context", _trusting)
        async with AsyncWebhooks() as webhooks:
            with pytest.raises(WebhookDeliveryError) as caught:
                await webhooks.notify(EVENT, target_at(server), attempts=1, timeout=1)
        assert server.is_left()
    (attempt,) = caught.value.attempts
    assert attempt.outcome == "timeout"
    assert 0.9 <= attempt.elapsed <= 1.6


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def test_the_server_is_asked_for_by_the_name_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    # read as a name and spelled anew, xn--fa-hia.example turns into fass.example, which is another host
    monkeypatch.setattr("novita_sdk._async.transport._own_tls_context", _trusting)
    with Loopback(always(answer()), tls=True) as server:
        async with AsyncWebhooks() as webhooks:
            await webhooks.notify(EVENT, target_at(server, "xn--fa-hia.example"))
    assert server.names == ["xn--fa-hia.example"]


@pytest.mark.parametrize("host", ["xn--a", "xn--zzzzzzzz-.example", "xn--"])
async def test_a_name_that_is_no_proper_international_one_is_sent_to_as_it_is_written(host: str) -> None:
    with Loopback(always(answer())) as server:
        async with AsyncWebhooks() as webhooks:
            assert (await webhooks.notify(EVENT, target_at(server, host))).status == 200
    assert server.seen[0].header("Host") == [f"{host}:{server.port}"]


async def test_a_host_has_one_breaker_whatever_its_targets_limits(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 500)
    webhooks = AsyncWebhooks(SECRET, transport=network, clock=clock)
    free = WebhookTarget("free", "https://hooks.example/a", SECRET)
    bound = WebhookTarget("bound", "https://hooks.example/b", SECRET, rate_limit=RateLimit(100))
    with pytest.raises(WebhookDeliveryError):
        await webhooks.notify(EVENT, free, attempts=5)
    with pytest.raises(WebhookDeliveryError):
        await webhooks.notify(EVENT, bound)
    assert len(network.received) == 5


@pytest.mark.parametrize("entry", [2130706433, True, b"\x7f\x00\x00\x01"])
def test_only_texts_open_private_addresses(entry: Any) -> None:
    with pytest.raises(ConfigurationError, match="allow_private"):
        WebhookTarget("team", "https://hooks.example/", allow_private=[entry])
