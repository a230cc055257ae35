"""AutoStop: whom it stops, whom it leaves alone, and what it tells."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from novita_sdk._async.lifecycle.idle_records import note_ready
from novita_sdk._concurrency.aio import COLOUR
from novita_sdk.errors import NotFoundError, StateStoreError, ValidationError
from novita_sdk.lifecycle import LastUsed
from novita_sdk.stores import AsyncMemoryStore
from novita_sdk.testing import VirtualClock
from tests.aio.lifecycle.idle_machines import HOUR, MINUTE, Host, Machines, host_of
from tests.colours import async_layer

pytestmark = pytest.mark.anyio

TAG = "NOVITA_SDK_AUTO_STOP"


@pytest.fixture
def machines(clock: VirtualClock) -> Machines:
    return Machines(clock)


def tagged(value: str) -> list[dict[str, str]]:
    return [{"key": TAG, "value": value}]


async def reason_of(host: Host, name: str = "i-1") -> str:
    decisions = await host.auto_stop.why(name)
    return decisions[0].reason


# -------------------------------------------------------------------------------------- idle since


@pytest.mark.case("A-01")
@pytest.mark.parametrize(("ago", "stopped"), [(20 * MINUTE + 1, ["i-1"]), (20 * MINUTE, [])])
async def test_what_was_used_longer_ago_than_the_threshold_is_stopped(
    machines: Machines, clock: VirtualClock, ago: float, stopped: list[str]
) -> None:
    machines.add(started=5 * HOUR)
    host = host_of(machines)
    await host.auto_stop.touch("i-1", datetime.fromtimestamp(clock.time() - ago, UTC))
    result = await host.auto_stop.check()
    assert machines.stopped == stopped
    assert (result.stopped, result.eligible_for_stop) == (len(stopped), len(stopped))


@pytest.mark.case("A-01")
@pytest.mark.parametrize(
    ("known", "stopped"),
    [
        ({"started": 50 * MINUTE}, False),
        ({"started": 56 * MINUTE}, True),
        ({"started": None, "created": 65 * MINUTE}, False),
        ({"started": None, "created": 71 * MINUTE}, True),
    ],
)
async def test_a_start_or_a_creation_has_its_grace(
    machines: Machines, known: dict[str, Any], stopped: bool
) -> None:
    created = known.get("created")
    at = {} if created is None else {"createdAt": machines.ago(created)}
    machines.add(started=known["started"], **at)
    await host_of(machines, threshold=10 * MINUTE).auto_stop.check()
    assert machines.stopped == (["i-1"] if stopped else [])


@pytest.mark.case("A-01")
@pytest.mark.parametrize(("ready_ago", "stopped"), [(11 * MINUTE, ["i-1"]), (9 * MINUTE, [])])
async def test_an_instance_that_was_seen_ready_has_no_other_grace(
    machines: Machines, clock: VirtualClock, ready_ago: float, stopped: list[str]
) -> None:
    machines.add(started=15 * MINUTE)
    host = host_of(machines, threshold=10 * MINUTE)
    await note_ready(host.client.store, "i-1", clock.time() - ready_ago)
    await host.auto_stop.check()
    assert machines.stopped == stopped


async def test_a_wait_that_saw_the_instance_ready_ends_its_grace(
    machines: Machines, clock: VirtualClock
) -> None:
    async def answers(_instance: Any) -> bool:
        return True

    machines.add(started=15 * MINUTE)
    host = host_of(machines)
    await host.client.gpu_instances.wait("i-1", ready=[answers])
    clock.advance(20 * MINUTE + 1)
    await host.auto_stop.check()
    assert machines.stopped == ["i-1"]


async def test_a_ready_mark_that_cannot_be_stored_is_logged(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(AsyncMemoryStore):
        async def put_max(self, *_arguments: Any, **_keywords: Any) -> float:
            raise StateStoreError("disk full")

    await note_ready(Broken(clock=clock), "i-1", clock.time())
    assert [record.getMessage() for record in caplog.records] == [
        "it was not noted that i-1 is ready: StateStoreError"
    ]


async def test_an_instance_of_unknown_age_has_its_grace_from_the_first_sight(
    machines: Machines, clock: VirtualClock
) -> None:
    store = AsyncMemoryStore(clock=clock)
    machines.add()
    for _ in range(8):  # a new process each time, as a job engine has it
        await host_of(machines, store=store).auto_stop.check()
        assert machines.stopped == []
        clock.advance(10 * MINUTE)
    clock.advance(1)
    await host_of(machines, store=store).auto_stop.check()
    assert machines.stopped == ["i-1"]


async def test_a_run_whose_start_nobody_tells_begins_when_it_is_seen_after_a_stop(
    machines: Machines, clock: VirtualClock
) -> None:
    store = AsyncMemoryStore(clock=clock)
    machines.add(createdAt=machines.ago(9 * HOUR), status="exited")
    await host_of(machines, store=store).auto_stop.check()
    machines.shown["i-1"]["status"] = "running"
    host = host_of(machines, store=store)
    await host.auto_stop.check()
    assert machines.stopped == []
    clock.advance(80 * MINUTE + 1)
    await host.auto_stop.check()
    assert machines.stopped == ["i-1"]


@pytest.mark.case("A-03")
async def test_a_use_before_this_run_is_no_use_and_a_fresh_run_is_kept(
    machines: Machines, clock: VirtualClock
) -> None:
    machines.add(started=MINUTE)
    host = host_of(machines)
    await host.auto_stop.touch("i-1", datetime.fromtimestamp(clock.time() - 3 * HOUR, UTC))
    await host.auto_stop.check()
    assert machines.stopped == []
    assert await reason_of(host) == "startup_grace"


async def test_a_restart_between_two_passes_begins_a_new_run(machines: Machines, clock: VirtualClock) -> None:
    machines.add(started=64 * MINUTE)
    host = host_of(machines)
    await host.auto_stop.check()
    clock.advance(5 * MINUTE)
    machines.restart("i-1")
    await host.auto_stop.check()
    assert machines.stopped == []


async def test_times_that_cannot_be_meant_count_as_absent(machines: Machines, clock: VirtualClock) -> None:
    machines.add("i-1", lastStartedAt="86400", createdAt=machines.ago(71 * MINUTE))
    machines.add("i-2", lastStartedAt=machines.ago(-HOUR), createdAt=machines.ago(71 * MINUTE))
    machines.add("i-3", started=HOUR)
    host = host_of(machines, threshold=10 * MINUTE)
    await host.auto_stop._parts.records.touch("i-3", clock.time() + HOUR)
    await host.auto_stop.check()
    assert machines.stopped == ["i-1", "i-2", "i-3"]


@pytest.mark.parametrize("changes", [{"threshold": 5 * MINUTE}, {"threshold": timedelta(minutes=5)}])
async def test_the_threshold_may_be_a_timedelta(machines: Machines, changes: dict[str, Any]) -> None:
    machines.add(started=51 * MINUTE)
    await host_of(machines, **changes).auto_stop.check()
    assert machines.stopped == ["i-1"]


# ------------------------------------------------------------------------------------------- touch


async def test_a_touch_makes_no_request_and_never_moves_back(machines: Machines, clock: VirtualClock) -> None:
    host = host_of(machines)
    now = datetime.fromtimestamp(clock.time(), UTC)
    assert await host.auto_stop.touch("i-1") == now
    assert await host.auto_stop.touch("i-1", now - timedelta(hours=1)) == now
    assert machines.remote.seen == []


@pytest.mark.case("A-06")
async def test_a_touch_in_the_future_counts_as_now(machines: Machines, clock: VirtualClock) -> None:
    machines.add(started=5 * HOUR)
    host = host_of(machines)
    now = datetime.fromtimestamp(clock.time(), UTC)
    assert await host.auto_stop.touch("i-1", now + timedelta(days=365)) == now
    clock.advance(20 * MINUTE + 1)
    await host.auto_stop.check()
    assert machines.stopped == ["i-1"]


@pytest.mark.parametrize("at", [datetime(2026, 5, 1), 1_700_000_000, "now"])  # noqa: DTZ001 - the fault under test
async def test_a_touch_at_no_moment_in_time_is_refused(machines: Machines, at: Any) -> None:
    with pytest.raises(ValidationError, match="at"):
        await host_of(machines).auto_stop.touch("i-1", at)


async def test_a_touch_by_name_finds_the_instance(machines: Machines) -> None:
    machines.add(started=5 * HOUR)
    host = host_of(machines)
    await host.auto_stop.touch(name="name of i-1")
    await host.auto_stop.check()
    assert machines.stopped == []
    with pytest.raises(NotFoundError):
        await host.auto_stop.touch(name="nobody")


async def test_a_touch_can_make_sure_that_the_instance_exists(machines: Machines) -> None:
    machines.add()
    host = host_of(machines)
    await host.auto_stop.touch("i-1", verify=True)
    with pytest.raises(NotFoundError):
        await host.auto_stop.touch("i-2", verify=True)
    assert [entry.key for entry in (await host.client.store.scan("use:")).items] == ["use:i-1"]


@pytest.mark.parametrize("arguments", [{}, {"instance": "i-1", "name": "x"}, {"instance": ""}])
async def test_a_touch_of_nothing_or_of_two_things_is_refused(
    machines: Machines, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        await host_of(machines).auto_stop.touch(**arguments)


# ------------------------------------------------------------------------------------------ opt-in


@pytest.mark.case("A-02")
async def test_what_was_not_opted_in_is_never_asked_about(machines: Machines) -> None:
    machines.add("i-1", started=200 * MINUTE)
    host = host_of(machines, include="train-*")
    result = await host.auto_stop.check()
    assert machines.stopped == []
    assert not any("i-1" in read for read in machines.reads)
    assert (result.listed, result.total_checked, result.skipped) == (1, 0, {"not_included": 1})


@pytest.mark.case("A-02")
async def test_without_any_rule_there_is_no_auto_stop(machines: Machines) -> None:
    with pytest.raises(ValidationError, match="include"):
        host_of(machines, include=None)


@pytest.mark.case("A-02")
async def test_a_tag_decides_for_its_instance(machines: Machines, caplog: pytest.LogCaptureFixture) -> None:
    machines.add("on", started=66 * MINUTE, envs=tagged("on"))
    machines.add("long", started=66 * MINUTE, envs=tagged("2h"))
    machines.add("off", started=9 * HOUR, envs=tagged("off"))
    machines.add("odd", started=9 * HOUR, envs=tagged("maybe"))
    machines.add("plain", started=9 * HOUR)
    host = host_of(machines, include=["off", "odd"], tag=TAG)
    with caplog.at_level(logging.WARNING, logger="novita_sdk.lifecycle"):
        await host.auto_stop.check()
        await host.auto_stop.check()
    assert machines.stopped == ["on"]
    assert len([record for record in caplog.records if "odd" in record.getMessage()]) == 1


async def test_tags_that_the_list_hides_are_read_once_an_hour(
    machines: Machines, clock: VirtualClock
) -> None:
    machines.add("i-1", started=9 * HOUR)
    hidden = machines.shown["i-1"]
    full = {**hidden, "envs": tagged("on")}
    machines.broken["get i-1"] = lambda _request: {**full, "status": hidden["status"]}
    host = host_of(machines, include=None, tag=TAG)
    await host.auto_stop.touch("i-1")
    for _ in range(12):
        await host.auto_stop.check()
        await host.auto_stop.touch("i-1")
        clock.advance(5 * MINUTE)
    assert sum(read.startswith("instance ") for read in machines.reads) == 1
    await host.auto_stop.check()
    assert sum(read.startswith("instance ") for read in machines.reads) == 2
    clock.advance(21 * MINUTE)
    await host.auto_stop.check()
    assert machines.stopped == ["i-1"]


async def test_of_many_hidden_tags_fifty_are_read_at_a_pass(machines: Machines) -> None:
    for number in range(60):
        machines.add(f"i-{number}", started=9 * HOUR)
    host = host_of(machines, include=None, tag=TAG)
    result = await host.auto_stop.check()
    assert sum(read.startswith("instance ") for read in machines.reads) == 50
    assert result.skipped == {"not_included": 50, "tag_unknown": 10}


async def test_a_tag_that_cannot_be_read_opts_nobody_in(machines: Machines) -> None:
    machines.add("i-1", started=9 * HOUR)
    machines.broken["get i-1"] = 400
    result = await host_of(machines, tag=TAG).auto_stop.check()  # include="*" names it as well
    assert result.skipped == {"tag_unknown": 1}


@pytest.mark.case("A-03")
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "exited"}, "not_running"),
        ({"status": "creating"}, "not_running"),
        ({"status": "migrating"}, "not_running"),
        ({"status": "a new word"}, "not_running"),
        ({"billingMode": "monthly"}, "monthly"),
        ({"spotReclaimTime": "1789990000"}, "spot_reclaim"),
        ({"spotStatus": "notified"}, "spot_reclaim"),
    ],
)
async def test_only_a_plainly_running_instance_is_a_candidate(
    machines: Machines, fields: dict[str, str], reason: str
) -> None:
    machines.add(started=9 * HOUR, **fields)
    host = host_of(machines)
    result = await host.auto_stop.check()
    assert machines.stopped == []
    assert result.skipped == {reason: 1}
    assert await reason_of(host) == reason


async def test_prepaid_instances_are_stopped_if_that_is_wanted(machines: Machines) -> None:
    machines.add(started=9 * HOUR, billingMode="monthly")
    await host_of(machines, include_monthly=True).auto_stop.check()
    assert machines.stopped == ["i-1"]


# ------------------------------------------------------------------------------------ max_lifetime


async def test_max_lifetime_stops_also_what_is_in_use(machines: Machines, clock: VirtualClock) -> None:
    async def in_use(_instance: Any) -> bool:
        return True

    machines.add(started=8 * HOUR - MINUTE)
    host = host_of(machines, max_lifetime=8 * HOUR, signals=[LastUsed(), in_use])
    await host.auto_stop.check()
    assert machines.stopped == []
    clock.advance(2 * MINUTE)
    await host.auto_stop.touch("i-1")
    await host.auto_stop.check()
    assert machines.stopped == ["i-1"]
    assert await reason_of(host) == "max_lifetime"


# ------------------------------------------------------------------------------------------- events


async def test_a_stop_is_told_when_it_is_accepted_and_when_it_is_seen(
    machines: Machines, clock: VirtualClock
) -> None:
    machines.add(started=9 * HOUR)
    operation = f"autostop-i-1-{int(clock.time() - 9 * HOUR)}"
    host = host_of(machines)
    for _ in range(3):
        await host.auto_stop.check()
        clock.advance(5 * MINUTE)
    assert [sent[:3] for sent in host.told.sent] == [
        (operation, "auto_stopping", "i-1"),
        (operation, "auto_stop_stopped", "i-1"),
    ]
    assert host.told.sent[0][3]["threshold"] == 20 * MINUTE
    assert host.told.sent[0][3]["idle"] == 9 * HOUR - 45 * MINUTE


async def test_the_records_of_a_run_go_with_it(machines: Machines, clock: VirtualClock) -> None:
    machines.add(started=9 * HOUR)
    host = host_of(machines)
    await host.auto_stop.touch("i-1", datetime.fromtimestamp(clock.time() - HOUR, UTC))
    await host.auto_stop.check()
    await host.auto_stop.check()
    left = [entry.key for entry in (await host.client.store.scan()).items]
    assert left == ["audit:autostop:i-1"]


# ------------------------------------------------------------------------------------ the arguments


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"threshold": 59}, "threshold"),
        ({"threshold": "20 min"}, "threshold"),
        ({"interval": 0}, "interval"),
        ({"startup_grace": -1}, "startup_grace"),
        ({"creation_grace": float("nan")}, "creation_grace"),
        ({"ready_grace": None}, "ready_grace"),
        ({"max_lifetime": 0}, "max_lifetime"),
        ({"warn_before": -5}, "warn_before"),
        ({"data_loss": "maybe"}, "data_loss"),
        ({"pre_stop": 5}, "pre_stop"),
        ({"signals": ["gpu"]}, "signals"),
        ({"exclude": 5}, "exclude"),
        ({"tag": "a b"}, "tag"),
    ],
)
async def test_what_makes_no_sense_is_refused_at_once(
    machines: Machines, arguments: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValidationError, match=named):
        host_of(machines, **arguments)


@pytest.mark.parametrize("argument", ["signals", "pre_stop"])
async def test_a_thread_takes_no_function_that_must_be_awaited(machines: Machines, argument: str) -> None:
    function = async_layer
    arguments: dict[str, Any] = {argument: [function] if argument == "signals" else function}
    if COLOUR == "async":
        host_of(machines, **arguments)
        return
    with pytest.raises(ValidationError, match="must be a plain function here"):
        host_of(machines, **arguments)


async def test_a_task_takes_plain_functions_as_well(machines: Machines) -> None:
    machines.add(started=9 * HOUR)
    host = host_of(machines, signals=[lambda _instance: False], pre_stop=lambda _instance, _decision: None)
    assert (await host.auto_stop.check()).stopped == 1


async def test_the_settings_give_what_is_left_out(machines: Machines) -> None:
    stats = host_of(machines).auto_stop.stats()
    assert (stats.check_interval, stats.default_inactivity_threshold) == (300, 1200)
    assert (stats.startup_grace_period, stats.creation_grace_period) == (2700, 3600)
    assert (stats.scheduler_running, stats.passes, stats.stopped_total) == (False, 0, 0)


async def test_stats_count_the_stops(machines: Machines, clock: VirtualClock) -> None:
    machines.add("i-1", started=9 * HOUR)
    machines.add("i-2", started=9 * HOUR)
    host = host_of(machines)
    await host.auto_stop.check()
    await host.auto_stop.check()
    stats = host.auto_stop.stats()
    assert (stats.passes, stats.stopped_total, stats.last_error) == (2, 2, None)
    assert stats.last_pass == datetime.fromtimestamp(clock.time(), UTC)
    assert host.auto_stop.health().lease_holder is True


async def test_why_tells_of_an_instance_how_idle_it_is(machines: Machines, clock: VirtualClock) -> None:
    machines.add(started=9 * HOUR)
    host = host_of(machines)
    await host.auto_stop.touch("i-1")
    clock.advance(10 * MINUTE)
    await host.auto_stop.check()
    [decision] = await host.auto_stop.why("i-1")
    assert (decision.verdict, decision.reason) == ("keep", "in_use")
    assert (decision.idle_for, decision.threshold) == (10 * MINUTE, 20 * MINUTE)
    assert decision.idle_since == datetime.fromtimestamp(clock.time() - 10 * MINUTE, UTC)
    assert decision.run_start == datetime.fromtimestamp(clock.time() - 9 * HOUR - 10 * MINUTE, UTC)
    assert decision.signals == {"last_used": "active"}
    assert await host.auto_stop.why("i-2") == []
