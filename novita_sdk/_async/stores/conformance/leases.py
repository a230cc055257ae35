"""Checks of leases and fences."""

from __future__ import annotations

from functools import partial

from novita_sdk._async.stores.conformance.trial import (
    AsyncStoreCheck,
    AsyncStoreTrial,
    expect,
    expect_refusal,
)
from novita_sdk._concurrency.aio import SystemClock, gather
from novita_sdk._core.stores.answers import Lease
from novita_sdk.errors import StaleFenceError, ValidationError


async def one_holder_at_a_time(trial: AsyncStoreTrial) -> None:
    """While somebody holds a lease nobody else gets it; other leases are free."""
    first = await trial.leased(units=60)
    expect("the lease", (first.name, first.owner, first.fence), ("post", "anna", 1))
    expect("its ttl", first.ttl, trial.span(60))
    expect("for another", await trial.store.lease_acquire("post", "bert", trial.span(60)), None)
    other = await trial.leased("other", "bert")
    expect("the other lease", other.fence, 1)


async def the_holder_may_take_it_again(trial: AsyncStoreTrial) -> None:
    """Taken again by its holder a lease is prolonged, with the same fence."""
    first = await trial.leased(units=20)
    await trial.wait(15)
    again = await trial.leased(units=20)
    expect("the fence", again.fence, first.fence)
    await trial.wait(10)
    expect("for another", await trial.store.lease_acquire("post", "bert", trial.span(20)), None)


async def a_renewed_lease_goes_on(trial: AsyncStoreTrial) -> None:
    """Renewing counts from now on; a lease that ran out is not renewed."""
    lease = await trial.leased(units=20)
    await trial.wait(15)
    expect("renew in time", await trial.store.lease_renew(lease), wanted=True)
    await trial.wait(15)
    expect("for another", await trial.store.lease_acquire("post", "bert", trial.span(20)), None)
    await trial.wait(10)
    expect("renew too late", await trial.store.lease_renew(lease), wanted=False)


async def a_lease_that_ran_out_is_free(trial: AsyncStoreTrial) -> None:
    """An unreleased lease is free after its ttl, with a fence higher by 1, and the old holder is locked out."""
    old = await trial.leased(units=20)
    await trial.wait(22)
    new = await trial.leased(owner="bert")
    expect("the fence", new.fence, old.fence + 1)
    expect("the old holder renews", await trial.store.lease_renew(old), wanted=False)
    expect("the old holder releases", await trial.store.lease_release(old), wanted=False)
    expect("the new holder renews", await trial.store.lease_renew(new), wanted=True)
    await _expect_locked_out(trial, old)
    await _expect_let_through(trial, new)


async def a_released_lease_is_free(trial: AsyncStoreTrial) -> None:
    """A lease given back is free at once, its fence goes on, and giving back again does nothing."""
    old = await trial.leased()
    expect("release", await trial.store.lease_release(old), wanted=True)
    expect("release again", await trial.store.lease_release(old), wanted=False)
    expect("renew", await trial.store.lease_renew(old), wanted=False)
    new = await trial.leased()
    expect("the fence, also for the same owner", new.fence, old.fence + 1)
    expect("the old release", await trial.store.lease_release(old), wanted=False)
    expect("the new holder renews", await trial.store.lease_renew(new), wanted=True)
    await _expect_locked_out(trial, old)


async def a_fence_without_successor_holds(trial: AsyncStoreTrial) -> None:
    """Until there is a newer holder the newest fence lets writes through, also once the lease ran out."""
    lease = await trial.leased(units=10)
    await _expect_let_through(trial, lease)
    await trial.wait(12)
    await _expect_let_through(trial, lease)


async def fences_only_grow(trial: AsyncStoreTrial) -> None:
    """Fences are 1, 2, 3, ... over release and expiry."""
    fences: list[int] = []
    for turn in range(6):
        lease = await trial.leased(owner=f"owner-{turn}", units=10)
        fences.append(lease.fence)
        if turn % 2:
            await trial.store.lease_release(lease)
        else:
            await trial.wait(12)
    expect("the fences", fences, [1, 2, 3, 4, 5, 6])


async def of_many_at_once_one_gets_it(trial: AsyncStoreTrial) -> None:
    """Of many that ask at the same time one gets the lease, and one puts the record."""

    async def ask(number: int) -> tuple[Lease | None, bool]:
        lease = await trial.store.lease_acquire("post", f"owner-{number}", trial.span(1000))
        return lease, await trial.store.put_if_absent("a", {"v": 1, "by": number})

    answers = await gather(SystemClock(), [partial(ask, number) for number in range(8)])
    expect("leases granted", sum(lease is not None for lease, _ in answers), 1)
    expect("records put", sum(put for _, put in answers), 1)


async def wrong_leases_are_refused(trial: AsyncStoreTrial) -> None:
    """Wrong names, owners and durations, and what is no lease, are refused."""
    store = trial.store
    await expect_refusal("no name", ValidationError, lambda: store.lease_acquire("", "anna", 10))
    await expect_refusal("no owner", ValidationError, lambda: store.lease_acquire("post", "", 10))
    await expect_refusal("no time", ValidationError, lambda: store.lease_acquire("post", "anna", 0))
    number: Lease = 1  # type: ignore[assignment]  # what callers without a type checker give
    await expect_refusal("a bare fence", ValidationError, lambda: store.put("a", {"v": 1}, fence=number))
    await expect_refusal("a bare lease", ValidationError, lambda: store.lease_renew(number))


async def _expect_locked_out(trial: AsyncStoreTrial, old: Lease) -> None:
    store = trial.store
    await store.put("there", {"v": 1})
    await expect_refusal(
        "put with an old fence", StaleFenceError, lambda: store.put("there", {"v": 2}, fence=old)
    )
    await expect_refusal(
        "put_if_absent with an old fence",
        StaleFenceError,
        lambda: store.put_if_absent("absent", {"v": 2}, fence=old),
    )
    await expect_refusal(
        "delete with an old fence", StaleFenceError, lambda: store.delete("there", fence=old)
    )
    expect("the record", await trial.value("there"), {"v": 1})
    expect("the absent record", await trial.value("absent"), None)


async def _expect_let_through(trial: AsyncStoreTrial, lease: Lease) -> None:
    store = trial.store
    await store.put("there", {"v": 3}, fence=lease)
    expect("the record", await trial.value("there"), {"v": 3})
    expect("delete", await store.delete("there", fence=lease), wanted=True)
    expect("put_if_absent", await store.put_if_absent("there", {"v": 4}, fence=lease), wanted=True)


LEASE_CHECKS: tuple[AsyncStoreCheck, ...] = (
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
