"""What keeps AutoStop from doing harm: replicas, clocks, races, dry runs, hooks, warnings, disks."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from novita_sdk._async.lifecycle.auto_stop import AsyncAutoStop
from novita_sdk._concurrency.aio import Event, gather
from novita_sdk._core.lifecycle.stop_records import StopRecord
from novita_sdk.errors import StateStoreError, StoreUnavailableError
from novita_sdk.observation import Hooks, PassFailure
from novita_sdk.stores import AsyncMemoryStore, AsyncSQLiteStore
from novita_sdk.testing import VirtualClock
from tests.aio.lifecycle.idle_machines import HOUR, MINUTE, Host, Machines, host_of
from tests.aio.remote import Late, client_of, lost

pytestmark = pytest.mark.anyio

LOCAL_DISK = [{"type": "local", "size": "30", "mountPath": "/workspace"}]


@pytest.fixture
def machines(clock: VirtualClock) -> Machines:
    return Machines(clock)


@pytest.fixture(params=["memory", "sqlite"])
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock
) -> AsyncIterator[AsyncMemoryStore | AsyncSQLiteStore]:
    made = (
        AsyncMemoryStore(clock=clock)
        if request.param == "memory"
        else AsyncSQLiteStore(tmp_path / "state.db", clock=clock)
    )
    async with contextlib.aclosing(made):
        yield made


async def reason_of(host: Host, name: str = "i-1") -> str:
    return (await host.auto_stop.why(name))[0].reason


async def content_of(host: Host) -> list[tuple[str, Any, int]]:
    return [(entry.key, entry.value, entry.version) for entry in (await host.client.store.scan()).items]


# ----------------------------------------------------------------------------------------- dry runs


@pytest.mark.case("A-05")
async def test_a_dry_run_stops_and_writes_nothing(machines: Machines, store: AsyncMemoryStore) -> None:
    machines.add("i-1", started=9 * HOUR)
    machines.add("i-2")
    machines.add("i-3", status="exited")
    host = host_of(machines, store=store, dry_run=True, warn_before=300)
    await host.auto_stop.touch("i-2")
    before = await content_of(host)
    result = await host.auto_stop.check()
    assert (result.dry_run, result.eligible_for_stop, result.stopped) == (True, 1, 0)
    assert await content_of(host) == before
    lease = await host.client.store.lease_acquire("autostop", "somebody", 60)
    assert lease is not None
    assert lease.fence == 1  # nobody had it before
    assert (machines.remote.posts, host.told.sent) == ([], [])
    assert (await host.auto_stop.why("i-1"))[0].verdict == "warn"


@pytest.mark.case("A-05")
@pytest.mark.parametrize("dry_run", [True, None, 1, "False"])
async def test_a_trigger_is_dry_unless_it_is_told_exactly_otherwise(machines: Machines, dry_run: Any) -> None:
    machines.add(started=9 * HOUR)
    host = host_of(machines)
    result = await host.auto_stop.trigger(dry_run)
    assert (result.dry_run, result.eligible_for_stop, machines.stopped) == (True, 1, [])
    assert (await host.auto_stop.why("i-1"))[0].verdict == "stop"


async def test_a_trigger_that_is_not_dry_stops(machines: Machines) -> None:
    machines.add(started=9 * HOUR)
    host = host_of(machines, dry_run=True)
    assert (await host.auto_stop.trigger()).dry_run
    assert (await host.auto_stop.trigger(dry_run=False)).stopped == 1
    assert machines.stopped == ["i-1"]


# ------------------------------------------------------------------------------------------- clocks


@pytest.mark.case("A-06")
@pytest.mark.parametrize("jump", [-HOUR, HOUR])
@pytest.mark.parametrize("at_pass", range(1, 7))
async def test_a_jump_of_the_wall_clock_stops_nothing_early_and_little_late(
    machines: Machines, clock: VirtualClock, jump: float, at_pass: int
) -> None:
    machines.add("idle", started=9 * HOUR)
    machines.add("used", started=9 * HOUR)
    host = host_of(machines)
    await host.auto_stop.touch("idle")
    for number in range(7):
        if number == at_pass:
            clock.jump_wall(jump)
        await host.auto_stop.touch("used")
        await host.auto_stop.check()
        if number <= 4:
            assert machines.stopped == []
        clock.advance(5 * MINUTE)
    assert machines.stopped == ["idle"]


@pytest.mark.case("A-06")
@pytest.mark.parametrize("jump", [-HOUR, HOUR])
async def test_what_is_used_after_a_jump_of_the_wall_clock_is_stopped_in_time(
    machines: Machines, clock: VirtualClock, jump: float
) -> None:
    machines.add("i-1", started=9 * HOUR)
    host = host_of(machines)
    await host.auto_stop.touch("i-1")
    await host.auto_stop.check()
    clock.jump_wall(jump)
    clock.advance(5 * MINUTE)
    await host.auto_stop.touch("i-1")
    clock.advance(20 * MINUTE)
    assert (await host.auto_stop.check()).skipped_pass == "clock_jump"
    await host.auto_stop.check()
    assert machines.stopped == []
    clock.advance(25 * MINUTE + 1)  # it is only known that the use came after the pass before
    await host.auto_stop.check()
    assert machines.stopped == ["i-1"]


# ----------------------------------------------------------------------------------------- replicas


@pytest.mark.case("A-07")
@pytest.mark.case("L-02")
async def test_replicas_stop_each_instance_once_in_an_idle_period(
    machines: Machines, store: AsyncMemoryStore, clock: VirtualClock
) -> None:
    for number in range(5):
        machines.add(f"i-{number}", started=9 * HOUR)
    hosts = [host_of(machines, store=store) for _ in range(3)]
    stop = Event()

    async def ends() -> None:
        await clock.sleep_async(HOUR)
        stop.set()

    async def runs(host: Host) -> None:
        await host.auto_stop.run(stop)

    async def is_called(host: Host) -> None:
        while not stop.is_set():
            await host.auto_stop.check()
            await clock.sleep_async(4 * MINUTE)

    await gather(clock, [ends, lambda: runs(hosts[0]), lambda: runs(hosts[1]), lambda: is_called(hosts[2])])
    assert sorted(machines.stopped) == [f"i-{number}" for number in range(5)]
    kinds = [kind for host in hosts for kind in host.told.kinds]
    assert sorted(kinds) == ["auto_stop_stopped"] * 5 + ["auto_stopping"] * 5


@pytest.mark.case("A-07")
@pytest.mark.case("K-04")
async def test_a_holder_that_slept_in_mid_pass_stops_nothing_and_cannot_write(
    machines: Machines, store: AsyncMemoryStore, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines.add(started=9 * HOUR)
    other = host_of(machines, store=store, include="nothing-of-this-name")
    took_over: list[Any] = []

    async def sleeps(_instance_id: str) -> int:
        clock.advance(90)
        took_over.append(await other.auto_stop.check())
        return 0

    host = host_of(machines, store=store)
    monkeypatch.setattr(host.auto_stop._parts.records, "use_version", sleeps)
    result = await host.auto_stop.check()
    assert took_over[0].skipped_pass is None
    assert (result.lease_lost, result.stopped, machines.stopped) == (True, 0, [])
    assert await content_of(host) == []


@pytest.mark.case("A-07")
async def test_a_stop_cannot_be_written_once_another_host_holds_the_lease(
    machines: Machines, store: AsyncMemoryStore, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines.add(started=9 * HOUR)
    other = host_of(machines, store=store, include="nothing-of-this-name")
    host = host_of(machines, store=store)
    claim_stop = host.auto_stop._parts.records.claim_stop

    async def claims_late(*arguments: Any, **keywords: Any) -> int | None:
        clock.advance(90)
        await other.auto_stop.check()
        return await claim_stop(*arguments, **keywords)

    monkeypatch.setattr(host.auto_stop._parts.records, "claim_stop", claims_late)
    result = await host.auto_stop.check()
    assert (result.lease_lost, result.stopped, machines.stopped) == (True, 0, [])
    assert await content_of(host) == []


@pytest.mark.case("L-02")
async def test_a_pass_during_the_pass_of_another_host_makes_no_request(
    machines: Machines, store: AsyncMemoryStore
) -> None:
    host, other = host_of(machines, store=store), host_of(machines, store=store)
    await store.scoped(host.client._engine.services.account).lease_acquire("autostop", "somebody", 60)
    assert (await host.auto_stop.check()).skipped_pass == "lease_held"
    assert (await other.auto_stop.check()).skipped_pass == "lease_held"
    assert machines.remote.seen == []
    assert host.auto_stop.health().lease_holder is False


async def test_a_lease_lasts_through_a_listing_of_many_slow_pages(
    machines: Machines, clock: VirtualClock
) -> None:
    for number in range(12):
        machines.add(f"i-{number}", started=9 * HOUR)
    machines._page = 1
    answer = machines._answer
    machines.remote.script = [lambda request: Late(10, answer(request))]
    result = await host_of(machines).auto_stop.check()
    assert (result.lease_lost, result.listed) == (False, 12)


async def test_a_pass_without_time_left_begins_nothing_new(machines: Machines) -> None:
    for number in range(30):
        machines.add(f"i-{number}", started=9 * HOUR)
    answer = machines._answer
    machines.remote.script = [lambda request: Late(10, answer(request))]
    result = await host_of(machines).auto_stop.check()
    assert result.ended_early
    assert result.stopped == 11  # two requests each, after one for the list, in 240 s
    assert result.skipped == {"not_reached": 19}


@pytest.mark.case("K-03")
async def test_a_pass_without_its_store_says_so(machines: Machines, clock: VirtualClock) -> None:
    class Away(AsyncMemoryStore):
        async def lease_acquire(self, *_arguments: Any, **_keywords: Any) -> Any:
            raise StoreUnavailableError("no connection")

        def scoped(self, _account: str) -> Any:
            return self

    machines.add(started=9 * HOUR)
    host = host_of(machines, store=Away(clock=clock))
    result = await host.auto_stop.check()
    assert (result.skipped_pass, result.errors) == ("store_unavailable", 1)
    assert machines.remote.seen == []
    assert host.auto_stop.health().failed == 1


# ------------------------------------------------------------------------------- before and at the stop


@pytest.mark.case("A-08")
async def test_a_touch_between_evaluation_and_stop_keeps_the_instance(machines: Machines) -> None:
    async def touches(instance: Any, _decision: Any) -> None:
        await host.auto_stop.touch(instance.id)

    machines.add(started=9 * HOUR)
    host = host_of(machines, pre_stop=touches)
    await host.auto_stop.check()
    assert machines.stopped == []
    assert await reason_of(host) == "in_use"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "stopping"}, "not_running"),
        ({"billingMode": "monthly"}, "monthly"),
        ({"lastStartedAt": "1789990000"}, "restarted"),
    ],
)
async def test_what_changed_between_evaluation_and_stop_is_kept(
    machines: Machines, change: dict[str, str], reason: str
) -> None:
    async def changes(instance: Any, _decision: Any) -> None:
        machines.shown[instance.id] |= change

    machines.add(started=9 * HOUR)
    host = host_of(machines, pre_stop=changes)
    result = await host.auto_stop.check()
    assert (machines.stopped, result.errors) == ([], 0)
    assert await reason_of(host) == reason


async def test_what_is_gone_at_the_stop_is_no_error(machines: Machines) -> None:
    machines.add(started=9 * HOUR)
    machines.broken["get i-1"] = (404, {"reason": "INSTANCE_NOT_FOUND"})
    result = await host_of(machines).auto_stop.check()
    assert (machines.stopped, result.errors, result.skipped) == ([], 0, {"gone": 1})


async def test_what_cannot_be_read_again_is_not_stopped(machines: Machines) -> None:
    machines.add(started=9 * HOUR)
    machines.broken["get i-1"] = 400
    host = host_of(machines)
    result = await host.auto_stop.check()
    assert (machines.stopped, result.errors) == ([], 1)
    assert await reason_of(host) == "read_failed"


@pytest.mark.case("A-08")
@pytest.mark.parametrize(("answer", "errors"), [(False, 0), (ValueError("no"), 1)])
async def test_a_hook_that_objects_or_raises_keeps_the_instance(
    machines: Machines, answer: Any, errors: int
) -> None:
    async def hook(_instance: Any, decision: Any) -> Any:
        assert decision.reason == "idle"
        if isinstance(answer, Exception):
            raise answer
        return answer

    machines.add(started=9 * HOUR)
    result = await host_of(machines, pre_stop=hook).auto_stop.check()
    assert (machines.stopped, result.errors) == ([], errors)


@pytest.mark.case("A-08")
async def test_a_hook_that_takes_too_long_keeps_the_instance(machines: Machines, clock: VirtualClock) -> None:
    async def hook(_instance: Any, _decision: Any) -> bool:
        await clock.sleep_async(31)
        return True

    machines.add(started=9 * HOUR)
    host = host_of(machines, pre_stop=hook)
    result = await host.auto_stop.check()
    assert (machines.stopped, result.errors) == ([], 1)
    assert await reason_of(host) == "pre_stop_failed"


@pytest.mark.case("A-08")
async def test_one_failing_stop_does_not_keep_the_others(machines: Machines) -> None:
    for name in ("i-1", "i-2", "i-3"):
        machines.add(name, started=9 * HOUR)
    machines.broken["stop i-2"] = (400, {"reason": "SOMETHING"})
    host = host_of(machines)
    result = await host.auto_stop.check()
    assert (result.stopped, result.errors, result.eligible_for_stop) == (2, 1, 3)
    assert await reason_of(host, "i-2") == "stop_failed"


async def test_a_refused_stop_is_tried_again_at_the_next_pass(
    machines: Machines, clock: VirtualClock
) -> None:
    machines.add(started=9 * HOUR)
    machines.broken["stop i-1"] = (400, {"reason": "SOMETHING"})
    host = host_of(machines)
    await host.auto_stop.check()
    del machines.broken["stop i-1"]
    clock.advance(MINUTE)
    assert (await host.auto_stop.check()).stopped == 1


async def test_a_stop_whose_outcome_nobody_knows_is_taken_up_after_two_minutes(
    machines: Machines, clock: VirtualClock
) -> None:
    machines.add(started=9 * HOUR)
    machines.broken["stop i-1"] = lost
    host = host_of(machines)
    assert (await host.auto_stop.check()).errors == 1
    del machines.broken["stop i-1"]
    sent = len(machines.stopped)
    clock.advance(MINUTE)
    assert (await host.auto_stop.check()).skipped == {"stop_under_way": 1}
    assert len(machines.stopped) == sent
    clock.advance(MINUTE)
    assert (await host.auto_stop.check()).stopped == 1


async def test_an_accepted_stop_that_has_no_effect_is_an_error_after_five_minutes_and_tried_again(
    machines: Machines, clock: VirtualClock
) -> None:
    machines.add(started=9 * HOUR)
    machines.broken["stop i-1"] = {"instanceId": "i-1"}
    host = host_of(machines)
    assert (await host.auto_stop.check()).stopped == 1
    clock.advance(4 * MINUTE)
    assert (await host.auto_stop.check()).skipped == {"stop_accepted": 1}
    clock.advance(MINUTE)
    result = await host.auto_stop.check()
    assert (result.errors, result.stopped) == (1, 1)
    assert machines.stopped == ["i-1", "i-1"]


async def test_of_an_instance_without_a_start_time_it_is_taken_for_a_new_run(
    machines: Machines, clock: VirtualClock
) -> None:
    machines.add(createdAt=machines.ago(9 * HOUR))
    machines.broken["stop i-1"] = {"instanceId": "i-1"}
    host = host_of(machines)
    assert (await host.auto_stop.check()).stopped == 1
    clock.advance(5 * MINUTE)
    assert (await host.auto_stop.check()).errors == 1
    for _ in range(16):
        await host.auto_stop.check()
        assert machines.stopped == ["i-1"]
        clock.advance(5 * MINUTE)
    clock.advance(1)
    assert (await host.auto_stop.check()).stopped == 1


# ------------------------------------------------------------------------------------------ warnings


async def test_a_warning_comes_first_and_the_stop_after_its_time(
    machines: Machines, clock: VirtualClock
) -> None:
    machines.add(started=9 * HOUR)
    host = host_of(machines, warn_before=300)
    assert (await host.auto_stop.check()).stopped == 0
    assert host.told.kinds == ["auto_stop_warning"]
    assert host.told.sent[0][3]["stop_at"].timestamp() == clock.time() + 300
    clock.advance(299)
    assert (await host.auto_stop.check()).skipped == {"warned": 1}
    clock.advance(1)
    assert (await host.auto_stop.check()).stopped == 1
    assert host.told.kinds == ["auto_stop_warning", "auto_stopping"]


async def test_a_warning_outlives_the_process_that_gave_it(
    machines: Machines, store: AsyncMemoryStore, clock: VirtualClock
) -> None:
    machines.add(started=9 * HOUR)
    await host_of(machines, store=store, warn_before=300).auto_stop.check()
    clock.advance(300)
    host = host_of(machines, store=store, warn_before=300)
    assert (await host.auto_stop.check()).stopped == 1
    assert host.told.kinds == ["auto_stopping"]


async def test_any_use_cancels_a_warned_stop(machines: Machines, clock: VirtualClock) -> None:
    machines.add(started=9 * HOUR)
    host = host_of(machines, warn_before=300)
    await host.auto_stop.check()
    clock.advance(200)
    await host.auto_stop.touch("i-1")
    clock.advance(100)
    await host.auto_stop.check()
    clock.advance(20 * MINUTE)
    await host.auto_stop.check()
    assert machines.stopped == []
    assert host.told.kinds == ["auto_stop_warning"] * 2
    clock.advance(300)
    assert (await host.auto_stop.check()).stopped == 1


# --------------------------------------------------------------------------------------------- disks


@pytest.mark.case("A-09")
@pytest.mark.parametrize("mounts", [LOCAL_DISK, []])
async def test_disks_at_risk_are_told_in_result_event_and_log(
    machines: Machines, mounts: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    machines.add(started=9 * HOUR, volumeMounts=mounts)
    host = host_of(machines)
    with caplog.at_level(logging.WARNING, logger="novita_sdk.lifecycle"):
        result = await host.auto_stop.check()
    assert result.stopped == 1
    assert "no network volume" in result.decisions[0].warnings[0]
    assert host.told.sent[0][3]["data"] == {"warnings": list(result.decisions[0].warnings)}
    assert "no network volume" in caplog.text


@pytest.mark.case("A-09")
async def test_disks_at_risk_are_not_risked_if_that_is_refused(machines: Machines) -> None:
    machines.add(started=9 * HOUR, volumeMounts=LOCAL_DISK)
    result = await host_of(machines, data_loss="refuse", warn_before=300).auto_stop.check()
    assert (machines.stopped, result.skipped) == ([], {"data_loss_refused": 1})


@pytest.mark.case("A-09")
@pytest.mark.parametrize("arguments", [{}, {"data_loss": "refuse"}])
async def test_with_a_network_volume_there_is_no_warning(
    machines: Machines, arguments: dict[str, Any]
) -> None:
    machines.add(started=9 * HOUR)
    result = await host_of(machines, **arguments).auto_stop.check()
    assert (result.stopped, result.decisions[0].warnings) == (1, ())


@pytest.mark.case("A-09")
async def test_the_risk_can_be_accepted(machines: Machines) -> None:
    machines.add(started=9 * HOUR, volumeMounts=LOCAL_DISK)
    result = await host_of(machines, data_loss="accept").auto_stop.check()
    assert (result.stopped, result.decisions[0].warnings) == (1, ())


# -------------------------------------------------------------------------------------------- the list


@pytest.mark.case("A-09")
async def test_all_pages_are_evaluated(machines: Machines) -> None:
    for number in range(150):
        machines.add(f"i-{number}", started=MINUTE)
    machines.add("last", started=9 * HOUR)
    result = await host_of(machines).auto_stop.check()
    assert (result.total_checked, machines.stopped) == (151, ["last"])


@pytest.mark.parametrize("broken", [400, 401])
async def test_a_failed_listing_is_an_error_and_stops_nothing(machines: Machines, broken: int) -> None:
    machines.add(started=9 * HOUR)
    machines.broken["list"] = broken
    host = host_of(machines)
    result = await host.auto_stop.check()
    assert (result.errors, result.listed, machines.stopped) == (1, 0, [])
    assert host.auto_stop.stats().last_error is not None
    del machines.broken["list"]
    assert (await host.auto_stop.check()).stopped == 1  # the lease was given back


async def test_a_failed_pass_is_told_to_the_hooks(machines: Machines) -> None:
    class Told(Hooks):
        def __init__(self) -> None:
            self.failures: list[tuple[str, str, int]] = []

        def on_pass_failure(self, event: PassFailure) -> None:
            self.failures.append((event.helper, event.error, event.failures))

    told = Told()
    machines.broken["list"] = 401
    client = client_of(machines.remote, hooks=[told])
    auto_stop = AsyncAutoStop(client, "*")
    for _ in range(2):
        await auto_stop.check()
    assert [(helper, failures) for helper, _, failures in told.failures] == [("AutoStop", 1), ("AutoStop", 2)]


async def test_a_lease_that_is_lost_while_the_list_is_read_ends_the_pass(
    machines: Machines, clock: VirtualClock
) -> None:
    machines.add(started=9 * HOUR)
    answer = machines._answer
    machines.remote.script = [lambda request: Late(56, answer(request))]
    result = await host_of(machines).auto_stop.check()
    assert (result.lease_lost, result.listed, machines.stopped) == (True, 0, [])


async def test_a_stop_that_was_made_but_could_not_be_recorded_is_a_stop(
    machines: Machines, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_arguments: Any, **_keywords: Any) -> None:
        raise StateStoreError("disk full")

    machines.add(started=9 * HOUR)
    host = host_of(machines)
    monkeypatch.setattr(host.auto_stop._parts.records, "write_stop", fails)
    assert (await host.auto_stop.check()).stopped == 1
    assert "the stop of i-1 could not be recorded" in caplog.text
    assert host.told.kinds == ["auto_stopping"]


async def test_a_lease_that_cannot_be_given_back_ends_by_itself(
    machines: Machines, clock: VirtualClock
) -> None:
    class Stubborn(AsyncMemoryStore):
        def scoped(self, _account: str) -> Any:
            return self

        async def lease_release(self, _lease: Any) -> bool:
            raise StateStoreError("disk full")

    machines.add(started=9 * HOUR)
    assert (await host_of(machines, store=Stubborn(clock=clock)).auto_stop.check()).stopped == 1


async def test_a_record_that_another_host_wrote_first_prevents_a_second_stop(
    machines: Machines, store: AsyncMemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines.add(started=9 * HOUR)
    host, other = host_of(machines, store=store), host_of(machines, store=store)
    records = host.auto_stop._parts.records
    use_version = records.use_version

    async def overtaken(instance_id: str) -> int:
        run = host.auto_stop._memory.watches["i-1"].run
        record = StopRecord(
            instance_id="i-1", run=run, state="sent", at=machines.clock.time(), idle=1, threshold=1
        )
        await other.auto_stop._parts.records.claim_stop(record, None, ttl=60, fence=None)
        return await use_version(instance_id)

    monkeypatch.setattr(records, "use_version", overtaken)
    result = await host.auto_stop.check()
    assert (machines.stopped, result.skipped) == ([], {"stop_under_way": 1})


async def test_an_incomplete_listing_stops_nothing(machines: Machines) -> None:
    machines.add(started=9 * HOUR)
    shown = dict(machines.shown["i-1"])
    machines.broken["list"] = {"instances": [shown], "total": 7}
    result = await host_of(machines).auto_stop.check()
    assert (result.errors, machines.stopped) == (1, [])
