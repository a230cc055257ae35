"""Updates lose nothing: not what was set before, not what somebody else sets meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from novita_sdk._concurrency.aio import gather
from novita_sdk._core.http import Request
from novita_sdk.errors import (
    ConcurrentUpdateError,
    EndpointBusyError,
    NotFoundError,
    OutcomeUnknownError,
    UpdateNotAppliedError,
    ValidationError,
)
from novita_sdk.options import ServerlessOptions
from novita_sdk.testing import Fault, Simulator, VirtualClock
from tests.aio.foreign_writes import After
from tests.aio.remote import AsyncRemote, client_of

pytestmark = pytest.mark.anyio


def sent(sim: Simulator) -> list[Any]:
    return [entry.body for entry in sim.journal if entry.operation == "update_endpoint"]


def operations(sim: Simulator) -> list[str]:
    return [entry.operation for entry in sim.journal]


@pytest.mark.case("SV-01")
@pytest.mark.case("SV-34")
@pytest.mark.case("SV-38")
async def test_an_update_reads_writes_all_it_has_read_and_reads_again() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    sim.change_endpoint(one, foo={"bar": 1}, image={"image": "old", "authId": "a", "command": "run"})
    async with sim.async_client() as client:
        endpoint = await client.serverless_endpoints.update("one", image="new")
    assert endpoint.image is not None
    assert endpoint.image.image == "new"
    assert operations(sim) == ["list_endpoints", "get_endpoint", "update_endpoint", "get_endpoint"]
    (body,) = sent(sim)
    assert "endpoint" not in body
    assert body["foo"] == {"bar": 1}
    assert body["image"]["authId"] == "a"
    assert body["healthy"]["period"] == 10
    assert body["clusterID"] == "us-dallas-nas-2"
    assert not body.keys() & {"state", "url", "workers", "log", "createdAt", "updatedAt"}


@pytest.mark.case("SV-38")
async def test_an_update_that_changes_nothing_writes_nothing() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    async with sim.async_client() as client:
        endpoint = await client.serverless_endpoints.get(one)
        await client.serverless_endpoints.update(endpoint, image="nginx", replicas=1)
    assert operations(sim) == ["get_endpoint", "get_endpoint"]


async def test_without_reading_back_an_update_costs_two_calls() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    async with sim.async_client() as client:
        endpoint = await client.serverless_endpoints.get(one)
        changed = await client.serverless_endpoints.update(endpoint, max_replicas=3, verify=False)
    assert operations(sim) == ["get_endpoint", "get_endpoint", "update_endpoint"]
    assert changed.worker_config is not None
    assert changed.worker_config.max_num == 3


@pytest.mark.case("SV-36")
async def test_an_environment_is_replaced_merged_and_cleared() -> None:
    sim = Simulator()
    sim.add_endpoint("one", envs={"A": "1", "C": "3", "NOVITA_SDK_OPERATION_ID": "op"})
    async with sim.async_client() as client:
        merged = await client.serverless_endpoints.update("one", envs_merge={"B": "2", "A": None})
        assert dict(merged.envs) == {"C": "3", "B": "2"}
        replaced = await client.serverless_endpoints.update("one", envs={"D": "4"})
        assert dict(replaced.envs) == {"D": "4"}
        cleared = await client.serverless_endpoints.update("one", envs={})
        assert dict(cleared.envs) == {}
        assert cleared.operation_id == "op"
        with pytest.raises(ValidationError):
            await client.serverless_endpoints.update("one", envs={"A": "1"}, envs_merge={"B": "2"})


@pytest.mark.case("SV-37")
async def test_bounds_move_alone_or_together() -> None:
    sim = Simulator()
    sim.add_endpoint("one")

    def bounds(endpoint: Any) -> tuple[int, int]:
        return endpoint.worker_config.min_num, endpoint.worker_config.max_num

    async with sim.async_client() as client:
        update = client.serverless_endpoints.update
        assert bounds(await update("one", replicas=5)) == (5, 5)
        assert bounds(await update("one", max_replicas=8)) == (5, 8)
        posts = len(sent(sim))
        with pytest.raises(ValidationError, match="min_replicas"):
            await update("one", min_replicas=9)
        assert len(sent(sim)) == posts


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"image": None},
        {"replicas": -1},
        {"replicas": 1, "max_replicas": 2},
        {"port": 2222},
        {"health": "no-slash"},
        {"volume_mounts": [{"type": "local"}]},
    ],
)
async def test_wrong_changes_are_refused_before_anything_is_sent(arguments: dict[str, Any]) -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    async with sim.async_client() as client:
        with pytest.raises(ValidationError):
            await client.serverless_endpoints.update("one", **arguments)
    assert sim.requests() == 0


@pytest.mark.case("SV-39")
async def test_two_updates_of_one_client_at_once_both_hold() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    async with sim.async_client() as client:
        update = client.serverless_endpoints.update
        endpoint = await client.serverless_endpoints.get(one)
        await gather(
            sim.clock,  # type: ignore[arg-type]  # a virtual clock has both colours
            [lambda: update(endpoint, image="new"), lambda: update(endpoint, max_replicas=7)],
        )
        found = await client.serverless_endpoints.get(one)
    assert found.image is not None
    assert found.worker_config is not None
    assert (found.image.image, found.worker_config.max_num) == ("new", 7)


@pytest.mark.case("SV-40")
async def test_a_foreign_write_that_replaced_ours_is_laid_over() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    foreign = After(lambda: sim.change_endpoint(one, image={"image": "nginx"}, rootfsSize=200))
    async with sim.async_client(attempt_middleware=[foreign]) as client:
        endpoint = await client.serverless_endpoints.update("one", image="new")
    assert endpoint.image is not None
    assert (endpoint.image.image, endpoint.rootfs_size) == ("new", 200)
    assert len(sent(sim)) == 2


@pytest.mark.case("SV-40")
async def test_a_foreign_write_of_the_same_setting_is_a_conflict() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    foreign = After(lambda: sim.change_endpoint(one, image={"image": "theirs"}))
    async with sim.async_client(attempt_middleware=[foreign]) as client:
        with pytest.raises(ConcurrentUpdateError) as caught:
            await client.serverless_endpoints.update("one", image="new")
    assert caught.value.fields == ("image",)
    assert caught.value.theirs == {"image": "theirs"}
    assert caught.value.resource_id == one


@pytest.mark.case("SV-40")
async def test_a_foreign_write_of_the_same_setting_can_be_overwritten() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    foreign = After(lambda: sim.change_endpoint(one, image={"image": "theirs"}))
    async with sim.async_client(attempt_middleware=[foreign]) as client:
        endpoint = await client.serverless_endpoints.update("one", image="new", on_conflict="overwrite")
    assert endpoint.image is not None
    assert endpoint.image.image == "new"


@pytest.mark.case("SV-40")
async def test_after_three_foreign_writes_an_update_gives_up() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    sizes = iter(range(200, 300))
    foreign = After(
        lambda: sim.change_endpoint(one, image={"image": "nginx"}, rootfsSize=next(sizes)), times=99
    )
    async with sim.async_client(attempt_middleware=[foreign]) as client:
        with pytest.raises(ConcurrentUpdateError):
            await client.serverless_endpoints.update("one", image="new")
    assert len(sent(sim)) == 3


@pytest.mark.case("SV-41")
async def test_a_record_that_has_changed_since_is_not_written() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    async with sim.async_client() as client:
        seen = await client.serverless_endpoints.get(one)
        sim.change_endpoint(one, rootfsSize=200)
        with pytest.raises(ConcurrentUpdateError) as caught:
            await client.serverless_endpoints.update(one, image="new", if_unchanged=seen)
    assert caught.value.fields == ("rootfs_size",)
    assert sent(sim) == []


@pytest.mark.case("SV-42")
async def test_an_update_whose_answer_was_lost_is_not_sent_again() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    sim.faults.add(Fault("lost_reply", operation="update_endpoint"))
    async with sim.async_client() as client:
        await client.serverless_endpoints.update("one", image="new")
    assert len(sent(sim)) == 1


@pytest.mark.case("SV-42")
async def test_an_update_that_was_lost_is_sent_again() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    sim.faults.add(Fault("reset_before_processing", operation="update_endpoint"))
    async with sim.async_client() as client:
        endpoint = await client.serverless_endpoints.update("one", image="new")
    assert len(sent(sim)) == 2
    assert endpoint.image is not None
    assert endpoint.image.image == "new"


async def test_an_update_that_is_always_lost_is_sent_three_times() -> None:
    sim = Simulator()
    sim.add_endpoint("one")
    sim.faults.add(Fault("reset_before_processing", operation="update_endpoint", times=None))
    async with sim.async_client() as client:
        with pytest.raises(OutcomeUnknownError):
            await client.serverless_endpoints.update("one", image="new")
    assert len(sent(sim)) == 3


@pytest.mark.case("SV-43")
async def test_an_update_that_never_shows_is_told_after_ten_seconds() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    dropped = After(lambda: sim.change_endpoint(one, rootfsSize=100))
    async with sim.async_client(attempt_middleware=[dropped]) as client:
        began = sim.clock.monotonic()
        with pytest.raises(UpdateNotAppliedError) as caught:
            await client.serverless_endpoints.update("one", rootfs_size=200)
    assert caught.value.fields == ("rootfs_size",)
    assert sim.clock.monotonic() - began == pytest.approx(10)


async def test_settings_that_changed_by_themselves_are_reported() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    foreign = After(lambda: sim.change_endpoint(one, rootfsSize=200))
    async with sim.async_client(attempt_middleware=[foreign]) as client:
        endpoint = await client.serverless_endpoints.update("one", image="new")
    assert endpoint.extra["unexpected_changes"] == ["rootfs_size"]


async def test_an_endpoint_that_was_renamed_is_not_the_one_that_was_meant() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    async with sim.async_client() as client:
        await client.serverless_endpoints.find("one")
        sim.change_endpoint(one, name="other")
        with pytest.raises(NotFoundError):
            await client.serverless_endpoints.update("one", image="new")
    assert sent(sim) == []


@pytest.mark.case("SV-39")
async def test_clients_that_share_a_store_take_turns(tmp_path: Any) -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    path = str(tmp_path / "state.db")
    async with (
        sim.async_client(state_path=path) as client,
        sim.async_client(state_path=path) as other,
    ):
        endpoint = await client.serverless_endpoints.get(one)
        await gather(
            sim.clock,  # type: ignore[arg-type]  # a virtual clock has both colours
            [
                lambda: client.serverless_endpoints.update(endpoint, image="new"),
                lambda: other.serverless_endpoints.update(endpoint, max_replicas=7),
            ],
        )
        found = await client.serverless_endpoints.get(one)
    assert found.image is not None
    assert found.worker_config is not None
    assert (found.image.image, found.worker_config.max_num) == ("new", 7)


@pytest.mark.case("SV-43")
async def test_a_holder_that_died_is_waited_for_no_longer_than_its_lease(tmp_path: Any) -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    path = str(tmp_path / "state.db")
    async with sim.async_client(state_path=path) as dead, sim.async_client(state_path=path) as client:
        assert await dead.store.lease_acquire(f"endpoint:{one}", "dead", 60.0)
        began = sim.clock.monotonic()
        changed = await client.serverless_endpoints.update("one", image="new")
        assert sim.clock.monotonic() - began <= 61
    assert changed.image is not None
    assert changed.image.image == "new"


async def test_a_holder_that_goes_on_holding_makes_the_endpoint_busy(tmp_path: Any) -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    path = str(tmp_path / "state.db")
    async with sim.async_client(state_path=path) as holder, sim.async_client(state_path=path) as client:
        assert await holder.store.lease_acquire(f"endpoint:{one}", "holder", 600.0)
        with pytest.raises(EndpointBusyError) as caught:
            await client.serverless_endpoints.update("one", image="new")
    assert caught.value.resource_id == one
    assert sent(sim) == []


@pytest.mark.case("SV-76")
async def test_no_environment_value_is_logged_or_shown(caplog: pytest.LogCaptureFixture) -> None:
    sim = Simulator()
    sim.add_endpoint("one", envs={"A": "v4lue-a"})
    caplog.set_level("DEBUG")
    async with sim.async_client() as client:
        found = await client.serverless_endpoints.update("one", envs_merge={"B": "v4lue-b"})
        foreign = After(lambda: sim.change_endpoint(found.id, envs=[{"key": "B", "value": "v4lue-c"}]), 3)
    async with sim.async_client(attempt_middleware=[foreign]) as client:
        with pytest.raises(ConcurrentUpdateError) as caught:
            await client.serverless_endpoints.update("one", envs={"B": "v4lue-d"})
    told = caplog.text + repr(found) + repr(found.envs) + repr(caught.value) + repr(caught.value.theirs)
    assert "v4lue" not in told + caught.value.explain()
    assert sim.api_key not in told


@pytest.mark.case("SV-36")
@pytest.mark.parametrize("understood", [True, False])
async def test_an_environment_that_an_empty_list_does_not_clear_is_cleared_by_null(understood: bool) -> None:
    record = {"id": "e-1", "name": "one", "envs": [{"key": "A", "value": "1"}]}

    def service(request: Request) -> Any:
        if request.method == "GET":
            return {"endpoint": record}
        if json.loads(request.body or b"")["envs"] is None and understood:
            record["envs"] = []
        return {}

    remote = AsyncRemote(VirtualClock(), service)
    async with client_of(remote) as client:
        update = client.serverless_endpoints.update
        endpoint = await client.serverless_endpoints.get("e-1")
        if understood:
            assert dict((await update(endpoint, envs={})).envs) == {}
        else:
            with pytest.raises(UpdateNotAppliedError, match="envs"):
                await update(endpoint, envs={})
    assert [seen.json["envs"] for seen in remote.posts] == [[], None]


async def test_a_key_nobody_knows_that_has_changed_since_is_a_conflict() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    async with sim.async_client() as client:
        for changed in (
            {"foo": {"password": "h1dden"}},
            {"policy": {"type": "queue", "value": 60, "burst": 2}},
        ):
            seen = await client.serverless_endpoints.get(one)
            sim.change_endpoint(one, **changed)
            with pytest.raises(ConcurrentUpdateError) as caught:
                await client.serverless_endpoints.update(one, image="new", if_unchanged=seen)
            assert caught.value.fields == tuple(changed)
            assert "h1dden" not in repr(caught.value.theirs) + caught.value.explain()
    assert sent(sim) == []


async def test_only_the_settings_somebody_else_changed_are_told_as_such() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    foreign = After(lambda: sim.change_endpoint(one, image={"image": "theirs"}))
    async with sim.async_client(attempt_middleware=[foreign]) as client:
        with pytest.raises(ConcurrentUpdateError) as caught:
            await client.serverless_endpoints.update("one", image="new", rootfs_size=200)
    assert caught.value.fields == ("image",)


async def test_keys_nobody_knows_can_be_left_out_and_are_no_change() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    sim.change_endpoint(one, foo=1)
    async with sim.async_client(serverless=ServerlessOptions(echo_unknown=False)) as client:
        await client.serverless_endpoints.update(one, image="nginx")
        assert sent(sim) == []
        changed = await client.serverless_endpoints.update(one, image="new")
    assert ["foo" in body for body in sent(sim)] == [False]
    assert "unexpected_changes" not in changed.extra


async def test_an_idle_time_is_held_against_the_request_timeout_of_the_endpoint() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    async with sim.async_client() as client:
        update = client.serverless_endpoints.update
        await update(one, request_timeout=7200)
        assert (await update(one, task_timeout=5000)).worker_config.free_timeout == 5000
        with pytest.raises(ValidationError, match="request_timeout"):
            await update(one, request_timeout=60, task_timeout=61)
        await update(one, request_timeout=60)
        posts = len(sent(sim))
        with pytest.raises(ValidationError, match="request_timeout"):
            await update(one, task_timeout=61)
    assert len(sent(sim)) == posts


async def test_what_was_cleared_without_reading_back_is_not_shown() -> None:
    sim = Simulator()
    one = sim.add_endpoint("one")
    async with sim.async_client() as client:
        changed = await client.serverless_endpoints.update(one, cluster_id=None, verify=False)
    assert changed.cluster_id is None
    assert changed.url is not None


async def test_numbers_as_text_need_no_block_that_a_record_lacks() -> None:
    record = {"id": "e-1", "image": {"image": "old"}}

    def service(request: Request) -> Any:
        if request.method == "POST":
            record.update(json.loads(request.body or b""))
            return {}
        return {"endpoint": record}

    remote = AsyncRemote(VirtualClock(), service)
    async with client_of(remote, serverless=ServerlessOptions(numbers="text")) as client:
        await client.serverless_endpoints.update(await client.serverless_endpoints.get("e-1"), image="new")
    assert [seen.json for seen in remote.posts] == [{"id": "e-1", "image": {"image": "new"}}]
