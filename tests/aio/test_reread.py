"""Idempotent calls whose answer is lost: read back first, sent again only if that is needed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._core.http import Request, Response
from novita_sdk.errors import (
    APITimeoutError,
    NotFoundError,
    ResponseDecodeError,
    ServerError,
)
from novita_sdk.options import CallOptions, RetryPolicy
from novita_sdk.testing import VirtualClock
from tests.aio.remote import (
    AsyncRemote,
    Interruption,
    InTurn,
    Late,
    client_of,
    instance,
    lost,
    refused,
    routed,
)

pytestmark = pytest.mark.anyio

GONE = (400, {"reason": "RESOURCE_NOT_FOUND", "message": "resource not found"})


# -------------------------------------------------------------------------------- start, stop, delete


@pytest.mark.case("RT-09")
async def test_a_stop_that_shows_its_effect_is_not_sent_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(stop=lost, instance=instance(status="stopping")))
    result = await client_of(remote).gpu_instances.stop("i-1")
    assert (result.settled, result.status, result.instance_id) == (True, "stopping", "i-1")
    assert remote.paths == ["POST gpu/instance/stop", "GET gpu/instance"]


@pytest.mark.case("RT-09")
async def test_a_stop_that_shows_no_effect_is_sent_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(stop=InTurn(lost, {"state": "toStop"}), instance=instance()))
    result = await client_of(remote).gpu_instances.stop("i-1")
    assert (result.settled, result.status, len(remote.posts)) == (False, "toStop", 2)


@pytest.mark.parametrize("answer", [500, 408, lost])
@pytest.mark.parametrize(
    ("action", "status"),
    [("start", "toStart"), ("start", "running"), ("stop", "exited"), ("delete", "removing")],
)
async def test_what_the_state_shows_as_done_is_done(
    clock: VirtualClock, answer: Any, action: str, status: str
) -> None:
    remote = AsyncRemote(clock, routed(**{action: answer}, instance=instance(status=status)))
    result = await getattr(client_of(remote).gpu_instances, action)("i-1")
    assert (result.settled, result.status, len(remote.posts)) == (True, status, 1)


async def test_the_effect_is_looked_for_after_the_last_attempt_too(clock: VirtualClock) -> None:
    states = InTurn(instance(), instance(), instance(), instance(status="stopping"))
    remote = AsyncRemote(clock, routed(stop=500, instance=states))
    assert (await client_of(remote).gpu_instances.stop("i-1")).settled
    assert len(remote.posts) == 4


async def test_a_stop_that_never_works_ends_with_its_own_last_error(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(stop=500, instance=instance()))
    with pytest.raises(ServerError) as caught:
        await client_of(remote, breakers={"public": None}).gpu_instances.stop("i-1")
    assert (caught.value.operation, caught.value.retry_stopped, len(remote.posts)) == (
        "stop_instance",
        "attempts",
        4,
    )


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(503, id="error"),
        pytest.param(lost, id="no answer"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="an empty list"),
        pytest.param({}, id="an empty object"),
        pytest.param({"rows": 1}, id="another object"),
        pytest.param((404, b"<html>"), id="a proxy's 404"),
    ],
)
async def test_a_failed_look_sends_again_and_never_counts_as_gone(clock: VirtualClock, look: Any) -> None:
    remote = AsyncRemote(clock, routed(delete=InTurn(lost, 200), instance=look))
    result = await client_of(remote).gpu_instances.delete("i-1")
    assert (result.settled, len(remote.posts)) == (False, 2)


async def test_an_instance_without_a_status_shows_no_effect(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(stop=InTurn(lost, 200), instance={"id": "i-1"}))
    assert not (await client_of(remote).gpu_instances.stop("i-1")).settled
    assert len(remote.posts) == 2


async def test_a_connection_that_was_never_made_needs_no_look(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(stop=InTurn(refused, 200)))
    await client_of(remote).gpu_instances.stop("i-1")
    assert len(remote.posts) == len(remote.seen) == 2


async def test_an_interruption_of_an_idempotent_call_is_passed_on_as_it_is(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, Interruption())
    with pytest.raises(Interruption) as caught:
        await client_of(remote).gpu_instances.stop("i-1")
    assert len(remote.seen) == 1
    assert not hasattr(caught.value, "__notes__")


async def test_the_same_bytes_are_sent_again_whatever_a_middleware_made_of_them(clock: VirtualClock) -> None:
    async def change(request: Request, call_next: AsyncCallNext) -> Response:
        assert request.body is not None
        return await call_next(request.evolve(body=request.body.replace(b"i-1", b"i-2")))

    remote = AsyncRemote(clock, routed(stop=InTurn(lost, 200), instance=instance()))
    await client_of(remote, middleware=[change]).gpu_instances.stop("i-1")
    assert [seen.json for seen in remote.posts] == [{"instanceId": "i-2"}] * 2
    assert [seen.query for seen in remote.gets] == ["instanceId=i-2"], "what was sent is what is looked at"


@pytest.mark.parametrize("body", [b"", b"gone wrong", b"[]", b'{"state": ""}'])
async def test_a_success_of_which_nothing_is_needed_may_be_unreadable(
    clock: VirtualClock, body: bytes
) -> None:
    remote = AsyncRemote(clock, body)
    result = await client_of(remote).gpu_instances.stop("i-1")
    assert (result.status, result.settled, len(remote.seen)) == (None, False, 1)


def too_large(_request: Request) -> ResponseDecodeError:
    return ResponseDecodeError("the answer is larger than 33554432 bytes", path="$", status=200)


async def test_a_success_that_is_too_large_to_read_is_a_success(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, too_large)
    assert (await client_of(remote).gpu_instances.stop("i-1")).settled
    assert len(remote.seen) == 1


async def test_an_unlisted_call_may_need_what_cannot_be_read(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, too_large)
    with pytest.raises(ResponseDecodeError):
        await client_of(remote).request("POST", "/x", safety="idempotent")
    assert len(remote.seen) == 1


async def test_an_error_inside_a_success_is_an_error(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(stop=(200, {"code": 503, "message": "busy"}), instance=instance()))
    with pytest.raises(ServerError) as caught:
        await client_of(remote, retry=RetryPolicy(max_retries=1, jitter="none")).gpu_instances.stop("i-1")
    assert (caught.value.status, len(remote.posts)) == (503, 2)


# ------------------------------------------------------------------------------------------- delete


@pytest.mark.case("RT-10")
async def test_a_delete_without_an_answer_is_done_once_the_instance_is_gone(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(delete=lost, instance=GONE))
    result = await client_of(remote).gpu_instances.delete("i-1")
    assert (result.settled, len(remote.posts)) == (True, 1)


@pytest.mark.case("RT-10")
async def test_a_delete_that_finds_nothing_after_a_lost_answer_is_done(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(delete=InTurn(lost, GONE), instance=503))
    assert (await client_of(remote).gpu_instances.delete("i-1")).settled
    assert len(remote.posts) == 2


@pytest.mark.case("RT-10")
async def test_a_delete_that_finds_nothing_at_first_says_so(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, GONE)
    with pytest.raises(NotFoundError):
        await client_of(remote).gpu_instances.delete("i-1")
    assert (await client_of(remote).gpu_instances.delete("i-1", missing_ok=True)).settled


@pytest.mark.parametrize("before", [refused, 429])
async def test_an_attempt_that_did_nothing_leaves_no_doubt(clock: VirtualClock, before: Any) -> None:
    remote = AsyncRemote(clock, before, GONE)
    with pytest.raises(NotFoundError):
        await client_of(remote).gpu_instances.delete("i-1")


async def test_something_else_that_is_missing_is_not_the_thing_deleted(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, (404, {"reason": "NETWORK_NOT_FOUND"}))
    with pytest.raises(NotFoundError):
        await client_of(remote).gpu_instances.delete("i-1", missing_ok=True)


async def test_a_stop_of_something_missing_is_never_a_success(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(stop=InTurn(lost, GONE), instance=503))
    with pytest.raises(NotFoundError):
        await client_of(remote).gpu_instances.stop("i-1")


async def delete_network(client: AsyncNovita) -> None:
    await client.networks.delete("n-1")


async def delete_template(client: AsyncNovita) -> None:
    await client.templates.delete("t-1")


async def delete_image(client: AsyncNovita) -> None:
    await client.images.delete("im-1")


async def delete_storage(client: AsyncNovita) -> None:
    await client.network_storages.delete("s-1")


async def delete_login(client: AsyncNovita) -> None:
    await client.registry_auths.delete("r-1")


@pytest.mark.parametrize(
    "call", [delete_network, delete_template, delete_image, delete_storage, delete_login]
)
async def test_a_delete_without_a_look_is_done_when_the_repeat_finds_nothing(
    clock: VirtualClock, call: Callable[[AsyncNovita], Awaitable[None]]
) -> None:
    remote = AsyncRemote(clock, lost, GONE)
    await call(client_of(remote))
    assert len(remote.posts) == len(remote.seen) == 2


# ------------------------------------------------------------------------------- several, and jobs


def prewarms(*ids: str) -> dict[str, Any]:
    return {"data": [{"id": identity} for identity in ids], "total": len(ids)}


async def test_of_several_deleted_only_those_that_remain_are_sent_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(delete=InTurn(lost, 200), prewarm=prewarms("a", "c", "x")))
    await client_of(remote).image_prewarms.delete("a", "b", "c")
    assert [seen.json for seen in remote.posts] == [{"ids": ["a", "b", "c"]}, {"ids": ["a", "c"]}]


async def test_several_that_are_all_gone_are_done(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(delete=lost, prewarm=prewarms("x")))
    await client_of(remote).image_prewarms.delete("a", "b")
    assert len(remote.posts) == 1


async def test_an_incomplete_list_proves_nothing(clock: VirtualClock) -> None:
    listed = {"data": [{"id": "x"}], "total": 5}
    remote = AsyncRemote(clock, routed(delete=InTurn(lost, 200), prewarm=listed))
    await client_of(remote).image_prewarms.delete("a", "b")
    assert [seen.json["ids"] for seen in remote.posts] == [["a", "b"], ["a", "b"]]


NOT_THERE = (404, {"reason": "IMAGE_PREWARM_NOT_FOUND"})


async def test_of_several_one_missing_does_not_stand_for_all(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(delete=InTurn(NOT_THERE, 200), prewarm=prewarms("a", "c")))
    await client_of(remote).image_prewarms.delete("a", "b", "c", missing_ok=True)
    assert [seen.json["ids"] for seen in remote.posts] == [["a", "b", "c"], ["a", "c"]]


async def test_several_that_are_all_missing_are_fine_if_that_is_asked_for(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(delete=NOT_THERE, prewarm=prewarms()))
    await client_of(remote).image_prewarms.delete("a", "b", missing_ok=True)
    assert len(remote.posts) == 1


async def test_several_that_are_said_to_be_missing_and_are_all_listed_are_an_error(
    clock: VirtualClock,
) -> None:
    remote = AsyncRemote(clock, routed(delete=NOT_THERE, prewarm=prewarms("a", "b")))
    with pytest.raises(NotFoundError):
        await client_of(remote).image_prewarms.delete("a", "b", missing_ok=True)
    assert len(remote.posts) == 1


async def test_a_single_one_that_is_missing_needs_no_look(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, NOT_THERE)
    await client_of(remote).image_prewarms.delete("a", missing_ok=True)
    assert len(remote.seen) == 1


@pytest.mark.parametrize(("state", "posts"), [("break", 1), ("success", 1), ("running", 2)])
async def test_a_job_is_stopped_once_it_has_ended(clock: VirtualClock, state: str, posts: int) -> None:
    job = {"Id": "j-1", "type": "saveImage", "state": {"state": state}}
    answers: dict[str, Any] = {"break": InTurn(lost, 200), "jobs": {"jobs": [job], "total": 1}}
    remote = AsyncRemote(clock, routed(**answers))
    await client_of(remote).jobs.cancel("j-1")
    assert len(remote.posts) == posts


# ------------------------------------------------------------------------------------------ restart


async def test_a_restart_is_watched_for_ten_seconds_before_it_is_sent_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(restart=InTurn(lost, 200), instance=instance()))
    assert not (await client_of(remote).gpu_instances.restart("i-1")).settled
    assert [seen.at for seen in remote.posts] == [0, 11]
    assert [seen.at for seen in remote.gets] == [0, 0.5, 1.3, 2.58, 4.628, 7.9048, 10]


async def test_a_restart_that_shows_later_is_done(clock: VirtualClock) -> None:
    states = InTurn(instance(), 503, instance(status="restarting"))
    remote = AsyncRemote(clock, routed(restart=lost, instance=states))
    assert (await client_of(remote).gpu_instances.restart("i-1")).settled
    assert len(remote.posts) == 1


async def test_an_instance_that_came_up_since_the_sending_was_restarted(clock: VirtualClock) -> None:
    started = str(int(clock.time()) + 65)
    restart = InTurn(Late(60, refused), lost)
    remote = AsyncRemote(clock, routed(restart=restart, instance=instance(lastStartedAt=started)))
    assert (await client_of(remote).gpu_instances.restart("i-1")).settled
    assert len(remote.posts) == 2


async def test_an_instance_that_came_up_before_the_sending_was_not(clock: VirtualClock) -> None:
    """Someone else started it while the call's first attempt could not connect."""
    started = str(int(clock.time()) + 30)
    restart = InTurn(Late(60, refused), lost, 200)
    remote = AsyncRemote(clock, routed(restart=restart, instance=instance(lastStartedAt=started)))
    assert not (await client_of(remote).gpu_instances.restart("i-1")).settled
    assert len(remote.posts) == 3


@pytest.mark.parametrize("total_timeout", [4, 5, 10])
async def test_a_restart_that_could_not_be_watched_to_the_end_is_not_sent_again(
    clock: VirtualClock, total_timeout: float
) -> None:
    remote = AsyncRemote(clock, routed(restart=lost, instance=instance()))
    with pytest.raises(APITimeoutError) as caught:
        await client_of(remote).gpu_instances.restart("i-1", options=CallOptions(total_timeout=total_timeout))
    assert (len(remote.posts), caught.value.elapsed) == (1, total_timeout)
    assert caught.value.retry_stopped == "deadline"
