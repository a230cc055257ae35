# Generated from tests/aio/test_http_tls.py by tools/unasync.py; edit the source.
"""TLS: certificates of the environment, one context for all, and what a failed handshake means."""

from __future__ import annotations

import ssl
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from novita_sdk._concurrency.threads import SystemClock, gather
from novita_sdk._core.http import Response
from novita_sdk._core.outcome import Outcome, outcome_of_error
from novita_sdk._sync.client import Novita
from novita_sdk._sync.transport import HTTPTransport
from novita_sdk.errors import APIConnectionError, ConfigurationError
from tests.loopback import CERTIFICATE, Loopback, Peer, always, answer, deaf_port, request_to

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("fresh_certificates")]


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def test_a_certificate_of_the_environment_is_trusted(trusted: None) -> None:
    with Loopback(always(answer(b'{"ok":1}')), tls=True) as server:
        with Novita(api_key="K-0123456789", base_url=server.url) as client:
            for _ in range(3):
                assert client.request("GET", "/x") == {"ok": 1}
        assert server.connections == 1
        assert server.is_left()


def test_a_certificate_that_is_not_valid_is_told_at_once_and_not_tried_again() -> None:
    with Loopback(always(answer()), tls=True) as server:
        with Novita(api_key="K-0123456789", base_url=server.url) as client:
            with pytest.raises(APIConnectionError) as caught:
                client.request("GET", "/x")
            assert client.stats().families["public"].breaker.failures == 0
        assert server.connections == 1
        assert server.is_left()
    error = caught.value
    assert (error.phase, error.reached_server, error.retryable) == ("tls", False, False)
    assert outcome_of_error(error) is Outcome.BAD_CERTIFICATE
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)


def cut(peer: Peer) -> bool:
    """Hang up when the client has begun its handshake."""
    peer.wait()
    return False


def cut_hard(peer: Peer) -> bool:
    """Reset the connection when the client has begun its handshake."""
    peer.wait()
    peer.reset()
    return False


def talk_plain(peer: Peer) -> bool:
    """Speak no TLS at all."""
    peer.wait()
    peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    return False


@pytest.mark.parametrize("greet", [cut, cut_hard, talk_plain])
def test_a_handshake_that_breaks_means_that_nothing_was_sent_and_may_be_tried_again(
    greet: object, trusted: None
) -> None:
    with Loopback(always(answer()), tls=True, greet=greet) as server:  # type: ignore[arg-type]
        with closing(HTTPTransport()) as transport:
            with pytest.raises(APIConnectionError) as caught:
                transport.send(request_to(server.url))
        assert server.is_left()
    assert (caught.value.reached_server, caught.value.retryable) == (False, True)
    assert caught.value.phase == ("connect" if greet is cut_hard else "tls")
    assert outcome_of_error(caught.value) is Outcome.NOT_SENT


def test_a_connection_cut_after_the_handshake_is_no_failed_handshake(trusted: None) -> None:
    with Loopback(lambda _peer, _arrived: False, tls=True) as server:
        with closing(HTTPTransport()) as transport:
            with pytest.raises(APIConnectionError) as caught:
                transport.send(request_to(server.url))
    assert (caught.value.phase, caught.value.reached_server) == ("protocol", None)


def test_what_the_caller_was_handling_says_nothing_about_the_certificate() -> None:
    with closing(HTTPTransport()) as transport:
        with deaf_port() as url:
            try:
                raise ssl.SSLCertVerificationError("another story")
            except ssl.SSLError:
                with pytest.raises(APIConnectionError) as caught:
                    transport.send(request_to(url))
    assert (caught.value.phase, caught.value.retryable) == ("connect", True)


def test_the_certificates_are_loaded_once_for_all_clients_and_not_before_they_are_needed(
    trusted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[ssl.SSLContext] = []
    create = httpx.create_ssl_context

    def counted() -> ssl.SSLContext:
        made.append(create())
        return made[-1]

    monkeypatch.setattr(httpx, "create_ssl_context", counted)
    with Loopback(always(answer())) as plain:
        with closing(HTTPTransport()) as transport:
            transport.send(request_to(plain.url))
    assert made == []
    with Loopback(always(answer()), tls=True) as server:

        def send() -> Response:
            with closing(HTTPTransport()) as transport:
                return transport.send(request_to(server.url))

        gather(SystemClock(), [send] * 4)
    assert len(made) == 1


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_loaded_are_a_wrong_setting(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "certificates.pem"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with Novita(api_key="K-0123456789", base_url="https://127.0.0.1:1") as client:
        with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
            client.gpu_instances.create(product_id="p", image_url="nginx")
