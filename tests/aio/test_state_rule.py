"""The state rule: start, stop and restart that meet "invalid state change" look again before they give up."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk.errors import APITimeoutError, InvalidStateError, NotFoundError, ServerError
from novita_sdk.options import CallOptions, RetryPolicy
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, InTurn, client_of, instance, lost, routed

pytestmark = pytest.mark.anyio

INVALID = (400, {"message": "invalid state change"})


@pytest.mark.case("RT-11")
async def test_a_start_in_a_passing_state_is_sent_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(
        clock, routed(start=InTurn(INVALID, {"state": "toStart"}), instance=instance(status="stopping"))
    )
    result = await client_of(remote).gpu_instances.start("i-1")
    assert (result.status, result.settled) == ("toStart", False)
    assert [seen.at for seen in remote.posts] == [0, 2]


@pytest.mark.case("RT-11")
async def test_a_start_that_is_on_its_way_is_done(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(start=INVALID, instance=instance(status="starting")))
    result = await client_of(remote).gpu_instances.start("i-1")
    assert (result.status, result.settled) == ("starting", True)
    assert remote.times == [0, 2]


@pytest.mark.case("RT-11")
@pytest.mark.parametrize("look", [instance(status="removed"), (404, {"reason": "INSTANCE_NOT_FOUND"})])
async def test_a_start_of_what_was_removed_gives_up(clock: VirtualClock, look: Any) -> None:
    remote = AsyncRemote(clock, routed(start=INVALID, instance=look))
    with pytest.raises(InvalidStateError) as caught:
        await client_of(remote).gpu_instances.start("i-1")
    assert (caught.value.current_status, caught.value.action) == ("removed", "start")
    assert (caught.value.resource_id, caught.value.status, len(remote.posts)) == ("i-1", 400, 1)


async def test_three_sends_are_two_and_four_seconds_apart(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(restart=INVALID, instance=instance(status="pending")))
    client = client_of(remote)
    with pytest.raises(InvalidStateError) as caught:
        await client.gpu_instances.restart("i-1")
    assert [seen.at for seen in remote.posts] == [0, 2, 6]
    assert [seen.at for seen in remote.gets] == [2, 4, 8]
    assert (caught.value.current_status, caught.value.elapsed) == ("pending", 8)
    budget = client.stats().families["public"].budget
    assert budget is not None
    assert budget.available == 500 - 2 * 5


async def test_the_state_is_looked_at_after_the_last_send_too(clock: VirtualClock) -> None:
    states = InTurn(instance(status="toStart"), instance(status="starting"), instance(status="exited"))
    remote = AsyncRemote(clock, routed(stop=INVALID, instance=states))
    assert (await client_of(remote).gpu_instances.stop("i-1")).settled
    assert len(remote.posts) == 3


async def test_a_failed_look_sends_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(start=InTurn(INVALID, 200), instance=503))
    assert not (await client_of(remote).gpu_instances.start("i-1")).settled
    assert [seen.at for seen in remote.posts] == [0, 2]


async def test_without_a_single_look_the_status_stays_unknown(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(start=INVALID, instance=503))
    with pytest.raises(InvalidStateError) as caught:
        await client_of(remote).gpu_instances.start("i-1")
    assert (caught.value.current_status, len(remote.posts)) == (None, 3)


async def test_a_lost_answer_to_a_repeat_is_read_back_before_the_next(clock: VirtualClock) -> None:
    states = InTurn(instance(status="stopping"), instance(status="starting"))
    remote = AsyncRemote(clock, routed(start=InTurn(INVALID, lost), instance=states))
    result = await client_of(remote).gpu_instances.start("i-1")
    assert (result.settled, result.status, len(remote.posts)) == (True, "starting", 2)


async def test_an_error_of_a_repeat_is_retried_like_any_other(clock: VirtualClock) -> None:
    stopping = instance(status="stopping")
    remote = AsyncRemote(clock, routed(start=InTurn(INVALID, 429, 200), instance=stopping))
    await client_of(remote).gpu_instances.start("i-1")
    assert [seen.at for seen in remote.posts] == [0, 2, 3]


async def test_a_repeat_that_finds_nothing_says_so(clock: VirtualClock) -> None:
    missing = (404, {"reason": "INSTANCE_NOT_FOUND"})
    stopping = instance(status="stopping")
    remote = AsyncRemote(clock, routed(start=InTurn(INVALID, missing), instance=stopping))
    with pytest.raises(NotFoundError):
        await client_of(remote).gpu_instances.start("i-1")


@pytest.mark.parametrize(("total_timeout", "posts", "elapsed"), [(2, 1, 0), (2.5, 2, 2), (5, 2, 4)])
async def test_the_rule_ends_with_the_calls_deadline(
    clock: VirtualClock, total_timeout: float, posts: int, elapsed: float
) -> None:
    remote = AsyncRemote(clock, routed(start=INVALID, instance=instance(status="stopping")))
    with pytest.raises(InvalidStateError) as caught:
        await client_of(remote).gpu_instances.start("i-1", options=CallOptions(total_timeout=total_timeout))
    assert (len(remote.posts), caught.value.elapsed) == (posts, elapsed)


async def test_an_empty_budget_ends_the_rule(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(start=INVALID, instance=instance(status="stopping")))
    client = client_of(remote, retry=RetryPolicy(budget=4))
    with pytest.raises(InvalidStateError) as caught:
        await client.gpu_instances.start("i-1")
    assert (len(remote.posts), caught.value.current_status) == (1, "stopping")


async def test_the_rule_needs_no_retry_layer_of_ours(clock: VirtualClock) -> None:
    async def straight(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    remote = AsyncRemote(clock, routed(start=InTurn(INVALID, 200), instance=instance(status="stopping")))
    await client_of(remote, retry=straight).gpu_instances.start("i-1")
    assert len(remote.posts) == 2


async def test_no_other_operation_follows_up(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, lambda request: INVALID if request.method == "POST" else instance())
    client = client_of(remote)
    with pytest.raises(InvalidStateError):
        await client.gpu_instances.delete("i-1")
    with pytest.raises(InvalidStateError):
        await client.gpu_instances.edit("i-1", ports=["80/http"])
    with pytest.raises(InvalidStateError):
        await client.gpu_instances.renew("i-1", month=1)
    with pytest.raises(InvalidStateError):
        await client.request("POST", "/x", safety="idempotent")
    assert len(remote.posts) == 4


async def test_a_refusal_by_name_is_final(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, (400, {"reason": "DEPENDENT_RESOURCE_STATE"}))
    with pytest.raises(InvalidStateError):
        await client_of(remote).gpu_instances.start("i-1")
    assert len(remote.seen) == 1


async def test_a_server_error_of_a_repeat_ends_as_one(clock: VirtualClock) -> None:
    stopping = instance(status="stopping")
    remote = AsyncRemote(clock, routed(start=InTurn(INVALID, 500), instance=stopping))
    with pytest.raises(ServerError):
        await client_of(remote, retry=None).gpu_instances.start("i-1")


async def test_a_call_that_times_out_in_a_repeat_ends_so(clock: VirtualClock) -> None:
    stopping = instance(status="stopping")
    remote = AsyncRemote(clock, routed(start=InTurn(INVALID, lost), instance=stopping))
    with pytest.raises(APITimeoutError):
        await client_of(remote, retry=None).gpu_instances.start("i-1")
