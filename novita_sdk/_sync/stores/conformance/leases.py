# Generated from novita_sdk/_async/stores/conformance/leases.py by tools/unasync.py; edit the source.
"""Checks of leases and fences."""

from __future__ import annotations

from functools import partial

from novita_sdk._concurrency.threads import SystemClock, gather
from novita_sdk._core.stores.answers import Lease
from novita_sdk._sync.stores.conformance.trial import (
    StoreCheck,
    StoreTrial,
    expect,
    expect_refusal,
)
from novita_sdk.errors import StaleFenceError, ValidationError


def one_holder_at_a_time(trial: StoreTrial) -> None:
    """While somebody holds a lease nobody else gets it; other leases are free."""
    first = trial.leased(units=60)
    expect("the lease", (first.name, first.owner, first.fence), ("post", "anna", 1))
    expect("its ttl", first.ttl, trial.span(60))
    expect("for another", trial.store.lease_acquire("post", "bert", trial.span(60)), None)
    other = trial.leased("other", "bert")
    expect("the other lease", other.fence, 1)


def the_holder_may_take_it_again(trial: StoreTrial) -> None:
    """Taken again by its holder a lease is prolonged, with the same fence."""
    first = trial.leased(units=20)
    trial.wait(15)
    again = trial.leased(units=20)
    expect("the fence", again.fence, first.fence)
    trial.wait(10)
    expect("for another", trial.store.lease_acquire("post", "bert", trial.span(20)), None)


def a_renewed_lease_goes_on(trial: StoreTrial) -> None:
    """Renewing counts from now on; a lease that ran out is not renewed."""
    lease = trial.leased(units=20)
    trial.wait(15)
    expect("renew in time", trial.store.lease_renew(lease), wanted=True)
    trial.wait(15)
    expect("for another", trial.store.lease_acquire("post", "bert", trial.span(20)), None)
    trial.wait(10)
    expect("renew too late", trial.store.lease_renew(lease), wanted=False)


def a_lease_that_ran_out_is_free(trial: StoreTrial) -> None:
    """An unreleased lease is free after its ttl, with a fence higher by 1, and the old holder is locked out."""
    old = trial.leased(units=20)
    trial.wait(22)
    new = trial.leased(owner="bert")
    expect("the fence", new.fence, old.fence + 1)
    expect("the old holder renews", trial.store.lease_renew(old), wanted=False)
    expect("the old holder releases", trial.store.lease_release(old), wanted=False)
    expect("the new holder renews", trial.store.lease_renew(new), wanted=True)
    _expect_locked_out(trial, old)
    _expect_let_through(trial, new)


def a_released_lease_is_free(trial: StoreTrial) -> None:
    """A lease given back is free at once, its fence goes on, and giving back again does nothing."""
    old = trial.leased()
    expect("release", trial.store.lease_release(old), wanted=True)
    expect("release again", trial.store.lease_release(old), wanted=False)
    expect("renew", trial.store.lease_renew(old), wanted=False)
    new = trial.leased()
    expect("the fence, also for the same owner", new.fence, old.fence + 1)
    expect("the old release", trial.store.lease_release(old), wanted=False)
    expect("the new holder renews", trial.store.lease_renew(new), wanted=True)
    _expect_locked_out(trial, old)


def a_fence_without_successor_holds(trial: StoreTrial) -> None:
    """Until there is a newer holder the newest fence lets writes through, also once the lease ran out."""
    lease = trial.leased(units=10)
    _expect_let_through(trial, lease)
    trial.wait(12)
    _expect_let_through(trial, lease)


def fences_only_grow(trial: StoreTrial) -> None:
    """Fences are 1, 2, 3, ... over release and expiry."""
    fences: list[int] = []
    for turn in range(6):
        lease = trial.leased(owner=f"owner-{turn}", units=10)
        fences.append(lease.fence)
        if turn % 2:
            trial.store.lease_release(lease)
        else:
            trial.wait(12)
    expect("the fences", fences, [1, 2, 3, 4, 5, 6])


def of_many_at_once_one_gets_it(trial: StoreTrial) -> None:
    """Of many that ask at the same time one gets the lease, and one puts the record."""

    def ask(number: int) -> tuple[Lease | None, bool]:
        lease = trial.store.lease_acquire("post", f"owner-{number}", trial.span(1000))
        return lease, trial.store.put_if_absent("a", {"v": 1, "by": number})

    answers = gather(SystemClock(), [partial(ask, number) for number in range(8)])
    expect("leases granted", sum(lease is not None for lease, _ in answers), 1)
    expect("records put", sum(put for _, put in answers), 1)


def wrong_leases_are_refused(trial: StoreTrial) -> None:
    """Wrong names, owners and durations, and what is no lease, are refused."""
    store = trial.store
    expect_refusal("no name", ValidationError, lambda: store.lease_acquire("", "anna", 10))
    expect_refusal("no owner", ValidationError, lambda: store.lease_acquire("post", "", 10))
    expect_refusal("no time", ValidationError, lambda: store.lease_acquire("post", "anna", 0))
    number: Lease = 1  # type: ignore[assignment]  # what callers without a type checker give
    expect_refusal("a bare fence", ValidationError, lambda: store.put("a", {"v": 1}, fence=number))
    expect_refusal("a bare lease", ValidationError, lambda: store.lease_renew(number))


def _expect_locked_out(trial: StoreTrial, old: Lease) -> None:
    store = trial.store
    store.put("there", {"v": 1})
    expect_refusal("put with an old fence", StaleFenceError, lambda: store.put("there", {"v": 2}, fence=old))
    expect_refusal(
        "put_if_absent with an old fence",
        StaleFenceError,
        lambda: store.put_if_absent("absent", {"v": 2}, fence=old),
    )
    expect_refusal("delete with an old fence", StaleFenceError, lambda: store.delete("there", fence=old))
    expect("the record", trial.value("there"), {"v": 1})
    expect("the absent record", trial.value("absent"), None)


def _expect_let_through(trial: StoreTrial, lease: Lease) -> None:
    store = trial.store
    store.put("there", {"v": 3}, fence=lease)
    expect("the record", trial.value("there"), {"v": 3})
    expect("delete", store.delete("there", fence=lease), wanted=True)
    expect("put_if_absent", store.put_if_absent("there", {"v": 4}, fence=lease), wanted=True)


LEASE_CHECKS: tuple[StoreCheck, ...] = (
    one_holder_at_a_time,
    the_holder_may_take_it_again,
    a_renewed_lease_goes_on,
    a_lease_that_ran_out_is_free,
    a_released_lease_is_free,
    a_fence_without_successor_holds,
    fences_only_grow,
    of_many_at_once_one_gets_it,
    wrong_leases_are_refused,
)
