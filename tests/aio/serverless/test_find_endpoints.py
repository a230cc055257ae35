"""Endpoints are found by name or id, and a failure is never taken for "there is none"."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._concurrency.aio import gather
from novita_sdk.errors import (
    AmbiguousNameError,
    NotFoundError,
    ResponseDecodeError,
    ServerError,
    ValidationError,
)
from novita_sdk.testing import Fault, Quirks, Simulator, VirtualClock
from tests.aio.remote import AsyncRemote, client_of

pytestmark = pytest.mark.anyio


@pytest.mark.case("SV-29")
async def test_a_name_on_the_third_page_is_found_and_remembered() -> None:
    sim = Simulator()
    ids = [sim.add_endpoint(f"e-{index}") for index in range(250)]
    async with sim.async_client() as client:
        assert (await client.serverless_endpoints.find("e-220")).id == ids[220]
        assert sim.requests("list_endpoints") == 3
        assert (await client.serverless_endpoints.status("e-220")).is_serving
        assert sim.requests("list_endpoints") == 3


@pytest.mark.case("SV-29")
async def test_look_ups_at_the_same_time_share_one_listing() -> None:
    sim = Simulator()
    for index in range(20):
        sim.add_endpoint(f"e-{index}")
    async with sim.async_client() as client:
        found = await gather(
            sim.clock,  # type: ignore[arg-type]  # a virtual clock has both colours
            [lambda name=f"e-{index}": client.serverless_endpoints.find(name) for index in range(20)],  # type: ignore[misc]  # bound now
        )
        assert len({endpoint.id for endpoint in found}) == 20
        assert sim.requests("list_endpoints") <= 2


@pytest.mark.case("SV-30")
async def test_an_endpoint_made_anew_under_its_name_is_found_again() -> None:
    sim = Simulator()
    old = sim.add_endpoint("one")
    async with sim.async_client() as client:
        assert (await client.serverless_endpoints.find("one")).id == old
        sim.remove_endpoint(old)
        new = sim.add_endpoint("one")
        before = sim.requests()
        assert (await client.serverless_endpoints.find("one")).id == new
        assert sim.requests() - before == 3


@pytest.mark.case("SV-31")
async def test_an_endpoint_that_is_gone_for_good_is_not_found_after_one_look() -> None:
    sim = Simulator()
    old = sim.add_endpoint("one")
    async with sim.async_client() as client:
        await client.serverless_endpoints.find("one")
        sim.remove_endpoint(old)
        with pytest.raises(NotFoundError) as caught:
            await client.serverless_endpoints.find("one")
        assert caught.value.identifier == "one"
        assert sim.requests("list_endpoints") == 2


@pytest.mark.case("SV-31")
@pytest.mark.case("SV-07")
async def test_a_failed_page_is_told_instead_of_not_found() -> None:
    sim = Simulator()
    for index in range(150):
        sim.add_endpoint(f"e-{index}")
    sim.faults.add(Fault("status", operation="list_endpoints", status=503, after=1, times=None))
    async with sim.async_client() as client:
        with pytest.raises(ServerError):
            await client.serverless_endpoints.find("nobody")


@pytest.mark.case("SV-32")
async def test_two_endpoints_of_one_name_are_ambiguous_and_found_by_id() -> None:
    sim = Simulator()
    one = sim.add_endpoint("twin")
    sim.change_endpoint(one, appName="first")
    other = sim.add_endpoint("twin")
    async with sim.async_client() as client:
        with pytest.raises(AmbiguousNameError) as caught:
            await client.serverless_endpoints.find("twin")
        assert set(caught.value.ids) == {one, other}
        with pytest.raises(AmbiguousNameError):
            await client.serverless_endpoints.delete("twin")
        with pytest.raises(AmbiguousNameError):
            await client.serverless_endpoints.update("twin", image="new")
        assert (await client.serverless_endpoints.find(id=one)).id == one
        assert (
            await client.serverless_endpoints.update(await client.serverless_endpoints.get(one), image="new")
        ).id == one


@pytest.mark.case("SV-02")
async def test_an_id_is_encoded() -> None:
    sim = Simulator(quirks=Quirks(ignore_unknown_names=True))
    async with sim.async_client() as client:
        with pytest.raises(NotFoundError):
            await client.serverless_endpoints.get("a&b=c d")
    assert sim.journal[-1].query == {"id": "a&b=c d"}


@pytest.mark.case("SV-33")
@pytest.mark.parametrize("status", [400, 404])
async def test_not_found_is_recognised_by_its_reason(status: int) -> None:
    sim = Simulator(quirks=Quirks(not_found_status=status))
    async with sim.async_client() as client:
        with pytest.raises(NotFoundError) as caught:
            await client.serverless_endpoints.get("nobody")
    assert caught.value.code == "ENDPOINT_NOT_FOUND"


async def test_an_endpoint_is_given_in_exactly_one_way() -> None:
    async with Simulator().async_client() as client:
        with pytest.raises(ValidationError):
            await client.serverless_endpoints.find("a", name="a")
        with pytest.raises(ValidationError):
            await client.serverless_endpoints.find()


@pytest.mark.case("SV-05")
@pytest.mark.parametrize("zero", [False, True])
async def test_all_pages_are_read_whatever_they_count_from(zero: bool) -> None:
    sim = Simulator(quirks=Quirks(zero_based_pages=zero))
    for index in range(250):
        sim.add_endpoint(f"e-{index}")
    async with sim.async_client() as client:
        found = await client.serverless_endpoints.list().collect()
    assert len({endpoint.id for endpoint in found}) == len(found) == 250
    pages = [entry.query["pageNum"] for entry in sim.journal]
    assert pages == (["1", "2", "3", "0"] if zero else ["1", "2", "3"])


@pytest.mark.case("SV-51")
async def test_an_endpoint_is_deleted_once() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    async with sim.async_client() as client:
        await client.serverless_endpoints.delete(id=one)
        assert sim.journal[-1].body == {"name": one, "id": one}
        sim.clock.sleep(60)
        with pytest.raises(NotFoundError):
            await client.serverless_endpoints.delete(id=one)
        await client.serverless_endpoints.delete(id=one, missing_ok=True)


@pytest.mark.case("SV-51")
async def test_a_lost_answer_to_a_delete_ends_well() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    sim.faults.add(Fault("lost_reply", operation="delete_endpoint", times=1))
    async with sim.async_client() as client:
        await client.serverless_endpoints.delete(id=one)
    assert not [item for item in sim.billing_resources() if item.kind == "endpoint"]


@pytest.mark.case("SV-06")
@pytest.mark.parametrize("total", [True, False])
async def test_a_service_that_gives_smaller_pages_is_read_to_the_end(total: bool) -> None:
    sim = Simulator(quirks=Quirks(page_cap=10, omit_total=not total))
    made = {sim.add_endpoint(f"e-{index}") for index in range(25)}
    async with sim.async_client() as client:
        found = await client.serverless_endpoints.list().collect()
    assert len(found) == 25
    assert {endpoint.id for endpoint in found} == made
    pages = [entry.query["pageNum"] for entry in sim.journal]
    assert pages == (["1", "2", "3"] if total else ["1", "2", "3", "4"])  # only an empty page tells the end


@pytest.mark.case("SV-07")
async def test_a_service_that_ignores_the_page_shows_each_endpoint_once() -> None:
    sim = Simulator(quirks=Quirks(ignore_page=True, omit_total=True))
    for index in range(7):
        sim.add_endpoint(f"e-{index}")
    async with sim.async_client() as client:
        found = await client.serverless_endpoints.list().collect()
    assert len({endpoint.id for endpoint in found}) == len(found) == 7
    assert sim.requests() <= 3


@pytest.mark.case("SV-08")
async def test_an_endpoint_that_cannot_be_read_is_left_out_and_told() -> None:
    shown: list[dict[str, Any]] = [{"id": f"e-{index}", "name": f"n-{index}"} for index in range(6)]
    shown[3]["rootfsSize"] = "x"
    remote = AsyncRemote(VirtualClock(), {"endpoints": shown, "total": 6})
    async with client_of(remote) as client:
        pager = client.serverless_endpoints.list()
        found = await pager.collect()
        with pytest.raises(ResponseDecodeError):
            await client.serverless_endpoints.find("n-3")
    assert [endpoint.id for endpoint in found] == ["e-0", "e-1", "e-2", "e-4", "e-5"]
    assert pager.problems is not None
    assert [(problem.path, problem.id) for problem in pager.problems] == [
        ("$.endpoints[3].rootfsSize", "e-3")
    ]


@pytest.mark.case("SV-29")
async def test_what_a_list_showed_is_remembered_for_five_minutes() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    async with sim.async_client() as client:
        await client.serverless_endpoints.find("one")
        sim.clock.sleep(299)
        await client.serverless_endpoints.update("one", max_replicas=2)
        assert sim.requests("list_endpoints") == 1
        sim.clock.sleep(301)
        await client.serverless_endpoints.find("one")
        assert sim.requests("list_endpoints") == 2


@pytest.mark.case("SV-02")
async def test_an_id_stands_in_the_query_as_one_value() -> None:
    remote = AsyncRemote(VirtualClock(), {"endpoint": {"id": "a&b=c d"}})
    async with client_of(remote) as client:
        await client.serverless_endpoints.get("a&b=c d")
    assert remote.seen[0].query == "id=a%26b%3Dc%20d"


@pytest.mark.case("SV-33")
@pytest.mark.parametrize("answer", [(404, b"<html>gone</html>"), (400, {"message": "endpoint not fount"})])
async def test_not_found_is_recognised_by_words_and_status(answer: Any) -> None:
    remote = AsyncRemote(VirtualClock(), answer)
    async with client_of(remote) as client:
        with pytest.raises(NotFoundError):
            await client.serverless_endpoints.get("e-1")


@pytest.mark.case("SV-32")
async def test_reading_one_of_two_of_a_name_does_not_hide_the_other() -> None:
    sim = Simulator()
    first = sim.add_endpoint("one")
    second = sim.add_endpoint("two")
    sim.change_endpoint(second, name="one")
    async with sim.async_client() as client:
        await client.serverless_endpoints.find(id=first)
        with pytest.raises(AmbiguousNameError) as caught:
            await client.serverless_endpoints.scale("one", 3)
    assert set(caught.value.ids) == {first, second}
    assert sim.requests("update_endpoint") == 0


async def test_a_new_name_is_learnt_from_a_record() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    async with sim.async_client() as client:
        await client.serverless_endpoints.find("one")
        sim.change_endpoint(one, name="other")
        await client.serverless_endpoints.find(id=one)
        assert (await client.serverless_endpoints.find("other")).id == one
    assert sim.requests("list_endpoints") == 1


async def test_a_name_that_may_be_in_use_is_not_deployed() -> None:
    sim = Simulator()
    sim.change_endpoint(sim.add_endpoint("one"), rootfsSize="x")
    async with sim.async_client() as client:
        with pytest.raises(ResponseDecodeError, match="rootfsSize"):
            await client.serverless_endpoints.deploy("one", image="nginx", product_id="p", app_name=None)
        await client.serverless_endpoints.deploy("two", image="nginx", product_id="p")
    assert sim.requests("create_endpoint") == 1
