"""Log records: what is written at which level, and never a body but for those who debug."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from novita_sdk import JsonLogFormatter
from novita_sdk._async.client import AsyncNovita
from novita_sdk._concurrency.aio import gather
from novita_sdk.errors import NovitaError
from novita_sdk.options import CallOptions, RateLimit, RetryPolicy
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, Late, client_of, instance, refused

pytestmark = pytest.mark.anyio

ONCE = CallOptions(max_retries=0)


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> Callable[..., list[Any]]:
    """The records of one logger, from DEBUG on."""
    caplog.set_level(logging.DEBUG, "novita_sdk")

    def of(logger: str, level: int | None = None) -> list[Any]:
        return [
            record
            for record in caplog.records
            if record.name == f"novita_sdk.{logger}" and level in (None, record.levelno)
        ]

    return of


Records = Callable[..., list[Any]]


async def read(client: AsyncNovita, options: CallOptions | None = None) -> object:
    return await client.gpu_instances.get("i-1", options=options)


# ------------------------------------------------------------------------------------------ calls


async def test_an_attempt_is_two_debug_records_with_the_same_facts(
    clock: VirtualClock, records: Records
) -> None:
    answer = (200, instance(), {"X-Request-ID": "r-1"})
    client = client_of(AsyncRemote(clock, Late(0.25, answer)))
    await read(client, CallOptions(correlation_id="job-7"))
    start, end, whole = (record.novita for record in records("http", logging.DEBUG))
    assert (whole["attempts"], whole["elapsed_ms"], whole["cached"]) == (1, 250, False)
    for fields in (start, end):
        assert {key: fields[key] for key in ("correlation_id", "operation", "family", "method", "path")} == {
            "correlation_id": "job-7",
            "operation": "get_instance",
            "family": "public",
            "method": "GET",
            "path": "/gpu/instance",
        }
        assert (fields["attempt"], fields["host"], fields["query_keys"]) == (
            1,
            "api.novita.ai",
            ("instanceId",),
        )
    assert (start["bytes_out"], start["bucket_ms"], start["body"]) == (0, 0, None)
    assert (end["status"], end["outcome"], end["elapsed_ms"]) == (200, "answered", 250)
    assert (end["request_id"], end["content_type"], end["retry_after"]) == ("r-1", "application/json", None)


async def test_an_attempt_without_an_answer_has_a_record_too(clock: VirtualClock, records: Records) -> None:
    with pytest.raises(NovitaError):
        await read(client_of(AsyncRemote(clock, refused)), ONCE)
    end = records("http", logging.DEBUG)[1].novita
    assert (end["status"], end["outcome"], end["bytes_in"]) == (None, "APIConnectionError", 0)


async def test_a_write_that_succeeds_is_told_to_everybody_with_its_resource(
    clock: VirtualClock, records: Records
) -> None:
    client = client_of(AsyncRemote(clock, {}))
    await client.gpu_instances.stop("i-1")
    await client.request("POST", "/x")
    stop, unlisted = (record.novita for record in records("http", logging.INFO))
    assert (stop["operation"], stop["resource_id"], stop["attempts"], stop["settled"]) == (
        "stop_instance",
        "i-1",
        1,
        False,
    )
    assert (unlisted["operation"], unlisted["path"]) == ("request", "/x")


async def test_reads_and_failures_are_for_those_who_debug(clock: VirtualClock, records: Records) -> None:
    client = client_of(AsyncRemote(clock, instance(), 400))
    await read(client)
    with pytest.raises(NovitaError):
        await client.gpu_instances.stop("i-1")
    assert records("http", logging.INFO) == []
    ends = [record.novita for record in records("http") if "cached" in record.novita]
    assert [end["error"] for end in ends] == [None, "BAD_REQUEST"]


# ------------------------------------------------------------------------------------------ layers


async def test_each_retry_is_a_warning_and_giving_up_is_not(clock: VirtualClock, records: Records) -> None:
    with pytest.raises(NovitaError):
        await read(client_of(AsyncRemote(clock, 500)))
    retries = [record.novita for record in records("retry", logging.WARNING)]
    assert [(fields["delay"], fields["reason"]) for fields in retries] == [
        (1, "server_error"),
        (2, "server_error"),
        (4, "server_error"),
    ]
    [refusal] = records("retry", logging.DEBUG)
    assert refusal.novita["reason"] == "attempts"


async def test_an_empty_budget_is_a_warning(clock: VirtualClock, records: Records) -> None:
    policy = RetryPolicy(jitter="none", budget=13)
    with pytest.raises(NovitaError):
        await read(client_of(AsyncRemote(clock, 500), retry=policy))
    [refusal] = records("retry", logging.WARNING)
    assert refusal.novita["reason"] == "budget"


@pytest.mark.case("OB-07")
async def test_every_record_is_one_json_object_per_line(clock: VirtualClock, records: Records) -> None:
    """A call that is retried in vain, then a breaker that opens and closes again."""
    client = client_of(AsyncRemote(clock, *[500] * 5, instance()))
    for _ in range(2):
        with pytest.raises(NovitaError):
            await read(client)
    await clock.sleep_async(60)
    for _ in range(3):
        await read(client)
    formatter = JsonLogFormatter()
    lines = [formatter.format(record) for name in ("http", "retry", "breaker") for record in records(name)]
    assert lines
    assert not [line for line in lines if "\n" in line or not line.isascii()]
    told = [json.loads(line) for line in lines]
    assert all({"time", "level", "logger", "message"} <= fields.keys() for fields in told)
    warnings = [fields for fields in told if fields["level"] == "WARNING"]
    assert [fields["delay"] for fields in warnings if fields["logger"] == "novita_sdk.retry"] == [1, 2, 4]
    assert [
        (fields["previous"], fields["state"])
        for fields in warnings
        if fields["logger"] == "novita_sdk.breaker"
    ] == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")]


async def test_a_pause_is_a_warning_and_a_long_wait_is_worth_a_word(
    clock: VirtualClock, records: Records
) -> None:
    remote = AsyncRemote(clock, (429, {}, {"Retry-After": "7"}), instance())
    await read(client_of(remote))
    [pause] = records("ratelimit", logging.WARNING)
    assert (pause.novita["family"], pause.novita["seconds"], pause.novita["waiting"]) == ("public", 7, 0)
    assert records("ratelimit", logging.INFO) == []


@pytest.mark.parametrize(("limit", "told"), [(61, 0), (60, 1)])
async def test_a_wait_of_more_than_a_second_for_a_token_is_worth_a_word(
    clock: VirtualClock, records: Records, limit: int, told: int
) -> None:
    client = client_of(AsyncRemote(clock, instance()), rate_limits={"public": RateLimit(limit, 1)})
    await gather(clock, [lambda: read(client)] * 2)
    assert len(records("ratelimit", logging.INFO)) == told
    waits = [record.novita["bucket_ms"] for record in records("http") if "bucket_ms" in record.novita]
    assert waits == [0, pytest.approx(60_000 / (limit - 1), abs=0.1)]


async def test_a_hit_of_the_cache_is_for_those_who_debug(clock: VirtualClock, records: Records) -> None:
    client = client_of(AsyncRemote(clock, {"data": []}), cache_ttl=60)
    for _ in range(2):
        await client.clusters.list().collect()
    assert [record.levelno for record in records("cache")] == [logging.DEBUG]


@pytest.mark.case("OB-03")
@pytest.mark.parametrize(("seconds", "warnings"), [(5.0, 0), (5.1, 1)])
async def test_a_slow_attempt_is_a_warning(
    clock: VirtualClock, records: Records, seconds: float, warnings: int
) -> None:
    await read(client_of(AsyncRemote(clock, Late(seconds, instance()))))
    slow = records("http", logging.WARNING)
    assert [record.novita["elapsed_ms"] for record in slow] == [5100] * warnings


async def test_sleeps_and_queues_make_no_attempt_slow(clock: VirtualClock, records: Records) -> None:
    client = client_of(
        AsyncRemote(clock, 500, 500, 500, instance()), rate_limits={"public": RateLimit(limit=4, burst=1)}
    )
    await read(client)
    assert clock.monotonic() == 1060
    assert records("http", logging.WARNING) == []


async def test_no_attempt_is_slow_where_that_is_switched_off(clock: VirtualClock, records: Records) -> None:
    await read(client_of(AsyncRemote(clock, Late(50, instance())), slow_request=None))
    assert records("http", logging.WARNING) == []


# ------------------------------------------------------------------------------------------ bodies


def body_of(size: int) -> dict[str, str]:
    """A JSON body of `size` bytes."""
    return {"a": "x" * (size - len('{"a":""}'))}


@pytest.mark.case("OB-03")
@pytest.mark.parametrize(
    ("size", "request_shown", "response_shown"),
    [
        (400, 400, 400),
        (10240, "...(+9740)", "...(+9240)"),
        (10241, "[OMITTED 10241 bytes]", "[OMITTED 10241 bytes]"),
    ],
)
async def test_bodies_are_cut_and_large_ones_left_out(
    clock: VirtualClock, records: Records, size: int, request_shown: Any, response_shown: Any
) -> None:
    body = body_of(size)
    answer = json.dumps(body, separators=(",", ":")).encode()
    await client_of(AsyncRemote(clock, answer)).request("POST", "/x", json=body)
    start, end = (record.novita["body"] for record in records("http", logging.DEBUG))
    for shown, expected, most in ((start, request_shown, 500), (end, response_shown, 1000)):
        assert len(shown) == expected if isinstance(expected, int) else shown.endswith(expected)
        assert len(shown) <= most + len("...(+99999)")


@pytest.mark.case("OB-03")
async def test_at_info_no_body_is_written(
    clock: VirtualClock, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "novita_sdk")
    await client_of(AsyncRemote(clock, {"a": "answer"})).request("POST", "/x", json={"a": "question"})
    [end] = records("http")
    assert "body" not in end.novita
    assert "question" not in caplog.text
    assert "answer" not in caplog.text


async def test_what_the_users_own_jobs_say_is_never_written(clock: VirtualClock, records: Records) -> None:
    remote = AsyncRemote(clock, {"id": "1", "output": {"text": "theirs"}})
    await client_of(remote).request("POST", "/run", json={"input": {"text": "mine"}}, family="gateway")
    start, end = (record.novita["body"] for record in records("http", logging.DEBUG))
    assert start == '{"input":"[OMITTED 16 bytes]"}'
    assert "theirs" not in end


async def test_packed_bytes_are_shown_by_their_number(clock: VirtualClock, records: Records) -> None:
    with pytest.raises(NovitaError):
        await read(client_of(AsyncRemote(clock, (400, b"\xff\x00", {"content-type": "image/png"}))))
    assert records("http", logging.DEBUG)[1].novita["body"] == "[BINARY 2 bytes]"


# ------------------------------------------------------------------------------------------ loggers


async def test_a_record_names_the_line_that_wrote_it(clock: VirtualClock, records: Records) -> None:
    await read(client_of(AsyncRemote(clock, instance())))
    assert {record.filename for record in records("http")} == {"observer.py"}
    assert "log" not in {record.funcName for record in records("http")}


def test_the_library_sets_no_level_and_no_handler_but_one_that_is_silent() -> None:
    root = logging.getLogger("novita_sdk")
    assert [type(handler) for handler in root.handlers] == [logging.NullHandler]
    assert root.level == logging.NOTSET
    assert root.propagate
