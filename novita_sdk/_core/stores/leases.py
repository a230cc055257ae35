"""Leases: who may act, and the fence that keeps those out who may no longer."""

from __future__ import annotations

import attrs

from novita_sdk._core.stores.answers import Lease
from novita_sdk._core.stores.ledger import LeaseRow, Ledger
from novita_sdk._core.stores.moments import is_held, seconds_of
from novita_sdk.errors import StaleFenceError


def acquire(ledger: Ledger, now: int, name: str, owner: str, lasting: int) -> Lease | None:
    """Grant a lease, or prolong it for who holds it already.

    Returns:
        The lease; None while somebody else holds it.
    """
    row = ledger.lease(name)
    held = row is not None and is_held(row.expires, row.lasting, now)
    if row is not None and held and row.owner != owner:
        return None
    fence = (row.fence if row is not None else 0) + (not held)
    ledger.write_lease(LeaseRow(name=name, owner=owner, fence=fence, expires=now + lasting, lasting=lasting))
    return Lease(name=name, owner=owner, fence=fence, ttl=seconds_of(lasting))


def renew(ledger: Ledger, now: int, lease: Lease, lasting: int) -> bool:
    """Prolong a lease from now on; False if it ran out, was given back or has another holder."""
    row = _row_of(ledger, now, lease)
    if row is None:
        return False
    ledger.write_lease(attrs.evolve(row, expires=now + lasting, lasting=lasting))
    return True


def release(ledger: Ledger, now: int, lease: Lease) -> bool:
    """Give a lease back; False as in `renew`, and then nothing happens."""
    row = _row_of(ledger, now, lease)
    if row is None:
        return False
    ledger.write_lease(attrs.evolve(row, expires=0))
    return True


def _row_of(ledger: Ledger, now: int, lease: Lease) -> LeaseRow | None:
    """The row of a lease that still holds."""
    row = ledger.lease(lease.name)
    if row is None or (row.owner, row.fence) != (lease.owner, lease.fence):
        return None
    return row if is_held(row.expires, row.lasting, now) else None


def check_fence(ledger: Ledger, fence: Lease | None, key: str) -> None:
    """Refuse a write that relies on a lease which has had a newer holder since.

    Raises:
        StaleFenceError: It has.
    """
    if fence is None:
        return
    row = ledger.lease(fence.name)
    if row is not None and fence.fence < row.fence:
        raise StaleFenceError(
            f"{key} was not written: lease {fence.name} has fence {row.fence} by now, "
            f"this write relied on {fence.fence}",
            key=key,
        )
