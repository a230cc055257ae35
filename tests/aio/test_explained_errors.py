"""Foreign errors and interruptions of an unsafe call: unchanged, but with a note of what may have been made."""

from __future__ import annotations

import pytest

from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._core.http import Request, Response
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, Interruption, InTurn, Late, client_of, routed
from tests.aio.rentals import MARK, Rentals, rent

pytestmark = pytest.mark.anyio


@pytest.mark.case("RT-17")
async def test_a_foreign_error_after_the_answer_tells_the_instances_id(clock: VirtualClock) -> None:
    async def stumble(request: Request, call_next: AsyncCallNext) -> Response:
        await call_next(request)
        raise KeyError("x")

    remote = AsyncRemote(clock, {"id": "i-1"})
    with pytest.raises(KeyError) as caught:
        await rent(client_of(remote, attempt_middleware=[stumble]))
    assert len(remote.seen) == 1
    mark = remote.seen[0].json["envs"][0]["value"]
    note = f"create_instance was sent with {MARK}={mark}; it was carried out: i-1"
    assert caught.value.__notes__ == [note]


async def test_a_foreign_error_without_an_answer_says_that_nothing_is_known(clock: VirtualClock) -> None:
    async def stumble(request: Request, call_next: AsyncCallNext) -> Response:
        assert (await call_next(request)).status == 500
        raise KeyError("x")

    remote = AsyncRemote(clock, 500)
    with pytest.raises(KeyError) as caught:
        await rent(client_of(remote, attempt_middleware=[stumble]))
    assert caught.value.__notes__[0].endswith("whether it was carried out is not known")
    assert len(remote.seen) == 1


async def test_a_foreign_error_before_the_sending_is_passed_on_as_it_is(clock: VirtualClock) -> None:
    async def stumble(_request: Request, _call_next: AsyncCallNext) -> Response:
        raise KeyError("x")

    remote = AsyncRemote(clock, {"id": "i-1"})
    with pytest.raises(KeyError) as caught:
        await rent(client_of(remote, attempt_middleware=[stumble]))
    assert not hasattr(caught.value, "__notes__")
    assert not remote.seen


async def test_a_foreign_error_of_an_unlisted_write_is_explained_too(clock: VirtualClock) -> None:
    async def stumble(request: Request, call_next: AsyncCallNext) -> Response:
        await call_next(request)
        raise KeyError("x")

    remote = AsyncRemote(clock, {"id": "i-1"})
    with pytest.raises(KeyError) as caught:
        await client_of(remote, attempt_middleware=[stumble]).request("POST", "/x")
    assert caught.value.__notes__[0].startswith("request was sent with operation id ")


async def test_a_create_interrupted_in_flight_is_looked_for(clock: VirtualClock) -> None:
    rentals = Rentals(clock, Late(1, Interruption()))
    client = client_of(rentals.remote)
    with pytest.raises(Interruption) as caught:
        await rent(client)
    assert caught.value.__notes__[0].endswith("it was carried out: i-1")
    assert rentals.remote.times == [0, 1.5]
    breaker = client.stats().families["public"].breaker
    assert breaker is not None
    assert breaker.failures == 0


async def test_an_interrupted_create_is_looked_for_for_five_seconds(clock: VirtualClock) -> None:
    rentals = Rentals(clock, Interruption(), makes=0)
    with pytest.raises(Interruption) as caught:
        await rent(client_of(rentals.remote))
    assert clock.monotonic() == 1005
    assert caught.value.__notes__[0].endswith("whether it was carried out is not known")


async def test_an_interruption_of_the_search_itself_is_explained(clock: VirtualClock) -> None:
    listed = InTurn(Interruption(), {"instances": []})
    remote = AsyncRemote(clock, routed(create=500, instances=listed))
    with pytest.raises(Interruption) as caught:
        await rent(client_of(remote))
    assert len(caught.value.__notes__) == 1
    assert len(remote.posts) == 1


async def test_a_second_interruption_ends_the_search(clock: VirtualClock) -> None:
    second = Interruption()
    remote = AsyncRemote(clock, routed(create=Interruption(), instances=second))
    with pytest.raises(Interruption) as caught:
        await rent(client_of(remote))
    assert caught.value is second
    assert isinstance(second.__context__, Interruption)
    assert second.__context__.__notes__[0].endswith("whether it was carried out is not known")


async def test_an_interruption_names_all_duplicates_and_stays_an_interruption(clock: VirtualClock) -> None:
    rentals = Rentals(clock, Interruption(), makes=2)
    with pytest.raises(Interruption) as caught:
        await rent(client_of(rentals.remote))
    assert caught.value.__notes__[0].endswith("it was carried out more than once: i-1, i-2")


async def test_an_error_in_the_search_does_not_replace_the_interruption(clock: VirtualClock) -> None:
    async def stumble(request: Request, call_next: AsyncCallNext) -> Response:
        if request.operation == "list_instances":
            raise KeyError("x")
        return await call_next(request)

    remote = AsyncRemote(clock, Interruption())
    with pytest.raises(Interruption) as caught:
        await rent(client_of(remote, attempt_middleware=[stumble]))
    assert caught.value.__notes__[0].endswith("looking for it failed with KeyError")


async def test_an_interrupted_unlisted_write_is_not_looked_for(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, Interruption())
    with pytest.raises(Interruption) as caught:
        await client_of(remote).request("POST", "/x")
    assert len(remote.seen) == 1
    assert caught.value.__notes__[0].endswith("whether it was carried out is not known")
