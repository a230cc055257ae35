# Generated from tests/aio/lifecycle/test_audit.py by tools/unasync.py; edit the source.
"""What a helper keeps of its decisions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from novita_sdk._core.lifecycle.decisions import Decision
from novita_sdk._sync.lifecycle.audit import AuditTrail
from novita_sdk.errors import StaleFenceError
from novita_sdk.stores import MemoryStore
from novita_sdk.testing import VirtualClock

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@attrs.frozen(kw_only=True)
class Detailed(Decision):
    """A decision with fields of its own."""

    since: datetime | None = None
    answers: dict[str, str] = attrs.field(factory=dict)


def decision(verdict: Any = "keep", **fields: Any) -> Detailed:
    return Detailed(**{"instance_id": "i-1", "verdict": verdict, "reason": "used", "at": NOON, **fields})


def trail(store: MemoryStore) -> AuditTrail[Detailed]:
    return AuditTrail(store, "autostop", Detailed)


def test_a_decision_comes_back_as_it_was(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    made = decision("stop", since=NOON, answers={"gpu": "idle"}, warnings=("disk",), fence=3, holder="me")
    trail(store).record([made])
    assert trail(store).why("i-1") == [made]


@pytest.mark.parametrize("text", ["x" * 100_000, "\U0001f600" * 9_000, "\udcff" * 9_000, "\0" * 9_000])
def test_an_error_of_any_length_can_be_kept(clock: VirtualClock, text: str) -> None:
    store = MemoryStore(clock=clock)
    audit = trail(store)
    for _ in range(25):
        audit.record([decision("error", detail=text)])
    kept = audit.why("i-1")
    assert (len(kept), {len(made.detail) for made in kept}) == (20, {400})


def test_a_host_that_lost_its_lease_writes_no_decision(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    lost = store.lease_acquire("autostop", "anna", 60)
    clock.advance(61)
    store.lease_acquire("autostop", "ben", 60)
    with pytest.raises(StaleFenceError):
        trail(store).record([decision("stop")], fence=lost)
    assert trail(store).why("i-1") == []


def test_what_stays_as_it_is_is_told_but_not_written(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    audit = trail(store)
    for _ in range(3):
        audit.record([decision()])
    assert audit.why("i-1") == [decision()]
    assert trail(store).why("i-1") == []


def test_every_warning_stop_error_and_change_is_kept_the_newest_first(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    audit = trail(store)
    for verdict in ("keep", "warn", "keep", "keep", "stop", "stop", "error"):
        audit.record([decision(verdict)])
    kept = [made.verdict for made in trail(store).why("i-1")]
    assert kept == ["error", "stop", "stop", "keep", "warn"]


def test_the_last_20_are_kept_for_30_days(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    audit = trail(store)
    for number in range(25):
        audit.record([decision("stop", fence=number)])
    assert [made.fence for made in audit.why("i-1")] == list(range(24, 4, -1))
    clock.advance(30 * 86_400)
    assert trail(store).why("i-1") == []


def test_a_dry_run_is_told_but_leaves_the_store_alone(clock: VirtualClock) -> None:
    store = MemoryStore(clock=clock)
    audit = trail(store)
    audit.record([decision("stop")], dry_run=True)
    assert [made.verdict for made in audit.why("i-1")] == ["stop"]
    assert (store.scan()).items == ()


def test_instances_do_not_share_their_trails_whatever_their_ids_look_like(clock: VirtualClock) -> None:
    audit = trail(MemoryStore(clock=clock))
    ids = ["i-1", "i 1", "ï-1", "i/1", "x" * 300]
    audit.record([decision("stop", instance_id=name) for name in ids])
    for name in ids:
        assert [made.instance_id for made in audit.why(name)] == [name]
