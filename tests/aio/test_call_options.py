"""`CallOptions`: what one call, or one copy of a client, does differently."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._core.http import Request, Response
from novita_sdk.errors import NovitaError
from novita_sdk.models.unset import UNSET
from novita_sdk.options import CallOptions, RetryPolicy, Settings, Timeouts
from novita_sdk.testing import VirtualClock
from tests.aio.remote import KEY, AsyncRemote, client_of

pytestmark = pytest.mark.anyio


async def read(client: AsyncNovita, **options: Any) -> None:
    await client.request("GET", "/x", options=CallOptions(**options))


@pytest.mark.parametrize(
    ("timeouts", "given", "read_limit", "attempt_limit"),
    [
        (UNSET, {}, 30, 60),
        (UNSET, {"timeout": 40}, 40, 80),
        (UNSET, {"timeout": 5}, 5, 60),
        (UNSET, {"timeout": None}, 180, 180),  # nothing but what the call has left
        (UNSET, {"timeout": None, "total_timeout": None}, None, None),
        (Timeouts(attempt=20), {"timeout": 40}, 40, 20),
        (Timeouts(attempt=20), {"timeout": None, "total_timeout": None}, None, 20),
        (50, {}, 50, 100),
        (Timeouts(read=50, connect=1), {"total_timeout": 10}, 10, 10),
    ],
)
async def test_the_limits_of_an_attempt_follow_those_of_call_and_client(
    clock: VirtualClock, timeouts: Any, given: dict[str, Any], read_limit: Any, attempt_limit: Any
) -> None:
    remote = AsyncRemote(clock, {})
    await read(client_of(remote, timeouts=timeouts), **given)
    found = remote.seen[0].request.timeouts
    assert (found.read, found.attempt) == (read_limit, attempt_limit)


@pytest.mark.parametrize(
    ("sources", "sends"),
    [
        ({}, 4),
        ({"settings": 1}, 2),
        ({"settings": 1, "argument": 2}, 3),
        ({"settings": 1, "argument": 2, "copy": 4}, 5),
        ({"settings": 1, "argument": 2, "copy": 4, "call": 0}, 1),
    ],
)
async def test_the_nearest_source_wins(clock: VirtualClock, sources: dict[str, int], sends: int) -> None:
    remote = AsyncRemote(clock, 503)
    settings = Settings(api_key=KEY, **{"max_retries": sources["settings"]} if "settings" in sources else {})
    argument = {"max_retries": sources["argument"]} if "argument" in sources else {}
    client = AsyncNovita(
        settings=settings, transport=remote, clock=clock, breakers={"public": None}, **argument
    )
    if "copy" in sources:
        client = client.with_options(CallOptions(max_retries=sources["copy"]))
    with pytest.raises(NovitaError):
        await read(client, **{"max_retries": sources["call"]} if "call" in sources else {})
    assert len(remote.seen) == sends


async def test_a_call_may_have_a_retry_policy_of_its_own(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    with pytest.raises(NovitaError):
        await read(client_of(remote), retry=RetryPolicy(max_retries=2, factor=3, jitter="none"))
    assert remote.times == [0, 3, 9]


async def test_options_of_copies_add_up_and_the_last_word_counts(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {})
    client = client_of(remote).with_options(CallOptions(correlation_id="job-1", headers={"X-A": "1"}))
    client = client.with_options(CallOptions(correlation_id="job-2"))
    await read(client)
    await read(client, headers={"X-B": "2"})
    first, second = remote.seen
    assert (first.header("X-Correlation-ID"), first.header("X-A")) == ("job-2", "1")
    assert (second.header("X-Correlation-ID"), second.header("X-A"), second.header("X-B")) == (
        "job-2",
        None,
        "2",
    )


async def test_standing_headers_are_on_every_request_and_the_calls_own_win(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {})
    client = client_of(remote, default_headers={"X-A": "1", "X-B": "1"})
    await read(client, headers={"X-B": "2"})
    assert (remote.seen[0].header("X-A"), remote.seen[0].header("X-B")) == ("1", "2")


async def test_tags_reach_middleware_and_not_the_wire(clock: VirtualClock) -> None:
    seen: list[object] = []

    async def look(request: Request, call_next: AsyncCallNext) -> Response:
        seen.append(request.context.options.tags)
        return await call_next(request)

    remote = AsyncRemote(clock, {})
    await read(client_of(remote, middleware=[look]), tags={"team": "blue"})
    assert seen == [{"team": "blue"}]
    assert "blue" not in f"{dict(remote.seen[0].request.headers)} {remote.seen[0].request.url}"
