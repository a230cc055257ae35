"""Whatever is done in whatever order: both stores answer alike, and leases and queues keep their laws."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from novita_sdk.errors import NovitaError
from novita_sdk.stores import MemoryStore, SQLiteStore
from novita_sdk.testing import VirtualClock

KEYS = st.sampled_from(["a", "b", "b:1", "b:2"])
NAMES = st.sampled_from(["post", "other"])
OWNERS = st.sampled_from(["anna", "bert", "cleo"])
IDS = st.sampled_from(["1", "2", "3", "4"])
GROUPS = st.sampled_from([None, "g", "h"])
SPANS = st.sampled_from([0.5, 10, 60])
DELAYS = st.sampled_from([0, 0, 5, 60])
JUMPS = st.sampled_from([-DAY for DAY in (3600, 30)] + [3600])


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
        self.file = SQLiteStore(Path(self.folder.name, "state.db"), clock=self.clock)

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
TestAlike.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


LEASE_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["acquire", "acquire", "renew", "release", "wait", "jump"]),
        OWNERS,
        st.sampled_from([1.0, 20.0, 59.0, 60.0, 7200.0]),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(LEASE_STEPS)
def test_a_lease_has_one_holder_and_its_fence_grows_by_one(steps: list[tuple[str, str, float]]) -> None:
    clock = VirtualClock()
    store = MemoryStore(clock=clock)
    granted: list[Any] = []  # one for each new holder
    holder, ends = None, 0.0  # by the books of this test, on the clock that never jumps
    for what, owner, figure in steps:
        now = clock.monotonic()
        if what == "wait":
            clock.advance(figure)
        elif what == "jump":
            clock.jump_wall(-figure)
            holder = None  # it was granted in what is the future now
        elif what == "acquire":
            lease = store.lease_acquire("post", owner, 60)
            if holder is None or now >= ends:
                assert lease is not None
                assert lease.fence == len(granted) + 1
                granted.append(lease)
                holder, ends = owner, now + 60
            elif owner == holder:
                assert lease == granted[-1]
                ends = now + 60
            else:
                assert lease is None
        elif granted:
            lease = granted[int(figure) % len(granted)]
            ours = lease is granted[-1] and holder is not None and now < ends
            assert getattr(store, f"lease_{what}")(lease) is ours
            if ours:
                holder, ends = (holder, now + 60) if what == "renew" else (None, ends)
        for lease in granted[:-1]:
            assert isinstance(_put(store, lease), NovitaError)
        for lease in granted[-1:]:
            assert not isinstance(_put(store, lease), NovitaError)


def _put(store: MemoryStore, lease: Any) -> object:
    try:
        return store.put("record", {"v": 1}, fence=lease)
    except NovitaError as error:
        return error


QUEUE_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enqueue", "enqueue", "claim", "claim", "complete", "fail", "die", "wait", "back"]),
        st.integers(0, 10),
    ),
    max_size=80,
)


@settings(max_examples=200, deadline=None)
@given(QUEUE_STEPS)
def test_a_group_is_delivered_in_order_and_nothing_is_lost(steps: list[tuple[str, int]]) -> None:
    clock = VirtualClock()
    store = MemoryStore(clock=clock)
    enqueued: dict[str, list[int]] = {"g": [], "h": []}
    finished: set[int] = set()
    open_claims: list[Any] = []
    number = 0
    for what, figure in [*steps, *[("wait", 10), ("claim", 0), ("complete", 0)] * (len(steps) + 1)]:
        if what == "enqueue":
            group = "gh"[figure % 2]
            number += 1
            enqueued[group].append(number)
            assert store.enqueue("q", str(number), {"v": 1}, group=group, due_in=figure)
        elif what == "claim":
            claim = store.claim("q", "anna", lease=30)
            if claim is not None:
                unfinished = [one for one in enqueued[claim.group] if one not in finished]
                assert int(claim.id) == unfinished[0]
                open_claims.append(claim)
        elif what == "wait":
            clock.advance(10 * figure)
        elif what == "back":
            clock.jump_wall(-figure)
        elif open_claims:
            claim = open_claims.pop()
            calls = {
                "complete": lambda claim=claim: store.complete(claim),
                "fail": lambda claim=claim: store.fail(claim, due_in=figure),
                "die": lambda claim=claim: store.fail(claim, dead="gone"),
            }
            if calls[what]() and what != "fail":
                finished.add(int(claim.id))
    left = store.count("q")
    assert number == len(finished) + left.waiting + left.claimed
    assert left.waiting + left.claimed == 0
