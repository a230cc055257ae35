"""Whatever is done in whatever order: both stores answer alike, and leases and queues keep their laws."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from novita_sdk.errors import NovitaError, StaleFenceError
from novita_sdk.stores import Claim, Lease, MemoryStore, SQLiteStore
from novita_sdk.testing import VirtualClock
from tests.stores.files import hurry

KEYS = st.sampled_from(["a", "b", "b:1", "b:2"])
NAMES = st.sampled_from(["post", "other"])
OWNERS = st.sampled_from(["anna", "bert", "cleo"])
IDS = st.sampled_from(["1", "2", "3", "4"])
GROUPS = st.sampled_from([None, "g", "h"])
SPANS = st.sampled_from([0.5, 10, 60])
DELAYS = st.sampled_from([0, 0, 5, 60])
JUMPS = st.sampled_from([-3600, -30, 3600])


@lru_cache
def empty_store() -> bytes:
    """The file of a store in which there is nothing yet: making one waits for the disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "state.db")
        with SQLiteStore(path) as store:
            store.ping()
        return path.read_bytes()


class Alike(RuleBasedStateMachine):
    """Does everything to a MemoryStore and to an SQLiteStore."""

    leases = Bundle("leases")
    claims = Bundle("claims")
    versions = Bundle("versions")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = VirtualClock()
        self.memory = MemoryStore(clock=self.clock)
        path = Path(self.folder.name, "state.db")
        path.write_bytes(empty_store())
        self.file = SQLiteStore(path, clock=self.clock)
        hurry(self.file)

    def teardown(self) -> None:
        self.file.close()
        self.folder.cleanup()

    def both(self, call: Callable[[Any], Any]) -> Any:
        """Call both and compare the answers, or the kinds of the errors."""
        answers = [self.answer(call, store) for store in (self.memory, self.file)]
        assert answers[0] == answers[1]
        return answers[0]

    def answer(self, call: Callable[[Any], Any], store: object) -> Any:
        try:
            return call(store)
        except NovitaError as error:
            return type(error)

    @rule(seconds=st.sampled_from([0.1, 1, 10, 61, 90_000]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(seconds=JUMPS)
    def jump(self, seconds: float) -> None:
        self.clock.jump_wall(seconds)

    @rule(target=versions, key=KEYS, number=st.integers(0, 9), ttl=st.none() | SPANS)
    def put(self, key: str, number: int, ttl: float | None) -> Any:
        return self.both(lambda store: store.put(key, {"v": 1, "n": number}, ttl=ttl))

    @rule(key=KEYS, version=versions)
    def put_over(self, key: str, version: int) -> None:
        self.both(lambda store: store.put(key, {"v": 1}, if_version=version))

    @rule(key=KEYS, lease=leases)
    def put_fenced(self, key: str, lease: Any) -> None:
        self.both(lambda store: store.put(key, {"v": 1}, fence=lease))

    @rule(key=KEYS, ttl=st.none() | SPANS, lease=st.none() | leases)
    def put_if_absent(self, key: str, ttl: float | None, lease: Any) -> None:
        self.both(lambda store: store.put_if_absent(key, {"v": 1}, ttl=ttl, fence=lease))

    @rule(key=KEYS, number=st.integers(-5, 5) | st.floats(-5, 5), ttl=st.none() | SPANS)
    def put_max(self, key: str, number: float, ttl: float | None) -> None:
        self.both(lambda store: store.put_max(key, "n", number, ttl=ttl))

    @rule(key=KEYS, version=st.none() | versions, lease=st.none() | leases)
    def delete(self, key: str, version: int | None, lease: Any) -> None:
        self.both(lambda store: store.delete(key, if_version=version, fence=lease))

    @rule(prefix=st.sampled_from(["", "b", "b:"]), cursor=st.none() | KEYS, limit=st.integers(1, 3))
    def scan(self, prefix: str, cursor: str | None, limit: int) -> None:
        self.both(lambda store: store.scan(prefix, cursor=cursor, limit=limit))

    @rule(target=leases, name=NAMES, owner=OWNERS, ttl=SPANS)
    def acquire(self, name: str, owner: str, ttl: float) -> Any:
        lease = self.both(lambda store: store.lease_acquire(name, owner, ttl))
        return multiple() if lease is None else lease

    @rule(lease=leases)
    def renew(self, lease: Any) -> None:
        self.both(lambda store: store.lease_renew(lease))

    @rule(lease=leases)
    def release(self, lease: Any) -> None:
        self.both(lambda store: store.lease_release(lease))

    @rule(item_id=IDS, due_in=DELAYS, group=GROUPS)
    def enqueue(self, item_id: str, due_in: float, group: str | None) -> None:
        self.both(lambda store: store.enqueue("q", item_id, {"v": 1}, due_in=due_in, group=group))

    @rule(target=claims, owner=OWNERS, lease=SPANS)
    def claim(self, owner: str, lease: float) -> Any:
        claim = self.both(lambda store: store.claim("q", owner, lease=lease))
        return multiple() if claim is None else claim

    @rule(claim=claims, lease=SPANS)
    def extend(self, claim: Any, lease: float) -> None:
        self.both(lambda store: store.extend(claim, lease=lease))

    @rule(claim=claims)
    def complete(self, claim: Any) -> None:
        self.both(lambda store: store.complete(claim))

    @rule(claim=claims, due_in=DELAYS, dead=st.none() | st.just("gone"))
    def fail(self, claim: Any, due_in: float, dead: str | None) -> None:
        self.both(lambda store: store.fail(claim, due_in=due_in, dead=dead))

    @rule(ids=st.lists(IDS))
    def requeue(self, ids: list[str]) -> None:
        self.both(lambda store: store.requeue("q", ids))

    @rule(ids=st.lists(IDS, max_size=1))
    def purge(self, ids: list[str]) -> None:
        self.both(lambda store: store.purge("q", ids))

    @invariant()
    def hold_the_same(self) -> None:
        self.both(lambda store: store.scan())
        self.both(lambda store: store.count("q"))
        self.both(lambda store: store.dead("q"))


TestAlike = Alike.TestCase
TestAlike.settings = settings(stateful_step_count=40, deadline=None)


LEASE_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["acquire", "acquire", "renew", "release", "wait"]),
        OWNERS,
        st.sampled_from([1.0, 20.0, 59.0, 60.0]),
    ),
    max_size=60,
)


