# Generated from tests/aio/lifecycle/test_auto_stop_signals.py by tools/unasync.py; edit the source.
"""Signs of use: all must say idle, and what says nothing says no."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from novita_sdk.errors import ValidationError
from novita_sdk.lifecycle import GpuUtilization, LastUsed
from novita_sdk.testing import VirtualClock
from tests.sync.lifecycle.idle_machines import HOUR, MINUTE, Machines, host_of
from tests.sync.remote import lost


@pytest.fixture
def machines(clock: VirtualClock) -> Machines:
    return Machines(clock)


class Sign:
    """A sign of use that says what it was told to."""

    __name__ = "sessions"

    def __init__(self, says: Any) -> None:
        self.says = says
        self.asked = 0

    def __call__(self, _instance: Any) -> Any:
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


# ---------------------------------------------------------------------------- functions of the user


def test_all_signs_must_say_idle(machines: Machines) -> None:
    machines.add(started=9 * HOUR)
    one, two = Sign(False), Sign(True)
    host = host_of(machines, signals=[LastUsed(), one, two])
    host.auto_stop.check()
    assert machines.stopped == []
    [decision] = host.auto_stop.why("i-1")
    assert decision.signals == {"last_used": "active", "sessions": "idle", "sessions-2": "active"}


def test_idle_signs_let_the_instance_be_stopped(machines: Machines) -> None:
    machines.add(started=9 * HOUR)
    host_of(machines, signals=[Sign(False)]).auto_stop.check()
    assert machines.stopped == ["i-1"]


def test_a_touch_counts_also_where_it_is_not_listed_as_a_sign(machines: Machines) -> None:
    machines.add(started=9 * HOUR)
    host = host_of(machines, signals=[Sign(False)])
    host.auto_stop.touch("i-1")
    host.auto_stop.check()
    assert machines.stopped == []


@pytest.mark.parametrize(("ago", "stopped"), [(19 * MINUTE, []), (21 * MINUTE, ["i-1"])])
def test_a_sign_may_say_when_the_instance_was_last_in_use(
    machines: Machines, clock: VirtualClock, ago: float, stopped: list[str]
) -> None:
    machines.add(started=9 * HOUR)
    sign = Sign(datetime.fromtimestamp(clock.time() - ago, UTC))
    host_of(machines, signals=[sign]).auto_stop.check()
    assert machines.stopped == stopped


def test_a_use_that_was_seen_once_counts_for_a_whole_threshold(
    machines: Machines, clock: VirtualClock
) -> None:
    machines.add(started=9 * HOUR)
    sign = Sign(True)
    host = host_of(machines, signals=[sign])
    host.auto_stop.check()
    sign.says = False
    for _ in range(4):
        clock.advance(5 * MINUTE)
        host.auto_stop.check()
    assert machines.stopped == []
    clock.advance(1)
    host.auto_stop.check()
    assert machines.stopped == ["i-1"]


def test_during_a_grace_nobody_is_asked(machines: Machines) -> None:
    machines.add(started=HOUR / 2)
    sign = Sign(False)
    host_of(machines, signals=[sign, GpuUtilization()]).auto_stop.check()
    assert sign.asked == 0
    assert not any("startTime" in read for read in machines.reads)


NOTHING_SAID: list[tuple[Any, str]] = [
    (ValueError("no route"), "ValueError: no route"),
    (None, "no answer"),
    (float("nan"), "float is neither"),
    (0.5, "float is neither"),
    ("idle", "str is neither"),
    (datetime(2026, 5, 1), "without its zone"),  # noqa: DTZ001 - the fault under test
    (datetime(1999, 5, 1, tzinfo=UTC), "1999"),
    (datetime(2099, 5, 1, tzinfo=UTC), "2099"),
]


@pytest.mark.case("A-04")
@pytest.mark.parametrize(("says", "told"), NOTHING_SAID)
def test_a_sign_that_says_nothing_keeps_the_instance_running(
    machines: Machines, clock: VirtualClock, says: Any, told: str
) -> None:
    machines.add(started=9 * HOUR)
    host = host_of(machines, signals=[Sign(says)])
    for _ in range(3):
        result = host.auto_stop.check()
        assert result.skipped == {"signal_unknown:sessions": 1}
        clock.advance(30 * MINUTE)
    assert machines.stopped == []
    [decision] = host.auto_stop.why("i-1")
    assert told in decision.detail


@pytest.mark.case("A-04")
def test_a_sign_that_hangs_keeps_the_instance_running(machines: Machines, clock: VirtualClock) -> None:
    def hanging(_instance: Any) -> bool:
        clock.sleep(60)
        return False

    machines.add(started=9 * HOUR)
    host = host_of(machines, signals=[hanging])
    result = host.auto_stop.check()
    assert result.skipped == {"signal_unknown:hanging": 1}
    assert machines.stopped == []


@pytest.mark.case("A-04")
def test_a_sign_that_says_nothing_for_an_hour_is_told_once(machines: Machines, clock: VirtualClock) -> None:
    machines.add(started=9 * HOUR)
    sign = Sign(ValueError("no route"))
    host = host_of(machines, signals=[sign])

    def passes(count: int) -> None:
        for _ in range(count):
            host.auto_stop.check()
            clock.advance(5 * MINUTE)

    passes(12)  # the last after 55 min
    assert host.told.kinds == []
    passes(20)
    assert host.told.kinds == ["signal_failing"]
    assert host.told.sent[0][3]["data"] == {"signal": "sessions", "detail": "ValueError: no route"}
    sign.says = True
    passes(1)
    sign.says = None
    passes(14)
    assert host.told.kinds == ["signal_failing"] * 2  # it had come back in between


# --------------------------------------------------------------------------------- load of the GPUs

Load = Callable[[str, int], list[float | None]]


def steady(value: float) -> Load:
    return lambda _name, points: [value] * points


def with_one(value: float) -> Load:
    return lambda _name, points: [0.0] * (points - 1) + [value]


def share_of(part: float) -> Load:
    return lambda _name, points: [0.0 if index < part * points else None for index in range(points)]


@pytest.mark.case("A-10")
@pytest.mark.parametrize(
    ("load", "reason"),
    [
        (steady(0), "idle"),
        (steady(4.9), "idle"),
        (steady(0.04), "idle"),
        (with_one(0.9), "in_use"),
        (with_one(0.05), "in_use"),
        (with_one(60), "in_use"),
        (with_one(5), "in_use"),
        (share_of(0.8), "idle"),
        (share_of(0.7), "signal_unknown:gpu_utilization"),
        (share_of(0), "signal_unknown:gpu_utilization"),
    ],
)
def test_the_gpus_must_have_rested_for_the_whole_window(machines: Machines, load: Load, reason: str) -> None:
    machines.add(started=9 * HOUR)
    machines.load = load
    host = host_of(machines, signals=[GpuUtilization()])
    host.auto_stop.check()
    assert machines.stopped == (["i-1"] if reason == "idle" else [])
    assert (host.auto_stop.why("i-1"))[0].reason == reason


def test_one_request_asks_for_the_window_of_the_instance(machines: Machines, clock: VirtualClock) -> None:
    machines.add(started=9 * HOUR)
    host_of(machines, signals=[GpuUtilization()], threshold=30 * MINUTE).auto_stop.check()
    [asked] = [read for read in machines.reads if "startTime" in read]
    found = re.search(r"startTime=(\d+)&endTime=(\d+)&interval=60", asked)
    assert found is not None
    end = int(clock.time()) - 60
    assert (int(found[1]), int(found[2])) == (end - 1800, end)


@pytest.mark.parametrize("window", [HOUR, timedelta(hours=1)])
def test_the_window_can_be_set(machines: Machines, window: Any) -> None:
    machines.add(started=9 * HOUR)
    host_of(machines, signals=[GpuUtilization(window=window)]).auto_stop.check()
    [asked] = [read for read in machines.reads if "startTime" in read]
    found = re.search(r"startTime=(\d+)&endTime=(\d+)", asked)
    assert found is not None
    assert int(found[2]) - int(found[1]) == 3600


@pytest.mark.case("A-04")
@pytest.mark.parametrize("answer", [503, 400, lost, {"gpuUtilization": None}, b"<html>"])
def test_metrics_that_cannot_be_read_keep_the_instance_running(machines: Machines, answer: Any) -> None:
    machines.add(started=9 * HOUR)
    machines.broken["metrics i-1"] = answer
    host = host_of(machines, signals=[GpuUtilization()])
    result = host.auto_stop.check()
    assert machines.stopped == []
    assert result.skipped == {"signal_unknown:gpu_utilization": 1}


def test_points_without_time_or_value_do_not_count(machines: Machines, clock: VirtualClock) -> None:
    machines.add(started=9 * HOUR)
    odd = [{"value": 0}, {"timestamp": machines.ago(300)}, {"timestamp": machines.ago(9 * HOUR), "value": 99}]
    series = {"gpuUtilization": {"gpuIds": [{"gpuId": "0", "items": odd * 30}]}}
    machines.broken["metrics i-1"] = series
    host = host_of(machines, signals=[GpuUtilization()])
    assert (host.auto_stop.check()).skipped == {"signal_unknown:gpu_utilization": 1}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"below": 0}, "below"),
        ({"below": 101}, "below"),
        ({"below": "5"}, "below"),
        ({"window": 119}, "window"),
        ({"window": float("inf")}, "window"),
    ],
)
def test_a_load_that_makes_no_sense_is_refused(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        GpuUtilization(**arguments)


def test_signs_that_were_not_reached_in_time_let_nothing_be_stopped(
    machines: Machines, clock: VirtualClock
) -> None:
    def slow(_instance: Any) -> bool:
        clock.sleep(9)
        return False

    for number in range(300):
        machines.add(f"i-{number}", started=9 * HOUR)
    result = host_of(machines, signals=[slow]).auto_stop.check()
    assert (result.ended_early, machines.stopped) == (True, [])
    asked = 27 * 8  # eight at once, every 9 s, in 240 s
    assert result.skipped == {"signal_unknown:signals": 300 - asked, "not_reached": asked}


def test_an_instance_with_fewer_series_than_gpus_is_kept(machines: Machines) -> None:
    machines.add(started=9 * HOUR, gpuNum="2")
    host = host_of(machines, signals=[GpuUtilization()])
    host.auto_stop.check()
    assert machines.stopped == []


def test_metrics_are_only_asked_for_when_everything_else_says_idle(machines: Machines) -> None:
    machines.add("i-1", started=9 * HOUR)
    machines.add("i-2", started=9 * HOUR)
    host = host_of(machines, signals=[GpuUtilization()])
    host.auto_stop.touch("i-1")
    host.auto_stop.check()
    assert [read for read in machines.reads if "startTime" in read and "i-1" in read] == []
    assert machines.stopped == ["i-2"]


def test_a_hiccup_of_the_metrics_only_delays_the_stop(machines: Machines, clock: VirtualClock) -> None:
    machines.add(started=9 * HOUR)
    machines.broken["metrics i-1"] = 503
    host = host_of(machines, signals=[GpuUtilization()])
    host.auto_stop.check()
    del machines.broken["metrics i-1"]
    clock.advance(5 * MINUTE)
    host.auto_stop.check()
    assert machines.stopped == ["i-1"]
