"""Making a client: what is refused at once, and what is worth a warning."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._concurrency.aio import COLOUR, gather
from novita_sdk.errors import ConfigurationError, ValidationError
from novita_sdk.models.unset import UNSET
from novita_sdk.options import (
    BreakerPolicy,
    CallOptions,
    Pool,
    RateLimit,
    RetryPolicy,
    ServerlessOptions,
    Settings,
    Timeouts,
)
from novita_sdk.testing import VirtualClock
from tests.aio.remote import KEY, AsyncRemote, client_of
from tests.colours import OTHER, layers_of

pytestmark = pytest.mark.anyio

INTERNAL_KEY = "I-0123456789"


def as_if(clock: VirtualClock, *script: Any, **arguments: Any) -> tuple[AsyncNovita, AsyncRemote]:
    remote = AsyncRemote(clock, *script)
    return client_of(remote, **arguments), remote


# ------------------------------------------------------------------------------- what is not accepted


@pytest.mark.parametrize(
    ("name", "beside", "arguments"),
    [
        ("max_retries", "retry", {"max_retries": 5, "retry": RetryPolicy()}),
        ("max_retries", "retry", {"max_retries": 0, "retry": None}),
        ("request_timeout", "timeouts", {"request_timeout": 60, "timeouts": Timeouts(read=10)}),
        ("request_timeout", "timeouts", {"request_timeout": 60, "timeouts": 10}),
        ("connect_timeout", "timeouts", {"connect_timeout": 3, "timeouts": Timeouts(connect=2)}),
        ("total_timeout", "timeouts", {"total_timeout": None, "timeouts": Timeouts(total=20)}),
    ],
)
async def test_what_is_given_twice_is_refused(name: str, beside: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AsyncNovita(api_key=KEY, **arguments)
    (problem,) = caught.value.problems
    assert problem.name == name
    assert f"beside {beside}=" in problem.problem


async def test_what_is_given_once_of_each_is_accepted() -> None:
    settings = Settings(api_key=KEY, max_retries=7, request_timeout=60)
    for arguments in (
        {"settings": settings, "retry": RetryPolicy(), "timeouts": Timeouts(read=10)},
        {"api_key": KEY, "request_timeout": 60, "timeouts": Timeouts(connect=2), "retry": RetryPolicy()},
        {"api_key": KEY, "request_timeout": UNSET, "timeouts": 10, "max_retries": 2},
        {"api_key": KEY, "max_retries": UNSET, "retry": None},
    ):
        async with AsyncNovita(**arguments):
            pass


@pytest.mark.case("ST-08")
@pytest.mark.parametrize("argument", ["middleware", "attempt_middleware"])
async def test_layers_of_the_other_colour_are_refused_by_their_place(
    clock: VirtualClock, argument: str
) -> None:
    layers = [*layers_of(COLOUR), *layers_of(OTHER[COLOUR])]
    with pytest.raises(ConfigurationError) as caught:
        as_if(clock, 200, **{argument: layers})
    assert [problem.name for problem in caught.value.problems] == [
        f"{argument}[3]",
        f"{argument}[4]",
        f"{argument}[5]",
    ]


@pytest.mark.case("ST-08")
async def test_other_parts_of_the_other_colour_are_refused_too() -> None:
    wrong = layers_of(OTHER[COLOUR])[2]
    with pytest.raises(ConfigurationError) as caught:
        AsyncNovita(
            api_key=KEY,
            retry=wrong,
            breakers={"public": wrong},
            rate_limits={"internal": wrong},
            transport=wrong,
            clock=wrong,
        )
    assert {problem.name for problem in caught.value.problems} == {
        "retry",
        "breakers['public']",
        "rate_limits['internal']",
        "transport",
        "clock",
    }


async def test_parts_of_its_own_colour_are_taken(clock: VirtualClock) -> None:
    layers = layers_of(COLOUR)
    client, _ = as_if(clock, {}, middleware=layers, attempt_middleware=layers, retry=layers[2])
    assert await client.request("GET", "/x") == {}


@pytest.mark.case("ST-08")
async def test_an_unknown_keyword_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="timout"):
        AsyncNovita(api_key=KEY, timout=3)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"retry": BreakerPolicy()}, "retry"),
        ({"retry": 3}, "retry"),
        ({"rate_limits": {"public": RetryPolicy()}}, "rate_limits['public']"),
        ({"rate_limits": {"pubic": RateLimit()}}, "rate_limits['pubic']"),
        ({"breakers": {"": BreakerPolicy()}}, "breakers['']"),
        ({"breakers": {"public": 5}}, "breakers['public']"),
        ({"middleware": [layers_of(COLOUR)[2].__class__]}, "middleware[0]"),
        ({"middleware": [7]}, "middleware[0]"),
        ({"hooks": [object()]}, "hooks[0]"),
        ({"transport": object()}, "transport"),
        ({"settings": {"api_key": KEY}}, "settings"),
        ({"cache": 300}, "cache"),
        ({"pool": 2}, "pool"),
        ({"serverless": "text"}, "serverless"),
        ({"app": "my app"}, "app"),
        ({"default_headers": {"Host": "h"}}, "default_headers"),
        ({"timeouts": -1}, "Timeouts.read"),
    ],
)
async def test_a_part_of_the_wrong_kind_is_refused_by_name(
    clock: VirtualClock, arguments: dict[str, Any], name: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        as_if(clock, 200, **arguments)
    assert [problem.name for problem in caught.value.problems] == [name]


async def test_all_wrong_parts_are_named_at_once(clock: VirtualClock) -> None:
    with pytest.raises(ConfigurationError) as caught:
        as_if(clock, 200, retry=3, rate_limits={"pubic": None}, middleware=[7], hooks=[7])
    assert [problem.name for problem in caught.value.problems] == [
        "retry",
        "rate_limits['pubic']",
        "middleware[0]",
        "hooks[0]",
    ]


async def test_a_factory_of_correlation_ids_is_checked_when_it_is_used(clock: VirtualClock) -> None:
    ids = iter(["job-1", "a\r\nX-Evil: 1"])
    client, remote = as_if(clock, {}, correlation_id_factory=lambda: next(ids))
    await client.request("GET", "/x")
    with pytest.raises(ValidationError, match="correlation_id"):
        await client.request("GET", "/x")
    assert [seen.header("X-Correlation-ID") for seen in remote.seen] == ["job-1"]


# ------------------------------------------------------------------------------- what is worth a word


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [record.novita for record in caplog.records if record.name == "novita_sdk.config"]  # type: ignore[attr-defined]


@pytest.mark.case("ST-09")
async def test_one_key_for_both_hosts_is_one_warning(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    client, _ = as_if(clock, 200, internal_api_key=KEY)
    client.with_options(CallOptions())
    assert warnings_in(caplog) == [{"setting": "internal_api_key"}]
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({}, []),
        ({"base_url": "http://127.0.0.1:8080"}, []),
        ({"base_url": "http://proxy.example"}, ["base_url"]),
        ({"internal_base_url": "http://proxy.example"}, []),  # never called without a key
        (
            {"internal_base_url": "http://proxy.example", "internal_api_key": INTERNAL_KEY},
            ["internal_base_url"],
        ),
    ],
)
async def test_plain_http_to_another_machine_is_one_warning(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture, settings: dict[str, Any], warned: list[str]
) -> None:
    as_if(clock, 200, **settings)
    assert [fields["setting"] for fields in warnings_in(caplog)] == warned
    assert all(record.levelno == logging.WARNING for record in caplog.records)


@pytest.mark.case("ST-09")
async def test_a_pool_of_two_serves_three_calls_of_a_second_in_two(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def a_second(_wire: object, _request: httpx.Request) -> httpx.Response:
        await clock.sleep_async(1)
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", a_second)
    client = AsyncNovita(
        api_key=KEY, base_url="http://localhost:1", pool=Pool(max_connections=2), clock=clock
    )
    began = clock.monotonic()
    await gather(clock, [lambda: client.request("GET", "/x")] * 3)
    assert clock.monotonic() - began == 2
    await client.aclose()


@pytest.mark.case("ST-09")
async def test_numbers_as_text_are_accepted_for_serverless(clock: VirtualClock) -> None:
    client, _ = as_if(clock, {}, serverless=ServerlessOptions(numbers="text"))
    assert await client.request("GET", "/x") == {}
