# Generated from tests/aio/lifecycle/test_held_lease.py by tools/unasync.py; edit the source.
"""A lease that is held while a helper works."""

from __future__ import annotations

import logging

import pytest

from novita_sdk._core.stores.answers import Lease
from novita_sdk._sync.client import Novita, services_of
from novita_sdk._sync.lifecycle.held_lease import HeldLease
from novita_sdk.errors import StaleFenceError, StateStoreError
from novita_sdk.stores import MemoryStore
from novita_sdk.testing import VirtualClock
from tests.sync.remote import Remote, client_of


def host(clock: VirtualClock, store: MemoryStore) -> Novita:
    """A client as it would run on a machine of its own: same account, same store."""
    return client_of(Remote(clock, 200), store=store)


def lease_of(client: Novita) -> HeldLease:
    return HeldLease(services_of(client), "autostop")


def test_one_of_two_hosts_gets_the_lease_until_it_is_given_back(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    one, two = lease_of(host(clock, store)), lease_of(host(clock, store))
    assert (one.acquire(), two.acquire()) == (True, False)
    assert (one.granted, two.granted) == (True, False)
    one.give_back()
    assert two.acquire()


def test_a_lease_is_renewed_once_it_is_20_s_old(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    one, two = lease_of(host(clock, store)), lease_of(host(clock, store))
    one.acquire()
    clock.advance(19)
    assert one.keep()  # nothing is written yet: the lease still ends at 60 s
    for _ in range(6):
        clock.advance(20)
        assert one.keep()
        assert not two.acquire()


@pytest.mark.case("K-04")
def test_an_unreleased_lease_goes_to_the_next_after_60_s_and_its_writes_are_refused(
    clock: VirtualClock,
) -> None:
    store = MemoryStore(clock=clock)
    client = host(clock, store)
    one, two = lease_of(client), lease_of(host(clock, store))
    one.acquire()
    clock.advance(60)
    assert two.acquire()
    assert one.lease is not None
    assert two.lease is not None
    assert two.lease.fence == one.lease.fence + 1
    with pytest.raises(StaleFenceError):
        client.store.put("stop:i-1", {"v": 1}, fence=one.lease)


@pytest.mark.parametrize(("slept", "held"), [(54.9, True), (55.0, False), (90.0, False)])
def test_a_holder_that_slept_stops_acting_five_seconds_before_the_end(
    clock: VirtualClock, slept: float, held: bool
) -> None:
    one = lease_of(host(clock, MemoryStore(clock=clock)))
    one.acquire()
    clock.advance(slept)
    assert one.keep() is held
    assert one.keep() is held


def test_a_holder_stops_acting_when_the_store_says_that_it_lost_the_lease(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    one, two = lease_of(host(clock, store)), lease_of(host(clock, store))
    one.acquire()
    clock.jump_wall(60)  # for the store the time is over, for the holder it is not
    two.acquire()
    clock.advance(20)
    assert not one.keep()
    assert one.granted is False


def test_a_lease_that_was_never_taken_allows_nothing(clock: VirtualClock) -> None:
    one = lease_of(host(clock, MemoryStore(clock=clock)))
    assert one.granted is None
    assert not one.keep()
    one.give_back()
    assert one.lease is None


def test_a_holder_that_slept_while_it_renewed_may_not_act(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    client = host(clock, store)
    one, two = lease_of(client), lease_of(host(clock, store))
    one.acquire()
    clock.advance(30)
    scoped = services_of(client).store
    real_renew = scoped.lease_renew

    def renew(lease: Lease) -> bool:
        renewed = real_renew(lease)
        clock.advance(90)
        return renewed

    scoped.lease_renew = renew  # type: ignore[method-assign]
    assert two.acquire() is False
    assert one.keep() is False
    assert two.acquire()


def test_two_holders_in_one_client_do_not_share_a_lease(clock: VirtualClock) -> None:
    client = host(clock, MemoryStore(clock=clock))
    one, two = lease_of(client), lease_of(client)
    assert (one.acquire(), two.acquire()) == (True, False)
    assert one.keep()


def test_a_lease_that_cannot_be_given_back_is_told_and_ends_by_itself(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Lease) -> bool:
        raise StateStoreError("away")

    client = host(clock, MemoryStore(clock=clock))
    one = lease_of(client)
    assert one.acquire()
    monkeypatch.setattr(client.store, "lease_release", away)
    with caplog.at_level(logging.WARNING, "novita_sdk.lifecycle"):
        one.give_back()
    assert [record.getMessage() for record in caplog.records] == [
        "the lease autostop was not given back: away"
    ]
    assert not one.keep()
