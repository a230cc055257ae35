"""Job queries: the internal host, and the public one in its place."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._core.http import Request
from novita_sdk.errors import (
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    DeadlineExceededError,
    NovitaError,
    ServerError,
    ValidationError,
)
from novita_sdk.models import JobState
from novita_sdk.options import CallOptions
from novita_sdk.testing import VirtualClock
from tests.aio.remote import KEY, AsyncRemote, Late, client_of, lost, refused

pytestmark = pytest.mark.anyio

INTERNAL_KEY = "I-0123456789"
ONCE = CallOptions(max_retries=0)


def job(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "Id": name,
        "type": "instanceMigrate",
        "state": {"state": "running"},
        "instanceId": "i-1",
        **changes,
    }


def hosts(internal: Any, public: Any) -> Callable[[Request], Any]:
    """A step of either host; a list is served page by page, the last page for ever."""
    steps = {"internal": internal, "public": public}

    def answer(request: Request) -> Any:
        step = steps[request.family]
        if isinstance(step, list):
            return step.pop(0) if len(step) > 1 else step[0]
        return step

    return answer


def listed(*jobs: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"jobs": list(jobs), "total": len(jobs) if total is None else total}


def with_both_keys(clock: VirtualClock, internal: Any, public: Any) -> tuple[AsyncNovita, AsyncRemote]:
    remote = AsyncRemote(clock, hosts(internal, public))
    return client_of(
        remote, internal_api_key=INTERNAL_KEY, base_url="https://p", internal_base_url="https://i"
    ), remote


def families(remote: AsyncRemote) -> list[str]:
    return [seen.request.family for seen in remote.seen]


def info_in(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [
        record.novita  # type: ignore[attr-defined]
        for record in caplog.records
        if record.name == "novita_sdk.jobs" and record.levelno == logging.INFO
    ]


# ------------------------------------------------------------------------------------------ who is asked


@pytest.mark.case("JB-01")
async def test_a_query_goes_to_the_internal_host_with_its_own_key(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "novita_sdk.jobs")
    remote = AsyncRemote(clock, listed(job("j-1"), job("j-2")))
    pager = client_of(remote, internal_api_key=INTERNAL_KEY).jobs.query()
    assert [found.id async for found in pager] == ["j-1", "j-2"]
    assert (pager.source, pager.fallback_reason, pager.total, pager.complete) == ("internal", None, 2, True)
    [seen] = remote.seen
    assert seen.request.url == "https://api-server.novita.ai/api/v1/jobs?pageNum=1&pageSize=10"
    assert seen.header("Authorization") == f"Bearer {INTERNAL_KEY}"
    begin, end = info_in(caplog)
    assert (begin["source"], begin["family"]) == ("internal", "internal")
    assert (end["source"], end["returned"], end["total"]) == ("internal", 2, 2)


@pytest.mark.case("JB-02")
async def test_without_an_internal_key_the_public_list_answers(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "novita_sdk.jobs")
    remote = AsyncRemote(clock, listed(job("j-1")))
    pager = client_of(remote).jobs.query()
    assert [found.id async for found in pager] == ["j-1"]
    assert (pager.source, pager.fallback_reason) == ("public", "no_internal_key")
    assert families(remote) == ["public"]
    assert remote.seen[0].header("Authorization") == f"Bearer {KEY}"
    assert info_in(caplog)[0]["reason"] == "no_internal_key"


@pytest.mark.case("JB-02")
async def test_without_key_and_fallback_a_query_cannot_be_made(clock: VirtualClock) -> None:
    with pytest.raises(ConfigurationError, match="NOVITA_INTERNAL_API_KEY"):
        client_of(AsyncRemote(clock, 500)).jobs.query(fallback=False)


@pytest.mark.case("JB-03")
@pytest.mark.parametrize(
    ("internal", "reason"),
    [
        (503, "SERVER_ERROR"),
        (401, "AUTHENTICATION_FAILED"),
        (403, "ACCESS_FORBIDDEN"),
        (404, "JOB_NOT_FOUND"),
        (429, "RATE_LIMIT_EXCEEDED"),
        (refused, "NETWORK_ERROR"),
        (lost, "REQUEST_TIMEOUT"),
        (b"<html>", "INVALID_RESPONSE"),
    ],
)
async def test_the_public_list_answers_for_what_the_internal_host_cannot(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture, internal: Any, reason: str
) -> None:
    caplog.set_level(logging.INFO, "novita_sdk.jobs")
    client, remote = with_both_keys(clock, internal, listed(job("j-1")))
    pager = client.jobs.query()
    assert [found.id async for found in pager] == ["j-1"]
    assert (pager.source, pager.fallback_reason) == ("public", reason)
    assert families(remote)[-1] == "public"
    assert [fields["reason"] for fields in info_in(caplog) if "reason" in fields] == [reason]


@pytest.mark.case("JB-03")
async def test_an_open_breaker_hands_over_without_a_request(clock: VirtualClock) -> None:
    client, remote = with_both_keys(clock, 500, listed(job("j-1")))
    for _ in range(2):
        await client.jobs.query().collect()
    asked = families(remote).count("internal")
    pager = client.jobs.query()
    await pager.collect()
    assert pager.fallback_reason == "CIRCUIT_BREAKER_OPEN"
    assert families(remote).count("internal") == asked == 5


@pytest.mark.case("JB-03")
@pytest.mark.parametrize(("answer", "code"), [(401, "AUTHENTICATION_FAILED"), (403, "ACCESS_FORBIDDEN")])
async def test_a_refused_key_spares_the_internal_host_for_five_minutes(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture, answer: int, code: str
) -> None:
    client, remote = with_both_keys(clock, answer, listed(job("j-1")))
    copy = client.with_options(CallOptions(strict=True))
    for which in (client, copy, client):
        pager = which.jobs.query()
        await pager.collect()
        assert pager.fallback_reason == code
    assert families(remote) == ["internal", "public", "public", "public"]
    await clock.sleep_async(300)
    await client.jobs.query().collect()
    assert families(remote)[4:] == ["internal", "public"]
    warned = [record for record in caplog.records if record.name == "novita_sdk.jobs"]
    assert [record.levelno for record in warned] == [logging.WARNING]  # once for the client


async def test_without_fallback_the_internal_error_is_raised_and_a_spared_host_asked(
    clock: VirtualClock,
) -> None:
    client, remote = with_both_keys(clock, 401, listed(job("j-1")))
    await client.jobs.query().collect()
    with pytest.raises(NovitaError) as caught:
        await client.jobs.query(fallback=False).collect()
    assert caught.value.code == "AUTHENTICATION_FAILED"
    assert families(remote) == ["internal", "public", "internal"]


@pytest.mark.parametrize("status", [400, 409, 422])
async def test_what_the_internal_host_refuses_for_good_is_raised(clock: VirtualClock, status: int) -> None:
    client, remote = with_both_keys(clock, status, listed(job("j-1")))
    with pytest.raises(NovitaError):
        await client.jobs.query().collect()
    assert families(remote) == ["internal"]


async def test_a_closed_client_falls_back_to_nothing(clock: VirtualClock) -> None:
    client, remote = with_both_keys(clock, listed(), listed())
    await client.aclose()
    with pytest.raises(ClientClosedError):
        await client.jobs.query().collect()
    assert not remote.seen


async def test_an_error_of_the_public_list_is_raised(clock: VirtualClock) -> None:
    client, _ = with_both_keys(clock, 500, (400, {}))
    with pytest.raises(BadRequestError) as caught:
        await client.jobs.query(options=ONCE).collect()
    assert caught.value.operation == "list_jobs"


# ------------------------------------------------------------------------------------------ time


@pytest.mark.case("JB-04")
async def test_a_hanging_internal_host_leaves_half_of_the_time_to_the_public_one(clock: VirtualClock) -> None:
    def hangs(request: Request) -> Any:
        return Late(request.timeouts.read or 0, lost)

    client, remote = with_both_keys(clock, hangs, listed(job("j-1")))
    await client.jobs.query(options=CallOptions(total_timeout=60)).collect()
    assert remote.seen[-1].request.family == "public"
    assert remote.times[-1] <= 30
    assert remote.seen[-1].request.context.deadline.left(clock.monotonic()) == 30


async def test_each_page_has_the_whole_time_however_slowly_the_caller_reads(clock: VirtualClock) -> None:
    """What the caller does between two pages is not taken from the call that fetches the next one."""
    first = listed(job("j-1"), total=2)
    client, remote = with_both_keys(clock, [first, 503], listed(job("j-1"), job("j-2")))
    got = []
    async for found in client.jobs.query(page_size=1, options=CallOptions(total_timeout=60, max_retries=0)):
        got.append(found.id)
        await clock.sleep_async(600)
    assert got == ["j-1", "j-2"]
    assert remote.seen[-1].request.context.deadline.at == clock.monotonic() - 600 + 60


async def test_without_a_limit_neither_host_has_one(clock: VirtualClock) -> None:
    client, remote = with_both_keys(clock, 503, listed(job("j-1")))
    await client.jobs.query(options=CallOptions(total_timeout=None, max_retries=0)).collect()
    assert [seen.request.context.deadline.at for seen in remote.seen] == [None, None]


async def test_where_the_internal_host_took_all_time_the_public_call_says_so(clock: VirtualClock) -> None:
    """As a transport may do that keeps to no limits."""
    client, _ = with_both_keys(clock, Late(100, lost), Late(1, lost))
    with pytest.raises(DeadlineExceededError):
        await client.jobs.query(options=CallOptions(total_timeout=60, max_retries=0)).collect()


# ------------------------------------------------------------------------------------------ halfway


@pytest.mark.case("JB-04")
async def test_a_scan_that_breaks_off_goes_on_in_the_public_list_without_repeats(clock: VirtualClock) -> None:
    first = listed(job("j-1"), job("j-2"), total=4)
    public = [listed(job("j-0"), job("j-1"), total=4), listed(job("j-2"), job("j-3"), total=4)]
    client, remote = with_both_keys(clock, [first, 503], public)
    pager = client.jobs.query(page_size=2, options=ONCE)
    pages = [page async for page in pager.pages()]
    assert [found.id for page in pages for found in page.items] == ["j-1", "j-2", "j-0", "j-3"]
    assert (pager.source, pager.fallback_reason) == ("mixed", "SERVER_ERROR")
    assert [page.source for page in pages] == ["internal", "public", "public"]
    assert [parse_qs(seen.query)["pageNum"] for seen in remote.seen] == [["1"], ["2"], ["1"], ["2"]]


async def test_a_scan_from_a_later_page_falls_back_to_that_page(clock: VirtualClock) -> None:
    client, remote = with_both_keys(clock, 503, listed(job("j-1"), total=3))
    await client.jobs.query(page_size=1, options=ONCE).pages(start=3).__anext__()
    assert [parse_qs(seen.query)["pageNum"] for seen in remote.seen] == [["3"], ["3"]]


async def test_before_a_scan_a_query_knows_nothing(clock: VirtualClock) -> None:
    client, remote = with_both_keys(clock, 500, 500)
    pager = client.jobs.query()
    assert (pager.total, pager.source, pager.complete) == (None, None, False)
    pager.pages()
    assert (pager.total, pager.source, pager.complete) == (None, "internal", False)
    assert "query_internal_jobs" in repr(pager)
    assert not remote.seen


# ------------------------------------------------------------------------------------------ filters


@pytest.mark.case("JB-04")
@pytest.mark.parametrize("wanted", ["pending", "pulling", JobState.PENDING])
async def test_pending_and_pulling_mean_the_same_on_either_host(clock: VirtualClock, wanted: str) -> None:
    jobs = listed(
        job("j-1", state={"state": "pulling"}),
        job("j-2", state={"state": "pending"}),
        job("j-3"),
        job("j-4", state=None),
    )
    client, remote = with_both_keys(clock, [jobs, 503], jobs)
    assert [found.id async for found in client.jobs.query(state=wanted)] == ["j-1", "j-2"]
    assert [found.id async for found in client.jobs.query(state=wanted, options=ONCE)] == ["j-1", "j-2"]
    assert parse_qs(remote.seen[0].query)["state"] == ["pending"]
    assert "state" not in parse_qs(remote.seen[-1].query)


@pytest.mark.parametrize("internal", [True, False])
async def test_filters_hold_on_either_host_whatever_it_makes_of_them(
    clock: VirtualClock, *, internal: bool
) -> None:
    noon = datetime(2026, 4, 15, 12, tzinfo=UTC)

    def made(name: str, hours: float, **changes: Any) -> dict[str, Any]:
        return job(name, createdAt=str(int((noon + timedelta(hours=hours)).timestamp())), **changes)

    jobs = listed(
        made("j-1", 0),
        made("j-2", -1.01),
        made("j-3", 1.01),
        made("j-8", -1),
        made("j-9", 1),
        made("j-4", 0, type="saveImage"),
        made("j-5", 0, instanceId="i-2"),
        made("j-6", 0, state={"state": "fail"}),
        job("j-7"),
    )
    client, remote = with_both_keys(clock, jobs if internal else 503, jobs)
    pager = client.jobs.query(
        type="instanceMigrate",
        state="running",
        instance_id="i-1",
        start_time=noon - timedelta(hours=1),
        end_time=noon + timedelta(hours=1),
        options=ONCE,
    )
    assert [found.id async for found in pager] == ["j-1", "j-8", "j-9", "j-7"]
    sent = parse_qs(remote.seen[-1].query)
    assert sent["startTime"] == [str(int(noon.timestamp()) - 3600)]
    assert (sent["type"], sent["state"]) == (["instanceMigrate"], ["running"])
    assert "instanceId" not in sent


async def test_a_query_for_one_job_drops_others(clock: VirtualClock) -> None:
    client, remote = with_both_keys(clock, listed(job("7"), job("8")), 500)
    assert [found.id async for found in client.jobs.query(job_id=7)] == ["7"]
    assert parse_qs(remote.seen[0].query)["jobId"] == ["7"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"job_id": ""},
        {"instance_id": ".."},
        {"state": ["pending"]},
        {"state": 7},
        {"type": ""},
        {"start_time": datetime(2026, 4, 15)},  # noqa: DTZ001 - that is what is wrong with it
        {"start_time": "2026"},
        {"start_time": datetime(2026, 4, 15, tzinfo=UTC), "end_time": datetime(2026, 4, 14, tzinfo=UTC)},
        {"page_size": 0},
    ],
)
async def test_a_query_that_cannot_be_sent_is_refused_when_it_is_made(
    clock: VirtualClock, arguments: dict[str, Any]
) -> None:
    client, _ = with_both_keys(clock, 500, 500)
    with pytest.raises(ValidationError):
        client.jobs.query(**arguments)


# ------------------------------------------------------------------------------------------ cache


@pytest.mark.case("JB-05")
async def test_a_query_is_answered_from_the_cache_until_a_job_is_cancelled(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, lambda request: {} if request.method == "POST" else listed(job("j-1")))
    client = client_of(remote, internal_api_key=INTERNAL_KEY, cache_ttl=10)
    for _ in range(2):
        await client.jobs.query().collect()
    assert len(remote.seen) == 1
    assert client.cache is not None
    assert client.cache.stats().hits == 1
    await client.jobs.cancel("j-1")
    await client.jobs.query().collect()
    assert len(remote.gets) == 2


# ------------------------------------------------------------------------------------------ one job


async def test_a_job_is_read_out_of_the_public_list(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, listed(job("8"), job("7")))
    client = client_of(remote, internal_api_key=INTERNAL_KEY)
    assert (await client.jobs.get(7)).id == "7"
    assert families(remote) == ["public"]
    with pytest.raises(NovitaError) as caught:
        await client.jobs.get(9)
    assert (caught.value.code, caught.value.status, caught.value.status_hint) == ("JOB_NOT_FOUND", None, 404)


async def test_internal_and_public_calls_have_breakers_of_their_own(clock: VirtualClock) -> None:
    client, _ = with_both_keys(clock, 500, listed(job("j-1")))
    for _ in range(3):
        await client.jobs.query().collect()
    with pytest.raises(NovitaError):
        await client.jobs.query(fallback=False).collect()
    assert len(await client.jobs.list().collect()) == 1


async def test_a_scan_ends_in_one_error_if_both_hosts_fail(clock: VirtualClock) -> None:
    client, _ = with_both_keys(clock, 503, 503)
    pager = client.jobs.query(options=ONCE)
    with pytest.raises(ServerError):
        await pager.collect()
    assert (pager.source, pager.fallback_reason) == ("public", "SERVER_ERROR")