class Post:
    """A lease of 60 seconds, and books about who should hold it."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.store = MemoryStore(clock=self.clock)
        self.granted: list[Lease] = []  # one for each new holder
        self.ends = 0.0

    @property
    def held(self) -> bool:
        return self.clock.monotonic() < self.ends

    def acquire(self, owner: str, _figure: float) -> None:
        lease = self.store.lease_acquire("post", owner, 60)
        if not self.held:
            assert lease == Lease(name="post", owner=owner, fence=len(self.granted) + 1, ttl=60)
            self.granted.append(lease)
        elif owner != self.granted[-1].owner:
            assert lease is None
            return
        assert lease == self.granted[-1]
        self.ends = self.clock.monotonic() + 60

    def wait(self, _owner: str, figure: float) -> None:
        self.clock.advance(figure)

    def renew(self, _owner: str, figure: float) -> None:
        for lease in self.granted[int(figure) % 3 :]:
            ours = self.held and lease is self.granted[-1]
            assert self.store.lease_renew(lease) is ours
            self.ends = self.clock.monotonic() + 60 if ours else self.ends

    def release(self, _owner: str, figure: float) -> None:
        for lease in self.granted[int(figure) % 3 :]:
            ours = self.held and lease is self.granted[-1]
            assert self.store.lease_release(lease) is ours
            self.ends = 0.0 if ours else self.ends


@given(LEASE_STEPS)
def test_a_lease_has_one_holder_and_its_fence_grows_by_one(steps: list[tuple[str, str, float]]) -> None:
    post = Post()
    for what, owner, figure in steps:
        getattr(post, what)(owner, figure)


@given(LEASE_STEPS, st.lists(st.sampled_from([-7200, -59, -1, 0, 0, 0, 30, 7200]), min_size=60, max_size=60))
def test_whatever_the_clock_does_only_the_newest_fence_writes(
    steps: list[tuple[str, str, float]], jumps: list[int]
) -> None:
    clock = VirtualClock()
    store = MemoryStore(clock=clock)
    fences: list[int] = []
    newest: Lease | None = None
    for (what, owner, figure), jump in zip(steps, jumps, strict=False):
        clock.jump_wall(jump)
        clock.advance(figure)
        if what == "release" and newest is not None:
            store.lease_release(newest)
        lease = store.lease_acquire("post", owner, 60)
        if lease is None:
            continue
        if newest is not None and lease.fence != newest.fence:
            with pytest.raises(StaleFenceError):
                store.put("record", {"v": 1}, fence=newest)
        store.put("record", {"v": 1}, fence=lease)
        newest = lease
        fences.append(lease.fence)
    assert sorted(set(fences)) == list(range(1, len(set(fences)) + 1))
    assert fences == sorted(fences)


QUEUE_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["enqueue", "enqueue", "claim", "claim", "complete", "fail", "give_up", "wait", "jump_back"]
        ),
        st.integers(0, 10),
    ),
    max_size=80,
)


class Deliveries:
    """A queue with two groups, and books about what was enqueued and what is finished."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.store = MemoryStore(clock=self.clock)
        self.enqueued: dict[str | None, list[str]] = {"g": [], "h": []}
        self.finished: set[str] = set()
        self.claims: list[Claim] = []

    def enqueue(self, figure: int) -> None:
        group = "gh"[figure % 2]
        item_id = str(sum(map(len, self.enqueued.values())))
        self.enqueued[group].append(item_id)
        assert self.store.enqueue("q", item_id, {"v": 1}, group=group, due_in=figure)

    def claim(self, _figure: int) -> None:
        claim = self.store.claim("q", "anna", lease=30)
        if claim is not None:
            assert claim.id == next(one for one in self.enqueued[claim.group] if one not in self.finished)
            self.claims.append(claim)

    def complete(self, _figure: int) -> None:
        if self.claims and self.store.complete(claim := self.claims.pop()):
            self.finished.add(claim.id)

    def give_up(self, _figure: int) -> None:
        if self.claims and self.store.fail(claim := self.claims.pop(), dead="gone"):
            self.finished.add(claim.id)

    def fail(self, figure: int) -> None:
        if self.claims:
            self.store.fail(self.claims.pop(), due_in=figure)

    def wait(self, figure: int) -> None:
        self.clock.advance(10 * figure)

    def jump_back(self, figure: int) -> None:
        self.clock.jump_wall(-figure)


@given(QUEUE_STEPS)
def test_a_group_is_delivered_in_order_and_nothing_is_lost(steps: list[tuple[str, int]]) -> None:
    deliveries = Deliveries()
    for what, figure in [*steps, *[("wait", 10), ("claim", 0), ("complete", 0)] * (len(steps) + 1)]:
        getattr(deliveries, what)(figure)
    left = deliveries.store.count("q")
    assert (left.waiting, left.claimed) == (0, 0)
    assert deliveries.finished == {one for ids in deliveries.enqueued.values() for one in ids}
