"""Webhooks on real sockets: to the checked address, under the host's name, and past everything in the environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import certifi
import pytest

from novita_sdk._async.resources.webhooks import AsyncWebhooks
from novita_sdk._async.webhooks import delivery
from novita_sdk._concurrency.aio import Event
from novita_sdk.errors import APIConnectionError, WebhookDeliveryError
from novita_sdk.stores import AsyncMemoryStore
from novita_sdk.webhooks import AsyncOutbox, WebhookTarget, events
from tests.aio.hooks_network import SECRET
from tests.loopback import CERTIFICATE, Arrived, Loopback, Peer, always, answer, deaf_port, hold

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("fresh_certificates")]

EVENT = events.stopped("i-1", operation_id="op-1")


@pytest.fixture(autouse=True)
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that the tests use lead to this machine."""
    asked: list[str] = []

    async def resolve(_clock: object, host: str, _port: int, _timeout: float) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",)

    monkeypatch.setattr(delivery, "resolve", resolve)
    return asked


def target_at(server: Loopback, host: str = "localhost", path: str = "/w") -> WebhookTarget:
    url = server.url.replace("127.0.0.1", host) + path
    return WebhookTarget("local", url, SECRET, allow_http=True, allow_private=["127.0.0.1/32"])


async def test_the_request_names_the_host_and_goes_to_the_address(lookups: list[str]) -> None:
    with Loopback(always(answer())) as server:
        async with AsyncWebhooks() as webhooks:
            await webhooks.notify(EVENT, target_at(server, "hooks.example", "/w?x=1"))
    (arrived,) = server.seen
    assert arrived.line == "POST /w?x=1 HTTP/1.1"
    assert arrived.header("Host") == [f"hooks.example:{server.port}"]
    assert arrived.header("Accept-Encoding") == ["identity"]
    assert arrived.header("Authorization") == []
    assert lookups == ["hooks.example"]


async def test_each_message_has_a_connection_of_its_own() -> None:
    with Loopback(always(answer())) as server:
        async with AsyncWebhooks() as webhooks:
            for _ in range(3):
                await webhooks.notify(EVENT, target_at(server))
            assert server.connections == 3
            assert server.is_left()


@pytest.mark.case("WH-61")
async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with deaf_port() as nobody, Loopback(always(answer())) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, nobody)
        async with AsyncWebhooks() as webhooks:
            await webhooks.notify(EVENT, target_at(server))
        assert len(server.seen) == 1


@pytest.mark.case("WH-61")
async def test_the_certificate_is_checked_against_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certifi, "where", lambda: str(CERTIFICATE))
    with Loopback(always(answer()), tls=True) as server:
        async with AsyncWebhooks() as webhooks:
            await webhooks.notify(EVENT, target_at(server, "localhost"))
            with pytest.raises(WebhookDeliveryError) as caught:
                await webhooks.notify(EVENT, target_at(server, "hooks.example"))
    assert [attempt.outcome for attempt in caught.value.attempts] == ["certificate"]
    assert isinstance(caught.value.__cause__, APIConnectionError)
    assert len(server.seen) == 1


async def test_certificates_of_the_environment_are_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with Loopback(always(answer()), tls=True) as server:
        async with AsyncWebhooks() as webhooks:
            with pytest.raises(WebhookDeliveryError):
                await webhooks.notify(EVENT, target_at(server, "localhost"))
    assert server.seen == []


async def test_redirects_are_not_followed() -> None:
    with Loopback(always(answer())) as elsewhere:
        moved = answer(status="302 Found", Location=elsewhere.url)
        with Loopback(always(moved)) as server:
            async with AsyncWebhooks() as webhooks:
                with pytest.raises(WebhookDeliveryError):
                    await webhooks.notify(EVENT, target_at(server))
        assert elsewhere.seen == []


async def test_of_a_long_answer_the_beginning_is_read() -> None:
    sent: list[int] = []

    def flood(peer: Peer, _arrived: Arrived) -> bool:
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        try:
            while len(sent) < 100_000:
                peer.send(b"x" * 10_000)
                sent.append(10_000)
        except OSError:
            pass
        return False

    with Loopback(flood) as server:
        async with AsyncWebhooks() as webhooks:
            report = await webhooks.notify(EVENT, target_at(server))
            assert server.is_left()
    assert (report.status, report.attempts) == (200, 1)
    assert sum(sent) < 100_000_000


async def test_a_packed_answer_is_not_unpacked() -> None:
    with Loopback(always(answer(b"no gzip", Content_Encoding="gzip"))) as server:
        async with AsyncWebhooks() as webhooks:
            assert (await webhooks.notify(EVENT, target_at(server))).status == 200


SLOW: list[Callable[..., Any]] = [
    hold,
    lambda peer, _arrived: peer.dribble(answer(b"x" * 100), 0.05),
]


@pytest.mark.parametrize("play", SLOW, ids=["silent", "dripping"])
async def test_a_slow_receiver_is_left_when_the_time_is_up(play: Any) -> None:
    with Loopback(play) as server:
        async with AsyncWebhooks() as webhooks:
            with pytest.raises(WebhookDeliveryError) as caught:
                await webhooks.notify(EVENT, target_at(server), attempts=1, timeout=1)
        assert server.is_left()
    (attempt,) = caught.value.attempts
    assert attempt.outcome == "timeout"
    assert 0.9 <= attempt.elapsed <= 3


async def test_an_outbox_delivers_over_http() -> None:
    with Loopback(always(answer())) as server:
        async with AsyncOutbox(AsyncMemoryStore(), [target_at(server)]) as outbox:
            message_id = await outbox.enqueue(EVENT, "local")
            await outbox.drain()
            stop = Event()
            stop.set()
            await outbox.run(stop)
    assert [arrived.header("webhook-id") for arrived in server.seen] == [[message_id]]
