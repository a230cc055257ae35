"""A lease that is held while a helper works."""

from __future__ import annotations

import logging

import pytest

from novita_sdk._async.client import AsyncNovita, services_of
from novita_sdk._async.lifecycle.held_lease import AsyncHeldLease
from novita_sdk._core.stores.answers import Lease
from novita_sdk.errors import StaleFenceError, StateStoreError
from novita_sdk.stores import AsyncMemoryStore
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of

pytestmark = pytest.mark.anyio


def host(clock: VirtualClock, store: AsyncMemoryStore) -> AsyncNovita:
    """A client as it would run on a machine of its own: same account, same store."""
    return client_of(AsyncRemote(clock, 200), store=store)


def lease_of(client: AsyncNovita) -> AsyncHeldLease:
    return AsyncHeldLease(services_of(client), "autostop")


async def test_one_of_two_hosts_gets_the_lease_until_it_is_given_back(clock: VirtualClock) -> None:
    store = AsyncMemoryStore(clock=clock)
    one, two = lease_of(host(clock, store)), lease_of(host(clock, store))
    assert (await one.acquire(), await two.acquire()) == (True, False)
    assert (one.granted, two.granted) == (True, False)
    await one.give_back()
    assert await two.acquire()


async def test_a_lease_is_renewed_once_it_is_20_s_old(clock: VirtualClock) -> None:
    store = AsyncMemoryStore(clock=clock)
    one, two = lease_of(host(clock, store)), lease_of(host(clock, store))
    await one.acquire()
    clock.advance(19)
    assert await one.keep()  # nothing is written yet: the lease still ends at 60 s
    for _ in range(6):
        clock.advance(20)
        assert await one.keep()
        assert not await two.acquire()


@pytest.mark.case("K-04")
async def test_an_unreleased_lease_goes_to_the_next_after_60_s_and_its_writes_are_refused(
    clock: VirtualClock,
) -> None:
    store = AsyncMemoryStore(clock=clock)
    client = host(clock, store)
    one, two = lease_of(client), lease_of(host(clock, store))
    await one.acquire()
    clock.advance(60)
    assert await two.acquire()
    assert one.lease is not None
    assert two.lease is not None
    assert two.lease.fence == one.lease.fence + 1
    with pytest.raises(StaleFenceError):
        await client.store.put("stop:i-1", {"v": 1}, fence=one.lease)


@pytest.mark.parametrize(("slept", "held"), [(54.9, True), (55.0, False), (90.0, False)])
async def test_a_holder_that_slept_stops_acting_five_seconds_before_the_end(
    clock: VirtualClock, slept: float, held: bool
) -> None:
    one = lease_of(host(clock, AsyncMemoryStore(clock=clock)))
    await one.acquire()
    clock.advance(slept)
    assert await one.keep() is held
    assert await one.keep() is held


async def test_a_holder_stops_acting_when_the_store_says_that_it_lost_the_lease(clock: VirtualClock) -> None:
    store = AsyncMemoryStore(clock=clock)
    one, two = lease_of(host(clock, store)), lease_of(host(clock, store))
    await one.acquire()
    clock.jump_wall(60)  # for the store the time is over, for the holder it is not
    await two.acquire()
    clock.advance(20)
    assert not await one.keep()
    assert one.granted is False


async def test_a_lease_that_was_never_taken_allows_nothing(clock: VirtualClock) -> None:
    one = lease_of(host(clock, AsyncMemoryStore(clock=clock)))
    assert one.granted is None
    assert not await one.keep()
    await one.give_back()
    assert one.lease is None


async def test_a_holder_that_slept_while_it_renewed_may_not_act(clock: VirtualClock) -> None:
    store = AsyncMemoryStore(clock=clock)
    client = host(clock, store)
    one, two = lease_of(client), lease_of(host(clock, store))
    await one.acquire()
    clock.advance(30)
    scoped = services_of(client).store
    real_renew = scoped.lease_renew

    async def renew(lease: Lease) -> bool:
        renewed = await real_renew(lease)
        clock.advance(90)
        return renewed

    scoped.lease_renew = renew  # type: ignore[method-assign]
    assert await two.acquire() is False
    assert await one.keep() is False
    assert await two.acquire()


async def test_two_holders_in_one_client_do_not_share_a_lease(clock: VirtualClock) -> None:
    client = host(clock, AsyncMemoryStore(clock=clock))
    one, two = lease_of(client), lease_of(client)
    assert (await one.acquire(), await two.acquire()) == (True, False)
    assert await one.keep()


async def test_a_lease_that_cannot_be_given_back_is_told_and_ends_by_itself(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: Lease) -> bool:
        raise StateStoreError("away")

    client = host(clock, AsyncMemoryStore(clock=clock))
    one = lease_of(client)
    assert await one.acquire()
    monkeypatch.setattr(client.store, "lease_release", away)
    with caplog.at_level(logging.WARNING, "novita_sdk.lifecycle"):
        await one.give_back()
    assert [record.getMessage() for record in caplog.records] == [
        "the lease autostop was not given back: away"
    ]
    assert not await one.keep()
