"""The operations of a store whose rows can be reached step by step."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable
from typing import Self, TypeVar

import attrs

from novita_sdk._async.stores.engine import AsyncEngine
from novita_sdk._async.stores.protocol import AsyncStateStore
from novita_sdk._core.durations import Seconds
from novita_sdk._core.stores import checks, leases, queues, records
from novita_sdk._core.stores.answers import (
    Capabilities,
    Claim,
    DeadItem,
    Entry,
    Lease,
    QueueCounts,
    StorePage,
)
from novita_sdk._core.stores.ledger import Step
from novita_sdk.errors import StateStoreError
from novita_sdk.models.json_types import JSON

T = TypeVar("T")


class AsyncLedgerStore(AsyncStateStore):
    """A state store, or the part of one that belongs to an account.

    Args:
        engine: Runs the steps.
        prefix: What all keys and names stand under.
    """

    def __init__(self, engine: AsyncEngine, prefix: str = "") -> None:
        self._engine = engine
        self._prefix = prefix

    def __repr__(self) -> str:
        place = f" at {self._engine.location}" if self._engine.location else ""
        return f"<{type(self).__name__}{place}>"

    @property
    def capabilities(self) -> Capabilities:
        return self._engine.capabilities

    def scoped(self, account: str) -> AsyncLedgerStore:
        return AsyncLedgerStore(self._engine, f"{self._prefix}{checks.checked_account(account)}:")

    # ------------------------------------------------------------------------------------ records

    async def get(self, key: str) -> Entry | None:
        whole = self._whole("key", key)
        return await self._read(lambda ledger, now: records.get(ledger, now, whole, self._prefix))

    async def scan(
        self, prefix: str = "", *, cursor: str | None = None, limit: int = 200
    ) -> StorePage[Entry]:
        start = checks.checked_prefix("prefix", prefix)
        after = "" if cursor is None else checks.checked_key("cursor", cursor)
        most = checks.checked_limit(limit)
        return await self._read(
            lambda ledger, now: records.scan(ledger, now, self._prefix, start, after, most)
        )

    async def put(
        self,
        key: str,
        value: JSON,
        *,
        ttl: Seconds | None = None,
        if_version: int | None = None,
        fence: Lease | None = None,
    ) -> int:
        whole, end = self._whole("key", key), checks.checked_ttl(ttl)
        text = checks.encode("value", value, checks.MAX_VALUE_BYTES)
        version, lease = checks.checked_version(if_version), self._fence(fence)
        return await self._write(
            lambda ledger, now: records.put(ledger, now, whole, text, end, version, lease)
        )

    async def put_if_absent(
        self, key: str, value: JSON, *, ttl: Seconds | None = None, fence: Lease | None = None
    ) -> bool:
        whole, end = self._whole("key", key), checks.checked_ttl(ttl)
        text = checks.encode("value", value, checks.MAX_VALUE_BYTES)
        lease = self._fence(fence)
        return await self._write(
            lambda ledger, now: records.put_if_absent(ledger, now, whole, text, end, lease)
        )

    async def put_max(self, key: str, field: str, value: float, *, ttl: Seconds | None = None) -> float:
        whole, name, end = self._whole("key", key), checks.checked_field(field), checks.checked_ttl(ttl)
        number = checks.checked_number(value)
        return await self._write(lambda ledger, now: records.put_max(ledger, now, whole, name, number, end))

    async def delete(self, key: str, *, if_version: int | None = None, fence: Lease | None = None) -> bool:
        whole, lease = self._whole("key", key), self._fence(fence)
        version = checks.checked_version(if_version)
        return await self._write(lambda ledger, now: records.delete(ledger, now, whole, version, lease))

    # ------------------------------------------------------------------------------------- leases

    async def lease_acquire(self, name: str, owner: str, ttl: Seconds) -> Lease | None:
        whole, who = self._whole("name", name), checks.checked_key("owner", owner)
        lasting = checks.checked_duration("ttl", ttl)
        lease = await self._write(lambda ledger, now: leases.acquire(ledger, now, whole, who, lasting))
        return None if lease is None else attrs.evolve(lease, name=name)

    async def lease_renew(self, lease: Lease) -> bool:
        whole = self._lease(lease, "lease")
        lasting = checks.checked_duration("lease.ttl", lease.ttl)
        return await self._write(lambda ledger, now: leases.renew(ledger, now, whole, lasting))

    async def lease_release(self, lease: Lease) -> bool:
        whole = self._lease(lease, "lease")
        return await self._write(lambda ledger, now: leases.release(ledger, now, whole))

    # ------------------------------------------------------------------------------------- queues

    async def enqueue(
        self,
        queue: str,
        item_id: str,
        payload: JSON,
        *,
        due_in: Seconds = 0,
        group: str | None = None,
    ) -> bool:
        whole, key = self._whole("queue", queue), checks.checked_key("item_id", item_id)
        text = checks.encode("payload", payload, checks.MAX_PAYLOAD_BYTES)
        delay = checks.checked_delay("due_in", due_in)
        series = None if group is None else checks.checked_key("group", group)
        return await self._write(
            lambda ledger, now: queues.enqueue(ledger, now, whole, key, text, delay, series)
        )

    async def claim(self, queue: str, owner: str, *, lease: Seconds = 60) -> Claim | None:
        whole, who = self._whole("queue", queue), checks.checked_key("owner", owner)
        lasting = checks.checked_duration("lease", lease)
        claim = await self._write(lambda ledger, now: queues.claim(ledger, now, whole, who, lasting))
        return None if claim is None else attrs.evolve(claim, queue=queue)

    async def extend(self, claim: Claim, *, lease: Seconds = 60) -> bool:
        whole, lasting = self._claim(claim), checks.checked_duration("lease", lease)
        return await self._write(lambda ledger, now: queues.extend(ledger, now, whole, lasting))

    async def complete(self, claim: Claim) -> bool:
        whole = self._claim(claim)
        return await self._write(lambda ledger, now: queues.complete(ledger, now, whole))

    async def fail(self, claim: Claim, *, due_in: Seconds = 0, dead: str | None = None) -> bool:
        whole, delay = self._claim(claim), checks.checked_delay("due_in", due_in)
        reason = None if dead is None else checks.checked_reason(dead)
        return await self._write(lambda ledger, now: queues.fail(ledger, now, whole, delay, reason))

    async def dead(self, queue: str, *, cursor: str | None = None, limit: int = 200) -> StorePage[DeadItem]:
        whole, after = self._whole("queue", queue), checks.checked_cursor(cursor)
        most = checks.checked_limit(limit)
        return await self._read(lambda ledger, _now: queues.dead_items(ledger, whole, after, most))

    async def requeue(self, queue: str, ids: Iterable[str]) -> int:
        whole, wanted = self._whole("queue", queue), checks.checked_ids(ids)
        return await self._write(lambda ledger, now: queues.requeue(ledger, now, whole, wanted))

    async def purge(self, queue: str, ids: Iterable[str]) -> int:
        whole, wanted = self._whole("queue", queue), checks.checked_ids(ids)
        return await self._write(lambda ledger, _now: queues.purge(ledger, whole, wanted))

    async def count(self, queue: str) -> QueueCounts:
        whole = self._whole("queue", queue)
        return await self._read(lambda ledger, now: queues.count(ledger, now, whole))

    # ---------------------------------------------------------------------------------- the store

    async def ping(self) -> None:
        await self._write(lambda _ledger, _now: None)

    async def aclose(self) -> None:
        """Close nothing: a view is only a way to look at its store."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.aclose()

    def _whole(self, name: str, value: str) -> str:
        """The stored form of a key, or of the name of a lease or queue."""
        return self._prefix + checks.checked_key(name, value)

    def _lease(self, lease: Lease, name: str) -> Lease:
        checked = checks.checked_kind(name, lease, Lease)
        return attrs.evolve(checked, name=self._prefix + checked.name)

    def _fence(self, lease: Lease | None) -> Lease | None:
        return None if lease is None else self._lease(lease, "fence")

    def _claim(self, claim: Claim) -> Claim:
        checked = checks.checked_kind("claim", claim, Claim)
        return attrs.evolve(checked, queue=self._prefix + checked.queue)

    async def _read(self, step: Step[T]) -> T:
        with self._told_where():
            return await self._engine.read(step)

    async def _write(self, step: Step[T]) -> T:
        with self._told_where():
            return await self._engine.write(step)

    @contextlib.contextmanager
    def _told_where(self) -> Generator[None]:
        """Let a failure say which store it is about."""
        try:
            yield
        except StateStoreError as error:
            error.add_context(store=self._engine.kind, location=self._engine.location)
            raise
