"""Finding instances by id or name."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from novita_sdk._async.lifecycle.finding import AsyncFinder, AsyncNameCache
from novita_sdk._core.http import Request
from novita_sdk.errors import (
    AmbiguousNameError,
    AuthenticationError,
    NotFoundError,
    NovitaError,
    PagingError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
    ValidationError,
)
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of, instance, routed

pytestmark = pytest.mark.anyio

NO_INSTANCE = (404, {"reason": "INSTANCE_NOT_FOUND", "message": "instance not found"})
EMPTY_ACCOUNT = (400, {"reason": "RESOURCE_NOT_FOUND", "message": "not found"})


class Account:
    """A remote side with instances: get by id, and a list with a fuzzy filter.

    Args:
        clock: The clock.
        instances: What exists.
        cap: Most rows of a page, whatever was asked for; then no total is told.
    """

    def __init__(self, clock: VirtualClock, *instances: dict[str, Any], cap: int | None = None) -> None:
        self.instances = instances
        self.cap = cap
        self.remote = AsyncRemote(clock, routed(instances=self.list, instance=self.get))

    def get(self, request: Request) -> Any:
        wanted = unquote(request.url.partition("instanceId=")[2])
        return next((shown for shown in self.instances if shown["id"] == wanted), NO_INSTANCE)

    def list(self, request: Request) -> Any:
        query = {key: values[0] for key, values in parse_qs(request.url.partition("?")[2]).items()}
        fitting = [shown for shown in self.instances if query.get("name", "") in shown["name"]]
        size = min(int(query["pageSize"]), self.cap or 100)
        start = (int(query["pageNum"]) - 1) * size
        page = fitting[max(0, start) : max(0, start + size)]
        return {"instances": page} if self.cap else {"instances": page, "total": len(fitting)}

    @property
    def lists(self) -> int:
        return sum(path.endswith("instances") for path in self.remote.paths)


def others(count: int) -> list[dict[str, Any]]:
    return [instance(id=f"other-{number}", name=f"other-{number}") for number in range(count)]


async def failure(account: Account, *args: Any, **arguments: Any) -> NovitaError:
    with pytest.raises(NovitaError) as caught:
        await client_of(account.remote).gpu_instances.find(*args, **arguments)
    return caught.value


@pytest.mark.case("F-01")
async def test_a_name_is_found_wherever_in_the_list_it_stands(clock: VirtualClock) -> None:
    account = Account(clock, *others(130), instance(id="i-1", name="train"))
    account.instances = tuple({**shown, "name": f"train {shown['name']}"} for shown in account.instances[:-1])
    account.instances += (instance(id="i-1", name="train"),)
    found = await client_of(account.remote).gpu_instances.find("train")
    assert found.id == "i-1"
    assert account.lists == 2


@pytest.mark.case("F-01")
async def test_two_of_a_name_are_named_both_and_the_newest_first(clock: VirtualClock) -> None:
    old = instance(id="old", name="train", createdAt="1700000000")
    new = instance(id="new", name="train", createdAt="1800000000")
    error = await failure(Account(clock, old, new), "train")
    assert isinstance(error, AmbiguousNameError)
    assert isinstance(error, LookupError)
    assert (error.name, error.ids) == ("train", ("new", "old"))


@pytest.mark.case("F-01")
async def test_capitals_count(clock: VirtualClock) -> None:
    error = await failure(Account(clock, instance(name="train")), name="Train")
    assert isinstance(error, NotFoundError)
    assert (error.code, error.status, error.identifier) == ("INSTANCE_NOT_FOUND", None, "Train")
    assert error.searched_by == ("name",)


@pytest.mark.case("F-02")
@pytest.mark.parametrize(
    ("status", "expected"), [(500, ServerError), (401, AuthenticationError), (429, RateLimitError)]
)
async def test_a_failure_of_the_name_search_is_not_taken_for_not_found(
    clock: VirtualClock, status: int, expected: type[NovitaError]
) -> None:
    remote = AsyncRemote(clock, routed(instances=status, instance=NO_INSTANCE))
    with pytest.raises(expected):
        await client_of(remote).gpu_instances.find("train")


@pytest.mark.case("F-02")
async def test_a_failed_get_is_not_followed_by_a_name_search(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(instance=503, instances={"instances": [instance(name="train")]}))
    with pytest.raises(ServerError):
        await client_of(remote).gpu_instances.find("train")
    assert {path.rpartition("/")[2] for path in remote.paths} == {"instance"}


async def test_a_404_without_a_word_of_the_api_proves_nothing(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(instance=(404, b"<html>"), instances={"instances": [], "total": 0}))
    with pytest.raises(NotFoundError) as caught:
        await client_of(remote).gpu_instances.exists("train")
    assert caught.value.status == 404
    assert len(remote.seen) == 1


@pytest.mark.case("F-03")
async def test_an_empty_account_holds_no_name(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(instance=NO_INSTANCE, instances=EMPTY_ACCOUNT))
    with pytest.raises(NotFoundError) as caught:
        await client_of(remote).gpu_instances.find("train")
    assert caught.value.searched_by == ("id", "name")
    listed = [seen.query for seen in remote.seen if seen.path.startswith("gpu/instances")]
    assert all("pageNum=1" in query for query in listed)  # one page of each listing


@pytest.mark.case("F-03")
@pytest.mark.parametrize("status", ["toRemove", "removing", "removed", "terminated"])
async def test_what_is_gone_does_not_bear_its_name_any_more(clock: VirtualClock, status: str) -> None:
    account = Account(clock, instance(name="train", status=status))
    assert isinstance(await failure(account, name="train"), NotFoundError)


async def test_what_is_gone_is_found_on_request(clock: VirtualClock) -> None:
    account = Account(clock, instance(id="i-9", name="train", status="removed"))
    instances = client_of(account.remote).gpu_instances
    found = await instances.find(name="train", include_removed=True)
    assert found.id == "i-9"


@pytest.mark.case("F-04")
async def test_a_fuzzy_filter_does_not_blur_the_answer(clock: VirtualClock) -> None:
    account = Account(clock, instance(id="ten", name="job-10"), instance(id="one", name="job-1"))
    found = await client_of(account.remote).gpu_instances.find(name="job-1")
    assert found.id == "one"
    assert account.lists == 1


@pytest.mark.case("F-04")
async def test_every_instance_is_searched_where_the_server_caps_its_pages(clock: VirtualClock) -> None:
    account = Account(clock, *others(119), instance(id="last", name="train"), cap=50)
    found = await client_of(account.remote).gpu_instances.find("train")
    assert found.id == "last"


async def test_a_filter_that_fits_nothing_does_not_hide_anybody(clock: VirtualClock) -> None:
    account = Account(clock, *others(119), instance(id="last", name="train"), cap=50)
    answer = routed(instances=account.list, instance=account.get)
    account.remote.script = [lambda request: {"instances": []} if "name=" in request.url else answer(request)]
    found = await client_of(account.remote).gpu_instances.find("train")
    assert found.id == "last"


@pytest.mark.case("F-05")
async def test_without_name_lookup_a_text_is_an_id_only(clock: VirtualClock) -> None:
    account = Account(clock, instance(id="i-1", name="train"))
    client = client_of(account.remote, name_lookup=False)
    with pytest.raises(NotFoundError) as caught:
        await client.gpu_instances.find("train")
    assert (caught.value.code, caught.value.searched_by) == ("INSTANCE_NOT_FOUND", ("id",))
    assert (len(account.remote.seen), account.lists) == (1, 0)
    found = await client.gpu_instances.find(name="train")
    assert found.id == "i-1"


async def test_an_id_wins_over_a_name(clock: VirtualClock) -> None:
    account = Account(clock, instance(id="a", name="b"), instance(id="b", name="a"))
    found = await client_of(account.remote).gpu_instances.find("a")
    assert found.id == "a"
    assert account.lists == 0


async def test_an_id_is_not_searched_among_the_names(clock: VirtualClock) -> None:
    error = await failure(Account(clock, instance(name="train")), id="train")
    assert isinstance(error, NotFoundError)
    assert error.searched_by == ("id",)


async def test_the_mark_of_a_create_is_no_part_of_the_name(clock: VirtualClock) -> None:
    account = Account(clock, instance(id="i-1", name="train-nsdk-0123456789abcdefghjkmnpqrs"))
    found = await client_of(account.remote).gpu_instances.find(name="train")
    assert found.id == "i-1"


@pytest.mark.parametrize("ref", ["../delete", "a?b=c&d", "%2e%2e", "a b", "ü/#"])
async def test_hostile_texts_are_only_ever_data(clock: VirtualClock, ref: str) -> None:
    account = Account(clock, instance(id=ref, name="x"))
    found = await client_of(account.remote).gpu_instances.find(ref)
    assert found.id == ref
    assert account.remote.seen[0].path == "gpu/instance"


async def test_a_list_with_fewer_items_than_its_total_proves_nothing(clock: VirtualClock) -> None:
    listed = {"instances": [instance(name="other")], "total": 2}
    remote = AsyncRemote(clock, routed(instance=NO_INSTANCE, instances=listed))
    with pytest.raises(PagingError):
        await client_of(remote).gpu_instances.find("train")


async def test_an_unreadable_item_that_may_be_the_one_is_not_taken_for_none(clock: VirtualClock) -> None:
    odd = instance(id="odd", name="train", gpuNum={})
    remote = AsyncRemote(clock, {"instances": [odd], "total": 1})
    with pytest.raises(ResponseDecodeError):
        await client_of(remote).gpu_instances.exists(name="train")


async def test_an_unreadable_item_of_another_name_is_in_nobodys_way(clock: VirtualClock) -> None:
    odd = instance(id="odd", name="other", gpuNum={})
    remote = AsyncRemote(clock, {"instances": [odd, instance(id="i-1", name="train")], "total": 2})
    found = await client_of(remote).gpu_instances.find(name="train")
    assert found.id == "i-1"


async def test_existence_is_told_by_id_and_by_name(clock: VirtualClock) -> None:
    account = Account(clock, instance(id="i-1", name="train"))
    instances = client_of(account.remote).gpu_instances
    answers = [await instances.exists(ref) for ref in ("i-1", "train", "nobody")]
    assert answers == [True, True, False]


async def test_a_failure_is_not_taken_for_absence(clock: VirtualClock) -> None:
    with pytest.raises(ServerError):
        await client_of(AsyncRemote(clock, 503)).gpu_instances.exists("i-1")


@pytest.mark.parametrize("arguments", [{}, {"id": "a", "name": "b"}, {"ref": "a", "id": "b"}])
async def test_exactly_one_thing_is_looked_for(clock: VirtualClock, arguments: dict[str, str]) -> None:
    account = Account(clock)
    assert isinstance(await failure(account, **arguments), ValidationError)
    assert account.remote.seen == []


# ------------------------------------------------------------------------------------- for helpers


async def test_a_remembered_name_costs_no_request_for_ten_minutes(clock: VirtualClock) -> None:
    account = Account(clock, instance(id="i-1", name="train"))
    cache = AsyncNameCache(AsyncFinder(client_of(account.remote).gpu_instances), clock)
    asked: list[int] = []
    for pause in (0, 599, 2):
        await clock.sleep_async(pause)
        assert await cache.id_of("train") == "i-1"
        asked.append(account.lists)
    assert asked == [1, 1, 2]


async def test_a_forgotten_name_is_looked_up_again(clock: VirtualClock) -> None:
    account = Account(clock, instance(id="i-1", name="train"))
    cache = AsyncNameCache(AsyncFinder(client_of(account.remote).gpu_instances), clock)
    await cache.id_of("train")
    cache.forget("i-1")
    account.instances = (instance(id="i-2", name="train"),)
    assert await cache.id_of("train") == "i-2"
