"""Unsafe calls whose answer is lost: looked for, adopted or reported as unknown, and never sent again."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._concurrency.aio import gather
from novita_sdk._core.http import Request
from novita_sdk.errors import (
    APIStatusError,
    AuthenticationError,
    CapacityError,
    DeadlineExceededError,
    DuplicateCreateError,
    NotFoundError,
    OutcomeUnknownError,
    ServerError,
)
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, Late, client_of, instance, lost, refused, reset, routed
from tests.aio.rentals import MARK, Rentals, rent

pytestmark = pytest.mark.anyio


@pytest.mark.case("RT-06")
async def test_a_create_that_never_left_is_sent_again_with_the_same_bytes(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, refused, refused, {"id": "i-1"})
    created = await rent(client_of(remote))
    assert (created.id, created.adopted, remote.times) == ("i-1", False, [0, 1, 3])
    assert len({seen.request.body for seen in remote.seen}) == 1
    assert remote.seen[0].json["envs"] == [{"key": MARK, "value": created.operation_id}]


@pytest.mark.case("RT-06")
async def test_a_throttled_create_is_sent_again(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 429, {"id": "i-1"})
    assert (await rent(client_of(remote))).id == "i-1"
    assert remote.times == [0, 1]


UNCLEAR = [
    pytest.param(500, id="500"),
    pytest.param(504, id="504"),
    pytest.param(408, id="408"),
    pytest.param((500, {"reason": "INSUFFICIENT_RESOURCE"}), id="500 with a refusing reason"),
    pytest.param(lost, id="read timeout"),
    pytest.param(reset, id="truncated body"),
    pytest.param(OSError("cable cut"), id="foreign transport"),
    pytest.param({}, id="200 without an id"),
    pytest.param(b"{'id'", id="200 with broken JSON"),
    pytest.param((200, {"code": 500, "message": "busy"}), id="500 in a 200"),
]


@pytest.mark.case("RT-07")
@pytest.mark.case("RT-08")
@pytest.mark.parametrize("answer", UNCLEAR)
async def test_a_lost_answer_never_rents_twice(clock: VirtualClock, answer: Any) -> None:
    rentals = Rentals(clock, answer)
    created = await rent(client_of(rentals.remote))
    assert (created.id, created.adopted, len(rentals.made)) == ("i-1", True, 1)
    assert rentals.remote.times == [0, 0.5]


@pytest.mark.case("RT-07")
@pytest.mark.parametrize("answer", UNCLEAR)
async def test_a_create_that_made_nothing_stays_unknown_after_thirty_seconds(
    clock: VirtualClock, answer: Any
) -> None:
    rentals = Rentals(clock, answer, makes=0)
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent(client_of(rentals.remote))
    error = caught.value
    assert (error.elapsed, error.verified, error.sends) == (30, True, 1)
    assert error.looks == len(rentals.remote.gets) == 10
    assert len(rentals.remote.posts) == 1
    assert error.operation_id == rentals.remote.posts[0].json["envs"][0]["value"]


@pytest.mark.case("RT-07")
async def test_two_instances_with_one_mark_are_both_named_and_left_alone(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=2)
    with pytest.raises(DuplicateCreateError) as caught:
        await rent(client_of(rentals.remote))
    assert (caught.value.ids, caught.value.resource_id) == (("i-1", "i-2"), "i-1")
    assert (caught.value.operation, caught.value.operation_id is None) == ("create_instance", False)
    assert len(rentals.remote.posts) == 1


@pytest.mark.case("RT-08")
async def test_a_refused_create_is_not_looked_for(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, (400, {"reason": "INSUFFICIENT_RESOURCE"}))
    with pytest.raises(CapacityError):
        await rent(client_of(remote))
    assert remote.paths == ["POST gpu/instance/create"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param((400, {"code": "INSUFFICIENT_RESOURCE"}), CapacityError, id="400"),
        pytest.param(
            (200, {"code": 400, "reason": "INSUFFICIENT_RESOURCE"}), CapacityError, id="400 in a 200"
        ),
        pytest.param((200, {"code": 401, "message": "who?"}), AuthenticationError, id="401 in a 200"),
        pytest.param((500, {"reason": "WALLET_NOT_FOUND"}), NotFoundError, id="no wallet"),
        pytest.param(501, ServerError, id="501"),
        pytest.param(401, AuthenticationError, id="wrong key"),
    ],
)
async def test_a_clear_no_to_a_create_is_raised_at_once(
    clock: VirtualClock, answer: Any, error: type[APIStatusError]
) -> None:
    remote = AsyncRemote(clock, answer)
    with pytest.raises(error):
        await rent(client_of(remote))
    assert remote.times == [0]


async def test_an_instance_listed_late_is_adopted_when_it_shows(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, shown_after=12)
    assert (await rent(client_of(rentals.remote))).adopted
    assert clock.monotonic() - 1000 <= 12 + 5


async def test_a_settled_create_is_counted_as_settled(clock: VirtualClock) -> None:
    rentals = Rentals(clock, refused)
    rentals.remote.script = [refused, *rentals.remote.script]
    rentals._answer = 500
    client = client_of(rentals.remote)
    await rent(client)
    budget = client.stats().families["public"].budget
    assert budget is not None
    assert budget.available == 500 - 14, "what was read back earns nothing"


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(503, id="error"),
        pytest.param({"rows": []}, id="unknown envelope"),
        pytest.param(b"<html>", id="no JSON"),
        pytest.param((404, b"<html>"), id="not found by a proxy"),
        pytest.param((404, {"reason": "TEMPLATE_NOT_FOUND"}), id="something else is missing"),
    ],
)
async def test_a_failed_look_proves_nothing(clock: VirtualClock, look: Any) -> None:
    remote = AsyncRemote(clock, routed(create=500, instances=look))
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent(client_of(remote, breakers={"public": None}))
    assert (caught.value.verified, caught.value.looks) == (False, 0)


async def test_an_account_answered_not_found_has_no_instances(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(create=500, instances=(400, {"reason": "RESOURCE_NOT_FOUND"})))
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent(client_of(remote))
    assert (caught.value.verified, caught.value.looks) == (True, 10)


async def test_a_later_page_that_is_not_found_proves_nothing(clock: VirtualClock) -> None:
    first = {"instances": [instance()], "total": 3}

    def listed(request: Request) -> Any:
        return first if "pageNum=1" in request.url else (400, {"reason": "RESOURCE_NOT_FOUND"})

    remote = AsyncRemote(clock, routed(create=500, instances=listed))
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent(client_of(remote))
    assert (caught.value.verified, caught.value.looks) == (False, 0)


async def test_an_incomplete_list_proves_nothing(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(create=500, instances={"instances": [instance()], "total": 3}))
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent(client_of(remote, rate_limits={"public": None}))
    assert (caught.value.verified, caught.value.looks) == (False, 0)


async def test_items_that_are_no_objects_do_not_stop_the_search(clock: VirtualClock) -> None:
    marked: list[Any] = []

    def listed(_request: Request) -> Any:
        return {"instances": [None, 7, *marked]}

    remote = AsyncRemote(clock, routed(create=500, instances=listed))
    client = client_of(remote)

    async def appear() -> None:
        await clock.sleep_async(1)
        marked.append({"id": "i-9", "gpuNum": "abc", "envs": remote.posts[0].json["envs"]})

    async def create() -> None:
        assert (await rent(client)).id == "i-9"

    await gather(clock, [create, appear])


async def test_the_calls_deadline_cuts_the_settling_window(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=0)
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent(client_of(rentals.remote), total_timeout=10)
    assert (caught.value.elapsed, caught.value.verified) == (10, False)


async def test_an_attempt_cut_by_the_deadline_leaves_no_time_to_look(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, Late(10, lost))
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent(client_of(remote), total_timeout=10)
    assert (caught.value.looks, caught.value.verified, len(remote.seen)) == (0, False, 1)
    assert isinstance(caught.value.__cause__, DeadlineExceededError)


async def test_sends_counts_only_what_may_have_arrived(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=0)
    rentals.remote.script = [refused, *rentals.remote.script]
    began = clock.time()
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent(client_of(rentals.remote))
    assert caught.value.sends == 1
    assert caught.value.sent_at is not None
    assert caught.value.sent_at.timestamp() == pytest.approx(began + 1), "the refused one does not count"


async def test_looks_are_made_as_the_call_was_and_take_tokens(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500)
    client = client_of(rentals.remote)
    await rent(client, correlation_id="job-7", headers={"X-Team": "vision"}, timeout=7)
    seen = rentals.remote.seen
    assert len(seen) == 2
    assert {look.header("X-Correlation-ID") for look in seen} == {"job-7"}
    assert {look.header("X-Team") for look in seen} == {"vision"}
    assert {look.request.timeouts.read for look in seen} == {7}
    bucket = client.stats().families["public"].bucket
    assert bucket is not None
    assert bucket.granted == 2
