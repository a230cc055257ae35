"""Calls to the applications behind endpoints: where the key goes, what is repeated, what an error tells."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk.errors import (
    APIConnectionError,
    ClientClosedError,
    DeadlineExceededError,
    EndpointInvokeError,
    EndpointNotReadyError,
    NotFoundError,
    ResponseDecodeError,
    TransportError,
    ValidationError,
    WaitTimeoutError,
)
from novita_sdk.models import Endpoint
from novita_sdk.testing import Fault, ScaledClock, Simulator, VirtualClock, serve
from tests.aio.remote import KEY, AsyncRemote, Late, client_of, refused, reset

pytestmark = pytest.mark.anyio


def record(url: str | None = "https://e-1.novita.ai", **changes: Any) -> Endpoint:
    return Endpoint(id="e-1", name="one", url=url, **changes)


def shown(url: str = "https://e-1.novita.ai") -> dict[str, Any]:
    """An endpoint as the service shows it."""
    return {
        "endpoint": {
            "id": "e-1",
            "name": "one",
            "state": {"state": "serving"},
            "url": url,
            "workerConfig": {"minNum": 1, "maxNum": 1, "requestTimeout": 60},
        }
    }


async def test_an_application_gets_what_was_sent_and_nothing_around_it() -> None:
    sim = Simulator()
    endpoint_id = sim.add_endpoint("one")
    async with sim.async_client() as client:
        answer = await client.serverless_endpoints.invoke(
            "one", "/generate", json={"prompt": "hello"}, params={"stream": False}, headers={"X-Trace": "7"}
        )
    assert answer.status == 200
    assert answer.json() == {
        "endpoint": endpoint_id,
        "method": "POST",
        "path": "/generate",
        "query": {"stream": "false"},
        "body": {"prompt": "hello"},
    }
    assert answer.headers["Content-Type"] == "application/json"
    assert sim.journal[-1].host == f"{endpoint_id}.novita.ai"
    assert sim.journal[-1].headers["x-trace"] == "7"
    assert answer.elapsed >= 0


async def test_the_address_is_asked_for_once() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    async with sim.async_client() as client:
        for _ in range(5):
            await client.serverless_endpoints.invoke("one", "/")
    assert sim.requests("invoke") == 5
    assert sim.requests("list_endpoints") + sim.requests("get_endpoint") == 2


async def test_the_address_is_asked_for_again_after_a_failure() -> None:
    remote = AsyncRemote(VirtualClock(), shown(), 404, shown("https://e-2.novita.ai"), 200)
    async with client_of(remote) as client:
        ref = record(url=None)
        with pytest.raises(EndpointInvokeError):
            await client.serverless_endpoints.invoke(ref)
        await client.serverless_endpoints.invoke(ref)
    assert [seen.request.url.split("/")[2] for seen in remote.seen] == [
        "api.novita.ai",
        "e-1.novita.ai",
        "api.novita.ai",
        "e-2.novita.ai",
    ]


async def test_a_record_with_an_address_is_called_at_once() -> None:
    remote = AsyncRemote(VirtualClock(), b"pong")
    async with client_of(remote) as client:
        answer = await client.serverless_endpoints.invoke(record(), "/ping", method="get", content=b"raw")
    sent = remote.seen[0].request
    assert (sent.method, sent.url, sent.body) == ("GET", "https://e-1.novita.ai/ping", b"raw")
    assert sent.headers["Authorization"] == f"Bearer {KEY}"
    assert answer.content == b"pong"
    assert len(remote.seen) == 1


@pytest.mark.case("SV-74")
async def test_an_error_of_the_application_is_not_repeated() -> None:
    sim = Simulator()
    endpoint_id = sim.add_endpoint("one")
    sim.set_endpoint_answer(endpoint_id, status=503, body={"message": "loading", "token": "T-1"})
    async with sim.async_client() as client:
        with pytest.raises(EndpointInvokeError) as caught:
            await client.serverless_endpoints.invoke("one")
    assert sim.requests("invoke") == 1
    assert caught.value.status == 503
    assert caught.value.resource_id == endpoint_id
    assert "loading" in caught.value.body
    assert "T-1" not in caught.value.body


@pytest.mark.case("SV-74")
async def test_an_allowed_repeat_is_made_after_the_pause_that_was_asked_for() -> None:
    remote = AsyncRemote(VirtualClock(), (503, {}, {"Retry-After": "7"}), 503, b"fine")
    async with client_of(remote) as client:
        answer = await client.serverless_endpoints.invoke(record(), retries=2)
    assert answer.content == b"fine"
    assert len(remote.seen) == 3
    assert remote.times[1] >= 7


@pytest.mark.parametrize("answer", [refused, reset, 408, 429, 502, 504])
async def test_what_may_pass_is_repeated_if_that_is_allowed(answer: Any) -> None:
    remote = AsyncRemote(VirtualClock(), answer, 200)
    async with client_of(remote) as client:
        await client.serverless_endpoints.invoke(record(), retries=1)
    assert len(remote.seen) == 2


@pytest.mark.parametrize("status", [400, 404, 409, 500, 501])
async def test_what_a_repeat_does_not_help_is_not_repeated(status: int) -> None:
    remote = AsyncRemote(VirtualClock(), status)
    async with client_of(remote) as client:
        with pytest.raises(EndpointInvokeError):
            await client.serverless_endpoints.invoke(record(), retries=5)
    assert len(remote.seen) == 1


async def test_a_broken_connection_is_told_with_the_endpoint() -> None:
    remote = AsyncRemote(VirtualClock(), reset)
    async with client_of(remote) as client:
        with pytest.raises(APIConnectionError) as caught:
            await client.serverless_endpoints.invoke(record())
    assert len(remote.seen) == 1
    assert (caught.value.operation, caught.value.resource_id) == ("invoke", "e-1")


@pytest.mark.case("SV-74")
async def test_a_redirect_is_not_followed() -> None:
    remote = AsyncRemote(VirtualClock(), (302, {}, {"Location": "https://elsewhere.test/"}))
    async with client_of(remote) as client:
        answer = await client.serverless_endpoints.invoke(record())
    assert answer.status == 302
    assert [seen.request.url for seen in remote.seen] == ["https://e-1.novita.ai/"]


@pytest.mark.case("SV-74")
@pytest.mark.parametrize(
    "url",
    [
        "http://e-1.novita.ai",
        "https://elsewhere.test",
        "https://novita.ai.elsewhere.test",
        "https://evilnovita.ai",
        "https://elsewhere.test/.novita.ai",
        "https://e-1.novita.ai@elsewhere.test",
        "https://elsewhere.test\\.novita.ai",
        "https://elsewhere.test#.novita.ai",
        "https://elsewhere.test?.novita.ai",
        "ftp://e-1.novita.ai",
        "e-1.novita.ai",
    ],
)
async def test_the_key_goes_to_no_other_address(url: str) -> None:
    remote = AsyncRemote(VirtualClock(), 200)
    async with client_of(remote) as client:
        with pytest.raises(ValidationError, match="url"):
            await client.serverless_endpoints.invoke(record(url))
    assert remote.seen == []


async def test_an_address_that_the_caller_vouches_for_gets_the_key() -> None:
    remote = AsyncRemote(VirtualClock(), 200)
    async with client_of(remote) as client:
        await client.serverless_endpoints.invoke(record("http://10.0.0.1:8000/app/"), "/x", trust_url=True)
    assert remote.seen[0].request.url == "http://10.0.0.1:8000/app/x"
    assert remote.seen[0].header("Authorization") == f"Bearer {KEY}"


@pytest.mark.case("SV-74")
async def test_failing_applications_do_not_open_the_breaker_nor_use_the_rate_limit() -> None:
    sim = Simulator()
    endpoint_id = sim.add_endpoint("one")
    async with sim.async_client() as client:
        one = await client.serverless_endpoints.get(endpoint_id)
        sim.set_endpoint_answer(endpoint_id, status=503)
        tokens = client.stats().families["public"].bucket
        for _ in range(10):
            with pytest.raises(EndpointInvokeError):
                await client.serverless_endpoints.invoke(one)
        assert client.stats().families["public"].bucket == tokens
        await client.serverless_endpoints.get(endpoint_id)


async def test_an_endpoint_without_a_ready_worker_answers_503() -> None:
    sim = Simulator()
    sim.add_endpoint("one", running=False)
    async with sim.async_client() as client:
        answer = await client.serverless_endpoints.invoke("one", raise_for_status=False)
    assert answer.status == 503


async def test_an_endpoint_that_starts_can_be_waited_for() -> None:
    sim = Simulator()
    sim.add_endpoint("one", running=False)
    async with sim.async_client() as client:
        answer = await client.serverless_endpoints.invoke("one", wait_ready=True, retries=10)
    assert answer.status == 200


async def test_waiting_for_an_endpoint_counts_towards_the_time_of_the_call() -> None:
    sim = Simulator()
    sim.add_endpoint("one", running=False)
    began = sim.clock.monotonic()
    async with sim.async_client() as client:
        with pytest.raises(WaitTimeoutError):
            await client.serverless_endpoints.invoke("one", wait_ready=True, timeout=10)
    assert sim.clock.monotonic() - began == pytest.approx(10, abs=1)
    assert sim.requests("invoke") == 0


async def test_an_endpoint_without_an_address_is_not_ready() -> None:
    remote = AsyncRemote(VirtualClock(), shown(url=""))
    async with client_of(remote) as client:
        with pytest.raises(EndpointNotReadyError) as caught:
            await client.serverless_endpoints.invoke(record(url=None))
    assert caught.value.resource_id == "e-1"
    assert len(remote.seen) == 1


async def test_an_unknown_endpoint_is_not_found() -> None:
    async with Simulator().async_client() as client:
        with pytest.raises(NotFoundError):
            await client.serverless_endpoints.invoke("nobody")


async def test_a_deleted_endpoint_is_told_as_such_once_its_address_failed() -> None:
    sim = Simulator()
    endpoint_id = sim.add_endpoint("one")
    async with sim.async_client() as client:
        await client.serverless_endpoints.invoke("one")
        sim.remove_endpoint(endpoint_id)
        with pytest.raises(EndpointInvokeError):
            await client.serverless_endpoints.invoke("one")
        with pytest.raises(NotFoundError):
            await client.serverless_endpoints.invoke("one")


async def test_the_endpoint_decides_how_long_a_call_may_take() -> None:
    remote = AsyncRemote(VirtualClock(), shown(), Late(1, 200), 200)
    async with client_of(remote) as client:
        await client.serverless_endpoints.invoke(record(url=None))
        await client.serverless_endpoints.invoke(record(), timeout=5)
    limits = [seen.request.timeouts for seen in remote.seen[1:]]
    assert [(limit.connect, limit.read) for limit in limits] == [(10, 90), (5, 5)]


async def test_the_time_for_all_attempts_ends_the_repeats() -> None:
    remote = AsyncRemote(VirtualClock(), Late(4, 503))
    async with client_of(remote) as client:
        with pytest.raises((EndpointInvokeError, DeadlineExceededError)):
            await client.serverless_endpoints.invoke(record(), timeout=10, retries=10)
    assert 2 <= len(remote.seen) <= 3
    assert all(seen.at + (seen.request.timeouts.read or 0) <= 10.001 for seen in remote.seen)


async def test_a_fault_of_the_network_reaches_an_application_as_well() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    sim.faults.add(Fault("reset_before_processing", "invoke"))
    async with sim.async_client() as client:
        with pytest.raises(TransportError):
            await client.serverless_endpoints.invoke("one")
        await client.serverless_endpoints.invoke("one")


async def test_an_answer_is_read_up_to_its_limit() -> None:
    remote = AsyncRemote(VirtualClock(), b"x" * 11)
    async with client_of(remote) as client:
        with pytest.raises(ResponseDecodeError, match="10 bytes"):
            await client.serverless_endpoints.invoke(record(), max_bytes=10)
        assert (await client.serverless_endpoints.invoke(record(), max_bytes=11)).content == b"x" * 11
    assert remote.seen[0].request.context.answer_limit == 11


async def test_a_packed_answer_is_unpacked_up_to_its_limit() -> None:
    packed = (200, gzip.compress(b"x" * 1000), {"Content-Encoding": "gzip"})
    remote = AsyncRemote(VirtualClock(), packed)
    async with client_of(remote) as client:
        assert (await client.serverless_endpoints.invoke(record())).content == b"x" * 1000
        with pytest.raises(ResponseDecodeError, match="999 bytes"):
            await client.serverless_endpoints.invoke(record(), max_bytes=999)


async def test_an_answer_that_is_no_json_is_told_when_it_is_read_as_such() -> None:
    remote = AsyncRemote(VirtualClock(), b"<html>")
    async with client_of(remote) as client:
        answer = await client.serverless_endpoints.invoke(record())
    assert "html" not in repr(answer)
    with pytest.raises(ResponseDecodeError):
        answer.json()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"path": "generate"}, "path"),
        ({"path": "//elsewhere.test"}, "path"),
        ({"path": "/a?b=c"}, "path"),
        ({"json": 1, "content": b"1"}, "content"),
        ({"json": float("nan")}, "json"),
        ({"retries": 11}, "retries"),
        ({"retries": True}, "retries"),
        ({"timeout": 0}, "timeout"),
        ({"max_bytes": 0}, "max_bytes"),
        ({"method": "GET /"}, "method"),
        ({"headers": {"Authorization": "Bearer other"}}, "Authorization"),
        ({"params": {"a": 1.5}}, "a"),
    ],
)
async def test_wrong_arguments_are_told_before_anything_is_sent(arguments: dict[str, Any], word: str) -> None:
    remote = AsyncRemote(VirtualClock(), 200)
    async with client_of(remote) as client:
        with pytest.raises(ValidationError, match=word):
            await client.serverless_endpoints.invoke(record(), **arguments)
    assert remote.seen == []


async def test_a_closed_client_calls_nobody() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    client = sim.async_client()
    await client.aclose()
    with pytest.raises(ClientClosedError):
        await client.serverless_endpoints.invoke("one")


async def test_an_application_is_called_over_real_sockets() -> None:
    sim = Simulator(clock=ScaledClock())
    with serve(sim) as server:
        async with AsyncNovita(api_key=sim.api_key, base_url=server.base_url) as client:
            answer = await client.serverless_endpoints.invoke(
                record(server.base_url), "/generate", json={"a": 1}, trust_url=True, raise_for_status=False
            )
            with pytest.raises(ResponseDecodeError):
                await client.serverless_endpoints.invoke(
                    record(server.base_url), "/generate", trust_url=True, max_bytes=5
                )
    assert answer.status == 404  # the server knows no such route, and says so in JSON
    assert isinstance(answer.json(), dict)
    assert [entry.raw_body for entry in sim.journal] == [b'{"a":1}', b""]
