"""The request: headers, ids, encoding, credentials, unlisted operations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._core.http import Request, Response
from novita_sdk.errors import (
    APIConnectionError,
    APIStatusError,
    ConfigurationError,
    OutcomeUnknownError,
    ValidationError,
)
from novita_sdk.options import CallOptions
from novita_sdk.testing import VirtualClock
from tests.aio.remote import KEY, AsyncRemote, client_of, instance, reset

pytestmark = pytest.mark.anyio


@pytest.mark.case("RQ-01")
async def test_every_request_carries_key_content_type_user_agent_and_correlation_id(
    clock: VirtualClock,
) -> None:
    remote = AsyncRemote(clock, {"data": []})
    await client_of(remote, app="trainer/1.4").clusters.list().collect()
    seen = remote.seen[0]
    assert seen.header("Authorization") == f"Bearer {KEY}"
    assert seen.header("Content-Type") == "application/json"
    assert re.fullmatch(r"novita-gpu-sdk/\S+ \(python .+; .+\) trainer/1\.4", seen.header("User-Agent") or "")
    assert re.fullmatch(r"nvt-[0-9a-f]{32}", seen.header("X-Correlation-ID") or "")


async def test_a_call_to_a_host_without_a_key_sends_nothing(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 200)
    with pytest.raises(ConfigurationError, match="NOVITA_INTERNAL_API_KEY"):
        await client_of(remote).request("GET", "/api/v1/jobs", family="internal")
    assert not remote.seen


@pytest.mark.case("RQ-02")
async def test_attempts_share_their_correlation_id_and_count_the_earlier_ones(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503, 503, {"data": []})
    await client_of(remote).clusters.list().collect()
    assert len({seen.header("X-Correlation-ID") for seen in remote.seen}) == 1
    assert [seen.header("X-Retry-Count") for seen in remote.seen] == [None, "1", "2"]


@pytest.mark.case("RQ-02")
async def test_the_callers_correlation_id_is_on_all_attempts(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503, {"data": []})
    options = CallOptions(correlation_id="job-7")
    await client_of(remote).clusters.list(options=options).collect()
    assert [seen.header("X-Correlation-ID") for seen in remote.seen] == ["job-7", "job-7"]


@pytest.mark.case("RQ-02")
def test_a_correlation_id_with_a_line_break_is_refused() -> None:
    with pytest.raises(ValidationError, match="correlation_id"):
        CallOptions(correlation_id="a\r\nb")


@pytest.mark.case("RQ-03")
async def test_an_id_is_percent_encoded_in_the_query(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, instance())
    await client_of(remote).gpu_instances.get("a/b?c=d&e#f ü")
    assert remote.seen[0].query == "instanceId=a%2Fb%3Fc%3Dd%26e%23f%20%C3%BC"


@pytest.mark.case("RQ-03")
@pytest.mark.parametrize("wrong", ["", "..", "\ud800"])
async def test_what_is_no_id_sends_nothing(clock: VirtualClock, wrong: str) -> None:
    remote = AsyncRemote(clock, instance())
    with pytest.raises(ValidationError):
        await client_of(remote).gpu_instances.get(wrong)
    assert not remote.seen


async def elsewhere(request: Request, call_next: AsyncCallNext) -> Response:
    return await call_next(request.evolve(url=request.url.replace("api.novita.ai", "api.example.com")))


@pytest.mark.case("RQ-04")
@pytest.mark.parametrize("place", ["middleware", "attempt_middleware"])
async def test_the_key_does_not_follow_a_middleware_to_another_host(clock: VirtualClock, place: str) -> None:
    remote = AsyncRemote(clock, {"data": []})
    arguments: dict[str, Any] = {place: [elsewhere]}
    await client_of(remote, **arguments).clusters.list().collect()
    assert remote.seen[0].request.url.startswith("https://api.example.com/")
    assert remote.seen[0].header("Authorization") is None


@pytest.mark.case("RQ-04")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda url: url.replace("https:", "http:"), id="scheme"),
        pytest.param(lambda url: url.replace("novita.ai", "novita.ai:444"), id="port"),
        pytest.param(lambda url: url.replace("novita.ai", "novita.ai.example.com"), id="longer name"),
    ],
)
async def test_the_key_stays_away_from_anything_but_its_origin(
    clock: VirtualClock, change: Callable[[str], str]
) -> None:
    async def move(request: Request, call_next: AsyncCallNext) -> Response:
        return await call_next(request.evolve(url=change(request.url)))

    remote = AsyncRemote(clock, {"data": []})
    await client_of(remote, middleware=[move]).clusters.list().collect()
    assert remote.seen[0].header("Authorization") is None


async def test_an_attempt_middleware_may_bring_credentials_of_its_own(clock: VirtualClock) -> None:
    async def sign(request: Request, call_next: AsyncCallNext) -> Response:
        return await elsewhere(
            request.evolve(headers={**request.headers, "Authorization": "Basic x"}), call_next
        )

    remote = AsyncRemote(clock, {"data": []})
    await client_of(remote, attempt_middleware=[sign]).clusters.list().collect()
    assert remote.seen[0].header("Authorization") == "Basic x"


@pytest.mark.case("RQ-04")
async def test_a_redirect_is_an_error_and_not_followed(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, (302, {}, {"location": "https://elsewhere.example.com/"}))
    with pytest.raises(APIStatusError) as caught:
        await client_of(remote).clusters.list().collect()
    assert (caught.value.status, len(remote.seen)) == (302, 1)


@pytest.mark.case("RQ-05")
async def test_an_id_may_be_a_number(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"template": {"Id": "107672", "name": "base"}})
    await client_of(remote).templates.get(107672)
    assert remote.seen[0].query == "templateId=107672"


@pytest.mark.case("RQ-05")
async def test_a_body_is_raw_utf8_and_the_same_on_every_attempt(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503, 200)
    await client_of(remote).networks.update("n-1", name="prêt ✓")
    first, second = (seen.request.body for seen in remote.seen)
    assert first == second == '{"networkId":"n-1","name":"prêt ✓"}'.encode()


@pytest.mark.case("RQ-07")
async def test_an_unlisted_write_whose_answer_is_lost_has_an_unknown_outcome(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, reset)
    with pytest.raises(OutcomeUnknownError) as caught:
        await client_of(remote).request("POST", "/x", json={})
    assert len(remote.seen) == 1
    assert isinstance(caught.value.__cause__, APIConnectionError)
    assert (caught.value.sends, caught.value.looks, caught.value.operation) == (1, 0, "request")


@pytest.mark.case("RQ-07")
async def test_an_unlisted_write_that_is_vouched_for_is_sent_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, reset, {"ok": 1})
    assert await client_of(remote).request("POST", "/x", json={}, safety="idempotent") == {"ok": 1}
    assert len(remote.seen) == 2


@pytest.mark.case("RQ-07")
async def test_an_unlisted_read_is_sent_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, reset, [1, 2])
    assert await client_of(remote).request("GET", "/x") == {"data": [1, 2]}
    assert len(remote.seen) == 2


@pytest.mark.case("RQ-07")
async def test_a_path_with_a_host_sends_nothing(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 200)
    with pytest.raises(ValidationError):
        await client_of(remote).request("GET", "https://h/x")
    assert not remote.seen


async def test_a_middleware_may_change_the_body_of_a_create(clock: VirtualClock) -> None:
    async def cheaper(request: Request, call_next: AsyncCallNext) -> Response:
        assert request.body is not None
        return await call_next(request.evolve(body=request.body.replace(b"nginx", b"caddy")))

    remote = AsyncRemote(clock, {"id": "i-1"})
    await client_of(remote, middleware=[cheaper]).gpu_instances.create(product_id="p-1", image_url="nginx")
    sent = remote.seen[0].json
    assert sent["imageUrl"] == "caddy"
    assert [pair["key"] for pair in sent["envs"]] == ["NOVITA_SDK_OPERATION_ID"]


@pytest.mark.parametrize("body", [None, b"[]", b"{"])
async def test_a_middleware_that_leaves_no_object_sends_nothing(
    clock: VirtualClock, body: bytes | None
) -> None:
    async def break_it(request: Request, call_next: AsyncCallNext) -> Response:
        return await call_next(request.evolve(body=body))

    remote = AsyncRemote(clock, {"id": "i-1"})
    with pytest.raises(ValidationError, match=r"request\.body"):
        await client_of(remote, middleware=[break_it]).networks.update("n-1", name="x")
    assert not remote.seen
