# Generated from tests/aio/lifecycle/test_auto_stop_hazards.py by tools/unasync.py; edit the source.
"""AutoStop over restarts, replicas and instances that change under it: nothing too early, nothing never."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk.errors import StoreUnavailableError
from novita_sdk.lifecycle import GpuUtilization
from novita_sdk.stores import MemoryStore
from novita_sdk.testing import VirtualClock
from tests.sync.failing_store import FailingStore
from tests.sync.lifecycle.idle_machines import HOUR, MINUTE, Machines, host_of

TAG = "NOVITA_SDK_AUTO_STOP"


@pytest.fixture
def machines(clock: VirtualClock) -> Machines:
    return Machines(clock)


@pytest.fixture
def store(clock: VirtualClock) -> MemoryStore:
    return MemoryStore(clock=clock)


def in_use(_instance: Any) -> bool:
    return True


def idle(_instance: Any) -> bool:
    return False


def speechless(_instance: Any) -> None:
    """Say nothing."""


def tagged(value: str) -> list[dict[str, str]]:
    return [{"key": TAG, "value": value}]


# ------------------------------------------------------------------------------------------ signs of use


@pytest.mark.parametrize("sign", [in_use, speechless])
def test_a_use_that_another_process_saw_counts_for_a_whole_threshold(
    machines: Machines, clock: VirtualClock, store: MemoryStore, sign: Any
) -> None:
    machines.add(started=9 * HOUR)
    host_of(machines, store=store, signals=[sign]).auto_stop.check()
    clock.advance(5 * MINUTE)
    host_of(machines, store=store, signals=[idle]).auto_stop.check()
    assert machines.stopped == []
    clock.advance(15 * MINUTE + 1)
    host_of(machines, store=store, signals=[idle]).auto_stop.check()
    assert machines.stopped == ["i-1"]


def test_a_use_that_another_replica_saw_meanwhile_counts(
    machines: Machines, clock: VirtualClock, store: MemoryStore
) -> None:
    machines.add(started=46 * MINUTE)
    one = host_of(machines, store=store, signals=[in_use])
    two = host_of(machines, store=store, signals=[idle])
    two.auto_stop.check()
    clock.advance(30 * MINUTE)
    one.auto_stop.check()
    clock.advance(5 * MINUTE)
    two.auto_stop.check()
    assert machines.stopped == []


def test_a_use_seen_in_the_run_before_does_not_count(
    machines: Machines, clock: VirtualClock, store: MemoryStore
) -> None:
    machines.add(started=9 * HOUR)
    host_of(machines, store=store, signals=[in_use]).auto_stop.check()
    machines.restart("i-1")
    clock.advance(66 * MINUTE)
    host_of(machines, store=store, signals=[idle]).auto_stop.check()
    assert machines.stopped == ["i-1"]


@pytest.mark.parametrize("broken", ["function", "metrics"])
def test_a_sign_that_says_nothing_is_told_once_although_each_pass_is_a_new_process(
    machines: Machines, clock: VirtualClock, store: MemoryStore, broken: str
) -> None:
    machines.add(started=9 * HOUR)
    machines.broken["metrics i-1"] = 400
    signs: list[Any] = [speechless if broken == "function" else GpuUtilization()]
    kinds: list[str] = []
    for _ in range(20):
        host = host_of(machines, store=store, signals=signs)
        host.auto_stop.check()
        kinds += host.told.kinds
        clock.advance(5 * MINUTE)
    assert (kinds, machines.stopped) == (["signal_failing"], [])


def test_a_load_inside_a_window_that_is_longer_than_the_threshold_keeps_the_instance(
    machines: Machines,
) -> None:
    machines.add(started=9 * HOUR)
    machines.load = lambda _name, points: [60.0 if index == points - 30 else 0.0 for index in range(points)]
    host = host_of(machines, signals=[GpuUtilization(window=HOUR)])
    result = host.auto_stop.check()
    assert (machines.stopped, result.skipped) == ([], {"in_use": 1})


def test_a_store_that_fails_while_signs_are_asked_ends_the_pass(
    machines: Machines, store: MemoryStore
) -> None:
    machines.add("i-1", started=9 * HOUR)
    machines.add("i-2", started=9 * HOUR)
    failing = FailingStore(store)

    def sign(instance: Any) -> bool:
        failing.failure = StoreUnavailableError("away")
        return bool(instance.id == "i-1")

    result = host_of(machines, store=failing, signals=[sign]).auto_stop.check()
    assert (machines.stopped, result.skipped_pass, result.errors) == ([], "store_unavailable", 1)


# ------------------------------------------------------------------------------------------ opting out


@pytest.mark.parametrize("change", [{"envs": tagged("off")}, {"envs": tagged("9h")}, {"name": "precious"}])
def test_an_instance_that_opts_out_before_its_stop_is_kept(
    machines: Machines, change: dict[str, Any]
) -> None:
    machines.add(started=2 * HOUR, envs=tagged("on"))
    kept: list[str] = []

    def hook(*_arguments: Any) -> bool:
        machines.shown["i-1"] |= change
        return True

    host = host_of(machines, include=None, tag=TAG, exclude="precious", pre_stop=hook)
    result = host.auto_stop.check()
    kept += result.skipped
    assert (machines.stopped, len(kept)) == ([], 1)


def test_a_touch_that_a_dry_pass_saw_meanwhile_keeps_the_instance(machines: Machines) -> None:
    machines.add(started=9 * HOUR)

    def hook(*_arguments: Any) -> bool:
        host.auto_stop.touch("i-1")
        host.auto_stop.trigger()
        return True

    host = host_of(machines, pre_stop=hook)
    result = host.auto_stop.check()
    assert (machines.stopped, result.skipped) == ([], {"in_use": 1})


# ------------------------------------------------------------------------------------------ never too late


def test_use_does_not_put_off_the_end_of_a_lifetime_that_was_warned_of(
    machines: Machines, clock: VirtualClock, store: MemoryStore
) -> None:
    machines.add(started=0.0)
    kinds: list[str] = []
    for _ in range(26):
        host = host_of(machines, store=store, max_lifetime=HOUR, warn_before=300, threshold=9 * HOUR)
        host.auto_stop.touch("i-1")
        host.auto_stop.check()
        kinds += host.told.kinds
        clock.advance(3 * MINUTE)
    assert machines.stopped == ["i-1"]
    assert kinds == ["auto_stop_warning", "auto_stopping", "auto_stop_stopped"]


def test_a_warning_of_idleness_is_none_of_a_lifetime(machines: Machines, clock: VirtualClock) -> None:
    machines.add(started=2 * HOUR)
    host = host_of(machines, max_lifetime=3 * HOUR, warn_before=600)
    host.auto_stop.check()
    host.auto_stop.touch("i-1")
    for _ in range(14):
        clock.advance(5 * MINUTE)
        host.auto_stop.touch("i-1")
        host.auto_stop.check()
    assert host.told.kinds == ["auto_stop_warning", "auto_stop_warning"]
    clock.advance(6 * MINUTE)
    host.auto_stop.check()
    assert machines.stopped == ["i-1"]


def test_a_reclaim_before_this_run_does_not_keep_an_idle_instance_running(machines: Machines) -> None:
    machines.add("i-1", started=9 * HOUR, spotReclaimTime=machines.ago(20 * HOUR))
    machines.add("i-2", started=9 * HOUR, spotReclaimTime=machines.ago(8 * HOUR))
    machines.add("i-3", spotReclaimTime=machines.ago(20 * HOUR))
    host_of(machines).auto_stop.check()
    assert machines.stopped == ["i-1"]


def test_of_very_many_hidden_tags_each_is_read_some_day(machines: Machines, clock: VirtualClock) -> None:
    for number in range(120):
        machines.add(f"i-{number}", started=9 * HOUR)
    host = host_of(machines, include=None, tag=TAG)
    for _ in range(3):
        host.auto_stop.check()
        clock.advance(HOUR)
    assert len(host.auto_stop._parts.memory.environments) == 120


# ------------------------------------------------------------------------------------------ replicas


def test_a_run_that_another_replica_saw_begin_has_its_grace_though_nobody_tells_its_start(
    machines: Machines, clock: VirtualClock, store: MemoryStore
) -> None:
    machines.add(createdAt=machines.ago(9 * HOUR))
    one, two = (host_of(machines, store=store, data_loss="accept") for _ in range(2))
    one.auto_stop.touch("i-1")
    two.auto_stop.check()
    clock.advance(10 * MINUTE)
    machines.shown["i-1"]["status"] = "exited"
    one.auto_stop.check()
    machines.shown["i-1"]["status"] = "running"
    clock.advance(15 * MINUTE)
    two.auto_stop.check()
    assert machines.stopped == []


def test_of_several_replicas_one_warns(machines: Machines, clock: VirtualClock, store: MemoryStore) -> None:
    machines.add(started=9 * HOUR)
    hosts = [host_of(machines, store=store, warn_before=10 * MINUTE) for _ in range(2)]
    for host in hosts:
        host.auto_stop.touch("i-1")
        host.auto_stop.check()
    clock.advance(20 * MINUTE + 1)
    for _ in range(3):
        for host in hosts:
            host.auto_stop.check()
            clock.advance(MINUTE)
    assert [kind for host in hosts for kind in host.told.kinds] == ["auto_stop_warning"]


@pytest.mark.parametrize("hidden", [False, True])
def test_an_instance_whose_tag_is_removed_before_its_stop_is_kept(
    machines: Machines, *, hidden: bool
) -> None:
    machines.add(started=2 * HOUR, envs=tagged("on"))
    machines.hides_envs = hidden
    asked: list[str] = []

    def hook(instance: Any, _decision: Any) -> bool:
        asked.append(instance.id)
        machines.shown["i-1"]["envs"] = []
        return True

    result = host_of(machines, include=None, tag=TAG, pre_stop=hook).auto_stop.check()
    assert (asked, machines.stopped, result.skipped) == (["i-1"], [], {"not_included": 1})
