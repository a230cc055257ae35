"""Pagers: how a list is walked over, and what is known of the last walk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.pager import AsyncPager
from novita_sdk._core import operations
from novita_sdk._core.http import Request
from novita_sdk.errors import (
    NotFoundError,
    NovitaError,
    PagingError,
    ResponseDecodeError,
    ServerError,
    ValidationError,
)
from novita_sdk.options import CallOptions
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of, instance

pytestmark = pytest.mark.anyio


def rows(count: int) -> list[dict[str, Any]]:
    return [instance(id=f"i-{number}") for number in range(count)]


def serving(
    items: Sequence[dict[str, Any]],
    *,
    total: int | None = None,
    cap: int = 100,
    first: int = 1,
    overlap: int = 0,
) -> Callable[[Request], Any]:
    """A step that serves the page asked for, as a list of instances.

    Args:
        items: The whole list.
        total: The total told, if any.
        cap: Largest page it gives.
        first: Number of its first page.
        overlap: Rows that a page repeats of the one before.
    """

    def serve(request: Request) -> Any:
        query = parse_qs(request.url.partition("?")[2])
        size = min(cap, int(query["pageSize"][0]))
        start = (int(query["pageNum"][0]) - first) * (size - overlap)
        page = {"instances": items[max(0, start) : max(0, start + size)]}
        return page if total is None else {**page, "total": total}

    return serve


def listing(remote: AsyncRemote, page_size: int = 50, **arguments: Any) -> AsyncPager[Any]:
    return client_of(remote).gpu_instances.list(page_size=page_size, **arguments)


def asked(remote: AsyncRemote) -> list[int]:
    return [int(parse_qs(seen.query)["pageNum"][0]) for seen in remote.seen]


async def sizes(pager: AsyncPager[Any]) -> list[int]:
    return [len(page) async for page in pager.pages()]


# ------------------------------------------------------------------------------------------ the end


@pytest.mark.case("PG-01")
async def test_a_list_is_read_page_by_page_up_to_its_total(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(120), total=120))
    assert await sizes(listing(remote)) == [50, 50, 20]
    assert asked(remote) == [1, 2, 3]


@pytest.mark.case("PG-01")
async def test_a_total_that_was_passed_is_disregarded(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(120), total=40))
    pager = listing(remote)
    assert len(await pager.collect()) == 120
    assert (asked(remote), pager.total) == ([1, 2, 3, 4], None)


@pytest.mark.case("PG-02")
@pytest.mark.parametrize(("count", "warnings"), [(50, 1), (7, 0)])
async def test_a_server_that_ignores_the_page_is_asked_twice(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture, count: int, warnings: int
) -> None:
    remote = AsyncRemote(clock, {"instances": rows(count)})
    pager = listing(remote)
    assert len(await pager.collect()) == count
    assert asked(remote) == [1, 2]
    told = [record for record in caplog.records if "page parameter ignored" in record.getMessage()]
    assert [record.levelno for record in told] == [logging.WARNING] * warnings
    assert pager.complete is not bool(warnings)


@pytest.mark.case("PG-03")
@pytest.mark.parametrize(("total", "requests"), [(45, 3), (None, 4)])
async def test_a_server_that_gives_fewer_than_asked_is_read_to_its_end(
    clock: VirtualClock, total: int | None, requests: int
) -> None:
    """Only an empty page tells the end where no total does."""
    remote = AsyncRemote(clock, serving(rows(45), total=total, cap=20))
    assert len(await listing(remote).collect()) == 45
    assert len(remote.seen) == requests


@pytest.mark.case("PG-04")
async def test_overlapping_pages_yield_no_item_twice(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(120), total=120, overlap=2))
    ids = [item.id async for item in listing(remote)]
    assert ids == [f"i-{number}" for number in range(120)]


@pytest.mark.case("PG-04")
async def test_a_server_that_counts_from_zero_is_asked_for_page_zero_once(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(60), total=60, first=0))
    pager = listing(remote)
    assert await sizes(pager) == [10, 0, 50]
    assert (asked(remote), pager.complete) == ([1, 2, 0], True)


async def test_a_list_that_brings_fewer_than_its_total_is_incomplete(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(60), total=61))
    pager = listing(remote)
    assert len(await pager.collect()) == 60
    assert (pager.complete, pager.total) == (False, 61)


@pytest.mark.case("PG-05")
async def test_a_list_without_end_is_an_error_after_a_thousand_pages(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, lambda _request: {"instances": [instance(id=f"i-{len(remote.seen)}")]})
    client = client_of(remote, rate_limit=None)
    with pytest.raises(PagingError, match="1000 pages") as caught:
        await client.gpu_instances.list(page_size=1).collect()
    assert (len(remote.seen), caught.value.operation, caught.value.hint) == (1000, "list_instances", None)


# ------------------------------------------------------------------------------------------ its helpers


@pytest.mark.case("PG-05")
async def test_the_first_item_costs_one_request(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(120), total=120))
    found = await listing(remote).first()
    assert (found and found.id, len(remote.seen)) == ("i-0", 1)


async def test_of_an_empty_list_the_first_item_is_the_default(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"instances": [], "total": 0})
    pager = listing(remote)
    assert await pager.first() is None
    assert await pager.first("none") == "none"


@pytest.mark.case("PG-05")
async def test_collecting_a_few_asks_for_no_more_pages_than_needed(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(120), total=120))
    assert len(await listing(remote).collect(limit=30)) == 30
    assert len(remote.seen) == 1
    assert len(await listing(remote).collect(limit=60)) == 60
    assert len(remote.seen) == 3
    assert len(await listing(remote).collect(limit=50)) == 50
    assert len(remote.seen) == 4


@pytest.mark.case("PG-05")
async def test_each_iteration_is_a_new_scan(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"instances": rows(1), "total": 1}, {"instances": rows(2), "total": 2})
    pager = listing(remote)
    assert [len(await pager.collect()), len(await pager.collect())] == [1, 2]
    assert pager.total == 2


@pytest.mark.parametrize("count", [0, 2])
async def test_one_item_means_exactly_one(clock: VirtualClock, count: int) -> None:
    pager = listing(AsyncRemote(clock, {"instances": rows(count), "total": count}))
    with pytest.raises(NotFoundError if count == 0 else PagingError, match="list_instances"):
        await pager.one()


async def test_two_items_are_enough_to_tell_that_there_is_not_one(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(9), total=9))
    with pytest.raises(PagingError):
        await listing(remote, page_size=1).one()
    assert len(remote.seen) == 2


async def test_an_empty_list_is_found_out_without_an_answer_saying_so(clock: VirtualClock) -> None:
    with pytest.raises(NotFoundError) as caught:
        await listing(AsyncRemote(clock, {"instances": [], "total": 0})).one()
    assert (caught.value.status, caught.value.status_hint) == (None, 404)


async def test_the_only_item_is_returned(clock: VirtualClock) -> None:
    pager = listing(AsyncRemote(clock, {"instances": rows(1), "total": 1}))
    assert (await pager.one()).id == "i-0"


async def test_pages_know_their_number_size_source_and_correlation_id(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(3), total=3))
    pages = [page async for page in listing(remote, page_size=2).pages()]
    assert [(page.number, page.size, page.total, page.source) for page in pages] == [
        (1, 2, 3, "public"),
        (2, 2, 3, "public"),
    ]
    assert [page.correlation_id for page in pages] == [
        seen.header("X-Correlation-ID") for seen in remote.seen
    ]
    assert pages[0].correlation_id != pages[1].correlation_id


async def test_a_given_correlation_id_is_on_every_page(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(3), total=3))
    options = CallOptions(correlation_id="job-7")
    pages = [page async for page in listing(remote, page_size=2, options=options).pages()]
    assert {page.correlation_id for page in pages} == {"job-7"}


async def test_a_scan_may_begin_at_a_later_page_and_proves_nothing(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(120), total=120))
    pager = listing(remote)
    assert [page.number async for page in pager.pages(start=3)] == [3, 4]
    assert not pager.complete


async def test_before_a_scan_nothing_is_known_and_nothing_is_sent(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 500)
    pager = listing(remote)
    assert (pager.total, pager.problems, pager.source, pager.fallback_reason) == (None, None, None, None)
    assert not pager.complete
    assert "list_instances" in repr(pager)
    assert "&lt;" in pager._repr_html_()
    assert not remote.seen


async def test_two_scans_side_by_side_do_not_mix(clock: VirtualClock) -> None:
    """`problems` and `total` tell of the scan that was begun last."""
    odd = {"instances": [*rows(1), instance(id="i-9", gpuNum="x")], "total": 4}
    rest_of_it = {"instances": rows(3), "total": 4}
    remote = AsyncRemote(clock, odd, {"instances": rows(3), "total": 3}, rest_of_it)
    pager = listing(remote, page_size=2)
    early, late = pager.pages(), pager.pages()
    first = await early.__anext__()
    whole = [page async for page in late]
    rest = [page async for page in early]
    assert [len(page) for page in (first, *rest)] == [1, 2]
    assert [len(page) for page in whole] == [3]
    assert pager.problems == ()


async def test_a_scan_may_be_continued_where_it_was_left(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(4), total=4))
    items = listing(remote, page_size=2).__aiter__()
    first = await items.__anext__()
    assert [first.id, *[item.id async for item in items]] == ["i-0", "i-1", "i-2", "i-3"]
    assert asked(remote) == [1, 2]


async def test_a_loop_may_be_left_early_and_leaves_nothing_behind(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(120), total=120))
    async for item in listing(remote):
        if item.id == "i-60":
            break
    async for page in listing(remote).pages():
        assert len(page) == 50
        break
    assert asked(remote) == [1, 2, 1]


# ------------------------------------------------------------------------------------------ failures


async def test_a_page_that_fails_is_named_and_the_items_before_it_stay_good(clock: VirtualClock) -> None:
    serve = serving(rows(120), total=120)
    remote = AsyncRemote(clock, serve, 500)
    items = listing(remote, options=CallOptions(max_retries=0)).__aiter__()
    got = [await items.__anext__() for _ in range(50)]
    with pytest.raises(ServerError) as caught:
        await items.__anext__()
    assert len(got) == 50
    assert caught.value.hint is not None
    assert "page 2" in caught.value.hint
    assert "page 2" in caught.value.explain()


async def test_the_advice_of_an_error_stays_beside_the_page(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, serving(rows(120), total=120), 401)
    with pytest.raises(NovitaError) as caught:
        await listing(remote).collect()
    assert caught.value.hint is not None
    assert "page 2" in caught.value.hint
    assert "NOVITA_API_KEY" in caught.value.hint


async def test_an_error_on_the_first_page_speaks_of_no_page(clock: VirtualClock) -> None:
    with pytest.raises(ServerError) as caught:
        await listing(AsyncRemote(clock, 501)).collect()
    assert caught.value.hint is None


@pytest.mark.parametrize(
    "answer", [(404, {"reason": "RESOURCE_NOT_FOUND"}), (400, {"reason": "INSTANCE_NOT_FOUND"})]
)
async def test_an_account_without_instances_has_an_empty_list(clock: VirtualClock, answer: Any) -> None:
    remote = AsyncRemote(clock, answer)
    pager = listing(remote)
    assert await pager.collect() == []
    assert (len(remote.seen), pager.complete) == (1, True)


async def test_not_found_on_a_later_page_or_of_another_list_is_an_error(clock: VirtualClock) -> None:
    gone = (404, {"reason": "RESOURCE_NOT_FOUND"})
    with pytest.raises(NotFoundError):
        await listing(AsyncRemote(clock, serving(rows(120), total=120), gone)).collect()
    with pytest.raises(NotFoundError):
        await client_of(AsyncRemote(clock, gone)).templates.list().collect()


async def test_a_key_in_an_odd_item_is_not_told(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    key = "K-0123456789"
    remote = AsyncRemote(clock, {"instances": [instance(gpuNum=key)], "total": 1})
    pager = listing(remote)
    await pager.collect()
    assert pager.problems
    assert key not in f"{pager.problems} {caplog.text}"
    with pytest.raises(ResponseDecodeError) as caught:
        await listing(AsyncRemote(clock, {"instances": [instance(gpuNum=key)]}), options=_STRICT).collect()
    assert key not in f"{caught.value} {caught.value.body}"


_STRICT = CallOptions(strict=True)

# ------------------------------------------------------------------------------------------ arguments


@pytest.mark.parametrize("size", [0, 101, True, "50", 1.0])
async def test_a_page_size_that_cannot_be_is_refused_when_the_pager_is_made(
    clock: VirtualClock, size: Any
) -> None:
    with pytest.raises(ValidationError, match="page_size"):
        listing(AsyncRemote(clock, 500), page_size=size)


@pytest.mark.parametrize("start", [0, -1, "2"])
async def test_a_first_page_that_cannot_be_is_refused_at_once(clock: VirtualClock, start: Any) -> None:
    with pytest.raises(ValidationError, match="start"):
        listing(AsyncRemote(clock, 500)).pages(start=start)


@pytest.mark.parametrize("limit", [0, -1, True, "2"])
async def test_a_limit_that_cannot_be_is_refused(clock: VirtualClock, limit: Any) -> None:
    remote = AsyncRemote(clock, 500)
    with pytest.raises(ValidationError, match="limit"):
        await listing(remote).collect(limit=limit)
    assert not remote.seen


# ------------------------------------------------------------------------------------------ spellings

LISTS: dict[str, Callable[[AsyncNovita], AsyncPager[Any]]] = {
    "list_instances": lambda client: client.gpu_instances.list(),
    "list_jobs": lambda client: client.jobs.list(),
    "query_internal_jobs": lambda client: client.jobs.query(),
    "list_templates": lambda client: client.templates.list(),
    "list_images": lambda client: client.images.list(),
    "list_image_prewarms": lambda client: client.image_prewarms.list(),
    "list_networks": lambda client: client.networks.list(),
    "list_network_storages": lambda client: client.network_storages.list(),
    "list_monthly_invoices": lambda client: client.billing.monthly_invoices(),
    "list_transactions": lambda client: client.billing.transactions(),
    "list_endpoints": lambda client: client.serverless_endpoints.list(),
}
PAGE_KEYS = {
    **dict.fromkeys(LISTS, "pageNum"),
    **dict.fromkeys(("list_network_storages", "list_transactions"), "pageNo"),
    **dict.fromkeys(("list_image_prewarms", "list_monthly_invoices"), "page"),
}


@pytest.mark.case("PG-06")
@pytest.mark.parametrize("name", LISTS)
async def test_each_list_spells_its_pages_in_its_own_way(clock: VirtualClock, name: str) -> None:
    remote = AsyncRemote(clock, b"[]")
    client = client_of(remote, internal_api_key="I-0123456789")
    await LISTS[name](client).first()
    size = "10" if name == "query_internal_jobs" else "100"
    query = parse_qs(remote.seen[0].query)
    assert (query[PAGE_KEYS[name]], query["pageSize"]) == (["1"], [size])
    assert not ({"pageNum", "pageNo", "page"} - {PAGE_KEYS[name]}) & query.keys()


@pytest.mark.case("PG-06")
def test_no_paged_list_is_forgotten_here() -> None:
    assert set(LISTS) == {name for name, operation in operations.ALL.items() if operation.paging is not None}
