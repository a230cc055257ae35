"""Records: values under keys, with versions and a time to live."""

from __future__ import annotations

from novita_sdk._core.narrowing import is_number
from novita_sdk._core.stores.answers import Entry, Lease, StorePage
from novita_sdk._core.stores.checks import MAX_VALUE_BYTES, decode, encode, refuse
from novita_sdk._core.stores.leases import check_fence
from novita_sdk._core.stores.ledger import Ledger, Record
from novita_sdk._core.stores.moments import is_over, seconds_of
from novita_sdk.errors import VersionConflictError
from novita_sdk.models.json_types import JSON


def get(ledger: Ledger, now: int, key: str, prefix: str) -> Entry | None:
    """Return the living record of a key; its own key is told without `prefix`."""
    row = _living(ledger, now, key)
    return None if row is None else _entry(row, prefix)


def scan(ledger: Ledger, now: int, prefix: str, start: str, after: str, limit: int) -> StorePage[Entry]:
    """Return living records in the order of their keys.

    Args:
        ledger: The rows.
        now: The time.
        prefix: What the caller's keys stand under, not told in the answer.
        start: What the caller's keys begin with.
        after: The caller's key behind which to begin, or empty.
        limit: Most records.
    """
    rows = ledger.records(prefix + start, prefix + after, limit + 1, now)
    items = tuple(_entry(row, prefix) for row in rows[:limit])
    return StorePage(items=items, cursor=items[-1].key if len(rows) > limit else None)


def put(
    ledger: Ledger,
    now: int,
    key: str,
    text: str,
    ttl: int | None,
    if_version: int | None,
    fence: Lease | None,
) -> int:
    """Write a record and return its version.

    Raises:
        StaleFenceError: The lease behind it has a newer holder.
        VersionConflictError: The record is not as expected.
    """
    _check(ledger, now, key, if_version, fence)
    return ledger.write_record(key, text, _end(now, ttl))


def put_if_absent(
    ledger: Ledger, now: int, key: str, text: str, ttl: int | None, fence: Lease | None
) -> bool:
    """Write a record unless one lives; tell whether it was written.

    Raises:
        StaleFenceError: The lease behind it has a newer holder.
    """
    check_fence(ledger, fence, key)
    if _living(ledger, now, key) is not None:
        return False
    ledger.write_record(key, text, _end(now, ttl))
    return True


def put_max(ledger: Ledger, now: int, key: str, field: str, number: float, ttl: int | None) -> float:
    """Raise a number in a record, which is made if need be, and return what it is now.

    The record is written, and so has a new version, also if the number was higher already.

    Raises:
        ValidationError: The field holds something else, or the record would become too large.
    """
    row = _living(ledger, now, key)
    value: dict[str, JSON] = {"v": 1} if row is None else decode(key, row.text)
    stored = value.get(field, number)
    if not is_number(stored):
        raise refuse("field", field, f"must hold a number in {key}, not a {type(stored).__name__}")
    value[field] = highest = max(stored, number)
    ledger.write_record(key, encode("value", value, MAX_VALUE_BYTES), _end(now, ttl))
    return highest


def delete(ledger: Ledger, now: int, key: str, if_version: int | None, fence: Lease | None) -> bool:
    """Delete a record; tell whether there was one.

    Raises:
        StaleFenceError: The lease behind it has a newer holder.
        VersionConflictError: The record is not as expected.
    """
    row = _check(ledger, now, key, if_version, fence)
    ledger.erase_record(key)
    return row is not None


def _living(ledger: Ledger, now: int, key: str) -> Record | None:
    row = ledger.record(key)
    return None if row is None or is_over(row.expires, now) else row


def _check(ledger: Ledger, now: int, key: str, if_version: int | None, fence: Lease | None) -> Record | None:
    """Refuse a write whose grounds have changed; return the record as it stands."""
    check_fence(ledger, fence, key)
    row = _living(ledger, now, key)
    version = None if row is None else row.version
    if if_version not in (None, version):
        found = "is absent" if version is None else f"has version {version}"
        raise VersionConflictError(f"{key} {found}, the write expected version {if_version}", key=key)
    return row


def _entry(row: Record, prefix: str) -> Entry:
    return Entry(
        key=row.key.removeprefix(prefix),
        value=decode(row.key, row.text),
        version=row.version,
        expires_at=None if row.expires is None else seconds_of(row.expires),
    )


def _end(now: int, ttl: int | None) -> int | None:
    return None if ttl is None else now + ttl
